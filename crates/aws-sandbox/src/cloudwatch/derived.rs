//! The metrics that AWS itself makes of what runs: `AWS/ECS` `CPUUtilization` of each service, one sample per running task
//! and minute. Its SampleCount tells how many tasks ran; the value itself says nothing here.

use super::series::{Metric, Point, Samples};
use crate::clock::{MINUTE, Ms};
use crate::ecs::Run;
use crate::world::{Place, World};

const NAMESPACE: &str = "AWS/ECS";
const NAME: &str = "CPUUtilization";

/// What every task uses of its processor: the sandbox runs nothing.
const PERCENT: f64 = 5.0;

fn metric_of(run: &Run) -> Metric {
    let dimension = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Metric {
        namespace: NAMESPACE.to_owned(),
        name: NAME.to_owned(),
        dimensions: vec![
            dimension("ClusterName", &run.cluster),
            dimension("ServiceName", &run.service),
        ],
    }
}

/// The metrics that there are, with the time of their latest data.
pub(super) fn metrics(world: &mut World, place: &Place) -> Vec<(Metric, Ms)> {
    let now = world.now_ms();
    let mut found: Vec<(Metric, Ms)> = Vec::new();
    for run in &world.region(place).ecs.runs {
        let (metric, latest) = (metric_of(run), run.until.unwrap_or(now));
        match found.iter_mut().find(|(there, _)| *there == metric) {
            Some((_, there)) => *there = latest.max(*there),
            None => found.push((metric, latest)),
        }
    }
    found
}

/// The data of a metric from `start` until `end`: for each minute at whose end a task ran, a sample.
pub(super) fn points(world: &mut World, place: &Place, metric: &Metric, start: Ms, end: Ms) -> Vec<Point> {
    let now = world.now_ms();
    let runs = world.region(place).ecs.runs.iter();
    let minutes = |run: &Run| {
        let (from, until) = (run.from, run.until.unwrap_or(Ms::MAX));
        let first = start.max(from - MINUTE);
        let first = first + (-first).rem_euclid(MINUTE);
        let there = move |at: &Ms| *at < end && at + MINUTE <= now && at + MINUTE < until;
        std::iter::successors(Some(first), |at| Some(at + MINUTE)).take_while(there)
    };
    let point = |at: Ms| Point {
        at,
        high_resolution: false,
        unit: "Percent".to_owned(),
        samples: Samples::of(PERCENT, 1.0),
    };
    runs.filter(|run| metric_of(run) == *metric)
        .flat_map(minutes)
        .map(point)
        .collect()
}
