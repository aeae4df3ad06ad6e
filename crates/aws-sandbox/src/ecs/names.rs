//! Names and ARNs of ECS, as they stand in requests.

use crate::wire::{ApiError, Caller};
use crate::world::{Place, Region};

use super::{Cluster, EcsService};

/// `InvalidParameterException`, HTTP 400.
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterException", message)
}

/// `ClientException`, HTTP 400.
pub(super) fn client(message: impl Into<String>) -> ApiError {
    ApiError::client("ClientException", message)
}

pub(super) fn arn(place: &Place, kind: &str, rest: &str) -> String {
    format!("arn:aws:ecs:{}:{}:{kind}/{rest}", place.region, place.account)
}

/// The part of an ARN after its kind, or the name itself where it is no ARN.
///
/// # Errors
/// When the ARN is of another region or of another kind of resource.
pub(super) fn resource<'a>(given: &'a str, kind: &str, caller: &Caller) -> Result<&'a str, ApiError> {
    if !given.starts_with("arn:") {
        return Ok(given);
    }
    let parts: Vec<&str> = given.splitn(6, ':').collect();
    let [_, _, "ecs", region, _, path] = parts[..] else {
        return Err(invalid(format!("Invalid identifier: {given}")));
    };
    if region != caller.place.region {
        let message = format!(
            "Identifier is for {region}. Your accessing region is {}.",
            caller.place.region
        );
        return Err(invalid(message));
    }
    let rest = path.strip_prefix(kind).and_then(|rest| rest.strip_prefix('/'));
    rest.ok_or_else(|| invalid(format!("Invalid identifier: {given}")))
}

/// The key of a cluster: its name, by name or ARN; without one, `default`.
///
/// # Errors
/// When the ARN is of another region.
pub(super) fn cluster_key(given: Option<&str>, caller: &Caller) -> Result<String, ApiError> {
    let given = given.filter(|given| !given.is_empty()).unwrap_or("default");
    resource(given, "cluster", caller).map(str::to_owned)
}

/// The last part of a name or ARN of something within a cluster: a service's name, a task's id.
///
/// # Errors
/// When the ARN is of another region.
pub(super) fn member_key(given: &str, kind: &str, caller: &Caller) -> Result<String, ApiError> {
    let rest = resource(given, kind, caller)?;
    Ok(rest.rsplit('/').next().unwrap_or(rest).to_owned())
}

pub(super) fn cluster_not_found() -> ApiError {
    ApiError::client("ClusterNotFoundException", "Cluster not found.")
}

pub(super) fn service_not_found() -> ApiError {
    ApiError::client("ServiceNotFoundException", "Service not found.")
}

/// A cluster that must exist.
///
/// # Errors
/// `ClusterNotFoundException`.
pub(super) fn cluster<'a>(region: &'a Region, key: &str) -> Result<&'a Cluster, ApiError> {
    region.ecs.clusters.get(key).ok_or_else(cluster_not_found)
}

/// A service that must exist; a deleted one exists for a while.
///
/// # Errors
/// `ClusterNotFoundException`, `ServiceNotFoundException`.
pub(super) fn service<'a>(region: &'a Region, cluster_key: &str, name: &str) -> Result<&'a EcsService, ApiError> {
    cluster(region, cluster_key)?
        .services
        .get(name)
        .ok_or_else(service_not_found)
}

/// A name of 1 to 255 letters, digits, hyphens and underscores.
pub(super) fn legal(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !name.is_empty() && name.len() <= 255 && name.bytes().all(legal)
}
