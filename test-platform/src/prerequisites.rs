//! Phase 1: what must be so before anything is made that bills. Nothing is changed.

use std::sync::Mutex;

use check_health::checks::{self, Name};
use jitsi_config::GuardSource;
use jitsi_ops::event::{Event, EventKind};
use jitsi_ops::observation::Observation;
use jitsi_ops::plan::Warning;
use jitsi_ops::reading::Reading;
use jitsi_ops::scale_up::{Outcome, Report, ScaleUp, nothing_has_run, plan_scale_up};
use jitsi_ops::survey::Survey;

use crate::check::{Check, Findings};
use crate::limits::Limits;
use crate::rig::{Rig, without_a_visit};

/// What the test is going to do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intent {
    /// It brings the platform up.
    pub(crate) scales: bool,
    /// It leaves it up.
    pub(crate) keeps: bool,
    /// It changes nothing, and says nothing of how to bring the platform up.
    pub(crate) only_looks: bool,
}

/// Looks whether the platform can be brought up from here, looked at, and taken down again. What a preflight has seen goes with it.
pub(crate) async fn prerequisites(rig: &Rig, intent: Intent, limits: &Limits) -> (Findings, Option<Observation>) {
    let mut findings = Findings::default();
    let survey = rig.survey().await;
    findings.checks.push(configuration(rig));
    findings.checks.push(account(rig, &survey));
    if let Err(problem) = rig.right_account(&survey) {
        findings.problem = Some(problem);
        return (findings, None);
    }
    findings.checks.extend(reads(rig, &survey));
    let desired = survey.seen.service.here().map(|service| service.desired);
    let seen = match intent.only_looks {
        true => None,
        false => {
            let (report, warnings) = foresee(rig, desired.unwrap_or_default(), limits).await;
            findings.checks.push(way_up(&report));
            let notes = warnings.iter().map(note);
            findings.checks.extend(notes);
            findings.problem = report.problem;
            Some(report.seen)
        }
    };
    if !intent.only_looks && !intent.keeps && desired == Some(0) {
        findings.checks.extend(guard(rig, &survey.seen));
    }
    let lint = checks::check(Name::Lint, &without_a_visit(survey), &rig.wanted);
    findings.checks.push(lint.into());
    (findings, seen)
}

fn configuration(rig: &Rig) -> Check {
    let wanted = &rig.wanted;
    let profile = wanted.profile.as_deref().unwrap_or("the only one");
    let why = format!(
        "profile {profile}: `{}` in {}, service {}/{}",
        wanted.domain, wanted.region, wanted.cluster, wanted.service
    );
    Check::pass("configuration", why)
}

/// What a scale-up would do to as many tasks as are asked for, and what it warns of.
pub(crate) async fn foresee(rig: &Rig, desired: u32, limits: &Limits) -> (Report, Vec<Warning>) {
    let warnings = Mutex::new(Vec::new());
    let observer = |event: Event| {
        if let EventKind::Warning(warning) = &event.kind
            && let Ok(mut warnings) = warnings.lock()
        {
            warnings.push(warning.clone());
        }
    };
    let request = ScaleUp {
        timeout: limits.for_phase(rig.clock.now()),
        rollback: Some(nothing_has_run),
        desk: rig.desk.clone(),
        seed: fastrand::u64(..),
    };
    let (wanted, clock) = (rig.wanted_with(desired), rig.clock.clone());
    let report = plan_scale_up(&rig.aws, &wanted, &request, clock, &observer, &rig.interrupts).await;
    let warnings = warnings.into_inner().unwrap_or_default();
    (report, warnings)
}

fn way_up(report: &Report) -> Check {
    match (&report.problem, report.outcome) {
        (Some(problem), _) => Check::of_problem("preflight", problem),
        (None, Outcome::AlreadyUp) => Check::pass("preflight", "the platform is up, nothing is to be done"),
        (None, _) => Check::pass("preflight", format!("{} steps lead up", report.planned.len())),
    }
}

fn note(warning: &Warning) -> Check {
    let check = Check::note("preflight", &warning.message);
    match &warning.hint {
        Some(hint) => check.hint(hint),
        None => check,
    }
}

fn account(rig: &Rig, survey: &Survey) -> Check {
    if let Err(problem) = rig.right_account(survey) {
        return Check::of_problem("account", &problem);
    }
    match (survey.seen.account(), &rig.wanted.account_id) {
        (Some(account), Some(_)) => Check::pass("account", format!("{account}, as configured")),
        (Some(account), None) => {
            Check::note("account", format!("{account}; the configuration names none")).hint("set `account_id`")
        }
        (None, _) => Check::unknown("account", "for which account the credentials are could not be read"),
    }
}

/// What could not be read. Each read is one that the test needs, to see what there is or to put it back.
fn reads(rig: &Rig, survey: &Survey) -> Vec<Check> {
    let unread = survey.unread(&rig.wanted);
    if unread.is_empty() {
        return vec![Check::pass("reads", "everything that decides can be read")];
    }
    let told = unread.into_iter().map(|unread| {
        let check = Check::unknown("reads", format!("{} could not be read: {}", unread.what, unread.why));
        match unread.hints.first() {
            Some(hint) => check.hint(hint),
            None => check,
        }
    });
    told.collect()
}

/// Whether the guard will be able to tell that nobody is in a meeting, when the platform is to go down again.
fn guard(rig: &Rig, seen: &Observation) -> Option<Check> {
    let guard = &rig.wanted.guard;
    let reporter = guard.reporter.as_ref();
    match guard.source {
        GuardSource::TaskProtection => {}
        GuardSource::None => {
            return Some(Check::note(
                "guard",
                "by `guard.source = \"none\"` nobody sees whether people are in a meeting",
            ));
        }
        GuardSource::StatsUrl | GuardSource::Cloudwatch => {
            return Some(Check::note("guard", "whether it answers shows only when a task runs"));
        }
    }
    let Reading::Here(definition) = &seen.task_definition else {
        // That it could not be read has been said.
        return None;
    };
    if definition.containers.iter().any(|container| container.name == reporter) {
        return Some(Check::pass(
            "guard",
            format!("container `{reporter}` will tell whether people are in a meeting"),
        ));
    }
    let check = Check::fail(
        "guard",
        format!(
            "the task definition has no container `{reporter}`, so nobody could tell that the platform may go down again"
        ),
    );
    Some(check.hint(
        "add the container (docs/meeting-sentinel.md), or leave the platform up with --keep, or set `guard.source`",
    ))
}
