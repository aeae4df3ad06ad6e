//! The operation lock in bad weather: lost answers, refusals, silence.

use std::time::Duration;

use aws_sandbox::Fault;
use jitsi_ops::lock::{Holder, LockError, LockKind, Place, acquire};
use jitsi_ops::problem::ProblemKind;

use crate::ring::{CALL, Ring, seconds, told};
use crate::stage::ACCOUNT;

/// The SDK makes three attempts of a call.
const ATTEMPTS: u64 = 3;

/// Answers are lost as often as this, before or after the call took effect: some of its attempts, or all of them, and
/// more calls.
fn losses(operation: &str) -> Vec<(String, Fault)> {
    let mut losses = Vec::new();
    for times in [1, 2, ATTEMPTS, 2 * ATTEMPTS + 1] {
        let fault = || Fault::on(operation).times(times);
        losses.push((format!("{times} x {operation} lost after"), fault().dropped_after()));
        losses.push((format!("{times} x {operation} lost before"), fault().dropped_before()));
        losses.push((
            format!("{times} x {operation} answered with 500"),
            fault().server_error(),
        ));
    }
    losses
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_at_the_creation_is_settled_by_reading() {
    for (story, fault) in losses("PutObject") {
        let ring = Ring::new().await;
        ring.stage.sandbox.inject(fault);
        let began = ring.stage.sandbox.now();
        let lock = ring.acquire(&ring.request("maria")).await.expect(&story);
        assert!(lock.covers(ring.stage.sandbox.now(), CALL), "{story}");
        assert!(ring.since(began) < 30.0, "{story}: it is our own, not to be waited for");
        lock.release(&ring.aws, &ring.stage.clock()).await.expect(&story);
        assert_eq!(ring.body().await, None, "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_at_a_renewal_is_settled_by_reading() {
    for (story, fault) in losses("PutObject") {
        let ring = Ring::new().await;
        let clock = ring.stage.clock();
        let mut lock = ring.acquire(&ring.request("maria")).await.unwrap();
        clock.sleep(seconds(20)).await;
        ring.stage.sandbox.inject(fault);
        let sent = clock.now();
        lock.renew(&ring.aws, &clock).await.expect(&story);
        let left = lock.remaining(sent).unwrap();
        assert!(left > seconds(88), "{story}: {left:?}");
        lock.release(&ring.aws, &clock).await.expect(&story);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_at_a_takeover_is_settled_by_reading() {
    for (story, fault) in losses("PutObject") {
        let ring = Ring::new().await;
        let _dead = ring.acquire(&ring.request("maria")).await.unwrap();
        let mut request = ring.request("bob");
        request.wait = seconds(150);
        let clock = ring.stage.clock();
        // The creation is refused in good weather; what is written after the first look is the takeover.
        let mut fault = Some(fault);
        let first_look = |_: &Holder, _| {
            if let Some(fault) = fault.take() {
                ring.stage.sandbox.inject(fault);
            }
        };
        let lock = acquire(&ring.aws, &request, &clock, first_look).await.expect(&story);
        assert!(lock.covers(clock.now(), CALL), "{story}");
        assert!(ring.body().await.unwrap().contains("nonce-of-bob"), "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_lost_at_the_release_is_settled_by_reading() {
    for (story, fault) in losses("DeleteObject") {
        let ring = Ring::new().await;
        let lock = ring.acquire(&ring.request("maria")).await.unwrap();
        ring.stage.sandbox.inject(fault);
        lock.release(&ring.aws, &ring.stage.clock()).await.expect(&story);
        assert_eq!(ring.body().await, None, "{story}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_whose_answer_is_lost_leaves_the_next_holders_lock_alone() {
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    let lock = ring.acquire(&ring.request("maria")).await.unwrap();
    ring.stage
        .sandbox
        .inject(Fault::on("DeleteObject").dropped_after().times(1));
    let request = ring.request("bob");
    let second = async {
        clock.sleep(Duration::from_millis(150)).await;
        ring.acquire(&request).await.unwrap()
    };
    let (released, _second) = tokio::join!(lock.release(&ring.aws, &clock), second);
    released.expect("the deletion took effect before bob came");
    assert!(ring.body().await.unwrap().contains("nonce-of-bob"));
}

#[tokio::test(start_paused = true)]
async fn the_lifetime_counts_from_the_moment_before_the_write_was_sent() {
    let ring = Ring::new().await;
    let began = ring.stage.sandbox.now();
    // The write takes effect at once and is answered late.
    ring.stage
        .sandbox
        .inject(Fault::on("PutObject").slow(seconds(9)).times(1));
    let lock = ring.acquire(&ring.request("maria")).await.unwrap();
    assert!(ring.since(began) > 9.0);
    assert!(lock.remaining(ring.stage.sandbox.now()).unwrap() < seconds(81));
    assert!(lock.covers(began, seconds(89)) && !lock.covers(began, seconds(90)));
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_gone_at_the_renewal_is_lost() {
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    let mut lock = ring.acquire(&ring.request("maria")).await.unwrap();
    ring.remove().await;
    let (kind, text) = told(lock.renew(&ring.aws, &clock).await.unwrap_err());
    assert_eq!(kind, ProblemKind::Locked);
    assert!(text.contains("nobody holds it now"), "{text}");
    assert_eq!(ring.body().await, None, "it is not made again");
    lock.release(&ring.aws, &clock)
        .await
        .expect("there is nothing to give back");
}

#[tokio::test(start_paused = true)]
async fn a_write_that_meets_another_one_is_tried_again() {
    let conflict = || {
        Fault::on("PutObject")
            .error(409, "ConditionalRequestConflict", "conflict")
            .times(2)
    };
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    ring.stage.sandbox.inject(conflict());
    let mut lock = ring.acquire(&ring.request("maria")).await.unwrap();
    ring.stage.sandbox.inject(conflict());
    lock.renew(&ring.aws, &clock).await.unwrap();
    assert!(lock.remaining(clock.now()).unwrap() > seconds(89));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_for_ten_seconds_leaves_the_time_that_was_left() {
    let ring = Ring::new().await;
    let clock = ring.stage.clock();
    let mut lock = ring.acquire(&ring.request("maria")).await.unwrap();
    clock.sleep(seconds(20)).await;
    ring.stage.sandbox.inject(Fault::on("PutObject").unavailable());
    let failed = lock.renew(&ring.aws, &clock).await.unwrap_err();
    assert!(matches!(failed, LockError::Failed(_)), "{failed:?}");
    assert!(lock.covers(clock.now(), CALL), "one can go on");
    let next = lock.renewal_in(clock.now()).unwrap();
    assert!(next > seconds(4) && next <= seconds(5), "{next:?}");
    clock.sleep(next).await;
    lock.ensure(&ring.aws, &clock, seconds(10))
        .await
        .expect("there is time left for a short call");
    clock.sleep(seconds(20)).await;
    let (kind, text) = told(lock.ensure(&ring.aws, &clock, CALL).await.unwrap_err());
    assert_eq!(kind, ProblemKind::Failed, "{text}");
    ring.stage.sandbox.clear_faults();
    lock.ensure(&ring.aws, &clock, CALL)
        .await
        .expect("the weather is good again");
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_done_names_the_permission_and_the_bucket() {
    for operation in ["PutObject", "GetObject"] {
        let ring = Ring::new().await;
        // Reading is necessary only where somebody is there.
        ring.overwrite("{}").await;
        ring.stage.sandbox.inject(Fault::on(operation).access_denied());
        let mut request = ring.request("maria");
        request.unlocked_on_transport_failure = true;
        let began = ring.stage.sandbox.now();
        let (kind, text) = told(ring.acquire(&request).await.unwrap_err());
        assert_eq!(kind, ProblemKind::Usage, "{text}");
        assert!(text.contains(&format!("allow `s3:{operation}`")), "{text}");
        assert!(
            text.contains(&format!("bucket `{}`", ring.stage.spec.bucket_name())),
            "{text}"
        );
        assert!(ring.since(began) < 2.0, "at once");
    }
    let ring = Ring::new().await;
    let lock = ring.acquire(&ring.request("maria")).await.unwrap();
    ring.stage.sandbox.inject(Fault::on("DeleteObject").access_denied());
    let (kind, text) = told(lock.release(&ring.aws, &ring.stage.clock()).await.unwrap_err());
    assert_eq!(kind, ProblemKind::Usage);
    assert!(text.contains("allow `s3:DeleteObject`"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_not_there_is_a_mistake_of_the_configuration() {
    let ring = Ring::new().await;
    ring.stage.add_bucket(ACCOUNT, "eu-west-1", "far-away").await;
    for (bucket, part) in [
        ("no-such-bucket", "does not exist"),
        ("far-away", "is in another region"),
    ] {
        let mut request = ring.request("maria");
        request.unlocked_on_transport_failure = true;
        request.place = Place::Bucket {
            bucket: bucket.to_owned(),
            platform: ring.platform(),
        };
        let (kind, text) = told(ring.acquire(&request).await.unwrap_err());
        assert_eq!(kind, ProblemKind::Usage, "{text}");
        assert!(text.contains(part) && text.contains(bucket), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_a_scale_down_goes_on_unlocked_when_the_bucket_cannot_be_reached() {
    let s3 = || Fault::on_any().service("s3");
    for (story, fault) in [
        ("server errors", s3().server_error()),
        ("no connection", s3().dropped_before()),
        ("throttled", s3().throttled()),
        ("no answer", s3().hangs()),
    ] {
        let ring = Ring::new().await;
        let clock = ring.stage.clock();
        ring.stage.sandbox.inject(fault);
        let mut request = ring.request("maria");
        let began = ring.stage.sandbox.now();
        let (kind, text) = told(ring.acquire(&request).await.unwrap_err());
        assert_eq!(kind, ProblemKind::Failed, "{story}");
        assert!(
            text.contains("cannot be reached") && text.contains("PutObject"),
            "{text}"
        );
        assert!(
            (30.0..125.0).contains(&ring.since(began)),
            "{story}: {}",
            ring.since(began)
        );
        request.unlocked_on_transport_failure = true;
        let mut lock = ring.acquire(&request).await.expect(story);
        assert!(matches!(lock.kind(), LockKind::Unlocked { .. }), "{story}");
        let caveat = lock.caveat().unwrap();
        assert!(
            caveat.message.contains("without a lock") && caveat.message.contains("PutObject"),
            "{caveat:?}"
        );
        lock.ensure(&ring.aws, &clock, CALL).await.expect(story);
        lock.release(&ring.aws, &clock).await.expect(story);
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_goes_on_unlocked_past_a_holder_that_was_seen() {
    let ring = Ring::new().await;
    let _holder = ring.acquire(&ring.request("maria")).await.unwrap();
    let mut request = ring.request("bob");
    request.unlocked_on_transport_failure = true;
    let began = ring.stage.sandbox.now();
    let clock = ring.stage.clock();
    let first_look = |_: &Holder, _| ring.stage.sandbox.inject(Fault::on_any().service("s3").unavailable());
    let error = acquire(&ring.aws, &request, &clock, first_look).await.unwrap_err();
    assert!(matches!(error, LockError::Busy { .. }), "{error:?}");
    assert!((120.0..130.0).contains(&ring.since(began)), "{}", ring.since(began));
}

#[tokio::test(start_paused = true)]
async fn reads_that_lag_do_not_make_two_holders() {
    let ring = Ring::new().await;
    ring.stage.sandbox.world(|world| world.stale_reads(1.0));
    let clock = ring.stage.clock();
    ring.stage
        .sandbox
        .inject(Fault::on("PutObject").dropped_after().times(1));
    let mut lock = ring.acquire(&ring.request("maria")).await.unwrap();
    let mut request = ring.request("bob");
    request.wait = seconds(60);
    ring.stage
        .sandbox
        .inject(Fault::on("PutObject").nth(2).dropped_after().times(ATTEMPTS));
    let renewing = async {
        for _ in 0..3 {
            clock.sleep(seconds(20)).await;
            lock.renew(&ring.aws, &clock).await.unwrap();
        }
    };
    let (second, ()) = tokio::join!(ring.acquire(&request), renewing);
    assert!(matches!(second, Err(LockError::Busy { .. })), "{second:?}");
}
