//! Tasks that do not start, die, or never answer; and what the service says of them.

use aws_sandbox::TaskFate;
use aws_sdk_ecs::types::DesiredStatus;
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;

use crate::stage::{Stage, seconds, stage};

fn fails_to_pull(after_seconds: u32) -> TaskFate {
    TaskFate::StopsWhileStarting {
        stop_code: "TaskFailedToStart".into(),
        reason: "CannotPullContainerError: inspect image has been retried 1 time(s)".into(),
        container_exit: None,
        after_seconds,
    }
}

async fn stopped(stage: &Stage) -> Vec<aws_sdk_ecs::types::Task> {
    let list = stage
        .ecs
        .list_tasks()
        .cluster(&stage.spec.cluster)
        .desired_status(DesiredStatus::Stopped);
    let arns = list.send().await.unwrap().task_arns.unwrap();
    let mut tasks = Vec::new();
    for arn in arns {
        tasks.push(stage.task(&arn).await);
    }
    tasks
}

async fn events(stage: &Stage) -> Vec<String> {
    stage
        .service()
        .await
        .events()
        .iter()
        .map(|event| event.message().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_does_not_resolve_ends_the_task_in_awss_words() {
    let stage = stage();
    let name = "/jitsi-video-platform/jvb_auth_password";
    stage.ssm.delete_parameter().name(name).send().await.unwrap();
    stage.scale(1).await;
    seconds(44).await;
    let task = stopped(&stage).await.remove(0);
    assert_eq!(
        (task.last_status(), task.stop_code().unwrap().as_str()),
        (Some("STOPPED"), "TaskFailedToStart")
    );
    assert_eq!(
        task.stopped_reason(),
        Some(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
             unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: \
             /jitsi-video-platform/jvb_auth_password"
        )
    );
    assert!(task.pull_started_at().is_none() && task.started_at().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_is_followed_by_others_ever_later_and_the_service_says_so() {
    let stage = stage();
    let service = stage.spec.service_arn();
    stage
        .sandbox
        .world(|world| world.set_task_fate(&service, fails_to_pull(20)));
    stage.scale(1).await;
    seconds(3_000).await;
    let mut created: Vec<f64> = stopped(&stage)
        .await
        .iter()
        .map(|task| task.created_at().unwrap().as_secs_f64())
        .collect();
    created.sort_by(f64::total_cmp);
    let gaps: Vec<f64> = created.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        gaps.len() >= 5 && gaps.windows(2).all(|pair| pair[1] > pair[0]),
        "{gaps:?}"
    );
    let text = "(service jitsi-video-platform-service) is unable to consistently start tasks successfully.";
    assert!(events(&stage).await.iter().any(|event| event == text));
    let deployment = &stage.service().await.deployments.unwrap()[0];
    assert_eq!(deployment.failed_tasks as usize, created.len());
    assert_eq!(
        deployment.rollout_state().unwrap().as_str(),
        "COMPLETED",
        "the circuit breaker does not see scaling"
    );

    seconds(4 * 3_600).await;
    let attempts = events(&stage)
        .await
        .iter()
        .filter(|event| event.contains("has started 1 tasks"))
        .count();
    seconds(26 * 60).await;
    let later = events(&stage)
        .await
        .iter()
        .filter(|event| event.contains("has started 1 tasks"))
        .count();
    assert!(later - attempts <= 1, "at most one attempt in 26 minutes");
    seconds(60).await;
    assert!(
        events(&stage)
            .await
            .iter()
            .filter(|event| event.contains("has started 1 tasks"))
            .count()
            > attempts
    );
}

#[tokio::test(start_paused = true)]
async fn one_failed_start_is_made_good_by_the_next_task() {
    let stage = stage();
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| {
        world.next_task_fate(
            &service,
            TaskFate::StopsWhileStarting {
                stop_code: "EssentialContainerExited".into(),
                reason: "Essential container in task exited".into(),
                container_exit: Some(("prosody".into(), 1)),
                after_seconds: 60,
            },
        );
    });
    stage.scale(1).await;
    seconds(100).await;
    let failed = stopped(&stage).await.remove(0);
    let prosody = failed
        .containers()
        .iter()
        .find(|container| container.name() == Some("prosody"))
        .unwrap();
    assert_eq!(prosody.exit_code(), Some(1));
    seconds(100).await;
    assert_eq!(stage.service().await.running_count, 1);
}

#[tokio::test(start_paused = true)]
async fn an_essential_container_that_exits_takes_its_task_along() {
    let stage = stage();
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| {
        world.next_task_fate(
            &service,
            TaskFate::Exits {
                after_running_seconds: 30,
                code: 137,
            },
        )
    });
    stage.scale(1).await;
    seconds(115).await;
    let task = stopped(&stage).await.remove(0);
    assert_eq!(task.stop_code().unwrap().as_str(), "EssentialContainerExited");
    assert_eq!(task.stopped_reason(), Some("Essential container in task exited"));
    assert_eq!(task.containers()[0].exit_code(), Some(137));
    seconds(100).await;
    assert_eq!(stage.service().await.running_count, 1, "the scheduler starts another");
}

#[tokio::test(start_paused = true)]
async fn without_capacity_nothing_starts_and_the_service_says_why() {
    let stage = stage();
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.capacity_unavailable(&service, true));
    stage.scale(1).await;
    seconds(120).await;
    assert!(stage.listed().await.is_empty());
    let text = "(service jitsi-video-platform-service) was unable to place a task. Reason: Capacity is unavailable at this \
                time. Please try again later or in a different availability zone.";
    let told = events(&stage).await;
    assert_eq!(
        told.iter().filter(|event| event.starts_with(text)).count(),
        1,
        "{told:?}"
    );
    stage.sandbox.world(|world| world.capacity_unavailable(&service, false));
    seconds(120).await;
    assert_eq!(stage.service().await.running_count, 1);
}

#[tokio::test(start_paused = true)]
async fn a_task_without_an_address_does_not_start() {
    let stage = stage();
    for subnet in stage.subnets().await {
        stage
            .sandbox
            .world(|world| world.set_free_addresses(&subnet, 0))
            .unwrap();
    }
    stage.scale(1).await;
    seconds(40).await;
    let task = stopped(&stage).await.remove(0);
    assert!(
        task.stopped_reason()
            .unwrap()
            .ends_with("InsufficientFreeAddressesInSubnet")
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_with_failing_health_checks_is_unhealthy_and_replaced() {
    let stage = stage();
    let service = stage.spec.service_arn();
    stage
        .sandbox
        .world(|world| world.next_task_fate(&service, TaskFate::Unhealthy));
    stage.scale(1).await;
    seconds(175).await;
    let arn = stage.listed().await.remove(0);
    assert_eq!(stage.task(&arn).await.health_status().unwrap().as_str(), "UNHEALTHY");
    seconds(30).await;
    assert_eq!(
        stage.task(&arn).await.stopped_reason(),
        Some("Task failed container health checks")
    );
    seconds(120).await;
    let next = stage.listed().await.remove(0);
    assert_eq!(stage.task(&next).await.health_status().unwrap().as_str(), "HEALTHY");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_never_answers_runs_and_its_target_never_becomes_healthy() {
    let stage = stage();
    let service = stage.spec.service_arn();
    stage
        .sandbox
        .world(|world| world.set_task_fate(&service, TaskFate::NeverAnswers));
    let balancer = stage.load_balancer("jvb").await;
    let group = stage
        .target_group("udp", ProtocolEnum::Udp, 10000, &balancer.vpc_id.unwrap())
        .await;
    stage
        .listener(&balancer.load_balancer_arn.unwrap(), ProtocolEnum::Udp, 10000, &group)
        .await;
    let (_, ip) = stage.running_task().await;
    stage.register(&group, &ip).await;
    seconds(400).await;
    assert_eq!(stage.service().await.running_count, 1);
    assert_eq!(
        stage.health(&group).await,
        [("unhealthy".into(), "Target.FailedHealthChecks".into())]
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_that_stopped_before_can_be_added_and_is_forgotten_an_hour_after_its_end() {
    let stage = stage();
    let service = stage.spec.service_arn();
    let id = stage
        .sandbox
        .world(|world| world.add_stopped_task(&service, 3_000, "CannotPullContainerError: x"))
        .unwrap();
    let task = stage.task(&id).await;
    assert_eq!(
        (task.last_status(), task.stopped_reason()),
        (Some("STOPPED"), Some("CannotPullContainerError: x"))
    );
    assert!(stage.sandbox.bill().items.is_empty());
    seconds(601).await;
    let describe = stage
        .ecs
        .describe_tasks()
        .cluster(&stage.spec.cluster)
        .tasks(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(describe.failures()[0].reason(), Some("MISSING"));
}

#[tokio::test(start_paused = true)]
async fn a_replaced_task_has_another_address() {
    let stage = stage();
    let (arn, ip) = stage.running_task().await;
    let service = stage.spec.service_arn();
    let died = stage
        .sandbox
        .world(|world| world.replace_task(&service))
        .unwrap()
        .unwrap();
    assert!(arn.ends_with(&died));
    seconds(100).await;
    let next = stage.listed().await.remove(0);
    assert_ne!(crate::stage::address(&stage.task(&next).await).unwrap(), ip);
    assert_eq!(
        stage.task(&arn).await.stop_code().unwrap().as_str(),
        "InfrastructureHealth"
    );
}
