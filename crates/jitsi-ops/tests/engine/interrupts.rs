//! Ctrl-C once and twice.

use std::time::Duration;

use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_up::{Interrupts, Outcome};
use jitsi_ops::state::State;

use crate::stage::{Stage, assert_outcome, request, told};

/// Cancels `token` after `seconds` of the stage's time.
fn press(token: &tokio_util::sync::CancellationToken, seconds: u64) {
    let token = token.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        token.cancel();
    });
}

#[tokio::test(start_paused = true)]
async fn once_before_a_task_has_run_brings_everything_back_to_zero() {
    let stage = Stage::new();
    let interrupts = Interrupts::default();
    press(&interrupts.first, 30);
    let report = stage.run(&request(), &interrupts).await;
    assert_eq!(told(&report).0, ProblemKind::Interrupted);
    assert_outcome(&stage, &report, Outcome::RolledBack);
    assert_eq!(report.state, State::Standby);
    assert_eq!(stage.bills(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn once_after_a_task_has_run_leaves_it_and_says_how_to_go_on() {
    let stage = Stage::new();
    let interrupts = Interrupts::default();
    press(&interrupts.first, 120);
    let report = stage.run(&request(), &interrupts).await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Interrupted);
    assert!(
        text.contains("scale-up --profile ops") && text.contains("to end what costs money: `scale-down --profile ops`"),
        "{text}"
    );
    assert_outcome(&stage, &report, Outcome::Failed);
    assert!(stage.bills().contains(&"network-load-balancer".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn twice_stops_at_once_and_says_what_still_costs_money() {
    let stage = Stage::new();
    let interrupts = Interrupts::default();
    press(&interrupts.first, 30);
    press(&interrupts.second, 32);
    let report = stage.run(&request(), &interrupts).await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Interrupted);
    assert!(report.elapsed < Duration::from_secs(34), "{:?}", report.elapsed);
    assert!(
        report.billing.iter().any(|b| b.kind == "load balancer" && b.certain),
        "{:?}",
        report.billing
    );
    assert!(
        text.contains("to end what costs money: `scale-down --profile ops`"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn twice_in_the_middle_of_a_creation_says_that_it_may_exist() {
    let stage = Stage::new();
    stage
        .sandbox
        .inject(aws_sandbox::Fault::on("CreateLoadBalancer").slow(Duration::from_secs(9)));
    let interrupts = Interrupts::default();
    press(&interrupts.first, 4);
    press(&interrupts.second, 5);
    let report = stage.run(&request(), &interrupts).await;
    assert!(
        report.billing.iter().any(|b| b.kind == "load balancer" && !b.certain),
        "{:?}",
        report.billing
    );
}

#[tokio::test(start_paused = true)]
async fn once_while_a_creation_is_under_way_waits_for_its_answer_and_removes_it() {
    let stage = Stage::new();
    stage
        .sandbox
        .inject(aws_sandbox::Fault::on("CreateLoadBalancer").slow(Duration::from_secs(9)));
    let interrupts = Interrupts::default();
    press(&interrupts.first, 4);
    let report = stage.run(&request(), &interrupts).await;
    assert_outcome(&stage, &report, Outcome::RolledBack);
    assert_eq!(stage.bills(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn twice_while_one_of_two_calls_hangs_tells_what_the_other_has_made() {
    let stage = Stage::new();
    stage.sandbox.inject(aws_sandbox::Fault::on("UpdateService").hangs());
    let interrupts = Interrupts::default();
    press(&interrupts.first, 3);
    press(&interrupts.second, 5);
    let report = stage.run(&request(), &interrupts).await;
    let kinds: Vec<_> = report.billing.iter().map(|b| (b.kind, b.certain)).collect();
    assert_eq!(kinds, [("load balancer", true), ("task", false)]);
}
