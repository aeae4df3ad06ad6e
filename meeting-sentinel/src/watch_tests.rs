//! The machine against every short story, and against long random ones with an agent that fails in every way.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::reading::{Cause, People};

const S: fn(u64) -> Duration = Duration::from_secs;
const INTERVAL: u64 = 10;

fn rules(quiet_readings: u32, settle: u64) -> Rules {
    Rules {
        quiet_readings,
        settle: S(settle),
        interval: S(INTERVAL),
        expires: S(300),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Quiet,
    Busy,
    Unknown,
}

const LOOKS: [Look; 3] = [Look::Quiet, Look::Busy, Look::Unknown];

impl Look {
    fn reading(self) -> Reading {
        match self {
            Self::Quiet => Reading::Quiet,
            Self::Busy => Reading::Busy(People { people: 1, rooms: 1 }),
            Self::Unknown => Reading::Unknown(Cause::Restarted),
        }
    }
}

/// What became of a request to the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Nothing happened, and the agent said so or nothing at all.
    Failed,
    /// It was done, but no answer came.
    AnswerLost,
    /// No answer came, and it is done so many seconds later.
    Late(u64),
}

fn answer(watch: &mut Watch, done: bool, at: u64) {
    let ask = watch.due(S(at)).expect("something is due");
    watch.answered(ask, done, S(at), S(at));
}

#[test]
fn protection_is_wanted_before_anything_was_read() {
    let watch = Watch::new(rules(2, 60));
    assert_eq!(watch.due(S(0)), Some(Ask::Protect));
    assert!(!watch.as_wanted());
}

/// Every story of eight readings: 6,561 of them, for several rules.
#[test]
fn protection_is_dropped_after_enough_quiet_readings_in_a_row_and_only_then() {
    for rules in [rules(1, 0), rules(2, 0), rules(3, 0), rules(2, 25), rules(1, 60)] {
        for story in 0..3usize.pow(8) {
            let mut watch = Watch::new(rules);
            answer(&mut watch, true, 0);
            let (mut run, mut unknown) = (0, None);
            for step in 0..8u64 {
                let look = LOOKS[story / 3usize.pow(step as u32) % 3];
                let now = 1 + step * INTERVAL;
                watch.read(&look.reading(), S(now), S(now));
                run = if look == Look::Quiet { run + 1 } else { 0 };
                if look == Look::Unknown {
                    unknown = Some(now);
                }
                let settled = unknown.is_none_or(|at| S(now - at) >= rules.settle);
                let drop = run >= rules.quiet_readings && settled;
                assert_eq!(
                    watch.wanted() == Ask::Drop,
                    drop,
                    "story {story}, step {step}, {rules:?}"
                );
                if let Some(ask) = watch.due(S(now)) {
                    assert_eq!(ask, watch.wanted());
                    watch.answered(ask, true, S(now), S(now));
                }
                assert!(watch.as_wanted());
                assert_eq!(watch.protected_until().is_none(), drop, "protected unless dropped");
            }
        }
    }
}

#[test]
fn somebody_who_comes_is_protected_at_once() {
    for look in [Look::Busy, Look::Unknown] {
        let mut watch = Watch::new(rules(1, 0));
        answer(&mut watch, true, 0);
        watch.read(&Reading::Quiet, S(10), S(10));
        answer(&mut watch, true, 10);
        assert_eq!(watch.due(S(1_000_000)), None, "dropped is dropped");
        watch.read(&look.reading(), S(20), S(20));
        assert_eq!(watch.due(S(20)), Some(Ask::Protect));
    }
}

#[test]
fn protection_is_renewed_each_minute_or_five_times_before_it_ends() {
    let mut watch = Watch::new(rules(2, 0));
    answer(&mut watch, true, 0);
    assert_eq!(watch.next_ask(), Some(S(60)));
    assert_eq!((watch.due(S(59)), watch.due(S(60))), (None, Some(Ask::Protect)));
    let mut watch = Watch::new(Rules {
        expires: S(60),
        ..rules(2, 0)
    });
    answer(&mut watch, true, 0);
    assert_eq!(watch.next_ask(), Some(S(12)));
}

#[test]
fn a_failed_request_is_tried_again_soon_and_then_at_the_interval() {
    let mut watch = Watch::new(rules(2, 0));
    let mut at = 0;
    for pause in [1, 2, 4, 8, 10, 10, 10, 10, 10, 10] {
        answer(&mut watch, false, at);
        assert!(!watch.as_wanted());
        at += pause;
        assert_eq!(watch.next_ask(), Some(S(at)));
    }
    answer(&mut watch, true, at);
    assert!(watch.as_wanted());
    answer(&mut watch, false, at + 60);
    assert_eq!(watch.next_ask(), Some(S(at + 61)), "the pauses begin anew");
}

#[test]
fn a_change_of_mind_does_not_wait_for_the_pause_of_a_failure() {
    let mut watch = Watch::new(rules(1, 0));
    answer(&mut watch, true, 0);
    watch.read(&Reading::Quiet, S(10), S(10));
    for at in [10, 11, 13, 17] {
        answer(&mut watch, false, at);
    }
    watch.read(&Look::Busy.reading(), S(18), S(18));
    assert_eq!(watch.due(S(18)), Some(Ask::Protect));
}

#[test]
fn after_a_drop_whose_outcome_is_unknown_protection_is_renewed_with_each_reading_for_a_minute() {
    let mut watch = Watch::new(rules(1, 0));
    answer(&mut watch, true, 0);
    watch.read(&Reading::Quiet, S(10), S(10));
    answer(&mut watch, false, 10);
    watch.read(&Look::Busy.reading(), S(11), S(11));
    for at in [11, 21, 31, 41, 51, 61] {
        assert_eq!(watch.due(S(at)), Some(Ask::Protect), "at {at}");
        answer(&mut watch, true, at);
    }
    assert_eq!(watch.next_ask(), Some(S(71)));
    answer(&mut watch, true, 71);
    assert_eq!(watch.next_ask(), Some(S(131)));
}

/// The task at ECS, as it is and not as the sentinel believes.
#[derive(Default)]
struct Task {
    protected_until: Option<u64>,
    late: Vec<(u64, Ask)>,
}

impl Task {
    fn take(&mut self, ask: Ask, now: u64) {
        self.protected_until = (ask == Ask::Protect).then_some(now + 300);
    }

    fn tick(&mut self, now: u64) {
        let (due, later) = std::mem::take(&mut self.late)
            .into_iter()
            .partition(|(at, _)| *at <= now);
        self.late = later;
        let due: Vec<(u64, Ask)> = due;
        for (_, ask) in due {
            self.take(ask, now);
        }
        self.protected_until = self.protected_until.filter(|until| now < *until);
    }
}

/// Lets machine and task live second by second, and checks in each what must hold in all.
fn live(rules: Rules, looks: &[Look], outcomes: &[Outcome]) -> Result<(), TestCaseError> {
    let mut watch = Watch::new(rules);
    let mut task = Task::default();
    let mut outcomes = outcomes.iter().copied().cycle();
    let (mut seen, mut unknown): (Vec<Look>, Option<u64>) = (Vec::new(), None);
    let (mut misbelief, mut idle) = (0, 0);
    for now in 0..looks.len() as u64 * INTERVAL {
        task.tick(now);
        if now % INTERVAL == 0 {
            let look = looks[(now / INTERVAL) as usize];
            seen.push(look);
            if look == Look::Unknown {
                unknown = Some(now);
            }
            watch.read(&look.reading(), S(now), S(now));
        }
        idle += 1;
        if let Some(ask) = watch.due(S(now)) {
            idle = 0;
            if ask == Ask::Drop {
                let n = rules.quiet_readings as usize;
                prop_assert!(seen.len() >= n && seen[seen.len() - n..].iter().all(|l| *l == Look::Quiet));
                prop_assert!(unknown.is_none_or(|at| S(now - at) >= rules.settle));
            }
            let outcome = outcomes.next().unwrap_or(Outcome::Done);
            match outcome {
                Outcome::Done | Outcome::AnswerLost => task.take(ask, now),
                Outcome::Failed => {}
                Outcome::Late(seconds) => task.late.push((now + seconds, ask)),
            }
            watch.answered(ask, outcome == Outcome::Done, S(now), S(now));
        }
        let wants = watch.wanted() == Ask::Protect;
        // It may believe wrongly that the task is protected, after a drop that took effect late, for one interval.
        let wrong = wants && watch.as_wanted() && task.protected_until.is_none();
        misbelief = if wrong { misbelief + 1 } else { 0 };
        prop_assert!(misbelief <= INTERVAL, "unprotected for {misbelief} s at {now}");
        // What is not as wanted is tried again within an interval; what is wanted is renewed within a minute.
        prop_assert!(watch.as_wanted() || idle <= INTERVAL, "idle for {idle} s at {now}");
        prop_assert!(!wants || idle <= 60, "not renewed for {idle} s at {now}");
    }
    Ok(())
}

fn looks() -> impl Strategy<Value = Vec<Look>> {
    // Long quiet runs are what leads to drops.
    let piece = prop_oneof![
        (1..8usize).prop_map(|n| vec![Look::Quiet; n]),
        (1..4usize).prop_map(|n| vec![Look::Busy; n]),
        (1..4usize).prop_map(|n| vec![Look::Unknown; n]),
    ];
    vec(piece, 1..25).prop_map(|pieces| pieces.concat())
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(Outcome::Done),
        1 => Just(Outcome::Failed),
        1 => Just(Outcome::AnswerLost),
        1 => (1..60u64).prop_map(Outcome::Late),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn whatever_happens_no_drop_without_quiet_and_no_protection_missing_for_long(
        quiet_readings in 1..5u32,
        settle in prop_oneof![Just(0u64), 1..100u64],
        looks in looks(),
        outcomes in vec(outcome(), 1..40),
    ) {
        live(rules(quiet_readings, settle), &looks, &outcomes)?;
    }
}
