//! A month in the life of a platform.

use std::path::PathBuf;

use aws_sandbox::{PlatformSpec, Sandbox, World};
use jiff::{SignedDuration, Timestamp};

use crate::by_hand;
use crate::operate::{die_raising_in, lower_in, raise_in};

/// The clock is tokio's, and paused: time passes only while somebody waits.
const SPEED: f64 = 1.0;
/// The first session.
const FIRST: &str = "2026-02-01T17:00:00Z";
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Lets time pass until `time`.
fn until(sandbox: &Sandbox, time: Timestamp) {
    let left = time.as_millisecond() - sandbox.now().as_millisecond();
    assert!(left >= 0, "{time} is over");
    sandbox.advance(left).unwrap();
}

/// Lived through in memory, and kept in the file `state` at the end.
pub(crate) async fn february(state: &PathBuf) {
    let sandbox = Sandbox::new(World::with_platform(&PlatformSpec::default()));
    let mut begin: Timestamp = FIRST.parse().unwrap();
    for session in 0..30 {
        until(&sandbox, begin);
        match session {
            11 => {
                die_raising_in(&sandbox, state, 40).await;
                by_hand::scale(&sandbox, 0).await;
                until(&sandbox, begin + SignedDuration::from_mins(56));
            }
            _ => {
                raise_in(&sandbox, state, SPEED).await;
                // From half an hour to three and a half.
                let lasts = SignedDuration::from_mins(30 + i64::from(session) * 6);
                let forgotten = if session == 20 { HOUR * 48 } else { SignedDuration::ZERO };
                until(&sandbox, begin + lasts + forgotten);
            }
        }
        lower_in(&sandbox, state, SPEED).await;
        // The next evening, now and then the same one; after the forgotten one two days later.
        let next = match session {
            20 => HOUR * 60,
            _ if session % 4 == 3 => HOUR * 5,
            _ => HOUR * 25,
        };
        begin += next;
    }
    let lived = sandbox.world(|world| world.clone());
    Sandbox::open(state, SPEED).unwrap().world(|world| *world = lived);
}
