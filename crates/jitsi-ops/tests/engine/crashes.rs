//! A run that is killed right before or right after any of its calls took effect is finished by running it again.

use aws_sandbox::When;
use jitsi_ops::scale_up::Outcome;
use jitsi_ops::state::State;

use crate::stage::{Stage, healthy};

/// How many calls an undisturbed run makes.
async fn calls_of_a_run() -> u64 {
    let stage = Stage::new();
    stage.up().await;
    stage.sandbox.calls().len() as u64
}

/// Kills a run at its n-th call, runs it again, and looks at what is there.
async fn killed_at(call: u64, when: When) {
    let stage = Stage::new();
    stage.sandbox.crash_at(call, when);
    tokio::select! {
        report = stage.up() => panic!("call {call} was never made: {:?}", report.problem),
        () = stage.sandbox.crashed() => {}
    }
    let report = stage.up().await;
    let context = || {
        format!(
            "killed {when:?} call {call}: {:?}\n{}",
            report.problem,
            stage.said().join("\n")
        )
    };
    assert!(
        matches!(report.outcome, Outcome::Up | Outcome::AlreadyUp | Outcome::Repaired),
        "{}",
        context()
    );
    assert_eq!(report.state, State::Active, "{}", context());
    assert_eq!(healthy(&report.seen, &stage.wanted).len(), 2, "{}", context());
    let count = |kind: &str| stage.bills().iter().filter(|k| *k == kind).count();
    assert_eq!(
        (count("network-load-balancer"), count("fargate-task")),
        (1, 1),
        "{}",
        context()
    );
    assert_eq!(stage.network_parts().await, (1, 2, 2), "{}", context());
}

#[tokio::test(start_paused = true)]
async fn killed_before_any_call_it_is_finished_by_running_it_again() {
    for call in 1..=calls_of_a_run().await {
        killed_at(call, When::Before).await;
    }
}

#[tokio::test(start_paused = true)]
async fn killed_after_any_call_it_is_finished_by_running_it_again() {
    for call in 1..=calls_of_a_run().await {
        killed_at(call, When::After).await;
    }
}
