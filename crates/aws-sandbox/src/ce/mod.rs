//! AWS Cost Explorer: what the records of the account cost, by service and usage type.
//!
//! AWS's own figures lag by a day; here they are up to date.

mod answer;
mod period;
mod request;
mod usage;

use serde_json::Value;

use crate::wire::{ApiError, Caller};
use crate::world::World;

/// Carries out an operation.
///
/// # Errors
/// What AWS would answer.
pub(crate) fn handle(world: &World, caller: &Caller, operation: &str, body: &[u8]) -> Result<Value, ApiError> {
    match operation {
        "GetCostAndUsage" => answer::cost_and_usage(world, caller, body),
        _ => Err(ApiError::client("UnknownOperationException", "")),
    }
}

/// `ValidationException`, HTTP 400.
fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}
