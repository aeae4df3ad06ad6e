//! Amazon CloudWatch: metrics that callers put, and those that AWS itself would have of the world. No alarms, no
//! dashboards, no expressions, no percentiles.

mod derived;
mod list;
mod metric_data;
mod put;
mod series;
mod statistics;

use crate::wire::node::Node;
use crate::wire::{ApiError, Caller};
use crate::world::World;

pub(crate) use series::CloudWatch;

/// Carries out an operation; `None` where there is nothing to answer.
///
/// # Errors
/// What AWS would answer.
pub(crate) fn handle(
    world: &mut World,
    caller: &Caller,
    operation: &str,
    input: &Node,
) -> Result<Option<Node>, ApiError> {
    match operation {
        "PutMetricData" => put::put(world, caller, input).map(|()| None),
        "GetMetricStatistics" => statistics::get(world, caller, input).map(Some),
        "GetMetricData" => metric_data::get(world, caller, input).map(Some),
        "ListMetrics" => list::list(world, caller, input).map(Some),
        _ => {
            let message = format!("Could not find operation {operation} for version 2010-08-01");
            Err(ApiError::client("InvalidAction", message))
        }
    }
}

/// `InvalidParameterValue`, HTTP 400.
fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterValue", message)
}

/// `InvalidParameterCombination`, HTTP 400.
fn combination(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidParameterCombination", message)
}

/// `MissingParameter`, HTTP 400.
fn required(name: &str) -> ApiError {
    ApiError::client("MissingParameter", format!("The parameter {name} is required."))
}
