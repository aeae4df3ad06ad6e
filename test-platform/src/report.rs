//! The result of `test-platform`, for people and for programs.

use std::path::Path;
use std::time::Duration;

use jitsi_cli::args::OutputForm;
use jitsi_cli::fault::ErrorReport;
use jitsi_cli::printer::{BAD, FAINT, GOOD, HINT, Printer, WARN};
use jitsi_cli::result::{self, duration};
use jitsi_ops::problem::Problem;
use jitsi_ops::state::State;
use jitsi_ops::wanted::Wanted;
use jitsi_probe::Ladder;
use serde::Serialize;

use crate::check::{Check, Outcome};
use crate::course::{Course, Done, Ended};
use crate::phase::Phase;
use crate::scale::Restored;

/// Name and version of the JSON document.
pub(crate) const SCHEMA: &str = "jitsi-ops/test-platform/v1";

/// The whole test in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// Every phase that was asked for has passed, and the platform is as it was found, or as it was asked for.
    Passed,
    /// Not so.
    Failed,
}

/// The JSON document.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    schema: &'static str,
    outcome: Verdict,
    profile: Option<&'a str>,
    region: &'a str,
    pub(crate) domain: &'a str,
    /// The state before the test; null where it could not be told, or was not looked at.
    found: Option<State>,
    /// What became of the platform; null where it was not to be changed.
    restored: Option<Restored>,
    pub(crate) phases: Vec<PhaseRow<'a>>,
    /// How far a visitor gets, as data; null where that was not tried.
    ladder: Option<&'a Ladder>,
    /// What was proven of Jitsi and what not, in one line.
    summary: Option<String>,
    log: Option<&'a Path>,
    elapsed_seconds: f64,
    error: Option<ErrorReport>,
    #[serde(skip)]
    took: Duration,
}

/// A phase.
#[derive(Debug, Serialize)]
pub(crate) struct PhaseRow<'a> {
    number: usize,
    pub(crate) name: Phase,
    pub(crate) outcome: Ended,
    proves: &'static str,
    pub(crate) checks: &'a [Check],
    pub(crate) error: Option<ErrorReport>,
    pub(crate) elapsed_seconds: f64,
    #[serde(skip)]
    took: Duration,
}

impl<'a> PhaseRow<'a> {
    fn of(done: &'a Done) -> Self {
        Self {
            number: done.phase.number(),
            name: done.phase,
            outcome: done.ended,
            proves: done.phase.proves(),
            checks: &done.findings.checks,
            error: done.findings.problem.as_ref().map(ErrorReport::from),
            elapsed_seconds: tenths(done.took),
            took: done.took,
        }
    }
}

impl<'a> Report<'a> {
    /// Of a test that is over.
    pub(crate) fn of(
        course: &'a Course<'_>,
        problem: Option<&Problem>,
        wanted: &'a Wanted,
        log: Option<&'a Path>,
        took: Duration,
    ) -> Self {
        Self {
            schema: SCHEMA,
            outcome: match problem {
                None => Verdict::Passed,
                Some(_) => Verdict::Failed,
            },
            profile: wanted.profile.as_deref(),
            region: &wanted.region,
            domain: &wanted.domain,
            found: course.found.as_ref().map(|found| found.state),
            restored: course.restored,
            phases: course.done.iter().map(PhaseRow::of).collect(),
            ladder: course.ladder.as_ref(),
            summary: course.ladder.as_ref().map(Ladder::summary),
            log,
            elapsed_seconds: tenths(took),
            error: problem.map(ErrorReport::from),
            took,
        }
    }
}

fn tenths(span: Duration) -> f64 {
    (span.as_secs_f64() * 10.0).round() / 10.0
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
    for phase in &report.phases {
        let word = match phase.outcome {
            Ended::Passed => format!("{GOOD}passed {GOOD:#}"),
            Ended::Failed => format!("{BAD}failed {BAD:#}"),
            Ended::Skipped => format!("{FAINT}skipped{FAINT:#}"),
            Ended::NotRun => format!("{WARN}not run{WARN:#}"),
        };
        let time = match phase.outcome {
            Ended::Passed | Ended::Failed => result::clock(phase.took),
            Ended::Skipped | Ended::NotRun => String::new(),
        };
        let tells = tells(phase);
        out.push_str(format!("{}  {word}  {time:>7}  {tells}", padded(&phase.name.label())).trim_end());
        out.push('\n');
        for check in phase.checks.iter().filter(|check| is_shown(phase, check)) {
            out.push_str(&line(check));
        }
    }
    out.push('\n');
    if let Some(summary) = &report.summary {
        out.push_str(&format!("jitsi: {summary}\n"));
    }
    if let Some(log) = report.log {
        out.push_str(&format!("log: {}\n", log.display()));
    }
    if report.outcome == Verdict::Passed {
        let run = report
            .phases
            .iter()
            .filter(|phase| phase.outcome == Ended::Passed)
            .count();
        let left = match report.restored {
            Some(Restored::AsFound) => ", and the platform is as it was found",
            Some(Restored::PutRight) => ", and the platform was not as it should be and was put right",
            Some(Restored::Kept) => ", and the platform is up and costs money",
            _ => "",
        };
        let phases = if run == 1 { "phase" } else { "phases" };
        out.push_str(&format!(
            "{GOOD}passed{GOOD:#}: {}, {run} {phases} in {}{left}\n",
            report.domain,
            duration(report.took)
        ));
    }
    if let Some(error) = &report.error {
        out.push_str(&format!("{BAD}failed{BAD:#}: {}, {}\n", report.domain, error.message));
    }
    out
}

fn padded(label: &str) -> String {
    format!("{label:<17}")
}

/// What a phase that has passed tells in its own line: what was found where that is short, else what it proves.
fn tells<'p>(phase: &'p PhaseRow<'_>) -> &'p str {
    let first = |names: &[&str]| {
        let mut found = names
            .iter()
            .filter_map(|name| phase.checks.iter().find(|check| check.name == *name));
        found.next().map_or(phase.proves, |check| check.why.as_str())
    };
    match (phase.outcome, phase.name) {
        (Ended::Skipped | Ended::NotRun | Ended::Failed, _) => "",
        (Ended::Passed, Phase::Prerequisites | Phase::Health) => phase.proves,
        (Ended::Passed, Phase::InitialStatus) => first(&["state"]),
        (Ended::Passed, Phase::ScaleUp) => first(&["up"]),
        (Ended::Passed, Phase::Certificate) => first(&["certificate"]),
        (Ended::Passed, Phase::Https) => first(&["https"]),
        // A rung that was not tried, and no fault: the door is closed to strangers.
        (Ended::Passed, Phase::Jitsi) if phase.checks.iter().any(|check| check.outcome == Outcome::Note) => {
            "closed to strangers; no room was asked for"
        }
        (Ended::Passed, Phase::Jitsi) => "a visitor gets as far as to a room that is ready",
        (Ended::Passed, Phase::FinalStatus) => first(&["lasted", "state"]),
        (Ended::Passed, Phase::Restore) => first(&["down", "up"]),
        (Ended::Passed, Phase::CleanUp) => first(&["bills"]),
    }
}

/// Whether a check has a line of its own: what is not well, what is worth knowing, and the rungs.
fn is_shown(phase: &PhaseRow<'_>, check: &Check) -> bool {
    phase.name == Phase::Jitsi || check.outcome != Outcome::Pass
}

fn line(check: &Check) -> String {
    let word = match check.outcome {
        Outcome::Pass => format!("{GOOD}pass     {GOOD:#}"),
        Outcome::Note => format!("{FAINT}note     {FAINT:#}"),
        Outcome::Fail => format!("{BAD}fail     {BAD:#}"),
        Outcome::Unknown => format!("{WARN}unknown  {WARN:#}"),
        Outcome::NotTried => format!("{WARN}not tried{WARN:#}"),
    };
    let mut line = format!("      {word}  {:<13}  {}\n", check.name, check.why);
    if let Some(what) = check.does_not_prove {
        line.push_str(&format!(
            "                 {:<13}  {FAINT}does not prove {what}{FAINT:#}\n",
            ""
        ));
    }
    if let Some(hint) = check.hint.as_ref().filter(|_| !check.outcome.is_well()) {
        line.push_str(&format!("                 {:<13}  {HINT}hint:{HINT:#} {hint}\n", ""));
    }
    line
}
