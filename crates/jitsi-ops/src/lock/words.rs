//! What the operator is told about locks.

use std::time::Duration;

use crate::plan::Warning;
use crate::problem::{Problem, ProblemKind};

use super::{LIFETIME, Lock, LockError, LockKind};

impl From<LockError> for Problem {
    fn from(error: LockError) -> Self {
        let what = error.to_string();
        let locked = |what: String| Self::new(ProblemKind::Locked, what);
        match error {
            LockError::Failed(problem) => problem,
            LockError::Busy { takeover_in: None, .. } => {
                locked(what).hint("wait until it has ended, and run the same command again; or wait longer with --lock-wait")
            }
            LockError::Busy {
                takeover_in: Some(takeover),
                ..
            } => locked(what)
                .hint("wait until it has ended, and run the same command again; or wait longer with --lock-wait")
                .hint(format!(
                    "if that machine is dead, the lock is taken over by itself {} s after its last renewal: `--lock-wait {}s` is long enough",
                    LIFETIME.as_secs(),
                    (takeover.max(LIFETIME) + SPARE).as_secs()
                )),
            LockError::Lost { now, .. } => {
                let why = match now {
                    Some(holder) => format!("it was not renewed for {} s, and is now held by {holder}", LIFETIME.as_secs()),
                    None => "it was taken away while this run was at work, and nobody holds it now".to_owned(),
                };
                locked(what)
                    .because(why)
                    .because("this run has stopped where it was, so that two do not work against each other")
                    .hint("when nobody else is at work any more, run the same command again: it goes on from what is there")
            }
        }
    }
}

/// What a takeover needs beyond the lifetime: looks, and calls that are slow.
const SPARE: Duration = Duration::from_secs(30);

impl Lock {
    /// What the operator must know about a lock that does not keep everybody out.
    pub fn caveat(&self) -> Option<Warning> {
        match self.kind() {
            LockKind::Bucket => None,
            LockKind::Machine => Some(Warning {
                message: "there is no bucket for the lock: only runs on this machine keep out of each other's way"
                    .to_owned(),
                hint: Some("name the platform's bucket with `bucket` in the configuration".to_owned()),
            }),
            LockKind::Unlocked { why } => Some(Warning {
                message: format!("this run goes on without a lock, because its bucket cannot be reached: {why}"),
                hint: Some("see to it that nobody else works on this platform meanwhile".to_owned()),
            }),
        }
    }
}

/// The lock was renewed, but not in time for the call that was to come.
pub(super) fn too_slow() -> Problem {
    Problem::new(
        ProblemKind::Failed,
        "the lock could not be renewed fast enough to change anything under it",
    )
    .hint("check the network, then run the same command again")
}
