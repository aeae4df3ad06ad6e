//! The real `scale-up` against the sandbox: results, exit codes, what goes where, ways to AWS, kills.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod kills;
mod results;
mod signals;
mod stand;
