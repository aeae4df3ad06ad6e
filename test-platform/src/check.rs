//! One thing that a phase looks at.

use std::fmt;

use check_health::checks;
use jitsi_ops::problem::Problem;
use serde::Serialize;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// It is as it should be.
    Pass,
    /// It is worth knowing, and no ground to fail.
    Note,
    /// It is not as it should be.
    Fail,
    /// It cannot be told. That is not well.
    Unknown,
    /// What it stands on was not there.
    NotTried,
}

impl Outcome {
    /// Whether a phase with it can pass.
    pub(crate) fn is_well(self) -> bool {
        matches!(self, Self::Pass | Self::Note)
    }

    /// As it stands in JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Note => "note",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::NotTried => "not-tried",
        }
    }
}

/// A check that was made.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    /// What was found.
    pub(crate) why: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// What it does not prove, though it passes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) does_not_prove: Option<&'static str>,
}

impl Check {
    pub(crate) fn new(name: impl Into<String>, outcome: Outcome, why: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            outcome,
            why: why.into(),
            hint: None,
            does_not_prove: None,
        }
    }

    pub(crate) fn pass(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(name, Outcome::Pass, why)
    }

    pub(crate) fn note(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(name, Outcome::Note, why)
    }

    pub(crate) fn fail(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(name, Outcome::Fail, why)
    }

    pub(crate) fn unknown(name: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(name, Outcome::Unknown, why)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An operation that did not end well.
    pub(crate) fn of_problem(name: impl Into<String>, problem: &Problem) -> Self {
        let why = match problem.why.is_empty() {
            true => problem.what.clone(),
            false => format!("{}: {}", problem.what, problem.why.join("; ")),
        };
        let check = Self::fail(name, why);
        match problem.hints.is_empty() {
            false => check.hint(problem.hints.join("; ")),
            true => check,
        }
    }
}

/// As it stands in the log.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.name, self.outcome.as_str(), self.why)?;
        if let Some(what) = self.does_not_prove {
            write!(f, " (does not prove {what})")?;
        }
        match &self.hint {
            Some(hint) => write!(f, " (hint: {hint})"),
            None => Ok(()),
        }
    }
}

impl From<checks::Check> for Check {
    fn from(check: checks::Check) -> Self {
        let outcome = match check.outcome {
            checks::Outcome::Pass => Outcome::Pass,
            checks::Outcome::Fail => Outcome::Fail,
            checks::Outcome::Unknown => Outcome::Unknown,
        };
        let made = Self::new(check.name.as_str(), outcome, check.why);
        match check.hint {
            Some(hint) => made.hint(hint),
            None => made,
        }
    }
}

/// What a phase has found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) checks: Vec<Check>,
    /// Why it ended otherwise than by its checks: a deadline, an interrupt, another run, a refusal.
    pub(crate) problem: Option<Problem>,
}

impl Findings {
    /// Whether the phase passes: it has looked at something, and all of it is well.
    pub(crate) fn are_well(&self) -> bool {
        let looked = !self.checks.is_empty();
        looked && self.problem.is_none() && self.checks.iter().all(|check| check.outcome.is_well())
    }

    /// The first that is not well.
    pub(crate) fn first_fault(&self) -> Option<&Check> {
        self.checks.iter().find(|check| !check.outcome.is_well())
    }
}

impl From<Vec<Check>> for Findings {
    fn from(checks: Vec<Check>) -> Self {
        Self { checks, problem: None }
    }
}

impl From<Problem> for Findings {
    fn from(problem: Problem) -> Self {
        Self {
            checks: Vec::new(),
            problem: Some(problem),
        }
    }
}
