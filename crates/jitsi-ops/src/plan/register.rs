//! The goal "targets as they should be": every task of ours registered and healthy, and nothing else registered.

use super::network::of_ours;
use super::{Look, Plan, preflight, targets};
use crate::diagnosis;
use crate::memory::{balancer_key, group_key};
use crate::observation::{Service, TargetGroup};
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;
use crate::wanted::WantedListener;

/// What brings the targets in order from here. Makes no load balancer and no target group.
pub fn register(look: Look<'_>) -> Plan {
    let mut plan = Plan::default();
    preflight::account(look, &mut plan);
    if plan.problem.is_some() || !plan.waiting.is_empty() {
        return plan;
    }
    let Some(service) = preflight::active_service(look, &mut plan) else {
        return plan;
    };
    let Some(tasks) = plan.known("tasks", Some(&look.seen.tasks), look.wanted) else {
        return plan;
    };
    let living = tasks.iter().filter(|t| !t.is_ending()).count();
    // What is left at zero is scale-down's, also while its tasks stop.
    if look.wanted.watch && service.desired == 0 {
        plan.preflight_passed = true;
        return plan;
    }
    if !bucket(look, &mut plan) {
        return plan;
    }
    let Some(groups) = groups(look, service, &mut plan) else {
        return plan;
    };
    plan.preflight_passed = plan.problem.is_none() && plan.waiting.is_empty();
    targets::up(look, &groups, &mut plan);
    if living < service.desired as usize {
        plan.wait("service", format!("{living} of {} tasks created", service.desired));
    }
    for task in tasks.iter().filter(|t| !t.is_ending() && t.private_ip.is_none()) {
        plan.wait(format!("task {}", task.short_id()), "has no address yet");
    }
    if plan.problem.is_some() {
        plan.steps.clear();
    } else if plan.steps.is_empty() {
        hopeless(look, living, &mut plan);
    }
    plan
}

/// A bucket that could not be looked for may hold the lock: another run would not see one that is kept on this machine.
fn bucket(look: Look<'_>, plan: &mut Plan) -> bool {
    let unnamed = look.wanted.bucket.is_none();
    match look.seen.bucket.failure() {
        Some(failure) if unnamed && failure.may_pass() => {
            plan.unknown("bucket", failure, look.wanted);
            false
        }
        _ => true,
    }
}

/// The target groups, all of them there and ours; or the plan says what is missing.
fn groups<'a>(
    look: Look<'a>,
    service: &Service,
    plan: &mut Plan,
) -> Option<Vec<(&'a WantedListener, &'a TargetGroup)>> {
    let wanted = look.wanted;
    let made_by = format!("make it with `scale-up{}`", wanted.further.flags);
    if look.seen.load_balancer.is_absent() {
        missing(look, &balancer_key(&wanted.load_balancer), &made_by, plan);
        return None;
    }
    let balancer = plan.known("load balancer", Some(&look.seen.load_balancer), wanted)?;
    if !of_ours("load balancer", &balancer.name, &balancer.arn, look, service, plan) {
        return None;
    }
    let mut usable = Vec::new();
    for listener in &wanted.listeners {
        let name = &listener.group.name;
        let reading = look.seen.target_groups.get(name);
        if reading.is_some_and(Reading::is_absent) {
            missing(look, &group_key(name), &made_by, plan);
        } else if let Some(group) = plan.known(&format!("target group {name}"), reading, wanted)
            && of_ours("target group", &group.name, &group.arn, look, service, plan)
        {
            usable.push((listener, group));
        }
    }
    (usable.len() == wanted.listeners.len()).then_some(usable)
}

/// Something is not there; a read may be stale, so it is looked twice.
fn missing(look: Look<'_>, key: &str, made_by: &str, plan: &mut Plan) {
    if look.memory.surely_absent(key) {
        plan.stop(Problem::new(ProblemKind::NotReady, format!("there is no {key}")).hint(made_by));
    } else {
        plan.wait(key, "missing; looking twice");
    }
}

/// What waiting does not change: nothing that could be registered, or a target that no zone of the load balancer serves.
fn hopeless(look: Look<'_>, living: usize, plan: &mut Plan) {
    if look.wanted.watch {
        return;
    }
    let strays = look.wanted.prune && look.memory.has_strays();
    if living == 0 && look.seen.service.here().is_some_and(|s| s.desired == 0) && !strays {
        let what = format!(
            "service `{}` has no task, so there is nothing to register",
            look.wanted.service
        );
        let hint = format!("bring it up with `scale-up{}`", look.wanted.further.flags);
        plan.stop(Problem::new(ProblemKind::NotReady, what).hint(hint));
    } else if let Some((target, why)) = diagnosis::unserved_zone(look.seen, look.wanted) {
        let what = format!("target {target} gets no traffic");
        let problem = Problem::new(ProblemKind::NotReady, what).because("unused (Target.NotInUse)");
        plan.stop(problem.hint(why));
    }
}
