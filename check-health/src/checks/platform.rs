//! The service, its tasks, and their definition.

use jitsi_cli::visitor::Inspection;
use jitsi_ops::lint::Severity;
use jitsi_ops::observation::Task;
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
    let living: Vec<&Task> = tasks.iter().filter(|task| !task.is_stopped()).collect();
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
    if !wrong.is_empty() {
        return Judged::fail(wrong.join("; "));
    }
    let all = living.len();
    let untold: Vec<&Task> = living.into_iter().filter(|task| task.health != "HEALTHY").collect();
    if untold.is_empty() {
        return Judged::pass(format!("{all} RUNNING and HEALTHY"));
    }
    untold_health(&untold, all, found, wanted)
}

/// Tasks that run, and of whose health ECS says nothing. That is all it can say where no essential container has a health
/// check; where one has, it has not been told yet.
fn untold_health(untold: &[&Task], all: usize, found: &Inspection, wanted: &Wanted) -> Judged {
    let names: Vec<&str> = untold.iter().map(|task| task.short_id()).collect();
    let names = names.join(", ");
    let definition = match &found.survey.seen.task_definition {
        Reading::Here(definition) => definition,
        unread => {
            return Judged::unread(
                "the task definition, which says what UNKNOWN health means,",
                unread,
                wanted,
            );
        }
    };
    let is_of = |task: &&Task| task.task_definition.as_ref() == Some(&definition.arn);
    if !untold.iter().all(is_of) {
        return Judged::unknown(format!(
            "health of task {names} is UNKNOWN, and it is of another task definition than the service's"
        ));
    }
    let mut essential = definition.containers.iter().filter(|container| container.essential);
    if essential.any(|container| container.health_check.is_some()) {
        return Judged::unknown(format!(
            "task {names} is RUNNING, and its health checks have not told anything yet"
        ))
        .hint("look again in a minute");
    }
    let word = "no essential container has a health check, so ECS cannot say more";
    Judged::pass(format!("{all} RUNNING; {word}"))
}

pub(super) fn lint(found: &Inspection, wanted: &Wanted) -> Judged {
    let seen = &found.survey.seen;
    let Some(findings) = found.survey.findings(wanted) else {
        return match &seen.service {
            Reading::Here(_) => Judged::unread("the task definition", &seen.task_definition, wanted),
            Reading::Absent => Judged::unknown("not tried: there is no service"),
            unread => Judged::unread("the service", unread, wanted),
        };
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
