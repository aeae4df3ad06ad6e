//! Keeping to a goal until the operator interrupts: what changes is put right again.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{AFTER_FAILURE, SHORTEST_PAUSE, Session};
use crate::event::EventKind;
use crate::plan::Warning;
use crate::problem::{Problem, ProblemKind};
use crate::step::Step;

use super::Goal;

/// After a problem that the run can do nothing about, it is looked again.
const AFTER_PROBLEM: Duration = Duration::from_secs(30);

impl Session<'_> {
    /// Looks, and takes what steps `goal` asks for, again and again. The platform is in its hands only while it takes
    /// steps. What goes wrong is told, once until it is over, and tried again; only what no time can change ends it.
    pub(crate) async fn keep_to(&mut self, goal: Goal, interrupt: &CancellationToken) -> Problem {
        let mut told: Option<String> = None;
        loop {
            let turn = tokio::select! {
                biased;
                () = interrupt.cancelled() => return Problem::new(ProblemKind::Interrupted, "interrupted"),
                () = self.look() => self.turn_of_watch(goal, interrupt).await,
            };
            let pause = match turn {
                Ok(pause) => {
                    told = None;
                    pause
                }
                Err(problem) if is_final(&problem) => return problem,
                Err(problem) => {
                    let what = problem.to_string();
                    if told.as_ref() != Some(&what) {
                        self.emit(EventKind::Warning(Warning {
                            message: what.clone(),
                            hint: problem.hints.first().cloned(),
                        }));
                        told = Some(what);
                    }
                    AFTER_PROBLEM
                }
            };
            tokio::select! {
                () = self.clock.sleep(pause.max(SHORTEST_PAUSE)) => {}
                () = interrupt.cancelled() => return Problem::new(ProblemKind::Interrupted, "interrupted"),
            }
        }
    }

    /// Takes the steps that are due now. Returns how long nothing is to be done.
    async fn turn_of_watch(&mut self, goal: Goal, interrupt: &CancellationToken) -> Result<Duration, Problem> {
        let plan = self.plan(goal);
        if let Some(problem) = plan.problem {
            self.let_go().await;
            return Err(problem);
        }
        let steps = self.fresh(plan.steps);
        if steps.is_empty() {
            self.let_go().await;
            return Ok(self.until_next_look());
        }
        if self.custody_is_missing_for(&steps) {
            let taken = tokio::select! {
                biased;
                () = interrupt.cancelled() => return Ok(Duration::ZERO),
                taken = Box::pin(self.take_custody(&steps)) => taken,
            };
            return taken.map(|()| Duration::ZERO);
        }
        match self.take(steps).await {
            Ok(true) => Ok(Duration::ZERO),
            Ok(false) => Ok(AFTER_FAILURE),
            Err(problem) => {
                self.let_go().await;
                Err(problem)
            }
        }
    }

    /// Whether the platform is to be taken into one's hands before these steps.
    pub(super) fn custody_is_missing_for(&self, steps: &[Step]) -> bool {
        self.custody.is_none() && steps.iter().any(Step::needs_lock)
    }
}

/// Whether no time can change it: the wrong account, what is not ours, a wrong configuration.
fn is_final(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::Refused | ProblemKind::Usage)
}
