//! Phases 2, 8 and 10: what the platform is, before and after.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jitsi_ops::guard::{Verdict, minute};
use jitsi_ops::keep;
use jitsi_ops::state::{Assessment, State};
use jitsi_ops::survey::Survey;
use jitsi_ops::wanted::Wanted;

use crate::check::{Check, Outcome};
use crate::found::{Bills, Found, short, tasks_of};

/// What there is before the test. `left_since`: since when a test has left it so. `restores`: a platform at zero is to go back to zero.
pub(crate) fn initial(
    survey: &Survey,
    wanted: &Wanted,
    left_since: Option<Timestamp>,
    restores: bool,
) -> (Vec<Check>, Option<Found>) {
    let assessment = Assessment::of(wanted, &survey.seen);
    let found = Found::of(survey, wanted).map(|found| Found { left_since, ..found });
    let mut checks = vec![state(&assessment, |state| state != State::Unknown)];
    match &found {
        Some(found) => checks.push(Check::note("bills", found.bills.told())),
        None if assessment.state != State::Unknown => {
            checks.push(Check::unknown("bills", "what costs money could not be read"));
        }
        None => {}
    }
    if let (Some(since), Some(found)) = (left_since, found.as_ref().filter(|found| found.desired > 0)) {
        let why = format!(
            "{}, left up by the test of {}: it was at zero before that, and goes there after this one",
            found.state.as_str(),
            minute(since)
        );
        checks.push(Check::note("left", why));
    }
    if let Some(Verdict::Busy(lines)) = survey.seen.guard.as_ref().map(|reading| &reading.verdict) {
        checks.push(Check::note(
            "meeting",
            format!("somebody is in a meeting: {}", lines.join("; ")),
        ));
    }
    let up = found.as_ref().is_some_and(Found::was_up);
    if restores && !up {
        checks.extend(kept(survey, wanted));
    }
    (checks, found)
}

/// A hold or a lease that would keep the platform up when the test is over.
fn kept(survey: &Survey, wanted: &Wanted) -> Option<Check> {
    let service = survey.seen.service.here()?;
    let reason = keep::reason_to_stay(&service.tags, survey.seen.aws_at, false)?;
    let check = Check::fail(
        "hold",
        format!("{reason}, so the platform would stay up after the test"),
    );
    Some(check.hint(format!(
        "`scale-down{} --release` ends a hold; or leave the platform up with --keep",
        wanted.further.flags
    )))
}

/// What there is after the test. `before`: the tasks that were up when it began to look.
pub(crate) fn last(survey: &Survey, wanted: &Wanted, before: Option<&BTreeSet<String>>) -> Vec<Check> {
    let assessment = Assessment::of(wanted, &survey.seen);
    let mut checks = vec![state(&assessment, |state| state == State::Active)];
    checks.extend(before.map(|before| match tasks_of(survey) {
        Some(now) => lasted(before, &now),
        None => Check::unknown("lasted", "whether the tasks are still the same could not be read"),
    }));
    checks
}

/// Whether the tasks are still the same: one that died would have thrown people out.
fn lasted(before: &BTreeSet<String>, now: &BTreeSet<String>) -> Check {
    let names = |tasks: &BTreeSet<String>| -> String {
        let names: Vec<&str> = tasks.iter().map(|id| short(id)).collect();
        names.join(", ")
    };
    if before == now {
        return Check::pass("lasted", format!("still task {}", names(now)));
    }
    let now = match names(now) {
        names if names.is_empty() => "none".to_owned(),
        names => names,
    };
    let check = Check::fail(
        "lasted",
        format!(
            "there was task {} when the test began to look, and is {now} now",
            names(before)
        ),
    );
    check.hint("people would have been thrown out of their meeting: look at why the task stopped")
}

/// Whether nothing bills that did not before.
pub(crate) fn cleaned(survey: &Survey, wanted: &Wanted, found: &Found) -> Vec<Check> {
    let flags = &wanted.further.flags;
    let Some(now) = Bills::of(survey, wanted) else {
        let unread = survey.unread(wanted);
        let why: Vec<String> = unread.iter().map(|it| format!("{}: {}", it.what, it.why)).collect();
        let check = Check::unknown(
            "bills",
            format!("what costs money could not be read: {}", why.join("; ")),
        );
        return vec![check.hint(format!("`status{flags}` shows what can be read"))];
    };
    let beyond = now.beyond(found);
    if beyond.is_empty() {
        return vec![Check::pass("bills", now.told())];
    }
    let check = Check::fail("bills", format!("{} did not bill before the test", beyond.join(", ")));
    vec![check.hint(format!(
        "`status{flags}` shows what is this platform's and what is not; `scale-down{flags}` ends the former when nobody meets"
    ))]
}

fn state(assessment: &Assessment, is_well: fn(State) -> bool) -> Check {
    let mut why = assessment.state.as_str().to_owned();
    if !assessment.because.is_empty() {
        why.push_str(": ");
        why.push_str(&assessment.because.join("; "));
    }
    let outcome = match assessment.state {
        state if is_well(state) => Outcome::Pass,
        State::Unknown => Outcome::Unknown,
        _ => Outcome::Fail,
    };
    Check::new("state", outcome, why)
}
