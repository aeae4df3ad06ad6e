//! The result of `scale-down`, in a line or a table for people and as JSON for programs.

use std::time::Duration;

use jiff::Timestamp;
use jitsi_cli::args::OutputForm;
use jitsi_cli::fault::ErrorReport;
use jitsi_cli::printer::{BAD, GOOD, Printer, WARN};
use jitsi_cli::result::{self, duration};
use jitsi_cli::rows::{self, Head, PlannedStep};
use jitsi_config::GuardSource;
use jitsi_ops::clock::between;
use jitsi_ops::guard::Verdict;
use jitsi_ops::keep::{self, Term};
use jitsi_ops::scale_down::{Left, Outcome, Report};
use jitsi_ops::session::{Removed, TakenStep};
use jitsi_ops::wanted::Wanted;
use serde::Serialize;

/// Name and version of the JSON document.
pub(crate) const SCHEMA: &str = "jitsi-ops/scale-down/v1";

/// The JSON document. What was not read is null, never zero.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a, Outcome>,
    guard: GuardRow<'a>,
    hold: Option<Term>,
    lease: Option<Term>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_because: Option<&'a str>,
    removed: Vec<RemovedRow<'a>>,
    left: &'a [Left],
    bill: Vec<BillRow<'a>>,
    steps: &'a [TakenStep],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    planned: Vec<PlannedStep>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorReport>,
    /// By the sandbox's clock with `--sandbox`, real time otherwise.
    elapsed_seconds: f64,
}

/// What the guard said when the platform was to go down, or last; null where nobody had to be asked.
#[derive(Serialize)]
struct GuardRow<'a> {
    source: String,
    #[serde(flatten)]
    verdict: Option<&'a Verdict>,
    read_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct RemovedRow<'a> {
    kind: &'static str,
    name: &'a str,
    arn: &'a str,
}

/// For how long something existed that costs money by the hour.
#[derive(Serialize)]
struct BillRow<'a> {
    kind: &'static str,
    name: &'a str,
    from: Option<Timestamp>,
    until: Timestamp,
    hours: Option<f64>,
}

/// Prints the result in the form that was asked for.
pub(crate) fn print(report: &Report, wanted: &Wanted, sandbox: bool, printer: &Printer) {
    match printer.form {
        OutputForm::Json => printer.result(&result::json(&document(report, wanted))),
        OutputForm::Text => printer.result(&text(report, wanted, sandbox)),
    }
}

fn document<'a>(report: &'a Report, wanted: &'a Wanted) -> Document<'a> {
    let seen = &report.seen;
    let tags = seen.service.here().map(|service| &service.tags);
    Document {
        head: Head::new(SCHEMA, report.outcome, report.state, seen, wanted),
        guard: GuardRow {
            source: wanted.guard.source.to_string(),
            verdict: report.guard.as_ref().map(|reading| &reading.verdict),
            read_at: report.guard.as_ref().map(|reading| reading.at),
        },
        hold: tags.and_then(keep::hold),
        lease: tags.and_then(keep::lease),
        held_because: report.held.as_deref(),
        removed: report
            .removed
            .iter()
            .map(|removed| RemovedRow {
                kind: removed.kind,
                name: &removed.name,
                arn: &removed.arn,
            })
            .collect(),
        left: &report.left,
        bill: report
            .removed
            .iter()
            .filter(|r| r.kind != "target group")
            .map(bill_row)
            .collect(),
        steps: &report.steps,
        planned: report.planned.iter().map(PlannedStep::from).collect(),
        error: report.problem.as_ref().map(ErrorReport::from),
        elapsed_seconds: (report.elapsed.as_secs_f64() * 10.0).round() / 10.0,
    }
}

fn bill_row(removed: &Removed) -> BillRow<'_> {
    BillRow {
        kind: removed.kind,
        name: &removed.name,
        from: removed.from,
        until: removed.until,
        hours: existed(removed).map(|time| (time.as_secs_f64() / 36.0).round() / 100.0),
    }
}

fn existed(removed: &Removed) -> Option<Duration> {
    removed.from.map(|from| between(from, removed.until))
}

fn text(report: &Report, wanted: &Wanted, sandbox: bool) -> String {
    let place = if sandbox { " on the sandbox" } else { "" };
    let took = duration(report.elapsed);
    let domain = &wanted.domain;
    let mut out = match report.outcome {
        Outcome::Down => format!(
            "{GOOD}down{GOOD:#}: {domain} is at zero{place} after {took}, and {} costs money any more{}\n",
            nothing(report),
            bill_line(report)
        ),
        Outcome::AlreadyDown => {
            format!(
                "{GOOD}down{GOOD:#}: {domain} was at zero already{place}, and {} costs money\n",
                nothing(report)
            )
        }
        Outcome::Held => format!(
            "{WARN}held{WARN:#}: {domain} stays up{place}: {}\n",
            report.held.as_deref().unwrap_or_default()
        ),
        Outcome::Planned if report.planned.is_empty() => format!(
            "{domain}: nothing to do{place}, only to wait; the state is {}\n",
            report.state.as_str()
        ),
        Outcome::Planned => format!(
            "{domain}: scale-down would take these steps{place}{}; nothing was changed\n{}\n",
            if_quiet(report, wanted),
            rows::plan_table(&report.planned)
        ),
        Outcome::Refused => format!(
            "{WARN}refused{WARN:#}: the state of {domain} is {}{place}\n",
            report.state.as_str()
        ),
        Outcome::Failed => format!(
            "{BAD}failed{BAD:#}: the state of {domain} is {}{place} after {took}\n",
            report.state.as_str()
        ),
    };
    let stays = matches!(report.outcome, Outcome::Held | Outcome::Refused | Outcome::Failed);
    if let Some(cost) = rows::cost(&report.seen, wanted).text().filter(|_| stays) {
        out.push_str(&format!("what there is costs {cost}\n"));
    }
    for left in report
        .left
        .iter()
        .filter(|left| !left.ours || report.outcome == Outcome::Failed)
    {
        // Why the platform's own is left is the error that follows.
        let why = if left.ours {
            String::new()
        } else {
            format!(": {}", left.reason)
        };
        out.push_str(&format!("{WARN}left:{WARN:#} {} {}{why}\n", left.kind, left.name));
    }
    out
}

/// Whether a load balancer of the configured name is left that is not this platform's: it bills, and somebody has to know.
pub(crate) fn leaves_a_namesake(report: &Report, wanted: &Wanted) -> bool {
    let namesake = |left: &Left| left.kind == "load balancer" && left.name == wanted.load_balancer;
    matches!(report.outcome, Outcome::Down | Outcome::AlreadyDown) && report.left.iter().any(namesake)
}

fn nothing(report: &Report) -> &'static str {
    if report.left.is_empty() {
        "nothing of it"
    } else {
        "nothing with its tag"
    }
}

/// How long what cost money had existed, in a few words.
fn bill_line(report: &Report) -> String {
    let times: Vec<String> = report
        .removed
        .iter()
        .filter(|removed| removed.kind != "target group")
        .filter_map(|removed| Some(format!("{} {}", removed.kind, duration(existed(removed)?))))
        .collect();
    if times.is_empty() {
        return String::new();
    }
    format!(" (existed: {})", times.join(", "))
}

fn if_quiet(report: &Report, wanted: &Wanted) -> &'static str {
    match report.guard.as_ref().map(|reading| &reading.verdict) {
        Some(Verdict::Quiet) if wanted.guard.source != GuardSource::None => {
            ", if nobody comes within the minute for which it watches first"
        }
        _ => "",
    }
}
