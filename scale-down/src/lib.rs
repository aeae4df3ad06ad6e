//! `scale-down`: to zero without a leak, and never under a live meeting; from a terminal or from cron.

mod consent;
mod hold;
mod report;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use jiff::tz::TimeZone;
use jitsi_cli::args::{self, CommonArgs, OutputForm};
use jitsi_cli::context::Context;
use jitsi_cli::desk::desk;
use jitsi_cli::exit::{EXIT_CODES, Exit};
use jitsi_cli::setup::{Setup, set_up};
use jitsi_cli::{fault, start};
use jitsi_ops::event::Event;
use jitsi_ops::guard::Overrule;
use jitsi_ops::keep::{Moment, Wish};
use jitsi_ops::scale_down::{ScaleDown, guard_could_not_tell, plan_scale_down, scale_down};

use crate::report::SCHEMA;

/// Bring the video platform to zero: no task, no load balancer, nothing that costs money
///
/// Ends no meeting: somebody is in one, or that cannot be told, and it changes nothing (exit code 5). Whatever state it
/// finds, nothing of this platform bills afterwards, or the exit code says so. A hold or a lease that lasts keeps the
/// platform up (exit code 0, outcome "held").
#[derive(Debug, Parser)]
#[command(name = "scale-down", version, after_help = EXIT_CODES)]
#[command(mut_arg("quiet", |arg| arg.help("Print nothing when all is well; errors are printed always (and a JSON result)")))]
pub struct Args {
    #[command(flatten)]
    common: CommonArgs,
    /// How long it may take, waiting for the end of meetings not counted
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = args::time)]
    timeout: Duration,
    /// Wait so long for the end of meetings instead of refusing
    #[arg(long, value_name = "TIME", value_parser = args::time)]
    wait_idle: Option<Duration>,
    /// End whatever is on: meetings, holds and leases do not count
    #[arg(long)]
    force: bool,
    /// Go down only if a lease has run out (`scale-up --for`); for cron, every few minutes
    #[arg(long, conflicts_with = "force")]
    expired: bool,
    /// Only list what is this platform's under another name, and do not remove it
    #[arg(long)]
    no_sweep: bool,
    /// Only look, and list each step that would be taken if it stays quiet
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for another run on this platform; one that died is waited out in 90s
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = args::time_or_none)]
    lock_wait: Duration,
    /// Keep the platform up until then, whatever the schedule says: 23:30, "2026-11-23 01:00" (local time), or with a zone
    #[arg(long, value_name = "WHEN", value_parser = moment, group = "holding",
        conflicts_with_all = ["force", "expired", "wait_idle", "dry_run", "no_sweep"])]
    hold_until: Option<Moment>,
    /// Take a hold away
    #[arg(long, group = "holding", conflicts_with_all = ["force", "expired", "wait_idle", "dry_run", "no_sweep"])]
    release: bool,
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let args = Args::parse();
    start::start(&args.common, SCHEMA, async |context| run(&args, context).await)
}

async fn run(args: &Args, context: Context) -> Exit {
    let printer = context.printer.clone();
    let prepared = set_up(&context, 1, false)
        .await
        .and_then(|setup| Ok((setup, desk(args.lock_wait, context.sandbox_file.as_ref())?)));
    let (mut setup, desk) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => return start::failed_early(&problem, SCHEMA, &printer),
    };
    setup.wanted.sweep = !args.no_sweep;
    setup.wanted.only_expired = args.expired;
    if args.force {
        setup.wanted.overrule = Overrule::Everything;
    }
    if let Some(wish) = wish(args) {
        setup.wanted.hold = Some(wish);
        return hold::run(setup, &desk, &context).await;
    }
    let request = ScaleDown {
        timeout: args.timeout,
        wait_idle: args.wait_idle.unwrap_or_default(),
        desk,
        seed: fastrand::u64(..),
    };
    let mut report = go(args, &setup, &request, &context).await;
    if guard_could_not_tell(&report) && consent::given(&report, &setup, &printer).await {
        setup.wanted.overrule = Overrule::Unknown;
        report = go(args, &setup, &request, &context).await;
    }
    setup.display.finish();
    let all_is_well = report.problem.is_none() && !report::leaves_a_namesake(&report, &setup.wanted);
    if !(all_is_well && args.common.output.quiet > 0 && printer.form == OutputForm::Text) {
        report::print(&report, &setup.wanted, context.sandbox_file.is_some(), &printer);
    }
    match &report.problem {
        None => Exit::Done,
        Some(problem) => {
            fault::print(problem, &printer);
            Exit::from(problem)
        }
    }
}

async fn go(args: &Args, setup: &Setup, request: &ScaleDown, context: &Context) -> jitsi_ops::scale_down::Report {
    let observer = |event: Event| setup.display.show(event);
    let clock = context.clock.clone();
    let (aws, wanted, interrupts) = (&setup.aws, &setup.wanted, &setup.interrupts);
    if args.dry_run {
        plan_scale_down(aws, wanted, request, clock, &observer, interrupts).await
    } else {
        scale_down(aws, wanted, request, clock, &observer, interrupts).await
    }
}

fn wish(args: &Args) -> Option<Wish> {
    let until = args.hold_until.clone().map(Wish::Until);
    until.or(args.release.then_some(Wish::Release))
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text, TimeZone::system())
        .ok_or_else(|| "expected a time like 23:30, \"2026-11-23 01:00\" or 2026-11-23T01:00Z".to_owned())
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
