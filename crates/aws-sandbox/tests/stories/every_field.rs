//! A task definition with every field of the API: what was registered is described, through the wire and through the SDK,
//! and can be registered again as it is.

use aws_sdk_ecs::types::{TaskDefinition, TaskDefinitionField};
use bytes::Bytes;
use serde_json::Value;

use crate::stage::{Stage, seconds, stage};

const EVERYTHING: &str = include_str!("every_field.json");

/// An answer of ECS as it stands on the wire.
async fn wire(stage: &Stage, operation: &str, input: &Value) -> Value {
    let signature = format!("Credential={}/20260115/us-west-2/ecs/aws4_request", stage.spec.account);
    let request = http::Request::post("http://aws.example/")
        .header("authorization", signature)
        .header(
            "x-amz-target",
            format!("AmazonEC2ContainerServiceV20141113.{operation}"),
        )
        .body(Bytes::from(input.to_string()));
    let answer = stage.sandbox.handle(request.unwrap()).await.unwrap();
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(answer.status(), 200, "{body}");
    body
}

async fn described(stage: &Stage, name: &str) -> (Value, TaskDefinition) {
    let input = serde_json::json!({ "taskDefinition": name, "include": ["TAGS"] });
    let raw = wire(stage, "DescribeTaskDefinition", &input).await;
    let describe = stage.ecs.describe_task_definition().task_definition(name);
    let typed = describe.include(TaskDefinitionField::Tags).send().await.unwrap();
    assert_eq!(typed.tags().len(), raw["tags"].as_array().map_or(0, Vec::len));
    (raw, typed.task_definition.unwrap())
}

#[expect(
    deprecated,
    reason = "AWS still takes the field, and a definition that has it must not lose it"
)]
#[tokio::test(start_paused = true)]
async fn a_definition_that_uses_every_field_is_described_and_registered_again_without_a_loss() {
    let stage = stage();
    let given: Value = serde_json::from_str(EVERYTHING).unwrap();
    wire(&stage, "RegisterTaskDefinition", &given).await;
    let (raw, typed) = described(&stage, "everything").await;
    for (name, value) in given.as_object().unwrap() {
        let there = if name == "tags" {
            &raw["tags"]
        } else {
            &raw["taskDefinition"][name]
        };
        assert_eq!(there, value, "{name}");
    }
    // The SDK's model knows no field that the definition above does not use.
    let model = format!(
        "{:?} {:?} {:?} {:?}",
        typed.container_definitions, typed.volumes, typed.proxy_configuration, typed.runtime_platform
    );
    assert!(!model.contains("None"), "{model}");

    let register = stage.ecs.register_task_definition().set_family(typed.family.clone());
    let register = register
        .set_task_role_arn(typed.task_role_arn.clone())
        .set_execution_role_arn(typed.execution_role_arn.clone())
        .set_network_mode(typed.network_mode.clone())
        .set_container_definitions(typed.container_definitions.clone())
        .set_volumes(typed.volumes.clone())
        .set_placement_constraints(typed.placement_constraints.clone())
        .set_requires_compatibilities(typed.requires_compatibilities.clone())
        .set_cpu(typed.cpu.clone())
        .set_memory(typed.memory.clone())
        .set_pid_mode(typed.pid_mode.clone())
        .set_ipc_mode(typed.ipc_mode.clone())
        .set_proxy_configuration(typed.proxy_configuration.clone())
        .set_inference_accelerators(typed.inference_accelerators.clone())
        .set_ephemeral_storage(typed.ephemeral_storage.clone())
        .set_runtime_platform(typed.runtime_platform.clone())
        .set_enable_fault_injection(typed.enable_fault_injection);
    let tag = aws_sdk_ecs::types::Tag::builder().key("Project").value("p").build();
    register.tags(tag).send().await.unwrap();
    let (mut again, _) = described(&stage, "everything").await;
    assert_eq!(again["taskDefinition"]["revision"], 2);
    for changed in ["revision", "taskDefinitionArn", "registeredAt"] {
        again["taskDefinition"][changed] = raw["taskDefinition"][changed].clone();
    }
    assert_eq!(again, raw);
}

#[tokio::test(start_paused = true)]
async fn a_new_revision_can_be_taken_up_while_nothing_runs_and_the_next_task_has_it() {
    let stage = stage();
    let family = format!("{}-task", stage.spec.project);
    let (raw, _) = described(&stage, &family).await;
    let mut next = raw["taskDefinition"].clone();
    let known = [
        "family",
        "networkMode",
        "requiresCompatibilities",
        "cpu",
        "memory",
        "containerDefinitions",
    ];
    next.as_object_mut()
        .unwrap()
        .retain(|name, _| known.contains(&name.as_str()));
    next["containerDefinitions"][3]["environment"] =
        serde_json::json!([{ "name": "JVB_ADVERTISE_IPS", "value": "192.0.2.1" }]);
    let made = wire(&stage, "RegisterTaskDefinition", &next).await;
    let arn = made["taskDefinition"]["taskDefinitionArn"].as_str().unwrap().to_owned();
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    let updated = update.task_definition(&arn).send().await.unwrap().service.unwrap();
    assert_eq!(
        (updated.desired_count, updated.task_definition()),
        (0, Some(arn.as_str()))
    );
    seconds(60).await;
    let service = stage.service().await;
    assert_eq!((service.deployments().len(), service.running_count), (1, 0));
    assert_eq!(
        service.deployments()[0].rollout_state().map(|it| it.as_str()),
        Some("COMPLETED")
    );
    let (task, _) = stage.running_task().await;
    assert_eq!(stage.task(&task).await.task_definition_arn(), Some(arn.as_str()));
}
