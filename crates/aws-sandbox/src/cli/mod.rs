//! The command `aws-sandbox`: serves a sandbox over HTTP, and looks after the one in the user's state folder.

mod bill;
mod log;
mod meeting;
mod printer;
mod serve;
mod service;
mod site;
mod task;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use jiff::{Span, SpanRelativeTo};

use crate::clock::Ms;
use crate::sandbox::Sandbox;
use crate::state_file::{StateError, default_state_path, parse_speed, reset, speed_from_env};
use printer::Printer;

/// A local AWS that moves by time: ECS, ELBv2, Route 53, SSM, S3, STS and CloudWatch over their real wire protocols.
#[derive(Debug, Parser)]
#[command(name = "aws-sandbox", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer over HTTP until SIGTERM or Ctrl-C; the URL is printed when it listens
    Serve(serve::Args),
    /// Delete the state and the call log
    Reset(ResetArgs),
    /// What existed, from when to when, and whether anything still bills
    Bill(bill::Args),
    /// Move the clock
    Advance(AdvanceArgs),
    /// The calls so far
    Log(log::Args),
    /// Let people meet, or leave
    Meeting(meeting::Args),
    /// Let tasks die, so that others take their place
    Task(task::Args),
    /// Let visitors meet a site with something wrong, or a good one again
    Site(site::Args),
}

/// The state file that a command works on.
#[derive(Debug, clap::Args)]
struct StateArgs {
    /// The state file [default: $AWS_SANDBOX_STATE, else jitsi-ops/aws-sandbox.json in the state folder]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct ResetArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Delete the file even if it does not look like a sandbox's state
    #[arg(long)]
    force: bool,
}

#[derive(Debug, clap::Args)]
struct AdvanceArgs {
    /// How far: 90s, 15m, 2h, 1h30m, 3d
    #[arg(value_name = "DURATION", value_parser = span)]
    by: Duration,
    #[command(flatten)]
    state: StateArgs,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    #[default]
    Text,
    Json,
}

/// What ends a command.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    State(#[from] StateError),
    #[error("{doing}: {source}")]
    Io { doing: &'static str, source: io::Error },
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Meeting(#[from] meeting::Fault),
    #[error(transparent)]
    Task(#[from] task::Fault),
    #[error(transparent)]
    Site(#[from] site::Fault),
}

impl Failure {
    fn printing(source: io::Error) -> Self {
        Self::Io {
            doing: "cannot print",
            source,
        }
    }
}

/// Runs the command of this process. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something still bills (`bill --check`).
pub fn main() -> ExitCode {
    run(std::env::args_os())
}

fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with 0, mistakes to stderr with 2. A closed pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let printer = Printer;
    let done = match cli.command {
        Command::Serve(args) => serve::serve(&args, &printer),
        Command::Reset(args) => run_reset(&args, &printer),
        Command::Bill(args) => bill::bill(&args, &printer),
        Command::Advance(args) => advance(&args, &printer),
        Command::Log(args) => log::log(&args, &printer),
        Command::Meeting(args) => meeting::meeting(&args, &printer),
        Command::Task(args) => task::task(&args, &printer),
        Command::Site(args) => site::site(&args, &printer),
    };
    match done {
        Ok(code) => code,
        // Whoever reads has seen enough.
        Err(Failure::Io { source, .. }) if source.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            printer.error(&failure.to_string());
            ExitCode::from(1)
        }
    }
}

impl StateArgs {
    fn path(&self) -> Result<PathBuf, StateError> {
        self.state.clone().map_or_else(default_state_path, Ok)
    }

    /// The sandbox in the state file, which must be there: a slip in its name must not look like an empty world. Its clock
    /// stands still unless another process has it open.
    fn open(&self) -> Result<Sandbox, StateError> {
        let path = self.path()?;
        match path.try_exists() {
            Ok(false) => Err(StateError::Missing { path }),
            _ => Sandbox::open(&path, speed_from_env()?),
        }
    }
}

fn run_reset(args: &ResetArgs, printer: &Printer) -> Result<ExitCode, Failure> {
    let path = args.state.path()?;
    let deleted = reset(&path, args.force)?;
    for file in &deleted {
        printer
            .line(&format!("deleted {}", file.display()))
            .map_err(Failure::printing)?;
    }
    if deleted.is_empty() {
        printer
            .line(&format!("nothing to delete at {}", path.display()))
            .map_err(Failure::printing)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn advance(args: &AdvanceArgs, printer: &Printer) -> Result<ExitCode, Failure> {
    let sandbox = args.state.open()?;
    let by = Ms::try_from(args.by.as_millis()).unwrap_or(Ms::MAX);
    let now = sandbox.advance(by)?;
    printer
        .line(&format!("it is {now:.0} in the sandbox"))
        .map_err(Failure::printing)?;
    Ok(ExitCode::SUCCESS)
}

/// Ten years: more is a slip of the keyboard.
const LONGEST_ADVANCE: Duration = Duration::from_secs(3_650 * 86_400);

fn span(given: &str) -> Result<Duration, String> {
    let wanted = || format!("`{given}` is not a duration such as 90s, 15m, 2h, 1h30m or 3d");
    let span: Span = given.parse().map_err(|_| wanted())?;
    let duration = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| wanted())?;
    let duration = Duration::try_from(duration).map_err(|_| "the clock does not run backwards".to_owned())?;
    if duration > LONGEST_ADVANCE {
        return Err(format!("`{given}` is more than ten years"));
    }
    Ok(duration)
}

fn speed(given: &str) -> Result<f64, String> {
    parse_speed(given).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (given, seconds) in [
            ("90s", 90),
            ("15m", 900),
            ("2h", 7_200),
            ("1h30m", 5_400),
            ("3d", 259_200),
        ] {
            assert_eq!(span(given), Ok(Duration::from_secs(seconds)), "{given}");
        }
        for given in ["", "soon", "2", "-1h", "100y", "1month"] {
            assert!(span(given).is_err(), "{given}");
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
