//! Calls that make or mend load balancer, target groups and listeners.

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, IpAddressType, LoadBalancerSchemeEnum, LoadBalancerTypeEnum, Matcher,
    ProtocolEnum, SubnetMapping, Tag, TargetDescription, TargetTypeEnum,
};

use super::{Effect, accepted};
use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::from_aws;
use crate::observation::{HealthCheck, Tags};
use crate::wanted::{WantedGroup, WantedListener};

pub(super) async fn create_load_balancer(
    aws: &Aws,
    name: &str,
    subnets: &[String],
    eip_allocations: &[String],
    tags: &Tags,
) -> Result<Effect, AwsFailure> {
    let call = Call::new("ELBv2", "CreateLoadBalancer", name);
    let mapped = subnets
        .iter()
        .zip(eip_allocations)
        .map(|(subnet, id)| SubnetMapping::builder().subnet_id(subnet).allocation_id(id).build());
    // AWS takes the one or the other.
    let (plain, mapped) = match eip_allocations {
        [] => (Some(subnets.to_vec()), None),
        _ => (None, Some(mapped.collect())),
    };
    let request = aws
        .elb
        .create_load_balancer()
        .name(name)
        .r#type(LoadBalancerTypeEnum::Network)
        .scheme(LoadBalancerSchemeEnum::InternetFacing)
        .ip_address_type(IpAddressType::Ipv4)
        .set_subnets(plain)
        .set_subnet_mappings(mapped)
        .set_tags(Some(self::tags(tags)));
    let answer = request
        .send()
        .await
        .map_err(|error| AwsFailure::of(call.clone(), &error))?;
    let balancer = answer.load_balancers().first().and_then(from_aws::load_balancer);
    balancer
        .map(Effect::LoadBalancer)
        .ok_or_else(|| AwsFailure::malformed(call, "load balancer with ARN and state"))
}

pub(super) async fn create_target_group(
    aws: &Aws,
    group: &WantedGroup,
    vpc_id: &str,
    tags: &Tags,
) -> Result<Effect, AwsFailure> {
    let call = Call::new("ELBv2", "CreateTargetGroup", &group.name);
    let check = &group.health_check;
    let request = aws
        .elb
        .create_target_group()
        .name(&group.name)
        .protocol(ProtocolEnum::from(group.protocol.as_str()))
        .port(i32::from(group.port))
        .vpc_id(vpc_id)
        .target_type(TargetTypeEnum::Ip)
        .health_check_protocol(ProtocolEnum::from(check.protocol.as_str()))
        .health_check_port(&check.port)
        .set_health_check_path(check.path.clone())
        .set_matcher(matcher(check))
        .health_check_interval_seconds(check.interval)
        .health_check_timeout_seconds(check.timeout)
        .healthy_threshold_count(check.healthy_threshold)
        .unhealthy_threshold_count(check.unhealthy_threshold)
        .set_tags(Some(self::tags(tags)));
    let answer = request
        .send()
        .await
        .map_err(|error| AwsFailure::of(call.clone(), &error))?;
    let group = answer.target_groups().first().and_then(from_aws::target_group);
    group
        .map(Effect::Group)
        .ok_or_else(|| AwsFailure::malformed(call, "target group with ARN"))
}

pub(super) async fn create_listener(
    aws: &Aws,
    listener: &WantedListener,
    load_balancer_arn: &str,
    group_arn: &str,
    tags: &Tags,
) -> Result<Effect, AwsFailure> {
    let call = Call::new(
        "ELBv2",
        "CreateListener",
        format!("{}:{}", listener.protocol, listener.port),
    );
    let forward = Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .target_group_arn(group_arn)
        .build();
    let request = aws
        .elb
        .create_listener()
        .load_balancer_arn(load_balancer_arn)
        .protocol(ProtocolEnum::from(listener.protocol.as_str()))
        .port(i32::from(listener.port))
        .default_actions(forward)
        .set_certificates(certificates(listener))
        .set_tags(Some(self::tags(tags)));
    let answer = request
        .send()
        .await
        .map_err(|error| AwsFailure::of(call.clone(), &error))?;
    let listener = answer.listeners().first().and_then(from_aws::listener);
    listener
        .map(Effect::Listener)
        .ok_or_else(|| AwsFailure::malformed(call, "listener with ARN"))
}

pub(super) async fn modify_health_check(
    aws: &Aws,
    call: Call,
    arn: &str,
    check: &HealthCheck,
) -> Result<Effect, AwsFailure> {
    let request = aws
        .elb
        .modify_target_group()
        .target_group_arn(arn)
        .health_check_protocol(ProtocolEnum::from(check.protocol.as_str()))
        .health_check_port(&check.port)
        .set_health_check_path(check.path.clone())
        .set_matcher(matcher(check))
        .health_check_interval_seconds(check.interval)
        .health_check_timeout_seconds(check.timeout)
        .healthy_threshold_count(check.healthy_threshold)
        .unhealthy_threshold_count(check.unhealthy_threshold);
    accepted(call, request.send().await)
}

fn matcher(check: &HealthCheck) -> Option<Matcher> {
    check
        .matcher
        .as_ref()
        .map(|codes| Matcher::builder().http_code(codes).build())
}

pub(super) fn tags(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

pub(super) fn certificates(listener: &WantedListener) -> Option<Vec<Certificate>> {
    listener
        .certificate_arn
        .as_ref()
        .map(|arn| vec![Certificate::builder().certificate_arn(arn).build()])
}

pub(super) fn target(id: &str, port: u16) -> TargetDescription {
    TargetDescription::builder().id(id).port(i32::from(port)).build()
}
