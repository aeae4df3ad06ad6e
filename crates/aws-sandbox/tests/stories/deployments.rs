//! Deployments: when tasks are replaced, and when a deployment fails.

use aws_sdk_ecs::types::{
    AvailabilityZoneRebalancing, AwsVpcConfiguration, DeploymentCircuitBreaker, DeploymentConfiguration,
    NetworkConfiguration,
};

use aws_sandbox::TaskFate;

use crate::stage::{seconds, stage};

fn network(subnets: Vec<String>) -> NetworkConfiguration {
    let vpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(subnets))
        .build()
        .unwrap();
    NetworkConfiguration::builder().awsvpc_configuration(vpc).build()
}

#[tokio::test(start_paused = true)]
async fn a_changed_count_begins_no_deployment() {
    let stage = stage();
    let before = stage.service().await;
    assert_eq!(before.deployments()[0].rollout_state().unwrap().as_str(), "COMPLETED");
    stage.scale(1).await;
    seconds(30).await;
    let during = stage.service().await;
    assert_eq!(
        (during.desired_count, during.running_count, during.pending_count),
        (1, 0, 1)
    );
    assert_eq!(during.deployments().len(), 1);
    let deployment = &during.deployments()[0];
    assert_eq!(deployment.id(), before.deployments()[0].id());
    assert_eq!(
        deployment.rollout_state().unwrap().as_str(),
        "COMPLETED",
        "useless as a sign of progress"
    );
    assert_eq!((deployment.desired_count, deployment.pending_count), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_new_task_definition_replaces_every_task() {
    let stage = stage();
    let (old, _) = stage.running_task().await;
    let definition = stage
        .ecs
        .describe_task_definition()
        .task_definition("jitsi-video-platform-task")
        .send()
        .await
        .unwrap();
    let definition = definition.task_definition.unwrap();
    let register = stage
        .ecs
        .register_task_definition()
        .family("jitsi-video-platform-task")
        .cpu("4096")
        .memory("8192");
    let register = register.network_mode(definition.network_mode.clone().unwrap());
    let register = register.requires_compatibilities("FARGATE".into());
    let next = register
        .set_container_definitions(definition.container_definitions)
        .send()
        .await
        .unwrap();
    let next = next.task_definition.unwrap().task_definition_arn.unwrap();
    assert!(next.ends_with(":2"));
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    let updated = update.task_definition(&next).send().await.unwrap().service.unwrap();
    assert_eq!(updated.deployments().len(), 2);
    let states: Vec<_> = updated
        .deployments()
        .iter()
        .map(|deployment| deployment.status().unwrap())
        .collect();
    assert_eq!(states, ["PRIMARY", "ACTIVE"]);
    assert_eq!(
        updated.deployments()[0].rollout_state().unwrap().as_str(),
        "IN_PROGRESS"
    );

    seconds(200).await;
    let service = stage.service().await;
    assert_eq!(service.deployments().len(), 1);
    assert_eq!(service.deployments()[0].rollout_state().unwrap().as_str(), "COMPLETED");
    let new = stage.listed().await.remove(0);
    assert_ne!(new, old);
    assert_eq!(stage.task(&new).await.task_definition_arn(), Some(next.as_str()));
}

#[tokio::test(start_paused = true)]
async fn with_room_for_two_the_old_task_stays_until_the_new_one_runs() {
    let stage = stage();
    let (old, _) = stage.running_task().await;
    let configuration = DeploymentConfiguration::builder()
        .maximum_percent(200)
        .minimum_healthy_percent(100)
        .build();
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    update
        .deployment_configuration(configuration)
        .force_new_deployment(true)
        .send()
        .await
        .unwrap();
    seconds(60).await;
    assert_eq!(stage.task(&old).await.last_status(), Some("RUNNING"));
    assert_eq!(stage.listed().await.len(), 2);
    seconds(40).await;
    assert_eq!(stage.listed().await.len(), 1);
    assert_eq!(stage.task(&old).await.desired_status(), Some("STOPPED"));
}

#[tokio::test(start_paused = true)]
async fn the_circuit_breaker_gives_a_deployment_up_and_starts_no_more_tasks() {
    let stage = stage();
    let service = stage.spec.service_arn();
    let fate = TaskFate::StopsWhileStarting {
        stop_code: "TaskFailedToStart".into(),
        reason: "CannotPullContainerError".into(),
        container_exit: None,
        after_seconds: 10,
    };
    stage.sandbox.world(|world| world.set_task_fate(&service, fate));
    let breaker = DeploymentCircuitBreaker::builder().enable(true).rollback(false).build();
    let configuration = DeploymentConfiguration::builder()
        .deployment_circuit_breaker(breaker)
        .build();
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service)
        .desired_count(1);
    update
        .deployment_configuration(configuration)
        .force_new_deployment(true)
        .send()
        .await
        .unwrap();
    seconds(600).await;
    let deployment = stage.service().await.deployments.unwrap().remove(0);
    assert_eq!(
        (deployment.rollout_state().unwrap().as_str(), deployment.failed_tasks),
        ("FAILED", 3)
    );
    let text = "ECS deployment circuit breaker: tasks failed to start.";
    assert_eq!(deployment.rollout_state_reason(), Some(text));
    assert!(stage.listed().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_does_not_concern_the_tasks_changes_without_a_deployment() {
    let stage = stage();
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    let updated = update
        .availability_zone_rebalancing(AvailabilityZoneRebalancing::Enabled)
        .enable_execute_command(true);
    let service = updated.send().await.unwrap().service.unwrap();
    assert_eq!(
        service.availability_zone_rebalancing(),
        Some(&AvailabilityZoneRebalancing::Enabled)
    );
    assert!(service.enable_execute_command());
    assert_eq!(service.deployments().len(), 1);
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    let moved = update
        .network_configuration(network(stage.subnets().await))
        .send()
        .await
        .unwrap()
        .service
        .unwrap();
    assert_eq!(
        moved.deployments().len(),
        2,
        "without a public address is another network"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_deployment_starts_nothing() {
    let stage = stage();
    let arn = stage.spec.service_arn();
    stage.sandbox.world(|world| world.mark_deployment_failed(&arn)).unwrap();
    stage.scale(1).await;
    seconds(300).await;
    let service = stage.service().await;
    assert_eq!(service.deployments()[0].rollout_state().unwrap().as_str(), "FAILED");
    assert_eq!((service.running_count, service.pending_count), (0, 0));
}
