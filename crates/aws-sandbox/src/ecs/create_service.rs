//! CreateService.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::deployments::Deployment;
use super::names::{client, cluster, cluster_key, invalid, legal};
use super::plan_reconcile;
use super::services::{DeploymentConfiguration, EcsService, service_arn, view};
use super::wire::{NetworkConfiguration, WireTag, tag_fault};
use crate::tags::Tags;
use crate::wire::{ApiError, Caller, json};
use crate::world::World;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct CreateService {
    cluster: Option<String>,
    service_name: String,
    task_definition: Option<String>,
    desired_count: Option<i64>,
    launch_type: Option<String>,
    platform_version: Option<String>,
    network_configuration: Option<NetworkConfiguration>,
    deployment_configuration: Option<DeploymentConfiguration>,
    availability_zone_rebalancing: Option<String>,
    scheduling_strategy: Option<String>,
    tags: Vec<WireTag>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Members that are kept and described as they were given. The sandbox's scheduler does not act on them: load balancers
/// that are attached to a service get no targets from it.
const KEPT: &[&str] = &[
    "capacityProviderStrategy",
    "deploymentController",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "loadBalancers",
    "placementConstraints",
    "placementStrategy",
    "propagateTags",
    "serviceRegistries",
];

/// The members of a request that are kept.
pub(super) fn kept(others: Map<String, Value>) -> Map<String, Value> {
    others
        .into_iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()))
        .collect()
}

/// CreateService.
pub(super) fn create(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: CreateService = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    if !legal(&input.service_name) {
        return Err(invalid("Invalid service name."));
    }
    if input
        .scheduling_strategy
        .as_deref()
        .is_some_and(|strategy| strategy != "REPLICA")
    {
        return Err(ApiError::client(
            "UnsupportedFeatureException",
            "Only the REPLICA strategy is supported.",
        ));
    }
    let existing = cluster(world.region(&caller.place), &key)?
        .services
        .get(&input.service_name);
    if existing.is_some_and(|service| service.status != "INACTIVE") {
        return Err(invalid("Creation of service was not idempotent."));
    }
    let given = input
        .task_definition
        .as_deref()
        .ok_or_else(|| invalid("TaskDefinition can not be blank."))?;
    let subnets = input
        .network_configuration
        .as_ref()
        .map(|it| &it.awsvpc_configuration.subnets);
    if subnets.is_some_and(Vec::is_empty) {
        return Err(invalid("subnets can not be empty."));
    }
    let network = input.network_configuration.unwrap_or_default();
    let definition = check_definition(world, caller, given, &network)?;
    let desired = desired_count(
        input
            .desired_count
            .ok_or_else(|| invalid("desiredCount must be given."))?,
    )?;
    let number = world.fresh_number();
    let launch_type = match (
        &input.launch_type,
        input.others.contains_key("capacityProviderStrategy"),
    ) {
        (Some(given), _) => Some(launch_type(given)?),
        (None, true) => None,
        (None, false) => Some("EC2".to_owned()),
    };
    let deployment = Deployment::new(&number, definition, desired, caller.now).placed(
        network,
        launch_type,
        input.platform_version.as_deref(),
    );
    let arn = service_arn(&caller.place, &key, &input.service_name);
    let created_by = format!("arn:aws:iam::{}:user/{}", caller.place.account, caller.access_key);
    let mut service = EcsService::new(arn, input.service_name.clone(), deployment, caller.now, created_by);
    service.tags = Tags::new(super::wire::tags(input.tags)?).map_err(tag_fault)?;
    service.deployment_configuration = input.deployment_configuration.unwrap_or_default();
    service.kept = kept(input.others);
    if let Some(platform_version) = input.platform_version {
        service.platform_version = platform_version;
    }
    if let Some(rebalancing) = input.availability_zone_rebalancing {
        service.availability_zone_rebalancing = rebalancing_value(&rebalancing)?;
    }
    service.need_task(caller.now, &world.profile);
    let at = if desired == 0 {
        caller.now
    } else {
        caller.now + world.profile.task_created
    };
    if let Some(cluster) = world.region(&caller.place).ecs.clusters.get_mut(&key) {
        cluster.services.insert(input.service_name.clone(), service);
    }
    plan_reconcile(world, &caller.place, &key, &input.service_name, at);
    let cluster = cluster(world.region(&caller.place), &key)?;
    Ok(json!({ "service": view(cluster, &cluster.services[&input.service_name], true) }))
}

/// The ARN of a definition that must exist, with a network that fits it.
///
/// # Errors
/// `ClientException`, `InvalidParameterException`.
pub(super) fn check_definition(
    world: &mut World,
    caller: &Caller,
    given: &str,
    network: &NetworkConfiguration,
) -> Result<String, ApiError> {
    let region = world.region(&caller.place);
    let definition = region
        .ecs
        .task_definition(given)
        .ok_or_else(|| client("TaskDefinition not found."))?;
    let configuration = &network.awsvpc_configuration;
    if !definition.needs_network() {
        return Ok(definition.arn.clone());
    }
    if configuration.subnets.is_empty() {
        let message = "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
        return Err(invalid(message));
    }
    if configuration.subnets.len() > 16 || configuration.security_groups.len() > 5 {
        return Err(invalid("At most 16 subnets and 5 security groups can be given."));
    }
    if let Some(unknown) = configuration
        .subnets
        .iter()
        .find(|subnet| region.network.subnet(subnet).is_none())
    {
        return Err(invalid(format!(
            "Error retrieving subnet information for [{unknown}]: The subnet ID '{unknown}' does not exist \
             (ErrorCode: InvalidSubnetID.NotFound)"
        )));
    }
    match configuration.assign_public_ip.as_deref() {
        None | Some("ENABLED" | "DISABLED") => Ok(definition.arn.clone()),
        Some(other) => Err(invalid(format!("{other} is not a valid assignPublicIp."))),
    }
}

/// A desired count that ECS accepts: AWS allows 5,000 tasks in a service.
pub(super) fn desired_count(given: i64) -> Result<u32, ApiError> {
    u32::try_from(given)
        .ok()
        .filter(|desired| *desired <= 5_000)
        .ok_or_else(|| invalid(format!("desiredCount {given} is not between 0 and 5000.")))
}

pub(super) fn rebalancing_value(given: &str) -> Result<String, ApiError> {
    match given {
        "ENABLED" | "DISABLED" => Ok(given.to_owned()),
        other => Err(invalid(format!("{other} is not a valid availabilityZoneRebalancing."))),
    }
}

fn launch_type(given: &str) -> Result<String, ApiError> {
    match given {
        "FARGATE" | "EC2" | "EXTERNAL" => Ok(given.to_owned()),
        other => Err(invalid(format!("{other} is not a valid launchType."))),
    }
}
