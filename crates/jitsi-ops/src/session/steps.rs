//! Taking steps, and what becomes of them.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;

use super::{DENIED_FOR, Removed, SETTLING_TIME, Session, TakenStep};
use crate::apply::{self, Effect};
use crate::clock::between;
use crate::event::EventKind;
use crate::failure::{AwsFailure, FailureKind};
use crate::observe::Facet;
use crate::problem::Problem;
use crate::step::Step;

impl Session<'_> {
    /// Takes all steps at the same time that are still fresh. Returns whether all of these were accepted; the others will be
    /// planned again.
    pub(super) async fn take(&mut self, steps: Vec<Step>) -> Result<bool, Problem> {
        let (aws, wanted) = (self.aws, self.wanted);
        if let Some(custody) = &mut self.custody {
            custody.ensure(aws, &self.clock).await?;
        }
        // Renewing the lock may have taken longer than what was seen is good for.
        let steps = self.fresh(steps);
        let mut calls = FuturesUnordered::new();
        for step in steps {
            self.memory.begins(&step, wanted, &self.seen, self.clock.now());
            self.emit(EventKind::StepBegun { step: step.clone() });
            calls.push(async move { (apply::apply(aws, wanted, &step).await, step) });
        }
        let mut all = true;
        let mut problem = None;
        // Each answer is taken in as it comes: the run may be dropped before the last.
        while let Some((result, step)) = calls.next().await {
            let at = self.clock.now();
            match result {
                Ok(effect) => self.accepted(&step, effect, at),
                Err(failure) => {
                    all = false;
                    self.refused(&step, &failure, at);
                    if !self.worth_another_try(&step, &failure, at) && problem.is_none() {
                        problem = Some(wanted.problem(&failure));
                    }
                }
            }
        }
        problem.map_or(Ok(all), Err)
    }

    fn refused(&mut self, step: &Step, failure: &AwsFailure, at: Timestamp) {
        // Without an answer it may have taken effect; a later look shows it.
        if failure.kind != FailureKind::Transient {
            self.memory.is_answered(step);
        }
        if matches!(step, Step::RemoveRecord { .. }) {
            self.memory.note_record_trouble(failure, at);
        }
        self.look_again_at(step);
        let reason = failure.in_short();
        if self.worth_another_try(step, failure, at) {
            self.emit(EventKind::StepWillBeRetried {
                step: step.clone(),
                reason: reason.clone(),
                expected: !failure.may_pass(),
            });
        }
        self.trouble.insert(step.label(), reason);
    }

    fn accepted(&mut self, step: &Step, effect: Effect, at: Timestamp) {
        self.refused_since.remove(&step.label());
        self.trouble.remove(&step.label());
        self.memory.is_answered(step);
        self.removed.extend(self.removal(step, at));
        apply::absorb(step, effect, &mut self.seen);
        match step {
            Step::RemoveRecord { .. } => self.memory.record_trouble = None,
            Step::RaiseDesiredCount { desired, .. } | Step::RestoreDesiredCount { desired, .. } => {
                self.memory.desired_set = Some((*desired, at));
            }
            Step::ScaleToZero { .. } => self.memory.desired_set = Some((0, at)),
            Step::CreateTargetGroup { .. } => self.schedule.force(Facet::Targets),
            _ => {}
        }
        self.taken.push(TakenStep {
            at,
            operation: step.operation(),
            resource: step.resource(),
        });
        self.emit(EventKind::StepDone { step: step.clone() });
    }

    /// What `step` has removed.
    fn removal(&self, step: &Step, at: Timestamp) -> Option<Removed> {
        let (kind, name, arn) = match step {
            Step::DeleteLoadBalancer { name, arn, .. } => ("load balancer", name, arn),
            Step::DeleteTargetGroup { name, arn, .. } => ("target group", name, arn),
            _ => return None,
        };
        if self.removed.iter().any(|removed| removed.arn == *arn) {
            return None;
        }
        let fleet = self.seen.fleet.here();
        let listed = fleet.and_then(|fleet| fleet.balancers.iter().find(|found| found.arn == *arn));
        let named = self.seen.load_balancer.here().filter(|balancer| balancer.arn == *arn);
        Some(Removed {
            kind,
            name: name.clone(),
            arn: arn.clone(),
            from: named.and_then(|b| b.created_at).or(listed.and_then(|f| f.created_at)),
            until: at,
        })
    }

    /// A step that failed may have taken effect all the same, or AWS knows something that we do not.
    fn look_again_at(&mut self, step: &Step) {
        let facets: &[Facet] = match step {
            Step::RaiseDesiredCount { .. }
            | Step::RestoreDesiredCount { .. }
            | Step::ScaleToZero { .. }
            | Step::LiftProtection { .. }
            | Step::TagService { .. }
            | Step::UntagService { .. } => &[Facet::Service, Facet::Tasks, Facet::Guard],
            Step::PutRecord { .. } | Step::RemoveRecord { .. } => &[Facet::Records],
            Step::RegisterTaskDefinition { .. } => &[Facet::Service, Facet::TaskDefinition],
            Step::RegisterTargets { .. } | Step::DeregisterStrays { .. } | Step::DeregisterTargets { .. } => {
                &[Facet::TargetGroups, Facet::Targets]
            }
            _ => &[Facet::LoadBalancer, Facet::TargetGroups, Facet::Listeners, Facet::Fleet],
        };
        for facet in facets {
            self.schedule.force(*facet);
        }
    }

    fn worth_another_try(&mut self, step: &Step, failure: &AwsFailure, at: Timestamp) -> bool {
        if failure.may_pass() {
            return true;
        }
        let own_delay = match step {
            // The record is another than it was: the next look shows it.
            Step::PutRecord { .. } => failure.is("InvalidChangeBatch"),
            // Whatever is wrong with a record, the load balancer that bills must go; the run ends badly then.
            Step::RemoveRecord { .. } => return true,
            // Somebody was quicker, or our own creation was answered to nobody: the next look shows it.
            // Its elastic addresses are let go of a little after an earlier load balancer is gone.
            Step::CreateLoadBalancer { .. } => failure.is("DuplicateLoadBalancerName") || failure.is("ResourceInUse"),
            Step::CreateTargetGroup { .. } => failure.is("DuplicateTargetGroupName"),
            Step::CreateListener { .. } => [
                "DuplicateListener",
                "LoadBalancerNotFound",
                "TargetGroupNotFound",
                "TargetGroupAssociationLimit",
            ]
            .iter()
            .any(|code| failure.is(code)),
            // What is gone has no tags, so a policy that asks for tags denies a second attempt whose first was not answered.
            Step::DeleteLoadBalancer { .. } | Step::DeleteTargetGroup { .. } if failure.kind == FailureKind::Denied => {
                return between(self.first_refused(step, at), at) < DENIED_FOR;
            }
            Step::DeleteTargetGroup { .. } => failure.is("ResourceInUse"),
            _ => failure.is("TargetGroupNotFound") || failure.is("LoadBalancerNotFound"),
        };
        own_delay && between(self.first_refused(step, at), at) < SETTLING_TIME
    }

    fn first_refused(&mut self, step: &Step, at: Timestamp) -> Timestamp {
        *self.refused_since.entry(step.label()).or_insert(at)
    }
}
