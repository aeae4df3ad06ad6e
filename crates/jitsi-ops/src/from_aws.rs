//! From the SDK's types to ours. What AWS documents to be there and is not makes the whole answer unusable.

use aws_sdk_ecs::types as ecs;
use aws_sdk_elasticloadbalancingv2::types as elb;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use crate::observation::{
    Container, ContainerDefinition, ElasticAddress, HealthCheck, Listener, LoadBalancer, Port, SecretVariable, Service,
    ServiceEvent, Tags, Target, TargetGroup, Task, TaskDefinition,
};

fn text<T: AsRef<str>>(value: Option<T>) -> String {
    value.map(|v| v.as_ref().to_owned()).unwrap_or_default()
}

/// A point in time.
pub(crate) fn time(value: Option<&DateTime>) -> Option<Timestamp> {
    value.and_then(|t| Timestamp::new(t.secs(), i32::try_from(t.subsec_nanos()).unwrap_or(0)).ok())
}

/// A count; AWS never sends a negative one.
fn count(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

fn port(value: Option<i32>) -> u16 {
    value.and_then(|p| u16::try_from(p).ok()).unwrap_or(0)
}

/// A service; `None` if the answer lacks its ARN or status. The SDK reads a missing count as 0, so an answer without a
/// status is not believed.
pub(crate) fn service(service: &ecs::Service) -> Option<Service> {
    let primary = service.deployments().iter().find(|d| d.status() == Some("PRIMARY"));
    let network = service
        .network_configuration()
        .and_then(ecs::NetworkConfiguration::awsvpc_configuration);
    let deployments = service.deployment_configuration();
    Some(Service {
        arn: service.service_arn()?.to_owned(),
        status: service.status()?.to_owned(),
        desired: count(service.desired_count()),
        running: count(service.running_count()),
        pending: count(service.pending_count()),
        task_definition: text(service.task_definition()),
        rollout_state: primary.and_then(|d| d.rollout_state()).map(|s| s.as_str().to_owned()),
        rollout_reason: primary.and_then(|d| d.rollout_state_reason()).map(str::to_owned),
        subnets: network.map(|n| n.subnets().to_vec()).unwrap_or_default(),
        public_ip: network
            .and_then(|n| n.assign_public_ip())
            .map(|assigned| *assigned == ecs::AssignPublicIp::Enabled),
        minimum_healthy_percent: deployments.and_then(|d| d.minimum_healthy_percent()).map(count),
        maximum_percent: deployments.and_then(|d| d.maximum_percent()).map(count),
        zone_rebalancing: service.availability_zone_rebalancing().map(|r| r.as_str().to_owned()),
        platform_version: service.platform_version().map(str::to_owned),
        attached_groups: service
            .load_balancers()
            .iter()
            .filter_map(|attached| attached.target_group_arn())
            .map(str::to_owned)
            .collect(),
        events: service.events().iter().map(event).collect(),
        tags: service
            .tags()
            .iter()
            .map(|t| (text(t.key()), text(t.value())))
            .collect(),
    })
}

fn event(event: &ecs::ServiceEvent) -> ServiceEvent {
    ServiceEvent {
        id: text(event.id()),
        at: time(event.created_at()),
        message: text(event.message()),
    }
}

/// A task; `None` if the answer lacks its ARN or status.
pub(crate) fn task(task: &ecs::Task) -> Option<Task> {
    let details = task.attachments().iter().flat_map(ecs::Attachment::details);
    let address = details
        .clone()
        .find(|d| d.name() == Some("privateIPv4Address"))
        .and_then(|d| d.value());
    let mut attributes = task.attributes().iter();
    let architecture = attributes.find(|attribute| attribute.name() == "ecs.cpu-architecture");
    Some(Task {
        arn: task.task_arn()?.to_owned(),
        last_status: task.last_status()?.to_owned(),
        desired_status: text(task.desired_status()),
        health: task.health_status().map_or("UNKNOWN", |h| h.as_str()).to_owned(),
        private_ip: address.map(str::to_owned),
        zone: task.availability_zone().map(str::to_owned),
        task_definition: task.task_definition_arn().map(str::to_owned),
        platform_version: task.platform_version().map(str::to_owned),
        cpu_units: task.cpu().and_then(|units| units.parse().ok()),
        memory_mib: task.memory().and_then(|mib| mib.parse().ok()),
        storage_gib: task.ephemeral_storage().map(|storage| count(storage.size_in_gib())),
        architecture: architecture.and_then(|a| a.value()).map(str::to_owned),
        created_at: time(task.created_at()),
        pull_started_at: time(task.pull_started_at()),
        started_at: time(task.started_at()),
        stop_code: task.stop_code().map(|c| c.as_str().to_owned()),
        stopped_reason: task.stopped_reason().map(str::to_owned),
        stopped_at: time(task.stopped_at()),
        containers: task.containers().iter().map(container).collect(),
    })
}

fn container(container: &ecs::Container) -> Container {
    Container {
        name: text(container.name()),
        image: container.image().map(str::to_owned),
        health: container.health_status().map_or("UNKNOWN", |h| h.as_str()).to_owned(),
        last_status: text(container.last_status()),
        exit_code: container.exit_code(),
        reason: container.reason().map(str::to_owned),
    }
}

/// A task definition: its containers, and the secrets that they and their log drivers take.
pub(crate) fn task_definition(definition: &ecs::TaskDefinition) -> TaskDefinition {
    let containers = definition.container_definitions();
    let logs = containers
        .iter()
        .filter_map(|c| c.log_configuration())
        .flat_map(|l| l.secret_options());
    let secrets = containers.iter().flat_map(|c| c.secrets()).chain(logs);
    let mut references: Vec<String> = secrets.map(|s| s.value_from().to_owned()).collect();
    references.sort();
    references.dedup();
    // A reference is an SSM name, an SSM ARN or a Secrets Manager ARN, by the documentation of `valueFrom`.
    let (parameters, other_secrets) = references
        .into_iter()
        .partition(|r| !r.starts_with("arn:") || r.contains(":ssm:"));
    TaskDefinition {
        arn: text(definition.task_definition_arn()),
        name: format!("{}:{}", text(definition.family()), definition.revision()),
        cpu: definition.cpu().and_then(|units| units.parse().ok()),
        memory: definition.memory().and_then(|mib| mib.parse().ok()),
        storage_gib: definition
            .ephemeral_storage()
            .map(|storage| count(storage.size_in_gib())),
        arm: definition
            .runtime_platform()
            .and_then(|platform| platform.cpu_architecture())
            .is_some_and(|architecture| architecture.as_str() == "ARM64"),
        containers: containers.iter().map(container_definition).collect(),
        parameters,
        other_secrets,
    }
}

fn container_definition(container: &ecs::ContainerDefinition) -> ContainerDefinition {
    let environment = container.environment().iter().filter_map(|pair| {
        let name = pair.name()?;
        Some((
            name.to_owned(),
            ContainerDefinition::keep(name, pair.value().unwrap_or_default()),
        ))
    });
    let ports = container.port_mappings().iter().map(|mapping| Port {
        number: port(mapping.container_port()),
        protocol: mapping.protocol().map_or("tcp", |p| p.as_str()).to_owned(),
    });
    let secrets = container.secrets().iter().map(|secret| SecretVariable {
        variable: secret.name().to_owned(),
        reference: secret.value_from().to_owned(),
    });
    // `NONE` switches a check off.
    let check = container.health_check().map(|check| check.command().to_vec());
    ContainerDefinition {
        name: text(container.name()),
        image: text(container.image()),
        essential: container.essential().unwrap_or(true),
        ports: ports.collect(),
        environment: environment.collect(),
        other_environment: !container.environment_files().is_empty()
            || !container.entry_point().is_empty()
            || !container.command().is_empty(),
        secrets: secrets.collect(),
        health_check: check.filter(|command| command.first().is_some_and(|first| first != "NONE")),
        memory: container.memory().map(count),
    }
}

fn elastic_addresses(zone: &elb::AvailabilityZone) -> impl Iterator<Item = ElasticAddress> {
    zone.load_balancer_addresses().iter().filter_map(|address| {
        Some(ElasticAddress {
            subnet: text(zone.subnet_id()),
            allocation_id: address.allocation_id()?.to_owned(),
            address: address.ip_address().map(str::to_owned),
        })
    })
}

/// A load balancer; `None` if the answer lacks its ARN or state.
pub(crate) fn load_balancer(balancer: &elb::LoadBalancer) -> Option<LoadBalancer> {
    let state = balancer.state()?;
    let zones = balancer.availability_zones();
    Some(LoadBalancer {
        arn: balancer.load_balancer_arn()?.to_owned(),
        name: text(balancer.load_balancer_name()),
        dns_name: text(balancer.dns_name()),
        state: state.code()?.as_str().to_owned(),
        state_reason: state.reason().map(str::to_owned),
        kind: balancer.r#type().map(|t| t.as_str().to_owned()).unwrap_or_default(),
        scheme: balancer.scheme().map(|s| s.as_str().to_owned()).unwrap_or_default(),
        vpc_id: text(balancer.vpc_id()),
        subnets: zones.iter().filter_map(|z| z.subnet_id()).map(str::to_owned).collect(),
        zones: zones.iter().filter_map(|z| z.zone_name()).map(str::to_owned).collect(),
        zone_id: balancer.canonical_hosted_zone_id().map(str::to_owned),
        elastic: zones.iter().flat_map(elastic_addresses).collect(),
        created_at: time(balancer.created_time()),
    })
}

/// A target group; `None` if the answer lacks its ARN.
pub(crate) fn target_group(group: &elb::TargetGroup) -> Option<TargetGroup> {
    Some(TargetGroup {
        arn: group.target_group_arn()?.to_owned(),
        name: text(group.target_group_name()),
        protocol: group.protocol().map(|p| p.as_str().to_owned()).unwrap_or_default(),
        port: port(group.port()),
        target_type: group.target_type().map(|t| t.as_str().to_owned()).unwrap_or_default(),
        vpc_id: text(group.vpc_id()),
        load_balancers: group.load_balancer_arns().to_vec(),
        health_check: HealthCheck {
            protocol: group
                .health_check_protocol()
                .map(|p| p.as_str().to_owned())
                .unwrap_or_default(),
            port: text(group.health_check_port()),
            path: group.health_check_path().map(str::to_owned),
            matcher: group.matcher().and_then(|m| m.http_code()).map(str::to_owned),
            interval: group.health_check_interval_seconds().unwrap_or(0),
            timeout: group.health_check_timeout_seconds().unwrap_or(0),
            healthy_threshold: group.healthy_threshold_count().unwrap_or(0),
            unhealthy_threshold: group.unhealthy_threshold_count().unwrap_or(0),
        },
    })
}

/// A listener; `None` if the answer lacks its ARN.
pub(crate) fn listener(listener: &elb::Listener) -> Option<Listener> {
    let forward = listener.default_actions().iter().find_map(|a| {
        let several = a
            .forward_config()
            .and_then(|f| f.target_groups().first())
            .and_then(|t| t.target_group_arn());
        a.target_group_arn().or(several)
    });
    Some(Listener {
        arn: listener.listener_arn()?.to_owned(),
        port: port(listener.port()),
        protocol: listener.protocol().map(|p| p.as_str().to_owned()).unwrap_or_default(),
        forwards_to: forward.map(str::to_owned),
        certificate_arn: listener
            .certificates()
            .first()
            .and_then(|c| c.certificate_arn())
            .map(str::to_owned),
    })
}

/// A target with its health; `None` if the answer lacks either.
pub(crate) fn target(health: &elb::TargetHealthDescription) -> Option<Target> {
    let target = health.target()?;
    let state = health.target_health()?;
    Some(Target {
        id: text(target.id()),
        port: port(target.port()),
        state: state.state()?.as_str().to_owned(),
        reason: state.reason().map(|r| r.as_str().to_owned()),
        description: state.description().map(str::to_owned),
    })
}

/// Tags as a map.
pub(crate) fn tags(tags: &[elb::Tag]) -> Tags {
    tags.iter().map(|t| (text(t.key()), text(t.value()))).collect()
}
