//! Writing the lock object, and finding out what came of it when the answer was lost.

use jiff::Timestamp;

use crate::access::Aws;
use crate::clock::Clock;
use crate::failure::AwsFailure;
use crate::objects::{self, Condition, Object};

use super::age::Age;
use super::holder::Body;

/// How many writes are remembered: more than can be under way, or be shown by a read, at the same time.
const REMEMBERED: usize = 16;

/// Writes the lock object of one run.
#[derive(Debug)]
pub(super) struct Pen {
    bucket: String,
    key: String,
    body: Body,
    /// What was sent, with the moment before it was: the newest last.
    sent: Vec<(u64, Age)>,
}

/// A write of ours that has taken effect.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) etag: String,
    /// Counted from the moment before it was sent: it cannot have taken effect earlier, so nobody who watches it can
    /// have seen it earlier.
    pub(super) age: Age,
    pub(super) counter: u64,
}

/// Whose the lock is after a write or a look.
#[derive(Debug)]
pub(super) enum Found {
    /// What stands there was written by us.
    Ours(Lease),
    /// It was written by somebody else.
    Theirs(Object),
    /// Nothing stands there.
    Nothing,
}

/// What came of a write.
#[derive(Debug)]
pub(super) struct Written {
    /// What stands there now. A lease of ours may be that of an earlier write.
    pub(super) found: Found,
    /// What went wrong with the write, if that had to be found out by reading.
    pub(super) failure: Option<AwsFailure>,
}

impl Pen {
    pub(super) fn new(bucket: String, key: String, body: Body) -> Self {
        Self {
            bucket,
            key,
            body,
            sent: Vec::new(),
        }
    }

    pub(super) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The counter of the last write that was sent.
    pub(super) fn last_sent(&self) -> u64 {
        self.body.counter
    }

    /// Since when we hold it, should the next write succeed.
    pub(super) fn hold_since(&mut self, now: Timestamp) {
        self.body.since = now;
    }

    /// Writes the lock under `condition`. Whatever the answer, or without one, what stands there afterwards decides.
    ///
    /// # Errors
    /// When that cannot be found out, or AWS refuses for another reason than the condition.
    pub(super) async fn write(
        &mut self,
        aws: &Aws,
        clock: &Clock,
        condition: Condition<'_>,
    ) -> Result<Written, AwsFailure> {
        self.body.counter += 1;
        let (counter, age) = (self.body.counter, Age::begin(clock.now()));
        if self.sent.len() == REMEMBERED {
            self.sent.remove(0);
        }
        self.sent.push((counter, age));
        let failure = match objects::put(aws, &self.bucket, &self.key, self.body.to_bytes(), condition).await {
            Ok(etag) => {
                let found = Found::Ours(Lease { etag, age, counter });
                return Ok(Written { found, failure: None });
            }
            Err(failure) if is_settled_by_reading(&failure) => failure,
            Err(failure) => return Err(failure),
        };
        // The write may have taken effect though its answer was lost, and the SDK's next attempt was then refused.
        match self.look(aws).await {
            Ok(found) => Ok(Written {
                found,
                failure: Some(failure),
            }),
            Err(unread) if unread.may_pass() => Err(failure),
            Err(unread) => Err(unread),
        }
    }

    /// Reads the lock.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) async fn look(&self, aws: &Aws) -> Result<Found, AwsFailure> {
        Ok(match objects::get(aws, &self.bucket, &self.key).await? {
            None => Found::Nothing,
            Some(object) => match self.recognised(&object) {
                Some(lease) => Found::Ours(lease),
                None => Found::Theirs(object),
            },
        })
    }

    /// Deletes the lock, if `etag` still stands there.
    ///
    /// # Errors
    /// As AWS answers; it may have been deleted though the answer was lost.
    pub(super) async fn erase(&self, aws: &Aws, etag: &str) -> Result<(), AwsFailure> {
        objects::delete(aws, &self.bucket, &self.key, Some(etag)).await
    }

    /// The write of ours that `object` is: our nonce, and a counter that we have sent.
    fn recognised(&self, object: &Object) -> Option<Lease> {
        let body = Body::read(&object.body).filter(|body| body.nonce == self.body.nonce)?;
        let (counter, age) = *self.sent.iter().find(|(counter, _)| *counter == body.counter)?;
        Some(Lease {
            etag: object.etag.clone(),
            age,
            counter,
        })
    }
}

/// Whether what stands there tells what came of the write or deletion: its answer was lost, or its condition did not hold
/// (any more), or another write was in progress.
pub(super) fn is_settled_by_reading(failure: &AwsFailure) -> bool {
    failure.may_pass() || objects::is_unmet(failure) || objects::is_gone(failure) || objects::is_conflict(failure)
}
