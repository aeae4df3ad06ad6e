//! The result of `check-health`, for people and for programs.

use std::time::Duration;

use jitsi_cli::args::OutputForm;
use jitsi_cli::printer::{BAD, GOOD, HINT, Printer, WARN};
use jitsi_cli::result;
use jitsi_cli::visitor::Inspection;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::state::State;
use jitsi_ops::wanted::Wanted;
use serde::Serialize;

use crate::checks::{Check, Name, Outcome, check};

/// Name and version of the JSON document.
pub(crate) const SCHEMA: &str = "jitsi-ops/check-health/v1";

/// All checks together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Health {
    /// Every check passes.
    Healthy,
    /// One fails.
    Unhealthy,
    /// None fails, and one cannot be told.
    Unknown,
}

/// The JSON document.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    schema: &'static str,
    outcome: Health,
    profile: Option<&'a str>,
    account: Option<&'a str>,
    region: &'a str,
    pub(crate) domain: &'a str,
    state: State,
    pub(crate) checks: Vec<Check>,
    elapsed_seconds: f64,
}

impl<'a> Report<'a> {
    /// Of what was found, by these checks.
    pub(crate) fn of(names: &[Name], found: &'a Inspection, wanted: &'a Wanted, elapsed: Duration) -> Self {
        let checks: Vec<Check> = names.iter().map(|name| check(*name, found, wanted)).collect();
        let any = |outcome| checks.iter().any(|check| check.outcome == outcome);
        Self {
            schema: SCHEMA,
            outcome: match (any(Outcome::Fail), any(Outcome::Unknown)) {
                (true, _) => Health::Unhealthy,
                (false, true) => Health::Unknown,
                (false, false) => Health::Healthy,
            },
            profile: wanted.profile.as_deref(),
            account: found.survey.seen.account(),
            region: &wanted.region,
            domain: &wanted.domain,
            state: found.survey.assessment(wanted).state,
            checks,
            elapsed_seconds: (elapsed.as_secs_f64() * 10.0).round() / 10.0,
        }
    }

    fn count(&self, outcome: Outcome) -> usize {
        self.checks.iter().filter(|check| check.outcome == outcome).count()
    }

    /// What the exit code says, where not every check passes.
    pub(crate) fn problem(&self) -> Option<Problem> {
        let (failed, unknown) = (self.count(Outcome::Fail), self.count(Outcome::Unknown));
        let all = self.checks.len();
        let what = match (failed, unknown) {
            (0, 0) => return None,
            (0, unknown) => format!("{unknown} of {all} checks cannot be told"),
            (failed, 0) => format!("{failed} of {all} checks failed"),
            (failed, unknown) => format!("{failed} of {all} checks failed, {unknown} cannot be told"),
        };
        Some(Problem::new(ProblemKind::NotReady, format!("{}: {what}", self.domain)))
    }
}

/// Prints the result in the form that was asked for.
pub(crate) fn print(report: &Report<'_>, printer: &Printer) {
    match printer.form {
        OutputForm::Json => printer.result(&result::json(report)),
        OutputForm::Text => printer.result(&text(report)),
    }
}

fn text(report: &Report<'_>) -> String {
    let mut out = String::new();
    for Check {
        name,
        outcome,
        why,
        hint,
    } in &report.checks
    {
        let word = match outcome {
            Outcome::Pass => format!("{GOOD}pass   {GOOD:#}"),
            Outcome::Fail => format!("{BAD}fail   {BAD:#}"),
            Outcome::Unknown => format!("{WARN}unknown{WARN:#}"),
        };
        out.push_str(&format!("{word}  {:<11}  {why}\n", name.as_str()));
        if let Some(hint) = hint {
            out.push_str(&format!("         {:<11}  {HINT}hint:{HINT:#} {hint}\n", ""));
        }
    }
    if report.outcome == Health::Healthy {
        let all = report.checks.len();
        let checks = if all == 1 { "check passes" } else { "checks pass" };
        out.push_str(&format!("{GOOD}healthy{GOOD:#}: {}, {all} {checks}\n", report.domain));
    }
    out
}
