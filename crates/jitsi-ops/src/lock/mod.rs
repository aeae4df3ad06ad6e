//! One operation at a time on a platform.
//!
//! The lock is an object in the platform's bucket, written only where there is none, and renewed and released only over
//! one's own writing. Nobody's clock and no time in it are trusted: it may be taken over once its ETag was watched
//! unchanged for a whole [`LIFETIME`]. Who holds it counts the lifetime from the moment before the last good write was
//! sent, and that is earlier than anybody else can have seen it: so nobody takes over while the holder [covers] a call.
//! An answer that was lost is settled by reading what stands there.
//!
//! Without a bucket the lock is a file on this machine, which keeps only this machine's runs apart.
//!
//! What it cannot do: a call that was sent in time may take effect at AWS after its timeout. Every step is idempotent,
//! and whoever comes next looks again.
//!
//! [covers]: Lock::covers

mod acquire;
mod age;
mod held;
mod holder;
mod machine;
mod peek;
mod pen;
mod words;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::access::Aws;
use crate::clock::Clock;
use crate::identity::{PlatformKey, Who};
use crate::problem::Problem;

use held::Held;
pub use holder::Holder;
use machine::MachineLock;
pub use peek::{Sighting, peek};

/// For how long a write of the lock holds.
pub const LIFETIME: Duration = Duration::from_secs(90);
/// A renewal is due so long after the last good write began: two more can fail before a call is no longer covered.
const RENEWAL_AFTER: Duration = Duration::from_secs(20);
/// From a renewal that failed to the next.
const AFTER_FAILED_RENEWAL: Duration = Duration::from_secs(5);
/// From one look at somebody else's lock to the next.
const POLL: Duration = Duration::from_secs(5);
/// Between two tries of a call of which it is not clear what came of it.
const TROUBLE_PAUSE: Duration = Duration::from_secs(1);

/// Who wants which lock, and how patiently.
#[derive(Clone, Debug)]
pub struct LockRequest {
    /// Which lock.
    pub place: Place,
    /// What the run does, for those who have to wait: `scale-up`.
    pub operation: &'static str,
    /// Who it is, likewise.
    pub who: Who,
    /// Random, and another for each run: by it a run knows its own writing.
    pub nonce: String,
    /// How long to wait for somebody else's lock. Whoever died while holding it is waited out in little more than
    /// [`LIFETIME`].
    pub wait: Duration,
    /// Do not wait for somebody who is alive: give up as soon as the lock is renewed, or changes hands.
    pub only_from_the_dead: bool,
    /// Go on without a lock when the bucket cannot be reached at all, and nobody was seen to hold it.
    pub unlocked_on_transport_failure: bool,
}

/// Where the lock is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `ops-lock/<account>/<region>/<cluster>/<service>.json` in a bucket.
    Bucket {
        /// The bucket's name.
        bucket: String,
        /// Which platform.
        platform: PlatformKey,
    },
    /// `locks/<account>/<region>/<cluster>/<service>.lock` in a folder of this machine.
    Machine {
        /// The user's state folder; it is made if it does not exist.
        folder: PathBuf,
        /// Which platform.
        platform: PlatformKey,
    },
}

/// Under which key a bucket has the lock of `platform`.
fn object_key(platform: &PlatformKey) -> String {
    format!("ops-lock/{}.json", platform.path())
}

impl Place {
    /// The platform that is locked.
    pub fn platform(&self) -> &PlatformKey {
        match self {
            Self::Bucket { platform, .. } | Self::Machine { platform, .. } => platform,
        }
    }
}

/// What a lock is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// It keeps out every run, wherever it is.
    Bucket,
    /// It keeps out the runs of this machine only.
    Machine,
    /// There is none: the bucket could not be reached.
    Unlocked {
        /// Why, in one line.
        why: String,
    },
}

/// Why there is no lock, or no longer.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else holds it.
    #[error("another run holds the lock of service `{service}`: {holder}")]
    Busy {
        /// The service that is locked.
        service: String,
        /// Who holds it.
        holder: Holder,
        /// In how long it would be taken over if it is not renewed; `None` where the kernel frees it.
        takeover_in: Option<Duration>,
    },
    /// It was taken over, or removed, while we believed to hold it: change nothing any more.
    #[error("the lock of service `{service}` was lost")]
    Lost {
        /// The service that was locked.
        service: String,
        /// Who holds it now, if anybody does.
        now: Option<Holder>,
    },
    /// It could not be read or written.
    #[error(transparent)]
    Failed(Problem),
}

/// A lock that this run holds. Dropping it does not release it; others then have to wait until its lifetime is over.
#[derive(Debug)]
#[must_use = "release it, or others have to wait until its lifetime is over"]
pub struct Lock(Inner);

#[derive(Debug)]
enum Inner {
    Bucket(Box<Held>),
    Machine(MachineLock),
    Unlocked { why: String },
}

/// Takes the lock of `request.place`, as soon as it is free, within `request.wait`.
///
/// While somebody else holds it, `waiting` is called with each look at it (every 5 s): who holds it, and in how long it
/// will be taken over unless it is renewed (`None` for a lock of this machine). May be dropped at any moment; then what
/// was just written may stand until its lifetime is over.
///
/// # Errors
/// [`LockError::Busy`] when the wait is over; [`LockError::Failed`] when the bucket or folder cannot be used: what is
/// wrong with configuration or permissions at once, what may pass after 30 s.
pub async fn acquire(
    aws: &Aws,
    request: &LockRequest,
    clock: &Clock,
    waiting: impl FnMut(&Holder, Option<Duration>),
) -> Result<Lock, LockError> {
    let inner = match &request.place {
        Place::Bucket { bucket, platform } => {
            acquire::in_bucket(aws, request, bucket, platform, clock, waiting).await?
        }
        Place::Machine { folder, platform } => {
            Inner::Machine(machine::acquire(request, folder, platform, clock, waiting).await?)
        }
    };
    Ok(Lock(inner))
}

impl Lock {
    /// What it is worth.
    pub fn kind(&self) -> LockKind {
        match &self.0 {
            Inner::Bucket(_) => LockKind::Bucket,
            Inner::Machine(_) => LockKind::Machine,
            Inner::Unlocked { why } => LockKind::Unlocked { why: why.clone() },
        }
    }

    /// For how long it still holds at `now` by the run's clock; `None`: without an end.
    pub fn remaining(&self, now: Timestamp) -> Option<Duration> {
        match &self.0 {
            Inner::Bucket(held) => Some(held.remaining(now)),
            Inner::Machine(_) | Inner::Unlocked { .. } => None,
        }
    }

    /// Whether a call that is sent at `now` and takes at most `call` ends before anybody can take the lock over.
    pub fn covers(&self, now: Timestamp, call: Duration) -> bool {
        self.remaining(now).is_none_or(|remaining| remaining > call)
    }

    /// In how long the next renewal is due; zero: now; `None`: never.
    pub fn renewal_in(&self, now: Timestamp) -> Option<Duration> {
        match &self.0 {
            Inner::Bucket(held) => Some(held.renewal_in(now)),
            Inner::Machine(_) | Inner::Unlocked { .. } => None,
        }
    }

    /// Makes it hold for another lifetime.
    ///
    /// # Errors
    /// [`LockError::Lost`]: stop. [`LockError::Failed`]: it could not be reached; what [`Lock::covers`] says still holds,
    /// and the next renewal is due in 5 s.
    pub async fn renew(&mut self, aws: &Aws, clock: &Clock) -> Result<(), LockError> {
        match &mut self.0 {
            Inner::Bucket(held) => held.renew(aws, clock).await,
            Inner::Machine(_) | Inner::Unlocked { .. } => Ok(()),
        }
    }

    /// To be called before every call that changes something and takes at most `call`: renews the lock if that is due or
    /// necessary, and says whether the call may be made.
    ///
    /// # Errors
    /// When it is lost, or does not cover the call and cannot be renewed: the call must not be made.
    pub async fn ensure(&mut self, aws: &Aws, clock: &Clock, call: Duration) -> Result<(), LockError> {
        let now = clock.now();
        if self.renewal_in(now).is_none_or(|due| !due.is_zero()) && self.covers(now, call) {
            return Ok(());
        }
        match self.renew(aws, clock).await {
            Ok(()) if !self.covers(clock.now(), call) => Err(LockError::Failed(words::too_slow())),
            Err(LockError::Failed(_)) if self.covers(clock.now(), call) => Ok(()),
            result => result,
        }
    }

    /// Gives it back.
    ///
    /// # Errors
    /// [`LockError::Lost`] when somebody else had taken it over; [`LockError::Failed`] when the bucket cannot be reached:
    /// then others have to wait until its lifetime is over.
    pub async fn release(self, aws: &Aws, clock: &Clock) -> Result<(), LockError> {
        match self.0 {
            Inner::Bucket(held) => held.release(aws, clock).await,
            Inner::Machine(lock) => {
                lock.release();
                Ok(())
            }
            Inner::Unlocked { .. } => Ok(()),
        }
    }
}
