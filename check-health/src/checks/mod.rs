//! The checks: pure judgements of what was found. What could not be read is unknown and never well.

mod platform;
mod site;
mod targets;
#[cfg(test)]
mod tests;

use clap::ValueEnum;
use jitsi_cli::visitor::Inspection;
use jitsi_ops::reading::Reading;
use jitsi_ops::wanted::Wanted;
use serde::Serialize;

/// What is checked. The names are part of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// The ECS service runs as many tasks as it is asked for
    Service,
    /// Every task is RUNNING, and none UNHEALTHY
    Tasks,
    /// The load balancer is active, and every registered target healthy
    Targets,
    /// Every task is registered in every target group, and nothing else is
    Membership,
    /// The name resolves, to the load balancer
    Dns,
    /// HTTPS answers with 200
    Https,
    /// The certificate is for the name, valid, and trusted
    Certificate,
    /// The page is Jitsi Meet's
    Page,
    /// The task definition has no error that the lint knows
    Lint,
}

impl Name {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Service,
        Self::Tasks,
        Self::Targets,
        Self::Membership,
        Self::Dns,
        Self::Https,
        Self::Certificate,
        Self::Page,
        Self::Lint,
    ];

    /// Whether the site has to be visited for it.
    pub fn needs_a_visit(self) -> bool {
        matches!(self, Self::Dns | Self::Https | Self::Certificate | Self::Page)
    }

    /// As it is given to `--only`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Tasks => "tasks",
            Self::Targets => "targets",
            Self::Membership => "membership",
            Self::Dns => "dns",
            Self::Https => "https",
            Self::Certificate => "certificate",
            Self::Page => "page",
            Self::Lint => "lint",
        }
    }
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// It cannot be told.
    Unknown,
}

/// A check that was made.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// Which check.
    pub name: Name,
    /// What came of it.
    pub outcome: Outcome,
    /// What was found, in AWS's words or the visit's.
    pub why: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What a judgement says: the outcome, and why.
#[derive(Debug)]
pub(crate) struct Judged {
    outcome: Outcome,
    why: String,
    hint: Option<String>,
}

impl Judged {
    fn pass(why: impl Into<String>) -> Self {
        Self::new(Outcome::Pass, why)
    }

    fn fail(why: impl Into<String>) -> Self {
        Self::new(Outcome::Fail, why)
    }

    fn unknown(why: impl Into<String>) -> Self {
        Self::new(Outcome::Unknown, why)
    }

    fn new(outcome: Outcome, why: impl Into<String>) -> Self {
        Self {
            outcome,
            why: why.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// `wrong`, in one line each: fails where there is any.
    fn by(wrong: &[String], well: impl FnOnce() -> String) -> Self {
        if wrong.is_empty() {
            Self::pass(well())
        } else {
            Self::fail(wrong.join("; "))
        }
    }

    /// `what` could not be read, and why.
    fn unread<T>(what: &str, reading: &Reading<T>, wanted: &Wanted) -> Self {
        match reading.failure() {
            Some(failure) => {
                let judged = Self::unknown(format!("{what} could not be read: {failure}: {}", failure.reason()));
                match wanted.problem(failure).hints.into_iter().next() {
                    Some(hint) => judged.hint(hint),
                    None => judged,
                }
            }
            None => Self::unknown(format!(
                "{what} could not be read, because something before it could not"
            )),
        }
    }
}

/// Makes one check.
pub fn check(name: Name, found: &Inspection, wanted: &Wanted) -> Check {
    let judged = match elsewhere(found, wanted) {
        Some(judged) => judged,
        None => match name {
            Name::Service => platform::service(found, wanted),
            Name::Tasks => platform::tasks(found, wanted),
            Name::Lint => platform::lint(found, wanted),
            Name::Targets => targets::targets(found, wanted),
            Name::Membership => targets::membership(found, wanted),
            Name::Dns => site::dns(found, wanted),
            Name::Https => site::https(found),
            Name::Certificate => site::certificate(found, wanted),
            Name::Page => site::page(found),
        },
    };
    let Judged { outcome, why, hint } = judged;
    Check {
        name,
        outcome,
        why,
        hint,
    }
}

/// What is in another account is not this platform, so nothing is known of it.
fn elsewhere(found: &Inspection, wanted: &Wanted) -> Option<Judged> {
    let account = found.survey.seen.account()?;
    let ours = wanted.account_id.as_ref().filter(|ours| *ours != account)?;
    Some(
        Judged::unknown(format!(
            "the credentials are for account {account}, the configuration names {ours}"
        ))
        .hint("choose other credentials with --aws-profile"),
    )
}
