//! Custody of a platform while a run changes it: the lock is held, and the journal has an entry that was begun.
//!
//! It is taken before the first change and given back at the end. Looking needs none, nor does writing a hold or a lease.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::access::{Aws, OPERATION_TIMEOUT};
use crate::clock::{Clock, between};
use crate::event::{Event, EventKind, Observer};
use crate::identity::{PlatformKey, Who};
use crate::journal::{Charged, Entry, Journal, Outcome, Resource, Settlement};
use crate::lock::{self, Holder, Lock, LockError, LockRequest, Place};
use crate::observation::{Bucket, Observation};
use crate::plan::Warning;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::session::Removed;
use crate::state::State;
use crate::tenure::Tenure;
use crate::wanted::Wanted;

/// A lock that was there so soon was not waited for.
pub(crate) const AT_ONCE: Duration = Duration::from_secs(3);
/// Beside a lock's lifetime, for the looks at it.
const SPARE: Duration = Duration::from_secs(15);

/// Who runs, and where a machine keeps its part of lock and journal.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Who runs the command, for those who have to wait.
    pub who: Who,
    /// The user's state folder.
    pub state_folder: PathBuf,
    /// How long to wait for another run.
    pub lock_wait: Duration,
    /// Random, another for each run.
    pub nonce: String,
    /// What the run works under that has taken the platform into its hands already, for several operations.
    pub tenure: Option<Tenure>,
}

/// How a run uses its desk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// `scale-up`, `scale-down`.
    pub(crate) name: &'static str,
    /// Whether it goes on without a lock where the bucket cannot be reached at all. Who takes away what bills does.
    pub(crate) unlocked_on_transport_failure: bool,
    /// Whether it closes what others have left open in the journal, though it has nothing to change itself.
    pub(crate) settles: bool,
    /// What it calls its work when all its steps are taken and only time is missing: then it gives the platform out of its
    /// hands. `None`: it keeps it to its end.
    pub(crate) lets_go: Option<&'static str>,
}

/// A platform in this run's hands.
#[derive(Debug)]
pub(crate) struct Custody {
    lock: Lock,
    journal: Journal,
    entry: Entry,
}

/// What is known when custody is taken or given back.
pub(crate) struct Knowledge<'a> {
    pub(crate) wanted: &'a Wanted,
    pub(crate) seen: &'a Observation,
    pub(crate) removed: &'a [Removed],
    /// The load balancer that this run has seen become active.
    pub(crate) turned_active: Option<&'a (String, Timestamp)>,
}

impl<'a> Knowledge<'a> {
    /// Of a run that has changed nothing.
    pub(crate) fn of(wanted: &'a Wanted, seen: &'a Observation) -> Self {
        Self {
            wanted,
            seen,
            removed: &[],
            turned_active: None,
        }
    }
}

impl Custody {
    /// Waits for the lock, closes what other runs left open in the journal, and begins this run's own entry.
    ///
    /// # Errors
    /// Another run holds the lock, or it cannot be written.
    pub(crate) async fn take(
        aws: &Aws,
        desk: &Desk,
        operation: Operation,
        knows: Knowledge<'_>,
        clock: &Clock,
        waiting: impl FnMut(&Holder, Option<Duration>),
    ) -> Result<(Self, Vec<Warning>), Problem> {
        let Some(platform) = key(knows.wanted, knows.seen) else {
            let problem = Problem::new(
                crate::problem::ProblemKind::Failed,
                "the account is not known, so nothing is changed",
            );
            return Err(problem);
        };
        let place = place(desk, knows.wanted, knows.seen, &platform);
        let mut journal = Journal::new(&desk.state_folder, bucket_of(&place), platform.clone());
        let request = request(desk, operation, place);
        let asked = clock.now();
        let lock = lock::acquire(aws, &request, clock, waiting).await?;
        let state = State::of(knows.wanted, knows.seen).as_str();
        let profile = knows.wanted.profile.clone();
        let mut entry = Entry::begun(operation.name, platform, profile, &desk.who, &desk.nonce, clock.now());
        entry.from_state = Some(state.to_owned());
        entry.add_resources(&resources(&knows));
        let settlement = settlement(desk, &knows, asked, clock.now());
        let mut warnings: Vec<Warning> = lock.caveat().into_iter().collect();
        warnings.extend(journal.settle(aws, &lock, &settlement).await.warnings);
        warnings.extend(journal.begin(aws, &entry).await);
        Ok((Self { lock, journal, entry }, warnings))
    }

    /// For a run that has changed nothing: closes what runs that died have left open in the journal. Only where there is
    /// something to close it takes the lock, from nobody who is alive; `interrupt` ends the waiting for it.
    /// `None`: there was nothing to close.
    pub(crate) async fn settle_for_others(
        aws: &Aws,
        desk: &Desk,
        operation: Operation,
        knows: Knowledge<'_>,
        clock: &Clock,
        interrupt: &CancellationToken,
        waiting: impl FnMut(&Holder, Option<Duration>),
    ) -> Option<Vec<Warning>> {
        let platform = key(knows.wanted, knows.seen)?;
        let place = place(desk, knows.wanted, knows.seen, &platform);
        let mut journal = Journal::new(&desk.state_folder, bucket_of(&place), platform);
        // A run that has nothing to write down does not complain that it cannot read.
        let disorder = journal.is_in_disorder(aws, &desk.nonce, clock.now()).await;
        disorder.ok().filter(|disorder| *disorder)?;
        let mut request = request(desk, operation, place);
        request.only_from_the_dead = true;
        // The kernel frees what is of this machine; in the bucket a dead run's lock is watched for its lifetime.
        request.wait = match &request.place {
            Place::Bucket { .. } if !desk.lock_wait.is_zero() => lock::LIFETIME + SPARE,
            _ => Duration::ZERO,
        };
        let asked = clock.now();
        let lock = tokio::select! {
            biased;
            () = interrupt.cancelled() => return Some(Vec::new()),
            lock = lock::acquire(aws, &request, clock, waiting) => lock,
        };
        let lock = match lock {
            Ok(lock) => lock,
            Err(LockError::Busy { .. } | LockError::Lost { .. }) => return Some(Vec::new()),
            Err(LockError::Failed(problem)) => {
                let message = format!("what an earlier run has left open in the journal was not closed: {problem}");
                let hint = problem.hints.first().cloned();
                return Some(vec![Warning { message, hint }]);
            }
        };
        let settlement = settlement(desk, &knows, asked, clock.now());
        let mut warnings = journal.settle(aws, &lock, &settlement).await.warnings;
        warnings.extend(release(lock, aws, clock).await);
        Some(warnings)
    }

    /// To be called before every change: whether the lock still covers a call.
    ///
    /// # Errors
    /// When it is lost, or cannot be renewed in time: nothing may be changed any more.
    pub(crate) async fn ensure(&mut self, aws: &Aws, clock: &Clock) -> Result<(), Problem> {
        Ok(self.lock.ensure(aws, clock, OPERATION_TIMEOUT).await?)
    }

    /// When to renew while nothing is changed, so that the lock is not lost over a long wait.
    pub(crate) fn renewal_in(&self, now: Timestamp) -> Option<Duration> {
        let remaining = self.lock.remaining(now)?;
        Some(remaining.saturating_sub(OPERATION_TIMEOUT))
    }

    /// Renews the lock.
    ///
    /// # Errors
    /// When somebody else has it. That it could not be reached now is no error yet.
    pub(crate) async fn renew(&mut self, aws: &Aws, clock: &Clock) -> Result<(), Problem> {
        match self.lock.renew(aws, clock).await {
            Ok(()) | Err(LockError::Failed(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes what there is now for the entry, without writing it.
    pub(crate) fn note(&mut self, knows: &Knowledge<'_>) {
        self.entry.to_state = Some(State::of(knows.wanted, knows.seen).as_str().to_owned());
        self.entry.add_resources(&resources(knows));
    }

    /// Closes the entry and gives the lock back.
    pub(crate) async fn give_back(
        mut self,
        aws: &Aws,
        clock: &Clock,
        knows: Knowledge<'_>,
        outcome: &str,
        problem: Option<&Problem>,
    ) -> Vec<Warning> {
        self.note(&knows);
        self.entry.ended = Some(clock.now());
        self.entry.outcome = Outcome::Ended(outcome.to_owned());
        self.entry.problem = problem.map(ToString::to_string);
        let mut warnings = self.journal.close(aws, &self.entry).await;
        warnings.extend(release(self.lock, aws, clock).await);
        warnings
    }
}

/// Tells once for each holder that it is waited for.
pub(crate) fn tell_of_the_holder(observer: Observer<'_>, clock: &Clock) -> impl FnMut(&Holder, Option<Duration>) {
    let mut told = None;
    move |holder, takeover_in| {
        if told.as_ref() != Some(holder) {
            told = Some(holder.clone());
            let holder = holder.to_string();
            observer(Event {
                at: clock.now(),
                kind: EventKind::WaitingForLock { holder, takeover_in },
            });
        }
    }
}

async fn release(lock: Lock, aws: &Aws, clock: &Clock) -> Option<Warning> {
    let error = lock.release(aws, clock).await.err()?;
    Some(Warning {
        message: format!("the lock could not be given back: {error}"),
        hint: Some(format!(
            "another run has to wait for up to {} s, then it takes the lock over",
            lock::LIFETIME.as_secs()
        )),
    })
}

/// What may be said of the platform in the entries of others: nothing, if it was looked at before a wait for the lock.
fn settlement<'a>(desk: &'a Desk, knows: &Knowledge<'_>, asked: Timestamp, now: Timestamp) -> Settlement<'a> {
    let fresh = between(asked, now) < AT_ONCE;
    Settlement {
        nonce: &desk.nonce,
        who: &desk.who,
        now,
        state: fresh.then(|| State::of(knows.wanted, knows.seen).as_str()),
        resources: if fresh { resources(knows) } else { Vec::new() },
    }
}

fn request(desk: &Desk, operation: Operation, place: Place) -> LockRequest {
    LockRequest {
        place,
        operation: operation.name,
        who: desk.who.clone(),
        nonce: desk.nonce.clone(),
        wait: desk.lock_wait,
        only_from_the_dead: false,
        unlocked_on_transport_failure: operation.unlocked_on_transport_failure,
    }
}

fn bucket_of(place: &Place) -> Option<String> {
    match place {
        Place::Bucket { bucket, .. } => Some(bucket.clone()),
        Place::Machine { .. } => None,
    }
}

/// Where the lock of the platform is; `None`: its account is not known.
pub(crate) fn lock_place(desk: &Desk, wanted: &Wanted, seen: &Observation) -> Option<Place> {
    Some(place(desk, wanted, seen, &key(wanted, seen)?))
}

fn key(wanted: &Wanted, seen: &Observation) -> Option<PlatformKey> {
    Some(PlatformKey {
        account: seen.identity.here()?.account.clone(),
        region: wanted.region.clone(),
        cluster: wanted.cluster.clone(),
        service: wanted.service.clone(),
    })
}

/// The platform's bucket; where it has none that can be used, this machine.
fn place(desk: &Desk, wanted: &Wanted, seen: &Observation, platform: &PlatformKey) -> Place {
    let bucket = match &seen.bucket {
        Reading::Here(Bucket::Reachable(name) | Bucket::Forbidden(name, _)) => Some(name.clone()),
        Reading::Here(Bucket::Missing(_) | Bucket::Elsewhere(..) | Bucket::NoneNamed | Bucket::Several(_)) => None,
        Reading::Unknown(_) | Reading::NotRead | Reading::Absent => wanted.bucket.clone(),
    };
    let platform = platform.clone();
    match bucket {
        Some(bucket) => Place::Bucket { bucket, platform },
        None => Place::Machine {
            folder: desk.state_folder.clone(),
            platform,
        },
    }
}

/// What of the platform costs money by the hour: what there is, and what this run has ended.
fn resources(knows: &Knowledge<'_>) -> Vec<Resource> {
    let seen = knows.seen;
    let active = |arn: &str| knows.turned_active.filter(|(active, _)| active == arn);
    let balancer = seen.load_balancer.here().map(|balancer| Resource {
        kind: "load balancer".to_owned(),
        name: balancer.name.clone(),
        arn: Some(balancer.arn.clone()),
        created_at: balancer.created_at,
        deleted_at: None,
        charged: Charged {
            from: active(&balancer.arn).map(|(_, since)| *since),
            ..Charged::of_balancer(balancer)
        },
    });
    let public = seen.service.here().and_then(|service| service.public_ip);
    let tasks = seen.tasks().iter().map(|task| Resource {
        kind: "task".to_owned(),
        name: task.id().to_owned(),
        arn: Some(task.arn.clone()),
        created_at: task.created_at,
        deleted_at: task.stopped_at,
        charged: Charged::of_task(task, public),
    });
    let removed = knows
        .removed
        .iter()
        .filter(|r| r.kind == "load balancer")
        .map(|removed| Resource {
            kind: removed.kind.to_owned(),
            name: removed.name.clone(),
            arn: Some(removed.arn.clone()),
            created_at: removed.from,
            deleted_at: Some(removed.until),
            charged: Charged {
                from: active(&removed.arn).map(|(_, since)| *since),
                ..Charged::default()
            },
        });
    balancer.into_iter().chain(tasks).chain(removed).collect()
}
