//! UpdateService and DeleteService.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::create_service::{check_definition, desired_count, kept, rebalancing_value};
use super::deployments::Deployment;
use super::names::{cluster_key, invalid, member_key};
use super::services::{DeploymentConfiguration, view};
use super::wire::NetworkConfiguration;
use super::{plan_reconcile, service_mut};
use crate::wire::{ApiError, Caller, json};
use crate::world::World;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct UpdateService {
    cluster: Option<String>,
    service: String,
    desired_count: Option<i64>,
    task_definition: Option<String>,
    deployment_configuration: Option<DeploymentConfiguration>,
    network_configuration: Option<NetworkConfiguration>,
    platform_version: Option<String>,
    force_new_deployment: bool,
    availability_zone_rebalancing: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// UpdateService. A changed count alone begins no deployment; what changes the tasks themselves does, and every task is
/// replaced.
pub(super) fn update(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: UpdateService = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    if input.service.is_empty() {
        return Err(invalid("Service can not be blank."));
    }
    let name = member_key(&input.service, "service", caller)?;
    let current = super::names::service(world.region(&caller.place), &key, &name)?.clone();
    if current.status != "ACTIVE" {
        return Err(ApiError::client("ServiceNotActiveException", "Service was not ACTIVE."));
    }
    let network = input.network_configuration.unwrap_or_else(|| current.network.clone());
    let given = input.task_definition.as_deref().unwrap_or(&current.task_definition);
    let definition = check_definition(world, caller, given, &network)?;
    let desired = input
        .desired_count
        .map(desired_count)
        .transpose()?
        .unwrap_or(current.desired);
    let rebalancing = input
        .availability_zone_rebalancing
        .as_deref()
        .map(rebalancing_value)
        .transpose()?;
    let platform_version = input
        .platform_version
        .unwrap_or_else(|| current.platform_version.clone());
    let replaces = input.force_new_deployment
        || definition != current.task_definition
        || network != current.network
        || platform_version != current.platform_version
        || ["loadBalancers", "serviceRegistries"]
            .iter()
            .any(|member| input.others.contains_key(*member));
    let number = world.fresh_number();
    let profile = world.profile.clone();
    let Some(service) = service_mut(world, &caller.place, &key, &name) else {
        return Err(super::names::service_not_found());
    };
    service.desired = desired;
    service.task_definition = definition.clone();
    service.network = network.clone();
    service.platform_version.clone_from(&platform_version);
    service.kept.extend(kept(input.others));
    if let Some(configuration) = input.deployment_configuration {
        service.deployment_configuration = configuration;
    }
    if let Some(rebalancing) = rebalancing {
        service.availability_zone_rebalancing = rebalancing;
    }
    if replaces {
        let launch_type = service.launch_type.clone();
        let deployment = Deployment::new(&number, definition, desired, caller.now);
        service.begin_deployment(deployment.placed(network, launch_type, Some(&platform_version)));
        service.replaced_by = caller.call;
    }
    let deployment = service.primary_mut();
    if deployment.desired != desired {
        deployment.desired = desired;
        deployment.updated_at = caller.now;
    }
    if current.desired == 0 && desired > 0 {
        service.failures = 0;
        service.start_not_before = 0;
    }
    if desired > current.desired || replaces {
        service.need_task(caller.now, &profile);
    }
    if desired != current.desired {
        service.told = None;
    }
    if desired < current.desired {
        service.lowered = Some((caller.now, caller.call));
    }
    let wait = if desired < current.desired {
        profile.scale_in
    } else {
        profile.task_created
    };
    plan_reconcile(world, &caller.place, &key, &name, caller.now + wait);
    answer(world, caller, &key, &name)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DeleteService {
    cluster: Option<String>,
    service: String,
    force: bool,
}

/// DeleteService: only at a desired count of 0, unless it is forced. The service drains, then is INACTIVE.
pub(super) fn delete(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: DeleteService = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    let name = member_key(&input.service, "service", caller)?;
    let current = super::names::service(world.region(&caller.place), &key, &name)?;
    if current.status != "ACTIVE" {
        return Err(ApiError::client("ServiceNotActiveException", "Service was not ACTIVE."));
    }
    if current.desired > 0 && !input.force {
        return Err(invalid("The service cannot be stopped while it is scaled above 0."));
    }
    if let Some(service) = service_mut(world, &caller.place, &key, &name) {
        service.status = "DRAINING".to_owned();
        service.deleted = true;
        service.lowered = Some((caller.now, caller.call));
    }
    plan_reconcile(world, &caller.place, &key, &name, caller.now);
    answer(world, caller, &key, &name)
}

fn answer(world: &mut World, caller: &Caller, key: &str, name: &str) -> Result<Value, ApiError> {
    let region = world.region(&caller.place);
    let service = super::names::service(region, key, name)?;
    Ok(json!({ "service": view(super::names::cluster(region, key)?, service, true) }))
}
