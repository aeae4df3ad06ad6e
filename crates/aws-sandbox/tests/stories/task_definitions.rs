//! Task definitions keep what they are given.

use aws_sdk_ecs::types::{
    Compatibility, ContainerDefinition, HealthCheck, KeyValuePair, LogConfiguration, LogDriver, NetworkMode,
    PortMapping, Secret, Tag, TaskDefinitionField, TransportProtocol, Ulimit, UlimitName, Volume,
};

use crate::stage::{Stage, refusal, stage};

fn container() -> aws_sdk_ecs::types::builders::ContainerDefinitionBuilder {
    ContainerDefinition::builder()
        .name("jvb")
        .image("ghcr.io/jitsi/jvb:stable-11146-2")
}

fn register(
    stage: &Stage,
    container: ContainerDefinition,
) -> aws_sdk_ecs::operation::register_task_definition::builders::RegisterTaskDefinitionFluentBuilder {
    let register = stage
        .ecs
        .register_task_definition()
        .family("f")
        .network_mode(NetworkMode::Awsvpc);
    register
        .requires_compatibilities(Compatibility::Fargate)
        .cpu("1024")
        .memory("2048")
        .container_definitions(container)
}

#[tokio::test(start_paused = true)]
async fn every_field_is_kept_and_each_registration_is_a_new_revision() {
    let stage = stage();
    let full = container()
        .environment(KeyValuePair::builder().name("JVB_PORT").value("10000").build())
        .secrets(Secret::builder().name("S").value_from("/p/s").build().unwrap())
        .port_mappings(
            PortMapping::builder()
                .container_port(10000)
                .protocol(TransportProtocol::Udp)
                .build(),
        )
        .health_check(HealthCheck::builder().command("CMD").command("true").build().unwrap())
        .log_configuration(
            LogConfiguration::builder()
                .log_driver(LogDriver::Awslogs)
                .options("a", "b")
                .build()
                .unwrap(),
        )
        .ulimits(
            Ulimit::builder()
                .name(UlimitName::Nofile)
                .soft_limit(1)
                .hard_limit(2)
                .build()
                .unwrap(),
        )
        .stop_timeout(120)
        .docker_labels("x", "y")
        .build();
    let tag = Tag::builder().key("a").value("b").build();
    let first = register(&stage, full.clone())
        .volumes(Volume::builder().name("v").build())
        .tags(tag);
    let first = first
        .task_role_arn("arn:aws:iam::123456789012:role/r")
        .send()
        .await
        .unwrap();
    assert_eq!((first.task_definition().unwrap().revision, first.tags().len()), (1, 1));
    let again = register(&stage, full).send().await.unwrap().task_definition.unwrap();
    assert_eq!(again.revision, 2);

    let describe = stage
        .ecs
        .describe_task_definition()
        .task_definition("f:1")
        .include(TaskDefinitionField::Tags);
    let described = describe.send().await.unwrap();
    let definition = described.task_definition().unwrap();
    assert_eq!(definition, first.task_definition().unwrap());
    let kept = &definition.container_definitions()[0];
    assert_eq!(kept.environment()[0].value(), Some("10000"));
    assert_eq!(kept.docker_labels().unwrap()["x"], "y");
    assert_eq!(
        (kept.ulimits()[0].hard_limit, kept.stop_timeout(), kept.essential()),
        (2, Some(120), Some(true))
    );
    assert_eq!(kept.port_mappings()[0].host_port(), Some(10000));
    assert_eq!(
        (definition.volumes()[0].name(), definition.task_role_arn()),
        (Some("v"), Some("arn:aws:iam::123456789012:role/r"))
    );
    assert_eq!(described.tags()[0].key(), Some("a"));
    let latest = stage
        .ecs
        .describe_task_definition()
        .task_definition("f")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (latest.task_definition().unwrap().revision, latest.tags().len()),
        (2, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn definitions_that_fargate_cannot_run_are_refused() {
    let stage = stage();
    let message = |result| {
        let (status, code, message): (u16, String, String) = result;
        assert_eq!((status, code.as_str()), (400, "ClientException"));
        message
    };
    let size = register(&stage, container().build()).memory("64").send().await;
    assert!(
        message(refusal(size)).starts_with("No Fargate configuration exists for given values: 1024 CPU, 64 memory.")
    );
    let bridge = register(&stage, container().build())
        .network_mode(NetworkMode::Bridge)
        .send()
        .await;
    assert!(message(refusal(bridge)).starts_with("Fargate only supports network mode"));
    let nameless = register(&stage, ContainerDefinition::builder().image("x").build())
        .send()
        .await;
    assert_eq!(
        message(refusal(nameless)),
        "Container.name should not be null or empty."
    );
    let imageless = register(&stage, ContainerDefinition::builder().name("x").build())
        .send()
        .await;
    assert_eq!(
        message(refusal(imageless)),
        "Container.image should not be null or empty."
    );
    let slow = register(&stage, container().stop_timeout(121).build()).send().await;
    assert!(message(refusal(slow)).starts_with("StopTimeout"));
    let unknown = stage
        .ecs
        .describe_task_definition()
        .task_definition("other")
        .send()
        .await;
    assert_eq!(message(refusal(unknown)), "Unable to describe task definition.");
}
