//! Attributes of load balancers and target groups: their defaults, and what may be set.

use std::collections::BTreeMap;

use super::names::{configuration, load_balancer, target_group};
use super::target_groups::Settings;
use super::wire::{attribute_members, given_attributes};
use crate::wire::query::{Parameters, validation};
use crate::wire::xml::Element;
use crate::wire::{ApiError, Caller};
use crate::world::World;

/// What a value must look like.
#[derive(Clone, Copy)]
enum Kind {
    Boolean,
    Number(i64, i64),
    /// A count or `off`.
    NumberOrOff(i64, i64),
    OneOf(&'static [&'static str]),
    Text,
}

/// Key, default of a new one, and what it may be set to.
type Attribute = (&'static str, &'static str, Kind);

const NETWORK_LOAD_BALANCER: &[Attribute] = &[
    ("access_logs.s3.enabled", "false", Kind::Boolean),
    ("access_logs.s3.bucket", "", Kind::Text),
    ("access_logs.s3.prefix", "", Kind::Text),
    ("deletion_protection.enabled", "false", Kind::Boolean),
    ("load_balancing.cross_zone.enabled", "false", Kind::Boolean),
    (
        "dns_record.client_routing_policy",
        "any_availability_zone",
        Kind::OneOf(&[
            "any_availability_zone",
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
        ]),
    ),
    ("zonal_shift.config.enabled", "false", Kind::Boolean),
    ("secondary_ips.auto_assigned.per_subnet", "0", Kind::Number(0, 7)),
    ("ipv6.deny_all_igw_traffic", "false", Kind::Boolean),
];

const APPLICATION_LOAD_BALANCER: &[Attribute] = &[
    ("access_logs.s3.enabled", "false", Kind::Boolean),
    ("access_logs.s3.bucket", "", Kind::Text),
    ("access_logs.s3.prefix", "", Kind::Text),
    ("deletion_protection.enabled", "false", Kind::Boolean),
    ("idle_timeout.timeout_seconds", "60", Kind::Number(1, 4000)),
    ("load_balancing.cross_zone.enabled", "true", Kind::OneOf(&["true"])),
    ("routing.http2.enabled", "true", Kind::Boolean),
];

/// Of every target group for IP addresses or instances of a network load balancer. Defaults that depend on the protocol
/// are in [`target_group_defaults`].
const NETWORK_TARGET_GROUP: &[Attribute] = &[
    ("deregistration_delay.timeout_seconds", "300", Kind::Number(0, 3600)),
    (
        "deregistration_delay.connection_termination.enabled",
        "false",
        Kind::Boolean,
    ),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Kind::OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    ("preserve_client_ip.enabled", "false", Kind::Boolean),
    ("proxy_protocol_v2.enabled", "false", Kind::Boolean),
    ("stickiness.enabled", "false", Kind::Boolean),
    ("stickiness.type", "source_ip", Kind::OneOf(&["source_ip"])),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.count",
        "1",
        Kind::NumberOrOff(1, 1000),
    ),
    (
        "target_group_health.dns_failover.minimum_healthy_targets.percentage",
        "off",
        Kind::NumberOrOff(1, 100),
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
        "1",
        Kind::Number(1, 1000),
    ),
    (
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        Kind::NumberOrOff(1, 100),
    ),
    (
        "target_health_state.unhealthy.connection_termination.enabled",
        "true",
        Kind::Boolean,
    ),
    (
        "target_health_state.unhealthy.draining_interval_seconds",
        "0",
        Kind::Number(0, 360_000),
    ),
];

const APPLICATION_TARGET_GROUP: &[Attribute] = &[
    ("deregistration_delay.timeout_seconds", "300", Kind::Number(0, 3600)),
    (
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Kind::OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    (
        "load_balancing.algorithm.type",
        "round_robin",
        Kind::OneOf(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    ("slow_start.duration_seconds", "0", Kind::Number(0, 900)),
    ("stickiness.enabled", "false", Kind::Boolean),
    (
        "stickiness.type",
        "lb_cookie",
        Kind::OneOf(&["lb_cookie", "app_cookie"]),
    ),
    (
        "stickiness.lb_cookie.duration_seconds",
        "86400",
        Kind::Number(1, 604_800),
    ),
];

fn defaults(attributes: &[Attribute]) -> BTreeMap<String, String> {
    attributes
        .iter()
        .map(|(key, default, _)| ((*key).to_owned(), (*default).to_owned()))
        .collect()
}

/// The attributes of a new load balancer.
pub(super) fn load_balancer_defaults(network: bool) -> BTreeMap<String, String> {
    defaults(if network {
        NETWORK_LOAD_BALANCER
    } else {
        APPLICATION_LOAD_BALANCER
    })
}

/// The attributes of a new target group. With UDP, flows are cut at the end of the drain, clients' addresses are kept,
/// and flows to unhealthy targets are not cut.
pub(super) fn target_group_defaults(settings: &Settings) -> BTreeMap<String, String> {
    if !settings.is_network() {
        return defaults(APPLICATION_TARGET_GROUP);
    }
    let mut attributes = defaults(NETWORK_TARGET_GROUP);
    let mut set = |key: &str, value: bool| attributes.insert(key.to_owned(), value.to_string());
    let udp = settings.carries_udp();
    set("deregistration_delay.connection_termination.enabled", udp);
    set("preserve_client_ip.enabled", udp || settings.target_type == "instance");
    set("target_health_state.unhealthy.connection_termination.enabled", !udp);
    attributes
}

/// DescribeLoadBalancerAttributes.
pub(super) fn of_load_balancer(
    world: &mut World,
    caller: &Caller,
    input: &Parameters,
) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("LoadBalancerArn")?;
    let balancer = load_balancer(world.region(&caller.place), arn)?;
    Ok(vec![attributes_of(&balancer.attributes)])
}

/// ModifyLoadBalancerAttributes: all of them or none. The answer has those that were given.
pub(super) fn modify_load_balancer(
    world: &mut World,
    caller: &Caller,
    input: &Parameters,
) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("LoadBalancerArn")?;
    let balancer = load_balancer(world.region(&caller.place), arn)?;
    let given = given_attributes(input)?;
    let allowed = if balancer.is_network() {
        NETWORK_LOAD_BALANCER
    } else {
        APPLICATION_LOAD_BALANCER
    };
    for (key, value) in &given {
        check("Load balancer", allowed, key, value)?;
    }
    balancer.attributes.extend(given);
    Ok(vec![attributes_of(&balancer.attributes)])
}

/// DescribeTargetGroupAttributes.
pub(super) fn of_target_group(
    world: &mut World,
    caller: &Caller,
    input: &Parameters,
) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("TargetGroupArn")?;
    let group = target_group(world.region(&caller.place), arn)?;
    Ok(vec![attributes_of(&group.attributes)])
}

/// ModifyTargetGroupAttributes: all of them or none.
pub(super) fn modify_target_group(
    world: &mut World,
    caller: &Caller,
    input: &Parameters,
) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("TargetGroupArn")?;
    let group = target_group(world.region(&caller.place), arn)?;
    let given = given_attributes(input)?;
    let allowed = if group.settings.is_network() {
        NETWORK_TARGET_GROUP
    } else {
        APPLICATION_TARGET_GROUP
    };
    for (key, value) in &given {
        check_protocol(&group.settings, key, value)?;
        check("Target group", allowed, key, value)?;
    }
    let mut changed = group.attributes.clone();
    changed.extend(given);
    let value = |key: &str| changed.get(key).map_or("", String::as_str);
    let cut = value("target_health_state.unhealthy.connection_termination.enabled") == "true";
    if cut && value("target_health_state.unhealthy.draining_interval_seconds") != "0" {
        return Err(configuration(
            "An unhealthy draining interval can only be set when unhealthy connection termination is disabled",
        ));
    }
    group.attributes = changed;
    Ok(vec![attributes_of(&group.attributes)])
}

fn attributes_of(attributes: &BTreeMap<String, String>) -> Element {
    attribute_members(attributes.iter().map(|(key, value)| (key.as_str(), value.as_str())))
}

fn check(what: &str, allowed: &[Attribute], key: &str, value: &str) -> Result<(), ApiError> {
    let Some((_, _, kind)) = allowed.iter().find(|(known, ..)| *known == key) else {
        return Err(validation(format!("{what} attribute key '{key}' is not recognized")));
    };
    let within = |low: i64, high: i64| value.parse().is_ok_and(|number: i64| (low..=high).contains(&number));
    let (fits, wanted) = match kind {
        Kind::Boolean => (matches!(value, "true" | "false"), "'true' or 'false'".to_owned()),
        Kind::Number(low, high) => (within(*low, *high), format!("between '{low}-{high}' inclusive")),
        Kind::NumberOrOff(low, high) => (
            value == "off" || within(*low, *high),
            format!("'off' or between '{low}-{high}' inclusive"),
        ),
        Kind::OneOf(values) => (values.contains(&value), format!("one of '{}'", values.join(", "))),
        Kind::Text => (true, String::new()),
    };
    if fits {
        return Ok(());
    }
    Err(validation(format!("'{key}' value '{value}' must be {wanted}")))
}

/// What the group's protocol does not allow.
fn check_protocol(settings: &Settings, key: &str, value: &str) -> Result<(), ApiError> {
    let own = if settings.is_network() {
        "source_ip"
    } else {
        "lb_cookie"
    };
    if key == "stickiness.type" && ["source_ip", "lb_cookie", "app_cookie"].contains(&value) && value != own {
        return Err(configuration(format!(
            "Stickiness type '{value}' is not supported for target groups with the {} protocol",
            settings.protocol
        )));
    }
    let forbidden = match key {
        "preserve_client_ip.enabled" => value == "false",
        "target_health_state.unhealthy.connection_termination.enabled" => value == "true",
        _ => false,
    };
    if forbidden && settings.carries_udp() {
        let message = format!(
            "The attribute '{key}' cannot be '{value}' for {} target groups",
            settings.protocol
        );
        return Err(configuration(message));
    }
    Ok(())
}
