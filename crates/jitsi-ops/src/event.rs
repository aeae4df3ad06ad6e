//! What happens during a run, as typed events. Whoever runs the engine decides how to show them; the engine prints
//! nothing.

use jiff::Timestamp;

use crate::plan::Warning;
use crate::step::Step;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// When, by the run's clock.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum EventKind {
    /// Preflight passed; the account that will be changed.
    PreflightPassed {
        /// Twelve digits.
        account: String,
    },
    /// A step was begun.
    StepBegun {
        /// The step.
        step: Step,
    },
    /// A step was accepted by AWS.
    StepDone {
        /// The step.
        step: Step,
    },
    /// A step failed in a way that may pass; it will be tried again.
    StepWillBeRetried {
        /// The step.
        step: Step,
        /// AWS's code, or what was wrong.
        reason: String,
        /// Whether it is one of the delays with which AWS always has to be reckoned.
        expected: bool,
    },
    /// A resource is in another state than before.
    Resource {
        /// The resource: `load balancer`, `task 3f2a9c1b`.
        name: String,
        /// Its state.
        state: String,
        /// Whether that is where it should end up.
        settled: bool,
    },
    /// A resource is not there any more.
    ResourceGone {
        /// The resource.
        name: String,
    },
    /// Something that the operator should know.
    Warning(Warning),
    /// Another run holds the platform's lock; this one waits.
    WaitingForLock {
        /// Who holds it.
        holder: String,
        /// In how long it is taken over if nobody renews it; `None` where the kernel frees it.
        takeover_in: Option<std::time::Duration>,
    },
    /// The run has failed and brings the platform back to zero.
    RollingBack {
        /// Why the run failed.
        why: String,
    },
}

/// Takes events as they happen.
pub type Observer<'a> = &'a (dyn Fn(Event) + Sync);
