//! The real `check-health` against the sandbox: each planted fault fails by its name.

mod faults;
mod forms;
mod unread;

/// The command that is tested.
const COMMAND: &str = env!("CARGO_BIN_EXE_check-health");
