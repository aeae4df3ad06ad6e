//! The end of a task: why it stops, and its way to STOPPED.

use serde::Deserialize;
use serde_json::{Value, json};

use super::lifecycle::{TaskStep, plan};
use super::names::{cluster, cluster_key, invalid, member_key};
use super::task_definitions::TaskDefinition;
use super::tasks::{Phase, Task};
use super::{service_mut, task_mut};
use crate::clock::{Ms, SECOND};
use crate::elbv2;
use crate::wire::{ApiError, Caller, json};
use crate::world::{CutOffBy, Place, TaskFate, World};

/// Why a task stops.
#[derive(Debug, Clone)]
pub(crate) struct StopCause {
    code: String,
    reason: String,
    /// The container that exited by itself, and its code.
    exit: Option<(String, i32)>,
    /// Whether it counts as a failed start of its deployment.
    failure: bool,
    /// Who took it away; `None` where it dies of itself.
    taken: Option<Taken>,
}

/// What takes a task from under the people in it, and the number of the call that did.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    by: CutOffBy,
    call: Option<u64>,
}

impl Taken {
    pub(super) fn new(by: CutOffBy, call: Option<u64>) -> Self {
        Self { by, call }
    }
}

impl StopCause {
    fn new(code: &str, reason: impl Into<String>, failure: bool) -> Self {
        Self {
            code: code.to_owned(),
            reason: reason.into(),
            exit: None,
            failure,
            taken: None,
        }
    }

    /// The scheduler wants fewer tasks, or others.
    pub(super) fn scaling(deployment: &str, taken: Taken) -> Self {
        let reason = format!("Scaling activity initiated by (deployment {deployment})");
        Self {
            taken: Some(taken),
            ..Self::new("ServiceSchedulerInitiated", reason, false)
        }
    }

    pub(super) fn unhealthy() -> Self {
        Self::new("ServiceSchedulerInitiated", "Task failed container health checks", true)
    }

    /// The subnet has no free address for the task's interface.
    pub(super) fn no_address(subnet: &str) -> Self {
        let reason = format!(
            "Unexpected EC2 error while attempting to Create Network Interface in subnet '{subnet}': \
             InsufficientFreeAddressesInSubnet"
        );
        Self::new("TaskFailedToStart", reason, true)
    }

    /// Parameters that the definition's secrets name do not exist.
    pub(super) fn missing_secrets(names: &[String]) -> Self {
        let reason = format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
             unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: {}",
            names.join(", ")
        );
        Self::new("TaskFailedToStart", reason, true)
    }

    /// The machine beneath it fails, as a test wants it.
    pub(crate) fn infrastructure() -> Self {
        Self::new(
            "InfrastructureHealth",
            "Task stopped due to an unexpected infrastructure failure",
            false,
        )
    }

    /// The end that a task's fate gives it before it runs.
    pub(super) fn of_fate(fate: &TaskFate) -> Option<Self> {
        let TaskFate::StopsWhileStarting {
            stop_code,
            reason,
            container_exit,
            ..
        } = fate
        else {
            return None;
        };
        Some(Self {
            exit: container_exit.clone(),
            ..Self::new(stop_code, reason.as_str(), true)
        })
    }

    /// The exit of its first essential container that its fate gives it.
    pub(super) fn of_exit(task: &Task) -> Option<Self> {
        let TaskFate::Exits { code, .. } = task.fate else {
            return None;
        };
        let container = task.containers.iter().find(|container| container.essential)?;
        let exit = Some((container.name.clone(), code));
        Some(Self {
            exit,
            ..Self::new("EssentialContainerExited", "Essential container in task exited", true)
        })
    }
}

/// Begins to stop a task: from now on it is no longer wanted, listed as running, or counted.
pub(crate) fn stop_task(world: &mut World, place: &Place, cluster: &str, id: &str, cause: StopCause) {
    let now = world.now_ms();
    let profile = world.profile.clone();
    let Some(task) = task_mut(world, place, cluster, id).filter(|task| task.wanted) else {
        return;
    };
    let started = task.times.started.is_some();
    let pulled = task.times.pull_stopped.is_some();
    task.wanted = false;
    task.answers = false;
    task.protected_until = None;
    task.sentinel = None;
    task.version += 1;
    task.times.stopping = Some(now);
    task.stop_code = Some(cause.code);
    task.stopped_reason = Some(cause.reason);
    if let Some((name, code)) = &cause.exit
        && let Some(container) = task.containers.iter_mut().find(|container| container.name == *name)
    {
        container.exit_code = Some(*code);
    }
    task.phase = match (started, pulled) {
        (true, _) => Phase::Deactivating,
        (false, true) => Phase::Stopping,
        (false, false) => Phase::Deprovisioning,
    };
    let (definition, service, address) = (
        task.task_definition.clone(),
        task.service.clone(),
        task.interface.address.clone(),
    );
    let deployment = task.deployment.clone();
    if let Some(Taken { by, call }) = cause.taken {
        world.cut_off(&[id.to_owned()], by, call);
    }
    world.task_is_left(id);
    for run in world.region(place).ecs.runs.iter_mut().filter(|run| run.task == id) {
        run.until.get_or_insert(now);
    }
    if started {
        let at = now + SECOND;
        plan(world, place, cluster, id, at, TaskStep::Stops);
    }
    if pulled {
        let stop_timeout = stop_timeout(world, place, &definition);
        let at = now + profile.container_exit.min(stop_timeout) + profile.execution_stopped;
        plan(world, place, cluster, id, at, TaskStep::ExecutionStops);
    } else {
        plan(world, place, cluster, id, now + profile.deprovisioning, TaskStep::Ends);
    }
    elbv2::reachability_changed(world, place, address.as_deref());
    if let Some(name) = service.as_deref()
        && let Some(service) = service_mut(world, place, cluster, name)
    {
        service.need_task(now, &profile);
        if cause.failure {
            service.count_failed_task(deployment.as_deref().unwrap_or_default(), now);
        }
        if cause.failure && !started {
            service.back_off(now, &profile);
        }
    }
    super::scheduler::look_soon(world, place, cluster, service.as_deref());
}

/// How long the containers of a task have between SIGTERM and SIGKILL.
fn stop_timeout(world: &mut World, place: &Place, definition: &str) -> Ms {
    let definition = world.region(place).ecs.task_definition(definition);
    definition.map_or(30 * SECOND, TaskDefinition::stop_timeout)
}

/// The steps after the decision to stop.
pub(super) fn finish_stop(world: &mut World, place: &Place, cluster: &str, id: &str, step: TaskStep) {
    let now = world.now_ms();
    let profile = world.profile.clone();
    let Some(task) = task_mut(world, place, cluster, id) else {
        return;
    };
    match step {
        TaskStep::Stops => task.phase = Phase::Stopping,
        TaskStep::ExecutionStops => {
            task.phase = Phase::Deprovisioning;
            task.times.execution_stopped = Some(now);
            let (started, definition) = (task.times.started.is_some(), task.task_definition.clone());
            let killed = profile.container_exit > stop_timeout(world, place, &definition);
            let Some(task) = task_mut(world, place, cluster, id) else {
                return;
            };
            for container in task
                .containers
                .iter_mut()
                .filter(|it| started && it.exit_code.is_none())
            {
                // 128 and the number of SIGKILL or SIGTERM.
                container.exit_code = Some(if killed { 137 } else { 143 });
            }
            plan(world, place, cluster, id, now + profile.deprovisioning, TaskStep::Ends);
        }
        TaskStep::Ends => {
            task.phase = Phase::Stopped;
            task.version += 1;
            task.times.stopped = Some(now);
            task.times.execution_stopped.get_or_insert(now);
            task.interface.status = "DELETED".to_owned();
            let (arn, subnet) = (task.arn.clone(), task.interface.subnet.clone());
            if let Some(address) = task.interface.address.clone()
                && let Some(subnet) = world.region(place).network.subnet_mut(&subnet)
            {
                subnet.release_address(&address);
            }
            let service = task_mut(world, place, cluster, id).and_then(|task| task.service.clone());
            super::scheduler::look_soon(world, place, cluster, service.as_deref());
            world.ledger.close(None, &arn, now);
            plan(
                world,
                place,
                cluster,
                id,
                now + profile.stopped_task_described,
                TaskStep::Forgotten,
            );
        }
        _ => {
            if let Some(cluster) = world.region(place).ecs.clusters.get_mut(cluster) {
                cluster.tasks.remove(id);
            }
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StopTask {
    cluster: Option<String>,
    task: String,
    reason: Option<String>,
}

/// StopTask: ignores protection and waits for nothing.
pub(super) fn stop(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: StopTask = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    let id = member_key(&input.task, "task", caller)?;
    let not_found = || invalid("The referenced task was not found.");
    cluster(world.region(&caller.place), &key)?
        .tasks
        .get(&id)
        .ok_or_else(not_found)?;
    let reason = input.reason.unwrap_or_else(|| "Task stopped by user".to_owned());
    let cause = StopCause {
        taken: Some(Taken::new(CutOffBy::StopTask, caller.call)),
        ..StopCause::new("UserInitiated", reason, false)
    };
    stop_task(world, &caller.place, &key, &id, cause);
    let task = cluster(world.region(&caller.place), &key)?
        .tasks
        .get(&id)
        .ok_or_else(not_found)?;
    Ok(json!({ "task": super::task_view::view(task, false) }))
}
