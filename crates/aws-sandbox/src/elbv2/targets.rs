//! Targets of a target group, and their registration.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::health::begin_registrations;
use super::names::target_group;
use super::target_groups::{Settings, TargetGroup};
use crate::clock::{Ms, SECOND};
use crate::wire::query::{Parameters, validation};
use crate::wire::xml::Element;
use crate::wire::{ApiError, Caller};
use crate::world::{CutOffBy, Event, Network, World};

/// A target is known by its address and port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TargetKey {
    pub(crate) id: String,
    pub(crate) port: u16,
}

/// A registered target.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) key: TargetKey,
    /// The zone of its subnet; `None` outside all of them.
    pub(crate) zone: Option<String>,
    pub(crate) state: TargetState,
    /// The planned change that counts; others were overtaken.
    pub(crate) generation: u64,
    /// When it was first checked: later checks come at whole intervals from there.
    pub(crate) first_check: Ms,
    /// The next check, while one is planned.
    pub(crate) next_check: Option<Ms>,
    /// Checks in a row that contradict the state.
    pub(crate) contrary: i64,
}

/// Where a target stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TargetState {
    /// Registered, and waiting for a load balancer: not attached, or not active yet.
    Waiting,
    /// AWS is registering it.
    Registering,
    /// Waiting for its first passing check.
    Checking,
    Healthy,
    Unhealthy,
    Draining,
}

impl TargetGroup {
    pub(crate) fn target_mut(&mut self, key: &TargetKey) -> Option<&mut Target> {
        self.targets.iter_mut().find(|target| target.key == *key)
    }

    /// The number for the next planned change.
    pub(super) fn next_generation(&mut self) -> u64 {
        self.generations += 1;
        self.generations
    }

    /// No load balancer uses the group any more: its targets wait again, and drained ones are gone.
    pub(super) fn detach(&mut self) {
        self.targets.retain(|target| target.state != TargetState::Draining);
        let generation = self.next_generation();
        for target in &mut self.targets {
            target.state = TargetState::Waiting;
            target.generation = generation;
            target.next_check = None;
            target.contrary = 0;
        }
    }

    fn deregistration_delay(&self) -> Ms {
        let delay = self.attributes.get("deregistration_delay.timeout_seconds");
        delay.and_then(|seconds| seconds.parse::<Ms>().ok()).unwrap_or(300) * SECOND
    }
}

/// The targets of a request: the port of one that gives none is the group's.
fn given_targets(input: &Parameters, settings: &Settings) -> Result<Vec<(TargetKey, Option<String>)>, ApiError> {
    let targets = input.structures("Targets");
    if targets.is_empty() {
        return Err(validation("At least one target must be specified"));
    }
    let target = |given: &Parameters| {
        let id = given.required("Id")?.to_owned();
        let port = given
            .number("Port", 1..=65535)?
            .map_or(settings.port, |port| port as u16);
        let zone = given.text("AvailabilityZone").map(str::to_owned);
        Ok((TargetKey { id, port }, zone))
    };
    targets.iter().map(target).collect()
}

/// RegisterTargets: all or none. Registering again what is registered does nothing, and ends a drain.
pub(super) fn register(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("TargetGroupArn")?.to_owned();
    let region = world.region(&caller.place);
    let network = region.network.clone();
    let group = target_group(region, &arn)?;
    let given = given_targets(input, &group.settings)?;
    let mut zones = Vec::new();
    for (key, zone) in &given {
        zones.push(check_target(&network, &group.settings, key, zone.as_deref())?);
    }
    let is_fresh = |key: &TargetKey| !group.targets.iter().any(|target| target.key == *key);
    let fresh: Vec<Option<String>> = given
        .iter()
        .zip(&zones)
        .filter(|((key, _), _)| is_fresh(key))
        .map(|(_, zone)| zone.clone())
        .collect();
    check_quotas(world, caller, &arn, &fresh)?;
    let group = target_group(world.region(&caller.place), &arn)?;
    for ((key, _), zone) in given.into_iter().zip(zones) {
        let generation = group.next_generation();
        match group.target_mut(&key) {
            Some(target) if target.state == TargetState::Draining => {
                target.state = TargetState::Waiting;
                target.generation = generation;
            }
            Some(_) => {}
            None => group.targets.push(Target {
                key,
                zone,
                state: TargetState::Waiting,
                generation,
                first_check: 0,
                next_check: None,
                contrary: 0,
            }),
        }
    }
    begin_registrations(world, &caller.place, &arn);
    Ok(Vec::new())
}

/// Whether so many more targets, one for each zone in the list, may be registered: in a group, on its load balancer, and in
/// each zone of it. Each registration counts.
fn check_quotas(world: &mut World, caller: &Caller, arn: &str, fresh: &[Option<String>]) -> Result<(), ApiError> {
    let limits = world.limits.clone();
    let elbv2 = &world.region(&caller.place).elbv2;
    let too_many = |what: String| Err(ApiError::client("TooManyTargets", what));
    let of = |group: &str| {
        elbv2
            .target_groups
            .iter()
            .find(|it| it.arn == group)
            .map_or(&[][..], |it| &it.targets[..])
    };
    if (of(arn).len() + fresh.len()) as u64 > limits.most("targets-per-target-group") {
        return too_many(format!(
            "The maximum number of targets for target group '{arn}' has been reached"
        ));
    }
    let Some(balancer) = elbv2.balancer_of(arn) else {
        return Ok(());
    };
    let mut groups: Vec<&str> = elbv2
        .listeners
        .iter()
        .filter(|listener| listener.load_balancer == balancer.arn)
        .map(|listener| listener.target_group.as_str())
        .collect();
    groups.sort_unstable();
    groups.dedup();
    let there: Vec<&Target> = groups.into_iter().flat_map(of).collect();
    let reached = format!(
        "The maximum number of targets for load balancer '{}' has been reached",
        balancer.arn
    );
    if (there.len() + fresh.len()) as u64 > limits.most("targets-per-network-load-balancer") {
        return too_many(reached);
    }
    for zone in &balancer.zones {
        let name = Some(&zone.name);
        let count = there.iter().filter(|target| target.zone.as_ref() == name).count()
            + fresh.iter().filter(|zone| zone.as_ref() == name).count();
        if count as u64 > limits.most("targets-per-availability-zone-per-network-load-balancer") {
            return too_many(reached);
        }
    }
    Ok(())
}

/// Whether a target may be registered, and the zone it is in.
fn check_target(
    network: &Network,
    settings: &Settings,
    key: &TargetKey,
    zone: Option<&str>,
) -> Result<Option<String>, ApiError> {
    let invalid = |message: String| Err(ApiError::client("InvalidTarget", message));
    if settings.target_type == "instance" {
        let message = format!(
            "The following targets are not in a running state and cannot be registered: '{}'",
            key.id
        );
        return invalid(message);
    }
    let Ok(address) = key.id.parse::<Ipv4Addr>() else {
        return Err(validation(format!(
            "The IP address '{}' is not a valid IPv4 address",
            key.id
        )));
    };
    if network.contains(address) {
        return Ok(network.zone_of(address).map(str::to_owned));
    }
    let [first, second, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    if !address.is_private() && !shared {
        let message = format!("The IP address '{}' is not within the supported address ranges", key.id);
        return invalid(message);
    }
    if zone == Some("all") && !settings.carries_udp() {
        return Ok(None);
    }
    invalid(format!(
        "The following targets are not in the target group VPC: '{}'",
        key.id
    ))
}

/// DeregisterTargets: targets drain, and then they are gone. What is not registered is deregistered successfully.
pub(super) fn deregister(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("TargetGroupArn")?.to_owned();
    let region = world.region(&caller.place);
    let attached = region.elbv2.balancer_of(&arn).is_some();
    let group = target_group(region, &arn)?;
    let given = given_targets(input, &group.settings)?;
    let until = caller.now + group.deregistration_delay();
    let (mut drains, mut gone) = (Vec::new(), Vec::new());
    for (key, _) in given {
        if group
            .target_mut(&key)
            .is_some_and(|it| it.state != TargetState::Draining)
        {
            gone.push(key.id.clone());
        }
        if !attached {
            group.targets.retain(|target| target.key != key);
            continue;
        }
        let generation = group.next_generation();
        if let Some(target) = group
            .target_mut(&key)
            .filter(|target| target.state != TargetState::Draining)
        {
            target.state = TargetState::Draining;
            target.generation = generation;
            target.next_check = None;
            drains.push((key, generation));
        }
    }
    world.cut_off_at(&caller.place, &gone, CutOffBy::TargetDeregistered, caller.call);
    for (target, generation) in drains {
        let (place, target_group) = (caller.place.clone(), arn.clone());
        world.queue.push(
            until,
            Event::Drained {
                place,
                target_group,
                target,
                generation,
            },
        );
    }
    Ok(Vec::new())
}
