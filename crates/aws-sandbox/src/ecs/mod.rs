//! Amazon ECS on Fargate: clusters, services with their scheduler, tasks with their life, task definitions, protection.
//!
//! Container instances (launch types EC2 and EXTERNAL) do not exist: such services are kept, and never get a task.

mod clusters;
mod create_service;
mod deployments;
mod lifecycle;
mod names;
mod protection;
mod scheduler;
mod sentinel;
mod services;
mod starting;
mod stopping;
mod tags;
mod task_definition_checks;
mod task_definitions;
mod task_view;
mod tasks;
mod update_service;
mod wire;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Ms;
use crate::wire::{ApiError, Caller};
use crate::world::{Place, Region, World};

pub(crate) use clusters::Cluster;
pub(crate) use lifecycle::{TaskStep, task_step};
pub(crate) use scheduler::{plan_reconcile, reconcile};
pub(crate) use sentinel::{SENTINEL, people_moved, stop_sentinels};
pub(crate) use services::EcsService;
pub(crate) use starting::add_stopped_task;
pub(crate) use stopping::{StopCause, stop_task};
pub(crate) use task_definitions::TaskDefinition;
pub(crate) use tasks::Task;

/// What ECS keeps in one region of an account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ecs {
    pub(crate) clusters: BTreeMap<String, Cluster>,
    /// Revisions by family, the first at index 0.
    pub(crate) task_definitions: BTreeMap<String, Vec<TaskDefinition>>,
    /// When tasks of services were RUNNING, oldest first.
    pub(crate) runs: Vec<Run>,
}

/// The time in which one task was RUNNING.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) cluster: String,
    pub(crate) service: String,
    task: String,
    pub(crate) from: Ms,
    pub(crate) until: Option<Ms>,
}

/// Carries out an operation.
///
/// # Errors
/// What AWS would answer.
pub(crate) fn handle(world: &mut World, caller: &Caller, operation: &str, body: &[u8]) -> Result<Value, ApiError> {
    match operation {
        "CreateCluster" => clusters::create(world, caller, body),
        "DescribeClusters" => clusters::describe(world, caller, body),
        "CreateService" => create_service::create(world, caller, body),
        "UpdateService" => update_service::update(world, caller, body),
        "DeleteService" => update_service::delete(world, caller, body),
        "DescribeServices" => services::describe(world, caller, body),
        "ListServices" => services::list(world, caller, body),
        "ListTasks" => tasks::list(world, caller, body),
        "DescribeTasks" => tasks::describe(world, caller, body),
        "StopTask" => stopping::stop(world, caller, body),
        "RegisterTaskDefinition" => task_definitions::register(world, caller, body),
        "DescribeTaskDefinition" => task_definitions::describe(world, caller, body),
        "GetTaskProtection" => protection::get(world, caller, body),
        "UpdateTaskProtection" => protection::update(world, caller, body),
        "TagResource" => tags::tag(world, caller, body),
        "UntagResource" => tags::untag(world, caller, body),
        "ListTagsForResource" => tags::list(world, caller, body),
        _ => Err(ApiError::client("UnknownOperationException", "")),
    }
}

/// A task, by the keys of its cluster and itself.
pub(crate) fn task_mut<'a>(world: &'a mut World, place: &Place, cluster: &str, id: &str) -> Option<&'a mut Task> {
    world.region(place).ecs.clusters.get_mut(cluster)?.tasks.get_mut(id)
}

/// A service, by the keys of its cluster and itself.
pub(crate) fn service_mut<'a>(
    world: &'a mut World,
    place: &Place,
    cluster: &str,
    name: &str,
) -> Option<&'a mut EcsService> {
    world
        .region(place)
        .ecs
        .clusters
        .get_mut(cluster)?
        .services
        .get_mut(name)
}

/// The ids of the service's tasks that are RUNNING and are not being stopped.
pub(crate) fn running_tasks(world: &mut World, place: &Place, cluster: &str, service: &str) -> Vec<String> {
    let cluster = world.region(place).ecs.clusters.get(cluster);
    let tasks = cluster.into_iter().flat_map(|cluster| cluster.tasks.values());
    let running = tasks.filter(|task| task.service.as_deref() == Some(service) && task.counts_as_running());
    running.map(|task| task.id.clone()).collect()
}

/// The ids of the tasks with one of these private addresses.
pub(crate) fn tasks_at(region: &Region, addresses: &[String]) -> Vec<String> {
    let tasks = region.ecs.clusters.values().flat_map(|cluster| cluster.tasks.values());
    let there = |task: &&Task| {
        task.wanted()
            && task
                .private_address()
                .is_some_and(|address| addresses.iter().any(|it| it == address))
    };
    tasks.filter(there).map(|task| task.id.clone()).collect()
}

/// The ARN of the service whose running application answers at this private address.
pub(crate) fn service_answering_at<'a>(region: &'a Region, address: &str) -> Option<&'a str> {
    region.ecs.clusters.values().find_map(|cluster| {
        let mut tasks = cluster.tasks.values();
        let task = tasks.find(|task| task.answers && task.private_address() == Some(address))?;
        let service = cluster.services.get(task.service.as_ref()?)?;
        Some(service.arn.as_str())
    })
}

/// Whether a running application answers at this private address.
pub(crate) fn answers_at(region: &Region, address: &str) -> bool {
    let mut tasks = region.ecs.clusters.values().flat_map(|cluster| cluster.tasks.values());
    tasks.any(|task| task.answers && task.private_address() == Some(address))
}
