//! GetMetricData: several metrics in one call, in pages.

use std::collections::BTreeSet;

use super::series::{Metric, Samples, Window, read, unit};
use crate::clock::Ms;
use crate::wire::json::{token_key, token_of};
use crate::wire::node::{Node, map};
use crate::wire::{ApiError, Caller};
use crate::world::World;

/// The most queries of one call, and the most data points of one answer.
const MOST_QUERIES: usize = 500;
const MOST_POINTS: i64 = 100_800;

fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}

/// What one query found.
struct Found {
    id: String,
    label: String,
    /// Time and value, in the order that was asked for.
    points: Vec<(Ms, f64)>,
}

pub(super) fn get(world: &mut World, caller: &Caller, input: &Node) -> Result<Node, ApiError> {
    let missing = |name: &str| validation(format!("The parameter {name} is required."));
    let start = input.time("StartTime")?.ok_or_else(|| missing("StartTime"))?;
    let end = input.time("EndTime")?.ok_or_else(|| missing("EndTime"))?;
    if start > end {
        return Err(validation("The parameter EndTime must be greater than StartTime."));
    }
    if start == end {
        return Err(validation("The parameter StartTime must not equal parameter EndTime."));
    }
    let ascending = match input.text("ScanBy")? {
        None | Some("TimestampDescending") => false,
        Some("TimestampAscending") => true,
        Some(other) => {
            return Err(validation(format!(
                "The value {other} for parameter ScanBy is invalid."
            )));
        }
    };
    let most = input.integer("MaxDatapoints")?.unwrap_or(MOST_POINTS);
    if !(1..=MOST_POINTS).contains(&most) {
        return Err(validation(format!(
            "The value {most} for parameter MaxDatapoints must be between 1 and {MOST_POINTS}."
        )));
    }
    let queries = input.list("MetricDataQueries")?;
    if queries.is_empty() {
        return Err(missing("MetricDataQueries"));
    }
    if queries.len() > MOST_QUERIES {
        let message = format!("The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.");
        return Err(validation(message));
    }
    let mut ids = BTreeSet::new();
    let mut found = Vec::new();
    for (index, query) in queries.iter().enumerate() {
        let prefix = format!("MetricDataQueries.member.{}", index + 1);
        let mut one = ask(world, caller, query, &prefix, (start, end))?;
        if !ids.insert(one.id.clone()) {
            return Err(validation(format!("The Id {} is used by more than one query.", one.id)));
        }
        if !ascending {
            one.points.reverse();
        }
        if query.flag("ReturnData")?.unwrap_or(true) {
            found.push(one);
        }
    }
    page(input, found, most as usize)
}

/// One query.
fn ask(
    world: &mut World,
    caller: &Caller,
    query: &Node,
    prefix: &str,
    (start, end): (Ms, Ms),
) -> Result<Found, ApiError> {
    let missing = |name: &str| validation(format!("The parameter {prefix}.{name} is required."));
    let id = query.text("Id")?.ok_or_else(|| missing("Id"))?;
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !id.starts_with(|first: char| first.is_ascii_lowercase()) || !id.bytes().all(legal) {
        return Err(validation(format!(
            "The value {id} for parameter {prefix}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
        )));
    }
    if query.member("Expression").is_some() {
        return Err(validation(format!(
            "The parameter {prefix}.Expression is not part of this sandbox."
        )));
    }
    // AWS ends this one with an empty line.
    let absent = || validation(format!("The parameter {prefix}.MetricStat is required.\n"));
    let asked = query.member("MetricStat").ok_or_else(absent)?;
    let named = asked.member("Metric").ok_or_else(|| missing("MetricStat.Metric"))?;
    let metric = Metric::of(named, named, &format!("{prefix}.MetricStat.Metric."))?;
    let period = asked.integer("Period")?.ok_or_else(|| missing("MetricStat.Period"))?;
    let statistic = asked.text("Stat")?.ok_or_else(|| missing("MetricStat.Stat"))?;
    if Samples::of(1.0, 1.0).statistic(statistic).is_none() {
        return Err(validation(format!(
            "The value {statistic} for parameter {prefix}.MetricStat.Stat is not part of this sandbox."
        )));
    }
    let wanted = unit(asked, &format!("{prefix}.MetricStat.Unit"))?;
    let window = Window::new(start, end, period, caller.now)?;
    let mut periods: Vec<(Ms, Samples)> = Vec::new();
    for (at, _, samples) in read(world, &caller.place, &metric, window, wanted) {
        match periods.last_mut().filter(|(last, _)| *last == at) {
            Some((_, so_far)) => *so_far = so_far.and(samples),
            None => periods.push((at, samples)),
        }
    }
    let value = |(at, samples): (Ms, Samples)| Some((at, samples.statistic(statistic)?));
    Ok(Found {
        id: id.to_owned(),
        label: query.text("Label")?.unwrap_or(&metric.name).to_owned(),
        points: periods.into_iter().filter_map(value).collect(),
    })
}

/// The part of the answer that begins where the token says. A token is the number of data points that were told before.
fn page(input: &Node, found: Vec<Found>, most: usize) -> Result<Node, ApiError> {
    let invalid = || ApiError::client("InvalidNextToken", "The next token specified is invalid.");
    let total: usize = found.iter().map(|one| one.points.len()).sum();
    let from = match input.text("NextToken")? {
        None => 0,
        Some(token) => {
            let told = token_key(token).and_then(|key| key.parse::<usize>().ok());
            told.filter(|told| *told < total).ok_or_else(invalid)?
        }
    };
    let until = (from + most).min(total);
    let mut results = Vec::new();
    let mut before = 0;
    for one in found {
        let (first, last) = (before, before + one.points.len());
        before = last;
        let here = &one.points[from.clamp(first, last) - first..until.clamp(first, last) - first];
        // What has no data is told on the first page.
        if here.is_empty() && (from > 0 || last > first) {
            continue;
        }
        let times = here.iter().map(|(at, _)| Node::Time(*at));
        let values = here.iter().map(|(_, value)| Node::Number(*value));
        results.push(map([
            ("Id", Node::Text(one.id)),
            ("Label", Node::Text(one.label)),
            ("Timestamps", Node::List(times.collect())),
            ("Values", Node::List(values.collect())),
            (
                "StatusCode",
                if last > until { "PartialData" } else { "Complete" }.into(),
            ),
        ]));
    }
    let results = ("MetricDataResults", Node::List(results));
    Ok(if until < total {
        map([results, ("NextToken", Node::Text(token_of(&until.to_string())))])
    } else {
        map([results])
    })
}
