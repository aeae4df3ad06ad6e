//! Two runs and one lock, with every answer lost in every way: never do both believe to hold it at the same moment.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use aws_sandbox::Fault;
use jiff::Timestamp;
use jitsi_ops::clock::Clock;
use jitsi_ops::lock::{Lock, LockError, acquire};

use crate::ring::{Ring, seconds};

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
    for (_, until) in claims.borrow_mut().iter_mut() {
        *until = (*until).min(clock.now());
    }
}

/// A run: takes the lock, renews it once, and then gives it back, or dies.
async fn run(ring: &Ring, user: &str, dies: bool, claims: &Claims) -> Result<(), LockError> {
    let clock = ring.stage.clock();
    let mut request = ring.request(user);
    request.wait = seconds(180);
    let mut lock = acquire(&ring.aws, &request, &clock, |_, _| {}).await?;
    claim(claims, &lock, &clock);
    clock.sleep(seconds(20)).await;
    match lock.renew(&ring.aws, &clock).await {
        Ok(()) => claim(claims, &lock, &clock),
        Err(LockError::Failed(_)) => {}
        Err(error) => {
            end(claims, &clock);
            return Err(error);
        }
    }
    if dies {
        return Ok(());
    }
    end(claims, &clock);
    lock.release(&ring.aws, &clock).await
}

/// Which calls lose their answers, and what then becomes of the first run.
#[derive(Clone, Copy, Debug)]
struct Weather {
    /// Only writes and deletions; or reads too.
    only_writes: bool,
    /// The first call that is struck, counted from 1.
    first: u64,
    /// Whether the first run dies instead of giving the lock back.
    dies: bool,
}

/// Two runs, the second a little later; one attempt after the other has one of these fates.
async fn race(weather: Weather, fates: &[Fate]) {
    let ring = Ring::new().await;
    for (n, fate) in fates.iter().enumerate() {
        let fault = if weather.only_writes {
            Fault::on_mutating()
        } else {
            Fault::on_any()
        };
        let fault = fault.service("s3").nth(weather.first + n as u64).times(1);
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
    let (first, second) = tokio::join!(run(&ring, "maria", weather.dies, &one), second);
    let story = format!("{weather:?} {fates:?}: {first:?} {second:?}");
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

/// A race for each combination of fates of `length` attempts.
async fn races(weather: Weather, length: u32) {
    for number in 0..3_usize.pow(length) {
        let fates: Vec<Fate> = (0..length)
            .map(|digit| FATES[number / 3_usize.pow(digit) % 3])
            .collect();
        race(weather, &fates).await;
    }
}

#[tokio::test(start_paused = true)]
async fn two_runs_never_both_hold_it_whichever_answers_are_lost() {
    let weather = Weather {
        only_writes: false,
        first: 1,
        dies: false,
    };
    races(weather, 4).await;
}

#[tokio::test(start_paused = true)]
async fn two_runs_never_both_hold_it_whichever_writes_are_lost() {
    // From the first renewal on: release, and creation by the second run.
    let weather = Weather {
        only_writes: true,
        first: 3,
        dies: false,
    };
    races(weather, 4).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_and_a_dead_one_never_both_hold_it_whichever_writes_are_lost() {
    // From the renewal on: takeover, renewal and release by the second run.
    let weather = Weather {
        only_writes: true,
        first: 3,
        dies: true,
    };
    races(weather, 4).await;
}
