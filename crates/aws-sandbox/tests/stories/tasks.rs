//! The life of a task: how it starts, what is told of it, how it ends.

use aws_sandbox::World;
use aws_sdk_ecs::types::{DesiredStatus, TaskField};

use crate::stage::{address, code, detail, seconds, stage};

/// Seconds from a task's creation to another of its times.
fn since_creation(task: &aws_sdk_ecs::types::Task, at: Option<&aws_sdk_ecs::primitives::DateTime>) -> f64 {
    at.unwrap().as_secs_f64() - task.created_at().unwrap().as_secs_f64()
}

#[tokio::test(start_paused = true)]
async fn a_task_goes_through_its_states_in_the_observed_times() {
    let stage = stage();
    stage.scale(1).await;
    seconds(9).await;
    let arn = stage.listed().await.remove(0);
    let mut seen: Vec<String> = Vec::new();
    for _ in 0..90 {
        let status = stage.task(&arn).await.last_status.unwrap();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        seconds(1).await;
    }
    assert_eq!(seen, ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING"]);
    let task = stage.task(&arn).await;
    let near = |at, expected: f64| (since_creation(&task, at) - expected).abs() < 0.01;
    assert!(near(task.connectivity_at(), 4.0) && near(task.pull_started_at(), 15.0));
    assert!(near(task.pull_stopped_at(), 48.0) && near(task.started_at(), 72.0));
    let service = stage.service().await;
    let running_after = task.started_at().unwrap().as_secs_f64() - service.created_at().unwrap().as_secs_f64();
    assert!(
        (80.0..81.0).contains(&running_after),
        "RUNNING 80 s after UpdateService, not {running_after}"
    );
}

#[tokio::test(start_paused = true)]
async fn while_provisioning_only_the_subnet_is_known_and_then_the_address() {
    let stage = stage();
    stage.scale(1).await;
    seconds(9).await;
    let arn = stage.listed().await.remove(0);
    let task = stage.task(&arn).await;
    assert_eq!(
        (task.last_status(), task.attachments()[0].status()),
        (Some("PROVISIONING"), Some("PRECREATED"))
    );
    assert!(detail(&task, "subnetId").is_some());
    assert_eq!(address(&task), None);
    assert!(task.containers()[0].network_interfaces().is_empty());

    seconds(4).await;
    let task = stage.task(&arn).await;
    assert_eq!(
        (task.last_status(), task.attachments()[0].status()),
        (Some("PENDING"), Some("ATTACHED"))
    );
    let ip = address(&task).unwrap();
    assert_eq!(
        task.containers()[0].network_interfaces()[0].private_ipv4_address(),
        Some(ip.as_str())
    );
    assert_eq!(
        detail(&task, "privateDnsName").unwrap(),
        format!("ip-{}.us-west-2.compute.internal", ip.replace('.', "-"))
    );
    assert!(detail(&task, "networkInterfaceId").unwrap().starts_with("eni-"));
    assert_eq!(task.availability_zone(), Some("us-west-2a"));
}

#[tokio::test(start_paused = true)]
async fn a_running_task_tells_all_that_ecs_tells() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    let task = stage.task(&arn).await;
    assert_eq!(task.group(), Some("service:jitsi-video-platform-service"));
    assert!(task.started_by().unwrap().starts_with("ecs-svc/"));
    assert_eq!((task.cpu(), task.memory()), (Some("4096"), Some("8192")));
    assert_eq!(
        (task.launch_type().unwrap().as_str(), task.platform_version()),
        ("FARGATE", Some("1.4.0"))
    );
    assert_eq!(task.desired_status(), Some("RUNNING"));
    let names: Vec<_> = task
        .containers()
        .iter()
        .map(|container| container.name().unwrap())
        .collect();
    assert_eq!(names, ["jitsi-web", "prosody", "jicofo", "jvb", "meeting-sentinel"]);
    let bridge = &task.containers()[3];
    assert_eq!(bridge.image(), Some("ghcr.io/jitsi/jvb:stable-11146-2"));
    assert!(bridge.image_digest().unwrap().starts_with("sha256:") && bridge.runtime_id().is_some());
    assert_eq!(task.health_status().unwrap().as_str(), "HEALTHY");
    assert_eq!(arn.rsplit('/').next().unwrap().len(), 32);
}

#[tokio::test(start_paused = true)]
async fn health_is_unknown_until_the_application_answers() {
    let stage = stage();
    stage.scale(1).await;
    seconds(82).await;
    let arn = stage.listed().await.remove(0);
    let task = stage.task(&arn).await;
    assert_eq!(
        (task.last_status(), task.health_status().unwrap().as_str()),
        (Some("RUNNING"), "UNKNOWN")
    );
    seconds(15).await;
    assert_eq!(stage.task(&arn).await.health_status().unwrap().as_str(), "HEALTHY");
}

#[tokio::test(start_paused = true)]
async fn a_stopping_task_leaves_the_listing_and_the_counts_at_once_but_is_described_for_an_hour() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    let answer = stage.scale(0).await;
    assert_eq!((answer.desired_count, answer.running_count), (0, 1));
    seconds(4).await;
    assert!(stage.listed().await.is_empty());
    assert_eq!(stage.service().await.running_count, 0);
    let stopped = stage
        .ecs
        .list_tasks()
        .cluster(&stage.spec.cluster)
        .desired_status(DesiredStatus::Stopped);
    assert_eq!(stopped.send().await.unwrap().task_arns(), std::slice::from_ref(&arn));

    let mut seen = Vec::new();
    for _ in 0..45 {
        let status = stage.task(&arn).await.last_status.unwrap();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        seconds(1).await;
    }
    assert_eq!(seen, ["DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"]);
    let task = stage.task(&arn).await;
    let seconds_of = |at: Option<&aws_sdk_ecs::primitives::DateTime>| at.unwrap().as_secs_f64();
    let stopping = seconds_of(task.stopping_at());
    assert!((seconds_of(task.execution_stopped_at()) - stopping - 12.5).abs() < 0.01);
    assert!((seconds_of(task.stopped_at()) - stopping - 32.5).abs() < 0.01);
    assert_eq!(task.stop_code().unwrap().as_str(), "ServiceSchedulerInitiated");
    let reason = task.stopped_reason().unwrap();
    assert!(
        reason.starts_with("Scaling activity initiated by (deployment ecs-svc/"),
        "{reason}"
    );
    assert_eq!(task.containers()[0].exit_code(), Some(143));

    seconds(3_600).await;
    let describe = stage
        .ecs
        .describe_tasks()
        .cluster(&stage.spec.cluster)
        .tasks(&arn)
        .send()
        .await
        .unwrap();
    assert!(describe.tasks().is_empty());
    assert_eq!(
        (describe.failures()[0].arn(), describe.failures()[0].reason()),
        (Some(arn.as_str()), Some("MISSING"))
    );
}

#[tokio::test(start_paused = true)]
async fn containers_that_ignore_sigterm_are_killed_after_their_stop_timeout() {
    let stage = stage();
    stage
        .sandbox
        .world(|world: &mut World| world.profile.container_exit = 10_000_000);
    let (arn, _) = stage.running_task().await;
    stage
        .ecs
        .stop_task()
        .cluster(&stage.spec.cluster)
        .task(&arn)
        .reason("enough")
        .send()
        .await
        .unwrap();
    seconds(131).await;
    assert_eq!(stage.task(&arn).await.last_status(), Some("STOPPING"));
    seconds(2).await;
    let task = stage.task(&arn).await;
    assert_eq!(task.last_status(), Some("DEPROVISIONING"));
    assert_eq!(task.containers()[0].exit_code(), Some(137));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_a_user_stops_is_replaced_with_another_address() {
    let stage = stage();
    let (arn, ip) = stage.running_task().await;
    let stopped = stage
        .ecs
        .stop_task()
        .cluster(&stage.spec.cluster)
        .task(&arn)
        .send()
        .await
        .unwrap()
        .task
        .unwrap();
    assert_eq!(stopped.desired_status(), Some("STOPPED"));
    assert_eq!(stopped.stop_code().unwrap().as_str(), "UserInitiated");
    assert!(stage.listed().await.is_empty());
    seconds(15).await;
    let next = stage.listed().await.remove(0);
    assert_ne!(next, arn);
    assert_ne!(address(&stage.task(&next).await).unwrap(), ip);
    let unknown = stage
        .ecs
        .stop_task()
        .cluster(&stage.spec.cluster)
        .task("0".repeat(32))
        .send()
        .await;
    assert_eq!(code(unknown), "InvalidParameterException");
}

#[tokio::test(start_paused = true)]
async fn listings_can_be_filtered_and_paged() {
    let stage = stage();
    stage.scale(3).await;
    seconds(10).await;
    let list = || stage.ecs.list_tasks().cluster(&stage.spec.cluster);
    let first = list().max_results(2).send().await.unwrap();
    assert_eq!(first.task_arns().len(), 2);
    let second = list()
        .max_results(2)
        .next_token(first.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!((second.task_arns().len(), second.next_token()), (1, None));
    assert!(!first.task_arns().contains(&second.task_arns()[0]));

    assert_eq!(
        list()
            .service_name(&stage.spec.service)
            .send()
            .await
            .unwrap()
            .task_arns()
            .len(),
        3
    );
    assert_eq!(
        list()
            .family("jitsi-video-platform-task")
            .send()
            .await
            .unwrap()
            .task_arns()
            .len(),
        3
    );
    assert!(list().family("other").send().await.unwrap().task_arns().is_empty());
    let deployment = stage.service().await.deployments()[0].id().unwrap().to_owned();
    assert_eq!(
        list().started_by(&deployment).send().await.unwrap().task_arns().len(),
        3
    );
    assert!(
        list()
            .desired_status(DesiredStatus::Pending)
            .send()
            .await
            .unwrap()
            .task_arns()
            .is_empty()
    );

    assert_eq!(
        code(list().service_name("other").send().await),
        "ServiceNotFoundException"
    );
    assert_eq!(
        code(stage.ecs.list_tasks().cluster("other").send().await),
        "ClusterNotFoundException"
    );
    assert_eq!(
        code(list().started_by(deployment).family("x").send().await),
        "InvalidParameterException"
    );
    assert_eq!(code(list().max_results(101).send().await), "InvalidParameterException");
    assert_eq!(
        code(list().next_token("nonsense").send().await),
        "InvalidParameterException"
    );
}

#[tokio::test(start_paused = true)]
async fn at_most_a_hundred_tasks_are_described_at_once() {
    let stage = stage();
    let describe = || stage.ecs.describe_tasks().cluster(&stage.spec.cluster);
    let hundred = (0..100).map(|number| format!("{number:032x}")).collect::<Vec<_>>();
    let answer = describe().set_tasks(Some(hundred.clone())).send().await.unwrap();
    assert_eq!((answer.tasks().len(), answer.failures().len()), (0, 100));
    let more = describe().set_tasks(Some(hundred)).tasks("one more").send().await;
    assert_eq!(code(more), "InvalidParameterException");
    assert_eq!(
        code(describe().set_tasks(Some(Vec::new())).send().await),
        "InvalidParameterException"
    );
}

#[tokio::test(start_paused = true)]
async fn tasks_are_spread_over_the_services_subnets() {
    let stage = stage();
    stage.scale(4).await;
    seconds(15).await;
    let mut subnets: Vec<String> = Vec::new();
    for arn in stage.listed().await {
        subnets.push(detail(&stage.task(&arn).await, "subnetId").unwrap());
    }
    subnets.sort();
    let mut expected = [stage.subnets().await, stage.subnets().await].concat();
    expected.sort();
    assert_eq!(subnets, expected);
}

#[tokio::test(start_paused = true)]
async fn a_task_has_tags_when_they_are_asked_for() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    let tag = aws_sdk_ecs::types::Tag::builder().key("meeting").value("on").build();
    stage
        .ecs
        .tag_resource()
        .resource_arn(&arn)
        .tags(tag)
        .send()
        .await
        .unwrap();
    assert!(stage.task(&arn).await.tags().is_empty());
    let describe = stage
        .ecs
        .describe_tasks()
        .cluster(&stage.spec.cluster)
        .tasks(&arn)
        .include(TaskField::Tags);
    assert_eq!(describe.send().await.unwrap().tasks()[0].tags()[0].value(), Some("on"));
}

#[tokio::test(start_paused = true)]
async fn a_fargate_task_and_its_public_address_are_billed_while_they_exist() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    let bill = stage.sandbox.bill();
    let mut kinds: Vec<_> = bill.still_billing().iter().map(|item| item.kind.clone()).collect();
    kinds.sort();
    assert_eq!(kinds, ["fargate-task", "public-ipv4"]);
    let task = stage.task(&arn).await;
    let fargate = bill.items.iter().find(|item| item.kind == "fargate-task").unwrap();
    let pull_started = task.pull_started_at().unwrap().to_millis().unwrap();
    // The SDK reads times as floating-point numbers, and so loses a part of a millisecond.
    let apart = fargate.from.as_millisecond() - pull_started;
    assert!(apart.abs() <= 1, "charged from the start of the image pull");
    stage.scale(0).await;
    seconds(30).await;
    assert_eq!(
        stage.sandbox.bill().still_billing().len(),
        2,
        "a stopping task is still charged"
    );
    seconds(15).await;
    assert!(stage.sandbox.bill().still_billing().is_empty());
    assert!(
        stage
            .sandbox
            .bill()
            .items
            .iter()
            .all(|item| item.until.is_some() && item.arn == arn)
    );
}
