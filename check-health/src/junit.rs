//! The result as JUnit XML, for CI servers and monitors that read it.

use jitsi_cli::junit;
use jitsi_ops::problem::Problem;
use quick_junit::{NonSuccessKind, Report as JUnit, TestCase, TestCaseStatus, TestSuite};

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
    let mut status = match check.outcome {
        Outcome::Pass => TestCaseStatus::success(),
        Outcome::Fail => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Outcome::Unknown => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    if check.outcome != Outcome::Pass {
        status.set_message(check.why.as_str());
        let kind = if check.outcome == Outcome::Fail {
            "fail"
        } else {
            "unknown"
        };
        status.set_type(kind);
        if let Some(hint) = &check.hint {
            status.set_description(hint.as_str());
        }
    }
    let mut case = TestCase::new(check.name.as_str(), status);
    case.set_classname("check-health");
    case
}
