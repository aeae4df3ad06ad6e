//! What a run remembers from one look to the next: plain values beside the observation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::between;
use crate::observation::{Observation, Task};
use crate::reading::Reading;
use crate::wanted::Wanted;

/// How far apart two looks must lie before what both missed counts as absent: reads at AWS can be stale for seconds.
pub const TWICE_APART: Duration = Duration::from_secs(5);

/// How long after our UpdateService a read may still show the old desired count.
pub const STALE_FOR: Duration = Duration::from_secs(15);

/// A target: target group name, address, port.
pub type TargetKey = (String, String, u16);

/// Under which key the absence of the load balancer is remembered.
pub fn balancer_key(name: &str) -> String {
    format!("load balancer {name}")
}

/// Under which key the absence of a target group is remembered.
pub fn group_key(name: &str) -> String {
    format!("target group {name}")
}

/// First and last time that something was seen, without interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sightings {
    first: Timestamp,
    last: Timestamp,
}

impl Sightings {
    fn confirmed(self) -> bool {
        between(self.first, self.last) >= TWICE_APART
    }
}

/// What this run knows from earlier looks.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Tasks that were ending or over when this run first looked; they are not judged.
    old_tasks: Option<BTreeSet<String>>,
    /// Whether nothing had reached RUNNING when this run first looked. `None`: not known yet.
    pub began_idle: Option<bool>,
    /// Whether any task has reached RUNNING while this run watched.
    pub reached_running: bool,
    /// The desired count that this run set, and when AWS accepted it.
    pub desired_set: Option<(u32, Timestamp)>,
    /// Whether AWS has answered any call of this run.
    pub answered: bool,
    /// Since when this run has seen the load balancer active; targets cannot get healthy before.
    pub active_since: Option<Timestamp>,
    /// Service events that were there when this run first looked.
    old_events: Option<BTreeSet<String>>,
    absences: BTreeMap<String, Sightings>,
    strays: BTreeMap<TargetKey, Sightings>,
}

impl Memory {
    /// Takes note of what `seen` says about the past of the run. Called after every look.
    pub fn take_note(&mut self, seen: &Observation, wanted: &Wanted) {
        if let Reading::Here(service) = &seen.service
            && self.old_events.is_none()
        {
            self.old_events = Some(service.events.iter().map(|e| e.id.clone()).collect());
        }
        if let (Reading::Here(tasks), Reading::Here(service)) = (&seen.tasks, &seen.service) {
            if self.old_tasks.is_none() {
                let ending = tasks.iter().filter(|t| t.is_ending());
                self.old_tasks = Some(ending.map(|t| t.arn.clone()).collect());
                let somebody = tasks.iter().any(|t| !t.is_stopped() && t.has_run());
                self.began_idle = Some(!somebody && service.running == 0);
            }
            self.reached_running |= tasks.iter().any(|t| t.has_run() && !self.is_old(t));
        }
        let active = seen.load_balancer.here().is_some_and(|b| b.state.starts_with("active"));
        self.active_since = if active {
            self.active_since.or(Some(seen.at))
        } else {
            None
        };
        self.note_strays(seen, wanted);
    }

    /// Whether the task had ended, or was ending, before this run looked for the first time.
    pub fn is_old(&self, task: &Task) -> bool {
        self.old_tasks.as_ref().is_some_and(|old| old.contains(&task.arn))
    }

    /// Service events that came while this run watched, oldest first.
    pub fn new_events<'s>(&self, seen: &'s Observation) -> Vec<&'s crate::observation::ServiceEvent> {
        let (Some(old), Some(service)) = (&self.old_events, seen.service.here()) else {
            return Vec::new();
        };
        service.events.iter().rev().filter(|e| !old.contains(&e.id)).collect()
    }

    /// What to believe of `key` now that a look gave `new`, having believed `before`.
    ///
    /// An absence of what was there counts only when seen twice, [`TWICE_APART`].
    pub fn settle<T: Clone>(&mut self, key: &str, before: &Reading<T>, new: Reading<T>, at: Timestamp) -> Reading<T> {
        match new {
            Reading::Absent => {
                let sightings = self
                    .absences
                    .entry(key.to_owned())
                    .or_insert(Sightings { first: at, last: at });
                sightings.last = at;
                if matches!(before, Reading::Here(_)) && !sightings.confirmed() {
                    before.clone()
                } else {
                    Reading::Absent
                }
            }
            Reading::Here(_) => {
                self.absences.remove(key);
                new
            }
            other => other,
        }
    }

    /// Whether the absence of `key` was seen twice, far enough apart.
    pub fn surely_absent(&self, key: &str) -> bool {
        self.absences.get(key).is_some_and(|s| s.confirmed())
    }

    /// Whether this registered target has been no task of ours in two looks, far enough apart.
    pub fn surely_stray(&self, key: &TargetKey) -> bool {
        self.strays.get(key).is_some_and(|s| s.confirmed())
    }

    /// Registered targets that belong to no task of ours, running or stopping.
    fn note_strays(&mut self, seen: &Observation, wanted: &Wanted) {
        let Reading::Here(tasks) = &seen.tasks else { return };
        let ours: BTreeSet<&str> = tasks
            .iter()
            .filter(|t| !t.is_stopped())
            .filter_map(|t| t.private_ip.as_deref())
            .collect();
        let mut strays = BTreeMap::new();
        for listener in &wanted.listeners {
            let group = &listener.group;
            for target in seen.targets_in(&group.name).unwrap_or_default() {
                let stray = target.is_registered() && !(ours.contains(target.id.as_str()) && target.port == group.port);
                if stray {
                    let key = (group.name.clone(), target.id.clone(), target.port);
                    let first = self.strays.get(&key).map_or(seen.at, |s| s.first);
                    strays.insert(key, Sightings { first, last: seen.at });
                }
            }
        }
        self.strays = strays;
    }
}
