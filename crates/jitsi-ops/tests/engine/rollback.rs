//! The rule by which a failed start is brought back to zero, and proof that the stories notice when it is wrong.

use std::time::Duration;

use aws_sandbox::{Fault, TaskFate};
use jitsi_ops::scale_up::{Interrupts, Outcome, RollbackRule, ScaleUp, nothing_has_run};

use crate::stage::{Stage, request};

fn with(rule: RollbackRule, seconds: u64) -> ScaleUp {
    ScaleUp {
        timeout: Duration::from_secs(seconds),
        rollback: Some(rule),
        ..request()
    }
}

/// Nothing ever ran: the failure must leave nothing that bills.
async fn a_start_that_never_ran(rule: RollbackRule) -> Result<(), String> {
    let stage = Stage::new();
    let report = stage.run(&with(rule, 40), &Interrupts::default()).await;
    expect(
        report.outcome == Outcome::RolledBack && stage.bills().is_empty(),
        || format!("left: {:?}", stage.bills()),
    )
}

/// An earlier run was killed and left a load balancer; this one fails in preflight, and must clean up all the same.
async fn what_a_killed_run_has_left(rule: RollbackRule) -> Result<(), String> {
    let stage = Stage::new();
    stage.sandbox.crash_at(32, aws_sandbox::When::After);
    tokio::select! {
        _ = stage.up() => return Err("the run was not killed".to_owned()),
        () = stage.sandbox.crashed() => {}
    }
    if stage.sandbox.bill().still_billing().is_empty() {
        return Err("the killed run has left nothing".to_owned());
    }
    stage.forget_parameter("/jitsi-video-platform/jvb_auth_password").await;
    stage.run(&with(rule, 300), &Interrupts::default()).await;
    expect(stage.bills().is_empty(), || format!("left: {:?}", stage.bills()))
}

/// The task ran, people may be in it, but targets do not get healthy: all must stay.
async fn a_start_whose_task_has_run(rule: RollbackRule) -> Result<(), String> {
    let stage = Stage::new();
    stage.sandbox.world(|world| world.health_checks_reach_tasks(false));
    let report = stage.run(&with(rule, 400), &Interrupts::default()).await;
    let all_stays = stage.bills().contains(&"network-load-balancer".to_owned())
        && report.seen.service.here().is_some_and(|s| s.desired == 1);
    expect(
        report.outcome == Outcome::Failed && all_stays && !stage.has_said("rolling back"),
        || format!("{:?}", stage.bills()),
    )
}

/// The task ran and crashed, and its successor is only starting: somebody was in it a moment ago and will be back.
async fn a_start_whose_task_ran_and_crashed(rule: RollbackRule) -> Result<(), String> {
    let stage = Stage::new();
    stage.sandbox.world(|world| {
        world.next_task_fate(
            &stage.spec.service_arn(),
            TaskFate::Exits {
                after_running_seconds: 60,
                code: 1,
            },
        )
    });
    stage.run(&with(rule, 195), &Interrupts::default()).await;
    expect(stage.bills().contains(&"network-load-balancer".to_owned()), || {
        "the load balancer was taken away".to_owned()
    })
}

/// It was up before this run, with a meeting going on; this run cannot repair it. All must stay.
async fn a_platform_that_was_up_before(rule: RollbackRule) -> Result<(), String> {
    let stage = Stage::new();
    stage.up().await;
    stage.sandbox.inject(Fault::on("DescribeTargetHealth").access_denied());
    stage.run(&with(rule, 100), &Interrupts::default()).await;
    expect(
        stage.bills().contains(&"network-load-balancer".to_owned()) && !stage.has_said("rolling back"),
        || "it was taken away".to_owned(),
    )
}

/// A task ran, crashed in the middle of a meeting, and its successor is starting when the operator tries to help.
async fn a_restart_in_the_middle_of_a_meeting(rule: RollbackRule) -> Result<(), String> {
    let stage = Stage::new();
    stage.up().await;
    stage
        .sandbox
        .world(|world| world.replace_task(&stage.spec.service_arn()).unwrap());
    // The old task is over, the new one not yet running.
    tokio::time::sleep(Duration::from_secs(60)).await;
    stage.run(&with(rule, 5), &Interrupts::default()).await;
    expect(stage.bills().contains(&"network-load-balancer".to_owned()), || {
        "the load balancer was taken away".to_owned()
    })
}

/// It was not possible to see whether anything runs: that is not "nothing runs".
async fn a_run_that_could_not_see_the_tasks(rule: RollbackRule) -> Result<(), String> {
    let stage = Stage::new();
    stage.up().await;
    stage.sandbox.inject(Fault::on("ListTasks").server_error());
    stage.run(&with(rule, 100), &Interrupts::default()).await;
    expect(
        stage.bills().contains(&"network-load-balancer".to_owned()) && !stage.has_said("rolling back"),
        || "it was taken away".to_owned(),
    )
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// All of them, each with its name.
async fn stories(rule: RollbackRule) -> Vec<(&'static str, Result<(), String>)> {
    vec![
        ("never ran", a_start_that_never_ran(rule).await),
        ("left by a killed run", what_a_killed_run_has_left(rule).await),
        ("has run", a_start_whose_task_has_run(rule).await),
        ("ran and crashed", a_start_whose_task_ran_and_crashed(rule).await),
        ("was up before", a_platform_that_was_up_before(rule).await),
        ("restart", a_restart_in_the_middle_of_a_meeting(rule).await),
        ("could not see", a_run_that_could_not_see_the_tasks(rule).await),
    ]
}

#[tokio::test(start_paused = true)]
async fn only_what_nobody_can_be_in_is_brought_back_to_zero() {
    for (name, result) in stories(nothing_has_run).await {
        assert_eq!(result, Ok(()), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_never_rolls_back_is_caught() {
    let caught: Vec<_> = stories(|_| false)
        .await
        .into_iter()
        .filter(|(_, r)| r.is_err())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(caught, ["never ran", "left by a killed run"]);
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_always_rolls_back_is_caught() {
    let caught: Vec<_> = stories(|_| true)
        .await
        .into_iter()
        .filter(|(_, r)| r.is_err())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(caught, ["has run", "ran and crashed", "was up before", "restart"]);
}
