//! The real `test-platform` against the sandbox: what passes, what each fault fails, and what is left afterwards.

mod faults;
mod forms;
mod killed;
mod restoring;
mod story;
mod token;
mod whole;

/// The command that is tested.
const COMMAND: &str = env!("CARGO_BIN_EXE_test-platform");
