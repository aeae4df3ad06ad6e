//! Tags of load balancers, target groups and listeners.

use super::names::{listener, load_balancer, target_group};
use super::wire::{check_count, given_tags, tag_fault, tag_members};
use crate::tags::Tags;
use crate::wire::query::{Parameters, validation};
use crate::wire::xml::{Element, members, text};
use crate::wire::{ApiError, Caller};
use crate::world::World;

/// The resources that a request names.
fn resources(input: &Parameters) -> Result<Vec<String>, ApiError> {
    let arns = input.list("ResourceArns");
    if arns.is_empty() {
        return Err(validation("At least one resource ARN must be specified"));
    }
    check_count("resources", arns.len())?;
    Ok(arns)
}

fn tags_of<'a>(world: &'a mut World, caller: &Caller, arn: &str) -> Result<&'a mut Tags, ApiError> {
    let region = world.region(&caller.place);
    let kind = arn
        .splitn(6, ':')
        .nth(5)
        .and_then(|rest| rest.split('/').next())
        .unwrap_or_default();
    match kind {
        "targetgroup" => target_group(region, arn).map(|it| &mut it.tags),
        "listener" => listener(region, arn).map(|it| &mut it.tags),
        "loadbalancer" => load_balancer(region, arn).map(|it| &mut it.tags),
        _ => Err(validation(format!("'{arn}' is not a valid resource ARN"))),
    }
}

/// AddTags: on all of the resources, or on none.
pub(super) fn add(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let (arns, given) = (resources(input)?, given_tags(input));
    for arn in &arns {
        tags_of(world, caller, arn)?
            .clone()
            .add(given.clone())
            .map_err(tag_fault)?;
    }
    for arn in &arns {
        tags_of(world, caller, arn)?.add(given.clone()).map_err(tag_fault)?;
    }
    Ok(Vec::new())
}

/// RemoveTags.
pub(super) fn remove(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let (arns, keys) = (resources(input)?, input.list("TagKeys"));
    for arn in &arns {
        tags_of(world, caller, arn)?;
    }
    for arn in &arns {
        tags_of(world, caller, arn)?.remove(&keys);
    }
    Ok(Vec::new())
}

/// DescribeTags: at most twenty resources.
pub(super) fn describe(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let mut descriptions = Vec::new();
    for arn in resources(input)? {
        let tags = tags_of(world, caller, &arn)?;
        descriptions.push(vec![text("ResourceArn", &arn), tag_members(tags)]);
    }
    Ok(vec![members("TagDescriptions", descriptions)])
}
