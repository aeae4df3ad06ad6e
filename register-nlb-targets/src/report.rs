//! The result of `register-nlb-targets`, as a table for people and as JSON for programs.

use comfy_table::Table;
use jitsi_cli::args::OutputForm;
use jitsi_cli::fault::ErrorReport;
use jitsi_cli::printer::{BAD, GOOD, Printer};
use jitsi_cli::result::{self, duration};
use jitsi_cli::rows::{self, Head, PlannedStep, groups};
use jitsi_ops::register_targets::{Outcome, Report};
use jitsi_ops::session::TakenStep;
use jitsi_ops::state::State;
use jitsi_ops::wanted::Wanted;
use serde::Serialize;

/// Name and version of the JSON document.
pub(crate) const SCHEMA: &str = "jitsi-ops/register-nlb-targets/v1";

/// The JSON document. What was not read is null, never zero.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a, Outcome>,
    steps: &'a [TakenStep],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    planned: Vec<PlannedStep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorReport>,
    /// By the sandbox's clock with `--sandbox`, real time otherwise.
    elapsed_seconds: f64,
}

/// Prints the result in the form that was asked for.
pub(crate) fn print(report: &Report, wanted: &Wanted, sandbox: bool, printer: &Printer) {
    match printer.form {
        OutputForm::Json => printer.result(&result::json(&document(report, wanted))),
        OutputForm::Text => printer.result(&text(report, wanted, sandbox)),
    }
}

fn document<'a>(report: &'a Report, wanted: &'a Wanted) -> Document<'a> {
    let state = State::of(wanted, &report.seen);
    Document {
        head: Head::new(SCHEMA, report.outcome, state, &report.seen, wanted),
        steps: &report.steps,
        planned: report.planned.iter().map(PlannedStep::from).collect(),
        error: report.problem.as_ref().map(ErrorReport::from),
        elapsed_seconds: (report.elapsed.as_secs_f64() * 10.0).round() / 10.0,
    }
}

fn text(report: &Report, wanted: &Wanted, sandbox: bool) -> String {
    let place = if sandbox { " on the sandbox" } else { "" };
    let domain = &wanted.domain;
    let took = duration(report.elapsed);
    let mut out = match report.outcome {
        Outcome::Registered => format!(
            "{GOOD}registered{GOOD:#}: every target of {domain} is healthy{place} after {took}{}\n",
            done(&report.steps)
        ),
        Outcome::AlreadyRegistered => {
            format!(
                "{GOOD}registered{GOOD:#}: every target of {domain} was healthy already{place}; nothing was changed\n"
            )
        }
        Outcome::Planned if report.planned.is_empty() => {
            format!("{domain}: nothing to register{place}, only to wait for health\n")
        }
        Outcome::Planned => format!(
            "{domain}: register-nlb-targets would take these steps{place}; nothing was changed\n{}\n",
            rows::plan_table(&report.planned)
        ),
        Outcome::Failed if wanted.watch => format!("{domain}: watched{place} for {took}{}\n", done(&report.steps)),
        Outcome::Failed => format!(
            "{BAD}failed{BAD:#}: the targets of {domain} are not as they should be{place} after {took}{}\n",
            done(&report.steps)
        ),
    };
    let table = targets(report, wanted);
    if !table.is_empty() {
        out.push_str(&table.trim_fmt());
        out.push('\n');
    }
    out
}

/// What was done, in a few words.
fn done(steps: &[TakenStep]) -> String {
    let count = |operation: &str, word: &str| {
        let targets: usize = steps
            .iter()
            .filter(|step| step.operation == operation)
            .map(|step| step.resource.split(", ").count())
            .sum();
        (targets > 0).then(|| format!("{targets} {word}"))
    };
    let parts: Vec<String> = [
        count("RegisterTargets", "registered"),
        count("DeregisterTargets", "deregistered"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" ({})", parts.join(", "))
    }
}

fn targets(report: &Report, wanted: &Wanted) -> Table {
    let mut table = result::table();
    for group in groups(&report.seen, wanted) {
        let Some(targets) = &group.targets else {
            table.add_row([
                group.protocol.to_owned(),
                "unknown".to_owned(),
                "could not be read".to_owned(),
            ]);
            continue;
        };
        for target in targets {
            let reason = target.reason.map_or_else(String::new, |r| format!(" ({r})"));
            table.add_row([
                group.protocol.to_owned(),
                format!("{}:{}", target.id, target.port),
                format!("{}{reason}", target.state),
            ]);
        }
    }
    table
}
