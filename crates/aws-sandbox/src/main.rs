//! `aws-sandbox`: a small local AWS that moves by time.

use std::process::ExitCode;

fn main() -> ExitCode {
    aws_sandbox::cli::main()
}
