//! How a task comes into being.

use super::lifecycle::{TaskStep, plan};
use super::task_definitions::TaskDefinition;
use super::tasks::{Container, Interface, Phase, Task, Times};
use super::{service_mut, task_mut};
use crate::clock::{Ms, SECOND};
use crate::tags::Tags;
use crate::world::{Billed, Place, TaskFate, TaskSize, World, hex_of};

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
        lapse: None,
        sentinel: None,
        tags: Tags::default(),
        version: 1,
    };
    let size = TaskSize {
        cpu_units: task.cpu.parse().unwrap_or_default(),
        memory_mib: task.memory.parse().unwrap_or_default(),
    };
    cluster.tasks.insert(id.clone(), task);
    world.ledger.open(Billed::FargateTask, &id, &arn, place, now);
    world.ledger.set_size(&arn, size);
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
