//! Back to zero after a failed way up: desired count 0, targets, load balancer and target groups of ours gone.
//!
//! It knows the resources by their configured names. It never begins where a meeting may be going on: its first step
//! needs a [`Quiet`].

use super::{Look, Plan};
use crate::clock::between;
use crate::memory::{STALE_FOR, balancer_key, group_key};
use crate::observation::Service;
use crate::ownership::{self, Owner};
use crate::problem::{Problem, ProblemKind};
use crate::quiet::Quiet;
use crate::reading::Reading;
use crate::step::Step;

/// What brings the platform to zero from here.
pub fn down(look: Look<'_>) -> Plan {
    let mut plan = Plan::default();
    let Some(service) = plan.known("service", Some(&look.seen.service), look.wanted) else {
        return plan;
    };
    let still_up = desired_count(look, service, &mut plan);
    let Some(tasks) = plan.known("tasks", Some(&look.seen.tasks), look.wanted) else {
        return plan;
    };
    let mut busy = still_up;
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
        // Without a task nothing can be cut off; the token says so to whatever deletes.
        if let (false, Ok(quiet)) = (busy, Quiet::because_nothing_runs(&look.seen.tasks)) {
            network(look, service, &quiet, &mut plan);
        } else if look.seen.load_balancer.here().is_some() {
            plan.wait(
                format!("load balancer {}", look.wanted.load_balancer),
                "stays until no task is left",
            );
        }
    }
    if plan.problem.is_some() {
        plan.steps.clear();
    }
    plan
}

/// Returns whether the service may still start tasks.
fn desired_count(look: Look<'_>, service: &Service, plan: &mut Plan) -> bool {
    // A count of 0 that is read after this run has raised it, or may have, is an old one.
    if service.desired == 0 && !look.memory.may_have_raised() {
        return false;
    }
    match look.memory.desired_set {
        Some((0, _)) if service.desired == 0 => return false,
        Some((0, at)) if between(at, look.seen.at) < STALE_FOR => {
            plan.wait("service", "desired count 0 not visible yet")
        }
        Some((0, _)) => plan.stop(
            Problem::new(
                ProblemKind::Failed,
                format!("the desired count of `{}` was changed by somebody else", service.arn),
            )
            .because(format!("this run set it to 0, now it is {}", service.desired)),
        ),
        _ => match Quiet::because_nothing_runs(&look.seen.tasks) {
            Ok(quiet) => plan.steps.push(Step::ScaleToZero {
                service: look.wanted.service.clone(),
                quiet,
            }),
            Err(why) => {
                plan.stop(Problem::new(ProblemKind::Refused, "the platform is left as it is").because(why.to_string()))
            }
        },
    }
    true
}

fn network(look: Look<'_>, service: &Service, quiet: &Quiet, plan: &mut Plan) {
    let seen = look.seen;
    for name in look.wanted.group_names() {
        let Some(group) = seen.group(name) else { continue };
        if !ours(look, &group.arn, service, plan) {
            continue;
        }
        let Some(targets) = plan.known(&format!("targets of {name}"), seen.targets.get(name), look.wanted) else {
            continue;
        };
        let registered: Vec<_> = targets
            .iter()
            .filter(|t| t.is_registered())
            .map(|t| (t.id.clone(), t.port))
            .collect();
        if !registered.is_empty() {
            plan.steps.push(Step::DeregisterTargets {
                group: name.to_owned(),
                group_arn: group.arn.clone(),
                targets: registered,
                quiet: quiet.clone(),
            });
        }
    }
    let balancer_gone = gone(
        look,
        &balancer_key(&look.wanted.load_balancer),
        Some(&seen.load_balancer),
        plan,
    );
    if let Reading::Here(balancer) = &seen.load_balancer {
        if !ours(look, &balancer.arn, service, plan) {
            return;
        }
        plan.steps.push(Step::DeleteLoadBalancer {
            name: balancer.name.clone(),
            arn: balancer.arn.clone(),
            quiet: quiet.clone(),
        });
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
