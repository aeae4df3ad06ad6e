//! The log of calls: what was asked, when, by whom, and what was answered. Tests judge a tool by it.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::node::Node;
use crate::wire::query::Parameters;
use crate::wire::{Protocol, Request, Route, Service, successors};

/// One call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Counted from 1, over all calls of the world, in the order of their arrival.
    pub number: u64,
    /// Simulated time of the arrival.
    pub at: Timestamp,
    /// The signing name: `ecs`, `elasticloadbalancing`, `ssm`, `s3`, `sts`, `route53`, `monitoring`, `ce`; empty where the request was for no service.
    pub service: String,
    /// Such as `UpdateService`.
    pub operation: String,
    /// As it was signed; empty where it was not.
    pub access_key: String,
    /// Twelve digits.
    pub account: String,
    /// Such as `us-west-2`.
    pub region: String,
    /// The name or ARN of what the call is about, or an empty string.
    pub resource: String,
    /// Whether the operation changes anything.
    pub mutating: bool,
    /// The HTTP status; 0 where no answer was given.
    pub status: u16,
    /// AWS's code, where the answer was an error.
    pub error: Option<String>,
    /// What a test made go wrong with it.
    pub fault: Option<String>,
}

/// Where calls are kept.
#[derive(Debug)]
pub(crate) enum CallLog {
    Memory(Vec<Call>),
    /// JSON lines, one write for each call.
    File(PathBuf),
}

impl CallLog {
    /// Adds a call. A log file that cannot be written is not worth failing a call for.
    pub(crate) fn push(&mut self, call: Call) {
        match self {
            Self::Memory(calls) => calls.push(call),
            Self::File(path) => {
                let file = OpenOptions::new().create(true).append(true).open(path);
                if let (Ok(mut file), Ok(mut line)) = (file, serde_json::to_vec(&call)) {
                    line.push(b'\n');
                    let _ = file.write_all(&line);
                }
            }
        }
    }

    /// All calls in the order of their arrival. A line that was cut off by a kill is left out.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let mut calls = match self {
            Self::Memory(calls) => calls.clone(),
            Self::File(path) => {
                read(path).unwrap_or_else(|error| panic!("cannot read the call log `{}`: {error}", path.display()))
            }
        };
        calls.sort_by_key(|call| call.number);
        calls
    }
}

/// Reads a log file; one that does not exist is empty. The last line may be cut off by a kill; any other that is no call
/// makes the file unreadable.
pub(crate) fn read(path: &std::path::Path) -> std::io::Result<Vec<Call>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole
        .lines()
        .map(|line| serde_json::from_str(line).map_err(std::io::Error::from))
        .collect()
}

/// Members that name what a call is about, the most telling first.
const TELLING: &[&str] = &[
    "LoadBalancerArn",
    "TargetGroupArn",
    "ListenerArn",
    "service",
    "serviceName",
    "task",
    "taskDefinition",
    "family",
    "resourceArn",
    "clusterName",
    "Name",
];
/// The same for lists of them.
const TELLING_LISTS: &[&str] = &[
    "LoadBalancerArns",
    "TargetGroupArns",
    "ListenerArns",
    "ResourceArns",
    "Names",
    "services",
    "tasks",
    "clusters",
];

/// The name or ARN of what a request is about.
pub(crate) fn resource_of(route: &Route, request: &Request) -> String {
    match route.protocol() {
        Protocol::WrappedRest => route.id.clone(),
        Protocol::Rest if route.key.is_empty() => route.bucket.clone(),
        Protocol::Rest => format!("{}/{}", route.bucket, route.key),
        protocol @ (Protocol::SucceedingJson | Protocol::Cbor) => successors::input(protocol, request)
            .map(|input| metric_of(&input))
            .unwrap_or_default(),
        Protocol::Query if route.service == Service::CloudWatch => metric_of(&Node::of_form(&route.form)),
        Protocol::Query => {
            let form = Parameters::new(route.form.clone());
            // A creation is about what it makes, not about what it belongs to.
            let by_name = form.text("Name").map(str::to_owned);
            let single = || TELLING.iter().find_map(|name| form.text(name).map(str::to_owned));
            let listed = || {
                TELLING_LISTS
                    .iter()
                    .map(|name| form.list(name))
                    .find(|list| !list.is_empty())
            };
            by_name
                .or_else(single)
                .or_else(|| listed().map(|list| list.join(",")))
                .unwrap_or_default()
        }
        Protocol::Json => {
            let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            let single = TELLING.iter().find_map(|name| body[*name].as_str().map(str::to_owned));
            let listed = || {
                let list = TELLING_LISTS.iter().find_map(|name| body[*name].as_array())?;
                Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
            };
            let cluster = || body["cluster"].as_str().map(str::to_owned);
            single.or_else(listed).or_else(cluster).unwrap_or_default()
        }
    }
}

/// Namespace and name of the metric that a request names first.
fn metric_of(input: &Node) -> String {
    let first = |name: &str| input.list(name).ok().and_then(|items| items.first());
    let asked = first("MetricDataQueries").and_then(|query| query.member("MetricStat")?.member("Metric"));
    let named = asked.or_else(|| first("MetricData")).unwrap_or(input);
    let part = |name: &str| {
        [named, input]
            .into_iter()
            .find_map(|node| node.text(name).ok().flatten())
    };
    let parts: Vec<&str> = [part("Namespace"), part("MetricName")].into_iter().flatten().collect();
    parts.join(" ")
}
