//! Many schedules, on all processors. Each thread plays one at a time, on a paused clock of its own.
//!
//! `JITSI_SCHEDULES=3000` plays so many; `JITSI_SCHEDULE_SEED=17` plays one and tells all about it. From ten thousand on it pays to
//! build with `--profile optimised`.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::coverage::Coverage;
use crate::draw::draw;
use crate::farm::{for_each, on_a_paused_clock, threads};
use crate::judge::{Verdict, judge};
use crate::judge_records::changes;
use crate::play::{Story, play};
use crate::tally::Tally;

/// How many are played unless `JITSI_SCHEDULES` says otherwise.
const FEW: u64 = 300;
/// From so many on, every kind of fault must have met every phase.
const MANY: u64 = 3_000;

#[derive(Default)]
struct Count {
    coverage: Coverage,
    tally: Tally,
    within_lag: usize,
    by_force: usize,
    lowered: usize,
    ends: BTreeMap<String, usize>,
}

impl Count {
    fn of(story: &Story, verdict: &Verdict) -> Self {
        let mut count = Self {
            within_lag: verdict.within_lag,
            by_force: verdict.by_force,
            lowered: verdict.lowered,
            ..Self::default()
        };
        count.coverage.count(story);
        count.tally.count(story);
        for run in story.runs.iter().filter(|run| story.troubled.contains(&run.key)) {
            *count.ends.entry(format!("{:?} {:?}", run.goal, run.end)).or_default() += 1;
        }
        count
    }

    fn add(&mut self, other: Self) {
        self.coverage.add(&other.coverage);
        self.tally.add(&other.tally);
        self.within_lag += other.within_lag;
        self.by_force += other.by_force;
        self.lowered += other.lowered;
        for (end, count) in other.ends {
            *self.ends.entry(end).or_default() += count;
        }
    }
}

fn failure(seed: u64, what: &str) -> String {
    format!(
        "SEED={seed}\n{what}\n{}replay: JITSI_SCHEDULE_SEED={seed} cargo test --workspace --test schedules random -- --nocapture\n",
        draw(seed)
    )
}

fn number_from(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: `{text}`")),
    )
}

async fn play_one(seed: u64) -> (Story, Verdict) {
    let story = play(&draw(seed)).await;
    let verdict = judge(&story);
    (story, verdict)
}

/// What one schedule adds to the numbers.
async fn count_one(seed: u64) -> Result<Count, String> {
    let (story, verdict) = play_one(seed).await;
    if verdict.wrong.is_empty() {
        Ok(Count::of(&story, &verdict))
    } else {
        Err(verdict.wrong.join("\n"))
    }
}

#[expect(clippy::print_stdout, reason = "whoever replays a schedule wants to see it")]
fn replay(seed: u64) {
    println!("SEED={seed}\n{}", draw(seed));
    let (story, verdict) = on_a_paused_clock(play_one(seed));
    for call in story.sandbox.calls() {
        let error = call.error.as_deref().unwrap_or_default();
        let fault = call.fault.as_deref().unwrap_or_default();
        let said = format!("{} {error} {fault}", call.status);
        println!(
            "{:>4} {} {:<13} {:<22} {} {said}",
            call.number, call.at, call.access_key, call.operation, call.resource
        );
    }
    for run in &story.runs {
        println!(
            "`{}` {:?} {} to {}: {:?}",
            run.key, run.goal, run.began, run.ended, run.end
        );
        for line in &run.told {
            println!("    {line}");
        }
    }
    for meeting in story.sandbox.world(|world| world.meetings()) {
        println!("{meeting:?}");
    }
    for change in changes(&story.sandbox) {
        println!("{change:?}");
    }
    assert!(verdict.wrong.is_empty(), "{}", verdict.wrong.join("\n"));
}

#[test]
#[expect(clippy::print_stdout, reason = "the numbers are part of the result")]
fn no_random_schedule_ends_a_live_meeting_or_leaves_what_bills() {
    if let Some(seed) = number_from("JITSI_SCHEDULE_SEED") {
        return replay(seed);
    }
    let most = number_from("JITSI_SCHEDULES").unwrap_or(FEW);
    let began = Instant::now();
    let harvest = for_each(most, count_one);
    let failed: Vec<String> = harvest.bad.iter().map(|(seed, what)| failure(*seed, what)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let mut all = Count::default();
    for count in harvest.good {
        all.add(count);
    }
    println!(
        "{most} schedules in {:.1} s, on {} threads",
        began.elapsed().as_secs_f64(),
        threads()
    );
    println!("{}", all.coverage);
    println!("{}", all.tally);
    println!("{:?}", all.ends);
    println!(
        "lowered to zero without force: {}; meetings cut off within the reporter's lag: {}; by force: {}",
        all.lowered, all.within_lag, all.by_force
    );
    if most >= MANY {
        let mut rare = all.coverage.rare();
        rare.extend(all.tally.rare());
        assert!(rare.is_empty(), "not met often enough: {rare:#?}");
    }
}
