//! PutMetricData.

use super::series::{Metric, Point, Samples, unit};
use super::{combination, invalid, required};
use crate::clock::{HOUR, MINUTE, Ms, SECOND};
use crate::wire::node::Node;
use crate::wire::{ApiError, Caller};
use crate::world::World;

/// The most data of one call, and the most values of one datum.
const MOST_DATA: usize = 1_000;
const MOST_VALUES: usize = 150;

/// The largest value, either way: 2^360.
const LARGEST: f64 = 2.348_542_582_773_833_4e108;

/// All of the data, or none.
pub(super) fn put(world: &mut World, caller: &Caller, input: &Node) -> Result<(), ApiError> {
    let namespace = input.text("Namespace")?.ok_or_else(|| required("Namespace"))?;
    if namespace.starts_with("AWS/") || namespace.starts_with(':') {
        return Err(invalid(format!(
            "The value {namespace} for parameter Namespace is invalid."
        )));
    }
    if !input.list("EntityMetricData")?.is_empty() {
        return Err(invalid("The parameter EntityMetricData is not part of this sandbox."));
    }
    let data = input.list("MetricData")?;
    if data.is_empty() {
        return Err(required("MetricData"));
    }
    if data.len() > MOST_DATA {
        let message = format!("The collection MetricData must not have a size greater than {MOST_DATA}.");
        return Err(invalid(message));
    }
    let mut points = Vec::new();
    for (index, datum) in data.iter().enumerate() {
        let prefix = format!("MetricData.member.{}.", index + 1);
        let metric = Metric::of(input, datum, &prefix)?;
        points.push((metric, point(datum, &prefix, caller.now)?));
    }
    let cloudwatch = &mut world.region(&caller.place).cloudwatch;
    for (metric, point) in points {
        cloudwatch.add(metric, point);
    }
    Ok(())
}

fn point(datum: &Node, prefix: &str, now: Ms) -> Result<Point, ApiError> {
    let at = datum.time("Timestamp")?.unwrap_or(now);
    if at < now - 14 * 24 * HOUR {
        let message = format!("The parameter {prefix}Timestamp must specify a time within the past two weeks.");
        return Err(invalid(message));
    }
    if at > now + 2 * HOUR {
        let message =
            format!("The parameter {prefix}Timestamp must specify a time no more than two hours in the future.");
        return Err(invalid(message));
    }
    let high_resolution = match datum.integer("StorageResolution")? {
        None | Some(60) => false,
        Some(1) => true,
        Some(other) => {
            let message = format!("The value {other} for parameter {prefix}StorageResolution is invalid.");
            return Err(invalid(message));
        }
    };
    let grain = if high_resolution { SECOND } else { MINUTE };
    Ok(Point {
        at: at - at.rem_euclid(grain),
        high_resolution,
        unit: unit(datum, &format!("{prefix}Unit"))?.unwrap_or("None").to_owned(),
        samples: samples(datum, prefix)?,
    })
}

/// One of: a value, values with their counts, or what was computed of several.
fn samples(datum: &Node, prefix: &str) -> Result<Samples, ApiError> {
    let given: Vec<&str> = ["Value", "Values", "StatisticValues"]
        .into_iter()
        .filter(|name| datum.member(name).is_some())
        .collect();
    if let [first, second, ..] = given[..] {
        let message = format!(
            "The parameters {prefix}{first} and {prefix}{second} are mutually exclusive and you have specified both."
        );
        return Err(match second {
            "Values" => invalid(message),
            _ => combination(message),
        });
    }
    let check = |value: f64, name: &str| {
        if value.is_finite() && value.abs() <= LARGEST {
            Ok(value)
        } else {
            Err(invalid(format!(
                "The value {value} for parameter {prefix}{name} is invalid."
            )))
        }
    };
    if let Some(set) = datum.member("StatisticValues") {
        let part = |name: &str| {
            let full = format!("StatisticValues.{name}");
            let value = set.number(name)?.ok_or_else(|| required(&format!("{prefix}{full}")))?;
            check(value, &full)
        };
        let count = part("SampleCount")?;
        if count <= 0.0 {
            let message = format!("The value {count} for parameter {prefix}StatisticValues.SampleCount is invalid.");
            return Err(invalid(message));
        }
        return Ok(Samples {
            count,
            sum: part("Sum")?,
            minimum: part("Minimum")?,
            maximum: part("Maximum")?,
        });
    }
    let values = datum.list("Values")?;
    if values.is_empty() {
        let value = datum
            .number("Value")?
            .ok_or_else(|| required(&format!("{prefix}Value")))?;
        return check(value, "Value").map(|value| Samples::of(value, 1.0));
    }
    let counts = datum.list("Counts")?;
    if !counts.is_empty() && counts.len() != values.len() {
        return Err(invalid(format!(
            "The parameters {prefix}Values and {prefix}Counts must be of the same size."
        )));
    }
    if values.len() > MOST_VALUES {
        let message = format!("The collection {prefix}Values must not have a size greater than {MOST_VALUES}.");
        return Err(invalid(message));
    }
    let mut samples: Option<Samples> = None;
    for (index, value) in values.iter().enumerate() {
        let value = check(value.as_number("Values")?, "Values")?;
        let count = counts.get(index).map_or(Ok(1.0), |count| count.as_number("Counts"))?;
        if !(count > 0.0 && count.is_finite()) {
            return Err(invalid(format!(
                "The value {count} for parameter {prefix}Counts is invalid."
            )));
        }
        let these = Samples::of(value, count);
        samples = Some(samples.map_or(these, |so_far| so_far.and(these)));
    }
    samples.ok_or_else(|| required(&format!("{prefix}Value")))
}
