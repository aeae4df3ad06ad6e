//! The load balancer, and what it sends traffic to.

use jitsi_cli::visitor::Inspection;
use jitsi_ops::observation::{Target, Task};
use jitsi_ops::reading::Reading;
use jitsi_ops::wanted::Wanted;

use super::Judged;

/// A target group with what is registered in it.
struct Group<'a> {
    name: &'a str,
    port: u16,
    registered: Vec<&'a Target>,
}

/// The groups; or what could not be read or is not there.
fn groups<'a>(found: &'a Inspection, wanted: &'a Wanted) -> Result<Vec<Group<'a>>, Judged> {
    let seen = &found.survey.seen;
    let flags = &wanted.further.flags;
    let mut groups = Vec::new();
    for listener in &wanted.listeners {
        let name = listener.group.name.as_str();
        match seen.target_groups.get(name) {
            Some(Reading::Here(_)) => {}
            Some(Reading::Absent) => {
                let judged = Judged::fail(format!("target group `{name}` does not exist"));
                return Err(judged.hint(format!("`scale-up{flags}`")));
            }
            reading => {
                let unread = reading.unwrap_or(&Reading::NotRead);
                return Err(Judged::unread(&format!("target group `{name}`"), unread, wanted));
            }
        }
        let reading = seen.targets.get(name).unwrap_or(&Reading::NotRead);
        let Reading::Here(targets) = reading else {
            return Err(Judged::unread(&format!("the targets of `{name}`"), reading, wanted));
        };
        groups.push(Group {
            name,
            port: listener.group.port,
            registered: targets.iter().filter(|target| target.is_registered()).collect(),
        });
    }
    Ok(groups)
}

pub(super) fn targets(found: &Inspection, wanted: &Wanted) -> Judged {
    let flags = &wanted.further.flags;
    let name = &wanted.load_balancer;
    match &found.survey.seen.load_balancer {
        Reading::Here(balancer) if balancer.state == "active" => {}
        Reading::Here(balancer) => {
            let reason = balancer
                .state_reason
                .as_ref()
                .map_or_else(String::new, |r| format!(": {r}"));
            return Judged::fail(format!("load balancer `{name}` is {}{reason}", balancer.state));
        }
        Reading::Absent => {
            let judged = Judged::fail(format!("load balancer `{name}` does not exist"));
            return judged.hint(format!("`scale-up{flags}`"));
        }
        unread => return Judged::unread("the load balancer", unread, wanted),
    }
    let groups = match groups(found, wanted) {
        Ok(groups) => groups,
        Err(judged) => return judged,
    };
    let mut wrong = Vec::new();
    let mut healthy = 0;
    for Group { name, registered, .. } in groups {
        if registered.is_empty() {
            wrong.push(format!("nothing is registered in `{name}`"));
        }
        for target in registered {
            if target.is_healthy() {
                healthy += 1;
                continue;
            }
            let said = [&target.reason, &target.description];
            let said: Vec<&str> = said.into_iter().flatten().map(String::as_str).collect();
            let Target { id, port, state, .. } = target;
            let said = match said.as_slice() {
                [] => String::new(),
                said => format!(" ({})", said.join(": ")),
            };
            wrong.push(format!("{id}:{port} of `{name}` is {state}{said}"));
        }
    }
    let well = || format!("`{name}` is active, {healthy} of {healthy} targets healthy");
    Judged::by(&wrong, well).or_hint(|| {
        format!("does the tasks' security group let the load balancer in on the port of the health check? `register-nlb-targets{flags}` registers what is missing")
    })
}

pub(super) fn membership(found: &Inspection, wanted: &Wanted) -> Judged {
    let Reading::Here(tasks) = &found.survey.seen.tasks else {
        return Judged::unread("the tasks", &found.survey.seen.tasks, wanted);
    };
    let groups = match groups(found, wanted) {
        Ok(groups) => groups,
        Err(judged) => return judged,
    };
    let (mut wrong, mut elsewhere) = (Vec::new(), Vec::new());
    let mut members = 0;
    for Group { name, port, registered } in groups {
        for task in tasks.iter().filter(|task| task.is_running()) {
            let address = task.private_ip.as_deref();
            let is_its = |target: &&&Target| Some(target.id.as_str()) == address && target.port == port;
            if registered.iter().any(|target| is_its(&target)) {
                members += 1;
            } else {
                wrong.push(format!("task {} is not in `{name}`", task.short_id()));
            }
        }
        for target in registered {
            let mut living = tasks.iter().filter(|task| !task.is_stopped());
            let is_of = |task: &Task| task.private_ip.as_deref() == Some(target.id.as_str());
            let Target { id, port: at, .. } = target;
            if !living.any(is_of) {
                wrong.push(format!("{id}:{at} of `{name}` is no task of ours"));
            } else if *at != port {
                elsewhere.push(format!(
                    "{id}:{at} of `{name}` is a task of ours at another port than {port}"
                ));
            }
        }
    }
    if members == 0 && wrong.is_empty() && elsewhere.is_empty() {
        return Judged::fail("no task runs that could be registered");
    }
    let flags = &wanted.further.flags;
    let hint = match wrong.is_empty() {
        // `register-nlb-targets` leaves those alone.
        true => format!("somebody may be in a meeting there; it goes with the target group, by `scale-down{flags}`"),
        false => format!("`register-nlb-targets{flags}`"),
    };
    wrong.append(&mut elsewhere);
    Judged::by(&wrong, || {
        "every task is registered in every target group, and nothing else is".to_owned()
    })
    .or_hint(|| hint)
}

impl Judged {
    /// What to do, where it has failed.
    fn or_hint(self, hint: impl FnOnce() -> String) -> Self {
        match self.outcome {
            super::Outcome::Fail => self.hint(hint()),
            _ => self,
        }
    }
}
