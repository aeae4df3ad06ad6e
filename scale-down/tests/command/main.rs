//! The real command: results, exit codes, holds, meetings.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cron;
mod holds;
mod meetings;
mod results;
mod stand;
