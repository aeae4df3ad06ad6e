//! When to protect, when to drop the protection, when to try again: a pure machine. It is told of readings and of the
//! agent's answers with the time of each, and says what to ask of the agent. No I/O, no clock of its own.
//!
//! Times are measured from the start of the sentinel by a clock that never goes back.

use std::time::Duration;

use crate::reading::Reading;

/// First pause after a failed ask; it doubles up to the interval.
const FIRST_RETRY: Duration = Duration::from_secs(1);
/// Protection is renewed at least this often, so that what somebody else lifted is soon back.
const RENEW: Duration = Duration::from_secs(60);
/// A drop without a good answer may take effect this much later. A protection that follows it is renewed with each
/// reading for as long.
const LATE_EFFECT: Duration = Duration::from_secs(60);

/// What can be asked of the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Protect the task, or renew its protection.
    Protect,
    /// Drop the protection.
    Drop,
}

/// The numbers that the machine goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// So many quiet readings in a row before protection is dropped; 1 or more.
    pub quiet_readings: u32,
    /// So long after the last unknown reading protection is kept.
    pub settle: Duration,
    /// From one reading to the next.
    pub interval: Duration,
    /// Protection ends by itself after this time.
    pub expires: Duration,
}

impl Rules {
    /// How long a protection may stand before it is renewed: a minute, or a fifth of the expiry where that is less.
    pub fn renew(&self) -> Duration {
        RENEW.min(self.expires / 5)
    }
}

/// What the machine remembers.
#[derive(Debug, Clone)]
pub struct Watch {
    rules: Rules,
    wanted: Ask,
    quiet_run: u32,
    last_unknown: Option<Duration>,
    /// What the agent has said that it did, and when it was asked.
    done: Option<(Ask, Duration)>,
    late_drop_until: Duration,
    failed: u32,
    next_ask: Option<Duration>,
}

impl Watch {
    /// Wants protection at once, before anything was read.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            wanted: Ask::Protect,
            quiet_run: 0,
            last_unknown: None,
            done: None,
            late_drop_until: Duration::ZERO,
            failed: 0,
            next_ask: Some(Duration::ZERO),
        }
    }

    /// Takes in a reading that was begun at `begun` and is complete `now`.
    pub fn read(&mut self, reading: &Reading, begun: Duration, now: Duration) {
        let wanted = match reading {
            Reading::Quiet => {
                self.quiet_run = self.quiet_run.saturating_add(1);
                let settled = self.last_unknown.is_none_or(|at| begun >= at + self.rules.settle);
                if self.quiet_run >= self.rules.quiet_readings && settled {
                    Ask::Drop
                } else {
                    self.wanted
                }
            }
            Reading::Busy(_) => {
                self.quiet_run = 0;
                Ask::Protect
            }
            Reading::Unknown(_) => {
                self.quiet_run = 0;
                self.last_unknown = Some(now);
                Ask::Protect
            }
        };
        if wanted != self.wanted {
            self.wanted = wanted;
            self.failed = 0;
            self.next_ask = Some(now);
        }
    }

    /// What to ask of the agent now, if anything.
    pub fn due(&self, now: Duration) -> Option<Ask> {
        self.next_ask.filter(|at| *at <= now).map(|_| self.wanted)
    }

    /// When something will be due, if no reading comes in between.
    pub fn next_ask(&self) -> Option<Duration> {
        self.next_ask
    }

    /// Takes in whether the agent has done what it was asked at `asked`. The outcome is known `now`.
    pub fn answered(&mut self, ask: Ask, done: bool, asked: Duration, now: Duration) {
        if ask == Ask::Drop {
            // Even where it failed, it may have taken effect, or may yet.
            self.done = None;
            if !done {
                self.late_drop_until = now + LATE_EFFECT;
            }
        }
        if done {
            self.done = Some((ask, asked));
            self.failed = 0;
            self.next_ask = match ask {
                Ask::Drop => None,
                Ask::Protect if asked < self.late_drop_until => {
                    Some(asked + self.rules.interval.min(self.rules.renew()))
                }
                Ask::Protect => Some(asked + self.rules.renew()),
            };
        } else {
            let doubled = FIRST_RETRY * 2u32.pow(self.failed.min(6));
            self.failed = self.failed.saturating_add(1);
            self.next_ask = Some(now + doubled.min(self.rules.interval));
        }
    }

    /// What the protection should be.
    pub fn wanted(&self) -> Ask {
        self.wanted
    }

    /// Whether the last answer of the agent was that the protection is as wanted.
    pub fn as_wanted(&self) -> bool {
        self.failed == 0 && self.done.is_some_and(|(done, _)| done == self.wanted)
    }

    /// Until when, at least, a protection holds that the agent has confirmed; it can have been lifted by somebody else.
    pub fn protected_until(&self) -> Option<Duration> {
        match self.done {
            Some((Ask::Protect, asked)) => Some(asked + self.rules.expires),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "watch_tests.rs"]
mod tests;
