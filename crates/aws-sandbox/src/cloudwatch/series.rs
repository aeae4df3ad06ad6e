//! Metrics and their data: what is kept, for how long, and how it is put together.

use serde::{Deserialize, Serialize};

use super::derived;
use super::{invalid, required};
use crate::clock::{HOUR, MINUTE, Ms, SECOND};
use crate::wire::ApiError;
use crate::wire::node::Node;
use crate::world::{Place, World};

/// What callers have put, in one region of an account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct CloudWatch(Vec<Series>);

/// A metric with its data.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Series {
    metric: Metric,
    /// In the order of their arrival.
    points: Vec<Point>,
}

/// What makes a metric: two with other dimensions are two.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) name: String,
    /// Sorted by name.
    pub(super) dimensions: Vec<(String, String)>,
}

/// Data of one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Point {
    /// At a whole minute, or second where the resolution is high.
    pub(super) at: Ms,
    pub(super) high_resolution: bool,
    pub(super) unit: String,
    pub(super) samples: Samples,
}

/// What is known of a number of samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Samples {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) minimum: f64,
    pub(super) maximum: f64,
}

impl Samples {
    /// The same value so many times.
    pub(super) fn of(value: f64, count: f64) -> Self {
        Self {
            count,
            sum: value * count,
            minimum: value,
            maximum: value,
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum + other.sum,
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
        }
    }

    /// A statistic by its name; `None` for those that there are not.
    pub(super) fn statistic(self, name: &str) -> Option<f64> {
        Some(match name {
            "SampleCount" => self.count,
            "Sum" => self.sum,
            "Average" => self.sum / self.count,
            "Minimum" => self.minimum,
            "Maximum" => self.maximum,
            _ => return None,
        })
    }
}

impl Metric {
    /// The metric that a request names, whose members are called after `prefix` in errors.
    ///
    /// # Errors
    /// When a part is missing or too long.
    pub(super) fn of(namespace: &Node, input: &Node, prefix: &str) -> Result<Self, ApiError> {
        let named = |of: &Node, name: &str| {
            let given = of.text(name)?.ok_or_else(|| required(&format!("{prefix}{name}")))?;
            if given.len() > 255 {
                return Err(invalid(format!(
                    "The value {given} for parameter {prefix}{name} is too long."
                )));
            }
            Ok(given.to_owned())
        };
        let given = input.list("Dimensions")?;
        if given.len() > 30 {
            let message = format!("The collection {prefix}Dimensions must not have a size greater than 30.");
            return Err(invalid(message));
        }
        let mut dimensions = Vec::new();
        for dimension in given {
            let part = |name: &str| {
                let part = dimension.text(name)?;
                part.map(str::to_owned)
                    .ok_or_else(|| required(&format!("{prefix}Dimensions.{name}")))
            };
            dimensions.push((part("Name")?, part("Value")?));
        }
        dimensions.sort();
        if dimensions.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(invalid(format!("The names in {prefix}Dimensions must be distinct.")));
        }
        Ok(Self {
            namespace: named(namespace, "Namespace")?,
            name: named(input, "MetricName")?,
            dimensions,
        })
    }
}

impl CloudWatch {
    pub(super) fn add(&mut self, metric: Metric, point: Point) {
        match self.0.iter_mut().find(|series| series.metric == metric) {
            Some(series) => series.points.push(point),
            None => self.0.push(Series {
                metric,
                points: vec![point],
            }),
        }
    }

    /// Each metric with the time of its latest data.
    pub(super) fn metrics(&self) -> impl Iterator<Item = (Metric, Ms)> {
        let latest = |series: &Series| series.points.iter().map(|point| point.at).max().unwrap_or_default();
        self.0.iter().map(move |series| (series.metric.clone(), latest(series)))
    }

    fn points(&self, metric: &Metric) -> &[Point] {
        let series = self.0.iter().find(|series| series.metric == *metric);
        series.map_or(&[], |series| &series.points)
    }
}

/// The units that there are.
pub(super) const UNITS: &[&str] = &[
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// A unit that was given.
///
/// # Errors
/// `InvalidParameterValue`.
pub(super) fn unit<'a>(input: &'a Node, name: &str) -> Result<Option<&'a str>, ApiError> {
    let given = input.text("Unit")?;
    match given.filter(|unit| !UNITS.contains(unit)) {
        Some(unknown) => Err(invalid(format!("The value {unknown} for parameter {name} is invalid."))),
        None => Ok(given),
    }
}

/// Which data of a metric are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// The first, rounded down as AWS does.
    start: Ms,
    /// Not included.
    end: Ms,
    pub(super) period: Ms,
}

impl Window {
    /// A window whose start is rounded down: to the period where that is less than a minute, else to a minute, and
    /// further the longer ago it is.
    ///
    /// # Errors
    /// When the period is not one of AWS's.
    pub(super) fn new(start: Ms, end: Ms, period_seconds: i64, now: Ms) -> Result<Self, ApiError> {
        let period = period_seconds.saturating_mul(SECOND);
        if !matches!(period_seconds, 1 | 5 | 10 | 20 | 30) && (period_seconds < 60 || period_seconds % 60 != 0) {
            return Err(invalid(
                "The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60.",
            ));
        }
        if period > 24 * 366 * HOUR {
            return Err(invalid(format!(
                "The value {period_seconds} for parameter Period is too large."
            )));
        }
        let rounded_to = finest(now - start).max(period.min(MINUTE));
        Ok(Self {
            start: start - start.rem_euclid(rounded_to),
            end,
            period,
        })
    }

    /// How many periods there are in it.
    pub(super) fn periods(&self) -> i64 {
        let span = self.end.saturating_sub(self.start).max(0);
        span / self.period + i64::from(span % self.period > 0)
    }
}

/// The finest period that AWS still has of data so old.
fn finest(age: Ms) -> Ms {
    const DAY: Ms = 24 * HOUR;
    match age {
        age if age <= 3 * HOUR => SECOND,
        age if age <= 15 * DAY => MINUTE,
        age if age <= 63 * DAY => 5 * MINUTE,
        _ => HOUR,
    }
}

/// AWS keeps data for 455 days.
const KEPT: Ms = 455 * 24 * HOUR;

/// The data of a metric in a window, by period and unit, oldest first; periods without data are left out. Without
/// `wanted` the data of every unit are there.
pub(super) fn read(
    world: &mut World,
    place: &Place,
    metric: &Metric,
    window: Window,
    wanted: Option<&str>,
) -> Vec<(Ms, String, Samples)> {
    let now = world.now_ms();
    let mut points = world.region(place).cloudwatch.points(metric).to_vec();
    points.extend(derived::points(world, place, metric, window.start, window.end));
    let mut read: Vec<(Ms, String, Samples)> = Vec::new();
    for point in points {
        let age = now - point.at;
        let fine_enough = window.period >= finest(age) && (window.period >= MINUTE || point.high_resolution);
        let there = (window.start..window.end).contains(&point.at) && age <= KEPT && fine_enough;
        if !there || wanted.is_some_and(|unit| unit != point.unit) {
            continue;
        }
        let period = window.start + (point.at - window.start) / window.period * window.period;
        match read
            .iter_mut()
            .find(|(at, unit, _)| *at == period && *unit == point.unit)
        {
            Some((.., samples)) => *samples = samples.and(point.samples),
            None => read.push((period, point.unit, point.samples)),
        }
    }
    read.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    read
}
