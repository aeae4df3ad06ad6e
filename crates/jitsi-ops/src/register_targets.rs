//! The operation "register targets": every task of the platform registered and healthy, and nothing else registered.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::access::Aws;
use crate::clock::{Clock, between};
use crate::custody::{Desk, Operation};
use crate::diagnosis;
use crate::event::Observer;
use crate::memory::TWICE_APART;
use crate::observation::Observation;
use crate::observe::Thoroughness;
use crate::plan;
use crate::problem::{Problem, ProblemKind};
use crate::scale_up::Interrupts;
use crate::session::{End, Session, TakenStep, deadline_passed};
use crate::step::Step;
use crate::wanted::Wanted;

const OPERATION: Operation = Operation {
    name: "register-nlb-targets",
    unlocked_on_transport_failure: false,
    settles: false,
    // Health takes minutes, and somebody may want to scale down meanwhile.
    lets_go: Some(Outcome::Registered.as_str()),
};

/// How to register.
#[derive(Clone, Debug)]
pub struct RegisterTargets {
    /// How long it may take until every target is healthy.
    pub timeout: Duration,
    /// Who runs, and where lock and journal are kept.
    pub desk: Desk,
    /// Seed of the jitter in the pauses.
    pub seed: u64,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every task is registered and healthy, and this run had to do something for it, or to wait.
    Registered,
    /// Every task was registered and healthy; nothing was changed.
    AlreadyRegistered,
    /// A dry run: this is what would be done.
    Planned,
    /// Some target is not as it should be.
    Failed,
}

impl Outcome {
    /// As it stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::AlreadyRegistered => "already-registered",
            Self::Planned => "planned",
            Self::Failed => "failed",
        }
    }
}

/// What a run has done and what there is now.
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// The last observation.
    pub seen: Observation,
    /// What was done, in order.
    pub steps: Vec<TakenStep>,
    /// What would be done, for a dry run.
    pub planned: Vec<Step>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// How long it took, by the run's clock.
    pub elapsed: Duration,
}

/// Registers what is missing, deregisters what is no task of ours any more, and waits for health. With `wanted.watch` it
/// goes on until it is interrupted, and waits for nothing.
pub async fn register_targets(
    aws: &Aws,
    wanted: &Wanted,
    request: &RegisterTargets,
    clock: Clock,
    observer: Observer<'_>,
    interrupts: &Interrupts,
) -> Report {
    let began = clock.now();
    let mut session = Session::new(aws, wanted, clock, observer, &request.desk, OPERATION, request.seed);
    session.turn(Thoroughness::Targets);
    let ended = tokio::select! {
        biased;
        () = interrupts.second.cancelled() => Err(Problem::new(ProblemKind::Interrupted, "stopped at once")),
        // Boxed: what waits in it is nested deeper than the compiler likes.
        ended = Box::pin(run_and_leave(&mut session, request, began, interrupts)) => ended,
    };
    report(session, began, ended)
}

async fn run_and_leave(
    session: &mut Session<'_>,
    request: &RegisterTargets,
    began: Timestamp,
    interrupts: &Interrupts,
) -> Result<Outcome, Problem> {
    let ended = if session.wanted.watch {
        Err(session.keep_to(plan::register, &interrupts.first).await)
    } else {
        run(session, request, began, interrupts).await
    };
    let outcome = *ended.as_ref().unwrap_or(&Outcome::Failed);
    session.give_custody_back(outcome.as_str(), ended.as_ref().err()).await;
    ended
}

async fn run(
    session: &mut Session<'_>,
    request: &RegisterTargets,
    began: Timestamp,
    interrupts: &Interrupts,
) -> Result<Outcome, Problem> {
    let deadline = SignedDuration::try_from(request.timeout)
        .map_or(Timestamp::MAX, |t| began.saturating_add(t).unwrap_or(Timestamp::MAX));
    match session.drive(plan::register, deadline, &interrupts.first).await {
        End::Reached if session.taken.is_empty() && !session.waited => Ok(Outcome::AlreadyRegistered),
        End::Reached => Ok(Outcome::Registered),
        End::Stopped(problem) => Err(problem),
        End::Deadline(waiting) => {
            let problem = deadline_passed(request.timeout, &waiting);
            Err(match diagnosis::unhealthy_targets(&session.seen, session.wanted) {
                Some(cause) => problem.hint(cause),
                None => problem,
            })
        }
        End::Interrupted | End::Held(_) => Err(Problem::new(ProblemKind::Interrupted, "interrupted")),
    }
}

fn report(session: Session<'_>, began: Timestamp, ended: Result<Outcome, Problem>) -> Report {
    let (outcome, problem) = match ended {
        Ok(outcome) => (outcome, None),
        Err(problem) => (Outcome::Failed, Some(problem)),
    };
    Report {
        outcome,
        elapsed: between(began, session.clock.now()),
        seen: session.seen,
        steps: session.taken,
        planned: Vec::new(),
        problem,
    }
}

/// Looks, and says what [`register_targets`] would do.
pub async fn plan_register_targets(
    aws: &Aws,
    wanted: &Wanted,
    request: &RegisterTargets,
    clock: Clock,
    observer: Observer<'_>,
    interrupts: &Interrupts,
) -> Report {
    let began = clock.now();
    let mut session = Session::new(aws, wanted, clock, observer, &request.desk, OPERATION, request.seed);
    session.turn(Thoroughness::Targets);
    let known = tokio::select! {
        biased;
        () = interrupts.first.cancelled() => Err(Problem::new(ProblemKind::Interrupted, "interrupted")),
        known = look_twice(&mut session, request.timeout) => known,
    };
    let steps = session.plan(plan::register).steps;
    let outcome = if steps.is_empty() && !session.waited {
        Outcome::AlreadyRegistered
    } else {
        Outcome::Planned
    };
    Report {
        planned: if known.is_ok() { steps } else { Vec::new() },
        ..report(session, began, known.map(|()| outcome))
    }
}

/// Looks until all is known; what is no task of ours is looked at twice.
async fn look_twice(session: &mut Session<'_>, timeout: Duration) -> Result<(), Problem> {
    session.look_until_known(plan::register, timeout).await?;
    if session.memory.has_strays() {
        session.clock.sleep(TWICE_APART).await;
        session.look().await;
    }
    let plan = session.plan(plan::register);
    session.waited = !plan.waiting.is_empty();
    match plan.problem {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}
