//! The guard: is a meeting on? Judges what the configured source has answered. Makes no call.
//!
//! The guard asks only about tasks that have reached RUNNING and are not STOPPED. What it cannot see is unknown, and
//! unknown is not quiet.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use jitsi_config::GuardSource;
use serde::Serialize;

use crate::failure::AwsFailure;
use crate::observation::Task;

/// How far apart two quiet readings lie before they count.
pub const READINGS_APART: Duration = Duration::from_secs(60);

/// How old the last reading may be when something is taken away.
pub const FRESH_FOR: Duration = Duration::from_secs(10);

/// How far the guard may be overruled, by the operator who runs the command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Overrule {
    /// Busy and unknown both refuse.
    #[default]
    Nothing,
    /// Unknown counts as quiet: the operator was asked and has looked by other means.
    Unknown,
    /// Whatever it says (`--force`).
    Everything,
}

/// What the configured source answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// GetTaskProtection: the tasks that are protected, each with the end of its protection where AWS gives one; and those
    /// about which it said nothing usable, with the reason.
    Protection {
        /// Task ARN and expiry.
        protected: BTreeMap<String, Option<Timestamp>>,
        /// Task ARN and reason.
        failures: BTreeMap<String, String>,
    },
    /// Statistics of jicofo or of the bridge.
    Stats {
        /// Conferences that are on.
        conferences: u64,
        /// People in them; jicofo counts somebody who waits alone.
        participants: u64,
    },
    /// The metric: age of its newest value, and the highest value within [`METRIC_STALE_AFTER`].
    Metric(Option<MetricValue>),
    /// `guard.source = "none"`: nobody was asked.
    Nobody,
    /// The source did not answer.
    Failed {
        /// What failed and why.
        reason: String,
        /// Whether it may answer later.
        may_pass: bool,
    },
}

/// A metric's newest value counts only when it is at most so old.
pub const METRIC_STALE_AFTER: Duration = Duration::from_secs(300);

/// What CloudWatch knows about the metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricValue {
    /// Age of the newest value, by AWS's clock.
    pub age: Duration,
    /// The highest value that is not stale.
    pub highest: f64,
}

impl Answer {
    /// The answer of a call that failed.
    pub fn failed(failure: &AwsFailure) -> Self {
        Self::Failed {
            reason: format!("{failure}: {}", failure.reason()),
            may_pass: failure.may_pass(),
        }
    }
}

/// Whether a meeting is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", content = "because", rename_all = "kebab-case")]
pub enum Verdict {
    /// No task has reached RUNNING that is not STOPPED: there is nothing to be in.
    NothingRuns,
    /// Tasks run, and nobody is in a meeting.
    Quiet,
    /// Somebody is, or may be and says so: one line per task.
    Busy(Vec<String>),
    /// It cannot be told: one line per reason.
    Unknown {
        /// Why.
        reasons: Vec<String>,
        /// Whether a later reading may tell.
        may_pass: bool,
    },
}

/// One reading of the guard.
#[derive(Clone, Debug, PartialEq)]
pub struct GuardReading {
    /// When it was begun, by a clock that also runs while the machine sleeps.
    pub at: Timestamp,
    /// The tasks that it is about, by ARN.
    pub tasks: BTreeSet<String>,
    /// Those of them that are protected against scaling in, by ARN, with the end of the protection where AWS gives one.
    pub protected: BTreeMap<String, Option<Timestamp>>,
    /// What follows from it.
    pub verdict: Verdict,
}

/// Tasks in which somebody could be: they have reached RUNNING and are not STOPPED.
pub fn asked_about(tasks: &[Task]) -> impl Iterator<Item = &Task> {
    tasks.iter().filter(|t| t.has_run() && !t.is_stopped())
}

/// Judges an answer of `source` about `tasks`. `reporter` is the container that protects its task while people are in.
pub fn judge(source: GuardSource, reporter: &str, tasks: &[Task], answer: &Answer) -> Verdict {
    let asked: Vec<&Task> = asked_about(tasks).collect();
    if asked.is_empty() {
        return Verdict::NothingRuns;
    }
    match answer {
        Answer::Failed { reason, may_pass } => Verdict::Unknown {
            reasons: vec![reason.clone()],
            may_pass: *may_pass,
        },
        Answer::Protection { protected, failures } => by_protection(reporter, &asked, protected, failures),
        Answer::Stats { .. } | Answer::Metric(_) if source == GuardSource::StatsUrl && asked.len() > 1 => {
            unknown(format!("{} tasks run, and the statistics are of one", asked.len()))
        }
        Answer::Stats {
            conferences,
            participants,
        } => by_count(*conferences, *participants),
        Answer::Metric(None) => unknown("the metric has no value at all, so nobody reports it".to_owned()),
        Answer::Metric(Some(value)) if value.age > METRIC_STALE_AFTER => unknown(format!(
            "the metric's newest value is {} s old, so nobody reports it any more",
            value.age.as_secs()
        )),
        Answer::Metric(Some(value)) if value.highest > 0.0 => Verdict::Busy(vec![format!(
            "the metric was {} within the last {} minutes",
            value.highest,
            METRIC_STALE_AFTER.as_secs() / 60
        )]),
        Answer::Metric(Some(value)) if value.highest == 0.0 => Verdict::Quiet,
        Answer::Metric(Some(value)) => unknown(format!("the metric's value is {}", value.highest)),
        Answer::Nobody => Verdict::Quiet,
    }
}

fn unknown(reason: String) -> Verdict {
    Verdict::Unknown {
        reasons: vec![reason],
        may_pass: false,
    }
}

fn by_count(conferences: u64, participants: u64) -> Verdict {
    if conferences == 0 && participants == 0 {
        return Verdict::Quiet;
    }
    let people = if participants == 1 {
        "1 person".to_owned()
    } else {
        format!("{participants} people")
    };
    let rooms = if conferences == 1 {
        "1 meeting".to_owned()
    } else {
        format!("{conferences} meetings")
    };
    Verdict::Busy(vec![format!("{people} in {rooms}")])
}

fn by_protection(
    reporter: &str,
    asked: &[&Task],
    protected: &BTreeMap<String, Option<Timestamp>>,
    failures: &BTreeMap<String, String>,
) -> Verdict {
    let busy: Vec<String> = asked
        .iter()
        .filter_map(|task| Some((task, protected.get(&task.arn)?)))
        .map(|(task, until)| match until {
            Some(until) => format!("task {} is protected until {}", task.short_id(), minute(*until)),
            None => format!("task {} is protected", task.short_id()),
        })
        .collect();
    if !busy.is_empty() {
        return Verdict::Busy(busy);
    }
    let mut passing = true;
    let mut reasons = Vec::new();
    for task in asked {
        let id = task.short_id();
        let container = task.containers.iter().find(|c| c.name == reporter);
        match container.map(|c| c.last_status.as_str()) {
            // What ends is not renewed, and its containers stop one after the other.
            _ if task.is_ending() => {}
            Some("RUNNING") => {}
            Some(status) => {
                passing = false;
                reasons.push(format!(
                    "container `{reporter}` of task {id} is {status}: a meeting would not be seen"
                ));
            }
            None => {
                passing = false;
                reasons.push(format!(
                    "task {id} has no container `{reporter}`: a meeting would not be seen"
                ));
            }
        }
        if let Some(reason) = failures.get(&task.arn) {
            reasons.push(format!("the protection of task {id} could not be read: {reason}"));
        }
    }
    if reasons.is_empty() {
        Verdict::Quiet
    } else {
        Verdict::Unknown {
            reasons,
            may_pass: passing,
        }
    }
}

/// `21:40 UTC`, with the day where it is not within a day.
pub fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The readings without interruption that found nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietRun {
    first: Timestamp,
    last: Timestamp,
    /// A reading lay far enough from the first; what counts is one after it.
    apart: bool,
    confirmed: bool,
    tasks: BTreeSet<String>,
}

impl QuietRun {
    /// The run after another reading; `None` where it found somebody, or could not tell.
    ///
    /// A task that was not there before begins a new run: who was cut off by its predecessor's end is coming back.
    #[must_use]
    pub fn after(before: Option<Self>, reading: &GuardReading, overrule: Overrule) -> Option<Self> {
        let quiet = match &reading.verdict {
            Verdict::Quiet => true,
            Verdict::Unknown { .. } => overrule >= Overrule::Unknown,
            Verdict::Busy(_) | Verdict::NothingRuns => false,
        };
        if !quiet {
            return None;
        }
        let begun = before.filter(|run| reading.tasks.is_subset(&run.tasks) && reading.at >= run.last);
        Some(match begun {
            None => Self {
                first: reading.at,
                last: reading.at,
                apart: false,
                confirmed: false,
                tasks: reading.tasks.clone(),
            },
            Some(run) => Self {
                last: reading.at,
                apart: run.apart || crate::clock::between(run.first, reading.at) >= READINGS_APART,
                confirmed: run.apart,
                ..run
            },
        })
    }

    /// Two readings far enough apart, and one after them.
    pub fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// As it will be if nobody comes: for a look ahead.
    #[must_use]
    pub fn imagine_confirmed(self) -> Self {
        Self {
            apart: true,
            confirmed: true,
            ..self
        }
    }

    /// When the last reading was begun.
    pub fn last(&self) -> Timestamp {
        self.last
    }

    /// How long after the last reading the next one is worth making: at once where only the confirming one is missing.
    pub fn pause(&self) -> Duration {
        /// More often than needed: a meeting that begins and ends between two readings is seen more likely.
        const PAUSE: Duration = Duration::from_secs(15);
        if self.apart {
            return Duration::ZERO;
        }
        let missing = READINGS_APART.saturating_sub(crate::clock::between(self.first, self.last));
        missing.min(PAUSE)
    }
}
