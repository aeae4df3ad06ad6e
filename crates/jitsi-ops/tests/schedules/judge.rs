//! What must hold in every story. Judged by the sandbox's own records: its meetings, its bill, its call log.

use std::collections::BTreeMap;

use aws_sandbox::{Bill, Call, CutOff, CutOffBy, Meeting};
use jiff::{SignedDuration, Timestamp};

use crate::judge_records;
use crate::judge_watch;
use crate::play::{Story, is_neighbours};
use crate::run::{End, Ended};
use crate::schedule::Goal;

/// The reporter's lag: a sentinel reads every ten seconds (`docs/aws-sandbox.md`, "Time"), so somebody who came less than
/// that before the guard asked is not seen yet. How old the guard's answer may be is judged by itself.
const REPORTERS_LAG: SignedDuration = SignedDuration::from_secs(10);

/// A read that a fault answers from an older state shows what was there up to three seconds earlier.
const STALE_AT_MOST: SignedDuration = SignedDuration::from_secs(3);

/// A desired count may be lowered so long after the guard has asked (`guard::FRESH_FOR`).
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(10);

/// Beyond it only the latency of calls that are made one after the other, none of them a retry.
const CALL_LATENCY: SignedDuration = SignedDuration::from_millis(500);

/// A run that says "already", without the lock, has looked for the last time so long before its end, at most.
const LAST_LOOK: SignedDuration = SignedDuration::from_secs(15);

/// What the judge has seen.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// What must not be.
    pub(crate) wrong: Vec<String>,
    /// How many meetings were cut off within the reporter's lag.
    pub(crate) within_lag: usize,
    /// How many were cut off by force.
    pub(crate) by_force: usize,
    /// How often a desired count of 0 was asked for without force.
    pub(crate) lowered: usize,
}

pub(crate) fn judge(story: &Story) -> Verdict {
    let mut court = Court {
        story,
        first: first_changes(&story.sandbox.calls()),
        calls: story.sandbox.calls(),
        verdict: Verdict::default(),
    };
    for meeting in story.sandbox.world(|world| world.meetings()) {
        if let Some(cut_off) = meeting.cut_off.clone() {
            court.meeting(&meeting, &cut_off);
        }
    }
    for run in &story.runs {
        court.age_of_evidence(run);
        court.end(run);
        court.lock(run);
    }
    court.one_after_the_other();
    court.neighbour();
    court.goal();
    court.verdict.wrong.extend(judge_records::judge(story));
    court.verdict.wrong.extend(judge_watch::judge(story));
    court.verdict
}

struct Court<'a> {
    story: &'a Story,
    calls: Vec<Call>,
    /// The first change of each run, by access key.
    first: BTreeMap<String, u64>,
    verdict: Verdict,
}

impl Court<'_> {
    fn wrong(&mut self, what: String) {
        self.verdict.wrong.push(what);
    }

    fn run(&self, key: &str) -> Option<&Ended> {
        self.story.runs.iter().find(|run| run.key == key)
    }

    fn meeting(&mut self, meeting: &Meeting, cut_off: &CutOff) {
        let what = format!("a meeting that began {} was cut off: {cut_off:?}", meeting.began);
        let call = cut_off
            .call
            .and_then(|n| self.calls.iter().find(|call| call.number == n));
        let Some((call, run)) = call.and_then(|call| Some((call, self.run(&call.access_key)?))) else {
            return self.wrong(format!("{what}, by nobody"));
        };
        if meeting.service != self.story.service {
            return self.wrong(format!("{what}, and it was the neighbour's"));
        }
        if run.goal == Goal::ForcedDown {
            self.verdict.by_force += 1;
            return;
        }
        let what = format!("{what}, by {} of `{}` at {}", call.operation, run.key, call.at);
        let seen = self.evidence_for(call);
        let excused = seen.is_some_and(|seen| meeting.began >= seen - REPORTERS_LAG);
        let by = match cut_off.by {
            CutOffBy::DesiredCount => excused,
            // Then its protection had to be made renewable, while there was somebody to do it.
            CutOffBy::ProtectionExpired => excused && self.could_not_restore(run, call, cut_off.at),
            _ => false,
        };
        if by {
            self.verdict.within_lag += 1;
        } else {
            self.wrong(format!("{what}; it had looked at {seen:?}"));
        }
    }

    /// The time whose state the run saw last before `call` when it asked whether somebody is there.
    fn evidence_for(&self, call: &Call) -> Option<Timestamp> {
        let before = |it: &&Call| it.access_key == call.access_key && it.number < call.number && it.status == 200;
        let last = |operation: &str| {
            let mut all = self.calls.iter().filter(before);
            all.rfind(|it| it.operation == operation)
        };
        let moment = |it: &Call| {
            let stale = it.fault.as_deref().is_some_and(|fault| fault.starts_with("stale"));
            if stale { it.at - STALE_AT_MOST } else { it.at }
        };
        let protection = last("GetTaskProtection").filter(|it| it.at >= call.at - FRESH_FOR - CALL_LATENCY);
        // Where nothing had run there was nobody to ask about.
        protection
            .or_else(|| last("DescribeTasks").or_else(|| last("ListTasks")))
            .map(moment)
    }

    fn could_not_restore(&self, run: &Ended, call: &Call, until: Timestamp) -> bool {
        let dead = matches!(run.end, End::Killed | End::Endless) || run.aborted;
        let asleep = |(from, to): (Timestamp, Timestamp)| from < until && to > call.at;
        dead || self.story.nap.is_some_and(asleep)
    }

    /// Nobody lowers a desired count upon what was seen long ago.
    fn age_of_evidence(&mut self, run: &Ended) {
        if run.goal == Goal::ForcedDown {
            return;
        }
        for asked in run.asked.iter().filter(|asked| asked.desired == 0) {
            self.verdict.lowered += 1;
            let looks = ["GetTaskProtection", "DescribeTasks", "ListTasks"];
            let before = |call: &&Call| {
                call.access_key == run.key
                    && call.at < asked.at
                    && call.status == 200
                    && looks.contains(&call.operation.as_str())
            };
            let last = self.calls.iter().filter(before).map(|call| call.at).max();
            if last.is_none_or(|last| asked.at.duration_since(last) > FRESH_FOR + CALL_LATENCY) {
                self.wrong(format!(
                    "`{}` asked for no tasks at {}, and had looked last at {last:?}",
                    run.key, asked.at
                ));
            }
        }
    }

    fn end(&mut self, run: &Ended) {
        let (key, end) = (&run.key, run.end);
        if end == End::Endless {
            return self.wrong(format!("`{key}` did not end"));
        }
        let already = match end {
            End::Reached { already } => already,
            End::RolledBack => false,
            _ => return,
        };
        // Who does not hold the lock tells what was there when it looked.
        let others = self.others_at_work(run);
        if others && (already || self.is_unlocked(run) || self.story.runs.iter().any(|other| self.is_unlocked(other))) {
            return;
        }
        self.verdict.wrong.extend(judge_records::at_end(self.story, run));
        let ours: Vec<&str> = run
            .billed
            .iter()
            .filter(|(_, arn)| !is_neighbours(arn))
            .map(|(kind, _)| kind.as_str())
            .collect();
        if run.goal.is_up() && end != End::RolledBack {
            for kind in ["network-load-balancer", "fargate-task"] {
                if !ours.contains(&kind) {
                    self.wrong(format!("`{key}` says that it is up, and there is no {kind}"));
                }
            }
        } else if !ours.is_empty() {
            self.wrong(format!("`{key}` ended {end:?} while this was billed: {ours:?}"));
        }
    }

    /// Whether another run was changing things a moment before this one ended.
    fn others_at_work(&self, run: &Ended) -> bool {
        let moment = run.ended - LAST_LOOK..=run.ended;
        let other = |call: &Call| {
            changes_platform(call)
                && call.access_key != run.key
                && self.run(&call.access_key).is_some()
                && moment.contains(&call.at)
        };
        self.calls.iter().any(other)
    }

    /// The first write of the lock that took effect.
    fn locked_at(&self, key: &str) -> Option<u64> {
        let writes = self.calls.iter().filter(|call| {
            call.access_key == key && call.operation == "PutObject" && call.resource.contains("ops-lock/")
        });
        let took_effect = |call: &&Call| {
            let lost = ["dropped after", "crashed after"];
            call.status == 200 || call.fault.as_deref().is_some_and(|fault| lost.contains(&fault))
        };
        writes.filter(took_effect).map(|call| call.number).min()
    }

    fn is_unlocked(&self, run: &Ended) -> bool {
        match (self.first.get(&run.key).copied(), self.locked_at(&run.key)) {
            (None, _) => false,
            (Some(change), lock) => lock.is_none_or(|lock| lock > change),
        }
    }

    /// Nothing is changed without the lock, but by a way down that could not reach the bucket.
    fn lock(&mut self, run: &Ended) {
        if !self.is_unlocked(run) {
            return;
        }
        let change = self.first.get(&run.key).copied().unwrap_or(u64::MAX);
        let trouble = |call: &Call| {
            // Who may not list the buckets has a lock on this machine only; who goes up has no other excuse.
            let not_allowed = call.operation == "ListBuckets" && call.status == 403;
            let unreachable = run.goal.is_down() && (call.status == 0 || call.status >= 500);
            call.access_key == run.key && call.service == "s3" && call.number < change && (not_allowed || unreachable)
        };
        if !self.calls.iter().any(trouble) {
            self.wrong(format!("`{}` changed something without the lock", run.key));
        }
    }

    /// Two runs do not change things in turn: whoever has the lock keeps it.
    fn one_after_the_other(&mut self) {
        let mut turns: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for call in self.calls.iter().filter(|call| changes_platform(call)) {
            let key = call.access_key.as_str();
            let Some(run) = self.run(key) else { continue };
            if turns.last() == Some(&key) || self.is_unlocked(run) {
                continue;
            }
            // A watch takes the lock anew for each change.
            if turns.contains(&key) && run.goal != Goal::Watch {
                found.push(format!(
                    "`{key}` changed something again ({}) after {turns:?}",
                    call.operation
                ));
            }
            turns.push(key);
        }
        self.verdict.wrong.extend(found);
    }

    fn neighbour(&mut self) {
        let touched =
            |call: &&Call| call.mutating && is_neighbours(&call.resource) && self.run(&call.access_key).is_some();
        let touched: Vec<String> = self
            .calls
            .iter()
            .filter(touched)
            .map(|call| {
                format!(
                    "{} of the neighbour's {} by `{}`",
                    call.operation, call.resource, call.access_key
                )
            })
            .collect();
        self.verdict.wrong.extend(touched);
    }

    fn goal(&mut self) {
        if !self.story.reached {
            let ends: Vec<_> = self.story.runs.iter().map(|run| (run.key.as_str(), run.end)).collect();
            self.wrong(format!("the goal was not reached in peace: {ends:?}"));
        }
    }
}

/// Whether a call changes a platform: lock and journal are no part of one.
pub(crate) fn changes_platform(call: &Call) -> bool {
    call.mutating && (call.service == "ecs" || call.service == "elasticloadbalancing")
}

/// When tasks of the platform were billed.
pub(crate) fn task_was_billed(bill: &Bill, at: Timestamp) -> bool {
    let tasks = bill
        .items
        .iter()
        .filter(|item| item.kind == "fargate-task" && !is_neighbours(&item.arn));
    tasks
        .into_iter()
        .any(|item| item.from <= at && item.until.is_none_or(|until| at < until))
}

/// The first change of each run, by access key.
pub(crate) fn first_changes(calls: &[Call]) -> BTreeMap<String, u64> {
    let mut first = BTreeMap::new();
    for call in calls.iter().filter(|call| changes_platform(call)) {
        first.entry(call.access_key.clone()).or_insert(call.number);
    }
    first
}
