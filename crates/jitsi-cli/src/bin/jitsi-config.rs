//! `jitsi-config`: see the library's `config_command`.

use std::process::ExitCode;

fn main() -> ExitCode {
    jitsi_cli::config_command::main()
}
