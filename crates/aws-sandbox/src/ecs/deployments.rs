//! Deployments of a service: which definition and network its tasks get, and how far their replacement has come.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::services::EcsService;
use super::wire::NetworkConfiguration;
use super::{Cluster, Task};
use crate::clock::{Ms, epoch_seconds};

/// One deployment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Deployment {
    /// `ecs-svc/` and 19 digits.
    pub(crate) id: String,
    /// `PRIMARY` or `ACTIVE`.
    pub(crate) status: String,
    pub(crate) task_definition: String,
    pub(crate) desired: u32,
    pub(crate) failed_tasks: u32,
    pub(crate) created_at: Ms,
    pub(crate) updated_at: Ms,
    pub(crate) launch_type: Option<String>,
    platform_version: String,
    pub(crate) network: NetworkConfiguration,
    pub(crate) rollout: Rollout,
    reason: String,
}

/// The platform version that is the latest of Fargate's.
const LATEST: &str = "1.4.0";

/// How far a deployment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rollout {
    InProgress,
    Completed,
    Failed,
}

impl Deployment {
    /// A primary deployment that begins now.
    pub(super) fn new(number: &str, task_definition: String, desired: u32, now: Ms) -> Self {
        let id = format!("ecs-svc/{number}");
        Self {
            reason: format!("ECS deployment {id} in progress."),
            id,
            status: "PRIMARY".to_owned(),
            task_definition,
            desired,
            failed_tasks: 0,
            created_at: now,
            updated_at: now,
            launch_type: Some("FARGATE".to_owned()),
            platform_version: LATEST.to_owned(),
            network: NetworkConfiguration::default(),
            rollout: Rollout::InProgress,
        }
    }

    /// The same, with the place of its tasks. `LATEST` becomes the version that it stands for.
    pub(super) fn placed(
        self,
        network: NetworkConfiguration,
        launch_type: Option<String>,
        platform_version: Option<&str>,
    ) -> Self {
        let platform_version = platform_version
            .filter(|given| *given != "LATEST")
            .unwrap_or(LATEST)
            .to_owned();
        Self {
            network,
            launch_type,
            platform_version,
            ..self
        }
    }

    pub(crate) fn complete(&mut self, now: Ms) {
        self.rollout = Rollout::Completed;
        self.reason = format!("ECS deployment {} completed.", self.id);
        self.updated_at = now;
    }

    pub(crate) fn fail(&mut self, now: Ms) {
        self.rollout = Rollout::Failed;
        self.reason = "ECS deployment circuit breaker: tasks failed to start.".to_owned();
        self.updated_at = now;
    }

    pub(super) fn view(&self, cluster: &Cluster) -> Value {
        let tasks = || {
            cluster
                .tasks
                .values()
                .filter(|task| task.deployment.as_deref() == Some(&self.id))
        };
        let rollout = match self.rollout {
            Rollout::InProgress => "IN_PROGRESS",
            Rollout::Completed => "COMPLETED",
            Rollout::Failed => "FAILED",
        };
        let mut view = json!({
            "id": self.id,
            "status": self.status,
            "taskDefinition": self.task_definition,
            "desiredCount": self.desired,
            "pendingCount": tasks().filter(|task| task.counts_as_pending()).count(),
            "runningCount": tasks().filter(|task| task.counts_as_running()).count(),
            "failedTasks": self.failed_tasks,
            "createdAt": epoch_seconds(self.created_at),
            "updatedAt": epoch_seconds(self.updated_at),
            "networkConfiguration": self.network,
            "rolloutState": rollout,
            "rolloutStateReason": self.reason,
        });
        if let Some(launch_type) = &self.launch_type {
            view["launchType"] = launch_type.as_str().into();
        }
        if self
            .launch_type
            .as_deref()
            .is_none_or(|launch_type| launch_type == "FARGATE")
        {
            view["platformVersion"] = self.platform_version.as_str().into();
            view["platformFamily"] = "Linux".into();
        }
        view
    }
}

impl EcsService {
    /// The deployment whose tasks are wanted.
    pub(crate) fn primary(&self) -> &Deployment {
        &self.deployments[0]
    }

    pub(crate) fn primary_mut(&mut self) -> &mut Deployment {
        &mut self.deployments[0]
    }

    /// Begins a deployment that replaces every task.
    pub(super) fn begin_deployment(&mut self, deployment: Deployment) {
        for older in &mut self.deployments {
            older.status = "ACTIVE".to_owned();
        }
        self.deployments.insert(0, deployment);
        self.failures = 0;
        self.start_not_before = 0;
    }

    /// A task has failed to start or an essential container of it has exited. Counts it, and lets the circuit breaker
    /// end the deployment: at half the desired count, but 3 at least and 200 at most.
    pub(super) fn count_failed_task(&mut self, deployment: &str, now: Ms) {
        let breaker = self.deployment_configuration.deployment_circuit_breaker.enable;
        let threshold = self.desired.div_ceil(2).clamp(3, 200);
        let Some(deployment) = self.deployments.iter_mut().find(|candidate| candidate.id == deployment) else {
            return;
        };
        deployment.failed_tasks += 1;
        deployment.updated_at = now;
        if breaker && deployment.rollout == Rollout::InProgress && deployment.failed_tasks >= threshold {
            deployment.fail(now);
        }
    }
}

/// Tasks of a deployment that are wanted.
pub(super) fn wanted<'a>(cluster: &'a Cluster, service: &'a str, deployment: &'a str) -> Vec<&'a Task> {
    let of_service = super::services::tasks_of(cluster, service);
    of_service
        .filter(|task| task.wanted() && task.deployment.as_deref() == Some(deployment))
        .collect()
}
