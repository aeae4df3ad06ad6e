//! How long things may take.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use jitsi_ops::clock::between;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// A phase.
    pub(crate) phase: Duration,
    /// All phases before the restoring.
    pub(crate) overall: Duration,
    /// When the run has to begin to restore.
    pub(crate) deadline: Timestamp,
}

impl Limits {
    /// From now on.
    pub(crate) fn from(now: Timestamp, phase: Duration, overall: Duration) -> Self {
        let span = SignedDuration::try_from(overall).unwrap_or(SignedDuration::MAX);
        Self {
            phase,
            overall,
            deadline: now.saturating_add(span).unwrap_or(Timestamp::MAX),
        }
    }

    /// A phase that begins now.
    pub(crate) fn for_phase(&self, now: Timestamp) -> Duration {
        self.phase.min(between(now, self.deadline))
    }

    /// Whether it is the run's own time that ends first.
    pub(crate) fn is_overall(&self, now: Timestamp) -> bool {
        between(now, self.deadline) < self.phase
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_ends_with_the_run() {
        let (minute, now) = (Duration::from_secs(60), Timestamp::UNIX_EPOCH);
        let limits = Limits::from(now, 2 * minute, 3 * minute);
        assert_eq!(limits.for_phase(now), 2 * minute);
        let later = now + 2 * minute;
        assert_eq!((limits.for_phase(later), limits.is_overall(later)), (minute, true));
        assert_eq!(limits.for_phase(now + 5 * minute), Duration::ZERO);
    }
}
