//! The goal "down": desired count 0, no task, and nothing of ours left that costs money.
//!
//! Whatever takes something away needs a [`Quiet`]. The load balancer stays until no task runs or stops any more.

use super::{Look, Plan, orphans, preflight, record};
use crate::clock::between;
use crate::guard::{Overrule, Verdict, asked_about};
use crate::keep;
use crate::memory::{STALE_FOR, balancer_key, group_key};
use crate::observation::{Service, Task};
use crate::ownership::{self, Owner};
use crate::problem::{Problem, ProblemKind};
use crate::quiet::{NotQuiet, Quiet};
use crate::reading::Reading;
use crate::step::Step;
use std::time::Duration;

/// How long the guard may be unable to tell before the run gives up, where a later reading could tell.
const PATIENCE: Duration = Duration::from_secs(120);

/// A task that still runs so long after the desired count has become 0 is protected, whether that can be read or not:
/// ECS was seen to stop tasks within 11 s.
const SURELY_PROTECTED: Duration = Duration::from_secs(45);

/// AWS's limit of one UpdateTaskProtection.
const TASKS_PER_CALL: usize = 10;

/// The operator's or cron's way down: in the right account, and only where nothing keeps the platform up.
pub fn scale_down(look: Look<'_>) -> Plan {
    let mut plan = Plan::default();
    preflight::account(look, &mut plan);
    if plan.problem.is_some() || !plan.waiting.is_empty() {
        return plan;
    }
    if look.seen.service.is_absent() {
        preflight::service_missing(look, &mut plan);
        return plan;
    }
    // What has been begun is brought to its end; until then a hold or a lease that comes late counts.
    let begun = |service: &&Service| look.memory.lowered_at.is_some() && service.desired == 0;
    if let Some(service) = look.seen.service.here().filter(|service| !begun(service))
        && look.wanted.overrule < Overrule::Everything
    {
        plan.held = keep::reason_to_stay(&service.tags, look.seen.aws_at, look.wanted.only_expired);
        if plan.held.is_some() {
            return plan;
        }
    }
    let mut plan = down(look);
    plan.preflight_passed = plan.problem.is_none();
    plan
}

/// What brings the platform to zero from here.
pub fn down(look: Look<'_>) -> Plan {
    let mut plan = Plan::default();
    let Some(service) = plan.known("service", Some(&look.seen.service), look.wanted) else {
        return plan;
    };
    let Some(tasks) = plan.known("tasks", Some(&look.seen.tasks), look.wanted) else {
        return plan;
    };
    let mut busy = desired_count(look, service, tasks, &mut plan);
    for task in tasks.iter().filter(|t| !t.is_stopped()) {
        busy = true;
        plan.wait(format!("task {}", task.short_id()), &*task.last_status);
    }
    if service.running > 0 || service.pending > 0 {
        busy = true;
        plan.wait(
            "service",
            format!("{} running, {} pending", service.running, service.pending),
        );
    }
    // Taking over is no making: what was there before this run stays.
    if plan.problem.is_none() && !look.wanted.adopt {
        targets_of_ending_tasks(look, service, tasks, &mut plan);
        let unnamed = record::down(look, service, tasks, &mut plan);
        // Without a task nothing can be cut off; the token says so to whatever deletes.
        if let (false, true, Ok(quiet)) = (busy, unnamed, Quiet::because_nothing_runs(look.seen)) {
            network(look, service, &quiet, &mut plan);
            orphans::remove(look, service, &quiet, &mut plan);
        } else if look.seen.load_balancer.here().is_some() {
            plan.wait(
                format!("load balancer {}", look.wanted.load_balancer),
                "stays until no task is left",
            );
        }
    }
    if plan.problem.is_none()
        && let Some(problem) = record::left(look)
    {
        plan.stop_at_last("record", problem);
    }
    plan.come_to_last();
    if plan.problem.is_some() {
        plan.steps.clear();
    }
    plan
}

/// After a run that is to stop has lowered the desired count: tasks end, or are given their count back.
pub fn settle(look: Look<'_>) -> Plan {
    let mut plan = Plan::default();
    let Some(service) = plan.known("service", Some(&look.seen.service), look.wanted) else {
        return plan;
    };
    let Some(tasks) = plan.known("tasks", Some(&look.seen.tasks), look.wanted) else {
        return plan;
    };
    if service.desired == 0 {
        protected_at_zero(look, tasks, &mut plan);
        for task in asked_about(tasks).filter(|t| !t.is_ending()) {
            plan.wait(format!("task {}", task.short_id()), &*task.last_status);
        }
    } else if look
        .memory
        .lowered_at
        .is_some_and(|at| between(at, look.seen.at) < STALE_FOR)
    {
        plan.wait("service", "whether its desired count is 0 is not visible yet");
    }
    plan
}

/// Returns whether the service may still start tasks.
fn desired_count(look: Look<'_>, service: &Service, tasks: &[Task], plan: &mut Plan) -> bool {
    // A count of 0 that is read after this run has raised it, or may have, is an old one.
    if service.desired == 0 && (!look.memory.may_have_raised() || matches!(look.memory.desired_set, Some((0, _)))) {
        protected_at_zero(look, tasks, plan);
        return false;
    }
    match look.memory.desired_set {
        Some((0, at)) if between(at, look.seen.at) < STALE_FOR => {
            plan.wait("service", "desired count 0 not visible yet");
        }
        Some((0, _)) => plan.stop(
            Problem::new(
                ProblemKind::Failed,
                format!("the desired count of `{}` was changed by somebody else", service.arn),
            )
            .because(format!("this run set it to 0, now it is {}", service.desired))
            .hint("find out who else scales this service (another operator, a schedule, auto scaling), then run again"),
        ),
        _ => match Quiet::for_scaling_in(look.seen, look.memory, look.wanted) {
            Ok(quiet) => {
                name_what_ends(look, plan);
                plan.steps.push(Step::ScaleToZero {
                    service: look.wanted.service.clone(),
                    quiet,
                });
            }
            Err(why) => not_quiet(look, why, plan),
        },
    }
    true
}

/// Whoever overrules the guard is told what ends by it.
fn name_what_ends(look: Look<'_>, plan: &mut Plan) {
    let overruled = look.wanted.overrule > Overrule::Nothing;
    let Some(reading) = look.seen.guard.as_ref().filter(|_| overruled) else {
        return;
    };
    match &reading.verdict {
        Verdict::Busy(lines) => plan.warn(format!("this ends a meeting: {}", lines.join("; ")), None),
        Verdict::Unknown { reasons, .. } => {
            plan.warn(format!("this may end a meeting: {}", reasons.join("; ")), None);
        }
        Verdict::Quiet | Verdict::NothingRuns => {}
    }
    if let Some(reason) = look
        .seen
        .service
        .here()
        .and_then(|service| keep::reason_to_stay(&service.tags, look.seen.aws_at, false))
    {
        plan.warn(format!("this goes against what was asked for: {reason}"), None);
    }
}

fn not_quiet(look: Look<'_>, why: NotQuiet, plan: &mut Plan) {
    let patient = match &why {
        NotQuiet::NotYet => true,
        NotQuiet::Unknown { may_pass: true, .. } => look
            .memory
            .unknown_since
            .is_none_or(|since| between(since, look.seen.at) < PATIENCE),
        _ => false,
    };
    let waits = look.wanted.idle_until.is_some_and(|until| look.seen.at < until);
    // A count that this run has lowered a moment ago may be read from before.
    if look
        .memory
        .lowered_at
        .is_some_and(|at| between(at, look.seen.at) < STALE_FOR)
    {
        plan.wait("service", "whether its desired count is 0 is not visible yet");
        return;
    }
    if patient || waits {
        plan.wait("meeting guard", why.to_string());
        return;
    }
    let (what, hint) = match &why {
        NotQuiet::Busy(_) | NotQuiet::MayBeLive(_) | NotQuiet::NotYet => (
            "somebody is in a meeting, so the platform stays up",
            "wait for the end with --wait-idle 45m, or end the meeting with --force",
        ),
        NotQuiet::Unknown { .. } => (
            "whether somebody is in a meeting cannot be told, so the platform stays up",
            "see docs/meeting-sentinel.md for the container that reports meetings; `guard.source = \"none\"` goes blind; --force ends \
             whatever is on",
        ),
    };
    plan.stop(
        Problem::new(ProblemKind::Refused, what)
            .because(why.to_string())
            .hint(hint),
    );
}

/// Where the service is asked for nothing, a protected task goes on, but its protection cannot be renewed: AWS refuses that
/// while more tasks are protected than asked for. So the meeting would end when the protection runs out.
fn protected_at_zero(look: Look<'_>, tasks: &[Task], plan: &mut Plan) {
    let going_on = || asked_about(tasks).filter(|t| !t.is_ending());
    if look.wanted.overrule == Overrule::Everything {
        let arns: Vec<String> = going_on().map(|t| t.arn.clone()).collect();
        if let Ok(quiet) = Quiet::for_scaling_in(look.seen, look.memory, look.wanted) {
            plan.steps
                .extend(arns.chunks(TASKS_PER_CALL).map(|tasks| Step::LiftProtection {
                    tasks: tasks.to_vec(),
                    quiet: quiet.clone(),
                }));
        }
        return;
    }
    let protected = |task: &&Task| {
        let read = look
            .seen
            .guard
            .as_ref()
            .is_some_and(|g| g.protected.contains_key(&task.arn));
        let inferred = look
            .memory
            .lowered_at
            .is_some_and(|at| between(at, look.seen.at) >= SURELY_PROTECTED);
        read || inferred
    };
    let count = going_on().filter(protected).count();
    if count > 0 {
        plan.steps.push(Step::RestoreDesiredCount {
            service: look.wanted.service.clone(),
            desired: u32::try_from(count).unwrap_or(u32::MAX),
        });
    }
}

/// Who reconnects must not be sent to a task that is ending.
fn targets_of_ending_tasks(look: Look<'_>, service: &Service, tasks: &[Task], plan: &mut Plan) {
    for task in tasks.iter().filter(|t| !t.is_stopped()) {
        let (Ok(quiet), Some(address)) = (Quiet::because_it_ends(task), &task.private_ip) else {
            continue;
        };
        for name in look.wanted.group_names() {
            let Some(group) = look.seen.group(name) else { continue };
            // While tags or targets are unknown nothing is done; it is no condition for anything.
            if ownership::is_ours_of(look.seen, &group.arn, service) != Some(true) {
                continue;
            }
            let targets: Vec<_> = look
                .seen
                .targets_in(name)
                .unwrap_or_default()
                .iter()
                .filter(|t| t.is_registered() && t.id == *address)
                .map(|t| (t.id.clone(), t.port))
                .collect();
            if !targets.is_empty() {
                plan.steps.push(Step::DeregisterTargets {
                    group: name.to_owned(),
                    group_arn: group.arn.clone(),
                    targets,
                    quiet: quiet.clone(),
                });
            }
        }
    }
}

fn network(look: Look<'_>, service: &Service, quiet: &Quiet, plan: &mut Plan) {
    let seen = look.seen;
    let balancer_gone = gone(
        look,
        &balancer_key(&look.wanted.load_balancer),
        Some(&seen.load_balancer),
        plan,
    );
    if let Reading::Here(balancer) = &seen.load_balancer {
        if ours(look, &balancer.arn, service, plan) {
            plan.steps.push(Step::DeleteLoadBalancer {
                name: balancer.name.clone(),
                arn: balancer.arn.clone(),
                quiet: quiet.clone(),
            });
        }
        return;
    }
    for name in look.wanted.group_names() {
        gone(look, &group_key(name), seen.target_groups.get(name), plan);
        if let Some(group) = seen
            .group(name)
            .filter(|g| balancer_gone && ours(look, &g.arn, service, plan))
        {
            plan.steps.push(Step::DeleteTargetGroup {
                name: group.name.clone(),
                arn: group.arn.clone(),
                quiet: quiet.clone(),
            });
        }
    }
}

/// Whether it is surely not there; until then the plan waits for a second look.
fn gone<T>(look: Look<'_>, key: &str, reading: Option<&Reading<T>>, plan: &mut Plan) -> bool {
    match reading {
        Some(Reading::Absent) => {
            let sure = look.memory.surely_absent(key);
            if !sure {
                plan.wait(key, "gone; looking twice");
            }
            true
        }
        Some(Reading::Here(_)) => false,
        other => {
            plan.known(key, other, look.wanted);
            false
        }
    }
}

/// Whether it carries our platform's tag. What does not is left alone: it is not ours to delete.
fn ours(look: Look<'_>, arn: &str, service: &Service, plan: &mut Plan) -> bool {
    plan.known(&format!("tags of {arn}"), look.seen.tags.get(arn), look.wanted)
        .is_some_and(|tags| ownership::owner(tags, &service.arn) == Owner::Us)
}
