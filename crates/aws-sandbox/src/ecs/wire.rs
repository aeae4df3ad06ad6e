//! Parts of requests and answers that several operations of ECS share.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::names::invalid;
use crate::tags::{TagFault, Tags};
use crate::wire::ApiError;

/// A tag, as ECS writes it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct WireTag {
    key: String,
    #[serde(default)]
    value: String,
}

/// Reads tags.
///
/// # Errors
/// `InvalidParameterException` where ECS refuses them.
pub(super) fn tags(given: Vec<WireTag>) -> Result<Vec<(String, String)>, ApiError> {
    let pairs: Vec<_> = given.into_iter().map(|tag| (tag.key, tag.value)).collect();
    Tags::new(pairs.clone()).map_err(tag_fault)?;
    Ok(pairs)
}

/// The answer to tags that are refused.
pub(super) fn tag_fault(fault: TagFault) -> ApiError {
    invalid(match fault {
        TagFault::DuplicateKey(_) => {
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.".to_owned()
        }
        TagFault::TooMany => "The number of tags exceeds the limit of 50.".to_owned(),
        TagFault::Illegal(key) => format!("The tag key '{key}' is not valid."),
    })
}

pub(super) fn tag_list(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// `failures`: what was asked for and is not there.
pub(super) fn missing(arns: Vec<String>) -> Value {
    arns.into_iter()
        .map(|arn| json!({ "arn": arn, "reason": "MISSING" }))
        .collect()
}

/// Where tasks are put.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct NetworkConfiguration {
    pub(crate) awsvpc_configuration: AwsvpcConfiguration,
}

/// Subnets, security groups and whether tasks get public addresses.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct AwsvpcConfiguration {
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    /// `ENABLED` or `DISABLED`.
    pub(crate) assign_public_ip: Option<String>,
}

impl AwsvpcConfiguration {
    pub(crate) fn public(&self) -> bool {
        self.assign_public_ip.as_deref() == Some("ENABLED")
    }
}

/// One page of a listing: the items, and the token of the next page. A token is the last item's key.
///
/// # Errors
/// `InvalidParameterException` for a page size out of range.
pub(super) fn page(
    mut items: Vec<String>,
    size: Option<i64>,
    default_size: usize,
    token: Option<&str>,
) -> Result<(Vec<String>, Option<String>), ApiError> {
    let size = match size {
        None => default_size,
        Some(size @ 1..=100) => size as usize,
        Some(_) => return Err(invalid("maxResults must be between 1 and 100.")),
    };
    items.sort();
    if let Some(token) = token {
        let last = crate::wire::json::token_key(token).ok_or_else(|| invalid("Invalid token."))?;
        items.retain(|item| *item > last);
    }
    let more = items.len() > size;
    items.truncate(size);
    let next = items
        .last()
        .filter(|_| more)
        .map(|last| crate::wire::json::token_of(last));
    Ok((items, next))
}
