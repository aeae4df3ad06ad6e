//! The loop: observe, plan, apply, wait. One session drives one platform towards a goal, and can be turned to another.

mod custody;
mod steps;
mod watch;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::access::Aws;
use crate::clock::{Clock, between};
use crate::custody::{Custody, Desk, Operation};
use crate::event::{Event, EventKind, Observer};
use crate::memory::Memory;
use crate::observation::Observation;
use crate::observe::{self, Facet, Schedule, Thoroughness};
use crate::plan::{Look, Plan, Waiting, Warning};
use crate::problem::{Problem, ProblemKind};
use crate::progress::{self, Kind};
use crate::step::Step;
use crate::wanted::Wanted;

/// A plan for one goal.
pub type Goal = fn(Look<'_>) -> Plan;

/// Pause after a step that failed and may pass, on top of the SDK's own retries.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// The shortest pause between two looks.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
/// For how long a refusal that comes from AWS's own delays (a deletion or creation not visible everywhere) is taken
/// for one. Terraform waits as long for target groups that are "in use" after their load balancer is gone.
const SETTLING_TIME: Duration = Duration::from_secs(120);
/// For how long a denied deletion may mean that there is nothing left to delete.
const DENIED_FOR: Duration = Duration::from_secs(10);
/// How long to try when nothing at all answers.
const SILENCE: Duration = Duration::from_secs(30);

/// A step that AWS has accepted.
#[derive(Clone, Debug, Serialize)]
pub struct TakenStep {
    /// When it was accepted, by the run's clock.
    pub at: Timestamp,
    /// AWS's name for the call.
    pub operation: &'static str,
    /// What was changed.
    pub resource: String,
}

/// A resource that a run has deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// `load balancer`, `target group` or `task`.
    pub kind: &'static str,
    /// Its name or id.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it was created, where AWS tells it.
    pub from: Option<Timestamp>,
    /// When its deletion was accepted, or the task stopped.
    pub until: Timestamp,
}

/// How driving towards a goal ended.
#[derive(Debug)]
pub enum End {
    /// The goal is reached, and was still reached when everything that decides was read once more.
    Reached,
    /// Something stands in the way.
    Stopped(Problem),
    /// The deadline passed; this is what was still waited for.
    Deadline(Vec<Waiting>),
    /// The operator interrupted.
    Interrupted,
    /// A hold or a lease keeps the platform up.
    Held(String),
}

/// One run against one platform.
#[derive(Debug)]
pub struct Session<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) wanted: &'a Wanted,
    pub(crate) clock: Clock,
    observer: Quietly<'a>,
    desk: &'a Desk,
    operation: Operation,
    custody: Option<Custody>,
    /// Asked once after custody was taken.
    after_custody: Option<fn(&Memory) -> bool>,
    /// Whether it was looked already what others have left open in the journal.
    settled: bool,
    pub(crate) seen: Observation,
    pub(crate) memory: Memory,
    schedule: Schedule,
    random: fastrand::Rng,
    /// Steps that were accepted.
    pub(crate) taken: Vec<TakenStep>,
    warned: BTreeSet<Warning>,
    shown: BTreeMap<String, (Kind, String)>,
    passed: bool,
    /// Whether a longer silence of AWS ends the run. On the way up the network may come back until the deadline.
    gives_up: bool,
    /// What this run has deleted.
    pub(crate) removed: Vec<Removed>,
    /// Whether there was ever something to wait for.
    pub(crate) waited: bool,
    /// Steps that have failed and were not accepted since, with the reason.
    trouble: BTreeMap<String, String>,
    /// Since when a step has been refused in a way that may be AWS's own delay.
    refused_since: BTreeMap<String, Timestamp>,
}

/// An observer that `Debug` can pass over.
struct Quietly<'a>(Observer<'a>);

impl std::fmt::Debug for Quietly<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}

impl<'a> Session<'a> {
    /// A session that has seen nothing yet. `seed` decides the jitter of its pauses.
    pub(crate) fn new(
        aws: &'a Aws,
        wanted: &'a Wanted,
        clock: Clock,
        observer: Observer<'a>,
        desk: &'a Desk,
        operation: Operation,
        seed: u64,
    ) -> Self {
        Self {
            aws,
            wanted,
            clock,
            observer: Quietly(observer),
            desk,
            operation,
            custody: None,
            after_custody: None,
            settled: false,
            seen: Observation::default(),
            memory: Memory::default(),
            schedule: Schedule::new(Thoroughness::WayUp),
            random: fastrand::Rng::with_seed(seed),
            taken: Vec::new(),
            trouble: BTreeMap::new(),
            gives_up: false,
            removed: Vec::new(),
            waited: false,
            warned: BTreeSet::new(),
            shown: BTreeMap::new(),
            passed: false,
            refused_since: BTreeMap::new(),
        }
    }

    pub(crate) fn emit(&self, kind: EventKind) {
        (self.observer.0)(Event {
            at: self.clock.now(),
            kind,
        });
    }

    /// Changes how much is read, and has everything that decides read again.
    pub(crate) fn turn(&mut self, thoroughness: Thoroughness) {
        self.schedule = Schedule::new(thoroughness);
        self.gives_up = thoroughness == Thoroughness::WayDown;
        self.operation.unlocked_on_transport_failure |= thoroughness == Thoroughness::WayDown;
        self.refused_since.clear();
    }

    /// Reads what is due, and tells what has changed.
    pub(crate) async fn look(&mut self) {
        observe::look(
            self.aws,
            self.wanted,
            &self.clock,
            &mut self.schedule,
            &mut self.seen,
            &mut self.memory,
        )
        .await;
        let lines = progress::lines(self.wanted, &self.seen, &self.memory);
        for line in &lines {
            if self.shown.get(&line.name).is_none_or(|(_, state)| *state != line.state) {
                self.shown.insert(line.name.clone(), (line.kind, line.state.clone()));
                self.emit(EventKind::Resource {
                    name: line.name.clone(),
                    state: line.state.clone(),
                    settled: line.settled,
                });
            }
        }
        // What has no line is gone only if it is known what there is.
        let there: BTreeSet<&str> = lines.iter().map(|line| line.name.as_str()).collect();
        let gone = |(name, (kind, _)): &(&String, &(Kind, String))| {
            progress::is_known(*kind, self.wanted, &self.seen) && !there.contains(name.as_str())
        };
        let gone: Vec<String> = self.shown.iter().filter(gone).map(|(name, _)| name.clone()).collect();
        for name in gone {
            self.shown.remove(&name);
            self.emit(EventKind::ResourceGone { name });
        }
    }

    /// What `goal` asks for now, with its warnings told once each.
    pub(crate) fn plan(&mut self, goal: Goal) -> Plan {
        let plan = goal(Look {
            wanted: self.wanted,
            seen: &self.seen,
            memory: &self.memory,
        });
        for warning in &plan.warnings {
            self.warn(warning.clone());
        }
        plan
    }

    /// Why nothing can be expected any more: AWS has been silent from the start, or, on the way down, for a while.
    pub(crate) fn unreachable(&self, began: Timestamp) -> Option<Problem> {
        let failures = [
            self.seen.identity.failure(),
            self.seen.service.failure(),
            self.seen.tasks.failure(),
        ];
        let failure = failures.into_iter().flatten().find(|f| f.is_silence())?;
        let now = self.clock.now();
        let patience = match self.memory.answered_at {
            None => between(began, now) >= SILENCE,
            Some(at) => self.gives_up && between(at.max(began), now) >= SILENCE * 2,
        };
        patience.then(|| self.wanted.problem(failure))
    }

    /// Observes, plans, applies and waits until `goal` is reached or cannot be.
    pub async fn drive(&mut self, goal: Goal, deadline: Timestamp, interrupt: &CancellationToken) -> End {
        let began = self.clock.now();
        let mut looked_twice = false;
        loop {
            // A look changes nothing at AWS, so it may be dropped in the middle.
            tokio::select! {
                biased;
                () = interrupt.cancelled() => return End::Interrupted,
                () = self.look() => {}
            }
            if let Some(problem) = self.unreachable(began) {
                return End::Stopped(problem);
            }
            if let Some(problem) = self.may_not_go_on() {
                return End::Stopped(problem);
            }
            let plan = self.plan(goal);
            if let Some(problem) = plan.problem {
                return End::Stopped(problem);
            }
            if let Some(reason) = plan.held {
                return End::Held(reason);
            }
            if !self.passed && plan.preflight_passed {
                self.passed = true;
                if let Some(identity) = self.seen.identity.here() {
                    self.emit(EventKind::PreflightPassed {
                        account: identity.account.clone(),
                    });
                }
            }
            // Parts of the picture are older than others: all that decides is read once more before anybody is told.
            if plan.is_done() {
                if looked_twice && !Box::pin(self.settle_for_others(interrupt)).await {
                    return End::Reached;
                }
                looked_twice = !looked_twice;
                self.schedule.force_deciding();
                continue;
            }
            looked_twice = false;
            self.waited |= !plan.waiting.is_empty() || plan.steps.iter().any(Step::needs_lock);
            if interrupt.is_cancelled() {
                return End::Interrupted;
            }
            if self.clock.now() >= deadline {
                return End::Deadline(self.what_is_missing(plan.waiting));
            }
            let steps = self.fresh(plan.steps);
            let pause = if steps.is_empty() {
                self.let_go().await;
                self.until_next_look()
            } else {
                // Whoever has waited for the lock looks again: another run may have been at work.
                if self.custody_is_missing_for(&steps) {
                    let taken = tokio::select! {
                        biased;
                        () = interrupt.cancelled() => return End::Interrupted,
                        taken = Box::pin(self.take_custody(&steps)) => taken,
                    };
                    match taken {
                        Ok(()) => continue,
                        Err(problem) => return End::Stopped(problem),
                    }
                }
                match self.take(steps).await {
                    Ok(true) => continue,
                    Ok(false) => AFTER_FAILURE,
                    Err(problem) => return End::Stopped(problem),
                }
            };
            let pause = match self.keep_custody(pause).await {
                Ok(pause) => pause,
                Err(problem) => return End::Stopped(problem),
            };
            let pause = pause.min(between(self.clock.now(), deadline)).max(SHORTEST_PAUSE);
            tokio::select! {
                () = self.clock.sleep(pause) => {}
                () = interrupt.cancelled() => return End::Interrupted,
            }
        }
    }

    /// Looks until every read that `goal` needs has an answer. Nothing is changed.
    pub(crate) async fn look_until_known(&mut self, goal: Goal, timeout: Duration) -> Result<(), Problem> {
        let began = self.clock.now();
        loop {
            self.look().await;
            if let Some(problem) = self.unreachable(began) {
                return Err(problem);
            }
            if observe::lacks_tags(&self.seen) {
                self.clock.sleep(Duration::from_secs(1)).await;
                self.look().await;
            }
            let plan = self.plan(goal);
            if let Some(problem) = plan.problem {
                return Err(problem);
            }
            let unknown: Vec<_> = plan
                .waiting
                .into_iter()
                .filter(|w| w.state.starts_with("unknown") || w.state == "not read yet")
                .collect();
            if unknown.is_empty() {
                return Ok(());
            }
            if between(began, self.clock.now()) >= timeout {
                return Err(deadline_passed(timeout, &unknown));
            }
            self.clock.sleep(Duration::from_secs(2)).await;
        }
    }

    /// Those of `steps` that rest on nothing too old. For the others it is looked again at once.
    fn fresh(&mut self, steps: Vec<Step>) -> Vec<Step> {
        let (fresh, stale): (Vec<Step>, Vec<Step>) = steps
            .into_iter()
            .partition(|step| step.quiet().is_none_or(|quiet| quiet.is_fresh(&self.clock)));
        if !stale.is_empty() {
            for facet in [Facet::Service, Facet::Tasks, Facet::Guard] {
                self.schedule.force(facet);
            }
        }
        fresh
    }

    fn warn(&mut self, warning: Warning) {
        if self.warned.insert(warning.clone()) {
            self.emit(EventKind::Warning(warning));
        }
    }

    /// What is waited for, and the calls that stand behind it.
    fn what_is_missing(&self, waiting: Vec<Waiting>) -> Vec<Waiting> {
        let failed = self.trouble.iter().map(|(step, reason)| Waiting {
            resource: step.clone(),
            state: format!("failed last with {reason}"),
        });
        failed.chain(waiting).collect()
    }

    /// The pause until something is due, with a jitter of up to a tenth so that two runs do not march in step.
    fn until_next_look(&mut self) -> Duration {
        let now = self.clock.now();
        let next = self
            .schedule
            .next_look(&self.seen, &self.memory, self.wanted)
            .unwrap_or(now);
        between(now, next).mul_f64(1.0 + 0.1 * self.random.f64())
    }
}

/// The end of a run whose deadline passed.
pub(crate) fn deadline_passed(timeout: Duration, waiting: &[Waiting]) -> Problem {
    let what = format!("not done after {} s", timeout.as_secs());
    waiting
        .iter()
        .fold(Problem::new(ProblemKind::Deadline, what), |problem, waiting| {
            problem.because(format!("{}: {}", waiting.resource, waiting.state))
        })
}
