//! Two profiles that would work on the same resources.
//!
//! A load balancer's and a target group's name is unique in an account and region, a service's in its cluster. Two profiles
//! that share one would repair and tear down each other's platform, so a file in which they do is refused as a whole. The
//! same holds for a DNS record and for an elastic address, which there is only once, whatever the account and region.

use crate::listener::Listener;
use crate::origin::Origin;
use crate::problem::Problem;
use crate::settings::{Settings, Value};
use crate::shorten;

/// A profile, as the file alone says it is and as it is with flags and environment laid over it.
pub(crate) struct Candidate<'c> {
    pub(crate) name: &'c str,
    pub(crate) line: usize,
    pub(crate) in_file: Settings,
    pub(crate) in_use: Settings,
}

/// Reports each pair of profiles that collide, at the line of the second one.
pub(crate) fn find(candidates: &[Candidate<'_>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, second) in candidates.iter().enumerate() {
        for first in &candidates[..index] {
            for kind in KINDS {
                if let Some(shared) = (kind.shared)(&first.in_file, &second.in_file) {
                    problems.push(in_file(first, second, &shared, kind));
                } else if let Some(shared) = (kind.shared)(&first.in_use, &second.in_use) {
                    problems.push(by_override(first, second, &shared, kind));
                }
            }
        }
    }
    problems
}

fn in_file(first: &Candidate<'_>, second: &Candidate<'_>, shared: &str, kind: &Kind) -> Problem {
    let (a, b) = (first.name, second.name);
    let what = format!("profiles `{a}` and `{b}` would both use {shared}");
    let hint = format!("give `{b}` {}", kind.remedy);
    Problem::of_key(Some(second.line), &format!("profiles.{b}"), what, Some(hint))
}

fn by_override(first: &Candidate<'_>, second: &Candidate<'_>, shared: &str, kind: &Kind) -> Problem {
    let mut sources: Vec<String> = [&first.in_use, &second.in_use]
        .into_iter()
        .flat_map(|settings| overrides(settings, kind))
        .collect();
    sources.sort();
    sources.dedup();
    let sources = sources.join(", ");
    let (a, b) = (first.name, second.name);
    let message = format!("with {sources} profiles `{a}` and `{b}` would both use {shared}");
    Problem::new(
        message,
        Some(format!("leave out {sources}, or choose the other profile")),
    )
}

/// The flags and variables that have a say in what is shared.
fn overrides(settings: &Settings, kind: &Kind) -> Vec<String> {
    kind.keys
        .iter()
        .filter_map(|key| match settings.get(key).origin {
            Origin::Flag(source) | Origin::Environment(source) => Some(format!("`{source}`")),
            Origin::Profile { .. } | Origin::Defaults { .. } | Origin::BuiltIn | Origin::Derived { .. } => None,
        })
        .collect()
}

/// A kind of collision.
struct Kind {
    /// What two profiles share, in words.
    shared: fn(&Settings, &Settings) -> Option<String>,
    /// The keys that a flag or a variable can set and that have a say in it.
    keys: &'static [&'static str],
    /// What the second profile has to be given.
    remedy: &'static str,
}

const KINDS: &[Kind] = &[
    Kind {
        shared: resources,
        keys: &[
            "aws_profile",
            "aws_region",
            "project_name",
            "cluster_name",
            "service_name",
            "nlb_name",
        ],
        remedy: "a `project_name` of its own, and other names where they are set; \
                 or tell the accounts apart with `account_id`",
    },
    Kind {
        shared: record,
        keys: &["domain"],
        remedy: "a `domain` of its own, or a `dns.record`",
    },
    Kind {
        shared: addresses,
        keys: &[],
        remedy: "elastic addresses of its own",
    },
];

fn resources(first: &Settings, second: &Settings) -> Option<String> {
    let region = same(first, second, "aws_region")?;
    if !same_account(first, second) {
        return None;
    }
    let mut shared = Vec::new();
    if let Some(name) = same(first, second, "nlb_name") {
        shared.push(format!("load balancer `{name}`"));
    }
    let theirs = target_groups(second);
    if let Some(name) = target_groups(first).into_iter().find(|name| theirs.contains(name)) {
        shared.push(format!("target group `{name}`"));
    }
    let cluster = same(first, second, "cluster_name");
    if let (Some(cluster), Some(service)) = (cluster, same(first, second, "service_name")) {
        shared.push(format!("service `{service}` of cluster `{cluster}`"));
    }
    Some(format!("{}, in one account and `{region}`", listed(&shared)?))
}

fn record(first: &Settings, second: &Settings) -> Option<String> {
    let zone = same(first, second, "dns.hosted_zone_id")?;
    let record = same(first, second, "dns.record")?;
    Some(format!("record `{record}` of hosted zone `{zone}`"))
}

fn addresses(first: &Settings, second: &Settings) -> Option<String> {
    let theirs = items(second, "nlb.eip_allocations");
    let shared: Vec<String> = items(first, "nlb.eip_allocations")
        .into_iter()
        .filter(|address| theirs.contains(address))
        .map(|address| format!("elastic address `{address}`"))
        .collect();
    listed(&shared)
}

/// `a, b and c`; `None` of nothing.
fn listed(shared: &[String]) -> Option<String> {
    let (last, others) = shared.split_last()?;
    let and = if others.is_empty() { "" } else { " and " };
    Some(format!("{}{and}{last}", others.join(", ")))
}

fn same<'s>(first: &'s Settings, second: &Settings, path: &'static str) -> Option<&'s str> {
    first.text(path).filter(|text| second.text(path) == Some(text))
}

/// Two account ids decide. Where one is missing, the same AWS profile (or the default chain for both) is the same account.
fn same_account(first: &Settings, second: &Settings) -> bool {
    let values = |path| (&first.get(path).value, &second.get(path).value);
    match values("account_id") {
        (Value::Text(first), Value::Text(second)) => first == second,
        (Value::Bad, _) | (_, Value::Bad) => false,
        _ => {
            let (first, second) = values("aws_profile");
            first == second && *first != Value::Bad
        }
    }
}

fn target_groups(settings: &Settings) -> Vec<String> {
    let Some(project) = settings.text("project_name") else {
        return Vec::new();
    };
    let listeners = items(settings, "nlb.listeners").into_iter();
    listeners
        .filter_map(|item| item.parse::<Listener>().ok())
        .map(|listener| shorten::target_group_name(project, &listener.target_group_suffix()))
        .collect()
}

/// The texts of a list; none where it is absent or wrong.
fn items<'s>(settings: &'s Settings, path: &'static str) -> Vec<&'s str> {
    match &settings.get(path).value {
        Value::List(items) => items.iter().map(|item| item.text.as_str()).collect(),
        Value::Text(_) | Value::Flag(_) | Value::Absent | Value::Bad => Vec::new(),
    }
}
