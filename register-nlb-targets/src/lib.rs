//! `register-nlb-targets`: every task of the platform registered at its load balancer and healthy, and nothing else.

mod report;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::builder::RangedU64ValueParser;
use jitsi_cli::args::{self, CommonArgs};
use jitsi_cli::context::Context;
use jitsi_cli::desk::desk;
use jitsi_cli::exit::{EXIT_CODES, Exit};
use jitsi_cli::setup::{Setup, set_up};
use jitsi_cli::{fault, start};
use jitsi_ops::event::Event;
use jitsi_ops::register_targets::{RegisterTargets, plan_register_targets, register_targets};

use crate::report::SCHEMA;

/// Register the tasks of the platform at its load balancer, and deregister what is no task any more
///
/// For a task that was replaced: it has a new address, and the load balancer still points at the old one. Makes no load
/// balancer; scale-up does. Exit code 0 only when every target is healthy.
#[derive(Debug, Parser)]
#[command(name = "register-nlb-targets", version, after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    common: CommonArgs,
    /// How long it may take until every target is healthy, like 20m or 90s
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = args::time)]
    timeout: Duration,
    /// Go on until interrupted, and register each task that takes the place of another
    #[arg(long, conflicts_with_all = ["dry_run", "timeout"])]
    watch: bool,
    /// Deregister nothing
    #[arg(long)]
    no_prune: bool,
    /// How many targets go into one call
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = RangedU64ValueParser::<u32>::new().range(1..=1000))]
    batch_size: u32,
    /// Only look, and list each step that would be taken
    #[arg(long)]
    dry_run: bool,
    /// How long to wait for another run on this platform; one that died is waited out in 90s
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = args::time_or_none)]
    lock_wait: Duration,
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
    let (setup, desk) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => return start::failed_early(&problem, SCHEMA, &printer),
    };
    let Setup {
        display,
        interrupts,
        aws,
        mut wanted,
    } = setup;
    wanted.prune = !args.no_prune;
    wanted.watch = args.watch;
    wanted.batch = args.batch_size as usize;
    let request = RegisterTargets {
        timeout: args.timeout,
        desk,
        seed: fastrand::u64(..),
    };
    let observer = |event: Event| display.show(event);
    let clock = context.clock.clone();
    let report = if args.dry_run {
        plan_register_targets(&aws, &wanted, &request, clock, &observer, &interrupts).await
    } else {
        register_targets(&aws, &wanted, &request, clock, &observer, &interrupts).await
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
