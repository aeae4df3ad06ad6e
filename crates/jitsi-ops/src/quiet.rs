//! The token without which nothing is taken from under a meeting.
//!
//! Every step that lowers a desired count, deletes a part of a load balancer or deregisters a live task carries a
//! [`Quiet`], and only this module can make one. Grounds: nothing is there that could hold a meeting; the guard has found
//! nobody, twice and once more; the operator has decided to end whatever is on.

use jiff::Timestamp;
use jitsi_config::GuardSource;

use crate::clock::{Clock, between};
use crate::guard::{FRESH_FOR, GuardReading, Overrule, QuietRun, Verdict, asked_about};
use crate::memory::Memory;
use crate::observation::{Observation, Service, Task};
use crate::reading::Reading;
use crate::wanted::Wanted;

/// Proof that nobody is in a meeting, or that the operator has overruled the guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// When it was seen; `None` where that does not matter.
    seen_at: Option<Timestamp>,
}

impl Quiet {
    /// Quiet because no task that has reached RUNNING is still there.
    ///
    /// # Errors
    /// Says which task may hold a meeting, or that the tasks could not be read: unknown is not quiet.
    pub fn because_nothing_runs(seen: &Observation) -> Result<Self, NotQuiet> {
        let tasks = match &seen.tasks {
            Reading::Here(tasks) => tasks,
            Reading::Unknown(failure) => {
                return Err(NotQuiet::Unknown {
                    reasons: vec![format!("whether a task runs is unknown: {failure}")],
                    may_pass: failure.may_pass(),
                });
            }
            Reading::Absent | Reading::NotRead => return Err(NotQuiet::NotYet),
        };
        match asked_about(tasks).next() {
            Some(task) => Err(NotQuiet::MayBeLive(task.short_id().to_owned())),
            None => Ok(Self {
                seen_at: Some(seen.tasks_at),
            }),
        }
    }

    /// Quiet enough to ask the service for no tasks.
    ///
    /// # Errors
    /// Why not, or not yet.
    pub fn for_scaling_in(seen: &Observation, memory: &Memory, wanted: &Wanted) -> Result<Self, NotQuiet> {
        if wanted.overrule == Overrule::Everything {
            return Ok(Self { seen_at: None });
        }
        if let Ok(quiet) = Self::because_nothing_runs(seen) {
            return Ok(quiet);
        }
        let Some(reading) = &seen.guard else {
            return Err(NotQuiet::NotYet);
        };
        Self::by_reading(reading, memory.quiet_run.as_ref(), wanted)
    }

    fn by_reading(reading: &GuardReading, run: Option<&QuietRun>, wanted: &Wanted) -> Result<Self, NotQuiet> {
        let confirmed = || match run.filter(|run| run.is_confirmed()) {
            Some(run) => Ok(Self {
                seen_at: Some(run.last()),
            }),
            None => Err(NotQuiet::NotYet),
        };
        match &reading.verdict {
            // The operator has decided to be blind: waiting would show nothing.
            Verdict::Quiet if wanted.guard.source == GuardSource::None => Ok(Self {
                seen_at: Some(reading.at),
            }),
            Verdict::Quiet => confirmed(),
            Verdict::Unknown { .. } if wanted.overrule >= Overrule::Unknown => confirmed(),
            // The tasks have changed since: the next look tells more.
            Verdict::NothingRuns => Err(NotQuiet::NotYet),
            Verdict::Busy(lines) => Err(NotQuiet::Busy(lines.clone())),
            Verdict::Unknown { reasons, may_pass } => Err(NotQuiet::Unknown {
                reasons: reasons.clone(),
                may_pass: *may_pass,
            }),
        }
    }

    /// Nobody can be helped any more by what belongs to a task that ECS is ending.
    ///
    /// # Errors
    /// When the task is not ending.
    pub fn because_it_ends(task: &Task) -> Result<Self, NotQuiet> {
        if task.is_ending() {
            Ok(Self { seen_at: None })
        } else {
            Err(NotQuiet::MayBeLive(task.short_id().to_owned()))
        }
    }

    /// Nobody can be led any more to a service that is asked for no task and whose tasks are all ending.
    ///
    /// # Errors
    /// When a task is asked for, or one is not ending.
    pub fn because_all_end(service: &Service, tasks: &[Task]) -> Result<Self, NotQuiet> {
        if service.desired > 0 {
            return Err(NotQuiet::NotYet);
        }
        match tasks.iter().find(|task| !task.is_ending()) {
            Some(task) => Err(NotQuiet::MayBeLive(task.short_id().to_owned())),
            None => Ok(Self { seen_at: None }),
        }
    }

    /// Whether it may still be acted upon now: at most [`FRESH_FOR`] old, the time included for which the machine slept.
    pub fn is_fresh(&self, clock: &Clock) -> bool {
        let limit = clock.at_least_thinking_time(FRESH_FOR);
        self.seen_at
            .is_none_or(|at| between(at, clock.awake_or_asleep()) <= limit)
    }
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotQuiet {
    /// This task has reached RUNNING and is not STOPPED.
    #[error("task `{0}` has reached RUNNING and may hold a meeting")]
    MayBeLive(String),
    /// Somebody is in a meeting.
    #[error("{}", .0.join("; "))]
    Busy(Vec<String>),
    /// It cannot be told.
    #[error("{}", .reasons.join("; "))]
    Unknown {
        /// Why.
        reasons: Vec<String>,
        /// Whether a later reading may tell.
        may_pass: bool,
    },
    /// Nobody was seen so far; it takes more readings.
    #[error("waiting for another reading")]
    NotYet,
}
