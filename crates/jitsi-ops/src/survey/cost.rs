//! What of an observation costs money by the hour, as the price table takes it.

use jitsi_cost::{LoadBalancer, LoadBalancerKind, Running, Task, Unknown};

use crate::journal::Charged;
use crate::observation::{self, Observation};
use crate::ownership;
use crate::plan::orphans;
use crate::reading::Reading;
use crate::wanted::Wanted;

/// What exists of the platform and is charged by the hour. What could not be looked at is named as unseen; so are load
/// balancers of ours under other names, of which an observation has no more than the name.
pub fn running(wanted: &Wanted, seen: &Observation) -> Running {
    let mut running = under_its_name(wanted, seen);
    if let (Some(service), Some(fleet)) = (seen.service.here(), seen.fleet.here()) {
        let (others, _) = orphans::of_ours(fleet, wanted, service);
        running.unseen.extend(others.into_iter().map(|other| Unknown {
            what: format!("load balancer `{}`", other.name),
            reason: "it goes by another name than the configured one".to_owned(),
        }));
    }
    running
}

/// The same without what goes by another name; that it could not be looked for is named.
pub(super) fn under_its_name(wanted: &Wanted, seen: &Observation) -> Running {
    let mut running = Running::default();
    let public = seen.service.here().and_then(|service| service.public_ip);
    match &seen.tasks {
        Reading::Here(tasks) => {
            let living = tasks.iter().filter(|task| !task.is_stopped());
            running.tasks = living.map(|found| task(found, public)).collect();
        }
        reading => running.unseen.extend(unseen("tasks", reading)),
    }
    match &seen.load_balancer {
        Reading::Here(found) if ownership::is_ours(seen, &found.arn) == Some(false) => {}
        Reading::Here(found) => running.load_balancers.push(load_balancer(found)),
        Reading::Absent => {}
        reading => {
            let what = format!("load balancer `{}`", wanted.load_balancer);
            running.unseen.extend(unseen(&what, reading));
        }
    }
    // Whose they are is told by the service's ARN. Not every operation looks for them.
    let others = "load balancers under other names";
    if seen.fleet.failure().is_some() {
        running.unseen.extend(unseen(others, &seen.fleet));
    } else if seen.service.failure().is_some() {
        running.unseen.extend(unseen(others, &seen.service));
    }
    running
}

fn task(task: &observation::Task, public: Option<bool>) -> Task {
    // Both addresses come with the network interface.
    let public = if task.private_ip.is_some() { public } else { Some(false) };
    Charged::of_task(task, public).task(task.short_id())
}

pub(crate) fn load_balancer(balancer: &observation::LoadBalancer) -> LoadBalancer {
    let zones = u32::try_from(balancer.zones.len()).ok();
    LoadBalancer {
        name: balancer.name.clone(),
        kind: match balancer.kind.as_str() {
            "network" => LoadBalancerKind::Network,
            other => LoadBalancerKind::Other(other.to_owned()),
        },
        public_addresses: match balancer.scheme.as_str() {
            "internet-facing" => zones,
            "internal" => Some(0),
            _ => None,
        },
    }
}

fn unseen<T>(what: &str, reading: &Reading<T>) -> Option<Unknown> {
    let reason = match reading {
        Reading::Here(_) | Reading::Absent => return None,
        Reading::NotRead => "nobody has looked".to_owned(),
        Reading::Unknown(failure) => format!("{failure}: {}", failure.in_short()),
    };
    Some(Unknown {
        what: what.to_owned(),
        reason,
    })
}
