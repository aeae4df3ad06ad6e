//! The result of `scale-up`, as a table for people and as JSON for programs.

use comfy_table::Table;
use jitsi_cli::args::OutputForm;
use jitsi_cli::fault::ErrorReport;
use jitsi_cli::printer::{BAD, GOOD, Printer, WARN};
use jitsi_cli::result::{self, duration};
use jitsi_cli::rows::{self, Head, PlannedStep, groups};
use jitsi_ops::billing::Billing;
use jitsi_ops::keep::{self, Term};
use jitsi_ops::scale_up::{Outcome, Report};
use jitsi_ops::session::TakenStep;
use jitsi_ops::wanted::Wanted;
use serde::Serialize;

/// Name and version of the JSON document.
pub(crate) const SCHEMA: &str = "jitsi-ops/scale-up/v1";

/// The JSON document. What was not read is null, never zero.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a, Outcome>,
    /// Until when it is leased.
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<Term>,
    steps: &'a [TakenStep],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    planned: Vec<PlannedStep>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    still_billing: &'a [Billing],
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
    let seen = &report.seen;
    Document {
        head: Head::new(SCHEMA, report.outcome, report.state, seen, wanted),
        lease: seen.service.here().and_then(|service| keep::lease(&service.tags)),
        steps: &report.steps,
        planned: report.planned.iter().map(PlannedStep::from).collect(),
        still_billing: &report.billing,
        error: report.problem.as_ref().map(ErrorReport::from),
        elapsed_seconds: (report.elapsed.as_secs_f64() * 10.0).round() / 10.0,
    }
}

fn text(report: &Report, wanted: &Wanted, sandbox: bool) -> String {
    let mut out = String::new();
    let took = duration(report.elapsed);
    let place = if sandbox { " on the sandbox" } else { "" };
    out.push_str(&match report.outcome {
        Outcome::Up => format!("{GOOD}up{GOOD:#}: {} is up{place} after {took}\n", wanted.domain),
        Outcome::AlreadyUp => {
            let changed = if report.steps.is_empty() {
                "nothing was changed"
            } else {
                "only its lease was changed"
            };
            format!("{GOOD}up{GOOD:#}: {} was up already{place}; {changed}\n", wanted.domain)
        }
        Outcome::Repaired => format!("{GOOD}repaired{GOOD:#}: {} is up{place} after {took}\n", wanted.domain),
        Outcome::Planned => return plan_text(report, wanted, place),
        Outcome::RolledBack => {
            format!(
                "{WARN}rolled back{WARN:#}: {} did not come up{place}; everything is back at zero\n",
                wanted.domain
            )
        }
        Outcome::Failed => format!(
            "{BAD}failed{BAD:#}: the state of {} is {}{place} after {took}\n",
            wanted.domain,
            report.state.as_str()
        ),
    });
    out.push_str(&resources(report, wanted).trim_fmt());
    out.push('\n');
    if let Some(Term::Until(end)) = report.seen.service.here().and_then(|s| keep::lease(&s.tags)) {
        out.push_str(&format!(
            "\nleased until {end}; after that `scale-down --expired` may end it\n"
        ));
    }
    if let Some(balancer) = report.seen.load_balancer.here() {
        // On a line of its own, so that it can be copied from a narrow terminal.
        out.push_str(&format!("\naddress of the load balancer:\n{}\n", balancer.dns_name));
    }
    if !report.billing.is_empty() {
        let names: Vec<_> = report.billing.iter().map(billing_name).collect();
        out.push_str(&format!("{WARN}still costs money:{WARN:#} {}\n", names.join(", ")));
    }
    out
}

fn billing_name(billing: &Billing) -> String {
    let doubt = if billing.certain {
        ""
    } else {
        " (may exist: the last look could not show it)"
    };
    format!("{} {}{doubt}", billing.kind, billing.name)
}

fn plan_text(report: &Report, wanted: &Wanted, place: &str) -> String {
    if report.planned.is_empty() {
        return format!(
            "{}: nothing to do{place}, only to wait; the state is {}\n",
            wanted.domain,
            report.state.as_str()
        );
    }
    format!(
        "{}: scale-up would take these steps{place}; nothing was changed\n{}\n",
        wanted.domain,
        rows::plan_table(&report.planned)
    )
}

fn resources(report: &Report, wanted: &Wanted) -> Table {
    let seen = &report.seen;
    let mut table = result::table();
    let mut row = |kind: &str, name: &str, state: String| {
        table.add_row([kind.to_owned(), name.to_owned(), state]);
    };
    row("state", report.state.as_str(), String::new());
    if let Some(identity) = seen.identity.here() {
        row("account", &identity.account, wanted.region.clone());
    }
    if let Some(service) = seen.service.here() {
        let counts = format!(
            "desired {}, running {}, pending {}",
            service.desired, service.running, service.pending
        );
        row("service", &wanted.service, counts);
    }
    for task in seen.tasks().iter().filter(|t| !t.is_stopped()) {
        let address = task.private_ip.as_deref().unwrap_or("no address yet");
        row("task", task.short_id(), format!("{}, {}", task.last_status, address));
    }
    if let Some(balancer) = seen.load_balancer.here() {
        row("load balancer", &balancer.name, balancer.state.clone());
    }
    if let Some(record) = rows::record(seen, wanted) {
        let state = match &record.leads_to {
            Some(names) if names.is_empty() => "no record".to_owned(),
            Some(names) => format!("leads to {}", names.join(", ")),
            None => "unknown".to_owned(),
        };
        row("record", &record.name, state);
    }
    if let Some(bridge) = rows::bridge(seen, wanted) {
        let state = match bridge.advertises.as_slice() {
            [] => "advertises what STUN tells it".to_owned(),
            addresses => format!("advertises {}", addresses.join(", ")),
        };
        row("bridge", bridge.task_definition, state);
    }
    if let Some(cost) = rows::cost(seen, wanted).text() {
        row("cost", &cost, "traffic comes on top".to_owned());
    }
    for group in groups(seen, wanted) {
        for target in group.targets.iter().flatten() {
            let reason = target.reason.map_or_else(String::new, |r| format!(" ({r})"));
            row(
                "target",
                &format!("{} {}:{}", group.protocol, target.id, target.port),
                format!("{}{reason}", target.state),
            );
        }
    }
    table
}
