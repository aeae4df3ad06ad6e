//! Clusters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::names::{arn, cluster_key, invalid, legal};
use super::wire::{WireTag, missing, tag_list};
use super::{EcsService, Task};
use crate::tags::Tags;
use crate::wire::{ApiError, Caller, json};
use crate::world::World;

/// A cluster, with what lives in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) tags: Tags,
    /// Kept as given: settings, configuration, capacity providers.
    settings: Value,
    configuration: Value,
    capacity_providers: Value,
    default_capacity_provider_strategy: Value,
    pub(crate) services: BTreeMap<String, EcsService>,
    /// By task id.
    pub(crate) tasks: BTreeMap<String, Task>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CreateCluster {
    cluster_name: String,
    tags: Vec<WireTag>,
    settings: Value,
    configuration: Value,
    capacity_providers: Value,
    default_capacity_provider_strategy: Value,
}

impl Default for CreateCluster {
    fn default() -> Self {
        Self {
            cluster_name: "default".to_owned(),
            tags: Vec::new(),
            settings: json!([]),
            configuration: Value::Null,
            capacity_providers: json!([]),
            default_capacity_provider_strategy: json!([]),
        }
    }
}

/// CreateCluster: one that exists is returned as it is.
pub(super) fn create(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: CreateCluster = json::input(body)?;
    if !legal(&input.cluster_name) {
        return Err(invalid("Invalid cluster name."));
    }
    let tags = Tags::new(super::wire::tags(input.tags)?).map_err(super::wire::tag_fault)?;
    let new = Cluster {
        arn: arn(&caller.place, "cluster", &input.cluster_name),
        name: input.cluster_name.clone(),
        tags,
        settings: default_settings(input.settings),
        configuration: input.configuration,
        capacity_providers: input.capacity_providers,
        default_capacity_provider_strategy: input.default_capacity_provider_strategy,
        services: BTreeMap::new(),
        tasks: BTreeMap::new(),
    };
    let cluster = world
        .region(&caller.place)
        .ecs
        .clusters
        .entry(input.cluster_name)
        .or_insert(new);
    Ok(json!({ "cluster": view(cluster, &["TAGS".into(), "SETTINGS".into(), "CONFIGURATIONS".into()]) }))
}

/// Container Insights is off unless it is asked for.
fn default_settings(given: Value) -> Value {
    match given.as_array() {
        Some(settings) if !settings.is_empty() => given,
        _ => json!([{ "name": "containerInsights", "value": "disabled" }]),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DescribeClusters {
    clusters: Vec<String>,
    include: Vec<String>,
}

/// DescribeClusters: unknown ones are `failures`.
pub(super) fn describe(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let mut input: DescribeClusters = json::input(body)?;
    if input.clusters.len() > 100 {
        return Err(invalid("Clusters cannot have more than 100 elements."));
    }
    if input.clusters.is_empty() {
        input.clusters.push("default".to_owned());
    }
    let region = world.region(&caller.place);
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for given in &input.clusters {
        let key = cluster_key(Some(given), caller)?;
        match region.ecs.clusters.get(&key) {
            Some(cluster) => found.push(view(cluster, &input.include)),
            None => absent.push(arn(&caller.place, "cluster", &key)),
        }
    }
    Ok(json!({ "clusters": found, "failures": missing(absent) }))
}

fn view(cluster: &Cluster, include: &[String]) -> Value {
    let wants = |what: &str| include.iter().any(|included| included == what);
    let tasks = |counted: fn(&Task) -> bool| cluster.tasks.values().filter(|task| counted(task)).count();
    let mut view = json!({
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": tasks(Task::counts_as_running),
        "pendingTasksCount": tasks(Task::counts_as_pending),
        "activeServicesCount": cluster.services.values().filter(|service| service.status == "ACTIVE").count(),
        "statistics": [],
        "tags": if wants("TAGS") { tag_list(&cluster.tags) } else { json!([]) },
        "settings": if wants("SETTINGS") { cluster.settings.clone() } else { json!([]) },
        "capacityProviders": cluster.capacity_providers,
        "defaultCapacityProviderStrategy": cluster.default_capacity_provider_strategy,
    });
    if wants("CONFIGURATIONS") && !cluster.configuration.is_null() {
        view["configuration"] = cluster.configuration.clone();
    }
    view
}
