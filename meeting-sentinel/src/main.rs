//! `meeting-sentinel`: see the library of the same name.

use std::process::ExitCode;

fn main() -> ExitCode {
    meeting_sentinel::main()
}
