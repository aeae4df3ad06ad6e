//! The real `status` against the sandbox: what it shows in each state, and with which code it ends.

mod all;
mod cost;
mod flags;
mod schema;
mod states;
mod unread;

/// The command that is tested.
const COMMAND: &str = env!("CARGO_BIN_EXE_status");
