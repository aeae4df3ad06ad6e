//! What becomes of a registered target: registration, health checks, draining; and how DescribeTargetHealth tells it.
//!
//! A target is routable after its first passing check; the thresholds count from then on. A check is planned only while
//! its result can change something: a target that is healthy and answers is left alone until it no longer does.

use super::names::target_group;
use super::target_groups::TargetGroup;
use super::targets::{Target, TargetKey, TargetState};
use super::{Elbv2, LbState, LoadBalancer};
use crate::clock::Ms;
use crate::ecs;
use crate::wire::query::Parameters;
use crate::wire::xml::{Element, element, members, text};
use crate::wire::{ApiError, Caller};
use crate::world::{Event, Place, World, stable_hash};

/// Starts the registration of the targets of a group that wait for it, if group and active load balancer have come
/// together.
pub(super) fn begin_registrations(world: &mut World, place: &Place, arn: &str) {
    let now = world.now_ms();
    let registered = now + world.profile.target_registration;
    let elbv2 = &mut world.region(place).elbv2;
    let Some(balancer) = elbv2.balancer_of(arn).filter(|it| it.state == LbState::Active).cloned() else {
        return;
    };
    let Some(group) = elbv2.target_group_mut(arn) else {
        return;
    };
    let mut plans = Vec::new();
    for index in 0..group.targets.len() {
        let generation = group.next_generation();
        let target = &mut group.targets[index];
        if target.state == TargetState::Waiting && balancer.enables(target.zone.as_deref()) {
            target.state = TargetState::Registering;
            target.generation = generation;
            plans.push((target.key.clone(), generation));
        }
    }
    for (target, generation) in plans {
        let (place, target_group) = (place.clone(), arn.to_owned());
        world.queue.push(
            registered,
            Event::TargetRegistered {
                place,
                target_group,
                target,
                generation,
            },
        );
    }
}

/// AWS has registered a target: its checks begin. Targets are not checked in step with each other: each has its own
/// moment within the interval, which follows from its address and port.
pub(crate) fn target_registered(world: &mut World, place: &Place, group_arn: &str, key: &TargetKey, generation: u64) {
    let now = world.now_ms();
    let Some((group, target)) = current(&mut world.region(place).elbv2, group_arn, key, generation) else {
        return;
    };
    let interval = group.settings.check.interval();
    let phase = stable_hash(&["health check", &key.id, &key.port.to_string()]) % interval as u64;
    let target = &mut group.targets[target];
    target.state = TargetState::Checking;
    target.contrary = 0;
    target.first_check = now + phase as Ms;
    let at = target.first_check;
    plan_check(world, place, group_arn, key, at);
}

/// A check of a target.
pub(crate) fn health_check(world: &mut World, place: &Place, group_arn: &str, key: &TargetKey, generation: u64) {
    let now = world.now_ms();
    let reach = world.behaviour.health_checks_reach_tasks;
    let region = world.region(place);
    let answers = reach && ecs::answers_at(region, &key.id);
    let Some((group, index)) = current(&mut region.elbv2, group_arn, key, generation) else {
        return;
    };
    let check = group.settings.check.clone();
    let passes = answers && check.accepts_ok();
    let target = &mut group.targets[index];
    target.next_check = None;
    let agrees = match target.state {
        TargetState::Checking => {
            target.contrary = if passes { 0 } else { target.contrary + 1 };
            if passes {
                target.state = TargetState::Healthy;
            } else if target.contrary >= check.unhealthy_threshold {
                target.state = TargetState::Unhealthy;
                target.contrary = 0;
            }
            target.state != TargetState::Checking
        }
        state => {
            let (contradicts, threshold, next) = if state == TargetState::Healthy {
                (!passes, check.unhealthy_threshold, TargetState::Unhealthy)
            } else {
                (passes, check.healthy_threshold, TargetState::Healthy)
            };
            target.contrary = if contradicts { target.contrary + 1 } else { 0 };
            if target.contrary >= threshold {
                target.state = next;
                target.contrary = 0;
            }
            target.contrary == 0
        }
    };
    if !agrees {
        plan_check(world, place, group_arn, key, now + check.interval());
    }
}

/// A drained target is gone.
pub(crate) fn drained(world: &mut World, place: &Place, group_arn: &str, key: &TargetKey, generation: u64) {
    if let Some((group, index)) = current(&mut world.region(place).elbv2, group_arn, key, generation) {
        group.targets.remove(index);
    }
}

/// Something has begun or ceased to answer: checks of the targets with this address (`None`: all of them) go on.
pub(crate) fn reachability_changed(world: &mut World, place: &Place, address: Option<&str>) {
    let now = world.now_ms();
    let mut plans = Vec::new();
    for group in &world.region(place).elbv2.target_groups {
        let interval = group.settings.check.interval();
        for target in &group.targets {
            let concerned = address.is_none_or(|address| target.key.id == address);
            let checked = matches!(
                target.state,
                TargetState::Checking | TargetState::Healthy | TargetState::Unhealthy
            );
            if concerned && checked && target.next_check.is_none() {
                plans.push((group.arn.clone(), target.key.clone(), next_check(target, now, interval)));
            }
        }
    }
    for (group, key, at) in plans {
        plan_check(world, place, &group, &key, at);
    }
}

/// The next check after `now`, at a whole number of intervals from the first.
fn next_check(target: &Target, now: Ms, interval: Ms) -> Ms {
    let intervals = (now - target.first_check).max(0) / interval + 1;
    target.first_check + intervals * interval
}

fn plan_check(world: &mut World, place: &Place, group_arn: &str, key: &TargetKey, at: Ms) {
    let Some(group) = world.region(place).elbv2.target_group_mut(group_arn) else {
        return;
    };
    let generation = group.next_generation();
    let Some(target) = group.target_mut(key) else { return };
    target.next_check = Some(at);
    target.generation = generation;
    let (place, target_group, target) = (place.clone(), group_arn.to_owned(), key.clone());
    world.queue.push(
        at,
        Event::HealthCheck {
            place,
            target_group,
            target,
            generation,
        },
    );
}

/// The target of a planned change, unless the plan was overtaken.
fn current<'a>(
    elbv2: &'a mut Elbv2,
    group: &str,
    key: &TargetKey,
    generation: u64,
) -> Option<(&'a mut TargetGroup, usize)> {
    let group = elbv2.target_group_mut(group)?;
    let index = group
        .targets
        .iter()
        .position(|it| it.key == *key && it.generation == generation)?;
    Some((group, index))
}

/// DescribeTargetHealth: of all targets, or of those that are asked for. It has no pages.
pub(super) fn describe(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("TargetGroupArn")?;
    let region = world.region(&caller.place);
    let group = target_group(region, arn)?.clone();
    let balancer = region.elbv2.balancer_of(arn);
    let mut descriptions = Vec::new();
    if input.has("Targets") {
        for asked in input.structures("Targets") {
            let id = asked.required("Id")?;
            let port = asked
                .number("Port", 1..=65535)?
                .map_or(group.settings.port, |port| port as u16);
            let key = TargetKey {
                id: id.to_owned(),
                port,
            };
            match group.targets.iter().find(|target| target.key == key) {
                Some(target) => descriptions.push(describe_target(&group, target, balancer)),
                None => descriptions.push(describe_unregistered(&group, &key)),
            }
        }
    } else {
        descriptions.extend(
            group
                .targets
                .iter()
                .map(|target| describe_target(&group, target, balancer)),
        );
    }
    Ok(vec![members("TargetHealthDescriptions", descriptions)])
}

/// State, reason and description, in AWS's words.
type Told = (&'static str, Option<(&'static str, &'static str)>);

const REGISTERING: Told = (
    "initial",
    Some(("Elb.RegistrationInProgress", "Target registration is in progress")),
);
const NOT_ATTACHED: Told = (
    "unused",
    Some((
        "Target.NotInUse",
        "Target group is not configured to receive traffic from the load balancer",
    )),
);
const ZONE_NOT_ENABLED: Told = (
    "unused",
    Some((
        "Target.NotInUse",
        "Target is in an Availability Zone that is not enabled for the load balancer",
    )),
);

fn describe_target(group: &TargetGroup, target: &Target, balancer: Option<&LoadBalancer>) -> Vec<Element> {
    let told = match (target.state, balancer) {
        (TargetState::Draining, _) => (
            "draining",
            Some((
                "Target.DeregistrationInProgress",
                "Target deregistration is in progress",
            )),
        ),
        (_, None) => NOT_ATTACHED,
        (_, Some(balancer)) if !balancer.enables(target.zone.as_deref()) => ZONE_NOT_ENABLED,
        (TargetState::Waiting | TargetState::Registering, _) => REGISTERING,
        (TargetState::Checking, _) => (
            "initial",
            Some(("Elb.InitialHealthChecking", "Initial health checks in progress")),
        ),
        (TargetState::Healthy, _) => ("healthy", None),
        (TargetState::Unhealthy, _) => ("unhealthy", Some(("Target.FailedHealthChecks", "Health checks failed"))),
    };
    description(group, &target.key, target.zone.as_deref(), told)
}

fn describe_unregistered(group: &TargetGroup, key: &TargetKey) -> Vec<Element> {
    let told = (
        "unused",
        Some(("Target.NotRegistered", "Target is not registered to the target group")),
    );
    description(group, key, None, told)
}

fn description(group: &TargetGroup, key: &TargetKey, zone: Option<&str>, told: Told) -> Vec<Element> {
    let mut target = vec![text("Id", &key.id), text("Port", key.port)];
    target.extend(zone.map(|zone| text("AvailabilityZone", zone)));
    let (state, why) = told;
    let mut health = vec![text("State", state)];
    if let Some((reason, description)) = why {
        health.extend([text("Reason", reason), text("Description", description)]);
    }
    let check = &group.settings.check;
    let check_port = if check.port == "traffic-port" {
        key.port.to_string()
    } else {
        check.port.clone()
    };
    vec![
        element("Target", target),
        text("HealthCheckPort", check_port),
        element("TargetHealth", health),
    ]
}
