//! The time a run lives in: real time, or the sandbox's.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A clock that starts at a given instant and runs at a given speed.
///
/// Differences are taken from a monotonic clock, so that a correction of the machine's time in the middle of a run
/// neither shortens nor lengthens a deadline.
#[derive(Clone, Debug)]
pub struct Clock {
    origin: Timestamp,
    started: Instant,
    speed: f64,
}

impl Clock {
    /// The machine's own time.
    pub fn real() -> Self {
        Self::starting_at(Timestamp::now(), 1.0)
    }

    /// A clock that reads `origin` now and runs `speed` times as fast as the machine's.
    pub fn starting_at(origin: Timestamp, speed: f64) -> Self {
        Self {
            origin,
            started: Instant::now(),
            speed,
        }
    }

    /// What this clock reads.
    pub fn now(&self) -> Timestamp {
        self.origin + SignedDuration::from_secs_f64(self.started.elapsed().as_secs_f64() * self.speed)
    }

    /// Waits for `duration` of this clock's time.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }
}

/// How long it is from `earlier` to `later`; zero if it is the other way round.
pub fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}
