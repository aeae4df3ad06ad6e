//! A result as JUnit XML, in a file beside the other form or on standard output in its place.

use std::path::Path;

use jitsi_ops::problem::{Problem, ProblemKind};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::printer::Printer;

/// Standard output, as a file.
const STANDARD_OUTPUT: &str = "-";

/// Writes into `file` that the run has not come to its end. A result takes its place; where there is none, because the run could
/// not begin or was killed, nobody takes an older one for it.
///
/// # Errors
/// The file cannot be written, which is better known before the run than after it.
pub fn begin(file: &Path, suite: &str) -> Result<(), Problem> {
    if file == Path::new(STANDARD_OUTPUT) {
        return Ok(());
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message("the run has not come to its end");
    let mut suite = TestSuite::new(suite);
    suite.add_test_case(TestCase::new("run", status));
    let mut report = Report::new(suite.name.as_str());
    report.add_test_suite(suite);
    write(file, &xml(&report)?)
}

/// The document.
///
/// # Errors
/// It cannot be written.
pub fn xml(report: &Report) -> Result<String, Problem> {
    report.to_string().map_err(|error| {
        Problem::new(ProblemKind::Failed, "the JUnit document cannot be written").because(error.to_string())
    })
}

/// Gives the result in the forms that were asked for: `print` in the other one. What cannot be written does not take the other form
/// with it.
///
/// # Errors
/// The document cannot be made, or the file not be written.
pub fn tell(
    file: Option<&Path>,
    printer: &Printer,
    xml: impl FnOnce() -> Result<String, Problem>,
    print: impl FnOnce(),
) -> Result<(), Problem> {
    let Some(file) = file else {
        print();
        return Ok(());
    };
    if file == Path::new(STANDARD_OUTPUT) {
        printer.document(&xml()?);
        return Ok(());
    }
    print();
    write(file, &xml()?)
}

/// What is not well: a failure, or where it cannot be told an error, with why and what to do.
pub fn not_well(untold: bool, why: &str, hint: Option<&str>) -> TestCaseStatus {
    let (kind, word) = match untold {
        true => (NonSuccessKind::Error, "unknown"),
        false => (NonSuccessKind::Failure, "fail"),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(why);
    status.set_type(word);
    if let Some(hint) = hint {
        status.set_description(hint);
    }
    status
}

fn write(file: &Path, xml: &str) -> Result<(), Problem> {
    std::fs::write(file, xml).map_err(|error| {
        let what = format!("`{}` cannot be written", file.display());
        Problem::new(ProblemKind::Failed, what).because(error.to_string())
    })
}
