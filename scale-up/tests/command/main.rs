//! The real `scale-up` against the sandbox: results, exit codes, what goes where, ways to AWS, kills.

mod access;
mod kills;
mod results;
mod stand;
