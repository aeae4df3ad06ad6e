//! `test-platform`: that the platform comes up, lets people in, and goes down again. It leaves things as it found them.

mod args;
mod check;
mod course;
mod found;
mod junit;
mod limits;
mod look;
mod phase;
mod prerequisites;
mod report;
mod rig;
mod scale;
mod site;
mod verdict;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use jitsi_cli::context::Context;
use jitsi_cli::desk::desk;
use jitsi_cli::exit::Exit;
use jitsi_cli::printer::Printer;
use jitsi_cli::run_log::RunLog;
use jitsi_cli::setup::{Setup, set_up};
use jitsi_cli::visitor::Visitor;
use jitsi_cli::{fault, start};
use jitsi_ops::clock::between;
use jitsi_ops::problem::Problem;
use jitsi_ops::tenure::TEST_PLATFORM;

pub use crate::args::Args;
use crate::course::Course;
use crate::limits::Limits;
use crate::phase::Phase;
use crate::prerequisites::Intent;
use crate::report::{Report, SCHEMA};
use crate::rig::Rig;

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let args = Args::parse();
    // Before anything else, so that an older result is not taken for this run's.
    let begun = args
        .junit
        .as_deref()
        .map_or(Ok(()), |file| jitsi_cli::junit::begin(file, TEST_PLATFORM));
    start::start_without_platform(&args.common, SCHEMA, async |printer| {
        begun?;
        run(&args, Context::new(&args.common, printer)?).await
    })
}

async fn run(args: &Args, context: Context) -> Result<Exit, Problem> {
    let chosen = args.chosen()?;
    watch_for_a_fault_of_our_own(&context.printer, &context.further.flags);
    let Setup {
        display,
        interrupts,
        aws,
        wanted,
    } = set_up(&context, 1, false).await?;
    let visitor = Visitor::new(&context, args.ca_file.as_deref())?;
    let desk = desk(args.lock_wait, context.sandbox_file.as_ref())?;
    let began = context.clock.now();
    match RunLog::begin(&desk.state_folder, TEST_PLATFORM, began, &desk.nonce) {
        Ok(log) => display.keep_log(log),
        Err(error) => {
            let message = format!("there is no log of this run: {}: {error}", desk.state_folder.display());
            display.warning(&message, None);
        }
    }
    let flags: Vec<String> = std::env::args().skip(1).collect();
    display.note(&format!(
        "test-platform {} {}",
        env!("CARGO_PKG_VERSION"),
        flags.join(" ")
    ));
    let rig = Rig {
        aws,
        wanted,
        desk,
        clock: context.clock.clone(),
        display: Arc::clone(&display),
        visitor,
        jwt: context.platform.jwt.clone(),
        interrupts,
    };
    let limits = Limits::from(began, args.phase_timeout, args.timeout);
    let intent = Intent {
        scales: chosen.contains(&Phase::ScaleUp),
        keeps: args.keep,
        only_looks: args.no_scale,
    };
    let mut course = Course::new(&rig, chosen, intent, limits);
    course.run().await;
    display.finish();
    let problem = course.problem();
    let took = between(began, context.clock.now());
    let log = display.log().map(RunLog::path);
    let report = Report::of(&course, problem.as_ref(), &rig.wanted, log, took);
    display.note(&last_words(problem.as_ref()));
    let mut exit = Exit::Done;
    let told = jitsi_cli::junit::tell(
        args.junit.as_deref(),
        &context.printer,
        || junit::xml(&report),
        || report::print(&report, &context.printer),
    );
    if let Err(unwritten) = told {
        fault::print(&unwritten, &context.printer);
        exit = Exit::from(&unwritten);
    }
    if display.log().is_some_and(|log| !log.is_whole()) {
        display.warning(
            "the log of this run is not whole: a line of it could not be written",
            None,
        );
    }
    // What was found goes before what became of a file.
    if let Some(problem) = &problem {
        fault::print(problem, &context.printer);
        exit = Exit::from(problem);
    }
    Ok(exit)
}

/// How the run ended, as the log has it.
fn last_words(problem: Option<&Problem>) -> String {
    let Some(problem) = problem else {
        return "passed".to_owned();
    };
    let hints = problem.hints.iter().map(|hint| format!("hint: {hint}"));
    let lines = std::iter::once(problem.what.clone())
        .chain(problem.why.clone())
        .chain(hints);
    let code = Exit::from(problem).code();
    format!("exit {code}: {}", lines.collect::<Vec<_>>().join("\n"))
}

/// Says which command ends what a run leaves that fails in itself.
fn watch_for_a_fault_of_our_own(printer: &Arc<Printer>, flags: &str) {
    let (printer, flags) = (Arc::clone(printer), flags.to_owned());
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        usual(panic);
        let what = "test-platform has a fault of its own, and may have left the platform up";
        let hint = format!("`status{flags}` shows what there is, `scale-down{flags}` ends it");
        printer.error(what, &[], &[hint]);
    }));
}
