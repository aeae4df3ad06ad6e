//! Why a task did not start or a target does not get healthy, in a sentence with a way out.

use crate::observation::{Observation, ServiceEvent, Task};
use crate::problem::{Problem, ProblemKind};
use crate::wanted::Wanted;

/// How many of the service's own events are shown beside a failed task.
const EVENTS_SHOWN: usize = 5;

/// The end of a run whose task stopped before it ever ran.
pub fn task_failed(task: &Task, events: &[&ServiceEvent]) -> Problem {
    let code = task.stop_code.as_deref().unwrap_or("no stop code");
    let reason = task.stopped_reason.as_deref().unwrap_or("ECS gives no reason");
    let mut problem = Problem::new(
        ProblemKind::Failed,
        format!("task `{}` stopped while starting", task.id()),
    )
    .because(format!("{code}: {reason}"));
    problem.code.clone_from(&task.stop_code);
    for container in &task.containers {
        let exit = container
            .exit_code
            .filter(|code| *code != 0)
            .map(|code| format!("exit code {code}"));
        let parts: Vec<String> = exit.into_iter().chain(container.reason.clone()).collect();
        if !parts.is_empty() {
            problem = problem.because(format!("container `{}`: {}", container.name, parts.join(", ")));
        }
    }
    for event in events.iter().rev().take(EVENTS_SHOWN).rev() {
        problem = problem.because(format!("service event: {}", event.message));
    }
    match start_hint(code, reason) {
        Some(hint) => problem.hint(hint),
        None => problem.hint("read the containers' logs (`aws logs tail`), mend the cause, then run scale-up again"),
    }
}

/// AWS has no code for why a start failed, only these documented categories at the front of the reason.
fn start_hint(code: &str, reason: &str) -> Option<&'static str> {
    let category = reason.split([':', ' ']).next().unwrap_or_default();
    match category {
        "ResourceInitializationError" => Some(
            "the task could not fetch its secrets: check that the SSM parameters exist, that the execution role may read them (ssm:GetParameters), and that the task reaches SSM (public IP, NAT or endpoint)",
        ),
        "CannotPullContainerError" | "CannotPullContainer" => Some(
            "check the image names and tags in the task definition, and that the task reaches the registry (public IP or NAT)",
        ),
        "OutOfMemoryError" => Some(
            "give the task more memory, or the Java processes smaller heaps (VIDEOBRIDGE_MAX_MEMORY, JICOFO_MAX_MEMORY)",
        ),
        _ if code == "EssentialContainerExited" => {
            Some("read that container's log: `aws logs tail`, group of the task definition")
        }
        _ => None,
    }
}

/// Whether a service event tells of trouble. ECS has no codes for its events; these texts are documented
/// ("Amazon ECS service event messages").
pub fn is_bad_news(message: &str) -> bool {
    [
        "unable to place a task",
        "unable to consistently start tasks",
        "was unable to",
    ]
    .iter()
    .any(|text| message.contains(text))
}

/// What keeps targets of running tasks from getting healthy, most likely.
pub fn unhealthy_targets(seen: &Observation, wanted: &Wanted) -> Option<String> {
    let runs = seen.tasks().iter().any(|t| t.is_running());
    let all = || {
        wanted
            .group_names()
            .flat_map(|name| seen.targets_in(name).unwrap_or_default())
    };
    if let Some((_, why)) = unserved_zone(seen, wanted) {
        return Some(why);
    }
    let unhealthy =
        all().any(|t| t.state.starts_with("unhealthy") || t.reason.as_deref() == Some("Elb.InitialHealthChecking"));
    if !(runs && unhealthy) {
        return None;
    }
    let check = &wanted.listeners.first()?.group.health_check;
    Some(format!(
        "the task runs, but health checks ({} on port {}{}) get no good answer: most likely the task's security group does not let the load balancer in on port {} from the VPC's addresses",
        check.protocol,
        check.port,
        check
            .path
            .as_deref()
            .map_or_else(String::new, |p| format!(", path {p}")),
        check.port
    ))
}

/// A target whose task runs where the load balancer serves no zone, and what to do about it. It stays
/// `unused` (`Target.NotInUse`) for ever.
pub fn unserved_zone(seen: &Observation, wanted: &Wanted) -> Option<(String, String)> {
    let balancer = seen.load_balancer.here()?;
    let mut unused = wanted
        .group_names()
        .flat_map(|name| seen.targets_in(name).unwrap_or_default())
        .filter(|t| t.reason.as_deref() == Some("Target.NotInUse"));
    unused.find_map(|target| {
        let mut tasks = seen.tasks().iter();
        let task = tasks.find(|t| t.private_ip.as_deref() == Some(&target.id))?;
        let zone = task.zone.as_ref().filter(|zone| !balancer.zones.contains(zone))?;
        let why = format!(
            "the task at {} is in zone {zone}, which the load balancer does not serve (it serves {}): name a subnet of that zone in `nlb.subnets`",
            target.id,
            balancer.zones.join(", ")
        );
        Some((format!("{}:{}", target.id, target.port), why))
    })
}
