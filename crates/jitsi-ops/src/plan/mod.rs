//! What to do now: a pure function of what was seen, what is wanted and what the run remembers.
//!
//! No input or output, no clock. A plan holds every step that can be taken at this moment; steps of one plan do not
//! depend on each other. A plan without steps, without anything to wait for and without a problem is the goal reached.

mod advertise;
mod down;
mod foresee;
mod lease;
mod network;
pub mod orphans;
mod preflight;
mod record;
mod register;
mod service;
mod targets;
mod up;

use std::collections::BTreeSet;

use crate::failure::AwsFailure;
use crate::memory::Memory;
use crate::observation::Observation;
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;
use crate::step::Step;
use crate::wanted::Wanted;

pub use advertise::advertised;
pub use down::{down, scale_down, settle};
pub use foresee::{all_steps, foresee, steps_down};
pub use lease::hold;
pub use register::register;
pub use up::up;

/// Everything that a plan is made of.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The platform as it should be.
    pub wanted: &'a Wanted,
    /// What was seen.
    pub seen: &'a Observation,
    /// What the run remembers.
    pub memory: &'a Memory,
}

/// What is to be done, what is waited for, what stands in the way.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Steps that can be taken now, in any order.
    pub steps: Vec<Step>,
    /// What the goal still lacks though nothing can be done about it now.
    pub waiting: Vec<Waiting>,
    /// Why the goal cannot be reached. Nothing is done then.
    pub problem: Option<Problem>,
    /// Why the platform is to stay up: a hold or a lease. Nothing is done then, and nothing is wrong.
    pub held: Option<String>,
    /// What the operator should know.
    pub warnings: BTreeSet<Warning>,
    /// Whether all that must hold before anything is changed is known to hold.
    pub preflight_passed: bool,
    /// Problems that stand in the way of the goal, but of nothing else.
    last: Vec<(String, Problem)>,
}

/// Something that is not yet as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What.
    pub resource: String,
    /// How it is.
    pub state: String,
}

/// Something that the operator should know, though the run goes on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// What is the matter.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Plan {
    /// Whether the goal is reached.
    pub fn is_done(&self) -> bool {
        self.steps.is_empty() && self.waiting.is_empty() && self.problem.is_none() && self.held.is_none()
    }

    fn wait(&mut self, resource: impl Into<String>, state: impl Into<String>) {
        self.waiting.push(Waiting {
            resource: resource.into(),
            state: state.into(),
        });
    }

    fn warn(&mut self, message: impl Into<String>, hint: Option<&str>) {
        self.warnings.insert(Warning {
            message: message.into(),
            hint: hint.map(str::to_owned),
        });
    }

    /// Stops the run. Problems of one kind are told together; of several kinds the first stays.
    fn stop(&mut self, problem: Problem) {
        match &mut self.problem {
            None => self.problem = Some(problem),
            Some(first) if first.kind == problem.kind => {
                first.why.push(problem.what);
                first.why.extend(problem.why);
                for hint in problem.hints {
                    if !first.hints.contains(&hint) {
                        first.hints.push(hint);
                    }
                }
            }
            Some(_) => {}
        }
    }

    /// Stops the run once nothing else is left to do: until then what can be put right is put right.
    fn stop_at_last(&mut self, resource: &str, problem: Problem) {
        self.last.push((resource.to_owned(), problem));
    }

    /// After everything else was planned: what was put off.
    fn come_to_last(&mut self) {
        let done = self.steps.is_empty() && self.waiting.is_empty();
        for (resource, problem) in std::mem::take(&mut self.last) {
            if done {
                self.stop(problem);
            } else {
                self.wait(resource, problem.what);
            }
        }
    }

    fn refuse(&mut self, what: impl Into<String>, why: impl Into<String>, hint: impl Into<String>) {
        self.stop(Problem::new(ProblemKind::Refused, what).because(why).hint(hint));
    }

    /// What is there, if it is known; otherwise the plan waits, or stops where waiting is of no use.
    fn known<'r, T>(&mut self, resource: &str, reading: Option<&'r Reading<T>>, wanted: &Wanted) -> Option<&'r T> {
        match reading {
            Some(Reading::Here(value)) => return Some(value),
            Some(Reading::Unknown(failure)) => self.unknown(resource, failure, wanted),
            Some(Reading::NotRead) | None => self.wait(resource, "not read yet"),
            Some(Reading::Absent) => self.wait(resource, "absent"),
        }
        None
    }

    fn unknown(&mut self, resource: &str, failure: &AwsFailure, wanted: &Wanted) {
        if failure.may_pass() {
            self.wait(resource, format!("unknown: {failure}: {}", failure.reason()));
        } else {
            self.stop(wanted.problem(failure));
        }
    }
}
