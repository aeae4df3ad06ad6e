//! `scale-down`: see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    scale_down::main()
}
