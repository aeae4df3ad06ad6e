//! The way of a task from its creation to RUNNING, and what becomes of it there.

use serde::{Deserialize, Serialize};

use super::stopping::{StopCause, finish_stop, stop_task};
use super::task_definitions::{SecretSource, TaskDefinition};
use super::tasks::{Lapse, Phase, Task};
use super::{Run, sentinel, service_mut, task_mut};
use crate::clock::{Ms, SECOND};
use crate::elbv2;
use crate::world::{Billed, Event, Place, TaskFate, World};

/// The next thing in a task's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TaskStep {
    /// Its network interface is attached.
    Attached,
    /// Secrets are resolved and the image pull begins.
    PullStarts,
    PullEnds,
    Runs,
    Answers,
    /// Its container health checks have failed often enough.
    Unhealthy,
    /// The scheduler replaces it because it is unhealthy.
    Replaced,
    /// It stops while starting, as its fate wants it.
    FailsToStart,
    /// An essential container exits, as its fate wants it.
    Exits,
    /// Its protection ends.
    ProtectionEnds,
    /// Its sentinel looks whether somebody is in a room.
    SentinelReads,
    /// DEACTIVATING is over.
    Stops,
    /// Its containers are gone.
    ExecutionStops,
    /// Its network interface is gone.
    Ends,
    /// It is no longer described.
    Forgotten,
}

/// Plans a step.
pub(super) fn plan(world: &mut World, place: &Place, cluster: &str, task: &str, at: Ms, step: TaskStep) {
    let (place, cluster, task) = (place.clone(), cluster.to_owned(), task.to_owned());
    world.queue.push(
        at,
        Event::TaskStep {
            place,
            cluster,
            task,
            step,
        },
    );
}

/// Carries out a step. A step towards RUNNING of a task that is being stopped does nothing.
pub(crate) fn task_step(world: &mut World, place: &Place, cluster: &str, id: &str, step: TaskStep) {
    let now = world.now_ms();
    let Some(task) = task_mut(world, place, cluster, id) else {
        return;
    };
    let created = task.times.created;
    let starting = task.wanted;
    match step {
        TaskStep::Stops | TaskStep::ExecutionStops | TaskStep::Ends | TaskStep::Forgotten => {
            finish_stop(world, place, cluster, id, step);
        }
        _ if !starting => {}
        TaskStep::Attached => attach(world, place, cluster, id),
        TaskStep::PullStarts => start_pull(world, place, cluster, id),
        TaskStep::PullEnds => {
            task.phase = Phase::Activating;
            task.times.pull_stopped = Some(now);
            let running = created + world.profile.task_running;
            plan(world, place, cluster, id, running.max(now), TaskStep::Runs);
        }
        TaskStep::Runs => run(world, place, cluster, id),
        TaskStep::Answers => {
            let answers = !matches!(task.fate, TaskFate::NeverAnswers | TaskFate::Unhealthy);
            task.answers = answers;
            if task.fate != TaskFate::Unhealthy {
                set_health(task, "HEALTHY");
            }
            let address = task.private_address().map(str::to_owned);
            elbv2::reachability_changed(world, place, address.as_deref());
        }
        TaskStep::Unhealthy => {
            set_health(task, "UNHEALTHY");
            if task.health() == "UNHEALTHY" {
                let at = now + world.profile.unhealthy_task_stopped;
                plan(world, place, cluster, id, at, TaskStep::Replaced);
            }
        }
        TaskStep::Replaced => stop_task(world, place, cluster, id, StopCause::unhealthy()),
        TaskStep::FailsToStart => {
            if task.phase != Phase::Running
                && let Some(cause) = StopCause::of_fate(&task.fate)
            {
                stop_task(world, place, cluster, id, cause);
            }
        }
        TaskStep::Exits => {
            if let Some(cause) = StopCause::of_exit(task) {
                stop_task(world, place, cluster, id, cause);
            }
        }
        TaskStep::ProtectionEnds => {
            let over = task.protected_until.is_some_and(|until| until <= now);
            if over {
                task.protected_until = None;
                task.lapse = Some(Lapse {
                    at: now,
                    lifted: false,
                    call: None,
                });
                let service = task.service.clone();
                super::scheduler::look_at_once(world, place, cluster, service.as_deref());
            }
        }
        TaskStep::SentinelReads => sentinel::reads(world, place, cluster, id),
    }
}

fn attach(world: &mut World, place: &Place, cluster: &str, id: &str) {
    let now = world.now_ms();
    let Some(task) = task_mut(world, place, cluster, id) else {
        return;
    };
    let (arn, subnet, public) = (task.arn.clone(), task.interface.subnet.clone(), task.interface.public);
    let created = task.times.created;
    let network = &mut world.region(place).network;
    let Some(address) = network.subnet_mut(&subnet).and_then(|subnet| subnet.take_address()) else {
        stop_task(world, place, cluster, id, StopCause::no_address(&subnet));
        return;
    };
    let public_address = public.then(|| network.take_public_address(place));
    if let Some(public_address) = &public_address {
        world.ledger.open(Billed::PublicIpv4, public_address, &arn, place, now);
    }
    if let Some(task) = task_mut(world, place, cluster, id) {
        task.phase = Phase::Pending;
        task.version += 1;
        task.times.connected = Some(now);
        task.interface.status = "ATTACHED".to_owned();
        task.interface.address = Some(address);
        task.interface.public_address = public_address;
    }
    let pull = created + world.profile.pull_started;
    plan(world, place, cluster, id, pull.max(now), TaskStep::PullStarts);
}

/// ECS resolves the secrets of all containers first; one that is missing ends the task.
fn start_pull(world: &mut World, place: &Place, cluster: &str, id: &str) {
    let now = world.now_ms();
    let Some(task) = task_mut(world, place, cluster, id) else {
        return;
    };
    let (arn, definition) = (task.arn.clone(), task.task_definition.clone());
    let secrets = world
        .region(place)
        .ecs
        .task_definition(&definition)
        .map(TaskDefinition::secrets)
        .unwrap_or_default();
    let mut absent: Vec<String> = Vec::new();
    for secret in secrets {
        let SecretSource { region, name } = secret;
        let home = Place {
            region: region.unwrap_or_else(|| place.region.clone()),
            ..place.clone()
        };
        if !world.region(&home).ssm.contains(&name) && !absent.contains(&name) {
            absent.push(name);
        }
    }
    if !absent.is_empty() {
        stop_task(world, place, cluster, id, StopCause::missing_secrets(&absent));
        return;
    }
    world.ledger.begin(Billed::FargateTask, &arn, now);
    let pulled = now + world.profile.pull;
    if let Some(task) = task_mut(world, place, cluster, id) {
        task.times.pull_started = Some(now);
    }
    plan(world, place, cluster, id, pulled, TaskStep::PullEnds);
}

fn run(world: &mut World, place: &Place, cluster: &str, id: &str) {
    let now = world.now_ms();
    let profile = world.profile.clone();
    let Some(task) = task_mut(world, place, cluster, id) else {
        return;
    };
    task.phase = Phase::Running;
    task.version += 1;
    task.times.started = Some(now);
    let (fate, service) = (task.fate.clone(), task.service.clone());
    plan(
        world,
        place,
        cluster,
        id,
        now + profile.application_answers,
        TaskStep::Answers,
    );
    match fate {
        TaskFate::Exits {
            after_running_seconds, ..
        } => {
            plan(
                world,
                place,
                cluster,
                id,
                now + Ms::from(after_running_seconds) * SECOND,
                TaskStep::Exits,
            );
        }
        TaskFate::Unhealthy => plan(
            world,
            place,
            cluster,
            id,
            now + profile.container_unhealthy,
            TaskStep::Unhealthy,
        ),
        _ => {}
    }
    if let Some(name) = service.as_deref()
        && let Some(service) = service_mut(world, place, cluster, name)
    {
        service.failures = 0;
        service.start_not_before = 0;
    }
    if let Some(service) = service.clone() {
        world.region(place).ecs.runs.push(Run {
            cluster: cluster.to_owned(),
            service,
            task: id.to_owned(),
            from: now,
            until: None,
        });
    }
    sentinel::starts(world, place, cluster, id);
    super::scheduler::look_soon(world, place, cluster, service.as_deref());
}

/// Sets the health of the containers that have a health check.
fn set_health(task: &mut Task, health: &str) {
    for container in task.containers.iter_mut().filter(|container| container.checked) {
        container.health = health.to_owned();
    }
}
