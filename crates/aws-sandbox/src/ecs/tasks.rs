//! Tasks: what they are, and how they are listed and described. Their life is in `lifecycle` and `stopping`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::names::{arn, cluster, cluster_key, invalid, member_key};
use super::sentinel::Sentinel;
use super::task_view::view;
use super::wire::{missing, page};
use crate::clock::Ms;
use crate::tags::Tags;
use crate::wire::{ApiError, Caller, json};
use crate::world::{TaskFate, World};

/// A task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) arn: String,
    /// 32 hex digits.
    pub(crate) id: String,
    pub(crate) cluster_arn: String,
    /// The name of its service.
    pub(crate) service: Option<String>,
    /// The id of the deployment that started it.
    pub(crate) deployment: Option<String>,
    pub(crate) task_definition: String,
    pub(crate) family: String,
    pub(crate) cpu: String,
    pub(crate) memory: String,
    pub(crate) phase: Phase,
    /// False once it is to be stopped.
    pub(crate) wanted: bool,
    pub(crate) times: Times,
    pub(crate) stop_code: Option<String>,
    pub(crate) stopped_reason: Option<String>,
    pub(crate) interface: Interface,
    pub(crate) containers: Vec<Container>,
    pub(crate) fate: TaskFate,
    /// Whether its application answers on its ports.
    pub(crate) answers: bool,
    /// Protected from scale-in until then.
    pub(crate) protected_until: Option<Ms>,
    /// How its latest protection ended.
    pub(super) lapse: Option<Lapse>,
    /// While its sentinel container runs.
    pub(super) sentinel: Option<Sentinel>,
    pub(crate) tags: Tags,
    /// Counts its changes.
    pub(crate) version: u32,
}

/// The end of a protection, unless the task's own sentinel dropped it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Lapse {
    pub(super) at: Ms,
    /// Lifted by UpdateTaskProtection; otherwise it expired.
    pub(super) lifted: bool,
    /// The number of the call that lifted it.
    pub(super) call: Option<u64>,
}

/// Where in its life a task is: `lastStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    Provisioning,
    Pending,
    Activating,
    Running,
    Deactivating,
    Stopping,
    Deprovisioning,
    Stopped,
}

impl Phase {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// When what happened.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) created: Ms,
    pub(crate) connected: Option<Ms>,
    pub(crate) pull_started: Option<Ms>,
    pub(crate) pull_stopped: Option<Ms>,
    pub(crate) started: Option<Ms>,
    pub(crate) stopping: Option<Ms>,
    pub(crate) execution_stopped: Option<Ms>,
    pub(crate) stopped: Option<Ms>,
}

/// The task's network interface.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Interface {
    pub(crate) attachment_id: String,
    /// `PRECREATED`, `ATTACHED` or `DELETED`.
    pub(crate) status: String,
    pub(crate) subnet: String,
    pub(crate) zone: String,
    pub(crate) eni: String,
    pub(crate) mac: String,
    pub(crate) address: Option<String>,
    /// Not in ECS's answers; billed.
    pub(crate) public_address: Option<String>,
    /// Whether the service asks for a public address.
    pub(crate) public: bool,
}

/// One container of a task.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Container {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) digest: String,
    pub(crate) runtime_id: String,
    pub(crate) cpu: String,
    pub(crate) essential: bool,
    /// Whether its definition has a health check.
    pub(crate) checked: bool,
    /// `UNKNOWN`, `HEALTHY` or `UNHEALTHY`.
    pub(crate) health: String,
    pub(crate) exit_code: Option<i32>,
    pub(crate) reason: Option<String>,
}

impl Task {
    /// Whether the scheduler counts on it.
    pub(crate) fn wanted(&self) -> bool {
        self.wanted
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.phase == Phase::Stopped
    }

    /// Part of `runningCount`: a task that is being stopped is not, though it still runs.
    pub(crate) fn counts_as_running(&self) -> bool {
        self.wanted && self.phase == Phase::Running
    }

    /// Part of `pendingCount`.
    pub(crate) fn counts_as_pending(&self) -> bool {
        self.wanted && matches!(self.phase, Phase::Provisioning | Phase::Pending | Phase::Activating)
    }

    pub(crate) fn private_address(&self) -> Option<&str> {
        self.interface.address.as_deref()
    }

    /// Whether it is protected from scale-in at this time.
    pub(crate) fn protected(&self, now: Ms) -> bool {
        self.protected_until.is_some_and(|until| now < until)
    }

    /// HEALTHY, UNHEALTHY or UNKNOWN: of the essential containers with a health check the worst, where unknown is worse
    /// than healthy; without any it stays unknown.
    pub(crate) fn health(&self) -> &'static str {
        let checked = || {
            self.containers
                .iter()
                .filter(|container| container.essential && container.checked)
        };
        if checked().any(|container| container.health == "UNHEALTHY") {
            "UNHEALTHY"
        } else if checked().count() == 0 || checked().any(|container| container.health == "UNKNOWN") {
            "UNKNOWN"
        } else {
            "HEALTHY"
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ListTasks {
    cluster: Option<String>,
    container_instance: Option<String>,
    family: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    started_by: Option<String>,
    service_name: Option<String>,
    desired_status: Option<String>,
    launch_type: Option<String>,
}

/// ListTasks: by default those whose desired status is RUNNING, so not those that are being stopped.
pub(super) fn list(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: ListTasks = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    let filters = [&input.family, &input.service_name, &input.container_instance];
    if input.started_by.is_some() && filters.iter().any(|filter| filter.is_some()) {
        return Err(invalid("startedBy cannot be combined with other filters."));
    }
    if filters.iter().filter(|filter| filter.is_some()).count() > 1 {
        return Err(invalid(
            "Only one of family, serviceName and containerInstance can be given.",
        ));
    }
    let wanted = match input.desired_status.as_deref() {
        None | Some("RUNNING") => Some(true),
        Some("STOPPED") => Some(false),
        Some("PENDING") => None,
        Some(other) => return Err(invalid(format!("{other} is not a valid desiredStatus."))),
    };
    let described = world.profile.stopped_task_described;
    let cluster = cluster(world.region(&caller.place), &key)?;
    let service = input
        .service_name
        .as_deref()
        .map(|given| member_key(given, "service", caller))
        .transpose()?;
    if let Some(name) = &service
        && !cluster.services.contains_key(name)
    {
        return Err(super::names::service_not_found());
    }
    let started_by = input.started_by.as_deref();
    let listed = cluster.tasks.values().filter(|task| {
        Some(task.wanted) == wanted
            && service.as_ref().is_none_or(|name| task.service.as_ref() == Some(name))
            && input.family.as_ref().is_none_or(|family| task.family == *family)
            && started_by.is_none_or(|by| task.deployment.as_deref() == Some(by))
            && input
                .launch_type
                .as_deref()
                .is_none_or(|launch_type| launch_type == "FARGATE")
            && input.container_instance.is_none()
            && still_described(task, caller.now, described)
    });
    let arns = listed.map(|task| task.arn.clone()).collect();
    let (arns, next) = page(arns, input.max_results, 100, input.next_token.as_deref())?;
    let mut answer = json!({ "taskArns": arns });
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DescribeTasks {
    cluster: Option<String>,
    tasks: Vec<String>,
    include: Vec<String>,
}

/// DescribeTasks: at most a hundred; unknown ones, and those that stopped long ago, are `failures`.
pub(super) fn describe(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: DescribeTasks = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    if input.tasks.is_empty() {
        return Err(invalid("Tasks cannot be empty."));
    }
    if input.tasks.len() > 100 {
        return Err(invalid("Tasks cannot have more than 100 elements."));
    }
    let described = world.profile.stopped_task_described;
    let cluster = cluster(world.region(&caller.place), &key)?;
    let with_tags = input.include.iter().any(|what| what == "TAGS");
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for given in &input.tasks {
        let id = member_key(given, "task", caller)?;
        match cluster
            .tasks
            .get(&id)
            .filter(|task| still_described(task, caller.now, described))
        {
            Some(task) => found.push(view(task, with_tags)),
            None => absent.push(arn(&caller.place, "task", &format!("{key}/{id}"))),
        }
    }
    Ok(json!({ "tasks": found, "failures": missing(absent) }))
}

/// Whether ECS still knows of the task.
pub(super) fn still_described(task: &Task, now: Ms, described: Ms) -> bool {
    task.times.stopped.is_none_or(|stopped| now < stopped + described)
}
