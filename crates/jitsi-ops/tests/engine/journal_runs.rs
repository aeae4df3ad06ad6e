//! What the journal says of whole runs, killed ones included.

use std::time::Duration;

use aws_sandbox::{Sandbox, When, World};
use jitsi_ops::identity::PlatformKey;
use jitsi_ops::journal::{Entry, Journal, Outcome};
use jitsi_ops::scale_down;
use jitsi_ops::scale_up::{self, Interrupts};

use crate::stage::{ACCOUNT, Stage, request};

/// The journal as somebody else reads it, from another machine.
pub(crate) async fn journal_of(stage: &Stage) -> Vec<Entry> {
    let platform = PlatformKey {
        account: ACCOUNT.to_owned(),
        region: stage.wanted.region.clone(),
        cluster: stage.wanted.cluster.clone(),
        service: stage.wanted.service.clone(),
    };
    let machine = tempfile::tempdir().unwrap();
    let journal = Journal::new(machine.path(), Some(stage.spec.bucket_name()), platform);
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    journal.read_month(&aws, 2026, 1).await.unwrap().entries
}

fn words(entries: &[Entry]) -> Vec<(String, Outcome)> {
    entries
        .iter()
        .map(|e| (e.operation.clone(), e.outcome.clone()))
        .collect()
}

fn ended(word: &str) -> Outcome {
    Outcome::Ended(word.to_owned())
}

/// A scale-down that dies at its n-th call, and another one from an empty state folder.
async fn killed_at(up: &World, call: u64, when: When) {
    let mut stage = Stage::new();
    stage.sandbox = Sandbox::new(up.clone());
    stage.sandbox.crash_at(call, when);
    tokio::select! {
        report = stage.down() => panic!("call {call} was never made: {:?}", report.problem),
        () = stage.sandbox.crashed() => {}
    }
    let begun = journal_of(&stage).await.len();
    stage.mark();
    let report = stage.down().await;
    let context = || {
        format!(
            "killed {when:?} call {call}: {:?}\n{}",
            report.problem,
            stage.said().join("\n")
        )
    };
    assert!(
        matches!(
            report.outcome,
            scale_down::Outcome::Down | scale_down::Outcome::AlreadyDown
        ),
        "{}",
        context()
    );
    let entries = journal_of(&stage).await;
    let second = usize::from(report.outcome == scale_down::Outcome::Down);
    assert_eq!(entries.len(), begun + second, "{:?}\n{}", words(&entries), context());
    assert!(
        entries.iter().all(|entry| entry.outcome != Outcome::Begun),
        "{:?}\n{}",
        words(&entries),
        context()
    );
    // Where the second run has deleted the load balancer, it has told so.
    let lives = entries.iter().flat_map(|entry| &entry.resources);
    let ends = lives.filter(|r| r.kind == "load balancer" && r.deleted_at.is_some());
    let deleted = stage
        .mutations()
        .iter()
        .any(|operation| operation == "DeleteLoadBalancer");
    assert!(!deleted || ends.count() > 0, "{}", context());
}

#[tokio::test(start_paused = true)]
async fn every_run_has_one_entry_and_a_run_without_changes_has_none() {
    let stage = Stage::new();
    stage.up().await;
    stage.up().await;
    stage.down().await;
    stage.down().await;
    let entries = journal_of(&stage).await;
    assert_eq!(
        words(&entries),
        [
            ("scale-up".to_owned(), ended("up")),
            ("scale-down".to_owned(), ended("down"))
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_scale_down_killed_anywhere_is_closed_by_the_next_also_if_that_has_nothing_to_do() {
    let stage = Stage::new();
    stage.up().await;
    let up = stage.sandbox.world(|world| world.clone());
    let before = stage.sandbox.calls().len();
    stage.down().await;
    let calls = (stage.sandbox.calls().len() - before) as u64;
    // The last calls are those after which nothing is left to do but to close the entry.
    for call in (1..calls).step_by(16).chain(calls - 3..=calls) {
        for when in [When::Before, When::After] {
            killed_at(&up, call, when).await;
        }
    }
}

/// Found by the random schedules: the platform was taken down while a scale-up that had found it up waited for the lock.
#[tokio::test(start_paused = true)]
async fn who_has_waited_to_close_anothers_entry_looks_again_before_it_is_done() {
    let stage = Stage::new();
    let late = 170;
    stage.sandbox.crash_at(late, When::After);
    tokio::select! {
        report = stage.up() => panic!("call {late} was never made: {:?}", report.problem),
        () = stage.sandbox.crashed() => {}
    }
    // It comes up by itself. Then somebody takes it down, waits for the dead run's lock after a minute of quiet, and takes it over
    // first; somebody else finds the platform up meanwhile.
    tokio::time::sleep(Duration::from_secs(600)).await;
    let mut patient = request();
    patient.desk.lock_wait = Duration::from_secs(600);
    let (down, up) = tokio::join!(stage.down(), async {
        tokio::time::sleep(Duration::from_secs(70)).await;
        stage.run(&patient, &Interrupts::default()).await
    });
    assert_eq!(down.outcome, scale_down::Outcome::Down, "{:?}", down.problem);
    let bills = stage.bills();
    assert_eq!(
        (up.outcome, bills.contains(&"network-load-balancer".to_owned())),
        (scale_up::Outcome::Repaired, true),
        "{:?}\n{}",
        up.problem,
        stage.said().join("\n")
    );
}
