//! The operation "scale up": drive to the goal, and clean up after a failure where that takes nothing from anybody.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::access::Aws;
use crate::aftermath;
use crate::billing::{self, Billing};
use crate::clock::{Clock, between};
use crate::custody::{Desk, Operation};
use crate::diagnosis;
use crate::event::{EventKind, Observer};
use crate::keep;
use crate::memory::Memory;
use crate::observation::Observation;
use crate::observe::Thoroughness;
use crate::plan;
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;
use crate::session::{End, Session, TakenStep, deadline_passed};
use crate::state::State;
use crate::step::Step;
use crate::wanted::Wanted;

/// How long bringing a failed start back to zero may take: a task needs a minute to stop, AWS two to let go of target
/// groups.
const ROLLBACK_TIME: SignedDuration = SignedDuration::from_mins(10);

/// How long to try to see whether a task runs, before a failed start is left as it is.
const SIGHT_TIME: Duration = Duration::from_secs(60);

const OPERATION: Operation = Operation {
    name: "scale-up",
    unlocked_on_transport_failure: false,
    settles: true,
    lets_go: None,
};

/// Whether a failed start is brought back to zero, by what the run remembers.
pub type RollbackRule = fn(&Memory) -> bool;

/// The rule: only if nothing ran when the run began, and no task has reached RUNNING since. Then nobody can be in a
/// meeting. Not knowing counts as "somebody may be".
pub fn nothing_has_run(memory: &Memory) -> bool {
    memory.began_idle == Some(true) && !memory.reached_running
}

/// How to scale up.
#[derive(Clone, Debug)]
pub struct ScaleUp {
    /// How long the way up may take. A way back is not counted.
    pub timeout: Duration,
    /// What a failed start is judged by; `None` leaves everything as it is (`--no-rollback`).
    pub rollback: Option<RollbackRule>,
    /// Who runs, and where lock and journal are kept.
    pub desk: Desk,
    /// Seed of the jitter in the pauses.
    pub seed: u64,
}

/// The operator's first and second Ctrl-C.
#[derive(Clone, Debug, Default)]
pub struct Interrupts {
    /// Stop, and clean up.
    pub first: CancellationToken,
    /// Stop at once.
    pub second: CancellationToken,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is up, and this run has brought it up.
    Up,
    /// It was up and right; nothing was changed.
    AlreadyUp,
    /// It was up, and this run has put something right.
    Repaired,
    /// A dry run: this is what would be done.
    Planned,
    /// It failed, and everything of ours was brought back to zero.
    RolledBack,
    /// It failed and stays as it is.
    Failed,
}

impl Outcome {
    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::AlreadyUp => "already-up",
            Self::Repaired => "repaired",
            Self::Planned => "planned",
            Self::RolledBack => "rolled-back",
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
    /// What was done, in order.
    pub steps: Vec<TakenStep>,
    /// What would be done, for a dry run.
    pub planned: Vec<Step>,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// What costs money now, if the run failed.
    pub billing: Vec<Billing>,
    /// How long it took, by the run's clock.
    pub elapsed: Duration,
}

/// Brings the platform up.
pub async fn scale_up(
    aws: &Aws,
    wanted: &Wanted,
    request: &ScaleUp,
    clock: Clock,
    observer: Observer<'_>,
    interrupts: &Interrupts,
) -> Report {
    let began = clock.now();
    let mut session = Session::new(aws, wanted, clock, observer, &request.desk, OPERATION, request.seed);
    let ended = tokio::select! {
        biased;
        () = interrupts.second.cancelled() => None,
        // Boxed: what waits in it is nested deeper than the compiler likes.
        ended = Box::pin(run_and_leave(&mut session, request, began, interrupts)) => Some(ended),
    };
    let (outcome, problem) = ended.unwrap_or_else(|| {
        let problem = Problem::new(ProblemKind::Interrupted, "stopped at once, without cleaning up");
        (Outcome::Failed, Some(problem))
    });
    // What is up is not up for long while a test of the platform is at work on it.
    let problem = match outcome {
        Outcome::AlreadyUp if !session.is_part_of_more() => a_test_is_at_work(&session).await,
        _ => problem,
    };
    let outcome = match (&problem, outcome) {
        (Some(_), Outcome::AlreadyUp) => Outcome::Failed,
        _ => outcome,
    };
    report(session, began, outcome, problem)
}

/// A test of the platform takes it down again when it ends, unless a lease or a hold keeps it up.
async fn a_test_is_at_work(session: &Session<'_>) -> Option<Problem> {
    let (aws, wanted, seen) = (session.aws, session.wanted, &session.seen);
    let service = seen.service.here()?;
    if keep::reason_to_stay(&service.tags, seen.aws_at, false).is_some() {
        return None;
    }
    let holder = aftermath::test_at_work(aws, wanted, session.desk(), seen).await?;
    let flags = &wanted.further.flags;
    let problem = Problem::new(
        ProblemKind::Locked,
        "the platform is up for a test, which takes it down when it ends",
    )
    .because(holder.to_string())
    .hint("run this again when the test has ended")
    .hint(format!("or keep it up now: `scale-up{flags} --for 3h`"));
    Some(problem)
}

async fn run_and_leave(
    session: &mut Session<'_>,
    request: &ScaleUp,
    began: Timestamp,
    interrupts: &Interrupts,
) -> (Outcome, Option<Problem>) {
    let (outcome, problem) = run(session, request, began, interrupts).await;
    session.give_custody_back(outcome.as_str(), problem.as_ref()).await;
    (outcome, problem)
}

async fn run(
    session: &mut Session<'_>,
    request: &ScaleUp,
    began: Timestamp,
    interrupts: &Interrupts,
) -> (Outcome, Option<Problem>) {
    let deadline = SignedDuration::try_from(request.timeout)
        .map_or(Timestamp::MAX, |t| began.saturating_add(t).unwrap_or(Timestamp::MAX));
    let problem = match session.drive(plan::up, deadline, &interrupts.first).await {
        End::Reached => return (reached(session), None),
        End::Stopped(problem) => problem,
        End::Deadline(waiting) => {
            let problem = deadline_passed(request.timeout, &waiting);
            match diagnosis::unhealthy_targets(&session.seen, session.wanted) {
                Some(cause) => problem.hint(cause),
                None => problem,
            }
        }
        End::Interrupted => Problem::new(ProblemKind::Interrupted, "interrupted"),
        End::Held(reason) => Problem::new(ProblemKind::Refused, "the platform is held").because(reason),
    };
    let Some(rule) = request.rollback else {
        // Within several operations it is another one's part to take back.
        let problem = match session.is_part_of_more() {
            true => problem,
            false => problem.because("nothing is taken away, as was asked for"),
        };
        return (Outcome::Failed, Some(problem));
    };
    // A refusal is about what others have made or set. It undoes only what this run has begun.
    let only_refused =
        problem.kind == ProblemKind::Refused && session.taken.is_empty() && session.memory.unanswered.is_empty();
    // What there is, is in the hands of the run that holds the lock.
    if only_refused || problem.kind == ProblemKind::Locked || !something_to_undo(session) {
        return (Outcome::Failed, Some(problem));
    }
    roll_back(session, rule, problem, &interrupts.second).await
}

fn reached(session: &Session<'_>) -> Outcome {
    // A new lease repairs nothing.
    let mended = session.taken.iter().any(|step| step.operation != "TagResource");
    if !mended && !session.waited {
        Outcome::AlreadyUp
    } else if session.memory.began_idle == Some(false) && mended {
        Outcome::Repaired
    } else {
        Outcome::Up
    }
}

/// Whether the platform is anything but at zero, or may be. In an account that the configuration does not allow there
/// is nothing of ours to undo.
fn something_to_undo(session: &Session<'_>) -> bool {
    let seen = &session.seen;
    let right_account = seen
        .identity
        .here()
        .is_some_and(|i| session.wanted.account_id.as_ref().is_none_or(|a| *a == i.account));
    let at_zero = seen.load_balancer.is_absent()
        && seen.target_groups.values().all(Reading::is_absent)
        && seen.service.here().is_some_and(|s| s.desired == 0)
        && seen
            .tasks
            .here()
            .is_some_and(|tasks| tasks.iter().all(|t| t.is_stopped()));
    let no_platform = seen.service.is_absent();
    let touched = !session.taken.is_empty() || !session.memory.unanswered.is_empty();
    right_account && !no_platform && (touched || !at_zero)
}

async fn roll_back(
    session: &mut Session<'_>,
    rule: RollbackRule,
    problem: Problem,
    abort: &CancellationToken,
) -> (Outcome, Option<Problem>) {
    session.turn(Thoroughness::WayDown);
    // The rule is about what runs now, not about what ran at the last look.
    if let Err(unseen) = see_the_tasks(session).await {
        return (Outcome::Failed, Some(problem.because(unseen)));
    }
    if !rule(&session.memory) {
        let why = "a task has run, so somebody may be in a meeting: nothing is taken away";
        return (Outcome::Failed, Some(problem.because(why)));
    }
    session.emit(EventKind::RollingBack {
        why: problem.what.clone(),
    });
    let deadline = session
        .clock
        .now()
        .saturating_add(ROLLBACK_TIME)
        .unwrap_or(Timestamp::MAX);
    // Whoever waits for the lock may find that somebody else has brought the platform up meanwhile.
    session.ask_after_custody(rule);
    let second = match session.drive(plan::down, deadline, abort).await {
        End::Reached if State::of(session.wanted, &session.seen) == State::Standby => {
            return (Outcome::RolledBack, Some(problem));
        }
        // What was adopted in this run stays.
        End::Reached | End::Interrupted => return (Outcome::Failed, Some(problem)),
        End::Stopped(second) => second,
        End::Held(reason) => Problem::new(ProblemKind::Refused, "the platform is held").because(reason),
        End::Deadline(waiting) => deadline_passed(ROLLBACK_TIME.unsigned_abs(), &waiting),
    };
    let mut problem = problem.because(format!("and it could not be brought back to zero: {second}"));
    for hint in second.hints {
        if !problem.hints.contains(&hint) {
            problem.hints.push(hint);
        }
    }
    (Outcome::Failed, Some(problem))
}

/// Looks until it is known what runs.
async fn see_the_tasks(session: &mut Session<'_>) -> Result<(), String> {
    let began = session.clock.now();
    loop {
        session.look().await;
        if session.seen.tasks.is_known() {
            return Ok(());
        }
        let failure = session.seen.tasks.failure();
        if failure.is_some_and(|f| !f.may_pass()) || between(began, session.clock.now()) >= SIGHT_TIME {
            let cause = failure.map_or_else(String::new, |f| format!(" ({f}: {})", f.in_short()));
            return Err(format!(
                "whether a task runs could not be seen{cause}, so nothing is taken away"
            ));
        }
        session.clock.sleep(Duration::from_secs(5)).await;
    }
}

fn report(session: Session<'_>, began: Timestamp, outcome: Outcome, mut problem: Option<Problem>) -> Report {
    let bills = match &problem {
        Some(_) => billing::billing(session.wanted, &session.seen, &session.memory),
        None => Vec::new(),
    };
    let state = State::of(session.wanted, &session.seen);
    if let Some(problem) = &mut problem
        && !session.is_part_of_more()
    {
        advise(problem, &session, &bills, state);
    }
    Report {
        outcome,
        state,
        elapsed: between(began, session.clock.now()),
        seen: session.seen,
        steps: session.taken,
        planned: Vec::new(),
        problem,
        billing: bills,
    }
}

/// What the operator can do about a failed run that leaves something which costs money: finish it or end it.
fn advise(problem: &mut Problem, session: &Session<'_>, bills: &[Billing], state: State) {
    if bills.is_empty() {
        return;
    }
    let wanted = session.wanted;
    if matches!(problem.kind, ProblemKind::Deadline | ProblemKind::Interrupted) || state == State::Degraded {
        let count = if wanted.count > 1 {
            format!(" --count {}", wanted.count)
        } else {
            String::new()
        };
        problem.hints.push(format!(
            "to finish it, run again: `scale-up{}{count}`",
            wanted.further.flags
        ));
    }
    problem.hints.push(billing::hint(wanted));
}

/// Looks, and says what [`scale_up`] would do.
pub async fn plan_scale_up(
    aws: &Aws,
    wanted: &Wanted,
    request: &ScaleUp,
    clock: Clock,
    observer: Observer<'_>,
    interrupts: &Interrupts,
) -> Report {
    let began = clock.now();
    let mut session = Session::new(aws, wanted, clock, observer, &request.desk, OPERATION, request.seed);
    let problem = tokio::select! {
        biased;
        () = interrupts.first.cancelled() => Err(Problem::new(ProblemKind::Interrupted, "interrupted")),
        ended = session.look_until_known(plan::up, request.timeout) => ended,
    };
    let planned = problem.and_then(|()| {
        plan::all_steps(wanted, &session.seen, &session.memory).map_err(|plan| {
            plan.problem
                .unwrap_or_else(|| Problem::new(ProblemKind::Failed, "the plan has no end"))
        })
    });
    let (planned, problem) = match planned {
        Ok(steps) => (steps, None),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let outcome = match problem {
        Some(_) => Outcome::Failed,
        None if planned.is_empty() && State::of(wanted, &session.seen) == State::Active => Outcome::AlreadyUp,
        None => Outcome::Planned,
    };
    Report {
        planned,
        ..report(session, began, outcome, problem)
    }
}
