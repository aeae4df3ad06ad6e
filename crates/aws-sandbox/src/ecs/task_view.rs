//! A task as it stands in answers.

use serde_json::{Map, Value, json};

use super::tasks::{Container, Phase, Task};
use super::wire::tag_list;
use crate::wire::json::{put, put_time};

/// All that ECS says of a task.
pub(super) fn view(task: &Task, with_tags: bool) -> Value {
    let times = &task.times;
    let group = task.service.as_ref().map(|service| format!("service:{service}"));
    let containers: Vec<Value> = task
        .containers
        .iter()
        .map(|container| container_view(task, container))
        .collect();
    let overrides: Vec<Value> = task
        .containers
        .iter()
        .map(|container| json!({ "name": container.name }))
        .collect();
    let members = json!({
        "attachments": [attachment(task)],
        "attributes": [{ "name": "ecs.cpu-architecture", "value": "x86_64" }],
        "availabilityZone": task.interface.zone,
        "clusterArn": task.cluster_arn,
        "containers": containers,
        "cpu": task.cpu,
        "desiredStatus": if task.wanted { "RUNNING" } else { "STOPPED" },
        "enableExecuteCommand": false,
        "ephemeralStorage": { "sizeInGiB": 20 },
        "fargateEphemeralStorage": { "sizeInGiB": 20 },
        "healthStatus": task.health(),
        "lastStatus": task.phase.name(),
        "launchType": "FARGATE",
        "memory": task.memory,
        "overrides": { "containerOverrides": overrides, "inferenceAcceleratorOverrides": [] },
        "platformFamily": "Linux",
        "platformVersion": "1.4.0",
        "tags": if with_tags { tag_list(&task.tags) } else { json!([]) },
        "taskArn": task.arn,
        "taskDefinitionArn": task.task_definition,
        "version": task.version,
    });
    let Value::Object(mut view) = members else {
        return Value::Null;
    };
    put(&mut view, "group", group);
    put(&mut view, "startedBy", task.deployment.clone());
    put(&mut view, "stopCode", task.stop_code.clone());
    put(&mut view, "stoppedReason", task.stopped_reason.clone());
    put(&mut view, "connectivity", times.connected.map(|_| "CONNECTED"));
    put_time(&mut view, "createdAt", Some(times.created));
    put_time(&mut view, "connectivityAt", times.connected);
    put_time(&mut view, "pullStartedAt", times.pull_started);
    put_time(&mut view, "pullStoppedAt", times.pull_stopped);
    put_time(&mut view, "startedAt", times.started);
    put_time(&mut view, "stoppingAt", times.stopping);
    put_time(&mut view, "executionStoppedAt", times.execution_stopped);
    put_time(&mut view, "stoppedAt", times.stopped);
    Value::Object(view)
}

/// The network interface: only its subnet is known while the task is PROVISIONING.
fn attachment(task: &Task) -> Value {
    let interface = &task.interface;
    let region = interface
        .zone
        .trim_end_matches(|letter: char| letter.is_ascii_lowercase());
    let mut details = vec![("subnetId", interface.subnet.clone())];
    if let Some(address) = &interface.address {
        let name = format!("ip-{}.{region}.compute.internal", address.replace('.', "-"));
        details.extend([
            ("networkInterfaceId", interface.eni.clone()),
            ("macAddress", interface.mac.clone()),
            ("privateDnsName", name),
            ("privateIPv4Address", address.clone()),
        ]);
    }
    let details: Vec<Value> = details
        .iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect();
    json!({
        "id": interface.attachment_id,
        "type": "ElasticNetworkInterface",
        "status": interface.status,
        "details": details,
    })
}

fn container_view(task: &Task, container: &Container) -> Value {
    let interfaces: Vec<Value> = task
        .private_address()
        .map(|address| json!({ "attachmentId": task.interface.attachment_id, "privateIpv4Address": address }))
        .into_iter()
        .collect();
    let status = match task.phase {
        Phase::Provisioning | Phase::Pending | Phase::Activating => "PENDING",
        Phase::Deprovisioning | Phase::Stopped => "STOPPED",
        _ if container.exit_code.is_some() => "STOPPED",
        _ => "RUNNING",
    };
    let mut view: Map<String, Value> = Map::new();
    put(&mut view, "containerArn", Some(container.arn.clone()));
    put(&mut view, "taskArn", Some(task.arn.clone()));
    put(&mut view, "name", Some(container.name.clone()));
    put(&mut view, "image", Some(container.image.clone()));
    if task.times.pull_stopped.is_some() {
        put(&mut view, "imageDigest", Some(container.digest.clone()));
        put(&mut view, "runtimeId", Some(container.runtime_id.clone()));
    }
    put(&mut view, "lastStatus", Some(status));
    put(&mut view, "exitCode", container.exit_code);
    put(&mut view, "reason", container.reason.clone());
    put(&mut view, "networkBindings", Some(json!([])));
    put(&mut view, "networkInterfaces", Some(interfaces));
    put(&mut view, "healthStatus", Some(container.health.clone()));
    put(&mut view, "cpu", Some(container.cpu.clone()));
    Value::Object(view)
}
