//! Two profiles that would work on the same resources.
//!
//! A load balancer's and a target group's name is unique in an account and region, a service's in its cluster. Two profiles
//! that share one would repair and tear down each other's platform, so a file in which they do is refused as a whole.

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
            if let Some(collision) = Collision::between(&first.in_file, &second.in_file) {
                problems.push(in_file(first, second, &collision));
            } else if let Some(collision) = Collision::between(&first.in_use, &second.in_use) {
                problems.push(by_override(first, second, &collision));
            }
        }
    }
    problems
}

fn in_file(first: &Candidate<'_>, second: &Candidate<'_>, collision: &Collision) -> Problem {
    let (a, b) = (first.name, second.name);
    let what = format!("profiles `{a}` and `{b}` would both use {collision}");
    let hint = format!(
        "give `{b}` a `project_name` of its own, and other names where they are set; \
         or tell the accounts apart with `account_id`"
    );
    Problem::of_key(Some(second.line), &format!("profiles.{b}"), what, Some(hint))
}

fn by_override(first: &Candidate<'_>, second: &Candidate<'_>, collision: &Collision) -> Problem {
    let mut sources: Vec<String> = [&first.in_use, &second.in_use]
        .into_iter()
        .flat_map(overrides)
        .collect();
    sources.sort();
    sources.dedup();
    let sources = sources.join(", ");
    let (a, b) = (first.name, second.name);
    let message = format!("with {sources} profiles `{a}` and `{b}` would both use {collision}");
    Problem::new(
        message,
        Some(format!("leave out {sources}, or choose the other profile")),
    )
}

/// The flags and variables that have a say in which resources are meant.
fn overrides(settings: &Settings) -> Vec<String> {
    let keys = [
        "aws_profile",
        "aws_region",
        "project_name",
        "cluster_name",
        "service_name",
        "nlb_name",
    ];
    keys.iter()
        .filter_map(|key| match settings.get(key).origin {
            Origin::Flag(source) | Origin::Environment(source) => Some(format!("`{source}`")),
            Origin::Profile { .. } | Origin::Defaults { .. } | Origin::BuiltIn | Origin::Derived { .. } => None,
        })
        .collect()
}

/// What two profiles share.
struct Collision {
    /// In words, at least one.
    shared: Vec<String>,
    region: String,
}

impl std::fmt::Display for Collision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (last, others) = self.shared.split_last().ok_or(std::fmt::Error)?;
        let and = if others.is_empty() { "" } else { " and " };
        write!(
            f,
            "{}{and}{last}, in one account and `{}`",
            others.join(", "),
            self.region
        )
    }
}

impl Collision {
    fn between(first: &Settings, second: &Settings) -> Option<Self> {
        let region = same(first, second, "aws_region")?.to_owned();
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
        (!shared.is_empty()).then_some(Self { shared, region })
    }
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
    let (Some(project), Value::List(items)) = (settings.text("project_name"), &settings.get("nlb.listeners").value)
    else {
        return Vec::new();
    };
    let listeners = items.iter().filter_map(|item| item.text.parse::<Listener>().ok());
    listeners
        .map(|listener| shorten::target_group_name(project, &listener.target_group_suffix()))
        .collect()
}
