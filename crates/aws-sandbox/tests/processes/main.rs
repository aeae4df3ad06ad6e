//! The sandbox outside of one process: its state file, its command, its port.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod command;
mod meeting;
mod port;
mod site;
mod state_file;
mod task;
mod wire;
