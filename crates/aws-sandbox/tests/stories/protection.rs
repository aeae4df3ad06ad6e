//! Task protection: meetings that are not to be cut off.

use crate::stage::{Stage, code, seconds, stage};

async fn protect(stage: &Stage, task: &str, enabled: bool, minutes: i32) -> (usize, Vec<String>) {
    let update = stage
        .ecs
        .update_task_protection()
        .cluster(&stage.spec.cluster)
        .tasks(task)
        .protection_enabled(enabled);
    let answer = update.expires_in_minutes(minutes).send().await.unwrap();
    let reasons = answer
        .failures()
        .iter()
        .map(|failure| failure.reason().unwrap().to_owned())
        .collect();
    (answer.protected_tasks().len(), reasons)
}

#[tokio::test(start_paused = true)]
async fn a_protected_task_survives_a_desired_count_of_zero_until_its_protection_ends() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    assert_eq!(protect(&stage, &arn, true, 10).await, (1, Vec::new()));
    stage.scale(0).await;
    seconds(300).await;
    assert_eq!(stage.task(&arn).await.last_status(), Some("RUNNING"));
    let service = stage.service().await;
    assert_eq!((service.desired_count, service.running_count), (0, 1));
    let text = "(service jitsi-video-platform-service) was unable to scale in. Reason: The number of protected tasks are \
                more than the desired count of tasks";
    assert_eq!(
        service
            .events()
            .iter()
            .filter(|event| event.message() == Some(text))
            .count(),
        1
    );
    let renewal = protect(&stage, &arn, true, 10).await;
    assert_eq!(
        renewal,
        (0, vec!["DEPLOYMENT_BLOCKED".to_owned()]),
        "it cannot be renewed at 0"
    );
    seconds(305).await;
    assert_eq!(stage.task(&arn).await.desired_status(), Some("STOPPED"));
}

#[tokio::test(start_paused = true)]
async fn whether_ecs_honours_protection_at_zero_can_be_switched_off() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    protect(&stage, &arn, true, 60).await;
    stage.sandbox.world(|world| world.protection_honoured_at_zero(false));
    stage.scale(0).await;
    seconds(10).await;
    assert_eq!(stage.task(&arn).await.desired_status(), Some("STOPPED"));
}

#[tokio::test(start_paused = true)]
async fn lifted_protection_lets_the_waiting_scale_in_happen() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    protect(&stage, &arn, true, 60).await;
    stage.scale(0).await;
    seconds(60).await;
    assert_eq!(protect(&stage, &arn, false, 1).await, (1, Vec::new()));
    seconds(1).await;
    assert_eq!(stage.task(&arn).await.desired_status(), Some("STOPPED"));
}

#[tokio::test(start_paused = true)]
async fn the_unprotected_task_goes_first() {
    let stage = stage();
    stage.scale(2).await;
    seconds(100).await;
    let tasks = stage.listed().await;
    protect(&stage, &tasks[0], true, 60).await;
    stage.scale(1).await;
    seconds(10).await;
    assert_eq!(stage.listed().await, [tasks[0].clone()]);
}

#[tokio::test(start_paused = true)]
async fn protection_is_read_with_its_expiry_and_failures_come_with_a_good_answer() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    let get = || stage.ecs.get_task_protection().cluster(&stage.spec.cluster);
    let read = get().tasks(&arn).tasks("0".repeat(32)).send().await.unwrap();
    assert!(!read.protected_tasks()[0].protection_enabled() && read.protected_tasks()[0].expiration_date().is_none());
    assert_eq!(read.failures()[0].reason(), Some("MISSING"));
    protect(&stage, &arn, true, 30).await;
    let read = get().tasks(&arn).send().await.unwrap();
    let left = read.protected_tasks()[0].expiration_date().unwrap().secs() - stage.sandbox.now().as_second();
    assert!((1_798..=1_800).contains(&left), "{left}");
    stage
        .ecs
        .stop_task()
        .cluster(&stage.spec.cluster)
        .task(&arn)
        .send()
        .await
        .unwrap();
    let read = get().tasks(&arn).send().await.unwrap();
    assert_eq!(
        read.failures()[0].reason(),
        Some("TASK_NOT_VALID"),
        "StopTask ignores protection"
    );
    let update = stage
        .ecs
        .update_task_protection()
        .cluster(&stage.spec.cluster)
        .tasks(&arn)
        .protection_enabled(true);
    assert_eq!(
        code(update.expires_in_minutes(2_881).send().await),
        "InvalidParameterException"
    );
}
