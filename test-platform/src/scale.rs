//! Phases 3 and 9: up, and back to what was found.

use std::time::Duration;

use jitsi_cli::result::duration;
use jitsi_ops::aftermath::own_room_gone;
use jitsi_ops::custody::Desk;
use jitsi_ops::event::Event;
use jitsi_ops::guard::Verdict;
use jitsi_ops::keep;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::scale_down::{self, ScaleDown, scale_down};
use jitsi_ops::scale_up::{self, Interrupts, ScaleUp, scale_up};
use jitsi_ops::state::State;
use jitsi_ops::tenure::Tenure;
use serde::Serialize;

use crate::check::{Check, Findings};
use crate::found::{Bills, Found, short};
use crate::limits::Limits;
use crate::rig::Rig;

/// How long the way back to zero may take, waiting for the end of the test's own room not counted.
const DOWN_TIME: Duration = Duration::from_secs(20 * 60);

/// What became of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Restored {
    /// The test has changed nothing.
    NothingChanged,
    /// It is what it was.
    AsFound,
    /// It was not as it should be, and was put right: what was up is up, what was left over is gone.
    PutRight,
    /// It stays up, as the operator asked for.
    Kept,
    /// It stays up because people may be there, or it is held.
    InUse,
    /// It is not what it was.
    Failed,
}

/// The desk under which operations of the test work.
fn desk(rig: &Rig, tenure: &Tenure) -> Desk {
    Desk {
        tenure: Some(tenure.clone()),
        ..rig.desk.clone()
    }
}

/// What a scale-up has come to.
pub(crate) struct Raised {
    pub(crate) findings: Findings,
    /// Whether it was up and right, so that nothing of it is new.
    pub(crate) was_right: bool,
}

/// Brings the platform up, with as many tasks as it had. What somebody else has asked for is not taken back.
pub(crate) async fn up(rig: &Rig, tenure: &Tenure, found: &Found, limits: &Limits) -> Raised {
    let request = ScaleUp {
        timeout: limits.for_phase(rig.clock.now()),
        // Whatever comes of it, the restoring puts it back.
        rollback: None,
        desk: desk(rig, tenure),
        seed: fastrand::u64(..),
    };
    let wanted = rig.wanted_with(found.desired);
    let observer = |event: Event| rig.show(event);
    let clock = rig.clock.clone();
    let report = scale_up(&rig.aws, &wanted, &request, clock, &observer, &rig.interrupts).await;
    let took = duration(report.elapsed);
    let problem = report.problem.map(|problem| match problem.kind {
        ProblemKind::Deadline => problem.hint("give it more time with --phase-timeout and --timeout"),
        _ => problem,
    });
    let check = match (&problem, report.outcome) {
        (Some(problem), _) => Check::of_problem("up", problem),
        (None, scale_up::Outcome::AlreadyUp) => Check::pass("up", "it was up and right; nothing was changed"),
        (None, scale_up::Outcome::Repaired) => Check::pass("up", format!("it was up, and put right in {took}")),
        (None, _) => Check::pass("up", format!("up after {took}, with {} steps", report.steps.len())),
    };
    Raised {
        was_right: report.outcome == scale_up::Outcome::AlreadyUp,
        findings: Findings {
            checks: vec![check],
            problem,
        },
    }
}

/// Brings a platform back to zero that was found there, unless somebody is in a meeting. The test's own room is none, nor is the time
/// that a new task's sentinel needs to see that nobody is there. `up`: what ran when it was looked last.
pub(crate) async fn down(rig: &Rig, tenure: &Tenure, found: &Found, up: Option<&Bills>) -> (Findings, Restored) {
    let request = ScaleDown {
        timeout: DOWN_TIME,
        wait_idle: own_room_gone(rig.wanted.guard.source),
        desk: desk(rig, tenure),
        seed: fastrand::u64(..),
    };
    let observer = |event: Event| rig.show(event);
    // The first Ctrl-C has ended the test. The second one is about this.
    let interrupts = Interrupts {
        first: rig.interrupts.second.clone(),
        second: rig.interrupts.second.clone(),
    };
    let clock = rig.clock.clone();
    let report = scale_down(&rig.aws, &rig.wanted, &request, clock, &observer, &interrupts).await;
    if let (scale_down::Outcome::Down | scale_down::Outcome::AlreadyDown, None) = (report.outcome, &report.problem) {
        let check = Check::pass("down", format!("standby again after {}", duration(report.elapsed)));
        return (vec![check].into(), as_found_or_better(found));
    }
    let flags = &rig.wanted.further.flags;
    let (problem, restored) = match in_use(&report, flags) {
        Some(problem) => (problem, Restored::InUse),
        None => (not_restored(&report), Restored::Failed),
    };
    let problem = with_what_is_left(problem, &report, up, flags);
    let check = Check::of_problem("down", &problem);
    let findings = Findings {
        checks: vec![check],
        problem: Some(problem),
    };
    (findings, restored)
}

/// What a platform has become that is at its goal again.
fn as_found_or_better(found: &Found) -> Restored {
    match found.state {
        State::Degraded | State::Orphaned => Restored::PutRight,
        _ if found.left_since.is_some() => Restored::PutRight,
        _ => Restored::AsFound,
    }
}

/// Somebody uses what the test has brought up, that cannot be told, or the platform is held.
fn in_use(report: &scale_down::Report, flags: &str) -> Option<Problem> {
    let stays = || Problem::new(ProblemKind::Refused, "the platform stays up after the test");
    if let Some(reason) = &report.held {
        let tags = report.seen.service.here().map(|service| &service.tags);
        let hint = match tags.and_then(keep::hold) {
            Some(_) => {
                format!("`scale-down{flags} --release` ends the hold, and then `scale-down{flags}` the platform")
            }
            None => format!("`scale-down{flags} --expired` ends it when its lease has run out"),
        };
        return Some(stays().because(reason).hint(hint));
    }
    let problem = report.problem.as_ref().filter(|it| it.kind == ProblemKind::Refused)?;
    let verdict = report.guard.as_ref().map(|reading| &reading.verdict);
    let why = match verdict? {
        Verdict::Busy(_) => "somebody is in a meeting",
        Verdict::Unknown { .. } => "whether somebody is in a meeting cannot be told",
        Verdict::NothingRuns | Verdict::Quiet => return None,
    };
    let stays = problem
        .why
        .iter()
        .fold(stays().because(why), |all, why| all.because(why));
    Some(stays.hint(format!(
        "when everybody has left: `scale-down{flags} --wait-idle 45m`; until then it costs money"
    )))
}

/// Why it is not what it was. Nothing of the way down is a matter of the test: its deadline is none, nor is its lock.
fn not_restored(report: &scale_down::Report) -> Problem {
    let nobody_knows = Problem::new(ProblemKind::Failed, "nobody knows why");
    let mut problem = report.problem.clone().unwrap_or(nobody_knows);
    if problem.kind != ProblemKind::Interrupted {
        problem.kind = ProblemKind::Failed;
    }
    problem.what = format!("the platform was not brought back to standby: {}", problem.what);
    problem
}

/// Names what is left, and the command that ends it.
fn with_what_is_left(problem: Problem, report: &scale_down::Report, up: Option<&Bills>, flags: &str) -> Problem {
    let ours = report.left.iter().filter(|left| left.ours);
    let mut left: Vec<String> = ours.map(|left| format!("{} `{}`", left.kind, left.name)).collect();
    // Who was stopped before it could look knows only what was there before.
    if left.is_empty() && !report.seen.service.is_known() {
        left.extend(up.map(Bills::names).unwrap_or_default());
    }
    let mut problem = left
        .iter()
        .fold(problem, |all, left| all.because(format!("left: {left}")));
    let again = format!("scale-down{flags}");
    if problem.hints.iter().all(|hint| !hint.contains(&again)) {
        problem
            .hints
            .push(format!("`{again}` ends what is left; until then it costs money"));
    }
    problem
}

/// Looks whether a platform that was found up is up as before.
pub(crate) async fn still_up(rig: &Rig, found: &Found) -> (Findings, Restored) {
    let survey = rig.survey().await;
    let Some(now) = Found::of(&survey, &rig.wanted) else {
        let why = "the platform was up before the test; whether it still is could not be read";
        return (vec![Check::unknown("up", why)].into(), Restored::Failed);
    };
    let names: Vec<&str> = now.bills.tasks.iter().map(|id| short(id)).collect();
    let why = match (now.desired == found.desired, names.is_empty()) {
        (true, false) => {
            let why = format!(
                "it was up before the test and stays up: {} desired, task {}",
                now.desired,
                names.join(", ")
            );
            return (vec![Check::pass("up", why)].into(), as_found_or_better(found));
        }
        (true, true) => format!("{} is desired as before the test, and no task is there", now.desired),
        (false, _) => format!(
            "it was up before the test with {} desired, and has {} now",
            found.desired, now.desired
        ),
    };
    let problem = Problem::new(ProblemKind::Failed, why).hint(format!("`scale-up{}`", rig.wanted.further.flags));
    let check = Check::of_problem("up", &problem);
    let findings = Findings {
        checks: vec![check],
        problem: Some(problem),
    };
    (findings, Restored::Failed)
}

/// Looks at what is left up, as the operator asked for.
pub(crate) async fn kept(rig: &Rig) -> (Findings, Restored) {
    let flags = &rig.wanted.further.flags;
    match Found::of(&rig.survey().await, &rig.wanted) {
        None => {
            let check = Check::unknown("kept", "what there is could not be read");
            let check = check.hint(format!("`status{flags}` shows what can be read"));
            (vec![check].into(), Restored::Failed)
        }
        Some(now) => {
            let why = format!(
                "left up, as asked for: {}; `scale-down{flags}` ends it",
                now.bills.told()
            );
            (vec![Check::note("kept", why)].into(), Restored::Kept)
        }
    }
}
