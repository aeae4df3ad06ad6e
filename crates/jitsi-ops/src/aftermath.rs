//! What a test of the platform leaves behind for a moment: a room that was asked for and in which nobody is.

use std::time::Duration;

use jitsi_config::GuardSource;

use crate::access::Aws;
use crate::clock::{Clock, between};
use crate::custody::{Desk, lock_place};
use crate::journal::{Journal, Outcome};
use crate::lock::{self, Holder, LIFETIME, Place, Sighting};
use crate::observation::Observation;
use crate::tenure::TEST_PLATFORM;
use crate::wanted::Wanted;

/// So long a test may have been at work. Longer ago none can have been killed that matters now.
const LONGEST_TEST: Duration = Duration::from_secs(3 * 3600);

/// After so long nobody counts any more who was not there. jicofo takes a room that was asked for as one with somebody in it for a
/// quarter of a minute. The sentinel frees a task, also a new one, when it has looked twice after that; of a metric the highest
/// value of five minutes counts.
pub fn own_room_gone(source: GuardSource) -> Duration {
    match source {
        GuardSource::Cloudwatch => Duration::from_secs(420),
        GuardSource::TaskProtection | GuardSource::StatsUrl | GuardSource::None => Duration::from_secs(120),
    }
}

/// The test that is at work on the platform, if one is.
pub(crate) async fn test_at_work(aws: &Aws, wanted: &Wanted, desk: &Desk, seen: &Observation) -> Option<Holder> {
    let place = lock_place(desk, wanted, seen)?;
    let sighting = lock::peek(aws, &place).await;
    let sighting = sighting.here().filter(|it| is_a_test(it) && it.is_alive(seen.aws_at))?;
    Some(sighting.holder.clone())
}

/// Whether a test of the platform is at work, was killed, or has ended a moment ago: then what looks like a meeting may be its room.
pub(crate) async fn of_a_test(aws: &Aws, wanted: &Wanted, desk: &Desk, seen: &Observation, clock: &Clock) -> bool {
    let Some(place) = lock_place(desk, wanted, seen) else {
        return false;
    };
    let (folder, bucket) = match &place {
        Place::Bucket { bucket, .. } => (&desk.state_folder, Some(bucket.clone())),
        Place::Machine { folder, .. } => (folder, None),
    };
    let journal = Journal::new(folder, bucket, place.platform().clone());
    let newest = journal.read_newest(aws, clock.now(), 1).await;
    let newest = newest.ok().and_then(|entries| entries.entries.into_iter().next_back());
    let gone = own_room_gone(wanted.guard.source);
    let now = clock.now();
    let entered = newest.filter(|entry| entry.operation == TEST_PLATFORM);
    if let Some(ended) = entered.as_ref().and_then(|entry| entry.ended) {
        return between(ended, now) <= gone;
    }
    match &place {
        Place::Bucket { .. } => {
            let sighting = lock::peek(aws, &place).await;
            sighting
                .here()
                .is_some_and(|it| is_a_test(it) && is_recent(it, wanted, seen))
        }
        // What the kernel has freed tells nothing; the entry that was begun does.
        Place::Machine { .. } => {
            let begun = entered.filter(|entry| entry.outcome == Outcome::Begun);
            begun.is_some_and(|entry| between(entry.began, now) <= LONGEST_TEST)
        }
    }
}

fn is_a_test(sighting: &Sighting) -> bool {
    matches!(&sighting.holder, Holder::Run { operation, .. } if operation == TEST_PLATFORM)
}

/// Whether its holder was at work so short a time ago that its room may still count. Where the time is not known it may.
fn is_recent(sighting: &Sighting, wanted: &Wanted, seen: &Observation) -> bool {
    match (sighting.renewed, seen.aws_at) {
        (Some(renewed), Some(now)) => between(renewed, now) <= LIFETIME + own_room_gone(wanted.guard.source),
        _ => true,
    }
}
