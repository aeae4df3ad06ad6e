//! The service's desired count and its tasks, on the way up.

use super::advertise::Bridge;
use super::{Look, Plan};
use crate::clock::between;
use crate::diagnosis;
use crate::memory::STALE_FOR;
use crate::observation::{Service, Task};
use crate::problem::{Problem, ProblemKind};
use crate::step::Step;

/// Plans the desired count, and judges the tasks. Until the lease is `leased` as it should be, and the `bridge` told what
/// to advertise, no task is asked for.
pub(super) fn up(look: Look<'_>, service: &Service, leased: bool, bridge: Bridge, plan: &mut Plan) {
    desired_count(look, service, leased, bridge, plan);
    let Some(tasks) = plan.known("tasks", Some(&look.seen.tasks), look.wanted) else {
        return;
    };
    if let Some(task) = tasks.iter().find(|t| failed_to_start(look, t)) {
        plan.stop(diagnosis::task_failed(task, &look.memory.new_events(look.seen)));
        return;
    }
    running(look, tasks, plan);
    for event in look.memory.new_events(look.seen) {
        if diagnosis::is_bad_news(&event.message) {
            plan.warn(format!("ECS says: {}", event.message), None);
        }
    }
}

fn desired_count(look: Look<'_>, service: &Service, leased: bool, bridge: Bridge, plan: &mut Plan) {
    let count = look.wanted.count;
    let set = look
        .memory
        .desired_set
        .filter(|(desired, _)| *desired == count && service.desired != count);
    match set {
        Some((_, at)) if between(at, look.seen.at) < STALE_FOR => {
            plan.wait("service", format!("desired count {count} not visible yet"));
        }
        Some(_) => plan.stop(
            Problem::new(
                ProblemKind::Failed,
                format!("the desired count of `{}` was changed by somebody else", service.arn),
            )
            .because(format!("this run set it to {count}, now it is {}", service.desired))
            .hint("find out who else scales this service (another operator, a schedule, auto scaling), then run again"),
        ),
        None if service.desired < count && !leased => plan.wait("service", "its lease is not settled yet"),
        None if service.desired < count => match bridge {
            Bridge::Told { task_definition } => plan.steps.push(Step::RaiseDesiredCount {
                service: look.wanted.service.clone(),
                desired: count,
                task_definition,
            }),
            Bridge::NotYet => plan.wait("service", "the bridge's addresses are not settled yet"),
        },
        None if service.desired > count => plan.refuse(
            format!(
                "service `{}` is asked for {} tasks, more than {count}",
                service.arn, service.desired
            ),
            "scale-up takes no task away: people may be in it",
            format!("run with --count {}, or scale down first", service.desired),
        ),
        None => {}
    }
}

/// Whether this task ends the run: newer than the run, and stopped before it ever ran, for a reason of its own.
///
/// A task that the scheduler or a person stopped is replaced by ECS and proves nothing.
fn failed_to_start(look: Look<'_>, task: &Task) -> bool {
    let own_fault = !matches!(
        task.stop_code.as_deref(),
        Some("ServiceSchedulerInitiated" | "UserInitiated" | "SpotInterruption" | "TerminationNotice")
    );
    task.is_ending() && !task.has_run() && own_fault && task.stop_code.is_some() && !look.memory.is_old(task)
}

fn running(look: Look<'_>, tasks: &[Task], plan: &mut Plan) {
    let mut running = 0;
    for task in tasks.iter().filter(|t| !t.is_ending()) {
        let label = format!("task {}", task.short_id());
        if !task.is_running() {
            plan.wait(label, &*task.last_status);
        } else if task.health == "UNHEALTHY" {
            plan.wait(label, "RUNNING, but its health check fails (UNHEALTHY)");
            running += 1;
        } else {
            running += 1;
        }
    }
    for task in tasks
        .iter()
        .filter(|t| t.is_ending() && t.has_run() && !look.memory.is_old(t))
    {
        let reason = task.stopped_reason.as_deref().unwrap_or("no reason given");
        plan.warn(
            format!("task {} ran and is now {}: {reason}", task.short_id(), task.last_status),
            None,
        );
    }
    let living = tasks.iter().filter(|t| !t.is_ending()).count();
    let count = look.wanted.count as usize;
    if living < count {
        plan.wait("service", format!("{living} of {count} tasks created"));
    } else if running > count {
        plan.wait("service", format!("{running} tasks run, {count} wanted"));
    }
}
