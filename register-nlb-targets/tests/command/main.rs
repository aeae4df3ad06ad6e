//! The real `register-nlb-targets` against the sandbox: results, exit codes, watching.

mod results;
mod watch;

/// The command that is tested.
const COMMAND: &str = env!("CARGO_BIN_EXE_register-nlb-targets");
