//! The service, its tasks, and their definition.

use jitsi_cli::visitor::Inspection;
use jitsi_ops::lint::Severity;
use jitsi_ops::reading::Reading;
use jitsi_ops::wanted::Wanted;

use super::Judged;

pub(super) fn service(found: &Inspection, wanted: &Wanted) -> Judged {
    let flags = &wanted.further.flags;
    let service = match &found.survey.seen.service {
        Reading::Here(service) => service,
        Reading::Absent => {
            let (name, cluster) = (&wanted.service, &wanted.cluster);
            return Judged::fail(format!("there is no service `{name}` in cluster `{cluster}`"))
                .hint("check region, cluster_name and service_name of the configuration");
        }
        unread => return Judged::unread("the service", unread, wanted),
    };
    let counts = format!(
        "{} desired, {} running, {} pending",
        service.desired, service.running, service.pending
    );
    if service.status != "ACTIVE" {
        return Judged::fail(format!("the service is {}", service.status));
    }
    if service.desired == 0 {
        return Judged::fail(format!("nothing is asked for: {counts}")).hint(format!("`scale-up{flags}`"));
    }
    if service.running != service.desired || service.pending > 0 {
        return Judged::fail(counts).hint(format!("`status{flags}` shows the service's last events"));
    }
    Judged::pass(counts)
}

pub(super) fn tasks(found: &Inspection, wanted: &Wanted) -> Judged {
    let Reading::Here(tasks) = &found.survey.seen.tasks else {
        return Judged::unread("the tasks", &found.survey.seen.tasks, wanted);
    };
    let living: Vec<_> = tasks.iter().filter(|task| !task.is_stopped()).collect();
    if living.is_empty() {
        let judged = Judged::fail("no task is there");
        let flags = &wanted.further.flags;
        return match tasks.last().and_then(|task| task.stopped_reason.as_ref()) {
            Some(reason) => judged.hint(format!("the last one stopped: {reason}")),
            None => judged.hint(format!("`scale-up{flags}`")),
        };
    }
    let mut wrong = Vec::new();
    for task in &living {
        let id = task.short_id();
        if !task.is_running() {
            wrong.push(format!(
                "task {id} is {}, meant to be {}",
                task.last_status, task.desired_status
            ));
        } else if task.health == "UNHEALTHY" {
            let sick = task.containers.iter().filter(|c| c.health == "UNHEALTHY");
            let names: Vec<&str> = sick.map(|container| container.name.as_str()).collect();
            let which = match names.as_slice() {
                [] => String::new(),
                names => format!(" ({})", names.join(", ")),
            };
            wrong.push(format!("task {id} is UNHEALTHY{which}"));
        }
    }
    let unchecked = living.iter().filter(|task| task.health == "UNKNOWN").count();
    Judged::by(&wrong, || match unchecked {
        0 => format!("{} RUNNING and HEALTHY", living.len()),
        _ => format!(
            "{} RUNNING; no essential container has a health check, so ECS cannot say more",
            living.len()
        ),
    })
}

pub(super) fn lint(found: &Inspection, wanted: &Wanted) -> Judged {
    let Some(findings) = found.survey.findings(wanted) else {
        return Judged::unread("the task definition", &found.survey.seen.task_definition, wanted);
    };
    let (errors, lesser): (Vec<_>, Vec<_>) = findings.iter().partition(|f| f.severity == Severity::Error);
    let wrong: Vec<String> = errors.iter().map(|f| format!("{} ({})", f.sentence, f.code)).collect();
    let judged = Judged::by(&wrong, || match lesser.len() {
        0 => "no finding".to_owned(),
        1 => "no error; one lesser finding".to_owned(),
        n => format!("no error; {n} lesser findings"),
    });
    match errors.first() {
        Some(first) => judged.hint(&first.fix),
        None => judged,
    }
}
