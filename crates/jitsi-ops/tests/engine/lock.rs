//! The operation lock in good weather: taken, waited for, given back, taken over, kept on one machine.

use std::path::Path;
use std::time::Duration;

use jitsi_ops::clock::Clock;
use jitsi_ops::lock::{Holder, LIFETIME, Lock, LockError, LockKind, LockRequest, Place, acquire};
use jitsi_ops::problem::ProblemKind;

use crate::ring::{CALL, Ring, seconds, told};

/// Who holds it, by an error that says so.
fn busy(result: Result<Lock, LockError>) -> String {
    match result {
        Err(LockError::Busy { holder, .. }) => holder.to_string(),
        other => panic!("not busy: {other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_taken_renewed_and_given_back() {
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    let mut lock = ring.acquire(&ring.request("maria")).await.unwrap();
    assert_eq!((lock.kind(), lock.caveat()), (LockKind::Bucket, None));
    let text = ring.body().await.unwrap();
    for part in [
        "jitsi-ops/lock/v1",
        "maria",
        "laptop",
        "scale-up",
        "nonce-of-maria",
        "since",
    ] {
        assert!(text.contains(part), "{text}");
    }
    assert!(lock.covers(clock.now(), CALL));
    assert!(lock.renewal_in(clock.now()).unwrap() > seconds(19));
    clock.sleep(seconds(46)).await;
    assert_eq!(lock.renewal_in(clock.now()), Some(Duration::ZERO));
    assert!(!lock.covers(clock.now(), CALL), "too little is left for a call");
    lock.renew(&ring.aws, &clock).await.unwrap();
    assert!(lock.covers(clock.now(), CALL));
    assert_ne!(ring.body().await.unwrap(), text, "each write has another ETag");
    lock.release(&ring.aws, &clock).await.unwrap();
    assert_eq!(ring.body().await, None);
    let _next = ring.acquire(&ring.request("bob")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_second_comer_waits_and_is_then_told_who_holds_it() {
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    let lock = ring.acquire(&ring.request("maria")).await.unwrap();
    let since = ring.stage.sandbox.now();
    let request = ring.request("bob");
    let mut looks = Vec::new();
    let waiting = |holder: &Holder, takeover: Option<Duration>| looks.push((holder.clone(), takeover.unwrap()));
    let second = async {
        let result = acquire(&ring.aws, &request, &clock, waiting).await;
        (result, ring.since(since))
    };
    let ((result, after), ()) = tokio::join!(second, ring.work(lock, seconds(200)));
    assert!((120.0..126.0).contains(&after), "{after}");
    assert!(looks.len() >= 24, "{}", looks.len());
    assert!(looks.iter().all(|(_, takeover)| *takeover > seconds(60)), "{looks:?}");
    let (kind, text) = told(result.unwrap_err());
    assert_eq!(kind, ProblemKind::Locked);
    for part in [
        "another run holds the lock of service `jitsi-video-platform-service`",
        "scale-up of `maria@laptop`, since 2026-01-15T18:00:0",
        "--lock-wait",
        "90 s after its last renewal",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_wait_a_lock_that_is_held_is_busy_at_once() {
    let ring = Ring::new().await;
    let _lock = ring.acquire(&ring.request("maria")).await.unwrap();
    let began = ring.stage.sandbox.now();
    let mut request = ring.request("bob");
    request.wait = Duration::ZERO;
    assert!(busy(ring.acquire(&request).await).contains("maria@laptop"));
    assert!(ring.since(began) < 1.0);
}

#[tokio::test(start_paused = true)]
async fn who_waits_gets_the_lock_when_it_is_given_back() {
    let ring = Ring::new().await;
    let lock = ring.acquire(&ring.request("maria")).await.unwrap();
    let began = ring.stage.sandbox.now();
    let request = ring.request("bob");
    let second = async {
        let lock = ring.acquire(&request).await.unwrap();
        (lock, ring.since(began))
    };
    let ((_lock, after), ()) = tokio::join!(second, ring.work(lock, seconds(50)));
    assert!((60.0..67.0).contains(&after), "renewals come every 20 s: {after}");
}

#[tokio::test(start_paused = true)]
async fn a_dead_holder_is_taken_over_after_a_lifetime_and_not_before() {
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    let dead = ring.acquire(&ring.request("maria")).await.unwrap();
    clock.sleep(seconds(60)).await;
    let began = ring.stage.sandbox.now();
    let lock = ring.acquire(&ring.request("bob")).await.unwrap();
    let after = ring.since(began);
    assert!(
        (90.0..91.0).contains(&after),
        "counted from our own first look: {after}"
    );
    assert!(!dead.covers(clock.now(), Duration::ZERO));
    assert!(ring.body().await.unwrap().contains("nonce-of-bob"));
    lock.release(&ring.aws, &clock).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_wait_shorter_than_a_lifetime_does_not_take_over() {
    let ring = Ring::new().await;
    let _dead = ring.acquire(&ring.request("maria")).await.unwrap();
    ring.stage.clock().sleep(seconds(600)).await;
    let mut request = ring.request("bob");
    request.wait = seconds(89);
    assert!(busy(ring.acquire(&request).await).contains("maria@laptop"));
    assert!(ring.body().await.unwrap().contains("nonce-of-maria"));
}

#[tokio::test(start_paused = true)]
async fn of_two_who_want_a_dead_holders_lock_one_gets_it() {
    let ring = Ring::new().await;
    let _dead = ring.acquire(&ring.request("maria")).await.unwrap();
    let (bob, eve) = (ring.request("bob"), ring.request("eve"));
    let (one, other) = tokio::join!(ring.acquire(&bob), ring.acquire(&eve));
    let holders: Vec<bool> = [&one, &other].map(|result| result.is_ok()).to_vec();
    assert_eq!(holders.iter().filter(|held| **held).count(), 1, "{one:?} {other:?}");
    let loser = if one.is_ok() { other } else { one };
    let winner = if holders[0] { "bob@laptop" } else { "eve@laptop" };
    assert!(busy(loser).contains(winner));
}

#[tokio::test(start_paused = true)]
async fn of_two_who_begin_at_the_same_moment_one_gets_it() {
    let ring = Ring::new().await;
    let (mut bob, mut eve) = (ring.request("bob"), ring.request("eve"));
    bob.wait = Duration::ZERO;
    eve.wait = Duration::ZERO;
    let (one, other) = tokio::join!(ring.acquire(&bob), ring.acquire(&eve));
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
}

/// A laptop that was shut while it held the lock, and woke when another had taken over.
#[tokio::test(start_paused = true)]
async fn a_holder_that_slept_finds_its_lock_lost_and_may_change_nothing() {
    let ring = Ring::new().await;
    // Its clock stood still while it slept.
    let asleep = Clock::starting_at(ring.stage.sandbox.now(), 1e-6);
    let mut slept = acquire(&ring.aws, &ring.request("maria"), &asleep, |_, _| {})
        .await
        .unwrap();
    let _taker = ring.acquire(&ring.request("bob")).await.unwrap();
    let (kind, text) = told(slept.renew(&ring.aws, &asleep).await.unwrap_err());
    assert_eq!(kind, ProblemKind::Locked);
    assert!(text.contains("now held by scale-up of `bob@laptop`"), "{text}");
    assert!(text.contains("has stopped where it was"), "{text}");
    let awake = ring.stage.clock();
    let mut late = slept;
    assert!(!late.covers(awake.now(), Duration::ZERO));
    let refused = late.ensure(&ring.aws, &awake, CALL).await;
    assert!(matches!(refused, Err(LockError::Lost { .. })), "{refused:?}");
    let released = late.release(&ring.aws, &awake).await;
    assert!(
        matches!(released, Err(LockError::Lost { now: Some(_), .. })),
        "{released:?}"
    );
    assert!(
        ring.body().await.unwrap().contains("nonce-of-bob"),
        "the taker's lock stands"
    );
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_slept_and_was_not_missed_goes_on() {
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    let mut lock = ring.acquire(&ring.request("maria")).await.unwrap();
    clock.sleep(seconds(600)).await;
    assert!(!lock.covers(clock.now(), Duration::ZERO));
    lock.ensure(&ring.aws, &clock, CALL).await.unwrap();
    assert!(lock.covers(clock.now(), CALL));
}

#[tokio::test(start_paused = true)]
async fn clocks_ten_minutes_apart_make_no_difference() {
    for [holders, takers] in [[0, 600], [600, 0]] {
        let ring = Ring::new().await;
        let now = ring.stage.sandbox.now();
        let holders = Clock::starting_at(now + seconds(holders), 1.0);
        let takers = Clock::starting_at(now + seconds(takers), 1.0);
        let mut lock = acquire(&ring.aws, &ring.request("maria"), &holders, |_, _| {})
            .await
            .unwrap();
        let mut request = ring.request("bob");
        request.wait = seconds(85);
        let renewing = async {
            for _ in 0..4 {
                holders.sleep(seconds(20)).await;
                lock.renew(&ring.aws, &holders).await.unwrap();
            }
        };
        let (result, ()) = tokio::join!(acquire(&ring.aws, &request, &takers, |_, _| {}), renewing);
        assert!(busy(result).contains("maria@laptop"));
        let began = ring.stage.sandbox.now();
        request.wait = seconds(120);
        let _lock = acquire(&ring.aws, &request, &takers, |_, _| {}).await.unwrap();
        let after = ring.since(began);
        assert!((90.0..91.0).contains(&after), "{after}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_lock_of_ours_is_respected_and_taken_over_by_the_same_rule() {
    for text in ["not json", "", r#"{"schema":"jitsi-ops/lock/v9"}"#] {
        let ring = Ring::new().await;
        ring.overwrite(text).await;
        let mut request = ring.request("bob");
        request.wait = seconds(60);
        assert!(busy(ring.acquire(&request).await).contains("cannot read"));
        request.wait = seconds(120);
        let began = ring.stage.sandbox.now();
        let _lock = ring.acquire(&request).await.unwrap();
        assert!(ring.since(began) >= LIFETIME.as_secs_f64());
    }
}

#[tokio::test(start_paused = true)]
async fn locks_of_other_platforms_do_not_matter() {
    let ring = Ring::new().await;
    let _lock = ring.acquire(&ring.request("maria")).await.unwrap();
    let mut request = ring.request("bob");
    request.wait = Duration::ZERO;
    let bucket = ring.stage.spec.bucket_name();
    let mut platform = ring.platform();
    platform.service = "other-service".to_owned();
    request.place = Place::Bucket { bucket, platform };
    let _other = ring.acquire(&request).await.unwrap();
}

fn on_this_machine(ring: &Ring, user: &str, folder: &Path) -> LockRequest {
    let mut request = ring.request(user);
    request.place = Place::Machine {
        folder: folder.to_owned(),
        platform: ring.platform(),
    };
    request
}

#[tokio::test(start_paused = true)]
async fn without_a_bucket_the_lock_is_one_of_this_machine_and_says_so() {
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    let folder = tempfile::tempdir().unwrap();
    let mut lock = ring
        .acquire(&on_this_machine(&ring, "maria", folder.path()))
        .await
        .unwrap();
    assert_eq!(lock.kind(), LockKind::Machine);
    assert!(lock.caveat().unwrap().message.contains("only runs on this machine"));
    clock.sleep(seconds(3600)).await;
    assert!(lock.covers(clock.now(), CALL), "the kernel keeps it");
    assert_eq!(lock.renewal_in(clock.now()), None);
    lock.renew(&ring.aws, &clock).await.unwrap();
    let second = on_this_machine(&ring, "bob", folder.path());
    let began = ring.stage.sandbox.now();
    let (kind, text) = told(ring.acquire(&second).await.unwrap_err());
    assert_eq!(kind, ProblemKind::Locked);
    assert!(text.contains("scale-up of `maria@laptop`"), "{text}");
    assert!(!text.contains("taken over"), "{text}");
    assert!((120.0..122.0).contains(&ring.since(began)));
    lock.release(&ring.aws, &clock).await.unwrap();
    let next = ring.acquire(&second).await.unwrap();
    // Its process dies: the kernel frees the file.
    drop(next);
    let _last = ring
        .acquire(&on_this_machine(&ring, "eve", folder.path()))
        .await
        .unwrap();
    assert!(ring.stage.mutations().is_empty(), "nothing was sent to AWS");
}

#[tokio::test(start_paused = true)]
async fn a_lock_file_that_cannot_be_made_stops_the_run() {
    let ring = Ring::new().await;
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "").unwrap();
    let (kind, text) = told(
        ring.acquire(&on_this_machine(&ring, "maria", &blocked))
            .await
            .unwrap_err(),
    );
    assert_eq!(kind, ProblemKind::Failed);
    assert!(text.contains("cannot be used") && text.contains("`bucket`"), "{text}");
}
