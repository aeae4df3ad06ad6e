//! Leases and holds, two runs at once, and a token that has grown old.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_sandbox::Fault;
use jiff::SignedDuration;
use jitsi_ops::guard::Overrule;
use jitsi_ops::keep::{LEASE_TAG, Moment, Term, Wish};
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_down::{self, Outcome, ScaleDown};
use jitsi_ops::scale_up::Interrupts;
use jitsi_ops::{hold, scale_up};

use crate::stage::{ACCOUNT, Stage, desk, down_request, words};

async fn leased_for(minutes: i64) -> Stage {
    let mut stage = Stage::new();
    stage.wanted.lease = Some(SignedDuration::from_mins(minutes));
    let report = stage.up().await;
    assert_eq!(report.outcome, scale_up::Outcome::Up, "{:?}", report.problem);
    stage.wanted.lease = None;
    stage.mark();
    stage
}

fn lease_of(report: &scale_down::Report) -> Option<&String> {
    report.seen.service.here().unwrap().tags.get(LEASE_TAG)
}

async fn hold_until(stage: &mut Stage, wish: Wish) -> hold::Report {
    stage.wanted.hold = Some(wish);
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let report = hold::hold(
        &aws,
        &stage.wanted,
        &desk(),
        stage.clock(),
        &|_| {},
        &Interrupts::default(),
    )
    .await;
    stage.wanted.hold = None;
    report
}

fn in_an_hour(stage: &Stage) -> Wish {
    Wish::Until(Moment::At(stage.sandbox.now() + SignedDuration::from_hours(1)))
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_lasts_keeps_the_platform_up() {
    let stage = leased_for(120).await;
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Held, "{:?}", report.problem);
    assert!(report.held.as_deref().unwrap().contains("its lease lasts until"));
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_has_run_out_is_acted_upon() {
    let mut stage = leased_for(30).await;
    stage.wanted.only_expired = true;
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Held);
    tokio::time::sleep(Duration::from_secs(30 * 60)).await;
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Down, "{:?} {:?}", report.problem, report.held);
    assert!(lease_of(&report).is_some(), "cron may not change tags, and need not");
}

#[tokio::test(start_paused = true)]
async fn without_a_lease_nothing_has_run_out() {
    let mut stage = Stage::new();
    stage.up().await;
    stage.mark();
    stage.wanted.only_expired = true;
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Held);
    assert_eq!(report.held.as_deref(), Some("it has no lease"));
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_lease_of_the_last_time_does_not_end_this_one() {
    let mut stage = leased_for(10).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    stage.down().await;
    stage.up().await;
    stage.wanted.only_expired = true;
    let report = stage.down().await;
    assert_eq!(report.held.as_deref(), Some("it has no lease"), "{:?}", report.outcome);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_extended_while_the_platform_is_up_and_needs_no_lock() {
    let mut stage = leased_for(10).await;
    stage.wanted.lease = Some(SignedDuration::from_mins(120));
    let report = stage.up().await;
    assert!(report.problem.is_none(), "{:?}", report.problem);
    assert_eq!(stage.mutations(), ["TagResource"]);
    stage.wanted.lease = None;
    tokio::time::sleep(Duration::from_secs(20 * 60)).await;
    assert_eq!(stage.down().await.outcome, Outcome::Held);
}

#[tokio::test(start_paused = true)]
async fn a_hold_keeps_it_up_until_it_is_released() {
    let mut stage = Stage::new();
    stage.up().await;
    let wish = in_an_hour(&stage);
    let report = hold_until(&mut stage, wish).await;
    assert!(report.problem.is_none(), "{:?}", report.problem);
    assert!(matches!(report.hold, Some(Term::Until(_))));
    stage.mark();
    assert_eq!(stage.down().await.outcome, Outcome::Held);
    assert_eq!(stage.mutations(), Vec::<String>::new());
    let report = hold_until(&mut stage, Wish::Release).await;
    assert_eq!(report.hold, None);
    assert_eq!(stage.down().await.outcome, Outcome::Down);
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_would_have_ended_already_is_refused() {
    let mut stage = Stage::new();
    let past = Wish::Until(Moment::At(stage.sandbox.now() - SignedDuration::from_mins(1)));
    let report = hold_until(&mut stage, past).await;
    let (kind, text) = words(report.problem.as_ref());
    assert_eq!(kind, ProblemKind::Usage);
    assert!(text.contains("still to come"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_cannot_be_read_is_a_hold() {
    let stage = Stage::new();
    stage.up().await;
    stage
        .tag_service("jitsi-ops:hold-until", "when the choir has left")
        .await;
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Held);
    assert!(report.held.as_deref().unwrap().contains("when the choir has left"));
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_comes_while_the_guard_is_read_still_counts() {
    let mut stage = Stage::new();
    stage.up().await;
    stage.mark();
    let report = {
        let request = down_request();
        let interrupts = Interrupts::default();
        let down = stage.run_down(&request, &interrupts);
        let late = async {
            tokio::time::sleep(Duration::from_secs(40)).await;
            stage.tag_service("jitsi-ops:hold-until", "2099-01-01T00:00:00Z").await;
        };
        tokio::join!(down, late).0
    };
    assert_eq!(report.outcome, Outcome::Held, "{:?}", report.problem);
    assert!(!stage.changes().contains(&"UpdateService".to_owned()));
    stage.wanted.overrule = Overrule::Everything;
    assert_eq!(stage.down().await.outcome, Outcome::Down, "--force does not mind");
}

#[tokio::test(start_paused = true)]
async fn of_two_runs_at_the_same_moment_one_works_and_the_other_is_told_who() {
    let stage = Stage::new();
    let impatient = |mut request: scale_up::ScaleUp| {
        request.desk.lock_wait = Duration::ZERO;
        request
    };
    let (one, two) = (impatient(crate::stage::request()), impatient(crate::stage::request()));
    let (calm, also_calm) = (Interrupts::default(), Interrupts::default());
    let (one, two) = tokio::join!(stage.run(&one, &calm), stage.run(&two, &also_calm));
    let mut outcomes = [(one.outcome, one.problem), (two.outcome, two.problem)];
    outcomes.sort_by_key(|(outcome, _)| *outcome != scale_up::Outcome::Up);
    assert_eq!(outcomes[0].0, scale_up::Outcome::Up, "{outcomes:?}");
    let (kind, text) = words(outcomes[1].1.as_ref());
    assert_eq!(kind, ProblemKind::Locked);
    assert!(text.contains("alice@laptop") && text.contains("--lock-wait"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_lock_finds_the_work_done() {
    let stage = Stage::new();
    let patient = || {
        let mut request = crate::stage::request();
        request.desk.lock_wait = Duration::from_secs(900);
        request
    };
    let (one, two) = (patient(), patient());
    let (calm, also_calm) = (Interrupts::default(), Interrupts::default());
    let (one, two) = tokio::join!(stage.run(&one, &calm), stage.run(&two, &also_calm));
    assert!(
        one.problem.is_none() && two.problem.is_none(),
        "{:?} {:?}",
        one.problem,
        two.problem
    );
    let creations = stage.changes().iter().filter(|o| *o == "CreateLoadBalancer").count();
    assert_eq!(creations, 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_before_the_machine_slept_is_not_acted_upon() {
    let stage = Stage::new();
    stage.up().await;
    let slept = Arc::new(AtomicU64::new(0));
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let clock = stage.clock().on_a_machine_that_sleeps(Arc::clone(&slept));
    let request = ScaleDown {
        wait_idle: Duration::ZERO,
        ..down_request()
    };
    // Taking the lock is slow, and while it is taken the lid is shut for half an hour: the last reading grows old.
    stage
        .sandbox
        .inject(Fault::on("PutObject").slow(Duration::from_secs(5)));
    let interrupts = Interrupts::default();
    let observer = |_: jitsi_ops::event::Event| {};
    let run = scale_down::scale_down(&aws, &stage.wanted, &request, clock, &observer, &interrupts);
    let lid = async {
        tokio::time::sleep(Duration::from_millis(60_500)).await;
        slept.store(1_800_000, Ordering::Relaxed);
    };
    let (report, ()) = tokio::join!(run, lid);
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
    let calls = stage.sandbox.calls();
    let lowered = calls.iter().rfind(|c| c.operation == "UpdateService").unwrap();
    let last_reading = calls
        .iter()
        .rfind(|c| c.operation == "GetTaskProtection" && c.at < lowered.at)
        .unwrap();
    assert!(lowered.at.duration_since(last_reading.at) < SignedDuration::from_secs(10));
}
