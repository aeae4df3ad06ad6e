//! A lock that is held in the bucket: renewing and releasing it.

use std::time::Duration;

use jiff::Timestamp;

use crate::access::Aws;
use crate::clock::{Clock, between};
use crate::failure::AwsFailure;
use crate::objects::{self, Condition};

use super::holder::Holder;
use super::pen::{Found, Lease, Pen, Written, is_settled_by_reading};
use super::{AFTER_FAILED_RENEWAL, LIFETIME, LockError, RENEWAL_AFTER, TROUBLE_PAUSE};

use super::age::Age;

/// How long one renewal or release is tried, on top of the call that is under way.
const TRIED_FOR: Duration = Duration::from_secs(10);

/// A lock in the bucket.
#[derive(Debug)]
pub(super) struct Held {
    pen: Pen,
    lease: Lease,
    /// The service, for messages.
    service: String,
    /// When a renewal failed last, if it did since the last good one.
    failed: Option<Age>,
}

impl Held {
    pub(super) fn new(pen: Pen, lease: Lease, service: &str) -> Self {
        Self {
            pen,
            lease,
            service: service.to_owned(),
            failed: None,
        }
    }

    /// For how long nobody who keeps the rules can take it over.
    pub(super) fn remaining(&self, now: Timestamp) -> Duration {
        LIFETIME.saturating_sub(self.lease.age.at(now))
    }

    pub(super) fn renewal_in(&self, now: Timestamp) -> Duration {
        let due = RENEWAL_AFTER.saturating_sub(self.lease.age.at(now));
        let paused = self.failed.map_or(Duration::ZERO, |failed| {
            AFTER_FAILED_RENEWAL.saturating_sub(failed.at(now))
        });
        due.max(paused)
    }

    pub(super) async fn renew(&mut self, aws: &Aws, clock: &Clock) -> Result<(), LockError> {
        let began = clock.now();
        loop {
            let etag = self.lease.etag.clone();
            let written = self.pen.write(aws, clock, Condition::Unchanged(&etag)).await;
            let failure = match written {
                Ok(Written { found, failure }) => match found {
                    Found::Ours(lease) => {
                        let newest = lease.counter == self.pen.last_sent();
                        self.lease = lease;
                        match failure {
                            Some(failure) if !newest => failure,
                            _ => break,
                        }
                    }
                    Found::Theirs(object) => return Err(self.lost(Some(Holder::of(&object.body)))),
                    Found::Nothing => return Err(self.lost(None)),
                },
                Err(failure) => failure,
            };
            if !is_settled_by_reading(&failure) || between(began, clock.now()) >= TRIED_FOR {
                self.failed = Some(Age::begin(clock.now()));
                return Err(self.failed(aws, &failure));
            }
            clock.sleep(TROUBLE_PAUSE).await;
        }
        self.failed = None;
        Ok(())
    }

    pub(super) async fn release(mut self, aws: &Aws, clock: &Clock) -> Result<(), LockError> {
        let began = clock.now();
        loop {
            let failure = match self.pen.erase(aws, &self.lease.etag).await {
                Ok(()) => return Ok(()),
                Err(failure) if is_settled_by_reading(&failure) => failure,
                Err(failure) => return Err(self.failed(aws, &failure)),
            };
            match self.pen.look(aws).await {
                Ok(Found::Nothing) => return Ok(()),
                // Within our lifetime nobody can have taken it over: it was free, so our deletion took effect.
                Ok(Found::Theirs(_)) if !self.remaining(clock.now()).is_zero() => return Ok(()),
                Ok(Found::Theirs(object)) => return Err(self.lost(Some(Holder::of(&object.body)))),
                Ok(Found::Ours(lease)) => self.lease = lease,
                Err(unread) if unread.may_pass() => {}
                Err(unread) => return Err(self.failed(aws, &unread)),
            }
            if between(began, clock.now()) >= TRIED_FOR {
                return Err(self.failed(aws, &failure));
            }
            clock.sleep(TROUBLE_PAUSE).await;
        }
    }

    fn lost(&self, now: Option<Holder>) -> LockError {
        LockError::Lost {
            service: self.service.clone(),
            now,
        }
    }

    fn failed(&self, aws: &Aws, failure: &AwsFailure) -> LockError {
        LockError::Failed(objects::problem(aws, self.pen.bucket(), "lock", failure))
    }
}
