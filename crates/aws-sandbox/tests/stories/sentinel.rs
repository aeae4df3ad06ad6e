//! The sentinel of a task: who keeps it protected, and what becomes of that.

use aws_sandbox::{PlatformSpec, Sandbox, World};
use aws_sdk_ecs::types::ProtectedTask;

use crate::stage::{Stage, seconds, stage, stage_of};

/// What GetTaskProtection says of a task: protected until so many seconds from now, or a failure's reason.
pub(crate) async fn protection(stage: &Stage, task: &str) -> Result<Option<i64>, String> {
    let get = stage.ecs.get_task_protection().cluster(&stage.spec.cluster).tasks(task);
    let read = get.send().await.unwrap();
    if let Some(failure) = read.failures().first() {
        return Err(failure.reason().unwrap().to_owned());
    }
    let now = stage.sandbox.now().as_second();
    let until = |task: &ProtectedTask| task.expiration_date().map(|until| until.secs() - now);
    let task = &read.protected_tasks()[0];
    assert_eq!(task.protection_enabled(), until(task).is_some());
    Ok(until(task))
}

async fn begin(stage: &Stage) -> usize {
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.begin_meeting(&service)).unwrap()
}

async fn end(stage: &Stage) -> usize {
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.end_meeting(&service)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_task_starts_protected_and_is_released_after_two_quiet_readings() {
    let stage = stage();
    stage.scale(1).await;
    seconds(81).await;
    let task = stage.listed().await.remove(0);
    assert!(matches!(protection(&stage, &task).await, Ok(Some(290..=300))));
    seconds(8).await;
    assert!(
        protection(&stage, &task).await.unwrap().is_some(),
        "one reading is not enough"
    );
    seconds(12).await;
    assert_eq!(protection(&stage, &task).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn while_a_meeting_is_on_the_protection_is_renewed_each_minute() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    assert_eq!(begin(&stage).await, 1);
    seconds(11).await;
    for _ in 0..30 {
        let left = protection(&stage, &task).await.unwrap().unwrap();
        assert!((230..=300).contains(&left), "{left}");
        seconds(350).await;
    }
    assert_eq!(end(&stage).await, 1);
    seconds(8).await;
    assert!(protection(&stage, &task).await.unwrap().is_some());
    seconds(13).await;
    assert_eq!(protection(&stage, &task).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_meeting_is_seen_at_the_next_reading_and_not_before() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    let mut seen = Vec::new();
    for after in [0, 3, 6, 9] {
        seconds(60 + after).await;
        begin(&stage).await;
        let mut lag = 0;
        while protection(&stage, &task).await.unwrap().is_none() {
            seconds(1).await;
            lag += 1;
        }
        seen.push(lag);
        end(&stage).await;
    }
    assert!(seen.iter().all(|lag| *lag <= 10), "{seen:?}");
    assert!(
        seen.iter().any(|lag| *lag > 1),
        "the reporter has a lag of its own: {seen:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn every_task_has_its_own_moment_of_reading() {
    let stage = stage();
    stage.scale(5).await;
    seconds(120).await;
    let tasks = stage.listed().await;
    begin(&stage).await;
    let mut newly = Vec::new();
    for _ in 0..10 {
        let mut protected = 0;
        for task in &tasks {
            protected += usize::from(protection(&stage, task).await.unwrap().is_some());
        }
        newly.push(protected);
        seconds(1).await;
    }
    newly.dedup();
    assert!(newly.len() >= 3 && newly.last() == Some(&5), "{newly:?}");
}

#[tokio::test(start_paused = true)]
async fn at_a_desired_count_of_zero_the_renewal_is_refused_and_the_task_goes_when_its_protection_ends() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    begin(&stage).await;
    seconds(30).await;
    stage.scale(0).await;
    seconds(200).await;
    let left = protection(&stage, &task).await.unwrap().unwrap();
    assert!(left <= 100, "nobody could renew it: {left}");
    assert_eq!(stage.task(&task).await.last_status(), Some("RUNNING"));
    seconds(105).await;
    assert_eq!(stage.task(&task).await.desired_status(), Some("STOPPED"));
}

#[tokio::test(start_paused = true)]
async fn with_the_count_back_at_the_number_of_protected_tasks_the_next_reading_renews() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    begin(&stage).await;
    seconds(30).await;
    stage.scale(0).await;
    seconds(200).await;
    stage.scale(1).await;
    seconds(11).await;
    assert!(matches!(protection(&stage, &task).await, Ok(Some(289..=300))));
    seconds(3 * 3_600).await;
    assert_eq!(stage.task(&task).await.desired_status(), Some("RUNNING"));
}

#[tokio::test(start_paused = true)]
async fn a_sentinel_that_stops_leaves_its_task_running_and_renews_no_more() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    begin(&stage).await;
    seconds(30).await;
    let service = stage.spec.service_arn();
    assert_eq!(stage.sandbox.world(|world| world.stop_sentinel(&service)), Ok(1));
    assert_eq!(stage.sandbox.world(|world| world.stop_sentinel(&service)), Ok(0));
    let told = stage.task(&task).await;
    let sentinel = told
        .containers()
        .iter()
        .find(|it| it.name() == Some("meeting-sentinel"))
        .unwrap();
    assert_eq!(
        (sentinel.last_status(), sentinel.exit_code()),
        (Some("STOPPED"), Some(1))
    );
    assert_eq!((told.last_status(), told.containers().len()), (Some("RUNNING"), 5));
    seconds(200).await;
    assert!(protection(&stage, &task).await.unwrap().is_some());
    seconds(100).await;
    assert_eq!(protection(&stage, &task).await, Ok(None), "the meeting is still on");
    assert_eq!(end(&stage).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_platform_can_be_without_a_sentinel() {
    let spec = PlatformSpec {
        sentinel: false,
        ..PlatformSpec::default()
    };
    let stage = stage_of(Sandbox::new(World::with_platform(&spec)), spec);
    stage.scale(1).await;
    seconds(82).await;
    let task = stage.listed().await.remove(0);
    assert_eq!(stage.task(&task).await.containers().len(), 4);
    assert_eq!(begin(&stage).await, 1);
    seconds(20).await;
    assert_eq!(protection(&stage, &task).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn protection_can_be_made_unreadable_in_a_good_answer() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    let service = stage.spec.service_arn();
    stage
        .sandbox
        .world(|world| world.protection_failures(&service, true))
        .unwrap();
    assert_eq!(protection(&stage, &task).await, Err("MISSING".to_owned()));
    stage
        .sandbox
        .world(|world| world.protection_failures(&service, false))
        .unwrap();
    assert_eq!(protection(&stage, &task).await, Ok(None));
    let unknown = stage.sandbox.world(|world| world.protection_failures("arn:x", true));
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "there is no service `arn:x` in the sandbox"
    );
}
