//! `status`: what is going on, what it costs, what is wrong, in one look. It changes nothing.

mod all;
mod document;
mod resources;
mod short;
mod site;
mod text;
mod view;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use jitsi_cli::args::{self, CommonArgs, OutputForm};
use jitsi_cli::context::Context;
use jitsi_cli::desk::desk;
use jitsi_cli::exit::{EXIT_CODES, Exit};
use jitsi_cli::printer::Printer;
use jitsi_cli::setup::{Setup, set_up};
use jitsi_cli::visitor::{Inspection, Visitor, inspect};
use jitsi_cli::{fault, result, start};
use jitsi_ops::access::Aws;
use jitsi_ops::clock::between;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::state::State;
use jitsi_ops::wanted::Wanted;

use crate::document::{Document, SCHEMA};

/// Show the platform as it is: state, service, tasks, load balancer, name, certificate, cost
///
/// Changes nothing. What could not be read is shown as unknown with its cause, and the rest is shown.
#[derive(Debug, Parser)]
#[command(name = "status", version, after_help = EXIT_CODES)]
pub struct Args {
    #[command(flatten)]
    common: CommonArgs,
    /// Four lines: project, service, load balancer, state
    #[arg(long, conflicts_with_all = ["watch", "all"])]
    short: bool,
    /// Ask AWS only: resolve no name, visit no site
    #[arg(long)]
    no_probes: bool,
    /// Exit with 3 unless the platform is in this state
    #[arg(long, value_enum, value_name = "STATE")]
    expect: Option<Expected>,
    /// Look again and again, and show it in place, until interrupted
    #[arg(long, value_name = "TIME", num_args = 0..=1, default_missing_value = "2s", value_parser = args::time, conflicts_with_all = ["all", "expect"])]
    watch: Option<Duration>,
    /// Every profile of the configuration, a row each
    #[arg(long, conflicts_with = "profile")]
    all: bool,
    /// Trust the authorities in this PEM file too, when the site is visited
    #[arg(long, value_name = "FILE", conflicts_with = "no_probes")]
    ca_file: Option<PathBuf>,
}

/// The states that one plans for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Expected {
    /// Up, and everything as it should be.
    Active,
    /// At zero, and nothing bills.
    Standby,
}

impl Expected {
    fn state(self) -> State {
        match self {
            Self::Active => State::Active,
            Self::Standby => State::Standby,
        }
    }
}

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let args = Args::parse();
    if args.all {
        return start::start_without_platform(&args.common, all::SCHEMA, async |printer| {
            all::run(&args, printer).await
        });
    }
    start::start_or_fail(&args.common, SCHEMA, async |context| run(&args, context).await)
}

async fn run(args: &Args, context: Context) -> Result<Exit, Problem> {
    let printer = context.printer.clone();
    if args.watch.is_some() && (printer.form == OutputForm::Json || !printer.stdout_is_a_terminal()) {
        let problem = Problem::new(
            ProblemKind::Usage,
            "--watch shows its view in place, and needs a terminal for it",
        );
        return Err(problem.hint("leave --watch away, or run it where somebody looks"));
    }
    let Setup {
        display,
        interrupts,
        aws,
        wanted,
    } = set_up(&context, 1, false).await?;
    display.finish();
    let looker = Looker::new(args, &context, aws, wanted)?;
    let look = async {
        match args.watch {
            Some(pause) => watch::watch(&looker, pause, &context, &printer).await,
            None => once(args, &looker, &context, &printer).await,
        }
    };
    tokio::select! {
        exit = look => Ok(exit),
        () = interrupts.first.cancelled() => Ok(Exit::Interrupted),
    }
}

/// Looks at one platform.
struct Looker {
    aws: Aws,
    wanted: Wanted,
    state_folder: PathBuf,
    visitor: Option<Visitor>,
}

impl Looker {
    fn new(args: &Args, context: &Context, aws: Aws, wanted: Wanted) -> Result<Self, Problem> {
        let visitor = match args.no_probes || args.short {
            true => None,
            false => Some(Visitor::new(context, args.ca_file.as_deref())?),
        };
        Ok(Self {
            aws,
            wanted,
            state_folder: desk(Duration::ZERO, context.sandbox_file.as_ref())?.state_folder,
            visitor,
        })
    }

    /// What is found, and how long it took.
    async fn look(&self, context: &Context) -> (Inspection, Duration) {
        let began = context.clock.now();
        let found = inspect(
            &self.aws,
            &self.wanted,
            &self.state_folder,
            &context.clock,
            self.visitor.as_ref(),
        )
        .await;
        (found, between(began, context.clock.now()))
    }
}

async fn once(args: &Args, looker: &Looker, context: &Context, printer: &Printer) -> Exit {
    let (found, took) = looker.look(context).await;
    let document = Document::of(&found, &looker.wanted, took);
    printer.result(&match (printer.form, args.short) {
        (OutputForm::Json, _) => result::json(&document),
        (OutputForm::Text, true) => short::text(&document, &looker.wanted),
        (OutputForm::Text, false) => text::text(&document, context.sandbox_file.is_some(), &context.further.flags),
    });
    let problem = blind(&found, &looker.wanted).or_else(|| unexpected(args.expect, &document));
    match problem {
        Some(problem) => {
            fault::print(&problem, printer);
            Exit::from(&problem)
        }
        None => Exit::Done,
    }
}

/// Nothing at all could be read: then there is nothing to show, and that is a failure.
fn blind(found: &Inspection, wanted: &Wanted) -> Option<Problem> {
    let seen = &found.survey.seen;
    let failure = seen.service.failure()?;
    (seen.tasks.failure().is_some() && seen.load_balancer.failure().is_some()).then(|| wanted.problem(failure))
}

/// The state is another than the one that was expected.
fn unexpected(expected: Option<Expected>, document: &Document<'_>) -> Option<Problem> {
    let expected = expected?.state();
    if document.state == expected {
        return None;
    }
    let (domain, is) = (document.domain, document.state.as_str());
    let what = format!("{domain} is {is}, not {}", expected.as_str());
    let problem = Problem::new(ProblemKind::NotReady, what);
    Some(document.because.iter().fold(problem, |all, line| all.because(line)))
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
