//! Two scale-ups of one platform at the same moment.

use std::time::Duration;

use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_up::{Interrupts, Outcome};
use jitsi_ops::state::State;

use crate::stage::{Stage, assert_outcome, request, told};

/// Somebody whose configuration has one more listener, so that there is something to do however far the first run is.
fn beside(stage: &Stage) -> Stage {
    let mut other = Stage::configured("nlb.listeners = [\"udp:10000\", \"tcp:4443\", \"tcp:8443\"]");
    other.sandbox = stage.sandbox.clone();
    other
}

#[tokio::test(start_paused = true)]
async fn who_does_not_get_the_lock_takes_nothing_away() {
    let stage = Stage::new();
    let other = beside(&stage);
    let mut impatient = request();
    impatient.desk.lock_wait = Duration::from_secs(30);
    let (first, second) = tokio::join!(stage.up(), async {
        // The first run's task does not run yet, so a start that failed would be taken back.
        tokio::time::sleep(Duration::from_secs(5)).await;
        other.run(&impatient, &Interrupts::default()).await
    });
    assert_outcome(&stage, &first, Outcome::Up);
    assert_eq!(first.state, State::Active);
    let (kind, text) = told(&second);
    assert_eq!((second.outcome, kind), (Outcome::Failed, ProblemKind::Locked), "{text}");
    assert!(!text.contains("back to zero"), "{text}");
    assert!(!other.has_said("rolling back"), "{}", other.said().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_lock_to_take_a_failed_start_back_looks_again_whether_anybody_runs() {
    let stage = Stage::new();
    let other = beside(&stage);
    let mut patient = request();
    patient.desk.lock_wait = Duration::from_secs(600);
    let interrupts = Interrupts::default();
    let (first, second, ()) = tokio::join!(
        stage.up(),
        async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            other.run(&patient, &interrupts).await
        },
        async {
            // Ctrl-C, while the second waits and nothing has run.
            tokio::time::sleep(Duration::from_secs(15)).await;
            interrupts.first.cancel();
        }
    );
    assert_outcome(&stage, &first, Outcome::Up);
    assert_ne!(second.outcome, Outcome::RolledBack, "{}", other.said().join("\n"));
    let bills = stage.bills();
    assert!(bills.contains(&"network-load-balancer".to_owned()), "{bills:?}");
    assert!(bills.contains(&"fargate-task".to_owned()), "{bills:?}");
}
