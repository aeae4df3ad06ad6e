//! Services: what they are, and how they are described.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::deployments::Deployment;
use super::names::{arn, cluster, cluster_key, invalid, member_key};
use super::wire::{NetworkConfiguration, missing, page, tag_list};
use super::{Cluster, Task};
use crate::clock::{Ms, epoch_seconds};
use crate::tags::Tags;
use crate::wire::{ApiError, Caller, json};
use crate::world::{Place, World};

/// A service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EcsService {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub(crate) status: String,
    pub(crate) desired: u32,
    /// `FARGATE`, `EC2`, `EXTERNAL`; none with a capacity provider strategy.
    pub(crate) launch_type: Option<String>,
    pub(crate) platform_version: String,
    /// The ARN of the definition that new tasks get.
    pub(crate) task_definition: String,
    pub(crate) network: NetworkConfiguration,
    pub(crate) deployment_configuration: DeploymentConfiguration,
    /// The primary one first.
    pub(crate) deployments: Vec<Deployment>,
    /// Newest first.
    events: Vec<ServiceEvent>,
    pub(crate) created_at: Ms,
    pub(crate) created_by: String,
    pub(crate) tags: Tags,
    pub(crate) availability_zone_rebalancing: String,
    /// Members that are kept as given and do nothing here, such as `enableExecuteCommand`.
    pub(crate) kept: Map<String, Value>,
    /// Deleted: it becomes INACTIVE once its tasks are gone.
    pub(crate) deleted: bool,
    /// Since when it is INACTIVE.
    pub(crate) inactive_since: Option<Ms>,
    /// Tasks that failed to start, in a row.
    pub(crate) failures: u32,
    /// No attempt to start a task before this.
    pub(crate) start_not_before: Ms,
    /// When the scheduler looks at it next.
    pub(crate) next_look: Option<Ms>,
    /// What the last event of a lasting condition said, so that it is said once.
    pub(crate) told: Option<String>,
    /// When its desired count was lowered last, and by which call.
    pub(super) lowered: Option<(Ms, Option<u64>)>,
    /// The call that began its latest deployment.
    pub(super) replaced_by: Option<u64>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct ServiceEvent {
    id: String,
    at: Ms,
    message: String,
}

/// How tasks are replaced.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DeploymentConfiguration {
    pub(crate) deployment_circuit_breaker: CircuitBreaker,
    pub(crate) maximum_percent: u32,
    pub(crate) minimum_healthy_percent: u32,
    strategy: String,
    bake_time_in_minutes: u32,
}

/// Whether a deployment whose tasks fail is given up.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct CircuitBreaker {
    pub(crate) enable: bool,
    pub(crate) rollback: bool,
}

impl Default for DeploymentConfiguration {
    fn default() -> Self {
        Self {
            deployment_circuit_breaker: CircuitBreaker::default(),
            maximum_percent: 200,
            minimum_healthy_percent: 100,
            strategy: "ROLLING".to_owned(),
            bake_time_in_minutes: 0,
        }
    }
}

/// AWS keeps this many events.
const EVENTS: usize = 100;

impl EcsService {
    /// A service that has just been made, with one deployment in progress.
    pub(super) fn new(arn: String, name: String, deployment: Deployment, created_at: Ms, created_by: String) -> Self {
        Self {
            arn,
            name,
            status: "ACTIVE".to_owned(),
            desired: deployment.desired,
            launch_type: deployment.launch_type.clone(),
            platform_version: "LATEST".to_owned(),
            task_definition: deployment.task_definition.clone(),
            network: deployment.network.clone(),
            deployment_configuration: DeploymentConfiguration::default(),
            deployments: vec![deployment],
            events: Vec::new(),
            created_at,
            created_by,
            tags: Tags::default(),
            availability_zone_rebalancing: "ENABLED".to_owned(),
            kept: Map::new(),
            deleted: false,
            inactive_since: None,
            failures: 0,
            start_not_before: 0,
            next_look: None,
            told: None,
            lowered: None,
            replaced_by: None,
        }
    }

    /// Adds an event: `(service NAME) TEXT`.
    pub(super) fn tell(&mut self, id: String, at: Ms, text: &str) {
        let message = format!("(service {}) {text}", self.name);
        self.events.insert(0, ServiceEvent { id, at, message });
        self.events.truncate(EVENTS);
    }

    /// Adds an event about a condition that lasts, unless it was the last to be told.
    pub(super) fn tell_once(&mut self, id: String, at: Ms, text: &str) {
        if self.told.as_deref() != Some(text) {
            self.tell(id, at, text);
            self.told = Some(text.to_owned());
        }
    }

    /// Whether its tasks run on Fargate.
    pub(super) fn on_fargate(&self) -> bool {
        self.launch_type
            .as_deref()
            .is_none_or(|launch_type| launch_type == "FARGATE")
    }
}

/// The tasks of a service.
pub(super) fn tasks_of<'a>(cluster: &'a Cluster, service: &'a str) -> impl Iterator<Item = &'a Task> {
    cluster
        .tasks
        .values()
        .filter(move |task| task.service.as_deref() == Some(service))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct DescribeServices {
    cluster: Option<String>,
    services: Vec<String>,
    include: Vec<String>,
}

/// DescribeServices: at most ten; unknown ones are `failures`.
pub(super) fn describe(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: DescribeServices = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    if input.services.is_empty() {
        return Err(invalid("Services cannot be empty."));
    }
    if input.services.len() > 10 {
        return Err(invalid("Services cannot have more than 10 elements."));
    }
    let described = world.profile.inactive_service_described;
    let cluster = cluster(world.region(&caller.place), &key)?;
    let (mut found, mut absent) = (Vec::new(), Vec::new());
    for given in &input.services {
        let name = member_key(given, "service", caller)?;
        let service = cluster.services.get(&name);
        match service.filter(|service| {
            service
                .inactive_since
                .is_none_or(|since| caller.now < since + described)
        }) {
            Some(service) => found.push(view(cluster, service, input.include.iter().any(|what| what == "TAGS"))),
            // Of a bare name the answer has the older form of the ARN, without the cluster.
            None if given.starts_with("arn:") => absent.push(given.clone()),
            None => absent.push(arn(&caller.place, "service", &name)),
        }
    }
    Ok(json!({ "services": found, "failures": missing(absent) }))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct ListServices {
    cluster: Option<String>,
    next_token: Option<String>,
    max_results: Option<i64>,
    launch_type: Option<String>,
}

/// ListServices: ten a page unless more are asked for.
pub(super) fn list(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: ListServices = json::input(body)?;
    let key = cluster_key(input.cluster.as_deref(), caller)?;
    let cluster = cluster(world.region(&caller.place), &key)?;
    let listed = cluster.services.values().filter(|service| {
        service.status != "INACTIVE" && (input.launch_type.is_none() || service.launch_type == input.launch_type)
    });
    let arns = listed.map(|service| service.arn.clone()).collect();
    let (arns, next) = page(arns, input.max_results, 10, input.next_token.as_deref())?;
    let mut answer = json!({ "serviceArns": arns });
    if let Some(next) = next {
        answer["nextToken"] = next.into();
    }
    Ok(answer)
}

/// The service as it stands in answers.
pub(super) fn view(cluster: &Cluster, service: &EcsService, with_tags: bool) -> Value {
    let count = |counted: fn(&Task) -> bool| tasks_of(cluster, &service.name).filter(|task| counted(task)).count();
    let events = service.events.iter();
    let mut view = json!({
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": cluster.arn,
        "loadBalancers": [],
        "serviceRegistries": [],
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": count(Task::counts_as_running),
        "pendingCount": count(Task::counts_as_pending),
        "taskDefinition": service.task_definition,
        "deploymentConfiguration": service.deployment_configuration,
        "deployments": service.deployments.iter().map(|deployment| deployment.view(cluster)).collect::<Vec<_>>(),
        "events": events.map(|event| json!({
            "id": event.id, "createdAt": epoch_seconds(event.at), "message": event.message,
        })).collect::<Vec<_>>(),
        "createdAt": epoch_seconds(service.created_at),
        "createdBy": service.created_by,
        "placementConstraints": [],
        "placementStrategy": [],
        "networkConfiguration": service.network,
        "schedulingStrategy": "REPLICA",
        "deploymentController": { "type": "ECS" },
        "enableECSManagedTags": false,
        "propagateTags": "NONE",
        "enableExecuteCommand": false,
        "availabilityZoneRebalancing": service.availability_zone_rebalancing,
    });
    if let Some(launch_type) = &service.launch_type {
        view["launchType"] = launch_type.as_str().into();
    }
    if service.on_fargate() {
        view["platformVersion"] = service.platform_version.as_str().into();
        view["platformFamily"] = "Linux".into();
    }
    if !service.network.awsvpc_configuration.subnets.is_empty() {
        view["roleArn"] = service_linked_role(&service.arn).into();
    }
    for (name, value) in &service.kept {
        view[name] = value.clone();
    }
    if with_tags {
        view["tags"] = tag_list(&service.tags);
    }
    view
}

/// The role with which ECS manages network interfaces, in the account of a service.
fn service_linked_role(service_arn: &str) -> String {
    let account = service_arn.split(':').nth(4).unwrap_or_default();
    format!("arn:aws:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS")
}

/// The ARN of a service.
pub(super) fn service_arn(place: &Place, cluster: &str, name: &str) -> String {
    arn(place, "service", &format!("{cluster}/{name}"))
}
