//! CreateTargetGroup, DescribeTargetGroups, ModifyTargetGroup, DeleteTargetGroup.

use super::attributes::target_group_defaults;
use super::names::{
    arn, check_arn, check_name, configuration, load_balancer_not_found, target_group, target_group_not_found,
};
use super::target_groups::{HealthCheck, Settings, TargetGroup};
use super::wire::{check_count, one_of, page, tags};
use crate::wire::query::{Parameters, validation};
use crate::wire::xml::{Element, members};
use crate::wire::{ApiError, Caller};
use crate::world::{CutOffBy, World};

const PROTOCOLS: &[&str] = &["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"];

/// CreateTargetGroup: with the settings and tags of one that exists, that one is the answer.
pub(super) fn create(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let name = input.required("Name")?.to_owned();
    check_name("target group", &name)?;
    let tags = tags(input)?;
    let settings = settings(world, caller, input)?;
    let elbv2 = &world.region(&caller.place).elbv2;
    if let Some(existing) = elbv2.target_groups.iter().find(|it| it.name == name) {
        if existing.settings == settings && existing.tags == tags {
            return Ok(vec![members("TargetGroups", [existing.view(elbv2)])]);
        }
        let message = format!("A target group with the same name '{name}' exists, but with different settings");
        return Err(ApiError::client("DuplicateTargetGroupName", message));
    }
    let count = elbv2.target_groups.len() as u64;
    if count >= world.limits.most("target-groups") {
        let message = "The maximum number of target groups has been reached";
        return Err(ApiError::client("TooManyTargetGroups", message));
    }
    let id = world.fresh_hex(16);
    let group = TargetGroup {
        arn: arn(&caller.place, &format!("targetgroup/{name}/{id}")),
        name,
        attributes: target_group_defaults(&settings),
        settings,
        tags,
        targets: Vec::new(),
        in_use_until: 0,
        generations: 0,
    };
    let elbv2 = &mut world.region(&caller.place).elbv2;
    let output = vec![members("TargetGroups", [group.view(elbv2)])];
    elbv2.target_groups.push(group);
    Ok(output)
}

fn settings(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Settings, ApiError> {
    let target_type = one_of(input, "TargetType", &["instance", "ip", "lambda", "alb"])?.unwrap_or("instance");
    if matches!(target_type, "lambda" | "alb") {
        return Err(configuration(format!(
            "Target type '{target_type}' is not part of this sandbox"
        )));
    }
    let protocol = one_of(input, "Protocol", PROTOCOLS)?.ok_or_else(|| validation("A protocol must be specified"))?;
    let port = input
        .number("Port", 1..=65535)?
        .ok_or_else(|| validation("A port must be specified"))?;
    let vpc = input
        .text("VpcId")
        .ok_or_else(|| validation("A VPC ID must be specified"))?;
    if world.region(&caller.place).network.vpc != vpc {
        return Err(validation(format!("The VPC ID '{vpc}' is not found")));
    }
    let network = !matches!(protocol, "HTTP" | "HTTPS");
    let version = one_of(input, "ProtocolVersion", &["HTTP1", "HTTP2", "GRPC"])?.unwrap_or("HTTP1");
    Ok(Settings {
        protocol: protocol.to_owned(),
        port: port as u16,
        vpc: vpc.to_owned(),
        target_type: target_type.to_owned(),
        ip_address_type: one_of(input, "IpAddressType", &["ipv4", "ipv6"])?
            .unwrap_or("ipv4")
            .to_owned(),
        protocol_version: (!network).then(|| version.to_owned()),
        check: health_check(input, network, None)?,
    })
}

/// The health check of a request: what is not given comes from `current`, else from AWS's defaults.
fn health_check(input: &Parameters, network: bool, current: Option<&HealthCheck>) -> Result<HealthCheck, ApiError> {
    let default_protocol = if network { "TCP" } else { "HTTP" };
    let current_protocol = current.map_or(default_protocol, |check| check.protocol.as_str());
    let protocol = one_of(input, "HealthCheckProtocol", PROTOCOLS)?.unwrap_or(current_protocol);
    if !matches!(protocol, "HTTP" | "HTTPS" | "TCP") {
        return Err(validation(format!(
            "Health check protocol '{protocol}' must be one of 'HTTP, HTTPS, TCP'"
        )));
    }
    if !network && protocol == "TCP" {
        return Err(validation(
            "Health check protocol 'TCP' is not supported for application load balancers",
        ));
    }
    let current = current.filter(|check| check.protocol == protocol);
    let http = protocol != "TCP";
    let port = input
        .text("HealthCheckPort")
        .or(current.map(|check| check.port.as_str()))
        .unwrap_or("traffic-port");
    if port != "traffic-port" && !port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err(validation(format!(
            "Health check port '{port}' must be in the range '1-65535' or 'traffic-port'"
        )));
    }
    let path = input
        .text("HealthCheckPath")
        .map(str::to_owned)
        .or_else(|| current.and_then(|check| check.path.clone()));
    if !http && input.text("HealthCheckPath").is_some() {
        return Err(validation(
            "Health check path is not supported for health checks with protocol 'TCP'",
        ));
    }
    if path
        .as_ref()
        .is_some_and(|path| !path.starts_with('/') || path.len() > 1024)
    {
        return Err(validation(format!(
            "Health check path '{}' must begin with a '/' character, and can only contain printable ASCII characters, without spaces",
            path.unwrap_or_default()
        )));
    }
    let matcher = input
        .text("Matcher.HttpCode")
        .map(str::to_owned)
        .or_else(|| current.and_then(|check| check.matcher.clone()));
    if !http && input.text("Matcher.HttpCode").is_some() {
        return Err(validation(
            "Matcher is not supported for health checks with protocol 'TCP'",
        ));
    }
    let default_matcher = if network { "200-399" } else { "200" };
    let number = |name: &str, range, kept: Option<i64>, default| {
        Ok::<i64, ApiError>(input.number(name, range)?.or(kept).unwrap_or(default))
    };
    let default_timeout = match (network, protocol) {
        (false, _) => 5,
        (true, "HTTP") => 6,
        (true, _) => 10,
    };
    let check = HealthCheck {
        interval_seconds: number(
            "HealthCheckIntervalSeconds",
            5..=300,
            current.map(|it| it.interval_seconds),
            30,
        )?,
        timeout_seconds: number(
            "HealthCheckTimeoutSeconds",
            2..=120,
            current.map(|it| it.timeout_seconds),
            default_timeout,
        )?,
        healthy_threshold: number(
            "HealthyThresholdCount",
            2..=10,
            current.map(|it| it.healthy_threshold),
            5,
        )?,
        unhealthy_threshold: number(
            "UnhealthyThresholdCount",
            2..=10,
            current.map(|it| it.unhealthy_threshold),
            2,
        )?,
        protocol: protocol.to_owned(),
        port: port.to_owned(),
        path: http.then(|| path.unwrap_or_else(|| "/".to_owned())),
        matcher: http.then(|| matcher.unwrap_or_else(|| default_matcher.to_owned())),
    };
    let (timeout, interval) = (check.timeout_seconds, check.interval_seconds);
    if timeout > interval || timeout == interval && !network {
        let or_equal = if network { " or equal to" } else { "" };
        let message =
            format!("Health check timeout '{timeout}' must be smaller than{or_equal} the interval '{interval}'");
        return Err(validation(message));
    }
    Ok(check)
}

/// DescribeTargetGroups: by ARN, by name, of one load balancer, or all of them.
pub(super) fn describe(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let (arns, names) = (input.list("TargetGroupArns"), input.list("Names"));
    let balancer = input.text("LoadBalancerArn");
    let given = [!arns.is_empty(), !names.is_empty(), balancer.is_some()];
    if given.iter().filter(|given| **given).count() > 1 {
        return Err(validation(
            "Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time",
        ));
    }
    check_count("target groups", arns.len().max(names.len()))?;
    let elbv2 = &world.region(&caller.place).elbv2;
    for arn in &arns {
        check_arn(arn, "targetgroup")?;
    }
    if let Some(arn) = balancer {
        check_arn(arn, "loadbalancer")?;
        if !elbv2.load_balancers.iter().any(|it| it.arn == arn) {
            return Err(load_balancer_not_found());
        }
    }
    let all = &elbv2.target_groups;
    let known = |arn: &String| all.iter().any(|it| it.arn == *arn);
    let named = |name: &String| all.iter().any(|it| it.name == *name);
    if !arns.iter().all(known) || !names.iter().all(named) {
        return Err(target_group_not_found());
    }
    let of_balancer =
        |it: &TargetGroup| balancer.is_none_or(|arn| elbv2.balancer_of(&it.arn).is_some_and(|it| it.arn == arn));
    let asked = |it: &&TargetGroup| {
        (arns.is_empty() || arns.contains(&it.arn)) && (names.is_empty() || names.contains(&it.name)) && of_balancer(it)
    };
    let (found, marker) = page(input, all.iter().filter(asked).collect())?;
    let list = members("TargetGroups", found.into_iter().map(|group| group.view(elbv2)));
    Ok(std::iter::once(list).chain(marker).collect())
}

/// ModifyTargetGroup: the health check of a target group.
pub(super) fn modify(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("TargetGroupArn")?;
    let region = world.region(&caller.place);
    let group = target_group(region, arn)?;
    group.settings.check = health_check(input, group.settings.is_network(), Some(&group.settings.check))?;
    let elbv2 = &region.elbv2;
    let found = elbv2.target_groups.iter().filter(|it| it.arn == arn);
    Ok(vec![members("TargetGroups", found.map(|group| group.view(elbv2)))])
}

/// DeleteTargetGroup: refused while a listener uses it, and for some seconds after its load balancer is gone.
pub(super) fn delete(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("TargetGroupArn")?;
    check_arn(arn, "targetgroup")?;
    let elbv2 = &mut world.region(&caller.place).elbv2;
    let index = elbv2
        .target_groups
        .iter()
        .position(|it| it.arn == arn)
        .ok_or_else(target_group_not_found)?;
    let attached = elbv2.listeners.iter().any(|listener| listener.forwards_to(arn));
    if attached || caller.now < elbv2.target_groups[index].in_use_until {
        let message = format!("Target group '{arn}' is currently in use by a listener or a rule");
        return Err(ApiError::client("ResourceInUse", message));
    }
    let served = elbv2.addresses_in(arn);
    elbv2.target_groups.remove(index);
    world.cut_off_at(&caller.place, &served, CutOffBy::TargetGroupDeleted, caller.call);
    Ok(Vec::new())
}
