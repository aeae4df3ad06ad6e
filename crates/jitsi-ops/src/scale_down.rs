//! The operation "scale down": to zero without a leak, and never under a live meeting.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::access::Aws;
use crate::aftermath;
use crate::billing::{self, Billing};
use crate::clock::{Clock, between};
use crate::custody::{Desk, Operation};
use crate::event::{Event, EventKind, Observer};
use crate::guard::{GuardReading, Verdict};
use crate::leftovers::left;
use crate::observation::Observation;
use crate::observe::Thoroughness;
use crate::plan::{self, Plan, Waiting, Warning};
use crate::problem::{Problem, ProblemKind};
use crate::scale_up::Interrupts;
use crate::session::{End, Removed, Session, TakenStep, deadline_passed};
use crate::state::State;
use crate::step::Step;
use crate::wanted::Wanted;

pub use crate::leftovers::Left;

/// For how long an interrupted run still watches over the tasks that it has asked to end: until ECS has begun to stop them,
/// or has shown that they are protected.
const SETTLING: SignedDuration = SignedDuration::from_mins(2);

const OPERATION: Operation = Operation {
    name: "scale-down",
    unlocked_on_transport_failure: true,
    settles: true,
    lets_go: None,
};

/// How to scale down.
#[derive(Clone, Debug)]
pub struct ScaleDown {
    /// How long it may take, waiting for the end of meetings not counted.
    pub timeout: Duration,
    /// For how long to wait for quiet instead of refusing.
    pub wait_idle: Duration,
    /// Who runs, and where lock and journal are kept.
    pub desk: Desk,
    /// Seed of the jitter in the pauses.
    pub seed: u64,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is at zero, and this run has brought it there.
    Down,
    /// It was at zero, with nothing left over; nothing was changed.
    AlreadyDown,
    /// A hold or a lease keeps it up; nothing was changed.
    Held,
    /// A dry run: this is what would be done.
    Planned,
    /// It was refused: somebody is in a meeting, or that cannot be told, or the account is another.
    Refused,
    /// It failed.
    Failed,
}

impl Outcome {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::AlreadyDown => "already-down",
            Self::Held => "held",
            Self::Planned => "planned",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// What a run has done and what it leaves.
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// What the platform is now.
    pub state: State,
    /// The last observation.
    pub seen: Observation,
    /// What the guard said: where the platform went down, when that was decided, else last.
    pub guard: Option<GuardReading>,
    /// What was done, in order.
    pub steps: Vec<TakenStep>,
    /// What would be done, for a dry run.
    pub planned: Vec<Step>,
    /// Why it failed or was refused.
    pub problem: Option<Problem>,
    /// Why it was held.
    pub held: Option<String>,
    /// What was removed, with how long it existed.
    pub removed: Vec<Removed>,
    /// What is left, with the reason.
    pub left: Vec<Left>,
    /// What costs money now, if the run did not reach zero.
    pub billing: Vec<Billing>,
    /// How long it took, by the run's clock.
    pub elapsed: Duration,
}

/// Brings the platform down. What looks like a meeting after a test of the platform is waited out, for it may be the test's own room.
pub async fn scale_down(
    aws: &Aws,
    wanted: &Wanted,
    request: &ScaleDown,
    clock: Clock,
    observer: Observer<'_>,
    interrupts: &Interrupts,
) -> Report {
    let report = attempt(aws, wanted, request, clock.clone(), observer, interrupts).await;
    let waits = !request.wait_idle.is_zero() || request.desk.tenure.is_some();
    if waits || !is_busy(&report) || !aftermath::of_a_test(aws, wanted, &request.desk, &report.seen, &clock).await {
        return report;
    }
    let wait_idle = aftermath::own_room_gone(wanted.guard.source);
    let message = format!(
        "a test of the platform was at work until a moment ago, and its own room may still count: waiting for up to {} s",
        wait_idle.as_secs()
    );
    observer(Event {
        at: clock.now(),
        kind: EventKind::Warning(Warning { message, hint: None }),
    });
    let patient = ScaleDown {
        wait_idle,
        ..request.clone()
    };
    attempt(aws, wanted, &patient, clock, observer, interrupts).await
}

/// Whether the run was refused because somebody seems to be in a meeting.
fn is_busy(report: &Report) -> bool {
    let busy = report
        .guard
        .as_ref()
        .is_some_and(|reading| matches!(reading.verdict, Verdict::Busy(_)));
    report.outcome == Outcome::Refused && busy
}

async fn attempt(
    aws: &Aws,
    wanted: &Wanted,
    request: &ScaleDown,
    clock: Clock,
    observer: Observer<'_>,
    interrupts: &Interrupts,
) -> Report {
    let began = clock.now();
    let wanted = &with_idle_time(wanted, request, began);
    let mut session = Session::new(aws, wanted, clock, observer, &request.desk, OPERATION, request.seed);
    session.turn(Thoroughness::WayDown);
    let ended = tokio::select! {
        biased;
        () = interrupts.second.cancelled() => None,
        // Boxed: what waits in it is nested deeper than the compiler likes.
        ended = Box::pin(run_and_leave(&mut session, request, began, interrupts)) => Some(ended),
    };
    let ended = ended.unwrap_or_else(|| {
        let problem = Problem::new(
            ProblemKind::Interrupted,
            "stopped at once; what was begun is not finished",
        );
        Ended::Badly(problem)
    });
    report(session, began, ended)
}

enum Ended {
    Well(Outcome),
    Held(String),
    Badly(Problem),
}

fn with_idle_time(wanted: &Wanted, request: &ScaleDown, began: Timestamp) -> Wanted {
    let idle = SignedDuration::try_from(request.wait_idle).unwrap_or(SignedDuration::MAX);
    Wanted {
        idle_until: (!request.wait_idle.is_zero()).then(|| began.saturating_add(idle).unwrap_or(Timestamp::MAX)),
        ..wanted.clone()
    }
}

async fn run_and_leave(
    session: &mut Session<'_>,
    request: &ScaleDown,
    began: Timestamp,
    interrupts: &Interrupts,
) -> Ended {
    let ended = run(session, request, began, interrupts).await;
    let (word, problem) = match &ended {
        Ended::Well(outcome) => (outcome.as_str(), None),
        Ended::Held(_) => (Outcome::Held.as_str(), None),
        Ended::Badly(problem) => (of_problem(problem).as_str(), Some(problem)),
    };
    session.give_custody_back(word, problem).await;
    ended
}

/// What a problem makes of a run.
fn of_problem(problem: &Problem) -> Outcome {
    if problem.kind == ProblemKind::Refused {
        Outcome::Refused
    } else {
        Outcome::Failed
    }
}

async fn run(session: &mut Session<'_>, request: &ScaleDown, began: Timestamp, interrupts: &Interrupts) -> Ended {
    let time = request.timeout.saturating_add(request.wait_idle);
    let deadline =
        SignedDuration::try_from(time).map_or(Timestamp::MAX, |t| began.saturating_add(t).unwrap_or(Timestamp::MAX));
    let problem = match session.drive(plan::scale_down, deadline, &interrupts.first).await {
        End::Reached if session.taken.is_empty() && session.memory.began_at_zero => {
            return Ended::Well(Outcome::AlreadyDown);
        }
        End::Reached => return Ended::Well(Outcome::Down),
        End::Held(reason) => return Ended::Held(reason),
        End::Stopped(problem) => problem,
        End::Deadline(waiting) => deadline_passed(time, &waiting),
        End::Interrupted => Problem::new(ProblemKind::Interrupted, "interrupted"),
    };
    // Whatever ends this run early: a task that became protected in the last moment must get its count back.
    if session.memory.lowered_at.is_some() {
        let until = session.clock.now().saturating_add(SETTLING).unwrap_or(Timestamp::MAX);
        let end = session.drive(plan::settle, until, &interrupts.second).await;
        if let End::Stopped(second) = end {
            return Ended::Badly(problem.because(format!("and it could not be seen whether its tasks end: {second}")));
        }
    }
    Ended::Badly(problem)
}

fn report(mut session: Session<'_>, began: Timestamp, ended: Ended) -> Report {
    let (outcome, held, mut problem) = match ended {
        Ended::Well(outcome) => (outcome, None, None),
        Ended::Held(reason) => (Outcome::Held, Some(reason), None),
        Ended::Badly(problem) => (of_problem(&problem), None, Some(problem)),
    };
    let wanted = session.wanted;
    let billing = match outcome {
        Outcome::Down | Outcome::AlreadyDown | Outcome::Planned => Vec::new(),
        _ => billing::billing(wanted, &session.seen, &session.memory),
    };
    if let Some(problem) = &mut problem
        && matches!(
            problem.kind,
            ProblemKind::Deadline | ProblemKind::Interrupted | ProblemKind::Failed
        )
        && !billing.is_empty()
    {
        let again = format!("to finish it, run again: `scale-down{}`", wanted.further.flags);
        problem.hints.push(again);
    }
    let reason = problem.as_ref().map(|p| p.what.clone()).or_else(|| held.clone());
    let left = left(&session, &billing, reason.as_deref().unwrap_or_default());
    let mut removed = session.removed.clone();
    removed.extend(ended_tasks(&session));
    let decided = session.memory.lowered_on.take().filter(|_| outcome == Outcome::Down);
    Report {
        outcome,
        guard: decided.or_else(|| session.seen.guard.clone()),
        // Another run holds the lock, so whatever there is, is on its way.
        state: match &problem {
            Some(problem) if problem.kind == ProblemKind::Locked => State::Transitional,
            _ => State::of(wanted, &session.seen),
        },
        elapsed: between(began, session.clock.now()),
        steps: session.taken,
        planned: Vec::new(),
        seen: session.seen,
        problem,
        held,
        removed,
        left,
        billing,
    }
}

/// Tasks that were there when the run began and are over now.
fn ended_tasks(session: &Session<'_>) -> Vec<Removed> {
    let over = session
        .seen
        .tasks()
        .iter()
        .filter(|t| t.is_stopped() && !session.memory.was_over(t));
    over.map(|task| Removed {
        kind: "task",
        name: task.id().to_owned(),
        arn: task.arn.clone(),
        from: task.created_at,
        until: task.stopped_at.unwrap_or(session.seen.at),
    })
    .collect()
}

/// Looks, and says what [`scale_down`] would do if it stays as quiet as it is.
pub async fn plan_scale_down(
    aws: &Aws,
    wanted: &Wanted,
    request: &ScaleDown,
    clock: Clock,
    observer: Observer<'_>,
    interrupts: &Interrupts,
) -> Report {
    let began = clock.now();
    let mut session = Session::new(aws, wanted, clock, observer, &request.desk, OPERATION, request.seed);
    session.turn(Thoroughness::WayDown);
    let known = tokio::select! {
        biased;
        () = interrupts.first.cancelled() => Err(Problem::new(ProblemKind::Interrupted, "interrupted")),
        known = session.look_until_known(plan::scale_down, request.timeout) => known,
    };
    let planned = match known {
        Ok(()) => plan::steps_down(wanted, &session.seen, &session.memory),
        Err(problem) => return report(session, began, Ended::Badly(problem)),
    };
    match planned.map_err(|plan| *plan) {
        Ok(steps) => {
            let outcome = if steps.is_empty() && State::of(wanted, &session.seen) == State::Standby {
                Outcome::AlreadyDown
            } else {
                Outcome::Planned
            };
            Report {
                planned: steps,
                ..report(session, began, Ended::Well(outcome))
            }
        }
        Err(Plan { held: Some(reason), .. }) => report(session, began, Ended::Held(reason)),
        Err(Plan {
            problem: Some(problem), ..
        }) => report(session, began, Ended::Badly(problem)),
        Err(plan) => {
            let waits = |problem: Problem, waiting: &Waiting| {
                problem.because(format!("{}: {}", waiting.resource, waiting.state))
            };
            let problem = Problem::new(ProblemKind::Failed, "what would be done cannot be told");
            let problem = plan.waiting.iter().fold(problem, waits);
            report(session, began, Ended::Badly(problem))
        }
    }
}

/// Whether the guard could not tell, so that the operator may be asked.
pub fn guard_could_not_tell(report: &Report) -> bool {
    let unknown = |verdict: &Verdict| matches!(verdict, Verdict::Unknown { .. });
    report.outcome == Outcome::Refused && report.guard.as_ref().is_some_and(|reading| unknown(&reading.verdict))
}
