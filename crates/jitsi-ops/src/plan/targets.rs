//! Registered targets: what is missing is registered, what is no task of ours any more is deregistered.

use std::collections::{BTreeMap, BTreeSet};

use super::{Look, Plan};
use crate::observation::{Target, TargetGroup, Task};
use crate::step::Step;
use crate::wanted::WantedListener;

/// Plans registration in the target groups that are there, and waits for health.
pub(super) fn up(look: Look<'_>, groups: &[(&WantedListener, &TargetGroup)], plan: &mut Plan) {
    let Some(tasks) = look.seen.tasks.here() else { return };
    let addresses: BTreeSet<&str> = tasks.iter().filter(|t| !t.is_ending()).filter_map(address).collect();
    for (listener, group) in groups {
        let name = &listener.group.name;
        let port = listener.group.port;
        let Some(targets) = plan.known(&format!("targets of {name}"), look.seen.targets.get(name), look.wanted) else {
            continue;
        };
        let by_address: BTreeMap<&str, &Target> = targets
            .iter()
            .filter(|t| t.port == port)
            .map(|t| (t.id.as_str(), t))
            .collect();
        let mut missing = Vec::new();
        for id in &addresses {
            match by_address.get(id) {
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
        plan.steps
            .extend(missing.chunks(look.wanted.batch).map(|ids| Step::RegisterTargets {
                group: name.clone(),
                group_arn: group.arn.clone(),
                ids: ids.to_vec(),
                port,
            }));
        strays(look, tasks, targets, listener, group, plan);
    }
}

/// The address under which a task is registered, as soon as it has one: long before it runs, because registration
/// takes minutes at AWS.
fn address(task: &Task) -> Option<&str> {
    task.private_ip.as_deref()
}

/// Targets that belong to no task of ours, running or stopping. Adopting a platform removes nothing.
fn strays(
    look: Look<'_>,
    tasks: &[Task],
    targets: &[Target],
    listener: &WantedListener,
    group: &TargetGroup,
    plan: &mut Plan,
) {
    let (name, port) = (&listener.group.name, listener.group.port);
    let living: BTreeSet<&str> = tasks.iter().filter(|t| !t.is_stopped()).filter_map(address).collect();
    let mut gone = Vec::new();
    for target in targets.iter().filter(|t| t.is_registered()) {
        if living.contains(target.id.as_str()) {
            if target.port != port {
                plan.warn(
                    format!(
                        "{}:{} in target group `{name}` is a task of this platform at a port that the configuration does not name",
                        target.id, target.port
                    ),
                    Some("it is left as it is, somebody may be in a meeting there; it goes with the target group"),
                );
            }
            continue;
        }
        if look.wanted.adopt || !look.wanted.prune {
            continue;
        }
        let key = (name.clone(), target.id.clone(), target.port);
        if look.memory.surely_stray(&key) {
            gone.push((target.id.clone(), target.port));
        } else {
            plan.wait(
                format!("target {}:{} in {name}", target.id, target.port),
                "no task of this platform; looking twice",
            );
        }
    }
    plan.steps
        .extend(gone.chunks(look.wanted.batch).map(|targets| Step::DeregisterStrays {
            group: name.clone(),
            group_arn: group.arn.clone(),
            targets: targets.to_vec(),
        }));
}
