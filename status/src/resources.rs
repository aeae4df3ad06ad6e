//! For people: the service, its tasks, the load balancer, and its targets.

use anstyle::Style;
use jiff::Timestamp;
use jitsi_cli::printer::{BAD, FAINT, GOOD, WARN};
use jitsi_cli::result::duration;
use jitsi_ops::guard::minute;

use crate::document::{Document, GroupView, Seen, TaskView};
use crate::text::{age, lacking, painted};

pub(crate) fn service(document: &Document<'_>) -> Vec<String> {
    let Some(service) = document.service.here() else {
        return lacking(&document.service).into_iter().collect();
    };
    let version = service
        .platform_version
        .map_or_else(String::new, |v| format!(", platform version {v}"));
    let status = match service.status {
        "ACTIVE" => String::new(),
        status => format!(", {}", painted(BAD, status)),
    };
    let rollout = match service.rollout {
        None | Some("COMPLETED") => String::new(),
        Some(rollout) => format!(", rollout {rollout}"),
    };
    let mut lines = vec![
        format!(
            "{}: {} desired, {} running, {} pending{status}",
            service.name, service.desired, service.running, service.pending
        ),
        format!("task definition {}{version}{rollout}", service.task_definition),
    ];
    lines.extend(document.bridge.iter().map(|bridge| match bridge.advertises.as_slice() {
        [] => painted(WARN, "the bridge advertises what STUN tells it, not the load balancer"),
        addresses => format!("the bridge advertises {}", addresses.join(", ")),
    }));
    lines.extend(service.events.iter().map(|event| {
        let at = event.at.map_or_else(String::new, |at| format!("{} ", minute(at)));
        painted(FAINT, &format!("{at}{}", event.message))
    }));
    lines
}

pub(crate) fn tasks(document: &Document<'_>) -> Vec<String> {
    let Some(tasks) = document.tasks.here() else {
        return lacking(&document.tasks).into_iter().collect();
    };
    let (over, living): (Vec<&TaskView<'_>>, Vec<&TaskView<'_>>) =
        tasks.list.iter().partition(|task| task.status == "STOPPED");
    if living.is_empty() && over.is_empty() {
        return vec!["none".to_owned()];
    }
    let mut lines: Vec<String> = living.iter().flat_map(|task| living_task(task, document.at)).collect();
    // The newest of those that are over says why.
    lines.extend(over.last().map(|task| ended_task(task, document.at)));
    lines
}

fn living_task(task: &TaskView<'_>, now: Timestamp) -> Vec<String> {
    let id = task.id.get(..8).unwrap_or(task.id);
    let style = if task.health == "UNHEALTHY" { BAD } else { Style::new() };
    let since = task.started_at.or(task.created_at);
    let since = since.map_or_else(String::new, |at| format!(", {}", duration(age(at, now))));
    let place = match (task.address, task.zone) {
        (Some(address), Some(zone)) => format!(", {address} in {zone}"),
        (Some(address), None) => format!(", {address}"),
        _ => String::new(),
    };
    let ending = if task.desired_status == "STOPPED" {
        ", stopping"
    } else {
        ""
    };
    let health = painted(style, task.health);
    let mut lines = vec![format!("{id} {} {health}{ending}{since}{place}", task.status)];
    lines.extend(task.containers.iter().map(|container| {
        let image = container.image.map_or_else(String::new, |image| format!(" {image}"));
        let exit = container
            .exit_code
            .map_or_else(String::new, |code| format!(", exit {code}"));
        let reason = container
            .reason
            .map_or_else(String::new, |reason| format!(", {reason}"));
        let health = match container.health {
            "UNKNOWN" => String::new(),
            health => format!(" {health}"),
        };
        let words = format!("  {} {}{health}{exit}{reason}{image}", container.name, container.status);
        if container.exit_code.is_some_and(|code| code != 0) {
            painted(BAD, &words)
        } else {
            words
        }
    }));
    lines
}

fn ended_task(task: &TaskView<'_>, now: Timestamp) -> String {
    let id = task.id.get(..8).unwrap_or(task.id);
    let ago = task
        .stopped_at
        .map_or_else(String::new, |at| format!(" {} ago", duration(age(at, now))));
    let why = task.stopped_reason.or(task.stop_code).unwrap_or("AWS gives no reason");
    painted(FAINT, &format!("{id} stopped{ago}: {why}"))
}

pub(crate) fn balancer(document: &Document<'_>) -> Vec<String> {
    let others = document.others.iter();
    let others = others.map(|name| painted(BAD, &format!("{name}: this platform's by its tags, under another name")));
    let Some(balancer) = document.load_balancer.here() else {
        return lacking(&document.load_balancer).into_iter().chain(others).collect();
    };
    let style = if balancer.state == "active" { GOOD } else { WARN };
    let reason = balancer
        .state_reason
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    let whose = match balancer.ours {
        Some(true) => "this platform's",
        Some(false) => "not this platform's: it lacks its tag",
        None => "whose it is could not be read",
    };
    let first = format!(
        "{} {}{reason}, {}, {whose}",
        balancer.name,
        painted(style, balancer.state),
        balancer.scheme
    );
    [first, balancer.dns_name.to_owned()]
        .into_iter()
        .chain(others)
        .collect()
}

pub(crate) fn targets(group: &GroupView<'_>) -> Vec<String> {
    let listener = &group.listener;
    let Some(here) = group.group.here() else {
        return match &group.group {
            // At zero there is none, and that is as it should be.
            Seen::Absent => Vec::new(),
            unknown => vec![format!("{listener}: {}", lacking(unknown).unwrap_or_default())],
        };
    };
    let by = match here.attached_to_the_service {
        Some(true) => ", attached to the service",
        _ => "",
    };
    let behind = if here.behind_the_load_balancer {
        ""
    } else {
        ", no listener forwards to it"
    };
    let Some(targets) = group.targets.here() else {
        let unknown = lacking(&group.targets).unwrap_or_default();
        return vec![format!("{listener}: targets of {}: {unknown}", group.name)];
    };
    if targets.list.is_empty() {
        return vec![format!("{listener}: none registered in {}{by}{behind}", group.name)];
    }
    let line = |target: &crate::document::TargetView<'_>| {
        let style = match target.state {
            "healthy" => GOOD,
            "initial" | "draining" => WARN,
            _ => BAD,
        };
        let reason = match (target.reason, target.description) {
            (Some(reason), Some(description)) => format!(" ({reason}: {description})"),
            (Some(reason), None) => format!(" ({reason})"),
            _ => String::new(),
        };
        let state = painted(style, target.state);
        format!("{listener}: {}:{} {state}{reason}{by}{behind}", target.id, target.port)
    };
    targets.list.iter().map(line).collect()
}
