//! How long things take: the time profile. Sources and ranges are in `docs/aws-sandbox.md`.

use serde::{Deserialize, Serialize};

use crate::clock::{HOUR, MINUTE, Ms, SECOND};

/// Durations in milliseconds of simulated time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeProfile {
    /// From the arrival of a read to its answer.
    pub read_latency: Ms,
    /// From the arrival of a creation to its effect and answer.
    pub creation_latency: Ms,
    /// From the arrival of any other mutation to its effect and answer.
    pub mutation_latency: Ms,
    /// CreateLoadBalancer to `active`.
    pub load_balancer_active: Ms,
    /// `initial/Elb.RegistrationInProgress`: from the moment when target group, active load balancer and target come together.
    pub target_registration: Ms,
    /// How long a target group stays "in use" after its load balancer was deleted.
    pub target_group_lingers: Ms,
    /// How long an elastic address stays "in use" after its load balancer was deleted.
    pub elastic_address_lingers: Ms,
    /// From a change of a service to the scheduler's new task.
    pub task_created: Ms,
    /// From a lowered desired count to the stop of the surplus.
    pub scale_in: Ms,
    /// From a task's creation to its network interface (PROVISIONING).
    pub network_interface: Ms,
    /// From a task's creation to the start of the image pull.
    pub pull_started: Ms,
    /// The image pull: 1.86 GiB at 58 MiB/s.
    pub pull: Ms,
    /// From a task's creation to RUNNING.
    pub task_running: Ms,
    /// From RUNNING to the first answer of the application.
    pub application_answers: Ms,
    /// From SIGTERM to the exit of the containers (SIGKILL comes after the definition's stopTimeout).
    pub container_exit: Ms,
    /// From the exit of the containers to `executionStoppedAt`.
    pub execution_stopped: Ms,
    /// DEPROVISIONING.
    pub deprovisioning: Ms,
    /// How long a stopped task is described.
    pub stopped_task_described: Ms,
    /// How long a deleted service is described as INACTIVE.
    pub inactive_service_described: Ms,
    /// The longest wait between two attempts to start tasks that keep failing.
    pub longest_backoff: Ms,
    /// Between two attempts to place a task while there is no capacity.
    pub placement_retry: Ms,
    /// From a container's first failed health check to UNHEALTHY (three retries, 30 s apart).
    pub container_unhealthy: Ms,
    /// From UNHEALTHY to the scheduler's stop of the task.
    pub unhealthy_task_stopped: Ms,
    /// From a change of a hosted zone to INSYNC.
    pub dns_change_in_sync: Ms,
    /// For how long after it accepted a batch Route 53 refuses others of the same hosted zone.
    pub dns_batch: Ms,
    /// Between two readings of a task's `meeting-sentinel`; each task has its own moment within it.
    pub sentinel_interval: Ms,
    /// How long after it set a task's protection the sentinel renews it.
    pub sentinel_renewal: Ms,
    /// For how long the sentinel protects its task.
    pub sentinel_protection: Ms,
    /// How long jicofo counts a conference that was asked for and that nobody joins.
    pub conference_initial: Ms,
}

impl Default for TimeProfile {
    fn default() -> Self {
        Self {
            read_latency: 40,
            creation_latency: 300,
            mutation_latency: 120,
            load_balancer_active: 150 * SECOND,
            target_registration: 120 * SECOND,
            target_group_lingers: 10 * SECOND,
            elastic_address_lingers: 10 * SECOND,
            task_created: 8 * SECOND,
            scale_in: 4 * SECOND,
            network_interface: 4 * SECOND,
            pull_started: 15 * SECOND,
            pull: 33 * SECOND,
            task_running: 72 * SECOND,
            application_answers: 15 * SECOND,
            container_exit: 500,
            execution_stopped: 12 * SECOND,
            deprovisioning: 20 * SECOND,
            stopped_task_described: HOUR,
            inactive_service_described: HOUR,
            longest_backoff: 27 * MINUTE,
            placement_retry: 30 * SECOND,
            container_unhealthy: 90 * SECOND,
            unhealthy_task_stopped: 30 * SECOND,
            dns_change_in_sync: 30 * SECOND,
            dns_batch: 500,
            sentinel_interval: 10 * SECOND,
            sentinel_renewal: MINUTE,
            sentinel_protection: 5 * MINUTE,
            conference_initial: 15 * SECOND,
        }
    }
}
