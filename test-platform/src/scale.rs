//! Phases 3 and 9: up, and back to what was found.

use std::pin::pin;
use std::time::Duration;

use jitsi_cli::result::duration;
use jitsi_ops::aftermath::OWN_ROOM_GONE;
use jitsi_ops::custody::Desk;
use jitsi_ops::event::Event;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::scale_down::{self, ScaleDown, scale_down};
use jitsi_ops::scale_up::{self, Interrupts, ScaleUp, nothing_has_run, scale_up};
use jitsi_ops::tenure::Tenure;
use jitsi_ops::wanted::Wanted;
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

/// Brings the platform up, with as many tasks as it had.
pub(crate) async fn up(rig: &Rig, tenure: &Tenure, found: &Found, limits: &Limits) -> Findings {
    let request = ScaleUp {
        timeout: limits.for_phase(rig.clock.now()),
        rollback: Some(nothing_has_run),
        desk: desk(rig, tenure),
        seed: fastrand::u64(..),
    };
    let wanted = Wanted {
        count: found.desired.max(1),
        ..rig.wanted.clone()
    };
    let observer = |event: Event| rig.show(event);
    // Whoever loses the lock stops where it is, in good order.
    let interrupts = Interrupts {
        first: rig.interrupts.first.child_token(),
        second: rig.interrupts.second.child_token(),
    };
    let clock = rig.clock.clone();
    let mut work = pin!(scale_up(&rig.aws, &wanted, &request, clock, &observer, &interrupts));
    let report = tokio::select! {
        report = &mut work => report,
        problem = tenure.keep(&rig.aws, &rig.clock) => {
            interrupts.first.cancel();
            work.await;
            return problem.into();
        }
    };
    let took = duration(report.elapsed);
    let check = match (&report.problem, report.outcome) {
        (Some(problem), _) => Check::of_problem("up", problem),
        (None, scale_up::Outcome::AlreadyUp) => Check::pass("up", "it was up and right; nothing was changed"),
        (None, scale_up::Outcome::Repaired) => Check::pass("up", format!("it was up, and put right in {took}")),
        (None, _) => Check::pass("up", format!("up after {took}, with {} steps", report.steps.len())),
    };
    Findings {
        checks: vec![check],
        problem: report.problem,
    }
}

/// Brings a platform back to zero that was found there, unless somebody is in a meeting. The test's own room is none, nor is the time
/// that a new task's sentinel needs to see that nobody is there. `up`: what ran when it was looked last.
pub(crate) async fn down(rig: &Rig, tenure: &Tenure, up: Option<&Bills>) -> (Findings, Restored) {
    let request = ScaleDown {
        timeout: DOWN_TIME,
        wait_idle: OWN_ROOM_GONE,
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
    let flags = &rig.wanted.further.flags;
    let problem = match (report.outcome, &report.problem) {
        (scale_down::Outcome::Down | scale_down::Outcome::AlreadyDown, None) => {
            let check = Check::pass("down", format!("standby again after {}", duration(report.elapsed)));
            return (vec![check].into(), Restored::AsFound);
        }
        (scale_down::Outcome::Held, _) => {
            let reason = report.held.as_deref().unwrap_or("it is held");
            in_use(reason, flags)
        }
        (_, Some(problem)) if problem.kind == ProblemKind::Refused => problem
            .why
            .iter()
            .fold(in_use(&problem.what, flags), |all, why| all.because(why)),
        _ => not_restored(&report, up, flags),
    };
    let restored = match problem.kind {
        ProblemKind::Refused => Restored::InUse,
        _ => Restored::Failed,
    };
    let check = Check::of_problem("down", &problem);
    let findings = Findings {
        checks: vec![check],
        problem: Some(problem),
    };
    (findings, restored)
}

/// Somebody uses what the test has brought up, or it cannot be told.
fn in_use(reason: &str, flags: &str) -> Problem {
    Problem::new(
        ProblemKind::Refused,
        format!("the platform stays up after the test: {reason}"),
    )
    .hint(format!(
        "when everybody has left: `scale-down{flags}`; it costs money until then"
    ))
}

/// What is left, by name.
fn not_restored(report: &scale_down::Report, up: Option<&Bills>, flags: &str) -> Problem {
    let (kind, what, hints) = match &report.problem {
        Some(problem) => {
            // A deadline of the way down is no deadline of the test.
            let kind = match problem.kind {
                ProblemKind::Interrupted | ProblemKind::Locked => problem.kind,
                _ => ProblemKind::Failed,
            };
            (kind, problem.to_string(), problem.hints.clone())
        }
        None => (ProblemKind::Failed, "nobody knows why".to_owned(), Vec::new()),
    };
    let problem = Problem::new(kind, format!("the platform was not brought back to standby: {what}"));
    let ours = report.left.iter().filter(|left| left.ours);
    let mut left: Vec<String> = ours.map(|left| format!("{} `{}`", left.kind, left.name)).collect();
    // Who was stopped before it could look knows only what was there before.
    if left.is_empty() && !report.seen.service.is_known() {
        left.extend(up.map(Bills::names).unwrap_or_default());
    }
    let mut problem = left
        .iter()
        .fold(problem, |all, left| all.because(format!("left: {left}")));
    problem.hints = hints;
    let again = format!("scale-down{flags}");
    if problem.hints.iter().all(|hint| !hint.contains(&again)) {
        problem.hints.push(format!("`{again}` ends what is left"));
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
    if now.desired == found.desired {
        let why = format!(
            "it was up before the test and stays up: {} desired, task {}",
            now.desired,
            names.join(", ")
        );
        return (vec![Check::pass("up", why)].into(), Restored::AsFound);
    }
    let why = format!(
        "it was up before the test with {} desired, and has {} now",
        found.desired, now.desired
    );
    let problem = Problem::new(ProblemKind::Failed, why).hint(format!("`scale-up{}`", rig.wanted.further.flags));
    let check = Check::of_problem("up", &problem);
    let findings = Findings {
        checks: vec![check],
        problem: Some(problem),
    };
    (findings, Restored::Failed)
}
