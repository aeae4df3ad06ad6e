//! The real command: results, exit codes, holds, meetings.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cron;
mod holds;
mod meetings;
mod results;

/// The command that is tested.
const COMMAND: &str = env!("CARGO_BIN_EXE_scale-down");
