//! One line per resource: how it is now. The display follows these. Where there are many of a kind, one line counts them.

use std::collections::BTreeMap;

use crate::failure::AwsFailure;
use crate::guard::Verdict;
use crate::memory::Memory;
use crate::observation::Observation;
use crate::reading::Reading;
use crate::record::Record;
use crate::wanted::Wanted;

/// More tasks, or targets of a target group, than this are counted in one line.
const MANY: usize = 12;

/// What kind of resource a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The ECS service.
    Service,
    /// The load balancer.
    LoadBalancer,
    /// A task.
    Task,
    /// A registered target.
    Target,
    /// The record of the platform's name.
    Record,
    /// The meeting guard.
    Guard,
}

/// A resource and its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What kind of resource.
    pub kind: Kind,
    /// `load balancer`, `service`, `task ID`, `target PROTOCOL IP:PORT`.
    pub name: String,
    /// Its state in AWS's words; `unknown` with the cause where a look has failed.
    pub state: String,
    /// Whether that is where it should end up on the way up.
    pub settled: bool,
}

/// The lines for what is known by now, and for what should be and is not.
pub fn lines(wanted: &Wanted, seen: &Observation, memory: &Memory) -> Vec<Line> {
    let mut lines = Vec::new();
    service(seen, &mut lines);
    balancer(seen, &mut lines);
    tasks(seen, memory, &mut lines);
    targets(wanted, seen, &mut lines);
    record(wanted, seen, &mut lines);
    guard(seen, memory, &mut lines);
    lines
}

/// Whether it is known which resources of this kind there are, so that one without a line is gone.
pub fn is_known(kind: Kind, wanted: &Wanted, seen: &Observation) -> bool {
    match kind {
        Kind::Service => seen.service.is_known(),
        Kind::LoadBalancer => seen.load_balancer.is_known(),
        Kind::Record => seen.records.is_known(),
        Kind::Task | Kind::Guard => seen.tasks.is_known(),
        Kind::Target => wanted.group_names().all(|name| {
            seen.target_groups.get(name).is_some_and(Reading::is_known)
                && seen.targets.get(name).is_none_or(Reading::is_known)
        }),
    }
}

fn push(lines: &mut Vec<Line>, kind: Kind, name: impl Into<String>, state: impl Into<String>, settled: bool) {
    lines.push(Line {
        kind,
        name: name.into(),
        state: state.into(),
        settled,
    });
}

fn unknown(failure: &AwsFailure) -> String {
    format!("unknown: {failure}: {}", failure.in_short())
}

fn service(seen: &Observation, lines: &mut Vec<Line>) {
    let (state, settled) = match &seen.service {
        Reading::Here(service) => (
            format!(
                "desired {}, running {}, pending {}",
                service.desired, service.running, service.pending
            ),
            service.desired > 0 && service.running >= service.desired && service.pending == 0,
        ),
        Reading::Unknown(failure) => (unknown(failure), false),
        Reading::Absent | Reading::NotRead => return,
    };
    push(lines, Kind::Service, "service", state, settled);
}

fn balancer(seen: &Observation, lines: &mut Vec<Line>) {
    let (state, settled) = match &seen.load_balancer {
        Reading::Here(balancer) => (balancer.state.clone(), balancer.state == "active"),
        Reading::Unknown(failure) => (unknown(failure), false),
        Reading::Absent | Reading::NotRead => return,
    };
    push(lines, Kind::LoadBalancer, "load balancer", state, settled);
}

fn tasks(seen: &Observation, memory: &Memory, lines: &mut Vec<Line>) {
    if let Reading::Unknown(failure) = &seen.tasks {
        for task in &memory.last_seen.tasks {
            push(
                lines,
                Kind::Task,
                format!("task {}", task.short_id()),
                unknown(failure),
                false,
            );
        }
    }
    let shown = seen.tasks().iter().filter(|t| !memory.is_old(t) || !t.is_stopped());
    let shown: Vec<(String, String, bool)> = shown
        .map(|task| {
            let health = if task.is_running() && task.health != "UNKNOWN" {
                format!(", {}", task.health)
            } else {
                String::new()
            };
            let settled = task.is_running() && task.health != "UNHEALTHY";
            let state = format!("{}{health}", task.last_status);
            (format!("task {}", task.short_id()), state, settled)
        })
        .collect();
    push_all(lines, Kind::Task, "tasks", shown);
}

/// A line each, or one that counts them.
fn push_all(lines: &mut Vec<Line>, kind: Kind, together: &str, each: Vec<(String, String, bool)>) {
    if each.len() <= MANY {
        for (name, state, settled) in each {
            push(lines, kind, name, state, settled);
        }
        return;
    }
    let settled = each.iter().all(|(_, _, settled)| *settled);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, state, _) in &each {
        *counts.entry(state).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
    push(lines, kind, together, counts.join(", "), settled);
}

fn targets(wanted: &Wanted, seen: &Observation, lines: &mut Vec<Line>) {
    for listener in &wanted.listeners {
        let group = &listener.group;
        let targets = seen.targets_in(&group.name).unwrap_or_default().iter();
        let shown = targets.map(|target| {
            let reason = target.reason.as_deref().map_or_else(String::new, |r| format!(" ({r})"));
            let name = format!("target {} {}:{}", group.protocol, target.id, target.port);
            (name, format!("{}{reason}", target.state), target.is_healthy())
        });
        let together = format!("targets {} {}", group.protocol, group.port);
        push_all(lines, Kind::Target, &together, shown.collect());
    }
}

/// What the name leads to, as Route 53 has it.
fn record(wanted: &Wanted, seen: &Observation, lines: &mut Vec<Line>) {
    let Some(dns) = &wanted.dns else { return };
    let (state, settled) = match &seen.records {
        Reading::Here(records) => {
            let mut leading = records.iter().filter(|record| record.leads_visitors()).peekable();
            if leading.peek().is_none() {
                return;
            }
            let names: Vec<String> = leading.map(Record::leads_to).collect();
            let pending = seen.change.here().filter(|change| change.status != "INSYNC");
            let pending = pending.map_or_else(String::new, |change| format!(" ({})", change.status));
            (format!("leads to {}{pending}", names.join(", ")), pending.is_empty())
        }
        Reading::Unknown(failure) => (unknown(failure), false),
        Reading::Absent | Reading::NotRead => return,
    };
    push(lines, Kind::Record, format!("record {}", dns.record), state, settled);
}

/// What the guard says, as long as there is anybody to ask about and something to decide.
fn guard(seen: &Observation, memory: &Memory, lines: &mut Vec<Line>) {
    let undecided = seen.service.here().is_some_and(|service| service.desired > 0);
    let Some(reading) = seen.guard.as_ref().filter(|_| undecided) else {
        return;
    };
    let state = match &reading.verdict {
        Verdict::NothingRuns => return,
        Verdict::Quiet if memory.quiet_run.as_ref().is_some_and(|run| run.is_confirmed()) => {
            "nobody is there".to_owned()
        }
        Verdict::Quiet => "nobody is there; watching for a minute".to_owned(),
        Verdict::Busy(lines) => lines.join("; "),
        Verdict::Unknown { reasons, .. } => format!("unknown: {}", reasons.join("; ")),
    };
    push(lines, Kind::Guard, "meeting guard", state, false);
}
