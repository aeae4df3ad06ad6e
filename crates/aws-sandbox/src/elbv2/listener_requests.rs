//! CreateListener, DescribeListeners, ModifyListener, DeleteListener.

use super::listeners::{Listener, compatible};
use super::names::{
    arn, check_arn, listener, listener_not_found, load_balancer, load_balancer_not_found, target_group,
};
use super::wire::{check_count, one_of, page, tags};
use crate::wire::query::{Parameters, validation};
use crate::wire::xml::{Element, members};
use crate::wire::{ApiError, Caller};
use crate::world::{CutOffBy, World};

const PROTOCOLS: &[&str] = &["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP"];

const ACTIONS: &[&str] = &[
    "forward",
    "authenticate-oidc",
    "authenticate-cognito",
    "redirect",
    "fixed-response",
    "jwt-validation",
];

/// What the API gives a TLS listener that names no policy.
const DEFAULT_POLICY: &str = "ELBSecurityPolicy-2016-08";

/// CreateListener: one with the same settings is the answer. The load balancer need not be active.
pub(super) fn create(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let balancer_arn = input.required("LoadBalancerArn")?;
    let network = load_balancer(world.region(&caller.place), balancer_arn)?.is_network();
    if input.text("Port").is_none() {
        return Err(validation("A listener port must be specified"));
    }
    let protocol = one_of(input, "Protocol", PROTOCOLS)?;
    let protocol = protocol.ok_or_else(|| validation("A listener protocol must be specified"))?;
    let port = input.number("Port", 1..=65535)?.unwrap_or_default();
    check_protocol(network, protocol)?;
    let new = Listener {
        arn: String::new(),
        load_balancer: balancer_arn.to_owned(),
        protocol: protocol.to_owned(),
        port: port as u16,
        target_group: forward_target(input)?,
        forward_config: input.has("DefaultActions.member.1.ForwardConfig"),
        certificates: Vec::new(),
        ssl_policy: None,
        alpn_policy: input.list("AlpnPolicy"),
        tags: tags(input)?,
    };
    let new = secure(world, caller, input, new)?;
    let elbv2 = &world.region(&caller.place).elbv2;
    let of_balancer = || elbv2.listeners.iter().filter(|it| it.load_balancer == balancer_arn);
    if let Some(existing) = of_balancer().find(|it| it.port == new.port) {
        if existing.same_settings(&new) {
            return Ok(vec![members("Listeners", [existing.view()])]);
        }
        let message = format!("A listener already exists on this port for this load balancer '{balancer_arn}'");
        return Err(ApiError::client("DuplicateListener", message));
    }
    let count = of_balancer().count() as u64;
    if count >= world.limits.most("listeners-per-network-load-balancer") {
        let message = format!("The maximum number of listeners on load balancer '{balancer_arn}' has been reached");
        return Err(ApiError::client("TooManyListeners", message));
    }
    check_target_group(world, caller, &new)?;
    let id = world.fresh_hex(16);
    let path = balancer_arn.split_once(":loadbalancer/").map_or("", |(_, path)| path);
    let new = Listener {
        arn: arn(&caller.place, &format!("listener/{path}/{id}")),
        ..new
    };
    let (view, group) = (new.view(), new.target_group.clone());
    world.region(&caller.place).elbv2.listeners.push(new);
    super::health::begin_registrations(world, &caller.place, &group);
    Ok(vec![members("Listeners", [view])])
}

fn check_protocol(network: bool, protocol: &str) -> Result<(), ApiError> {
    let fits = matches!(protocol, "HTTP" | "HTTPS") != network;
    if fits {
        return Ok(());
    }
    let allowed = if network {
        "UDP, TCP, TLS, TCP_UDP"
    } else {
        "HTTP, HTTPS"
    };
    Err(validation(format!(
        "Listener protocol '{protocol}' must be one of '{allowed}'"
    )))
}

/// The target group that the default action forwards to.
fn forward_target(input: &Parameters) -> Result<String, ApiError> {
    let actions = input.structures("DefaultActions");
    let [action] = &actions[..] else {
        if actions.is_empty() {
            return Err(validation("A default action must be specified"));
        }
        return Err(ApiError::client(
            "TooManyActions",
            "Only one default action can be specified",
        ));
    };
    let kind = one_of(action, "Type", ACTIONS)?.ok_or_else(|| validation("An action type must be specified"))?;
    if kind != "forward" {
        let message = format!("Action type '{kind}' is not supported; it must be 'forward'");
        return Err(ApiError::client("InvalidLoadBalancerAction", message));
    }
    let groups = action.within("ForwardConfig.").structures("TargetGroups");
    if groups.len() > 1 {
        return Err(ApiError::client(
            "TooManyUniqueTargetGroupsPerLoadBalancer",
            "A listener of this sandbox forwards to one target group",
        ));
    }
    let by_config = groups.first().and_then(|group| group.text("TargetGroupArn"));
    let target_group = action.text("TargetGroupArn").or(by_config);
    target_group
        .map(str::to_owned)
        .ok_or_else(|| validation("A target group ARN must be specified"))
}

/// Certificates and policy of a TLS or HTTPS listener; none of a plain one.
fn secure(world: &mut World, caller: &Caller, input: &Parameters, new: Listener) -> Result<Listener, ApiError> {
    let given = input.structures("Certificates");
    let certificates: Vec<String> = given
        .iter()
        .filter_map(|it| it.text("CertificateArn"))
        .map(str::to_owned)
        .collect();
    let policy = input.text("SslPolicy");
    if !matches!(new.protocol.as_str(), "TLS" | "HTTPS") {
        if !certificates.is_empty() || policy.is_some() {
            let message = format!(
                "Certificates and a security policy cannot be specified for {} listeners",
                new.protocol
            );
            return Err(validation(message));
        }
        return Ok(new);
    }
    let [certificate] = &certificates[..] else {
        if certificates.is_empty() {
            let message = format!("A certificate must be specified for {} listeners", new.protocol);
            return Err(validation(message));
        }
        return Err(ApiError::client(
            "TooManyCertificates",
            "Only one certificate can be specified",
        ));
    };
    if !certificate_exists(world, caller, certificate) {
        let message = format!("Certificate '{certificate}' not found");
        return Err(ApiError::client("CertificateNotFound", message));
    }
    let policy = policy.unwrap_or(DEFAULT_POLICY);
    if !policy.starts_with("ELBSecurityPolicy-") {
        return Err(ApiError::client(
            "SSLPolicyNotFound",
            format!("SSL policy '{policy}' not found"),
        ));
    }
    Ok(Listener {
        ssl_policy: Some(policy.to_owned()),
        certificates,
        ..new
    })
}

fn certificate_exists(world: &World, caller: &Caller, arn: &str) -> bool {
    if let Some(known) = &world.behaviour.certificates {
        return known.contains(arn);
    }
    let prefix = format!(
        "arn:aws:acm:{}:{}:certificate/",
        caller.place.region, caller.place.account
    );
    let id = arn.strip_prefix(&prefix).unwrap_or_default();
    id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The target group must exist, fit the protocol, and belong to no other load balancer.
fn check_target_group(world: &mut World, caller: &Caller, new: &Listener) -> Result<(), ApiError> {
    let region = world.region(&caller.place);
    let group = target_group(region, &new.target_group).map_err(|error| match error.code.as_str() {
        "TargetGroupNotFound" => ApiError {
            message: format!("Target group '{}' not found", new.target_group),
            ..error
        },
        _ => error,
    })?;
    let protocol = group.settings.protocol.clone();
    if !compatible(&new.protocol, &protocol) {
        let message = format!(
            "The {} protocol is not compatible with the protocol {protocol} of target group '{}'",
            new.protocol, new.target_group
        );
        return Err(ApiError::client("IncompatibleProtocols", message));
    }
    let other = region
        .elbv2
        .balancer_of(&new.target_group)
        .filter(|it| it.arn != new.load_balancer);
    if other.is_some() {
        let message = format!(
            "The following target groups cannot be associated with more than one load balancer: {}",
            new.target_group
        );
        return Err(ApiError::client("TargetGroupAssociationLimit", message));
    }
    Ok(())
}

/// DescribeListeners: of one load balancer, or by ARN.
pub(super) fn describe(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let arns = input.list("ListenerArns");
    let balancer = input.text("LoadBalancerArn");
    if arns.is_empty() && balancer.is_none() {
        return Err(validation(
            "You must specify either listener ARNs or a load balancer ARN",
        ));
    }
    if !arns.is_empty() && balancer.is_some() {
        return Err(validation(
            "Listener ARNs and a load balancer ARN cannot be specified at the same time",
        ));
    }
    check_count("listeners", arns.len())?;
    let elbv2 = &world.region(&caller.place).elbv2;
    if let Some(arn) = balancer {
        check_arn(arn, "loadbalancer")?;
        if !elbv2.load_balancers.iter().any(|it| it.arn == arn) {
            return Err(load_balancer_not_found());
        }
    }
    for arn in &arns {
        check_arn(arn, "listener")?;
    }
    if !arns.iter().all(|arn| elbv2.listeners.iter().any(|it| it.arn == *arn)) {
        return Err(listener_not_found());
    }
    let asked = |it: &&Listener| balancer.map_or_else(|| arns.contains(&it.arn), |arn| it.load_balancer == arn);
    let (found, marker) = page(input, elbv2.listeners.iter().filter(asked).collect())?;
    let list = members("Listeners", found.into_iter().map(Listener::view));
    Ok(std::iter::once(list).chain(marker).collect())
}

/// ModifyListener: what is not given stays.
pub(super) fn modify(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let listener_arn = input.required("ListenerArn")?;
    let current = listener(world.region(&caller.place), listener_arn)?.clone();
    let network = load_balancer(world.region(&caller.place), &current.load_balancer)?.is_network();
    let mut changed = current.clone();
    if let Some(protocol) = one_of(input, "Protocol", PROTOCOLS)? {
        check_protocol(network, protocol)?;
        changed.protocol = protocol.to_owned();
    }
    if let Some(port) = input.number("Port", 1..=65535)? {
        changed.port = port as u16;
    }
    if input.has("DefaultActions") {
        changed.target_group = forward_target(input)?;
        changed.forward_config = input.has("DefaultActions.member.1.ForwardConfig");
    }
    if input.has("AlpnPolicy") {
        changed.alpn_policy = input.list("AlpnPolicy");
    }
    let secured = matches!(changed.protocol.as_str(), "TLS" | "HTTPS");
    if input.has("Certificates") || input.has("SslPolicy") || secured != current.ssl_policy.is_some() {
        changed = renew_security(world, caller, input, &current, changed)?;
    }
    let listeners = &world.region(&caller.place).elbv2.listeners;
    let taken = listeners
        .iter()
        .any(|it| it.arn != current.arn && it.load_balancer == current.load_balancer && it.port == changed.port);
    if taken {
        let message = format!(
            "A listener already exists on this port for this load balancer '{}'",
            current.load_balancer
        );
        return Err(ApiError::client("DuplicateListener", message));
    }
    check_target_group(world, caller, &changed)?;
    let (view, group) = (changed.view(), changed.target_group.clone());
    *listener(world.region(&caller.place), listener_arn)? = changed;
    if group != current.target_group {
        cut_off_served(world, caller, &current.target_group);
    }
    detach_unused(world, caller, &current.target_group);
    super::health::begin_registrations(world, &caller.place, &group);
    Ok(vec![members("Listeners", [view])])
}

/// Certificate and policy of a changed listener; those it had stay where nothing else is said.
fn renew_security(
    world: &mut World,
    caller: &Caller,
    input: &Parameters,
    current: &Listener,
    changed: Listener,
) -> Result<Listener, ApiError> {
    let bare = Listener {
        certificates: Vec::new(),
        ssl_policy: None,
        ..changed
    };
    let secured = matches!(bare.protocol.as_str(), "TLS" | "HTTPS");
    if secured && !input.has("Certificates") && !current.certificates.is_empty() {
        let policy = input
            .text("SslPolicy")
            .map(str::to_owned)
            .or_else(|| current.ssl_policy.clone());
        if policy
            .as_ref()
            .is_some_and(|policy| !policy.starts_with("ELBSecurityPolicy-"))
        {
            return Err(ApiError::client("SSLPolicyNotFound", "SSL policy not found"));
        }
        return Ok(Listener {
            certificates: current.certificates.clone(),
            ssl_policy: policy,
            ..bare
        });
    }
    let mut renewed = secure(world, caller, input, bare)?;
    if secured && !input.has("SslPolicy") && current.ssl_policy.is_some() {
        renewed.ssl_policy.clone_from(&current.ssl_policy);
    }
    Ok(renewed)
}

/// DeleteListener.
pub(super) fn delete(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let listener_arn = input.required("ListenerArn")?;
    let region = world.region(&caller.place);
    let gone = listener(region, listener_arn)?.clone();
    region.elbv2.listeners.retain(|it| it.arn != listener_arn);
    cut_off_served(world, caller, &gone.target_group);
    detach_unused(world, caller, &gone.target_group);
    Ok(Vec::new())
}

/// A listener no longer leads to the targets of a group.
fn cut_off_served(world: &mut World, caller: &Caller, target_group: &str) {
    let served = world.region(&caller.place).elbv2.addresses_in(target_group);
    world.cut_off_at(&caller.place, &served, CutOffBy::ListenerDeleted, caller.call);
}

/// A target group that no listener uses any more has no targets that are checked.
fn detach_unused(world: &mut World, caller: &Caller, target_group: &str) {
    let elbv2 = &mut world.region(&caller.place).elbv2;
    let used = elbv2
        .listeners
        .iter()
        .any(|listener| listener.forwards_to(target_group));
    if let Some(group) = elbv2.target_group_mut(target_group).filter(|_| !used) {
        group.detach();
    }
}
