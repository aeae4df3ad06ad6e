//! `scale-up`: see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    scale_up::main()
}
