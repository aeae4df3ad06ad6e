//! The real `scale-up` against the sandbox: results, exit codes, what goes where, ways to AWS, kills.

mod access;
mod advertise;
mod kills;
mod leases;
mod results;
mod signals;

/// The command that is tested.
const COMMAND: &str = env!("CARGO_BIN_EXE_scale-up");
