//! What went wrong before or during a run, in the two forms that a caller may want.

use jitsi_config::ConfigError;
use jitsi_ops::problem::{Problem, ProblemKind};
use serde::Serialize;

use crate::printer::Printer;

/// The `error` object of every JSON result. Part of the contract.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorReport {
    /// `failed`, `usage`, `not-ready`, `deadline`, `refused`, `interrupted`.
    pub kind: ProblemKind,
    /// What failed, on which resource.
    pub message: String,
    /// Why, AWS's own words first.
    pub reasons: Vec<String>,
    /// What to do next.
    pub hints: Vec<String>,
    /// AWS's error code, where there is one.
    pub code: Option<String>,
}

impl From<&Problem> for ErrorReport {
    fn from(problem: &Problem) -> Self {
        Self {
            kind: problem.kind,
            message: problem.what.clone(),
            reasons: problem.why.clone(),
            hints: problem.hints.clone(),
            code: problem.code.clone(),
        }
    }
}

/// Prints the problem for people.
pub fn print(problem: &Problem, printer: &Printer) {
    printer.error(&problem.what, &problem.why, &problem.hints);
}

/// A configuration that cannot be used, as one problem: each mistake is a reason of its own.
pub fn from_config(error: &ConfigError) -> Problem {
    let place = |line: Option<usize>| match (&error.file, line) {
        (Some(file), Some(line)) => format!("{}:{line}: ", file.display()),
        (Some(file), None) => format!("{}: ", file.display()),
        (None, _) => String::new(),
    };
    match error.problems.as_slice() {
        [only] => {
            let problem = Problem::new(ProblemKind::Usage, format!("{}{}", place(only.line), only.message));
            only.hint.iter().fold(problem, Problem::hint)
        }
        several => {
            let what = format!("the configuration has {} mistakes", several.len());
            several.iter().fold(Problem::new(ProblemKind::Usage, what), |all, one| {
                let hint = one.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
                all.because(format!("{}{}{hint}", place(one.line), one.message))
            })
        }
    }
}
