//! The result as JUnit XML: a case for each phase, and one for each rung of the Jitsi phase.

use std::time::Duration;

use jitsi_cli::junit;
use jitsi_ops::problem::Problem;
use jitsi_ops::tenure::TEST_PLATFORM;
use quick_junit::{Report as JUnit, TestCase, TestCaseStatus, TestSuite};

use crate::check::{Check, Outcome};
use crate::course::Ended;
use crate::phase::Phase;
use crate::report::{PhaseRow, Report};

/// # Errors
/// The document cannot be written.
pub(crate) fn xml(report: &Report<'_>) -> Result<String, Problem> {
    let mut suite = TestSuite::new(TEST_PLATFORM);
    for phase in &report.phases {
        suite.add_test_case(of_phase(phase));
        if phase.name == Phase::Jitsi {
            suite.add_test_cases(phase.checks.iter().map(of_rung));
        }
    }
    let mut document = JUnit::new(report.domain);
    document.add_test_suite(suite);
    junit::xml(&document)
}

fn of_phase(phase: &PhaseRow<'_>) -> TestCase {
    let status = match phase.outcome {
        Ended::Passed => TestCaseStatus::success(),
        Ended::Failed => failed(phase),
        Ended::Skipped => skipped("it was not asked for"),
        Ended::NotRun => skipped("the test had ended before it"),
    };
    let mut case = TestCase::new(phase.name.as_str(), status);
    case.set_classname(TEST_PLATFORM);
    case.set_time(Duration::from_secs_f64(phase.elapsed_seconds));
    case
}

/// A phase that fails only because something cannot be told cannot be told itself.
fn failed(phase: &PhaseRow<'_>) -> TestCaseStatus {
    let wrong: Vec<&Check> = phase.checks.iter().filter(|check| !check.outcome.is_well()).collect();
    let untold = !wrong.is_empty() && wrong.iter().all(|check| check.outcome == Outcome::Unknown);
    let mut told: Vec<String> = wrong
        .iter()
        .map(|check| format!("{}: {}", check.name, check.why))
        .collect();
    if told.is_empty() {
        told.extend(phase.error.as_ref().map(|error| error.message.clone()));
    }
    let hints: Vec<&str> = wrong.iter().filter_map(|check| check.hint.as_deref()).collect();
    let hints = (!hints.is_empty()).then(|| hints.join("\n"));
    junit::not_well(untold, &told.join("; "), hints.as_deref())
}

fn of_rung(check: &Check) -> TestCase {
    let status = match check.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::Note | Outcome::NotTried => skipped(&check.why),
        Outcome::Fail | Outcome::Unknown => {
            junit::not_well(check.outcome == Outcome::Unknown, &check.why, check.hint.as_deref())
        }
    };
    let mut case = TestCase::new(check.name.as_str(), status);
    case.set_classname(format!("{}.{}", TEST_PLATFORM, Phase::Jitsi.as_str()));
    case
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(why);
    status
}
