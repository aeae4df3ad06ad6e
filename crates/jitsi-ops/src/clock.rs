//! The time a run lives in: real time, or the sandbox's.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
    slept: Slept,
}

/// How long the machine has slept since the clock was started.
#[derive(Clone, Debug)]
enum Slept {
    /// What the machine says: of two clocks only one stands still while it sleeps.
    Machine { begun: Duration },
    /// Milliseconds that a test lets pass unnoticed.
    Said(Arc<AtomicU64>),
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
            slept: Slept::Machine { begun: asleep_so_far() },
        }
    }

    /// The same clock on a machine that has slept for as many milliseconds as `slept` says.
    #[must_use]
    pub fn on_a_machine_that_sleeps(mut self, slept: Arc<AtomicU64>) -> Self {
        self.slept = Slept::Said(slept);
        self
    }

    /// What this clock reads. It stands still while the machine sleeps (on Linux), so deadlines count waking time.
    pub fn now(&self) -> Timestamp {
        self.origin + SignedDuration::from_secs_f64(self.started.elapsed().as_secs_f64() * self.speed)
    }

    /// What it would read had it run on while the machine slept. The age of what was seen is measured by this.
    pub fn awake_or_asleep(&self) -> Timestamp {
        let slept = match &self.slept {
            Slept::Machine { begun } => asleep_so_far().saturating_sub(*begun),
            Slept::Said(milliseconds) => Duration::from_millis(milliseconds.load(Ordering::Relaxed)),
        };
        let now = self.now();
        // Below a tenth of a second the two clocks were only read one after the other.
        if slept < Duration::from_millis(100) {
            return now;
        }
        let slept = SignedDuration::try_from(slept).unwrap_or(SignedDuration::MAX);
        now.saturating_add(slept).unwrap_or(Timestamp::MAX)
    }

    /// `limit`, or what this machine needs to make up its mind, where the clock runs on faster than it can: a simulated
    /// minute is a second. For real time it is `limit`.
    pub fn at_least_thinking_time(&self, limit: Duration) -> Duration {
        const THINKING_TIME: Duration = Duration::from_millis(500);
        if self.speed > 1.0 {
            limit.max(THINKING_TIME.mul_f64(self.speed))
        } else {
            limit
        }
    }

    /// Waits for `duration` of this clock's time.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }
}

/// How long this machine has slept so far; only differences of it mean anything.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn asleep_so_far() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let read = |clock| {
        let time = clock_gettime(clock);
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
    };
    let standing_still = read(ClockId::Monotonic);
    read(ClockId::Boottime).saturating_sub(standing_still)
}

/// How long this machine has slept so far; only differences of it mean anything. Elsewhere than on Linux a wall clock that
/// is put forward looks like sleep: then something is read once more than needed.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn asleep_so_far() -> Duration {
    use std::sync::OnceLock;
    use std::time::{Instant, SystemTime, UNIX_EPOCH};
    static ANCHOR: OnceLock<Instant> = OnceLock::new();
    let awake = ANCHOR.get_or_init(Instant::now).elapsed();
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    wall.saturating_sub(awake)
}

/// How long it is from `earlier` to `later`; zero if it is the other way round.
pub fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}
