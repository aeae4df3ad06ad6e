//! The `meeting-sentinel` of a task: a container that looks every ten seconds whether somebody is in a room (or jicofo waits
//! for somebody who has asked for one), and keeps its task under scale-in protection meanwhile. It starts protected, and drops the protection after two quiet readings.
//!
//! Only readings whose result can change something are planned, each at a whole number of intervals from the first.

use serde::{Deserialize, Serialize};

use super::lifecycle::{TaskStep, plan};
use super::task_mut;
use crate::clock::Ms;
use crate::world::{Place, World, stable_hash};

/// The container's name.
pub(crate) const SENTINEL: &str = "meeting-sentinel";

/// So many quiet readings in a row, and the protection is dropped.
const QUIET_READINGS: u32 = 2;

/// A sentinel that runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sentinel {
    first_reading: Ms,
    /// The reading that is planned and counts; others were overtaken.
    next_reading: Option<Ms>,
    /// Quiet readings in a row.
    quiet: u32,
    /// When it last protected the task.
    protected_at: Option<Ms>,
}

/// The task runs: where it has a sentinel container, that begins.
pub(super) fn starts(world: &mut World, place: &Place, cluster: &str, id: &str) {
    let now = world.now_ms();
    let (interval, lasting) = (
        world.profile.sentinel_interval.max(1),
        world.profile.sentinel_protection,
    );
    let has_one = |task: &&mut super::Task| task.containers.iter().any(|it| it.name == SENTINEL);
    if task_mut(world, place, cluster, id).filter(has_one).is_none() {
        return;
    }
    let protected = super::protection::renew(world, place, cluster, id, lasting);
    let phase = stable_hash(&[SENTINEL, id]) % interval as u64;
    let first_reading = now + phase as Ms;
    if let Some(task) = task_mut(world, place, cluster, id) {
        task.sentinel = Some(Sentinel {
            first_reading,
            next_reading: None,
            quiet: 0,
            protected_at: protected.then_some(now),
        });
    }
    plan_reading(world, place, cluster, id, first_reading);
}

/// Somebody has come or gone: the next reading sees it.
pub(crate) fn people_moved(world: &mut World, place: &Place, cluster: &str, id: &str) {
    let (now, interval) = (world.now_ms(), world.profile.sentinel_interval.max(1));
    let sentinel = task_mut(world, place, cluster, id).and_then(|task| task.sentinel.clone());
    if let Some(sentinel) = sentinel {
        let at = sentinel.reading_after(now, interval);
        plan_reading(world, place, cluster, id, at);
    }
}

/// A reading.
pub(super) fn reads(world: &mut World, place: &Place, cluster: &str, id: &str) {
    let now = world.now_ms();
    let profile = world.profile.clone();
    let interval = profile.sentinel_interval.max(1);
    let busy = world.meeting_is_on(id) || world.conference_counts(id);
    let Some(task) = task_mut(world, place, cluster, id) else {
        return;
    };
    let is_protected = task.protected(now);
    let Some(sentinel) = task.sentinel.as_mut().filter(|it| it.next_reading == Some(now)) else {
        return;
    };
    sentinel.next_reading = None;
    if !busy {
        sentinel.quiet += 1;
        let next = now + interval;
        match sentinel.quiet {
            quiet if quiet < QUIET_READINGS => plan_reading(world, place, cluster, id, next),
            QUIET_READINGS => super::protection::lift(world, place, cluster, id, None),
            _ => {}
        }
        return;
    }
    sentinel.quiet = 0;
    let due = |at: Ms| now >= at + profile.sentinel_renewal;
    let mut protected_at = sentinel.protected_at.filter(|at| is_protected && !due(*at));
    if protected_at.is_none() && super::protection::renew(world, place, cluster, id, profile.sentinel_protection) {
        protected_at = Some(now);
    }
    let Some(sentinel) = task_mut(world, place, cluster, id).and_then(|task| task.sentinel.as_mut()) else {
        return;
    };
    sentinel.protected_at = protected_at;
    // Where ECS refuses, the next reading tries again.
    let renewal = protected_at.map_or(now, |at| at + profile.sentinel_renewal - 1);
    let next = sentinel.reading_after(renewal.max(now), interval);
    plan_reading(world, place, cluster, id, next);
}

/// The sentinel containers of a service's running tasks exit; gives their number.
pub(crate) fn stop_sentinels(world: &mut World, place: &Place, cluster: &str, service: &str) -> usize {
    let mut stopped = 0;
    for id in super::running_tasks(world, place, cluster, service) {
        let Some(task) = task_mut(world, place, cluster, &id) else {
            continue;
        };
        if task.sentinel.take().is_none() {
            continue;
        }
        for container in task.containers.iter_mut().filter(|it| it.name == SENTINEL) {
            container.exit_code = Some(1);
        }
        task.version += 1;
        stopped += 1;
    }
    stopped
}

impl Sentinel {
    /// The first reading after a time.
    fn reading_after(&self, time: Ms, interval: Ms) -> Ms {
        if time < self.first_reading {
            return self.first_reading;
        }
        self.first_reading + ((time - self.first_reading) / interval + 1) * interval
    }
}

fn plan_reading(world: &mut World, place: &Place, cluster: &str, id: &str, at: Ms) {
    if let Some(sentinel) = task_mut(world, place, cluster, id).and_then(|task| task.sentinel.as_mut()) {
        sentinel.next_reading = Some(at);
        plan(world, place, cluster, id, at, TaskStep::SentinelReads);
    }
}
