//! `scale-up`: load balancer created, service scaled up, task registered and healthy.

mod report;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use jiff::SignedDuration;
use jitsi_cli::args::{self, CommonArgs};
use jitsi_cli::context::Context;
use jitsi_cli::desk::desk;
use jitsi_cli::exit::{EXIT_CODES, Exit};
use jitsi_cli::setup::{Setup, set_up};
use jitsi_cli::{fault, start};
use jitsi_ops::event::Event;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::scale_up::{ScaleUp, nothing_has_run, plan_scale_up, scale_up};

use crate::report::SCHEMA;

/// Bring the video platform up: load balancer, service, registered and healthy targets
///
/// Run it again whenever in doubt: what is there already is left alone, what is missing is added. A run that fails before
/// any task has run takes away what it has made; after that it leaves everything as it is and says what is missing.
#[derive(Debug, Parser)]
#[command(name = "scale-up", version, after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    common: CommonArgs,
    /// How long the platform may take to come up, like 20m or 90s
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = args::time)]
    timeout: Duration,
    /// How many tasks; more than one needs `allow_multiple_tasks = true`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = RangedU64ValueParser::<u32>::new().range(1..=100))]
    count: u32,
    /// How long the platform is needed; after that `scale-down --expired` may end it
    #[arg(long = "for", value_name = "TIME", value_parser = args::time)]
    lease: Option<Duration>,
    /// How long to wait for another run on this platform; one that died is waited out in 90s
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = args::time_or_none)]
    lock_wait: Duration,
    /// Only look, and list each step that would be taken
    #[arg(long)]
    dry_run: bool,
    /// Leave everything as it is when the start fails
    #[arg(long)]
    no_rollback: bool,
    /// Take over a load balancer and target groups of the right kind that were made by something else
    #[arg(long)]
    adopt: bool,
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let args = Args::parse();
    start::start(&args.common, SCHEMA, async |context| run(&args, context).await)
}

async fn run(args: &Args, context: Context) -> Exit {
    let printer = context.printer.clone();
    let platform = &context.platform;
    if args.count > 1 && !platform.allow_multiple_tasks {
        let problem = Problem::new(
            ProblemKind::Usage,
            format!(
                "--count {} needs `allow_multiple_tasks = true` in the configuration",
                args.count
            ),
        )
        .because(
            "each task has its own prosody and jicofo, so two people in the same room could end up in two meetings",
        )
        .hint("run without --count");
        return start::failed_early(&problem, SCHEMA, &printer);
    }
    let setup = match set_up(&context, args.count, args.adopt).await {
        Ok(setup) => setup,
        Err(problem) => return start::failed_early(&problem, SCHEMA, &printer),
    };
    let desk = match desk(args.lock_wait, context.sandbox_file.as_ref()) {
        Ok(desk) => desk,
        Err(problem) => return start::failed_early(&problem, SCHEMA, &printer),
    };
    let Setup {
        display,
        interrupts,
        aws,
        mut wanted,
    } = setup;
    wanted.lease = args.lease.and_then(|time| SignedDuration::try_from(time).ok());
    let request = ScaleUp {
        timeout: args.timeout,
        rollback: (!args.no_rollback).then_some(nothing_has_run),
        desk,
        seed: fastrand::u64(..),
    };
    let observer = |event: Event| display.show(event);
    let clock = context.clock.clone();
    let report = if args.dry_run {
        plan_scale_up(&aws, &wanted, &request, clock, &observer, &interrupts).await
    } else {
        scale_up(&aws, &wanted, &request, clock, &observer, &interrupts).await
    };
    display.finish();
    report::print(&report, &wanted, context.sandbox_file.is_some(), &printer);
    match &report.problem {
        None => Exit::Done,
        Some(problem) => {
            fault::print(problem, &printer);
            Exit::from(problem)
        }
    }
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
