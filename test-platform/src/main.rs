//! `test-platform`: see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    test_platform::main()
}
