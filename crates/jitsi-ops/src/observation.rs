//! What was seen at AWS: plain values, without the SDK's types, so that the plan can be tested without AWS.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::guard::GuardReading;
use crate::reading::Reading;
use crate::record::{Change, Record};

pub use crate::task_definition::{ContainerDefinition, Port, Revision, SecretVariable, TaskDefinition};

/// Tags of one resource.
pub type Tags = BTreeMap<String, String>;

/// Attributes of a load balancer or target group, by AWS's keys.
pub type Attributes = BTreeMap<String, String>;

/// Everything that a goal may want to know, each part with what the last look said.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// When the last part was read.
    pub at: Timestamp,
    /// The same moment by AWS's clock, as the `Date` of its answers tells it; `None` before the first answer.
    pub aws_at: Option<Timestamp>,
    /// Whose credentials these are.
    pub identity: Reading<Identity>,
    /// The ECS cluster's status, `ACTIVE` when it can be used.
    pub cluster: Reading<String>,
    /// The ECS service.
    pub service: Reading<Service>,
    /// The service's task definition.
    pub task_definition: Reading<TaskDefinition>,
    /// The revision of the task definition that this run has registered, if it has.
    pub new_revision: Option<Revision>,
    /// SSM parameters that the task definition refers to and that do not exist.
    pub missing_parameters: Reading<Vec<String>>,
    /// The bucket for recordings.
    pub bucket: Reading<Bucket>,
    /// The service's tasks, running, starting, stopping and lately stopped.
    pub tasks: Reading<Vec<Task>>,
    /// When reading the tasks was begun, by a clock that also runs while the machine sleeps.
    pub tasks_at: Timestamp,
    /// The last reading of the guard.
    pub guard: Option<GuardReading>,
    /// All load balancers and target groups of account and region, whatever their names.
    pub fleet: Reading<Fleet>,
    /// The load balancer of the configured name.
    pub load_balancer: Reading<LoadBalancer>,
    /// To which addresses the load balancer's name leads.
    pub addresses: Reading<Addresses>,
    /// The target groups, by name.
    pub target_groups: BTreeMap<String, Reading<TargetGroup>>,
    /// The load balancer's listeners.
    pub listeners: Reading<Vec<Listener>>,
    /// Registered targets with their health, by target group name.
    pub targets: BTreeMap<String, Reading<Vec<Target>>>,
    /// Tags of load balancer, target groups and listeners, by ARN.
    pub tags: BTreeMap<String, Reading<Tags>>,
    /// Attributes of load balancer and target groups, by ARN.
    pub attributes: BTreeMap<String, Reading<Attributes>>,
    /// All records of the platform's name in its hosted zone.
    pub records: Reading<Vec<Record>>,
    /// The id of this run's last change of records.
    pub change_id: Option<String>,
    /// How far that change has come.
    pub change: Reading<Change>,
}

impl Observation {
    /// The target group of that name, if it is there.
    pub fn group(&self, name: &str) -> Option<&TargetGroup> {
        self.target_groups.get(name).and_then(Reading::here)
    }

    /// The targets registered in the target group of that name, if they could be read.
    pub fn targets_in(&self, group: &str) -> Option<&[Target]> {
        self.targets.get(group).and_then(Reading::here).map(Vec::as_slice)
    }

    /// The tags of the resource, if they could be read.
    pub fn tags_of(&self, arn: &str) -> Option<&Tags> {
        self.tags.get(arn).and_then(Reading::here)
    }

    /// The attributes of the resource, if they could be read.
    pub fn attributes_of(&self, arn: &str) -> Option<&Attributes> {
        self.attributes.get(arn).and_then(Reading::here)
    }

    /// The account in which the platform is, as far as AWS has told it.
    pub fn account(&self) -> Option<&str> {
        let by_service = || self.service.here().and_then(Service::account);
        let identity = self.identity.here().map(|identity| identity.account.as_str());
        identity.or_else(by_service)
    }

    /// The tasks, as far as they could be read.
    pub fn tasks(&self) -> &[Task] {
        self.tasks.here().map_or(&[], Vec::as_slice)
    }
}

/// The answer of GetCallerIdentity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Twelve digits.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
}

/// An ECS service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its ARN, which also serves as the platform's identity in tags.
    pub arn: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// How many tasks it is asked to run.
    pub desired: u32,
    /// How many run, by ECS's count, which leaves out tasks that are stopping.
    pub running: u32,
    /// How many are starting, by ECS's count.
    pub pending: u32,
    /// ARN of its task definition.
    pub task_definition: String,
    /// `rolloutState` of the PRIMARY deployment.
    pub rollout_state: Option<String>,
    /// Why the rollout is in that state.
    pub rollout_reason: Option<String>,
    /// The subnets in which its tasks run.
    pub subnets: Vec<String>,
    /// Whether its tasks get a public address of their own, if AWS says.
    pub public_ip: Option<bool>,
    /// The least percentage of the desired count that runs during a deployment, if AWS says.
    pub minimum_healthy_percent: Option<u32>,
    /// The highest percentage of the desired count that runs during a deployment, if AWS says.
    pub maximum_percent: Option<u32>,
    /// `availabilityZoneRebalancing`: `ENABLED` or `DISABLED`, if AWS says.
    pub zone_rebalancing: Option<String>,
    /// The Fargate platform version that it asks for, `LATEST` mostly.
    pub platform_version: Option<String>,
    /// ARNs of the target groups in which ECS itself registers its tasks.
    pub attached_groups: Vec<String>,
    /// Its latest events, newest first.
    pub events: Vec<ServiceEvent>,
    /// Its tags.
    pub tags: Tags,
}

impl Service {
    /// The account in its ARN.
    pub fn account(&self) -> Option<&str> {
        self.arn.split(':').nth(4).filter(|account| !account.is_empty())
    }
}

/// All load balancers and target groups of an account and region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Load balancers of every kind.
    pub balancers: Vec<Found>,
    /// Target groups.
    pub groups: Vec<Found>,
}

/// A load balancer or target group, with what tells whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: Tags,
    /// When it was created; AWS tells it of load balancers only.
    pub created_at: Option<Timestamp>,
}

/// One line of a service's own log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceEvent {
    /// Unique per event.
    pub id: String,
    /// When, by AWS's clock.
    pub at: Option<Timestamp>,
    /// AWS's text.
    pub message: String,
}

/// What HeadBucket or the search by name said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// It can be reached.
    Reachable(String),
    /// There is none of that name.
    Missing(String),
    /// It is in another region than the platform; the second value is its region.
    Elsewhere(String, String),
    /// AWS does not let this identity look; the second value is what AWS said.
    Forbidden(String, String),
    /// None is configured and none has the project's name.
    NoneNamed,
    /// None is configured and several have the project's name.
    Several(Vec<String>),
}

/// An ECS task of the service.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// `lastStatus`: PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED.
    pub last_status: String,
    /// `desiredStatus`: RUNNING or STOPPED.
    pub desired_status: String,
    /// `healthStatus`; UNKNOWN for ever where no essential container has a health check.
    pub health: String,
    /// The address of its network interface, once it is attached.
    pub private_ip: Option<String>,
    /// The zone it runs in.
    pub zone: Option<String>,
    /// ARN of the task definition that it was made from.
    pub task_definition: Option<String>,
    /// The Fargate platform version that it runs on.
    pub platform_version: Option<String>,
    /// CPU units, 1024 to the vCPU.
    pub cpu_units: Option<u32>,
    /// Memory in MiB.
    pub memory_mib: Option<u32>,
    /// Ephemeral storage in GiB.
    pub storage_gib: Option<u32>,
    /// The architecture of its processor: `x86_64` or `arm64`.
    pub architecture: Option<String>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When the pull of its images began. AWS charges for it from then on.
    pub pull_started_at: Option<Timestamp>,
    /// When it reached RUNNING.
    pub started_at: Option<Timestamp>,
    /// Why it stopped, as a code.
    pub stop_code: Option<String>,
    /// Why it stopped, as a text.
    pub stopped_reason: Option<String>,
    /// When it reached STOPPED.
    pub stopped_at: Option<Timestamp>,
    /// Its containers.
    pub containers: Vec<Container>,
}

impl Task {
    /// The task id, the last part of the ARN.
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or(&self.arn)
    }

    /// The first characters of the id, enough to tell tasks apart in a message.
    pub fn short_id(&self) -> &str {
        let id = self.id();
        id.get(..8).unwrap_or(id)
    }

    /// Whether it is over.
    pub fn is_stopped(&self) -> bool {
        matches!(self.last_status.as_str(), "STOPPED" | "DELETED")
    }

    /// Whether it is on its way to STOPPED, or there.
    pub fn is_ending(&self) -> bool {
        self.desired_status == "STOPPED"
            || matches!(
                self.last_status.as_str(),
                "DEACTIVATING" | "STOPPING" | "DEPROVISIONING" | "STOPPED" | "DELETED"
            )
    }

    /// Whether it runs now and is meant to.
    pub fn is_running(&self) -> bool {
        self.last_status == "RUNNING" && self.desired_status == "RUNNING"
    }

    /// Whether it has ever reached RUNNING, so that somebody may have met in it.
    ///
    /// DEACTIVATING and STOPPING are not proof by themselves: a task that never started passes through them too.
    pub fn has_run(&self) -> bool {
        self.started_at.is_some() || self.last_status == "RUNNING"
    }
}

/// A container of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// The image reference, as it stands in the task definition.
    pub image: Option<String>,
    /// `healthStatus`; UNKNOWN where it has no health check.
    pub health: String,
    /// Its status.
    pub last_status: String,
    /// Its exit code, once it has ended.
    pub exit_code: Option<i32>,
    /// Why it ended or did not start.
    pub reason: Option<String>,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The DNS name that AWS gave it.
    pub dns_name: String,
    /// `provisioning`, `active`, `active_impaired` or `failed`.
    pub state: String,
    /// AWS's reason for the state.
    pub state_reason: Option<String>,
    /// `network` or `application`.
    pub kind: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// Its VPC.
    pub vpc_id: String,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// Its availability zones.
    pub zones: Vec<String>,
    /// The hosted zone in which AWS keeps its name; `None`: AWS has not told it.
    pub zone_id: Option<String>,
    /// Its elastic addresses, where it has such.
    pub elastic: Vec<ElasticAddress>,
    /// When it was created.
    pub created_at: Option<Timestamp>,
}

impl LoadBalancer {
    /// Whether it takes traffic: `active`, or `active_impaired`.
    pub fn is_active(&self) -> bool {
        self.state.starts_with("active")
    }
}

/// An elastic address of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElasticAddress {
    /// The subnet in whose zone it is.
    pub subnet: String,
    /// `eipalloc-` and digits.
    pub allocation_id: String,
    /// The IPv4 address, if AWS tells it.
    pub address: Option<String>,
}

/// What a resolver said of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The name.
    pub name: String,
    /// IPv4 addresses, in order.
    pub addresses: Vec<String>,
}

/// A target group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `UDP`, `TCP`, ...
    pub protocol: String,
    /// The port on which targets listen.
    pub port: u16,
    /// `ip` or `instance`.
    pub target_type: String,
    /// Its VPC.
    pub vpc_id: String,
    /// ARNs of the load balancers of which a listener forwards to it.
    pub load_balancers: Vec<String>,
    /// Its health check.
    pub health_check: HealthCheck,
}

/// A target group's health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    /// `HTTP`, `HTTPS` or `TCP`.
    pub protocol: String,
    /// A port, or `traffic-port`.
    pub port: String,
    /// The path, for HTTP and HTTPS.
    pub path: Option<String>,
    /// HTTP statuses that count as passed, for HTTP and HTTPS.
    pub matcher: Option<String>,
    /// Seconds between two checks.
    pub interval: i32,
    /// Seconds to wait for an answer.
    pub timeout: i32,
    /// Passed checks in a row that make a target healthy again.
    pub healthy_threshold: i32,
    /// Failed checks in a row that make a target unhealthy.
    pub unhealthy_threshold: i32,
}

/// A listener of the load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its port.
    pub port: u16,
    /// `UDP`, `TCP`, `TLS`, ...
    pub protocol: String,
    /// The target group that its default action forwards to.
    pub forwards_to: Option<String>,
    /// Its certificate, for TLS.
    pub certificate_arn: Option<String>,
}

/// A target registered in a target group, with its health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The address.
    pub id: String,
    /// The port.
    pub port: u16,
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining`, ...
    pub state: String,
    /// AWS's reason code; a healthy target has none.
    pub reason: Option<String>,
    /// AWS's text for the reason.
    pub description: Option<String>,
}

impl Target {
    /// Whether traffic reaches it.
    pub fn is_healthy(&self) -> bool {
        self.state == "healthy"
    }

    /// Whether it is registered to stay.
    pub fn is_registered(&self) -> bool {
        !matches!(self.state.as_str(), "draining" | "unhealthy.draining")
            && self.reason.as_deref() != Some("Target.NotRegistered")
    }
}
