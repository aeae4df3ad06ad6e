//! The state of a platform in one word.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::memory::Memory;
use crate::observation::{Identity, Observation, Task};
use crate::ownership;
use crate::plan::{self, Look};
use crate::reading::Reading;
use crate::wanted::Wanted;

/// How long a task may take to start before that is not normal any more; images of 2 GiB take some 90 s.
const NORMAL_START: SignedDuration = SignedDuration::from_mins(5);

/// What a platform is, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is asked for, nothing runs, nothing of ours bills.
    Standby,
    /// Up: tasks run, the load balancer is active, every target is healthy.
    Active,
    /// Tasks are starting or stopping within their normal time.
    Transitional,
    /// Asked for, but something is not as it should be.
    Degraded,
    /// Nothing is asked for and nothing runs, yet something of ours bills.
    Orphaned,
    /// A read that decides between these failed, or was not made.
    Unknown,
}

impl State {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::Active => "active",
            Self::Transitional => "transitional",
            Self::Degraded => "degraded",
            Self::Orphaned => "orphaned",
            Self::Unknown => "unknown",
        }
    }

    /// The state that `seen` shows.
    pub fn of(wanted: &Wanted, seen: &Observation) -> Self {
        // What is in another account is not this platform.
        let elsewhere = |i: &Identity| wanted.account_id.as_ref().is_some_and(|account| *account != i.account);
        if seen.identity.here().is_some_and(elsewhere) {
            return Self::Unknown;
        }
        let (Reading::Here(service), Reading::Here(tasks)) = (&seen.service, &seen.tasks) else {
            return Self::Unknown;
        };
        let bills = match &seen.load_balancer {
            Reading::Here(balancer) => match ownership::is_ours(seen, &balancer.arn) {
                Some(ours) => ours,
                None => return Self::Unknown,
            },
            Reading::Absent => false,
            Reading::NotRead | Reading::Unknown(_) => return Self::Unknown,
        };
        let stopping = tasks.iter().any(|t| t.is_ending() && !t.is_stopped());
        if service.desired == 0 {
            let living = tasks.iter().any(|t| !t.is_stopped());
            return match (living || service.running > 0 || service.pending > 0, bills) {
                (true, _) => Self::Transitional,
                (false, true) => Self::Orphaned,
                (false, false) => Self::Standby,
            };
        }
        let wanted = Wanted {
            count: service.desired,
            ..wanted.clone()
        };
        let memory = Memory::default();
        if plan::up(Look {
            wanted: &wanted,
            seen,
            memory: &memory,
        })
        .is_done()
        {
            return Self::Active;
        }
        let starting = tasks.iter().any(|t| is_starting(t, seen.at));
        if starting || stopping {
            Self::Transitional
        } else {
            Self::Degraded
        }
    }
}

fn is_starting(task: &Task, now: Timestamp) -> bool {
    let young = task.created_at.is_some_and(|at| now.duration_since(at) < NORMAL_START);
    young && !task.is_running() && !task.is_ending()
}
