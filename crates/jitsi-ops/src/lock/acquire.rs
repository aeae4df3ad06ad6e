//! Taking the lock in the bucket: at once, when it is given back, or when its holder has been silent for a lifetime.

use std::time::Duration;

use jiff::Timestamp;

use crate::access::Aws;
use crate::clock::{Clock, between};
use crate::failure::AwsFailure;
use crate::identity::PlatformKey;
use crate::objects::{self, Condition, Object};

use super::age::Age;
use super::held::Held;
use super::holder::{Body, Holder};
use super::pen::{Found, Pen, Written, is_settled_by_reading};
use super::{Inner, LIFETIME, LockError, LockRequest, POLL, TROUBLE_PAUSE, object_key};

/// How long to try when nothing can be read or written.
const PATIENCE: Duration = Duration::from_secs(30);
/// The shortest pause between two looks, where a moment is awaited.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);

/// Somebody else's lock, as it was first seen with this ETag.
struct Watch {
    etag: String,
    holder: Holder,
    seen: Age,
}

impl Watch {
    /// Begins with the answer that showed it, which is later than the write that it shows.
    fn of(object: &Object, now: Timestamp) -> Self {
        Self {
            etag: object.etag.clone(),
            holder: Holder::of(&object.body),
            seen: Age::begin(now),
        }
    }

    fn takeover_in(&self, now: Timestamp) -> Duration {
        LIFETIME.saturating_sub(self.seen.at(now))
    }
}

pub(super) async fn in_bucket(
    aws: &Aws,
    request: &LockRequest,
    bucket: &str,
    platform: &PlatformKey,
    clock: &Clock,
    mut waiting: impl FnMut(&Holder, Option<Duration>),
) -> Result<Inner, LockError> {
    let began = clock.now();
    let body = Body::new(&request.who, request.operation, &request.nonce);
    let key = object_key(platform);
    let mut pen = Pen::new(bucket.to_owned(), key, body);
    let mut watch: Option<Watch> = None;
    let mut trouble_since: Option<Timestamp> = None;
    loop {
        let sent = clock.now();
        let (found, failure) = match try_once(&mut pen, watch.as_ref(), aws, clock).await {
            Ok(Written { found, failure }) => (Some(found), failure),
            Err(failure) => (None, Some(failure)),
        };
        let now = clock.now();
        match found {
            Some(Found::Ours(lease)) => {
                return Ok(Inner::Bucket(Box::new(Held::new(pen, lease, &platform.service))));
            }
            Some(Found::Theirs(object)) => {
                trouble_since = None;
                let alive = watch.as_ref().is_some_and(|it| it.etag != object.etag);
                if alive && request.only_from_the_dead {
                    return Err(LockError::Busy {
                        service: platform.service.clone(),
                        holder: Holder::of(&object.body),
                        takeover_in: Some(LIFETIME),
                    });
                }
                if watch.as_ref().is_none_or(|it| it.etag != object.etag) {
                    watch = Some(Watch::of(&object, now));
                }
            }
            Some(Found::Nothing) => {
                watch = None;
                if failure.is_none() {
                    continue;
                }
            }
            None => {}
        }
        if let Some(failure) = &failure {
            let since = *trouble_since.get_or_insert(sent);
            let may_pass = is_settled_by_reading(failure);
            if !may_pass || watch.is_none() && between(since, now) >= PATIENCE {
                return without(aws, request, bucket, failure);
            }
        }
        let mut pause = TROUBLE_PAUSE;
        if let Some(it) = &watch {
            let left = request.wait.saturating_sub(between(began, now));
            let takeover = it.takeover_in(now);
            if left.is_zero() && (failure.is_some() || !takeover.is_zero()) {
                return Err(LockError::Busy {
                    service: platform.service.clone(),
                    holder: it.holder.clone(),
                    takeover_in: Some(takeover),
                });
            }
            waiting(&it.holder, Some(takeover));
            if failure.is_none() {
                pause = POLL.min(left).min(takeover).max(SHORTEST_PAUSE);
            }
        }
        clock.sleep(pause).await;
    }
}

/// Creates the lock, or takes it over when its time has come, or looks at it.
async fn try_once(pen: &mut Pen, watch: Option<&Watch>, aws: &Aws, clock: &Clock) -> Result<Written, AwsFailure> {
    let now = clock.now();
    let condition = match watch {
        None => Condition::Absent,
        Some(it) if it.takeover_in(now).is_zero() => Condition::Unchanged(&it.etag),
        Some(_) => {
            let found = pen.look(aws).await?;
            return Ok(Written { found, failure: None });
        }
    };
    pen.hold_since(now);
    pen.write(aws, clock, condition).await
}

/// The end of a run that could not find out whose the lock is. Somebody who was seen to hold it is never passed over.
fn without(aws: &Aws, request: &LockRequest, bucket: &str, failure: &AwsFailure) -> Result<Inner, LockError> {
    if request.unlocked_on_transport_failure && failure.may_pass() {
        return Ok(Inner::Unlocked {
            why: format!("{failure}: {}", failure.reason()),
        });
    }
    Err(LockError::Failed(objects::problem(aws, bucket, "lock", failure)))
}
