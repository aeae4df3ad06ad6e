//! `--hold-until` and `--release`: a hold is written or taken away; nothing else is changed.

use jitsi_cli::args::OutputForm;
use jitsi_cli::context::Context;
use jitsi_cli::exit::Exit;
use jitsi_cli::fault::{self, ErrorReport};
use jitsi_cli::printer::{GOOD, Talk};
use jitsi_cli::result;
use jitsi_cli::setup::Setup;
use jitsi_ops::custody::Desk;
use jitsi_ops::event::Event;
use jitsi_ops::hold::{Report, hold};
use jitsi_ops::keep::{Term, Wish};
use jitsi_ops::state::State;
use serde::Serialize;

use crate::report::SCHEMA;

/// The JSON document.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    outcome: &'static str,
    profile: Option<&'a str>,
    account: Option<&'a str>,
    region: &'a str,
    domain: &'a str,
    state: State,
    hold: Option<&'a Term>,
    lease: Option<&'a Term>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorReport>,
}

pub(crate) async fn run(setup: Setup, desk: &Desk, context: &Context) -> Exit {
    let printer = &context.printer;
    let observer = |event: Event| setup.display.show(event);
    let wanted = &setup.wanted;
    let report = hold(
        &setup.aws,
        wanted,
        desk,
        context.clock.clone(),
        &observer,
        &setup.interrupts,
    )
    .await;
    setup.display.finish();
    let released = wanted.hold == Some(Wish::Release);
    let outcome = match (&report.problem, released) {
        (Some(_), _) => "failed",
        (None, true) => "released",
        (None, false) => "hold-set",
    };
    match printer.form {
        OutputForm::Json => printer.result(&result::json(&Document {
            schema: SCHEMA,
            outcome,
            profile: wanted.profile.as_deref(),
            account: report.account.as_deref(),
            region: &wanted.region,
            domain: &wanted.domain,
            state: report.state,
            hold: report.hold.as_ref(),
            lease: report.lease.as_ref(),
            error: report.problem.as_ref().map(ErrorReport::from),
        })),
        OutputForm::Text if report.problem.is_none() && printer.talk >= Talk::Progress => {
            printer.result(&text(&report, &wanted.domain));
        }
        OutputForm::Text => {}
    }
    match &report.problem {
        None => Exit::Done,
        Some(problem) => {
            fault::print(problem, printer);
            Exit::from(problem)
        }
    }
}

fn text(report: &Report, domain: &str) -> String {
    match &report.hold {
        Some(Term::Until(until)) => format!(
            "{GOOD}held{GOOD:#}: no scale-down without --force ends {domain} before {until}; its state is {}",
            report.state.as_str()
        ),
        _ => {
            let lease = match &report.lease {
                Some(Term::Until(until)) => format!(", but it has a lease until {until}"),
                Some(Term::Unreadable(text)) => format!(", but it has a lease that cannot be read: `{text}`"),
                None => String::new(),
            };
            format!(
                "{GOOD}released{GOOD:#}: {domain} is not held any more{lease}; its state is {}",
                report.state.as_str()
            )
        }
    }
}
