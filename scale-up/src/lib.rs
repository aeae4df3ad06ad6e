//! `scale-up`: load balancer created, service scaled up, task registered and healthy.

mod report;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use jiff::SignedDuration;
use jitsi_cli::args::CommonArgs;
use jitsi_cli::context::Context;
use jitsi_cli::doubts::not_acted_on;
use jitsi_cli::exit::{EXIT_CODES, Exit};
use jitsi_cli::progress::Display;
use jitsi_cli::{fault, interrupt, start};
use jitsi_ops::access::Aws;
use jitsi_ops::event::Event;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::scale_up::{ScaleUp, nothing_has_run, plan_scale_up, scale_up};
use jitsi_ops::wanted::Wanted;

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
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = timeout)]
    timeout: Duration,
    /// How many tasks; more than one needs `allow_multiple_tasks = true`
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = RangedU64ValueParser::<u32>::new().range(1..=100))]
    count: u32,
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
    let display = Arc::new(Display::new(printer.clone(), context.clock.clone()));
    let interrupts = interrupt::watch(Arc::clone(&display));
    for doubt in not_acted_on(platform) {
        display.warning(&doubt.message, doubt.hint.as_deref());
    }
    if platform.account_id.is_none() {
        printer.detail("`account_id` is not configured: whatever account the credentials are for is taken");
    }
    let connected = tokio::select! {
        connected = Aws::connect(&context.access) => connected,
        () = interrupts.first.cancelled() => Err(Problem::new(ProblemKind::Interrupted, "interrupted before anything was done")),
    };
    let aws = match connected {
        Ok(aws) => aws,
        Err(problem) => return start::failed_early(&problem, SCHEMA, &printer),
    };
    let mut wanted = Wanted::of(platform, args.count, args.adopt);
    wanted.credentials = (*aws.advice).clone();
    wanted.further = context.further.clone();
    if args.count > 1 {
        wanted.further.flags.push_str(&format!(" --count {}", args.count));
    }
    let request = ScaleUp {
        timeout: args.timeout,
        rollback: (!args.no_rollback).then_some(nothing_has_run),
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
    report::print(&report, &wanted, context.sandbox, &printer);
    match &report.problem {
        None => Exit::Done,
        Some(problem) => {
            fault::print(problem, &printer);
            Exit::from(problem)
        }
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    let span: SignedDuration = text
        .parse()
        .map_err(|_| "expected a time like 20m, 90s or 1h30m".to_owned())?;
    match Duration::try_from(span) {
        Ok(time) if time >= Duration::from_secs(1) => Ok(time),
        _ => Err("must be at least 1s".to_owned()),
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

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(timeout("20m"), Ok(Duration::from_secs(1200)));
        assert_eq!(timeout("1h30m"), Ok(Duration::from_secs(5400)));
        assert!(timeout("0s").is_err());
        assert!(timeout("-5m").is_err());
        assert!(timeout("soon").is_err());
    }
}
