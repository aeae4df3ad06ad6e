//! The state of a platform in one word.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::observation::{Observation, Service, Target, Task};
use crate::ownership;
use crate::plan::orphans;
use crate::reading::Reading;
use crate::record;
use crate::wanted::{Wanted, WantedListener};

/// How long a task may take to start before that is not normal any more; images of 2 GiB take some 90 s.
const NORMAL_START: SignedDuration = SignedDuration::from_mins(5);

/// What a platform is, seen from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing is asked for, nothing runs, nothing of ours bills.
    Standby,
    /// Up: tasks run, the load balancer is active, every target is healthy.
    Active,
    /// Tasks are starting or stopping within their normal time.
    Transitional,
    /// Asked for, but something is not as it should be.
    Degraded,
    /// Nothing is asked for and nothing runs, yet something of ours bills.
    Orphaned,
    /// A read that decides between these failed, or was not made.
    Unknown,
}

impl State {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::Active => "active",
            Self::Transitional => "transitional",
            Self::Degraded => "degraded",
            Self::Orphaned => "orphaned",
            Self::Unknown => "unknown",
        }
    }

    /// The state that `seen` shows.
    pub fn of(wanted: &Wanted, seen: &Observation) -> Self {
        Assessment::of(wanted, seen).state
    }
}

/// A state, and what makes it that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// The state.
    pub state: State,
    /// What is not as it should be, what cannot be told, or what bills: one line each. Empty where all is well.
    pub because: Vec<String>,
}

impl Assessment {
    /// Of what `seen` shows.
    pub fn of(wanted: &Wanted, seen: &Observation) -> Self {
        // What is in another account is not this platform.
        if let (Some(ours), Some(account)) = (&wanted.account_id, seen.account())
            && ours != account
        {
            let line = format!("the credentials are for account {account}, the configuration names {ours}");
            return Self::unknown(vec![line]);
        }
        let (service, tasks) = match (&seen.service, &seen.tasks) {
            (Reading::Here(service), Reading::Here(tasks)) => (service, tasks),
            (Reading::Absent, _) => {
                return Self::unknown(vec![format!(
                    "there is no service `{}` in cluster `{}` of {}",
                    wanted.service, wanted.cluster, wanted.region
                )]);
            }
            (service, tasks) => {
                let unread = [not_read("the service", service), not_read("the tasks", tasks)];
                return Self::unknown(unread.into_iter().flatten().collect());
            }
        };
        if service.desired == 0 {
            return Self::at_zero(wanted, seen, service, tasks);
        }
        let mut found = Found::default();
        found.tasks(service, tasks);
        found.balancer(wanted, seen, tasks);
        if !found.missing.is_empty() {
            let stopping = tasks.iter().any(|t| t.is_ending() && !t.is_stopped());
            let starting = tasks.iter().any(|t| is_starting(t, seen.at));
            let state = if starting || stopping {
                State::Transitional
            } else {
                State::Degraded
            };
            let because = found.missing;
            return Self { state, because };
        }
        if !found.unknown.is_empty() {
            return Self::unknown(found.unknown);
        }
        Self {
            state: State::Active,
            because: Vec::new(),
        }
    }

    fn unknown(because: Vec<String>) -> Self {
        Self {
            state: State::Unknown,
            because,
        }
    }

    /// Nothing is asked for.
    fn at_zero(wanted: &Wanted, seen: &Observation, service: &Service, tasks: &[Task]) -> Self {
        let mut bills = Vec::new();
        match &seen.load_balancer {
            Reading::Here(balancer) => match ownership::is_ours(seen, &balancer.arn) {
                Some(true) => bills.push(format!("load balancer `{}` exists, and bills", balancer.name)),
                Some(false) => {}
                None => {
                    let line = format!("whose load balancer `{}` is could not be read", balancer.name);
                    return Self::unknown(vec![line]);
                }
            },
            Reading::Absent => {}
            unread => return Self::unknown(not_read("the load balancer", unread).into_iter().collect()),
        }
        if let Some(fleet) = seen.fleet.here() {
            let (balancers, _) = orphans::of_ours(fleet, wanted, service);
            bills.extend(balancers.iter().map(|found| {
                let name = &found.name;
                format!("load balancer `{name}` is this platform's by its tags, and bills")
            }));
        }
        let living = tasks.iter().filter(|t| !t.is_stopped()).count();
        let unread = match &seen.fleet {
            Reading::Unknown(_) => not_read("load balancers under other names", &seen.fleet),
            // Not every operation asks for them.
            _ => None,
        };
        let (state, because) = if living > 0 || service.running > 0 || service.pending > 0 {
            (
                State::Transitional,
                vec![counted(living, "task has", "tasks have") + " not stopped yet"],
            )
        } else if !bills.is_empty() {
            (State::Orphaned, bills)
        } else if unread.is_some() {
            (State::Unknown, unread.into_iter().collect())
        } else {
            (State::Standby, bills)
        };
        Self { state, because }
    }
}

/// What is not as it should be at a platform that is asked for, and what of that could not be read.
#[derive(Default)]
struct Found {
    missing: Vec<String>,
    unknown: Vec<String>,
}

impl Found {
    fn tasks(&mut self, service: &Service, tasks: &[Task]) {
        let running: Vec<&Task> = tasks.iter().filter(|t| !t.is_ending()).collect();
        if running.len() != service.desired as usize {
            let there = counted(running.len(), "task is", "tasks are");
            self.missing
                .push(format!("{there} there, {} asked for", service.desired));
        }
        for task in running {
            let id = task.short_id();
            if !task.is_running() {
                self.missing.push(format!("task {id} is {}", task.last_status));
            } else if task.health == "UNHEALTHY" {
                self.missing.push(format!("task {id} is UNHEALTHY"));
            }
        }
    }

    fn balancer(&mut self, wanted: &Wanted, seen: &Observation, tasks: &[Task]) {
        let name = &wanted.load_balancer;
        let balancer = match &seen.load_balancer {
            Reading::Here(balancer) => balancer,
            Reading::Absent => return self.missing.push(format!("load balancer `{name}` does not exist")),
            unread => return self.unknown.extend(not_read("the load balancer", unread)),
        };
        if balancer.state != "active" {
            self.missing
                .push(format!("load balancer `{name}` is {}", balancer.state));
        }
        for listener in &wanted.listeners {
            self.listener(seen, listener, tasks);
        }
        // Not every operation asks for the record.
        match (&wanted.dns, &seen.records) {
            (None, _) | (_, Reading::NotRead) => {}
            (Some(_), Reading::Unknown(_)) => self.unknown.extend(not_read("the record", &seen.records)),
            (Some(dns), records) => {
                let zone_id = balancer.zone_id.as_deref().unwrap_or_default();
                let mut records = records.here().into_iter().flatten();
                if !records.any(|record| record::leads_to(record, &balancer.dns_name, zone_id)) {
                    let line = format!("`{}` does not lead to load balancer `{name}`", dns.record);
                    self.missing.push(line);
                }
            }
        }
    }

    fn listener(&mut self, seen: &Observation, listener: &WantedListener, tasks: &[Task]) {
        match &seen.listeners {
            Reading::Here(listeners) if listeners.iter().any(|l| l.port == listener.port) => {}
            // The way down does not ask for them.
            Reading::NotRead => {}
            Reading::Here(_) | Reading::Absent => {
                let line = format!(
                    "the load balancer does not listen on {}/{}",
                    listener.port, listener.protocol
                );
                self.missing.push(line);
            }
            unread @ Reading::Unknown(_) => self.unknown.extend(not_read("the listeners", unread)),
        }
        let group = &listener.group.name;
        match seen.target_groups.get(group) {
            Some(Reading::Here(_)) => {}
            Some(Reading::Absent) => return self.missing.push(format!("target group `{group}` does not exist")),
            reading => {
                let unread = not_read(&format!("target group `{group}`"), reading.unwrap_or(&Reading::NotRead));
                return self.unknown.extend(unread);
            }
        }
        let Some(targets) = seen.targets_in(group) else {
            let reading = seen.targets.get(group).unwrap_or(&Reading::NotRead);
            return self
                .unknown
                .extend(not_read(&format!("the targets of `{group}`"), reading));
        };
        let unhealthy = targets.iter().filter(|t| t.is_registered() && !t.is_healthy());
        self.missing.extend(unhealthy.map(|target| said(target, group)));
        for task in tasks.iter().filter(|t| t.is_running()) {
            let address = task.private_ip.as_deref();
            let is_its = |t: &Target| Some(t.id.as_str()) == address && t.port == listener.group.port;
            if !targets.iter().any(|t| t.is_registered() && is_its(t)) {
                let id = task.short_id();
                self.missing
                    .push(format!("task {id} is not registered in target group `{group}`"));
            }
        }
    }
}

/// A target that is not healthy.
fn said(target: &Target, group: &str) -> String {
    let reason = target
        .reason
        .as_deref()
        .map_or_else(String::new, |reason| format!(" ({reason})"));
    let Target { id, port, state, .. } = target;
    format!("target {id}:{port} of `{group}` is {state}{reason}")
}

/// `what` could not be read, and why; nothing where it is known.
fn not_read<T>(what: &str, reading: &Reading<T>) -> Option<String> {
    match reading {
        Reading::Here(_) | Reading::Absent => None,
        Reading::NotRead => Some(format!("{what} could not be read")),
        Reading::Unknown(failure) => {
            let (call, reason) = (&failure.call, failure.in_short());
            Some(format!(
                "{what} could not be read: {} {}: {reason}",
                call.service, call.operation
            ))
        }
    }
}

fn counted(n: usize, one: &str, many: &str) -> String {
    let word = if n == 1 { one } else { many };
    format!("{n} {word}")
}

fn is_starting(task: &Task, now: Timestamp) -> bool {
    let young = task.created_at.is_some_and(|at| now.duration_since(at) < NORMAL_START);
    young && !task.is_running() && !task.is_ending()
}
