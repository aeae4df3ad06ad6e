//! The session's part in lock and journal: when custody of the platform is taken, kept and given back.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Session;
use crate::clock::between;
use crate::custody::{AT_ONCE, Custody, Desk, Knowledge, tell_of_the_holder};
use crate::memory::Memory;
use crate::observe::Facet;
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;
use crate::step::Step;

impl Session<'_> {
    /// Takes the lock and begins an entry in the journal. What was seen before counts for nothing then; only registrations
    /// may rest on tasks that were seen a moment ago, for they take nothing away.
    ///
    /// Under a [`crate::tenure::Tenure`] the platform was in the run's hands all the time.
    pub(super) async fn take_custody(&mut self, steps: &[Step]) -> Result<(), Problem> {
        if let Some(tenure) = &self.desk.tenure {
            self.custody = Some(tenure.lend().await?);
            return Ok(());
        }
        let waiting = tell_of_the_holder(self.observer.0, &self.clock);
        let (custody, warnings) =
            Custody::take(self.aws, self.desk, self.operation, self.knows(), &self.clock, waiting).await?;
        self.custody = Some(custody);
        for warning in warnings {
            self.warn(warning);
        }
        let only_adds = steps.iter().all(|step| matches!(step, Step::RegisterTargets { .. }));
        let just_seen = between(self.seen.tasks_at, self.clock.awake_or_asleep()) < AT_ONCE;
        if !(only_adds && just_seen) {
            self.forget_what_was_seen();
        } else if self.wanted.watch {
            // Who had the lock a moment ago may have asked for no tasks any more.
            self.schedule.force(Facet::Service);
        }
        Ok(())
    }

    /// Whether the run is one of several operations, which another one puts back.
    pub(crate) fn is_part_of_more(&self) -> bool {
        self.desk.tenure.is_some()
    }

    /// Who runs, and where lock and journal are kept.
    pub(crate) fn desk(&self) -> &Desk {
        self.desk
    }

    /// If custody is yet to be taken, has `rule` asked right after that: whether it may still go on.
    pub(crate) fn ask_after_custody(&mut self, rule: fn(&Memory) -> bool) {
        self.after_custody = self.custody.is_none().then_some(rule);
    }

    /// Asks it, once, as soon as custody was taken and the tasks were seen after that.
    pub(super) fn may_not_go_on(&mut self) -> Option<Problem> {
        self.custody.as_ref()?;
        self.seen.tasks.here()?;
        let rule = self.after_custody.take()?;
        (!rule(&self.memory)).then(|| {
            Problem::new(
                ProblemKind::Refused,
                "a task has come up meanwhile, so somebody may be in a meeting",
            )
        })
    }

    /// Another run may have been at work until a moment ago: what was seen before counts for nothing.
    fn forget_what_was_seen(&mut self) {
        self.seen.load_balancer = Reading::NotRead;
        self.seen.target_groups.clear();
        self.seen.fleet = Reading::NotRead;
        self.memory.forget_absences();
        self.schedule.force_deciding();
    }

    /// Renews the lock if that is due, and shortens a pause that would outlast it.
    pub(super) async fn keep_custody(&mut self, pause: Duration) -> Result<Duration, Problem> {
        let Some(custody) = &mut self.custody else {
            return match &self.desk.tenure {
                Some(tenure) => Ok(pause.min(tenure.renew_if_due(self.aws, &self.clock).await?)),
                None => Ok(pause),
            };
        };
        let Some(due) = custody.renewal_in(self.clock.now()) else {
            return Ok(pause);
        };
        if !due.is_zero() {
            return Ok(pause.min(due));
        }
        custody.renew(self.aws, &self.clock).await?;
        let due = custody.renewal_in(self.clock.now()).unwrap_or(pause);
        Ok(pause.min(due))
    }

    /// For a run that has changed nothing: closes what runs that died have left open in the journal. Returns whether there was
    /// anything to close; then it may have waited for the lock, and what was seen before counts for nothing.
    pub(super) async fn settle_for_others(&mut self, interrupt: &CancellationToken) -> bool {
        let ours = self.custody.is_some() || self.desk.tenure.is_some();
        if !self.operation.settles || ours || std::mem::replace(&mut self.settled, true) {
            return false;
        }
        let waiting = tell_of_the_holder(self.observer.0, &self.clock);
        let (aws, desk, operation) = (self.aws, self.desk, self.operation);
        let settled =
            Custody::settle_for_others(aws, desk, operation, self.knows(), &self.clock, interrupt, waiting).await;
        let Some(warnings) = settled else { return false };
        warnings.into_iter().for_each(|warning| self.warn(warning));
        self.forget_what_was_seen();
        true
    }

    /// Gives the platform out of its hands, where nothing is left to do but to wait and the operation does not keep it then.
    pub(super) async fn let_go(&mut self) {
        if let Some(outcome) = self.operation.lets_go {
            self.give_custody_back(outcome, None).await;
        }
    }

    /// Closes the entry in the journal and gives the lock back; where the run holds both for longer, to that.
    pub(crate) async fn give_custody_back(&mut self, outcome: &str, problem: Option<&Problem>) {
        let Some(mut custody) = self.custody.take() else { return };
        if let Some(tenure) = &self.desk.tenure {
            custody.note(&self.knows());
            return tenure.take_back(custody).await;
        }
        let warnings = custody
            .give_back(self.aws, &self.clock, self.knows(), outcome, problem)
            .await;
        for warning in warnings {
            self.warn(warning);
        }
    }

    fn knows(&self) -> Knowledge<'_> {
        Knowledge {
            wanted: self.wanted,
            seen: &self.seen,
            removed: &self.removed,
            turned_active: self.memory.turned_active.as_ref(),
        }
    }
}
