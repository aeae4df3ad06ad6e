//! The result as JUnit XML, for CI servers and monitors that read it.

use jitsi_cli::junit;
use jitsi_ops::problem::Problem;
use quick_junit::{Report as JUnit, TestCase, TestCaseStatus, TestSuite};

use crate::checks::{Check, Outcome};
use crate::report::Report;

/// One suite, one case for each check. What fails is a failure, what cannot be told an error.
///
/// # Errors
/// The document cannot be written.
pub(crate) fn xml(report: &Report<'_>) -> Result<String, Problem> {
    let mut suite = TestSuite::new("check-health");
    suite.add_test_cases(report.checks.iter().map(case));
    let mut document = JUnit::new(report.domain);
    document.add_test_suite(suite);
    junit::xml(&document)
}

fn case(check: &Check) -> TestCase {
    let status = match check.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::Fail | Outcome::Unknown => {
            junit::not_well(check.outcome == Outcome::Unknown, &check.why, check.hint.as_deref())
        }
    };
    let mut case = TestCase::new(check.name.as_str(), status);
    case.set_classname("check-health");
    case
}
