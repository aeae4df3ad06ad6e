//! `check-health`: is the platform well? For cron and monitors: exit code 0 or 3. It changes nothing.

pub mod checks;
mod junit;
mod report;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use jitsi_cli::args::CommonArgs;
use jitsi_cli::context::Context;
use jitsi_cli::desk::desk;
use jitsi_cli::exit::{EXIT_CODES, Exit};
use jitsi_cli::setup::{Setup, set_up};
use jitsi_cli::visitor::{Visitor, inspect};
use jitsi_cli::{fault, start};
use jitsi_ops::clock::between;
use jitsi_ops::problem::{Problem, ProblemKind};

use crate::checks::Name;
use crate::report::{Report, SCHEMA};

/// Check the platform: each check passes, fails, or cannot be told, with why and what to do
///
/// Changes nothing. What cannot be told is not taken for well: it exits with 3 as a failure does.
#[derive(Debug, Parser)]
#[command(name = "check-health", version, after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    common: CommonArgs,
    /// Make only these checks
    #[arg(
        long,
        value_enum,
        value_name = "CHECK",
        value_delimiter = ',',
        conflicts_with = "skip"
    )]
    only: Vec<Name>,
    /// Make all checks but these
    #[arg(long, value_enum, value_name = "CHECK", value_delimiter = ',')]
    skip: Vec<Name>,
    /// Write the result as JUnit XML too; `-` for standard output, in place of the other form
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Trust the authorities in this PEM file too, when the site is visited
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

impl Args {
    /// The checks to make, in their order.
    fn wanted(&self) -> Vec<Name> {
        let is_wanted = |name: &Name| (self.only.is_empty() || self.only.contains(name)) && !self.skip.contains(name);
        Name::ALL.into_iter().filter(is_wanted).collect()
    }
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let args = Args::parse();
    start::start_or_fail(&args.common, SCHEMA, async |context| run(&args, context).await)
}

async fn run(args: &Args, context: Context) -> Result<Exit, Problem> {
    let names = args.wanted();
    if names.is_empty() {
        let problem = Problem::new(ProblemKind::Usage, "no check is left to make");
        return Err(problem.hint("leave some of --skip away"));
    }
    let Setup {
        display,
        interrupts,
        aws,
        wanted,
    } = set_up(&context, 1, false).await?;
    display.finish();
    let visitor = match names.iter().any(|name| name.needs_a_visit()) {
        true => Some(Visitor::new(&context, args.ca_file.as_deref())?),
        false => None,
    };
    let state_folder = desk(Duration::ZERO, context.sandbox_file.as_ref())?.state_folder;
    let began = context.clock.now();
    let found = tokio::select! {
        found = inspect(&aws, &wanted, &state_folder, &context.clock, visitor.as_ref()) => found,
        () = interrupts.first.cancelled() => return Ok(Exit::Interrupted),
    };
    let elapsed = between(began, context.clock.now());
    let report = Report::of(&names, &found, &wanted, elapsed);
    let mut exit = Exit::Done;
    let told = jitsi_cli::junit::tell(
        args.junit.as_deref(),
        &context.printer,
        || junit::xml(&report),
        || report::print(&report, &context.printer),
    );
    if let Err(problem) = told {
        fault::print(&problem, &context.printer);
        exit = Exit::from(&problem);
    }
    // What was found goes before what became of a file.
    if let Some(problem) = report.problem() {
        fault::print(&problem, &context.printer);
        exit = Exit::from(&problem);
    }
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
