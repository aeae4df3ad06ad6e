//! The addresses that the bridge offers to browsers: those of the load balancer (`nlb.advertise = "nlb"`).
//!
//! They are variables of the bridge's container, so other addresses need a new revision of the task definition, and a
//! service that takes one up replaces its tasks. Therefore one is made and taken up only while nothing runs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jitsi_config::Advertise;

use super::{Look, Plan};
use crate::clock::between;
use crate::lint::{ADVERTISE_IPS, Jitsi, Role, entries};
use crate::observation::{ContainerDefinition, LoadBalancer, Service, Task, TaskDefinition};
use crate::ownership;
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;
use crate::step::Step;

/// How long an active load balancer may keep back the address of a zone; one that nobody can use is never told.
const PATIENCE: Duration = Duration::from_secs(60);

/// As plans name them.
const LABEL: &str = "bridge's addresses";

/// Whether a task may start, as far as the addresses of its bridge go.
#[derive(Debug)]
pub(super) enum Bridge {
    /// It may.
    Told {
        /// The ARN of the revision that it has to be made of, where the service has another.
        task_definition: Option<String>,
    },
    /// What the bridge has to advertise is not known yet, or is not in any revision.
    NotYet,
}

const AS_IT_IS: Bridge = Bridge::Told { task_definition: None };

/// Before anything is made: the definition must be one whose bridge can be told.
pub(super) fn preflight(look: Look<'_>, plan: &mut Plan) {
    if look.wanted.advertise == Advertise::Off || !nothing_is_left(look) {
        return;
    }
    let definition = plan.known("task definition", Some(&look.seen.task_definition), look.wanted);
    if let Some(Err(problem)) = definition.map(bridge_of) {
        plan.stop(problem);
    }
}

/// Sees to it that the bridge of the next task advertises the load balancer's addresses.
///
/// Where one runs that advertises others, that is told when everything else is as it should be.
pub(super) fn up(look: Look<'_>, service: &Service, plan: &mut Plan) -> Bridge {
    if look.wanted.advertise == Advertise::Off {
        return AS_IT_IS;
    }
    let definition = match &look.seen.task_definition {
        Reading::Here(definition) if definition.arn == service.task_definition => definition,
        Reading::Unknown(failure) if !failure.may_pass() => {
            plan.stop_at_last(LABEL, look.wanted.problem(failure));
            return AS_IT_IS;
        }
        Reading::Here(_) => {
            plan.wait(LABEL, "the service has another task definition, not read yet");
            return Bridge::NotYet;
        }
        other => {
            plan.known(LABEL, Some(other), look.wanted);
            return Bridge::NotYet;
        }
    };
    let bridge = match bridge_of(definition) {
        Ok(bridge) => bridge,
        Err(problem) => {
            plan.stop_at_last(LABEL, problem);
            return AS_IT_IS;
        }
    };
    let Some(addresses) = addresses(look, service, plan) else {
        return Bridge::NotYet;
    };
    let wanted = variables(look, &addresses);
    if carries(bridge, &wanted, addresses.all) {
        return AS_IT_IS;
    }
    if service.desired > 0 {
        plan.stop_at_last(LABEL, runs_with_others(look, bridge, &wanted));
        return AS_IT_IS;
    }
    if !nothing_is_left(look) {
        plan.wait(LABEL, "set when the last task has stopped");
        return Bridge::NotYet;
    }
    if !addresses.all && !addresses.waited_for {
        plan.wait(LABEL, "its name does not lead to every zone yet");
        return Bridge::NotYet;
    }
    let made = look.seen.new_revision.as_ref().filter(|revision| {
        revision.from == service.task_definition && revision.container == bridge.name && revision.variables == wanted
    });
    if let Some(revision) = made {
        return Bridge::Told {
            task_definition: Some(revision.arn.clone()),
        };
    }
    plan.steps.push(Step::RegisterTaskDefinition {
        from: service.task_definition.clone(),
        container: bridge.name.clone(),
        variables: wanted,
    });
    Bridge::NotYet
}

/// Whether nothing is asked for, and no task is left.
pub(super) fn nothing_is_left(look: Look<'_>) -> bool {
    look.seen.service.here().is_some_and(|service| service.desired == 0)
        && look
            .seen
            .tasks
            .here()
            .is_some_and(|tasks| tasks.iter().all(Task::is_stopped))
}

/// The bridge's container, if its variables can be set.
fn bridge_of(definition: &TaskDefinition) -> Result<&ContainerDefinition, Problem> {
    let off = "or set `nlb.advertise = \"off\"`";
    let jitsi = Jitsi::of(definition);
    let Some(part) = jitsi.get(Role::Jvb) else {
        let what = format!(
            "no container of task definition `{}` is a Jitsi Videobridge",
            definition.name
        );
        return Err(Problem::new(ProblemKind::NotReady, what)
            .because("`nlb.advertise = \"nlb\"` tells it the load balancer's addresses")
            .hint(format!("give its container the name `jvb`, {off}")));
    };
    let secret = |name: &&&str| part.container.secrets.iter().any(|secret| secret.variable == ***name);
    match [ADVERTISE_IPS, DISABLE_STUN, PRIVATE_CANDIDATES].iter().find(secret) {
        None => Ok(part.container),
        Some(variable) => {
            let what = format!("{variable} of container `{}` comes from a secret store", part.name());
            Err(Problem::new(ProblemKind::NotReady, what)
                .because("`nlb.advertise = \"nlb\"` sets it as a plain variable, and AWS takes only one of the two")
                .hint(format!("take it out of the container's `secrets`, {off}")))
        }
    }
}

/// What the bridge of tasks made of this definition advertises, `ip` or `ip#port`; empty where it asks STUN, or where it
/// cannot be told.
pub fn advertised(definition: &TaskDefinition) -> Vec<&str> {
    let bridge = bridge_of(definition).ok();
    let value = bridge.and_then(|bridge| bridge.environment.get(ADVERTISE_IPS)?.as_deref());
    value.map(|value| entries(value).collect()).unwrap_or_default()
}

/// What is known of the load balancer's addresses.
struct Addresses {
    /// IPv4 addresses, or what stands for them in a dry run.
    addresses: BTreeSet<String>,
    /// Whether these are all.
    all: bool,
    /// Whether there was time enough for all to show.
    waited_for: bool,
}

fn addresses(look: Look<'_>, service: &Service, plan: &mut Plan) -> Option<Addresses> {
    let Some(balancer) = look.seen.load_balancer.here() else {
        plan.wait(LABEL, "waits for the load balancer, which tells them");
        return None;
    };
    if ownership::is_ours_of(look.seen, &balancer.arn, service) != Some(true) {
        plan.wait(LABEL, "whose the load balancer is, is not known yet");
        return None;
    }
    if look.wanted.eip_allocations.is_empty() {
        by_name(look, balancer, plan)
    } else {
        elastic(look, balancer, plan)
    }
}

/// Elastic addresses are known as soon as the load balancer is created, long before it is active.
fn elastic(look: Look<'_>, balancer: &LoadBalancer, plan: &mut Plan) -> Option<Addresses> {
    let address_of = |id: &String| {
        let elastic = balancer.elastic.iter().find(|it| it.allocation_id == *id);
        elastic.and_then(|it| it.address.clone())
    };
    let addresses: Option<BTreeSet<String>> = look.wanted.eip_allocations.iter().map(address_of).collect();
    if addresses.is_none() {
        plan.wait(LABEL, "AWS does not tell the elastic addresses yet");
    }
    Some(Addresses {
        addresses: addresses?,
        all: true,
        waited_for: true,
    })
}

/// Other addresses AWS tells only through the load balancer's name, once it is active.
fn by_name(look: Look<'_>, balancer: &LoadBalancer, plan: &mut Plan) -> Option<Addresses> {
    if !balancer.state.starts_with("active") {
        plan.wait(LABEL, "told when the load balancer is active");
        return None;
    }
    let known = match &look.seen.addresses {
        Reading::Here(known) if known.name == balancer.dns_name && !known.addresses.is_empty() => known,
        Reading::Unknown(failure) => {
            plan.wait(LABEL, format!("unknown: {failure}: {}", failure.reason()));
            return None;
        }
        Reading::NotRead => {
            plan.wait(LABEL, "not read yet");
            return None;
        }
        Reading::Here(_) | Reading::Absent => {
            plan.wait(LABEL, format!("{} leads to no address yet", balancer.dns_name));
            return None;
        }
    };
    let active_since = look.memory.active_since;
    Some(Addresses {
        addresses: known.addresses.iter().cloned().collect(),
        all: known.addresses.len() >= balancer.zones.len(),
        waited_for: active_since.is_some_and(|since| between(since, look.seen.at) >= PATIENCE),
    })
}

/// Beside the load balancer's addresses no other may be offered: AWS lets a client reach the load balancer or the target,
/// but not both (NLB user guide, client IP preservation).
const DISABLE_STUN: &str = "JVB_DISABLE_STUN";
const PRIVATE_CANDIDATES: &str = "JVB_ADVERTISE_PRIVATE_CANDIDATES";

/// The variables that make a bridge offer these addresses and no others (jitsi/docker-jitsi-meet `jvb.conf`).
fn variables(look: Look<'_>, addresses: &Addresses) -> BTreeMap<String, String> {
    let media = look
        .wanted
        .listeners
        .iter()
        .find(|listener| matches!(listener.protocol.as_str(), "UDP" | "TCP_UDP"));
    // Where people reach the load balancer on another port than it reaches the bridge.
    let port = media
        .filter(|listener| listener.port != listener.group.port)
        .map_or_else(String::new, |listener| format!("#{}", listener.port));
    let entries: Vec<String> = addresses.addresses.iter().map(|ip| format!("{ip}{port}")).collect();
    [
        (ADVERTISE_IPS, entries.join(",")),
        (DISABLE_STUN, "1".to_owned()),
        (PRIVATE_CANDIDATES, "false".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// Whether the container has these variables. The order of addresses means nothing; where not `all` are known, it may have
/// more of them.
fn carries(container: &ContainerDefinition, wanted: &BTreeMap<String, String>, all: bool) -> bool {
    wanted.iter().all(|(name, value)| {
        let Some(there) = container.environment.get(name).and_then(Option::as_deref) else {
            return false;
        };
        if name != ADVERTISE_IPS {
            return there.trim() == value;
        }
        let (there, value): (BTreeSet<&str>, BTreeSet<&str>) = (entries(there).collect(), entries(value).collect());
        there == value || !all && there.is_superset(&value)
    })
}

fn runs_with_others(look: Look<'_>, bridge: &ContainerDefinition, wanted: &BTreeMap<String, String>) -> Problem {
    let there = |name: &str| {
        let value = bridge.environment.get(name).and_then(Option::as_deref);
        value.map_or_else(|| format!("no {name}"), |value| format!("{name}={value}"))
    };
    let flags = &look.wanted.further.flags;
    let differing = wanted
        .iter()
        .filter(|(name, value)| bridge.environment.get(*name).and_then(Option::as_ref) != Some(value));
    let what = format!(
        "the bridge that runs does not advertise the addresses of load balancer `{}`",
        look.wanted.load_balancer
    );
    let problem = Problem::new(ProblemKind::Refused, what);
    let problem = differing.fold(problem, |problem, (name, value)| {
        problem.because(format!("container `{}` has {}, not {value}", bridge.name, there(name)))
    });
    problem.hint(format!(
        "other addresses need other tasks: when nobody is in a meeting, `scale-down{flags}`, then `scale-up{flags}`"
    ))
}
