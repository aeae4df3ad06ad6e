//! What GetCostAndUsage is asked, and what of it is not simulated.

use serde::Deserialize;

use super::validation;
use crate::wire::{ApiError, json};

/// By what costs are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dimension {
    Service,
    UsageType,
}

/// A request that can be answered.
#[derive(Debug)]
pub(super) struct Question {
    /// The first day, and the day after the last.
    pub(super) period: (String, String),
    /// Whether it is answered for each day, not for each month.
    pub(super) daily: bool,
    /// `UnblendedCost`, `UsageQuantity`, or both.
    pub(super) metrics: Vec<String>,
    /// At most two.
    pub(super) groups: Vec<Dimension>,
    /// Only these services; `None`: all of them.
    pub(super) services: Option<Vec<String>>,
    /// The page that is asked for.
    pub(super) token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct GetCostAndUsage {
    time_period: TimePeriod,
    granularity: String,
    metrics: Vec<String>,
    group_by: Vec<GroupBy>,
    filter: Option<Filter>,
    next_page_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct TimePeriod {
    start: String,
    end: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct GroupBy {
    r#type: String,
    key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    dimensions: Values,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Values {
    key: String,
    values: Vec<String>,
}

impl Question {
    /// Reads a request.
    ///
    /// # Errors
    /// `ValidationException` for what AWS does not take, and for what is not simulated: no filter is silently all.
    pub(super) fn of(body: &[u8]) -> Result<Self, ApiError> {
        let input: GetCostAndUsage = json::input(body)?;
        let daily = match input.granularity.as_str() {
            "MONTHLY" => false,
            "DAILY" => true,
            other => return Err(validation(format!("Granularity '{other}' is not simulated"))),
        };
        if input.metrics.is_empty() {
            return Err(validation("Metrics must not be empty"));
        }
        let known = ["UnblendedCost", "UsageQuantity"];
        if let Some(other) = input.metrics.iter().find(|metric| !known.contains(&metric.as_str())) {
            return Err(validation(format!("Metric '{other}' is not simulated")));
        }
        if input.group_by.len() > 2 {
            return Err(validation("Only two groups are allowed"));
        }
        let groups = input.group_by.iter().map(dimension).collect::<Result<_, _>>()?;
        let services = match input.filter {
            None => None,
            Some(Filter { dimensions }) if dimensions.key == "SERVICE" => Some(dimensions.values),
            Some(Filter { dimensions }) => {
                return Err(validation(format!("A filter of '{}' is not simulated", dimensions.key)));
            }
        };
        Ok(Self {
            period: (input.time_period.start, input.time_period.end),
            daily,
            metrics: input.metrics,
            groups,
            services,
            token: input.next_page_token,
        })
    }
}

fn dimension(group: &GroupBy) -> Result<Dimension, ApiError> {
    match (group.r#type.as_str(), group.key.as_str()) {
        ("DIMENSION", "SERVICE") => Ok(Dimension::Service),
        ("DIMENSION", "USAGE_TYPE") => Ok(Dimension::UsageType),
        (kind, key) => Err(validation(format!("Groups of {kind} '{key}' are not simulated"))),
    }
}
