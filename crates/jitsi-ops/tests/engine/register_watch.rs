//! Watching: tasks get replaced, and are registered again; the platform comes and goes meanwhile.

use std::time::Duration;

use aws_sandbox::Fault;
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::register_targets::Report;
use jitsi_ops::scale_down;
use jitsi_ops::scale_up::{Interrupts, Outcome};

use crate::stage::{Stage, register_request, words};

/// Watches while `story` goes on, and gives what the watch tells at its end.
async fn watch(mut stage: Stage, story: impl AsyncFnOnce(&Stage)) -> (Stage, Report) {
    let quiet = stage.wanted.clone();
    stage.wanted.watch = true;
    let (watching, interrupts) = (stage.again(), Interrupts::default());
    stage.wanted = quiet;
    let interrupt = interrupts.first.clone();
    let request = register_request();
    let (report, ()) = tokio::join!(Box::pin(watching.run_register(&request, &interrupts)), async {
        story(&stage).await;
        interrupt.cancel();
    });
    (stage, report)
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_replaced_is_registered_within_a_minute_of_having_an_address() {
    let stage = Stage::new();
    stage.up().await;
    let (stage, report) = watch(stage, async |stage| {
        let service = stage.spec.service_arn();
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_secs(600)).await;
            stage.mark();
            stage.sandbox.world(|world| world.replace_task(&service).unwrap());
            tokio::time::sleep(Duration::from_secs(60)).await;
            assert!(
                stage
                    .changes()
                    .starts_with(&["RegisterTargets".to_owned(), "RegisterTargets".to_owned()])
            );
        }
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(
            stage.changes().len(),
            4,
            "and the old addresses went: {:?}",
            stage.changes()
        );
    })
    .await;
    assert_eq!(words(report.problem.as_ref()).0, ProblemKind::Interrupted);
    assert_eq!(stage.register().await.steps.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn it_idles_at_zero_and_goes_along_when_the_platform_comes_up_and_goes_down() {
    let (stage, _) = watch(Stage::new(), async |stage| {
        let before = stage.sandbox.calls().len();
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let calls = stage.sandbox.calls().split_off(before);
        assert!(calls.iter().all(|call| !call.mutating), "{calls:?}");
        assert!(calls.len() <= 400, "{} calls in an idle hour", calls.len());
        let up = stage.up().await;
        assert_eq!(up.outcome, Outcome::Up, "{:?}", up.problem);
        tokio::time::sleep(Duration::from_secs(300)).await;
        let down = stage.down().await;
        assert_eq!(down.outcome, scale_down::Outcome::Down, "{:?}", down.problem);
    })
    .await;
    assert_eq!(stage.bills(), Vec::<String>::new());
    assert_eq!(stage.network_parts().await, (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_problem_is_told_once_until_it_is_over() {
    let stage = Stage::new();
    stage.up().await;
    let (stage, _) = watch(stage, async |stage| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        stage.delete_load_balancer().await;
        tokio::time::sleep(Duration::from_secs(600)).await;
        let told = |line: &&String| line.contains("there is no load balancer");
        assert_eq!(stage.said().iter().filter(told).count(), 1, "{:?}", stage.said());
        let up = stage.up().await;
        assert_eq!(up.outcome, Outcome::Repaired, "{:?}", up.problem);
        tokio::time::sleep(Duration::from_secs(60)).await;
        stage.delete_load_balancer().await;
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(stage.said().iter().filter(told).count(), 2, "{:?}", stage.said());
    })
    .await;
    drop(stage);
}

#[tokio::test(start_paused = true)]
async fn what_no_time_can_change_ends_the_watch() {
    let mut stage = Stage::new();
    stage.wanted.account_id = Some("210987654321".to_owned());
    let (_, report) = watch(stage, async |_| tokio::time::sleep(Duration::from_secs(60)).await).await;
    assert_eq!(words(report.problem.as_ref()).0, ProblemKind::Refused);
}

#[tokio::test(start_paused = true)]
async fn while_the_last_task_stops_the_targets_are_left_to_the_scale_down() {
    let stage = Stage::new();
    stage.up().await;
    let (stage, _) = watch(stage, async |stage| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        let service = stage.spec.service_arn();
        stage.sandbox.world(|world| world.replace_task(&service).unwrap());
        // The successor has no address yet, and the predecessor stops.
        tokio::time::sleep(Duration::from_secs(2)).await;
        stage.scale_by_hand(0).await;
        tokio::time::sleep(Duration::from_secs(600)).await;
        assert_eq!(stage.changes(), Vec::<String>::new());
    })
    .await;
    assert_eq!(stage.network_parts().await, (1, 2, 2));
}

#[tokio::test(start_paused = true)]
async fn while_the_bucket_cannot_be_looked_for_nothing_is_changed_under_another_lock() {
    let stage = Stage::new();
    stage.up().await;
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.replace_task(&service).unwrap());
    tokio::time::sleep(Duration::from_secs(120)).await;
    stage.mark();
    let before = stage.sandbox.calls().len();
    stage.sandbox.inject(Fault::on("HeadBucket").times(9).server_error());
    let report = stage.register().await;
    assert!(report.problem.is_none(), "{:?}", report.problem);
    let calls = stage.sandbox.calls().split_off(before);
    let at = |what: fn(&aws_sandbox::Call) -> bool| calls.iter().position(what).unwrap();
    let locked = at(|call| call.operation == "PutObject" && call.resource.contains("ops-lock/"));
    assert!(locked < at(|call| call.operation == "RegisterTargets"));
}
