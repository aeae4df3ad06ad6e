//! Two runs and one lock, with every answer lost in every way: never do both believe to hold it at the same moment.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use aws_sandbox::Fault;
use jiff::Timestamp;
use jitsi_ops::clock::Clock;
use jitsi_ops::lock::{Lock, LockError, acquire};

use crate::lock::{Ring, seconds};

/// What becomes of an attempt of a call.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Answered,
    LostBefore,
    LostAfter,
}

const FATES: [Fate; 3] = [Fate::Answered, Fate::LostBefore, Fate::LostAfter];

/// From when to when a run could say that its lock covers it.
type Claims = Rc<RefCell<Vec<(Timestamp, Timestamp)>>>;

/// What the lock says of itself at this moment.
fn claim(claims: &Claims, lock: &Lock, clock: &Clock) {
    let now = clock.now();
    claims.borrow_mut().push((now, now + lock.remaining(now).unwrap()));
}

/// What it has said ends here: the run has given the lock up.
fn end(claims: &Claims, clock: &Clock) {
    if let Some((_, until)) = claims.borrow_mut().last_mut() {
        *until = (*until).min(clock.now());
    }
}

/// A run: takes the lock, works for a minute and renews it, and then gives it back, or dies.
async fn run(ring: &Ring, user: &str, dies: bool, claims: &Claims) -> Result<(), LockError> {
    let clock = ring.stage.clock();
    let mut lock = acquire(&ring.aws, &ring.request(user), &clock, |_, _| {}).await?;
    claim(claims, &lock, &clock);
    for _ in 0..2 {
        clock.sleep(seconds(20)).await;
        match lock.renew(&ring.aws, &clock).await {
            Ok(()) => claim(claims, &lock, &clock),
            Err(LockError::Failed(_)) => {}
            Err(error) => {
                end(claims, &clock);
                return Err(error);
            }
        }
    }
    if dies {
        return Ok(());
    }
    end(claims, &clock);
    lock.release(&ring.aws, &clock).await
}

/// Two runs, the second a little later; from the `first`-th call to S3 on, attempts have these fates.
async fn race(first: u64, fates: &[Fate], dies: bool) {
    let ring = Ring::new().await;
    for (n, fate) in fates.iter().enumerate() {
        let fault = Fault::on_any().service("s3").nth(first + n as u64).times(1);
        match fate {
            Fate::Answered => {}
            Fate::LostBefore => ring.stage.sandbox.inject(fault.dropped_before()),
            Fate::LostAfter => ring.stage.sandbox.inject(fault.dropped_after()),
        }
    }
    let (one, other) = (Claims::default(), Claims::default());
    let second = async {
        ring.stage.clock().sleep(Duration::from_millis(100)).await;
        run(&ring, "bob", false, &other).await
    };
    let (first_result, second_result) = tokio::join!(run(&ring, "maria", dies, &one), second);
    let story = format!("from call {first}: {fates:?}, dies: {dies}: {first_result:?} {second_result:?}");
    for (from, until) in one.borrow().iter() {
        for (others_from, others_until) in other.borrow().iter() {
            assert!(until <= others_from || others_until <= from, "both hold it: {story}");
        }
    }
    assert!(
        !one.borrow().is_empty() && !other.borrow().is_empty(),
        "both get it in the end: {story}"
    );
}

/// All combinations of fates for `length` attempts.
fn all(length: u32) -> impl Iterator<Item = Vec<Fate>> {
    (0..3_usize.pow(length)).map(move |number| {
        (0..length)
            .map(|digit| FATES[number / 3_usize.pow(digit) % 3])
            .collect()
    })
}

async fn races(first: u64, dies: bool) {
    for fates in all(5) {
        race(first, &fates, dies).await;
    }
}

#[tokio::test(start_paused = true)]
async fn two_runs_never_hold_it_both_whatever_is_lost_at_the_beginning() {
    races(1, false).await;
}
