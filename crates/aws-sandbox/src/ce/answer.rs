//! GetCostAndUsage: results by time, groups by keys, pages by groups.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::period::Period;
use super::request::{Dimension, Question};
use super::usage::{Used, used};
use super::validation;
use crate::clock::{HOUR, Ms};
use crate::wire::json::{token_key, token_of};
use crate::wire::{ApiError, Caller};
use crate::world::World;

/// Until so long after its end what a period costs is an estimate.
const CLOSED_AFTER: Ms = 72 * HOUR;

/// Answers what a period cost.
///
/// # Errors
/// `ValidationException`.
pub(super) fn cost_and_usage(world: &World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let question = Question::of(body)?;
    let (start, end) = &question.period;
    let period = Period::of(start, end, caller.now)?;
    let page = Page::of(world, question.token.as_deref())?;
    let mut number = 0;
    let mut results = Vec::new();
    for part in period.parts(question.daily) {
        let groups = grouped(world, caller, &question, part);
        let mut result = json!({
            "TimePeriod": { "Start": part.start.to_string(), "End": part.end.to_string() },
            "Estimated": caller.now < part.times().1 + CLOSED_AFTER,
            "Groups": [],
            "Total": {},
        });
        if question.groups.is_empty() {
            let all = groups.into_values().reduce(Used::and).unwrap_or_default();
            result["Total"] = metrics(&question, all);
        } else {
            let mut shown: Vec<Value> = Vec::new();
            for (keys, sum) in groups {
                if page.has(number) {
                    shown.push(json!({ "Keys": keys, "Metrics": metrics(&question, sum) }));
                }
                number += 1;
            }
            result["Groups"] = shown.into();
        }
        results.push(result);
    }
    let key = |group: &Dimension| match group {
        Dimension::Service => "SERVICE",
        Dimension::UsageType => "USAGE_TYPE",
    };
    let definitions = question
        .groups
        .iter()
        .map(|group| json!({ "Type": "DIMENSION", "Key": key(group) }));
    let mut answer = json!({
        "ResultsByTime": results,
        "GroupDefinitions": definitions.collect::<Vec<_>>(),
        "DimensionValueAttributes": [],
    });
    if let Some(token) = page.next(number) {
        answer["NextPageToken"] = token.into();
    }
    Ok(answer)
}

/// What a part of the period cost, by the keys of its groups.
fn grouped(world: &World, caller: &Caller, question: &Question, part: Period) -> BTreeMap<Vec<String>, Used> {
    let mut groups: BTreeMap<Vec<String>, Used> = BTreeMap::new();
    for ((service, usage), amount) in used(world, &caller.place.account, part) {
        let asked = question.services.as_ref();
        if asked.is_some_and(|services| !services.iter().any(|asked| asked == service)) {
            continue;
        }
        let key = |group: &Dimension| match group {
            Dimension::Service => service.to_owned(),
            Dimension::UsageType => usage.clone(),
        };
        let keys: Vec<String> = question.groups.iter().map(key).collect();
        let sum = groups.get(&keys).map_or(amount, |so_far| so_far.and(amount));
        groups.insert(keys, sum);
    }
    groups
}

fn metrics(question: &Question, used: Used) -> Value {
    let mut metrics = Map::new();
    for metric in &question.metrics {
        let value = match metric.as_str() {
            "UsageQuantity" => json!({ "Amount": used.quantity(), "Unit": used.unit }),
            _ => json!({ "Amount": used.dollars(), "Unit": "USD" }),
        };
        metrics.insert(metric.clone(), value);
    }
    metrics.into()
}

/// Which groups are answered.
struct Page {
    from: usize,
    size: usize,
}

impl Page {
    fn of(world: &World, token: Option<&str>) -> Result<Self, ApiError> {
        let wrong = || validation("Invalid NextPageToken");
        let from = match token {
            None => 0,
            Some(token) => token_key(token).and_then(|key| key.parse().ok()).ok_or_else(wrong)?,
        };
        let size = world.behaviour.cost_page.unwrap_or(usize::MAX);
        Ok(Self { from, size })
    }

    fn has(&self, number: usize) -> bool {
        number >= self.from && number - self.from < self.size
    }

    /// The token of the page after this one, where there are so many groups.
    fn next(&self, groups: usize) -> Option<String> {
        let next = self.from.saturating_add(self.size);
        (next < groups).then(|| token_of(&next.to_string()))
    }
}
