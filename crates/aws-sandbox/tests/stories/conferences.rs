//! Conferences that somebody asks for and nobody joins: busy to whoever counts, and no meeting.

use aws_sandbox::{PlatformSpec, Sandbox, World, ideal};

use crate::sentinel::protection;
use crate::stage::{Stage, seconds, stage, stage_of};

fn request(stage: &Stage) -> usize {
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.request_conference(&service)).unwrap()
}

/// After how many seconds the task is protected, and after how many more it is free again.
async fn lags(stage: &Stage, task: &str) -> (u64, u64) {
    let mut lags = [0, 0];
    for (lag, protected) in lags.iter_mut().zip([true, false]) {
        while protection(stage, task).await.unwrap().is_some() != protected {
            seconds(1).await;
            *lag += 1;
            assert!(*lag < 300, "protected is never {protected}");
        }
    }
    (lags[0], lags[1])
}

#[tokio::test(start_paused = true)]
async fn a_conference_that_nobody_joins_protects_its_task_for_less_than_a_minute_and_is_no_meeting() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    for after in [0, 3, 6, 9] {
        seconds(60 + after).await;
        assert_eq!(protection(&stage, &task).await, Ok(None));
        assert_eq!(request(&stage), 1);
        let (comes, goes) = lags(&stage, &task).await;
        assert!(comes <= 10, "the next reading sees it: {comes}");
        assert!(
            comes + goes > 15 && comes + goes <= 15 + 20 + 1,
            "until jicofo gives up, and two quiet readings: {comes} and {goes}"
        );
    }
    assert_eq!(stage.sandbox.world(|world| world.meetings()), []);
}

#[tokio::test(start_paused = true)]
async fn a_conference_that_is_asked_for_again_counts_from_then_and_one_joined_by_people_until_they_leave() {
    let stage = stage();
    let service = stage.spec.service_arn();
    let (task, _) = stage.running_task().await;
    for _ in 0..12 {
        request(&stage);
        seconds(10).await;
    }
    assert!(protection(&stage, &task).await.unwrap().is_some());
    stage.sandbox.world(|world| world.begin_meeting(&service)).unwrap();
    seconds(120).await;
    assert!(protection(&stage, &task).await.unwrap().is_some());
    stage.sandbox.world(|world| world.end_meeting(&service)).unwrap();
    seconds(21).await;
    assert_eq!(protection(&stage, &task).await, Ok(None));
    assert_eq!(
        stage.sandbox.world(|world| world.meetings().len()),
        1,
        "that of the people"
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_is_cut_off_when_a_task_with_a_conference_that_nobody_joined_is_stopped() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    request(&stage);
    let ideal = stage.sandbox.world(|world| ideal::scale_down(world, &stage.spec));
    assert!(ideal.is_ok(), "{ideal:?}");
    let stop = stage.ecs.stop_task().cluster(&stage.spec.cluster).task(&task);
    stop.send().await.unwrap();
    seconds(120).await;
    let (next, _) = stage.running_task().await;
    assert_eq!(
        protection(&stage, &next).await,
        Ok(None),
        "another task knows nothing of it"
    );
    assert_eq!(stage.sandbox.world(|world| world.meetings()), []);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_runs_nobody_takes_a_conference_and_without_a_sentinel_nothing_shows_it() {
    let spec = PlatformSpec {
        sentinel: false,
        ..PlatformSpec::default()
    };
    let stage = stage_of(Sandbox::new(World::with_platform(&spec)), spec);
    assert_eq!(request(&stage), 0);
    let unknown = stage.sandbox.world(|world| world.request_conference("arn:x"));
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "there is no service `arn:x` in the sandbox"
    );
    let (task, _) = stage.running_task().await;
    assert_eq!(request(&stage), 1);
    seconds(11).await;
    assert_eq!(protection(&stage, &task).await, Ok(None));
}
