//! The token without which nothing is taken from under a meeting.
//!
//! Every step that lowers a desired count, deletes a part of a load balancer or deregisters a live task carries a
//! [`Quiet`], and only this module can make one. The only ground for one is, so far, that no task which could hold a
//! meeting exists: a task that has never reached RUNNING, or is STOPPED, holds none.

use crate::observation::Task;
use crate::reading::Reading;

/// Proof that nobody is in a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quiet(());

impl Quiet {
    /// Quiet because no task that has reached RUNNING is still there.
    ///
    /// # Errors
    /// Says which task may hold a meeting, or that the tasks could not be read: unknown is not quiet.
    pub fn because_nothing_runs(tasks: &Reading<Vec<Task>>) -> Result<Self, NotQuiet> {
        let tasks = match tasks {
            Reading::Here(tasks) => tasks,
            Reading::Unknown(failure) => return Err(NotQuiet::Unknown(failure.to_string())),
            Reading::Absent | Reading::NotRead => {
                return Err(NotQuiet::Unknown("the tasks were not read yet".to_owned()));
            }
        };
        match tasks.iter().find(|t| !t.is_stopped() && t.has_run()) {
            Some(task) => Err(NotQuiet::MayBeLive(task.short_id().to_owned())),
            None => Ok(Self(())),
        }
    }
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotQuiet {
    /// This task has reached RUNNING and is not STOPPED.
    #[error("task `{0}` has reached RUNNING and may hold a meeting")]
    MayBeLive(String),
    /// The tasks could not be read.
    #[error("whether a task runs is unknown: {0}")]
    Unknown(String),
}
