//! Tags of clusters, services, tasks and task definitions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::names::{cluster_not_found, invalid, resource, service_not_found};
use super::wire::{WireTag, tag_fault, tag_list};
use crate::tags::Tags;
use crate::wire::{ApiError, Caller, json};
use crate::world::World;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Input {
    resource_arn: String,
    tags: Vec<WireTag>,
    tag_keys: Vec<String>,
}

/// TagResource.
pub(super) fn tag(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: Input = json::input(body)?;
    let given = super::wire::tags(input.tags)?;
    tags_of(world, caller, &input.resource_arn)?
        .add(given)
        .map_err(tag_fault)?;
    Ok(json!({}))
}

/// UntagResource.
pub(super) fn untag(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: Input = json::input(body)?;
    tags_of(world, caller, &input.resource_arn)?.remove(&input.tag_keys);
    Ok(json!({}))
}

/// ListTagsForResource.
pub(super) fn list(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: Input = json::input(body)?;
    let tags = tags_of(world, caller, &input.resource_arn)?;
    Ok(json!({ "tags": tag_list(tags) }))
}

fn tags_of<'a>(world: &'a mut World, caller: &Caller, arn: &str) -> Result<&'a mut Tags, ApiError> {
    let path = arn
        .splitn(6, ':')
        .nth(5)
        .filter(|_| arn.starts_with("arn:"))
        .unwrap_or_default();
    let kind = path.split('/').next().unwrap_or_default().to_owned();
    let rest = resource(arn, &kind, caller)?.to_owned();
    let ecs = &mut world.region(&caller.place).ecs;
    let (first, last) = rest.split_once('/').unwrap_or((&rest, &rest));
    match kind.as_str() {
        "cluster" => ecs
            .clusters
            .get_mut(&rest)
            .map(|cluster| &mut cluster.tags)
            .ok_or_else(cluster_not_found),
        "task-definition" => {
            let definition = ecs.task_definition_mut(arn);
            definition
                .map(|definition| &mut definition.tags)
                .ok_or_else(|| invalid("The specified resource was not found."))
        }
        "service" | "task" => {
            let cluster = ecs.clusters.get_mut(first).ok_or_else(cluster_not_found)?;
            if kind == "service" {
                let service = cluster
                    .services
                    .get_mut(last)
                    .filter(|service| service.status != "INACTIVE");
                service.map(|service| &mut service.tags).ok_or_else(service_not_found)
            } else {
                let task = cluster.tasks.get_mut(last);
                task.map(|task| &mut task.tags)
                    .ok_or_else(|| invalid("The specified task was not found."))
            }
        }
        _ => Err(invalid(format!("Invalid identifier: {arn}"))),
    }
}
