//! What a run remembers from one look to the next: plain values beside the observation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use crate::clock::between;
use crate::failure::AwsFailure;
use crate::guard::{GuardReading, QuietRun, Verdict};
use crate::keep::Wish;
use crate::observation::{LoadBalancer, Observation, Task};
use crate::observe::LIST_RECORDS;
use crate::reading::Reading;
use crate::record::Record;
use crate::step::Step;
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

/// Under which key it is remembered that nothing of ours exists under another name.
pub const ORPHANS: &str = "orphans";

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

/// What was seen last of what costs money, kept when a later look fails.
#[derive(Clone, Debug, Default)]
pub struct LastSeen {
    /// The load balancer.
    pub balancer: Option<LoadBalancer>,
    /// The service's desired count.
    pub desired: u32,
    /// Tasks that were not over.
    pub tasks: Vec<Task>,
}

/// What this run knows from earlier looks.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Tasks that were ending or over when this run first looked; they are not judged.
    old_tasks: Option<BTreeSet<String>>,
    /// Tasks that were over when this run first looked.
    over_tasks: BTreeSet<String>,
    /// Whether nothing was asked for, and no task was left, when this run first looked.
    pub began_at_zero: bool,
    /// Whether nothing had reached RUNNING when this run first looked. `None`: not known yet.
    pub began_idle: Option<bool>,
    /// Whether any task has reached RUNNING while this run watched.
    pub reached_running: bool,
    /// When this run last asked the service for no tasks, whatever became of the call.
    pub lowered_at: Option<Timestamp>,
    /// What the guard had said when this run last asked for no tasks.
    pub lowered_on: Option<GuardReading>,
    /// The desired count that this run set, and when AWS accepted it.
    pub desired_set: Option<(u32, Timestamp)>,
    /// Calls that start something that costs money, whose answer has not come, and since when.
    pub unanswered: Vec<(Step, Timestamp)>,
    /// What was seen last of what costs money.
    pub last_seen: LastSeen,
    /// When AWS last answered a call of this run.
    pub answered_at: Option<Timestamp>,
    /// Since when this run has seen the load balancer active; targets cannot get healthy before.
    pub active_since: Option<Timestamp>,
    /// The load balancer that this run has seen become active, and when, by AWS's clock where that is known. AWS charges for it
    /// from then on.
    pub turned_active: Option<(String, Timestamp)>,
    /// The guard's readings that found nobody, as long as none in between did.
    pub quiet_run: Option<QuietRun>,
    /// Since when the guard could not tell, without interruption.
    pub unknown_since: Option<Timestamp>,
    /// Until when this run leases the platform (`scale-up --for`), by AWS's clock.
    pub lease_until: Option<Timestamp>,
    /// Until when this run holds the platform (`scale-down --hold-until`), by AWS's clock.
    pub hold_until: Option<Timestamp>,
    /// Why the record could not be read or removed lately, and since when not.
    pub record_trouble: Option<(AwsFailure, Timestamp)>,
    /// Service events that were there when this run first looked.
    old_events: Option<BTreeSet<String>>,
    absences: BTreeMap<String, Sightings>,
    strays: BTreeMap<TargetKey, Sightings>,
}

impl Memory {
    /// Takes note of what `seen` says about the past of the run. Called after every round of a look.
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
                let over = tasks.iter().filter(|t| t.is_stopped());
                self.over_tasks = over.map(|t| t.arn.clone()).collect();
                self.began_at_zero = service.desired == 0 && tasks.iter().all(Task::is_stopped);
                // Where a task is asked for, one that ran and stopped has people who are waiting for its successor.
                let somebody = |t: &Task| t.has_run() && (!t.is_stopped() || service.desired > 0);
                self.began_idle = Some(!tasks.iter().any(somebody) && service.running == 0);
            }
            self.reached_running |= tasks.iter().any(|t| t.has_run() && !self.is_old(t));
        }
        let balancer = seen.load_balancer.here();
        let active = balancer.is_some_and(LoadBalancer::is_active);
        let was_not = |b: &&LoadBalancer| {
            let before = self.last_seen.balancer.as_ref();
            before.is_some_and(|before| before.arn == b.arn && !before.is_active())
        };
        if let Some(balancer) = balancer.filter(|_| active).filter(was_not) {
            self.turned_active = Some((balancer.arn.clone(), seen.aws_at.unwrap_or(seen.at)));
        }
        self.active_since = if active {
            self.active_since.or(Some(seen.at))
        } else {
            None
        };
        self.keep_last(seen);
        self.settle_unanswered(seen, wanted);
        if let (Some(time), None, Some(now)) = (wanted.lease, self.lease_until, seen.aws_at) {
            self.lease_until = now.saturating_add(time).ok();
        }
        if let (Some(Wish::Until(moment)), None, Some(now)) = (&wanted.hold, self.hold_until, seen.aws_at) {
            self.hold_until = moment.after(now);
        }
    }

    /// Takes note of the guard's newest reading.
    pub fn note_guard(&mut self, seen: &Observation, wanted: &Wanted) {
        let Some(reading) = &seen.guard else { return };
        self.quiet_run = QuietRun::after(self.quiet_run.take(), reading, wanted.overrule);
        self.unknown_since = match reading.verdict {
            Verdict::Unknown { .. } => self.unknown_since.or(Some(seen.at)),
            _ => None,
        };
    }

    /// Takes note of whether the records can be read.
    pub fn note_records(&mut self, reading: &Reading<Vec<Record>>, at: Timestamp) {
        match reading {
            Reading::Unknown(failure) => self.note_record_trouble(failure, at),
            Reading::Here(_) => {
                let of_reading = |(failure, _): &(AwsFailure, Timestamp)| failure.call.operation == LIST_RECORDS;
                self.record_trouble.take_if(|trouble| of_reading(trouble));
            }
            Reading::NotRead | Reading::Absent => {}
        }
    }

    /// Reading the record, or removing it, has failed.
    pub fn note_record_trouble(&mut self, failure: &AwsFailure, at: Timestamp) {
        let since = self.record_trouble.as_ref().map_or(at, |(_, since)| *since);
        self.record_trouble = Some((failure.clone(), since));
    }

    /// Takes note of whether anything of ours exists under another name.
    pub fn note_orphans(&mut self, none: bool, at: Timestamp) {
        if none {
            let sightings = self
                .absences
                .entry(ORPHANS.to_owned())
                .or_insert(Sightings { first: at, last: at });
            sightings.last = at;
        } else {
            self.absences.remove(ORPHANS);
        }
    }

    /// Forgets what was seen to be absent: somebody else may have been at work since.
    pub fn forget_absences(&mut self) {
        self.absences.clear();
    }

    /// Imagines that it has been quiet for long enough, if it is quiet now: for a look ahead.
    pub fn imagine_quiet(&mut self) {
        self.quiet_run = self.quiet_run.take().map(QuietRun::imagine_confirmed);
    }

    /// Imagines that what is absent was seen to be so twice: for a look ahead.
    pub fn imagine_absent(&mut self, key: &str) {
        let long_ago = Sightings {
            first: Timestamp::MIN,
            last: Timestamp::MAX,
        };
        self.absences.insert(key.to_owned(), long_ago);
    }

    fn keep_last(&mut self, seen: &Observation) {
        match &seen.load_balancer {
            Reading::Here(balancer) => self.last_seen.balancer = Some(balancer.clone()),
            Reading::Absent => self.last_seen.balancer = None,
            Reading::NotRead | Reading::Unknown(_) => {}
        }
        if let Reading::Here(service) = &seen.service {
            self.last_seen.desired = service.desired;
        }
        if let Reading::Here(tasks) = &seen.tasks {
            self.last_seen.tasks = tasks.iter().filter(|t| !t.is_stopped()).cloned().collect();
        }
    }

    /// What an unanswered call has made, or not, shows in a later look.
    fn settle_unanswered(&mut self, seen: &Observation, wanted: &Wanted) {
        let balancer_shows =
            seen.load_balancer.here().is_some() || self.surely_absent(&balancer_key(&wanted.load_balancer));
        let desired = seen.service.here().map(|s| s.desired);
        self.unanswered.retain(|(step, since)| match step {
            Step::CreateLoadBalancer { .. } => !balancer_shows,
            Step::RaiseDesiredCount { desired: asked, .. } => {
                desired != Some(*asked) && (desired.is_none() || between(*since, seen.at) < STALE_FOR)
            }
            _ => false,
        });
    }

    /// A call that may start something that costs money is made now.
    pub fn begins(&mut self, step: &Step, wanted: &Wanted, seen: &Observation, at: Timestamp) {
        if step.starts_billing() && !self.unanswered.iter().any(|(other, _)| other == step) {
            self.unanswered.push((step.clone(), at));
        }
        // From here on it may be there, so earlier absences prove nothing.
        match step {
            Step::ScaleToZero { .. } => {
                self.lowered_at = Some(at);
                self.lowered_on.clone_from(&seen.guard);
                None
            }
            Step::CreateLoadBalancer { .. } => self.absences.remove(&balancer_key(&wanted.load_balancer)),
            Step::CreateTargetGroup { group, .. } => self.absences.remove(&group_key(&group.name)),
            _ => None,
        };
    }

    /// AWS has said what became of the call.
    pub fn is_answered(&mut self, step: &Step) {
        self.unanswered.retain(|(other, _)| other != step);
    }

    /// Whether this run has raised the desired count, or has tried to and not heard what became of it.
    pub fn may_have_raised(&self) -> bool {
        let raised = self.desired_set.is_some_and(|(desired, _)| desired > 0);
        raised
            || self
                .unanswered
                .iter()
                .any(|(step, _)| matches!(step, Step::RaiseDesiredCount { .. }))
    }

    /// Whether the task had ended, or was ending, before this run looked for the first time.
    pub fn is_old(&self, task: &Task) -> bool {
        self.old_tasks.as_ref().is_some_and(|old| old.contains(&task.arn))
    }

    /// Whether the task was over before this run looked for the first time.
    pub fn was_over(&self, task: &Task) -> bool {
        self.over_tasks.contains(&task.arn)
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

    /// Whether some registered target has been no task of ours once, and waits for a second look.
    pub fn has_strays(&self) -> bool {
        !self.strays.is_empty()
    }

    /// Takes note of registered targets that belong to no task of ours, running or stopping. Called only when tasks and
    /// targets were both read just now: two looks must be two looks at both.
    pub fn note_strays(&mut self, seen: &Observation, wanted: &Wanted) {
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
                // A live task's address is none, at whatever port it is registered.
                if target.is_registered() && !ours.contains(target.id.as_str()) {
                    let key = (group.name.clone(), target.id.clone(), target.port);
                    let first = self.strays.get(&key).map_or(seen.at, |s| s.first);
                    strays.insert(key, Sightings { first, last: seen.at });
                }
            }
        }
        self.strays = strays;
    }
}
