//! The way of a task from its creation to RUNNING, and what becomes of it there.

use serde::{Deserialize, Serialize};

use super::stopping::{StopCause, finish_stop, stop_task};
use super::task_definitions::{SecretSource, TaskDefinition};
use super::tasks::{Container, Interface, Phase, Task, Times};
use super::{service_mut, task_mut};
use crate::clock::{Ms, SECOND};
use crate::elbv2;
use crate::tags::Tags;
use crate::world::{Billed, Event, Place, TaskFate, World, hex_of};

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

/// What a new task is started for.
pub(super) struct Start<'a> {
    pub(super) cluster: &'a str,
    pub(super) service: &'a str,
    pub(super) subnet: String,
}

/// Starts a task of a service's primary deployment, and gives its id. `None` where the service or its definition is gone.
pub(super) fn start_task(world: &mut World, place: &Place, start: &Start<'_>, fate: TaskFate) -> Option<String> {
    let now = world.now_ms();
    let service = service_mut(world, place, start.cluster, start.service)?;
    let public = service.primary().network.awsvpc_configuration.public();
    let deployment = service.primary().id.clone();
    let definition_arn = service.primary().task_definition.clone();
    let definition = world.region(place).ecs.task_definition(&definition_arn)?.clone();
    let id = world.fresh_id();
    let zone = world.region(place).network.subnet(&start.subnet)?.zone.clone();
    let mac = world.fresh_hex(10);
    let mac: Vec<&str> = (0..5).map(|pair| &mac[pair * 2..pair * 2 + 2]).collect();
    let interface = Interface {
        attachment_id: world.fresh_uuid(),
        status: "PRECREATED".to_owned(),
        subnet: start.subnet.clone(),
        zone,
        eni: format!("eni-{}", world.fresh_hex(17)),
        mac: format!("0a:{}", mac.join(":")),
        address: None,
        public_address: None,
        public,
    };
    let containers = containers(world, place, start.cluster, &id, &definition);
    let cluster = world.region(place).ecs.clusters.get_mut(start.cluster)?;
    let arn = super::names::arn(place, "task", &format!("{}/{id}", start.cluster));
    let task = Task {
        arn: arn.clone(),
        id: id.clone(),
        cluster_arn: cluster.arn.clone(),
        service: Some(start.service.to_owned()),
        deployment: Some(deployment),
        family: definition.family.clone(),
        cpu: definition.cpu(),
        memory: definition.memory(),
        task_definition: definition_arn,
        phase: Phase::Provisioning,
        wanted: true,
        times: Times {
            created: now,
            ..Times::default()
        },
        stop_code: None,
        stopped_reason: None,
        interface,
        containers,
        fate: fate.clone(),
        answers: false,
        protected_until: None,
        tags: Tags::default(),
        version: 1,
    };
    cluster.tasks.insert(id.clone(), task);
    world.ledger.open(Billed::FargateTask, &id, &arn, place, now);
    let attached = now + world.profile.network_interface;
    plan(world, place, start.cluster, &id, attached, TaskStep::Attached);
    if let TaskFate::StopsWhileStarting { after_seconds, .. } = fate {
        plan(
            world,
            place,
            start.cluster,
            &id,
            now + Ms::from(after_seconds) * SECOND,
            TaskStep::FailsToStart,
        );
    }
    Some(id)
}

fn containers(
    world: &mut World,
    place: &Place,
    cluster: &str,
    task: &str,
    definition: &TaskDefinition,
) -> Vec<Container> {
    let mut containers = Vec::new();
    for defined in definition.containers() {
        let uuid = world.fresh_uuid();
        let number = world.fresh_number();
        containers.push(Container {
            arn: super::names::arn(place, "container", &format!("{cluster}/{task}/{uuid}")),
            digest: format!(
                "sha256:{}{}",
                hex_of(&["image", &defined.image]),
                hex_of(&["digest", &defined.image])
            ),
            name: defined.name,
            image: defined.image,
            runtime_id: format!("{task}-{}", &number[9..]),
            cpu: defined.cpu.to_string(),
            essential: defined.essential,
            checked: defined.checked,
            health: "UNKNOWN".to_owned(),
            exit_code: None,
            reason: None,
        });
    }
    containers
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
                let service = task.service.clone();
                super::scheduler::look_soon(world, place, cluster, service.as_deref());
            }
        }
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
    super::scheduler::look_soon(world, place, cluster, service.as_deref());
}

/// Sets the health of the containers that have a health check.
fn set_health(task: &mut Task, health: &str) {
    for container in task.containers.iter_mut().filter(|container| container.checked) {
        container.health = health.to_owned();
    }
}

/// Adds a task of a service that failed to start so long ago, and gives its id.
pub(crate) fn add_stopped_task(
    world: &mut World,
    place: &Place,
    cluster: &str,
    service: &str,
    ago: Ms,
    reason: &str,
) -> Option<String> {
    let now = world.now_ms();
    let subnets = &service_mut(world, place, cluster, service)?
        .primary()
        .network
        .awsvpc_configuration
        .subnets;
    let subnet = subnets.first()?.clone();
    let id = start_task(
        world,
        place,
        &Start {
            cluster,
            service,
            subnet,
        },
        TaskFate::Starts,
    )?;
    let stopped = now - ago;
    let task = task_mut(world, place, cluster, &id)?;
    let arn = task.arn.clone();
    task.wanted = false;
    task.phase = Phase::Stopped;
    task.stop_code = Some("TaskFailedToStart".to_owned());
    task.stopped_reason = Some(reason.to_owned());
    task.interface.status = "DELETED".to_owned();
    // It took the time that a failed pull takes.
    task.times.created = stopped - 42 * SECOND;
    task.times.stopping = Some(stopped - 20 * SECOND);
    task.times.execution_stopped = Some(stopped);
    task.times.stopped = Some(stopped);
    world.ledger.forget(&arn);
    let forgotten = stopped + world.profile.stopped_task_described;
    plan(world, place, cluster, &id, forgotten.max(now), TaskStep::Forgotten);
    Some(id)
}
