//! A schedule from a seed. The same seed gives the same schedule, and the same schedule the same calls.

use std::time::Duration;

use aws_sandbox::When;
use fastrand::Rng;

use crate::draw_zone;
use crate::schedule::{CtrlC, Gathering, Goal, Kind, Mishap, Schedule, Second, Start};
use crate::worlds::VARIANTS;
use crate::zone::Use;

const READS: [&str; 10] = [
    "DescribeServices",
    "ListTasks",
    "DescribeTasks",
    "GetTaskProtection",
    "DescribeLoadBalancers",
    "DescribeTargetGroups",
    "DescribeTags",
    "DescribeTargetHealth",
    "DescribeListeners",
    "DescribeTaskDefinition",
];
const CHANGES: [&str; 9] = [
    "UpdateService",
    "DeleteLoadBalancer",
    "DeleteTargetGroup",
    "DeregisterTargets",
    "UpdateTaskProtection",
    "CreateLoadBalancer",
    "CreateTargetGroup",
    "CreateListener",
    "RegisterTargets",
];
/// S3 and STS: strongly consistent, so never stale or late.
const BOOKS: [&str; 6] = [
    "PutObject",
    "GetObject",
    "DeleteObject",
    "ListBuckets",
    "HeadBucket",
    "GetCallerIdentity",
];

/// About so many calls make a run.
const CALLS: u64 = 240;

/// After about so many milliseconds a scale-down that finds nobody lowers the desired count.
pub(crate) const DECISION: u64 = 65_000;

pub(crate) fn draw(seed: u64) -> Schedule {
    let mut rng = Rng::with_seed(seed);
    // Neighbouring seeds begin alike.
    let mut rng = Rng::with_seed(rng.u64(..) ^ seed.rotate_left(32));
    let rng = &mut rng;
    let start = start(rng);
    let goals = goals(rng);
    let left = matches!(start, Start::LoadBalancerLeft | Start::TargetGroupsLeft);
    let up = goals.contains(&Goal::Up);
    let second = chance(rng, 0.25).then(|| Second {
        goal: one_of(rng, &[Goal::Down, Goal::Down, Goal::Up]),
        after: milliseconds(rng, 0, 200_000),
    });
    let second_goes_up = second.is_some_and(|second| second.goal.is_up());
    let mut schedule = Schedule {
        seed,
        variant: rng.u64(0..VARIANTS),
        start,
        // A way up under another name would leave what there is for the sweep, which only a way down makes.
        renamed: left && !up && !second_goes_up && chance(rng, 0.5),
        neighbour: chance(rng, 0.25),
        lead: milliseconds(
            rng,
            0,
            if start == Start::LoadBalancerJustMade {
                1_500
            } else {
                70_000
            },
        ),
        goals,
        second,
        honoured: chance(rng, 0.5),
        mishaps: mishaps(rng, start),
        gatherings: gatherings(rng),
        nap: chance(rng, 0.2).then(|| (milliseconds(rng, 0, 300_000), nap(rng))),
        clock_wrong_by: if chance(rng, 0.3) { rng.i64(-600..=600) } else { 0 },
        crash: chance(rng, 0.25).then(|| (rng.u64(1..=CALLS), when(rng))),
        ctrl_c: chance(rng, 0.12).then(|| CtrlC {
            after: milliseconds(rng, 0, 200_000),
            again_after: chance(rng, 0.4).then(|| milliseconds(rng, 0, 60_000)),
        }),
        wait_idle: if chance(rng, 0.3) {
            Duration::from_secs(600)
        } else {
            Duration::ZERO
        },
        lock_wait: one_of(
            rng,
            &[Duration::ZERO, Duration::from_secs(120), Duration::from_secs(120)],
        ),
        dns: Use::None,
        found: crate::zone::Found::AsLeft,
        strangers: Vec::new(),
        watch: None,
    };
    draw_zone::draw(rng, &mut schedule);
    schedule
}

fn start(rng: &mut Rng) -> Start {
    match rng.u8(0..13) {
        0 => Start::AtZero,
        1..=3 => Start::Up,
        4..=5 => Start::UpWithMeeting,
        6 => Start::UpWithoutLoadBalancer,
        7 => Start::UpWithoutSentinel,
        8 => Start::LoadBalancerLeft,
        9 => Start::TargetGroupsLeft,
        10 => Start::LoadBalancerJustMade,
        11 => Start::KilledGoingUp(rng.u64(1..=CALLS), when(rng)),
        _ => Start::KilledGoingDown(rng.u64(1..=CALLS), when(rng)),
    }
}

fn goals(rng: &mut Rng) -> Vec<Goal> {
    match rng.u8(0..10) {
        0..=5 => vec![Goal::Down],
        6..=7 => vec![Goal::Up],
        8 => vec![Goal::ForcedDown],
        _ => vec![Goal::Up, Goal::Down],
    }
}

fn mishaps(rng: &mut Rng, start: Start) -> Vec<Mishap> {
    let number = rng.u8(0..=6);
    let mut mishaps: Vec<Mishap> = (0..number).map(|_| mishap(rng)).collect();
    if start == Start::LoadBalancerJustMade && chance(rng, 0.8) {
        mishaps.push(Mishap {
            kind: Kind::Stale(Duration::from_secs(3)),
            operation: Some("DescribeLoadBalancers"),
            nth: 1,
            times: rng.u64(2..=8),
        });
    }
    if chance(rng, 0.2) {
        let operation = match rng.u8(0..4) {
            0 => one_of(rng, &READS),
            1 => one_of(rng, &BOOKS),
            _ => one_of(rng, &CHANGES),
        };
        mishaps.push(Mishap {
            kind: Kind::Denied,
            operation: Some(operation),
            nth: 1,
            times: u64::MAX,
        });
    }
    mishaps
}

fn mishap(rng: &mut Rng) -> Mishap {
    let (nth, times) = (rng.u64(1..=5), rng.u64(1..=4));
    let few = |kind, operation| Mishap {
        kind,
        operation: Some(operation),
        nth,
        times,
    };
    let plain = [
        Kind::Throttled,
        Kind::ServerError,
        Kind::Unavailable,
        Kind::DroppedBefore,
        Kind::DroppedAfter,
    ];
    match rng.u8(0..10) {
        0..=1 => few(Kind::Late(milliseconds(rng, 100, 8_000)), one_of(rng, &CHANGES)),
        2..=3 => few(Kind::Stale(milliseconds(rng, 100, 3_000)), one_of(rng, &READS)),
        4..=6 => Mishap {
            kind: one_of(rng, &plain),
            operation: None,
            nth: rng.u64(1..=CALLS),
            times: rng.u64(1..=8),
        },
        7 => few(one_of(rng, &plain), one_of(rng, &READS)),
        8 => few(one_of(rng, &plain), one_of(rng, &BOOKS)),
        _ => few(one_of(rng, &plain), one_of(rng, &CHANGES)),
    }
}

fn gatherings(rng: &mut Rng) -> Vec<Gathering> {
    let number = if chance(rng, 0.5) { 0 } else { rng.u8(1..=3) };
    let gathering = |rng: &mut Rng| {
        let (earliest, latest) = match rng.u8(0..10) {
            0..=3 => (DECISION - 15_000, DECISION + 15_000),
            4..=7 => (0, 3 * DECISION),
            _ => (0, 1_200_000),
        };
        Gathering {
            from: milliseconds(rng, earliest, latest),
            lasting: milliseconds(rng, 5_000, 1_500_000),
        }
    };
    (0..number).map(|_| gathering(rng)).collect()
}

/// Shorter and longer than a reading is fresh, a protection holds, the lock lives, a meeting takes.
fn nap(rng: &mut Rng) -> Duration {
    let longest = one_of(rng, &[20_000, 120_000, 600_000, 7_200_000]);
    milliseconds(rng, 1_000, longest)
}

pub(crate) fn when(rng: &mut Rng) -> When {
    one_of(rng, &[When::Before, When::After])
}

pub(crate) fn chance(rng: &mut Rng, probability: f64) -> bool {
    rng.f64() < probability
}

pub(crate) fn one_of<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

pub(crate) fn milliseconds(rng: &mut Rng, least: u64, most: u64) -> Duration {
    Duration::from_millis(rng.u64(least..=most))
}
