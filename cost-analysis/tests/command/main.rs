//! The real `cost-analysis`: a month in the sandbox against the sandbox's own bill, the five forms, and what is wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod actual;
mod bad_input;
mod forms;
mod journal;
mod month;
mod prices;
mod questions;

/// The command that is tested.
const COMMAND: &str = env!("CARGO_BIN_EXE_cost-analysis");
