//! What the phases come to: why the run does not exit with 0.

use jitsi_ops::problem::{Problem, ProblemKind};

use crate::check::Findings;
use crate::course::{Done, Ended};
use crate::phase::Phase;
use crate::scale::Restored;

/// Why the run does not exit with 0. What bills on goes before what was found. `flags` lead to the same platform again.
pub(crate) fn problem(done: &[Done], restored: Option<Restored>, flags: &str) -> Option<Problem> {
    let failed = done.iter().filter(|done| done.ended == Ended::Failed);
    let (restoring, testing): (Vec<&Done>, Vec<&Done>) = failed.partition(|done| done.phase == Phase::Restore);
    let tested = testing.first().map(|done| of_phase(done)).or_else(|| stopped(done));
    let Some(restoring) = restoring.first() else {
        let problem = tested?;
        return Some(match restored {
            Some(Restored::AsFound) => problem.because("the platform is again as it was found"),
            Some(Restored::PutRight) => problem.because("the platform was not as it should be, and was put right"),
            Some(Restored::Kept) => problem
                .because("the platform is left up, as asked for, and costs money")
                .hint(format!("`scale-down{flags}` ends it")),
            Some(Restored::NothingChanged) => problem.because("nothing was changed"),
            Some(Restored::Failed) => problem
                .because("the platform was not brought back to what it was")
                .hint(format!("`scale-down{flags}` ends what is left of it")),
            Some(Restored::InUse) | None => problem,
        });
    };
    let problem = of_phase(restoring);
    Some(match tested {
        Some(tested) => problem.because(format!("before that, {}", tested.what)),
        None => problem,
    })
}

/// Phases were asked for and not run, though none before them has failed: the run was stopped at once.
fn stopped(done: &[Done]) -> Option<Problem> {
    let left_out: Vec<&str> = done
        .iter()
        .filter(|done| done.ended == Ended::NotRun)
        .map(|done| done.phase.as_str())
        .collect();
    (!left_out.is_empty()).then(|| {
        let what = format!("stopped at once; not run: {}", left_out.join(", "));
        Problem::new(ProblemKind::Interrupted, what)
    })
}

/// How a phase ended, in one line.
pub(crate) fn told(findings: &Findings) -> String {
    if findings.are_well() {
        return "passed".to_owned();
    }
    match (&findings.problem, findings.first_fault()) {
        (_, Some(check)) => format!("failed: {}: {}", check.name, check.why),
        (Some(problem), None) => format!("failed: {problem}"),
        (None, None) => "failed: it has found nothing".to_owned(),
    }
}

/// The problem that a phase makes. A check that fails is one; what else ended it keeps its kind.
fn of_phase(done: &Done) -> Problem {
    let (number, name) = (done.phase.number(), done.phase.as_str());
    let restoring = done.phase == Phase::Restore;
    let kept = [
        ProblemKind::Deadline,
        ProblemKind::Refused,
        ProblemKind::Locked,
        ProblemKind::Interrupted,
        ProblemKind::Usage,
    ];
    let kind = match &done.findings.problem {
        Some(problem) if kept.contains(&problem.kind) => problem.kind,
        _ if restoring => ProblemKind::Failed,
        _ => ProblemKind::NotReady,
    };
    if let Some(problem) = &done.findings.problem {
        let mut made = problem.clone();
        made.kind = kind;
        made.what = format!("phase {number} ({name}) failed: {}", problem.what);
        return made;
    }
    let wrong = done.findings.checks.iter().filter(|check| !check.outcome.is_well());
    let mut problem = Problem::new(kind, format!("phase {number} ({name}) failed"));
    for check in wrong {
        problem = problem.because(format!("{}: {}", check.name, check.why));
        if let Some(hint) = check.hint.as_ref().filter(|hint| !problem.hints.contains(hint)) {
            problem = problem.hint(hint);
        }
    }
    problem
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::check::Check;

    fn done(phase: Phase, ended: Ended, problem: Option<ProblemKind>) -> Done {
        let checks = match ended {
            Ended::Failed => vec![Check::fail("it", "is wrong")],
            _ => Vec::new(),
        };
        Done {
            phase,
            ended,
            findings: Findings {
                checks,
                problem: problem.map(|kind| Problem::new(kind, "so it ended")),
            },
            took: Duration::ZERO,
        }
    }

    #[track_caller]
    fn ends_with(all: &[Done], restored: Restored, kind: ProblemKind) {
        let problem = problem(all, Some(restored), "").unwrap();
        assert_eq!(problem.kind, kind, "{problem:?}");
    }

    #[test]
    fn what_bills_on_goes_before_what_was_found() {
        let failed = || done(Phase::Https, Ended::Failed, None);
        let late = || done(Phase::ScaleUp, Ended::Failed, Some(ProblemKind::Deadline));
        let restore = |kind| done(Phase::Restore, Ended::Failed, Some(kind));
        ends_with(&[failed()], Restored::AsFound, ProblemKind::NotReady);
        ends_with(&[late()], Restored::AsFound, ProblemKind::Deadline);
        ends_with(
            &[failed(), restore(ProblemKind::Failed)],
            Restored::Failed,
            ProblemKind::Failed,
        );
        ends_with(
            &[late(), restore(ProblemKind::Refused)],
            Restored::InUse,
            ProblemKind::Refused,
        );
    }

    #[test]
    fn a_phase_that_was_asked_for_and_not_run_is_no_pass() {
        let passed = || done(Phase::Restore, Ended::Passed, None);
        ends_with(
            &[passed(), done(Phase::CleanUp, Ended::NotRun, None)],
            Restored::AsFound,
            ProblemKind::Interrupted,
        );
        let skipped = done(Phase::CleanUp, Ended::Skipped, None);
        assert!(problem(&[passed(), skipped], Some(Restored::AsFound), "").is_none());
    }
}
