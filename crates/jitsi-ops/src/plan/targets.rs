//! Registered targets: what is missing is registered, what is no task of ours any more is deregistered.

use super::{Look, Plan};
use crate::observation::{TargetGroup, Task};
use crate::step::Step;
use crate::wanted::WantedListener;

/// Plans registration in the target groups that are there, and waits for health.
pub(super) fn up(look: Look<'_>, groups: &[(&WantedListener, &TargetGroup)], plan: &mut Plan) {
    let Some(tasks) = look.seen.tasks.here() else { return };
    let addresses: Vec<&str> = tasks.iter().filter(|t| !t.is_ending()).filter_map(address).collect();
    for (listener, group) in groups {
        let name = &listener.group.name;
        let port = listener.group.port;
        let Some(targets) = plan.known(&format!("targets of {name}"), look.seen.targets.get(name), look.wanted) else {
            continue;
        };
        let mut missing = Vec::new();
        for id in &addresses {
            match targets.iter().find(|t| t.id == *id && t.port == port) {
                Some(target) if !target.is_registered() => missing.push((*id).to_owned()),
                Some(target) if !target.is_healthy() => {
                    let reason = target.reason.as_deref().map_or_else(String::new, |r| format!(" ({r})"));
                    plan.wait(
                        format!("target {id}:{port} in {name}"),
                        format!("{}{reason}", target.state),
                    );
                }
                Some(_) => {}
                None => missing.push((*id).to_owned()),
            }
        }
        if !missing.is_empty() {
            plan.steps.push(Step::RegisterTargets {
                group: name.clone(),
                group_arn: group.arn.clone(),
                ids: missing,
                port,
            });
        }
        strays(look, tasks, name, group, port, plan);
    }
}

/// The address under which a task is registered, as soon as it has one: long before it runs, because registration
/// takes minutes at AWS.
fn address(task: &Task) -> Option<&str> {
    task.private_ip.as_deref()
}

/// Targets that belong to no task of ours, running or stopping. Adopting a platform removes nothing.
fn strays(look: Look<'_>, tasks: &[Task], name: &str, group: &TargetGroup, port: u16, plan: &mut Plan) {
    if look.wanted.adopt {
        return;
    }
    let living: Vec<&str> = tasks.iter().filter(|t| !t.is_stopped()).filter_map(address).collect();
    let mut gone = Vec::new();
    for target in look.seen.targets_in(name).unwrap_or_default() {
        if !target.is_registered() || (living.contains(&target.id.as_str()) && target.port == port) {
            continue;
        }
        let key = (name.to_owned(), target.id.clone(), target.port);
        if look.memory.surely_stray(&key) {
            gone.push((target.id.clone(), target.port));
        } else {
            plan.wait(
                format!("target {}:{} in {name}", target.id, target.port),
                "no task of this platform; looking twice",
            );
        }
    }
    if !gone.is_empty() {
        plan.steps.push(Step::DeregisterStrays {
            group: name.to_owned(),
            group_arn: group.arn.clone(),
            targets: gone,
        });
    }
}
