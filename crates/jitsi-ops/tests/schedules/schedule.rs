//! A schedule: what is played, as plain data, and in words.

use std::fmt;
use std::time::Duration;

use aws_sandbox::{Fault, When};

use crate::zone::{Found, Stranger, Use};

/// What the first run finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    AtZero,
    Up,
    UpWithMeeting,
    UpWithoutLoadBalancer,
    UpWithoutSentinel,
    /// At zero, with the load balancer left behind.
    LoadBalancerLeft,
    /// At zero, with the target groups left behind.
    TargetGroupsLeft,
    /// A scale-up has made the load balancer a moment ago, and no more. The first reads may not show it.
    LoadBalancerJustMade,
    /// A scale-up was killed at its n-th call.
    KilledGoingUp(u64, When),
    /// A scale-down was killed at its n-th call.
    KilledGoingDown(u64, When),
}

/// What a run is to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    Up,
    Down,
    /// Down, whoever is in a meeting.
    ForcedDown,
    /// `register-nlb-targets --watch`, until it is interrupted.
    Watch,
}

impl Goal {
    pub(crate) fn is_up(self) -> bool {
        self == Self::Up
    }

    pub(crate) fn is_down(self) -> bool {
        matches!(self, Self::Down | Self::ForcedDown)
    }
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Throttled,
    ServerError,
    Unavailable,
    Denied,
    DroppedBefore,
    DroppedAfter,
    Late(Duration),
    Stale(Duration),
}

/// From the n-th call that matches, so many times.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mishap {
    pub(crate) kind: Kind,
    /// `None`: every call counts.
    pub(crate) operation: Option<&'static str>,
    pub(crate) nth: u64,
    pub(crate) times: u64,
}

impl Mishap {
    pub(crate) fn fault(&self) -> Fault {
        let fault = self.operation.map_or_else(Fault::on_any, Fault::on);
        let fault = fault.nth(self.nth).times(self.times);
        match self.kind {
            Kind::Throttled => fault.throttled(),
            Kind::ServerError => fault.server_error(),
            Kind::Unavailable => fault.unavailable(),
            Kind::Denied => fault.access_denied(),
            Kind::DroppedBefore => fault.dropped_before(),
            Kind::DroppedAfter => fault.dropped_after(),
            Kind::Late(by) => fault.takes_effect_late(by),
            Kind::Stale(by) => fault.stale(by),
        }
    }
}

/// People come, and leave again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gathering {
    pub(crate) from: Duration,
    pub(crate) lasting: Duration,
}

/// A second run, at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Second {
    pub(crate) goal: Goal,
    pub(crate) after: Duration,
}

/// Somebody watches the targets meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Watch {
    pub(crate) after: Duration,
    /// So long after the last of the other runs has ended.
    pub(crate) stays: Duration,
    /// When the machine beneath a task fails.
    pub(crate) replaced: Option<Duration>,
}

/// The operator presses Ctrl-C, and perhaps once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CtrlC {
    pub(crate) after: Duration,
    pub(crate) again_after: Option<Duration>,
}

/// All that happens. The rest follows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    /// Which of the prepared worlds: they differ in ids, and so in the moments of the sentinel's readings.
    pub(crate) variant: u64,
    pub(crate) start: Start,
    /// Load balancer and target groups go by another name in the configuration than when they were made.
    pub(crate) renamed: bool,
    /// Another platform of the same project is up in the same account, with a meeting on.
    pub(crate) neighbour: bool,
    /// From the start to the first run.
    pub(crate) lead: Duration,
    /// One after the other.
    pub(crate) goals: Vec<Goal>,
    pub(crate) second: Option<Second>,
    /// Whether ECS honours protection at a desired count of 0.
    pub(crate) honoured: bool,
    pub(crate) mishaps: Vec<Mishap>,
    pub(crate) gatherings: Vec<Gathering>,
    /// When the machine falls asleep, and for how long.
    pub(crate) nap: Option<(Duration, Duration)>,
    /// By how many seconds the machine's clock is wrong.
    pub(crate) clock_wrong_by: i64,
    /// A run is killed at this call, and run again.
    pub(crate) crash: Option<(u64, When)>,
    pub(crate) ctrl_c: Option<CtrlC>,
    pub(crate) wait_idle: Duration,
    pub(crate) lock_wait: Duration,
    pub(crate) dns: Use,
    /// At the platform's name, before anything else.
    pub(crate) found: Found,
    pub(crate) strangers: Vec<Stranger>,
    pub(crate) watch: Option<Watch>,
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |span: Duration| format!("{:.1} s", span.as_secs_f64());
        writeln!(
            f,
            "start: {:?}, world {}, {} later",
            self.start,
            self.variant,
            seconds(self.lead)
        )?;
        if self.renamed {
            writeln!(f, "  the configuration has other names than what is there")?;
        }
        if self.neighbour {
            writeln!(f, "  a neighbour of the same project has a meeting")?;
        }
        writeln!(
            f,
            "goals: {:?}, waiting {} for quiet and {} for the lock",
            self.goals,
            seconds(self.wait_idle),
            seconds(self.lock_wait)
        )?;
        if let Some(second) = self.second {
            writeln!(
                f,
                "at the same time, after {}: {:?}",
                seconds(second.after),
                second.goal
            )?;
        }
        let honoured = if self.honoured { "honoured" } else { "ignored" };
        writeln!(
            f,
            "protection at zero is {honoured}; the machine's clock is wrong by {} s",
            self.clock_wrong_by
        )?;
        for mishap in &self.mishaps {
            let on = mishap.operation.unwrap_or("any call");
            let times = if mishap.times == u64::MAX {
                "always".to_owned()
            } else {
                format!("{} times", mishap.times)
            };
            writeln!(
                f,
                "fault: {:?} on {on}, from number {}, {times}",
                mishap.kind, mishap.nth
            )?;
        }
        for gathering in &self.gatherings {
            writeln!(
                f,
                "meeting: after {}, lasting {}",
                seconds(gathering.from),
                seconds(gathering.lasting)
            )?;
        }
        if let Some((after, lasting)) = self.nap {
            writeln!(
                f,
                "the machine sleeps: after {}, for {}",
                seconds(after),
                seconds(lasting)
            )?;
        }
        if let Some((call, when)) = self.crash {
            writeln!(f, "killed {when:?} call {call}, and run again")?;
        }
        if let Some(CtrlC { after, again_after }) = self.ctrl_c {
            writeln!(f, "Ctrl-C after {}, again after {again_after:?}", seconds(after))?;
        }
        writeln!(f, "the record: {:?} on the way down; found: {:?}", self.dns, self.found)?;
        for stranger in &self.strangers {
            writeln!(f, "a stranger: {:?} {:?}", stranger.moment, stranger.writes)?;
        }
        if let Some(watch) = self.watch {
            writeln!(f, "a watch: {watch:?}")?;
        }
        Ok(())
    }
}
