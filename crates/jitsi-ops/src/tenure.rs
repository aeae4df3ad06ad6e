//! A platform kept in one run's hands over several operations, with one lock and one entry in the journal.
//!
//! Who tests a platform brings it up, looks at it and takes it down again; nobody may come in between. So it takes custody
//! once, and each operation that runs on its [`Desk`] works under that instead of under its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::access::Aws;
use crate::clock::Clock;
use crate::custody::{Custody, Desk, Knowledge, Operation, tell_of_the_holder};
use crate::event::Observer;
use crate::observation::Observation;
use crate::plan::Warning;
use crate::problem::{Problem, ProblemKind};
use crate::wanted::Wanted;

/// The name of the operation that tests a platform, in lock and journal.
pub const TEST_PLATFORM: &str = "test-platform";

/// How often it is looked whether the lock is due, while nobody works under it.
const LOOK: Duration = Duration::from_secs(5);

/// Custody of a platform that lasts from one operation to the next.
#[derive(Clone, Debug)]
pub struct Tenure(Arc<Mutex<Slot>>);

#[derive(Debug)]
enum Slot {
    /// Nobody works under it now.
    Free(Box<Custody>),
    /// An operation works under it, or was left in the middle.
    Lent,
}

impl Tenure {
    /// Waits for the lock of the platform that was seen, and begins an entry in the journal under this name. What was seen
    /// before counts for nothing afterwards: another run may have been at work until a moment ago. The warnings are what
    /// the operator should know of lock and journal.
    ///
    /// # Errors
    /// Another run holds the lock, or it cannot be written.
    pub async fn begin(
        aws: &Aws,
        wanted: &Wanted,
        seen: &Observation,
        desk: &Desk,
        name: &'static str,
        clock: &Clock,
        observer: Observer<'_>,
    ) -> Result<(Self, Vec<Warning>), Problem> {
        let operation = Operation {
            name,
            unlocked_on_transport_failure: false,
            settles: false,
            lets_go: None,
        };
        let waiting = tell_of_the_holder(observer, clock);
        let (custody, warnings) =
            Custody::take(aws, desk, operation, Knowledge::of(wanted, seen), clock, waiting).await?;
        Ok((Self(Arc::new(Mutex::new(Slot::Free(Box::new(custody))))), warnings))
    }

    /// Keeps the lock while nobody works under it. Ends only when it is lost.
    pub async fn keep(&self, aws: &Aws, clock: &Clock) -> Problem {
        loop {
            match self.renew_if_due(aws, clock).await {
                Ok(pause) => clock.sleep(pause).await,
                Err(problem) => return problem,
            }
        }
    }

    /// Renews the lock if that is due and nobody works under it. Returns in how long it is to be looked again.
    ///
    /// # Errors
    /// When it is lost. That it could not be reached now is no error yet.
    pub(crate) async fn renew_if_due(&self, aws: &Aws, clock: &Clock) -> Result<Duration, Problem> {
        let mut slot = self.0.lock().await;
        let Slot::Free(custody) = &mut *slot else {
            return Ok(LOOK);
        };
        match custody.renewal_in(clock.now()) {
            Some(due) if due.is_zero() => custody.renew(aws, clock).await?,
            due => return Ok(due.unwrap_or(LOOK).min(LOOK)),
        }
        Ok(LOOK)
    }

    /// Lends it to an operation.
    ///
    /// # Errors
    /// It is lent already, or was never given back.
    pub(crate) async fn lend(&self) -> Result<Custody, Problem> {
        match std::mem::replace(&mut *self.0.lock().await, Slot::Lent) {
            Slot::Free(custody) => Ok(*custody),
            Slot::Lent => Err(Problem::new(
                ProblemKind::Failed,
                "an operation of this run was stopped in the middle, so nothing is changed any more",
            )),
        }
    }

    /// Takes it back from an operation.
    pub(crate) async fn take_back(&self, custody: Custody) {
        *self.0.lock().await = Slot::Free(Box::new(custody));
    }

    /// Closes the entry with what is there now, and gives the lock back. Returns what the operator should know.
    pub async fn end(
        self,
        aws: &Aws,
        wanted: &Wanted,
        seen: &Observation,
        clock: &Clock,
        outcome: &str,
        problem: Option<&Problem>,
    ) -> Vec<Warning> {
        match self.lend().await {
            Ok(custody) => {
                let knows = Knowledge::of(wanted, seen);
                custody.give_back(aws, clock, knows, outcome, problem).await
            }
            // The lock ends by itself, and whoever comes next closes the entry.
            Err(_) => Vec::new(),
        }
    }
}
