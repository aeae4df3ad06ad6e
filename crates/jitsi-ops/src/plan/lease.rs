//! Leases and holds: tags on the service that say until when the platform stays up.

use super::{Look, Plan, preflight};
use crate::keep::{self, HOLD_TAG, LEASE_TAG, Wish};
use crate::observation::Service;
use crate::problem::{Problem, ProblemKind};
use crate::step::Step;

/// On the way up: plans the lease that was asked for, and takes away one that belongs to an earlier time. Returns whether
/// it is as it should be; before that no task is asked for.
pub(super) fn up(look: Look<'_>, service: &Service, plan: &mut Plan) -> bool {
    match (look.wanted.lease, look.memory.lease_until) {
        (Some(_), Some(until)) => tag(service, LEASE_TAG, keep::value(until), plan),
        (Some(_), None) => {
            plan.wait("lease", "AWS's time is not known yet");
            false
        }
        (None, _) if service.desired == 0 => untag(service, LEASE_TAG, plan),
        (None, _) => true,
    }
}

/// The goal "held", or "no longer held".
pub fn hold(look: Look<'_>) -> Plan {
    let mut plan = Plan::default();
    preflight::account(look, &mut plan);
    if plan.problem.is_some() || !plan.waiting.is_empty() {
        return plan;
    }
    if look.seen.service.is_absent() {
        preflight::service_missing(look, &mut plan);
        return plan;
    }
    let Some(service) = plan.known("service", Some(&look.seen.service), look.wanted) else {
        return plan;
    };
    match (&look.wanted.hold, look.seen.aws_at, look.memory.hold_until) {
        (Some(Wish::Release), ..) => {
            untag(service, HOLD_TAG, &mut plan);
        }
        (Some(Wish::Until(_)), Some(now), Some(until)) if until <= now && plan.steps.is_empty() => plan.stop(
            Problem::new(
                ProblemKind::Usage,
                format!("the hold would have ended already, at {until}"),
            )
            .because(format!("AWS's clock says {now}"))
            .hint("name a time that is still to come"),
        ),
        (Some(Wish::Until(_)), _, Some(until)) => {
            tag(service, HOLD_TAG, keep::value(until), &mut plan);
        }
        _ => plan.wait("hold", "AWS's time is not known yet"),
    }
    plan.preflight_passed = plan.problem.is_none();
    plan
}

fn tag(service: &Service, key: &'static str, value: String, plan: &mut Plan) -> bool {
    if service.tags.get(key) == Some(&value) {
        return true;
    }
    plan.steps.push(Step::TagService {
        arn: service.arn.clone(),
        key,
        value,
    });
    false
}

fn untag(service: &Service, key: &'static str, plan: &mut Plan) -> bool {
    if !service.tags.contains_key(key) {
        return true;
    }
    plan.steps.push(Step::UntagService {
        arn: service.arn.clone(),
        key,
    });
    false
}
