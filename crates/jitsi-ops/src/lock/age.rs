//! How old something is, for a machine that may have slept meanwhile.
//!
//! The run's clock follows the time that the machine was awake (`docs/architecture.md`, "Time"). A laptop that was shut
//! for ten minutes would take its lock for ten minutes younger than it is, and go on under somebody else's. So the age
//! is also measured by the system's clock that goes on during sleep, and the longer of the two counts.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::between;

/// Since when something counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Age {
    began: Timestamp,
    boot: Duration,
}

impl Age {
    /// Counts from `now`, by the run's clock.
    pub(super) fn begin(now: Timestamp) -> Self {
        Self {
            began: now,
            boot: since_boot(),
        }
    }

    /// How long ago it began, at `now` by the run's clock, sleep included.
    pub(super) fn at(self, now: Timestamp) -> Duration {
        longer(between(self.began, now), since_boot().saturating_sub(self.boot))
    }
}

/// Neither of the two clocks runs too fast, and each can have stood still: the sandbox's clock runs faster than the
/// machine's, and the run's clock stands while the machine sleeps.
fn longer(by_the_run: Duration, by_the_machine: Duration) -> Duration {
    by_the_run.max(by_the_machine)
}

/// Time since the machine was started, with the time that it slept.
fn since_boot() -> Duration {
    // On Linux the monotonic clock stands still during sleep; elsewhere POSIX's goes on, and there is no other.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let clock = rustix::time::ClockId::Monotonic;
    Duration::try_from(rustix::time::clock_gettime(clock)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_that_a_machine_slept_counts() {
        let (awake, with_sleep) = (Duration::from_secs(3), Duration::from_secs(603));
        assert_eq!(longer(awake, with_sleep), with_sleep);
        let before_sleep = Age {
            began: Timestamp::UNIX_EPOCH,
            boot: since_boot().saturating_sub(Duration::from_secs(2)),
        };
        assert!(before_sleep.at(Timestamp::UNIX_EPOCH) >= Duration::from_secs(2));
    }

    #[test]
    fn a_sandboxs_clock_that_runs_ahead_counts() {
        let now = Timestamp::UNIX_EPOCH;
        let later = now + Duration::from_secs(90);
        assert!(Age::begin(now).at(later) >= Duration::from_secs(90));
        assert!(
            Age::begin(later).at(now) < Duration::from_secs(90),
            "a clock never runs back"
        );
    }
}
