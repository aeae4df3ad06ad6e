//! GetMetricStatistics: at most 1,440 data points, in no order.

use super::series::{Metric, Samples, Window, read, unit};
use super::{combination, invalid, required};
use crate::wire::node::{Node, map};
use crate::wire::{ApiError, Caller};
use crate::world::{World, stable_hash};

const MOST: i64 = 1_440;

const STATISTICS: &[&str] = &["Average", "Maximum", "Minimum", "SampleCount", "Sum"];

pub(super) fn get(world: &mut World, caller: &Caller, input: &Node) -> Result<Node, ApiError> {
    let metric = Metric::of(input, input, "")?;
    let start = input.time("StartTime")?.ok_or_else(|| required("StartTime"))?;
    let end = input.time("EndTime")?.ok_or_else(|| required("EndTime"))?;
    let period = input.integer("Period")?.ok_or_else(|| required("Period"))?;
    let statistics = statistics(input)?;
    let unit = unit(input, "Unit")?.map(str::to_owned);
    if start == end {
        return Err(invalid("The parameter StartTime must not equal parameter EndTime."));
    }
    if start > end {
        return Err(invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let window = Window::new(start, end, period, caller.now)?;
    if window.periods() > MOST {
        return Err(combination(format!(
            "You have requested up to {} datapoints, which exceeds the limit of {MOST}. You may reduce the datapoints \
             requested by increasing Period, or decreasing the time range.",
            window.periods()
        )));
    }
    let mut points = read(world, &caller.place, &metric, window, unit.as_deref());
    // AWS promises no order; who takes the last for the latest must be wrong here too.
    points.sort_by_key(|(at, unit, _)| stable_hash(&[&at.to_string(), unit]));
    let view = |(at, unit, samples): (i64, String, Samples)| {
        let mut point = map([("Timestamp", Node::Time(at)), ("Unit", Node::Text(unit))]);
        if let Node::Map(members) = &mut point {
            let values = statistics
                .iter()
                .filter_map(|name| Some((name.clone(), Node::Number(samples.statistic(name)?))));
            members.extend(values);
        }
        point
    };
    Ok(map([
        ("Label", Node::Text(metric.name.clone())),
        ("Datapoints", Node::List(points.into_iter().map(view).collect())),
    ]))
}

fn statistics(input: &Node) -> Result<Vec<String>, ApiError> {
    let given = input.list("Statistics")?;
    if !input.list("ExtendedStatistics")?.is_empty() {
        return Err(invalid("The parameter ExtendedStatistics is not part of this sandbox."));
    }
    if given.is_empty() {
        return Err(combination("Must specify either Statistics or ExtendedStatistics"));
    }
    let known = |node: &Node| match node {
        Node::Text(name) if STATISTICS.contains(&name.as_str()) => Ok(name.clone()),
        Node::Text(name) => Err(invalid(format!(
            "The value {name} for parameter Statistics.member.1 is invalid."
        ))),
        _ => Err(invalid("The parameter Statistics must be a list of names.")),
    };
    given.iter().map(known).collect()
}
