//! The state of a platform in one word.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::observation::{Identity, Observation, Task};
use crate::ownership;
use crate::reading::Reading;
use crate::record;
use crate::wanted::Wanted;

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
        // What is in another account is not this platform.
        let elsewhere = |i: &Identity| wanted.account_id.as_ref().is_some_and(|account| *account != i.account);
        if seen.identity.here().is_some_and(elsewhere) {
            return Self::Unknown;
        }
        let (Reading::Here(service), Reading::Here(tasks)) = (&seen.service, &seen.tasks) else {
            return Self::Unknown;
        };
        let bills = match &seen.load_balancer {
            Reading::Here(balancer) => match ownership::is_ours(seen, &balancer.arn) {
                Some(ours) => ours,
                None => return Self::Unknown,
            },
            Reading::Absent => false,
            Reading::NotRead | Reading::Unknown(_) => return Self::Unknown,
        };
        let stopping = tasks.iter().any(|t| t.is_ending() && !t.is_stopped());
        if service.desired == 0 {
            let living = tasks.iter().any(|t| !t.is_stopped());
            return match (living || service.running > 0 || service.pending > 0, bills) {
                (true, _) => Self::Transitional,
                (false, true) => Self::Orphaned,
                (false, false) => Self::Standby,
            };
        }
        match is_up(wanted, seen, service.desired as usize, tasks) {
            Some(true) => return Self::Active,
            Some(false) => {}
            None => return Self::Unknown,
        }
        let starting = tasks.iter().any(|t| is_starting(t, seen.at));
        if starting || stopping {
            Self::Transitional
        } else {
            Self::Degraded
        }
    }
}

/// Whether all tasks run, the load balancer is active and listens, and every target is healthy; `None`: not known.
fn is_up(wanted: &Wanted, seen: &Observation, desired: usize, tasks: &[Task]) -> Option<bool> {
    let well = |t: &&Task| t.is_running() && t.health != "UNHEALTHY";
    let running: Vec<&Task> = tasks.iter().filter(|t| !t.is_ending()).collect();
    if running.len() != desired || !running.iter().all(well) {
        return Some(false);
    }
    match &seen.load_balancer {
        Reading::Here(balancer) if balancer.state == "active" => {}
        Reading::Here(_) | Reading::Absent => return Some(false),
        Reading::NotRead | Reading::Unknown(_) => return None,
    }
    for listener in &wanted.listeners {
        let heard = match &seen.listeners {
            Reading::Here(listeners) => listeners.iter().any(|l| l.port == listener.port),
            // The way down does not ask for them.
            Reading::NotRead => true,
            Reading::Absent => false,
            Reading::Unknown(_) => return None,
        };
        match seen.target_groups.get(&listener.group.name) {
            Some(Reading::Here(_)) => {}
            Some(Reading::Absent) => return Some(false),
            _ => return None,
        }
        let targets = seen.targets_in(&listener.group.name)?;
        let healthy = |task: &&Task| {
            let address = task.private_ip.as_deref();
            targets
                .iter()
                .any(|t| t.is_healthy() && Some(t.id.as_str()) == address && t.port == listener.group.port)
        };
        let registered_are_healthy = targets.iter().filter(|t| t.is_registered()).all(|t| t.is_healthy());
        if !(heard && registered_are_healthy && running.iter().all(healthy)) {
            return Some(false);
        }
    }
    is_led_to(wanted, seen)
}

/// Whether the record leads to the load balancer; `None`: not known.
fn is_led_to(wanted: &Wanted, seen: &Observation) -> Option<bool> {
    let balancer = seen.load_balancer.here()?;
    match (&wanted.dns, &seen.records) {
        // Not every operation asks for it.
        (None, _) | (_, Reading::NotRead) => Some(true),
        (Some(_), Reading::Unknown(_)) => None,
        (Some(_), records) => {
            let zone_id = balancer.zone_id.as_deref().unwrap_or_default();
            let mut records = records.here().into_iter().flatten();
            Some(records.any(|record| record::leads_to(record, &balancer.dns_name, zone_id)))
        }
    }
}

fn is_starting(task: &Task, now: Timestamp) -> bool {
    let young = task.created_at.is_some_and(|at| now.duration_since(at) < NORMAL_START);
    young && !task.is_running() && !task.is_ending()
}
