//! `register-nlb-targets`: see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    register_nlb_targets::main()
}
