//! Taking the platform into the test's hands, with what there is, and giving it out of them.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};

use jitsi_ops::event::{Event, EventKind};
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::tenure::{TEST_PLATFORM, Tenure};

use super::Course;
use crate::check::{Check, Findings};
use crate::found::{WORD_KEPT, WORD_PASSED, left_by_a_test};
use crate::look;
use crate::prerequisites::foresee;
use crate::scale::Restored;

impl Course<'_> {
    /// Takes the platform into the test's hands, if it is going to change it, and looks what there is.
    pub(super) async fn arrive(&mut self) -> Findings {
        let mut checks = Vec::new();
        let mut left_since = None;
        if self.intent.scales {
            // Taking the lock closes what others have left open in the journal.
            match self.within(self.rig.survey()).await {
                Ok(survey) => match survey.journal {
                    Ok(journal) => left_since = left_by_a_test(&journal.entries),
                    Err(problem) => {
                        let unread = Check::unknown("left", format!("who was at work last is not known: {problem}"));
                        return vec![unread].into();
                    }
                },
                Err(problem) => return problem.into(),
            }
            match self.take_over().await {
                Ok(check) => checks.push(check),
                Err(problem) => return problem.into(),
            }
        }
        let rig = self.rig;
        let survey = match self.within(rig.survey()).await {
            Ok(survey) => survey,
            Err(problem) => return problem.into(),
        };
        let restores = self.intent.scales && !self.intent.keeps;
        let (seen, found) = look::initial(&survey, &rig.wanted, left_since, restores);
        self.up = found
            .as_ref()
            .filter(|found| found.desired > 0)
            .map(|found| found.bills.clone());
        self.found = found;
        checks.extend(seen);
        checks.into()
    }

    /// Takes the lock. The operator's word ends the waiting for it, and nothing in the middle of taking it: it would be left behind.
    async fn take_over(&mut self) -> Result<Check, Problem> {
        let (rig, limits) = (self.rig, self.limits);
        if self.preflight.is_none() {
            let survey = self.within(rig.survey()).await?;
            let desired = survey.seen.service.here().map_or(0, |service| service.desired);
            let (report, _) = self.within(foresee(rig, desired, &limits)).await?;
            if let Some(problem) = report.problem {
                return Err(problem);
            }
            self.preflight = Some(report.seen);
        }
        let seen = self.preflight.take().unwrap_or_default();
        let waits = AtomicBool::new(false);
        let observer = |event: Event| {
            waits.fetch_or(
                matches!(event.kind, EventKind::WaitingForLock { .. }),
                Ordering::Relaxed,
            );
            rig.show(event);
        };
        let name = TEST_PLATFORM;
        let mut begin = pin!(Tenure::begin(
            &rig.aws,
            &rig.wanted,
            &seen,
            &rig.desk,
            name,
            &rig.clock,
            &observer
        ));
        let begun = tokio::select! {
            begun = &mut begin => begun,
            () = rig.interrupts.first.cancelled() => match waits.load(Ordering::Relaxed) {
                true => return Err(Problem::new(ProblemKind::Interrupted, "interrupted")),
                false => begin.await,
            },
        };
        let (tenure, warnings) = begun?;
        for warning in warnings {
            rig.display.warning(&warning.message, warning.hint.as_deref());
        }
        self.tenure = Some(tenure);
        Ok(Check::pass(
            "lock",
            "nobody else is at work, and nobody else will be during the test",
        ))
    }

    /// Closes the entry in the journal and gives the lock back.
    pub(super) async fn leave(&mut self) {
        let Some(tenure) = self.tenure.take() else { return };
        let rig = self.rig;
        let seen = tokio::select! {
            biased;
            () = rig.interrupts.second.cancelled() => {
                let hint = "another run has to wait for up to 90 s, then it takes the lock over";
                return rig.display.warning("the lock was not given back", Some(hint));
            }
            survey = rig.survey() => survey.seen,
        };
        let problem = self.problem();
        let outcome = match (self.restored, &problem) {
            (Some(Restored::Kept), _) => WORD_KEPT,
            (_, None) => WORD_PASSED,
            (_, Some(_)) => "failed",
        };
        let ending = tenure.end(&rig.aws, &rig.wanted, &seen, &rig.clock, outcome, problem.as_ref());
        for warning in ending.await {
            rig.display.warning(&warning.message, warning.hint.as_deref());
        }
    }
}
