//! The service scheduler: it looks at a service some seconds after something changed, and starts or stops tasks.

use super::deployments::{Rollout, wanted};
use super::services::{EcsService, tasks_of};
use super::starting::{Start, start_task};
use super::stopping::{StopCause, Taken, stop_task};
use super::tasks::{Phase, Task};
use super::{Cluster, service_mut};
use crate::clock::Ms;
use crate::world::{CutOffBy, Event, Place, TimeProfile, World};

/// Makes the scheduler look at a service at a time, unless it looks earlier anyway.
pub(crate) fn plan_reconcile(world: &mut World, place: &Place, cluster: &str, service: &str, at: Ms) {
    let Some(found) = service_mut(world, place, cluster, service) else {
        return;
    };
    if found.next_look.is_some_and(|planned| planned <= at) {
        return;
    }
    found.next_look = Some(at);
    let (place, cluster, service) = (place.clone(), cluster.to_owned(), service.to_owned());
    world.queue.push(
        at,
        Event::Reconcile {
            place,
            cluster,
            service,
        },
    );
}

/// After this many failed starts in a row a service says so.
const CONSISTENT_FAILURES: u32 = 3;

/// Something about a task of the service has changed: look at once. A new task comes no earlier than `start_not_before`.
pub(super) fn look_soon(world: &mut World, place: &Place, cluster: &str, service: Option<&str>) {
    if let Some(service) = service {
        let now = world.now_ms();
        plan_reconcile(world, place, cluster, service, now);
    }
}

/// The same before anything else happens at this moment: a protection that ends must not be renewed by a reading of the
/// same millisecond.
pub(super) fn look_at_once(world: &mut World, place: &Place, cluster: &str, service: Option<&str>) {
    look_soon(world, place, cluster, service);
    if let Some(service) = service {
        reconcile(world, place, cluster, service);
    }
}

/// What the scheduler does at one look.
#[derive(Debug, Default, PartialEq)]
struct Decision {
    start: u32,
    /// Task ids.
    stop: Vec<String>,
    /// Tasks that would be stopped but are protected.
    spared: u32,
    steady: bool,
}

/// Looks at a service, and does what is to be done.
pub(crate) fn reconcile(world: &mut World, place: &Place, cluster_key: &str, name: &str) {
    let now = world.now_ms();
    let honoured_at_zero = world.behaviour.protection_honoured_at_zero;
    let Some(cluster) = world.region(place).ecs.clusters.get_mut(cluster_key) else {
        return;
    };
    let Some(service) = cluster.services.get_mut(name) else {
        return;
    };
    // An earlier look has been planned instead, and has been had.
    if service.next_look.take_if(|planned| *planned <= now).is_none() || service.status == "INACTIVE" {
        return;
    }
    let cluster = &*cluster;
    let service = &cluster.services[name];
    let honoured = honoured_at_zero || service.desired > 0;
    let decision = decide(cluster, service, now, honoured);
    let deployment = service.primary().id.clone();
    if !decision.stop.is_empty() {
        stop_surplus(world, place, cluster_key, name, &decision.stop, &deployment);
    }
    if decision.spared > 0 {
        let text =
            "was unable to scale in. Reason: The number of protected tasks are more than the desired count of tasks";
        tell_once(world, place, cluster_key, name, text);
    }
    if decision.start > 0 {
        start_missing(world, place, cluster_key, name, decision.start);
    }
    if decision.steady {
        settle(world, place, cluster_key, name);
    }
    let alive = |task: &Task| task.service.as_deref() == Some(name) && task.phase != Phase::Stopped;
    let all_gone = world
        .region(place)
        .ecs
        .clusters
        .get(cluster_key)
        .is_some_and(|it| !it.tasks.values().any(alive));
    if let Some(service) = service_mut(world, place, cluster_key, name).filter(|it| it.deleted && all_gone) {
        service.status = "INACTIVE".to_owned();
        service.inactive_since = Some(now);
    }
}

/// What is to be started and stopped.
fn decide(cluster: &Cluster, service: &EcsService, now: Ms, honour_protection: bool) -> Decision {
    let desired = if service.status == "ACTIVE" {
        service.desired as usize
    } else {
        0
    };
    let primary = service.primary();
    let current = wanted(cluster, &service.name, &primary.id);
    let older: Vec<&Task> = tasks_of(cluster, &service.name)
        .filter(|task| task.wanted() && task.deployment.as_deref() != Some(&primary.id))
        .collect();
    let running = current.iter().filter(|task| task.phase == Phase::Running).count();
    let percent = |percent: u32| desired * percent as usize;
    let most = (percent(service.deployment_configuration.maximum_percent) / 100).max(1);
    let least = percent(service.deployment_configuration.minimum_healthy_percent).div_ceil(100);
    let lacking = desired.saturating_sub(current.len());
    let room = if older.is_empty() {
        lacking
    } else {
        most.saturating_sub(current.len() + older.len())
    };
    let start = if primary.rollout == Rollout::Failed {
        0
    } else {
        lacking.min(room)
    };
    // Older tasks go as newer ones run; where there is no room for newer ones, down to the least healthy share.
    let keep = if lacking > 0 && room == 0 { least } else { desired }.saturating_sub(running);
    let (mut stop, mut spared) = (Vec::new(), 0);
    for (mut tasks, keep) in [(older, keep), (current, desired)] {
        let surplus = tasks.len().saturating_sub(keep);
        let free = |task: &Task| !(honour_protection && task.protected(now));
        let protected = tasks.iter().filter(|task| !free(task)).count();
        // Those that do not run yet go first, then the newest.
        tasks.sort_by_key(|task| (task.phase == Phase::Running, std::cmp::Reverse(task.times.created)));
        stop.extend(
            tasks
                .iter()
                .filter(|task| free(task))
                .take(surplus)
                .map(|task| task.id.clone()),
        );
        spared += surplus.saturating_sub(tasks.len() - protected);
    }
    let only_current =
        tasks_of(cluster, &service.name).all(|task| !task.wanted() || task.deployment.as_deref() == Some(&primary.id));
    let steady = only_current && start == 0 && stop.is_empty() && spared == 0 && lacking == 0 && running == desired;
    Decision {
        start: start as u32,
        stop,
        spared: spared as u32,
        steady,
    }
}

fn stop_surplus(world: &mut World, place: &Place, cluster: &str, name: &str, tasks: &[String], deployment: &str) {
    for task in tasks {
        let taken = taken_by(world, place, cluster, name, task);
        stop_task(world, place, cluster, task, StopCause::scaling(deployment, taken));
    }
    let list: Vec<String> = tasks.iter().map(|task| format!("(task {task})")).collect();
    let text = format!("has stopped {} running tasks: {}.", tasks.len(), list.join(" "));
    tell(world, place, cluster, name, &text);
}

/// What takes a task away that the scheduler stops.
fn taken_by(world: &mut World, place: &Place, cluster: &str, name: &str, id: &str) -> Taken {
    let cluster = world.region(place).ecs.clusters.get(cluster);
    let found = cluster.and_then(|it| it.services.get(name).zip(it.tasks.get(id)));
    let Some((service, task)) = found else {
        return Taken::new(CutOffBy::DesiredCount, None);
    };
    let (lowered, call) = service.lowered.unwrap_or_default();
    if task.deployment.as_deref() != Some(&service.primary().id) {
        return Taken::new(CutOffBy::Deployment, service.replaced_by);
    }
    match &task.lapse {
        Some(lapse) if lapse.at < lowered => Taken::new(CutOffBy::DesiredCount, call),
        Some(lapse) if lapse.lifted => Taken::new(CutOffBy::ProtectionLifted, lapse.call),
        Some(_) => Taken::new(CutOffBy::ProtectionExpired, call),
        None => Taken::new(CutOffBy::DesiredCount, call),
    }
}

fn start_missing(world: &mut World, place: &Place, cluster_key: &str, name: &str, count: u32) {
    let now = world.now_ms();
    let Some(service) = service_mut(world, place, cluster_key, name) else {
        return;
    };
    if now < service.start_not_before {
        let (at, failures) = (service.start_not_before, service.failures);
        if failures >= CONSISTENT_FAILURES {
            tell_once(
                world,
                place,
                cluster_key,
                name,
                "is unable to consistently start tasks successfully.",
            );
        }
        plan_reconcile(world, place, cluster_key, name, at);
        return;
    }
    let (arn, on_fargate) = (service.arn.clone(), service.on_fargate());
    if !on_fargate || world.behaviour.no_capacity.contains(&arn) {
        let text = if on_fargate {
            "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a \
             different availability zone. For more information, see the Troubleshooting section of the Amazon ECS \
             Developer Guide."
        } else {
            "was unable to place a task because no container instance met all of its requirements. Reason: No Container \
             Instances were found in your cluster. For more information, see the Troubleshooting section of the Amazon \
             ECS Developer Guide."
        };
        tell_once(world, place, cluster_key, name, text);
        let at = now + world.profile.placement_retry;
        plan_reconcile(world, place, cluster_key, name, at);
        return;
    }
    let mut started = Vec::new();
    let mut subnets = tasks_by_subnet(world, place, cluster_key, name);
    for _ in 0..count {
        let Some((subnet, tasks)) = subnets.iter_mut().min_by_key(|(_, tasks)| *tasks) else {
            break;
        };
        let fate = world.behaviour.draw_fate(&arn);
        let start = Start {
            cluster: cluster_key,
            service: name,
            subnet: subnet.clone(),
        };
        if let Some(task) = start_task(world, place, &start, fate) {
            *tasks += 1;
            started.push(task);
        }
    }
    if !started.is_empty() {
        let list: Vec<String> = started.iter().map(|task| format!("(task {task})")).collect();
        tell(
            world,
            place,
            cluster_key,
            name,
            &format!("has started {} tasks: {}.", started.len(), list.join(" ")),
        );
    }
}

/// The subnets of the service, each with the number of its tasks: a new one goes where the fewest are.
fn tasks_by_subnet(world: &mut World, place: &Place, cluster: &str, name: &str) -> Vec<(String, usize)> {
    let cluster = world.region(place).ecs.clusters.get(cluster);
    let Some((cluster, service)) = cluster.and_then(|it| Some((it, it.services.get(name)?))) else {
        return Vec::new();
    };
    let subnets = &service.primary().network.awsvpc_configuration.subnets;
    let tasks_in = |subnet: &String| {
        tasks_of(cluster, name)
            .filter(|task| task.wanted() && task.interface.subnet == *subnet)
            .count()
    };
    subnets
        .iter()
        .map(|subnet| (subnet.clone(), tasks_in(subnet)))
        .collect()
}

/// All is as it should be: the deployment is complete and the older ones are gone.
fn settle(world: &mut World, place: &Place, cluster: &str, name: &str) {
    let now = world.now_ms();
    let Some(service) = service_mut(world, place, cluster, name) else {
        return;
    };
    service.deployments.truncate(1);
    let deployment = service.primary_mut();
    if deployment.rollout == Rollout::InProgress {
        deployment.complete(now);
        let id = deployment.id.clone();
        tell(
            world,
            place,
            cluster,
            name,
            &format!("(deployment {id}) deployment completed."),
        );
    }
    tell_once(world, place, cluster, name, "has reached a steady state.");
}

fn tell(world: &mut World, place: &Place, cluster: &str, name: &str, text: &str) {
    let (id, now) = (world.fresh_uuid(), world.now_ms());
    if let Some(service) = service_mut(world, place, cluster, name) {
        service.tell(id, now, text);
        service.told = None;
    }
}

fn tell_once(world: &mut World, place: &Place, cluster: &str, name: &str, text: &str) {
    let (id, now) = (world.fresh_uuid(), world.now_ms());
    if let Some(service) = service_mut(world, place, cluster, name) {
        service.tell_once(id, now, text);
    }
}

impl EcsService {
    /// A task is needed: it comes after the time that the scheduler takes.
    pub(super) fn need_task(&mut self, now: Ms, profile: &TimeProfile) {
        self.start_not_before = self.start_not_before.max(now + profile.task_created);
    }

    /// A task has failed before it ran: the next attempt comes later each time, at most 27 minutes later.
    pub(super) fn back_off(&mut self, now: Ms, profile: &TimeProfile) {
        self.failures += 1;
        let doublings = self.failures.saturating_sub(1).min(16);
        let wait = (profile.task_created << doublings).min(profile.longest_backoff);
        self.start_not_before = now + wait;
    }
}
