//! What a test of the platform leaves behind for a moment: a room that was asked for and in which nobody is.

use std::time::Duration;

use crate::access::Aws;
use crate::custody::{Desk, lock_place};
use crate::lock::{self, Holder};
use crate::observation::Observation;
use crate::tenure::TEST_PLATFORM;
use crate::wanted::Wanted;

/// After so long nobody counts any more who was not there: jicofo takes a room that was asked for as one with somebody in it for
/// a quarter of a minute, and the sentinel frees a task, also a new one, when it has looked twice after that.
pub const OWN_ROOM_GONE: Duration = Duration::from_secs(120);

/// Whether a test of the platform is at work, or has died and left its lock: then what looks like a meeting may be its room.
pub(crate) async fn of_a_test(aws: &Aws, wanted: &Wanted, desk: &Desk, seen: &Observation) -> bool {
    let Some(place) = lock_place(desk, wanted, seen) else {
        return false;
    };
    let sighting = lock::peek(aws, &place).await;
    let holder = sighting.here().map(|sighting| &sighting.holder);
    matches!(holder, Some(Holder::Run { operation, .. }) if operation == TEST_PLATFORM)
}
