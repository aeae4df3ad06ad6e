//! ListMetrics: at most 500 a page, and only metrics with data of the past two weeks.

use super::series::Metric;
use super::{derived, invalid, required};
use crate::clock::{HOUR, Ms};
use crate::wire::json::{token_key, token_of};
use crate::wire::node::{Node, map};
use crate::wire::{ApiError, Caller};
use crate::world::World;

const PAGE: usize = 500;
const LISTED: Ms = 14 * 24 * HOUR;

pub(super) fn list(world: &mut World, caller: &Caller, input: &Node) -> Result<Node, ApiError> {
    let newest = match input.text("RecentlyActive")? {
        None => caller.now - LISTED,
        Some("PT3H") => caller.now - 3 * HOUR,
        Some(other) => {
            return Err(invalid(format!(
                "The value {other} for parameter RecentlyActive is invalid."
            )));
        }
    };
    let (namespace, name) = (input.text("Namespace")?, input.text("MetricName")?);
    let filters = filters(input)?;
    let asked = |metric: &Metric| {
        namespace.is_none_or(|wanted| metric.namespace == wanted)
            && name.is_none_or(|wanted| metric.name == wanted)
            && filters.iter().all(|(name, value)| {
                let mut dimensions = metric.dimensions.iter();
                dimensions.any(|(its, of)| its == name && value.as_ref().is_none_or(|value| of == value))
            })
    };
    let mut metrics: Vec<(Metric, Ms)> = world.region(&caller.place).cloudwatch.metrics().collect();
    metrics.extend(derived::metrics(world, &caller.place));
    metrics.retain(|(metric, latest)| *latest >= newest && asked(metric));
    metrics.sort();
    let from = match input.text("NextToken")? {
        None => 0,
        Some(token) => token_key(token)
            .and_then(|key| key.parse::<usize>().ok())
            .ok_or_else(|| invalid("Request parameter NextToken is invalid"))?,
    };
    let total = metrics.len();
    let shown = metrics.into_iter().skip(from).take(PAGE);
    let list = ("Metrics", Node::List(shown.map(|(metric, _)| view(metric)).collect()));
    Ok(if from + PAGE < total {
        map([list, ("NextToken", Node::Text(token_of(&(from + PAGE).to_string())))])
    } else {
        map([list])
    })
}

/// Names of dimensions, with the value that they must have where one is given.
fn filters(input: &Node) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let mut filters = Vec::new();
    for filter in input.list("Dimensions")? {
        let name = filter.text("Name")?.ok_or_else(|| required("Dimensions.Name"))?;
        filters.push((name.to_owned(), filter.text("Value")?.map(str::to_owned)));
    }
    Ok(filters)
}

fn view(metric: Metric) -> Node {
    let dimension = |(name, value): (String, String)| map([("Name", Node::Text(name)), ("Value", Node::Text(value))]);
    map([
        ("Namespace", Node::Text(metric.namespace)),
        ("MetricName", Node::Text(metric.name)),
        (
            "Dimensions",
            Node::List(metric.dimensions.into_iter().map(dimension).collect()),
        ),
    ])
}
