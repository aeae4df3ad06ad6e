//! The phases in their order: the first that fails ends the test, and never the restoring.

use std::collections::BTreeSet;
use std::future::pending;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use jitsi_cli::result::duration;
use jitsi_ops::clock::between;
use jitsi_ops::event::{Event, EventKind};
use jitsi_ops::observation::Observation;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::tenure::{TEST_PLATFORM, Tenure};
use jitsi_probe::Ladder;

use crate::check::{Check, Findings};
use crate::found::{Bills, Found, WORD_KEPT, WORD_PASSED, left_by_a_test};
use crate::limits::Limits;
use crate::phase::Phase;
use crate::prerequisites::{Intent, foresee, prerequisites};
use crate::rig::Rig;
use crate::scale::{self, Raised, Restored};
use crate::{look, site, verdict};

/// What became of a phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ended {
    /// What it proves holds.
    Passed,
    /// It does not, or that cannot be told.
    Failed,
    /// It was not asked for.
    Skipped,
    /// An earlier one has failed.
    NotRun,
}

/// A phase that is over.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) phase: Phase,
    pub(crate) ended: Ended,
    pub(crate) findings: Findings,
    pub(crate) took: Duration,
}

/// The whole test.
pub(crate) struct Course<'r> {
    rig: &'r Rig,
    chosen: BTreeSet<Phase>,
    intent: Intent,
    limits: Limits,
    pub(crate) done: Vec<Done>,
    /// What AWS said to a preflight: whom the lock is for, and where it is.
    preflight: Option<Observation>,
    tenure: Option<Tenure>,
    pub(crate) found: Option<Found>,
    /// What there was when the test began to look.
    up: Option<Bills>,
    /// Whether it was all there before the test, so that nothing of it is new.
    was_right: bool,
    pub(crate) ladder: Option<Ladder>,
    pub(crate) restored: Option<Restored>,
    stopped: bool,
}

impl<'r> Course<'r> {
    /// The phases that were chosen.
    pub(crate) fn new(rig: &'r Rig, chosen: BTreeSet<Phase>, intent: Intent, limits: Limits) -> Self {
        Self {
            rig,
            chosen,
            intent,
            limits,
            done: Vec::new(),
            preflight: None,
            tenure: None,
            found: None,
            up: None,
            was_right: false,
            ladder: None,
            restored: None,
            stopped: false,
        }
    }

    /// Runs the test, and puts the platform back.
    pub(crate) async fn run(&mut self) {
        for phase in Phase::ALL {
            // The second Ctrl-C ends everything where it is.
            if self.rig.interrupts.second.is_cancelled() {
                self.over(phase, Ended::NotRun);
            } else if matches!(phase, Phase::Restore | Phase::CleanUp) {
                self.put_back(phase).await;
            } else if !self.chosen.contains(&phase) {
                self.over(phase, Ended::Skipped);
            } else if self.stopped {
                self.over(phase, Ended::NotRun);
            } else {
                let began = self.begin(phase);
                let findings = self.test(phase).await;
                self.stopped |= !findings.are_well();
                self.end(phase, began, findings);
            }
        }
        self.leave().await;
    }

    /// One of the phases before the restoring.
    async fn test(&mut self, phase: Phase) -> Findings {
        let (rig, limits, intent) = (self.rig, self.limits, self.intent);
        let lag = self.lag();
        match phase {
            Phase::Prerequisites => {
                let (findings, seen) = match self.within(prerequisites(rig, intent, &limits)).await {
                    Ok(found) => found,
                    Err(problem) => return problem.into(),
                };
                self.preflight = seen;
                findings
            }
            Phase::InitialStatus => self.arrive().await,
            Phase::ScaleUp => self.scale_up().await,
            Phase::Health => self.checked(site::health(rig, lag)).await,
            Phase::Certificate => self.checked(site::certificate(rig, lag)).await,
            Phase::Https => self.checked(site::https(rig, lag)).await,
            Phase::Jitsi => match self.within(site::jitsi(rig, lag)).await {
                Ok((checks, ladder)) => {
                    self.ladder = ladder;
                    checks.into()
                }
                Err(problem) => problem.into(),
            },
            Phase::FinalStatus => {
                let before = self.up.as_ref().map(|up| up.tasks.clone());
                let look = async || look::last(&rig.survey().await, &rig.wanted, before.as_ref());
                self.checked(look()).await
            }
            Phase::Restore | Phase::CleanUp => Findings::default(),
        }
    }

    async fn checked(&self, look: impl Future<Output = Vec<Check>>) -> Findings {
        match self.within(look).await {
            Ok(checks) => checks.into(),
            Err(problem) => problem.into(),
        }
    }

    /// A look that may be dropped: at the operator's word, when its time is over, or when the lock is lost.
    async fn within<T>(&self, look: impl Future<Output = T>) -> Result<T, Problem> {
        let rig = self.rig;
        let now = rig.clock.now();
        let limit = self.limits.for_phase(now);
        let keep = async {
            match &self.tenure {
                Some(tenure) => tenure.keep(&rig.aws, &rig.clock).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            () = rig.interrupts.first.cancelled() => Err(Problem::new(ProblemKind::Interrupted, "interrupted")),
            done = look => Ok(done),
            problem = keep => Err(problem),
            () = rig.clock.sleep(limit) => Err(self.too_late(now)),
        }
    }

    fn too_late(&self, began: Timestamp) -> Problem {
        let limits = &self.limits;
        let (time, flag) = match limits.is_overall(began) {
            true => (limits.overall, "--timeout"),
            false => (limits.phase, "--phase-timeout"),
        };
        let what = format!("not done within the {} of {flag}", duration(time));
        Problem::new(ProblemKind::Deadline, what).hint(format!("give it more time with {flag}"))
    }

    /// Takes the platform into the test's hands, if it is going to change it, and looks what there is.
    async fn arrive(&mut self) -> Findings {
        let mut checks = Vec::new();
        let mut left_since = None;
        if self.intent.scales {
            // Taking the lock closes what others have left open in the journal.
            match self.within(self.rig.survey()).await {
                Ok(survey) => left_since = survey.journal.ok().and_then(|journal| left_by_a_test(&journal.entries)),
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
            .filter(|found| found.was_up())
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

    async fn scale_up(&mut self) -> Findings {
        // The initial status may have been left out; then it is looked for here.
        if self.found.is_none() {
            let arrived = self.arrive().await;
            if !arrived.are_well() {
                return arrived;
            }
        }
        let rig = self.rig;
        let (Some(tenure), Some(found)) = (&self.tenure, &self.found) else {
            return Problem::new(ProblemKind::Failed, "what there is is not known, so nothing is changed").into();
        };
        // From here on the platform may be another than it was.
        self.restored = Some(Restored::Failed);
        let Raised {
            mut findings,
            was_right,
        } = scale::up(rig, tenure, found, &self.limits).await;
        self.was_right = was_right;
        if findings.are_well() {
            match self.within(rig.survey()).await {
                Ok(survey) => self.up = Bills::of(&survey, &rig.wanted),
                Err(problem) => findings.problem = Some(problem),
            }
            if self.up.is_none() && findings.problem.is_none() {
                findings
                    .checks
                    .push(Check::unknown("bills", "what has come up could not be read"));
            }
        }
        findings
    }

    /// How long a site may lag behind: not at all where it was up and right before the test.
    fn lag(&self) -> Duration {
        match self.restored.is_some() && !self.was_right {
            true => site::LAG,
            false => Duration::ZERO,
        }
    }

    /// The phases that put the platform back and look whether it is.
    async fn put_back(&mut self, phase: Phase) {
        let rig = self.rig;
        if !self.intent.scales {
            return self.over(phase, Ended::Skipped);
        }
        let changed = self.restored.is_some();
        match phase {
            Phase::Restore if !changed => {
                self.restored = Some(Restored::NothingChanged);
                self.over(phase, Ended::NotRun);
            }
            Phase::Restore => {
                let began = self.begin(phase);
                let (findings, restored) = self.restore().await;
                self.restored = Some(restored);
                self.end(phase, began, findings);
            }
            _ if !self.chosen.contains(&phase) || self.restored == Some(Restored::Kept) => {
                self.over(phase, Ended::Skipped);
            }
            _ => match (&self.found, self.restored) {
                (Some(found), Some(Restored::AsFound | Restored::PutRight)) => {
                    let found = found.clone();
                    let began = self.begin(phase);
                    let survey = rig.survey().await;
                    let checks = look::cleaned(&survey, &rig.wanted, &found);
                    self.end(phase, began, checks.into());
                }
                _ => self.over(phase, Ended::NotRun),
            },
        }
    }

    async fn restore(&self) -> (Findings, Restored) {
        let rig = self.rig;
        let (Some(tenure), Some(found)) = (&self.tenure, &self.found) else {
            let problem = Problem::new(
                ProblemKind::Failed,
                "what there was is not known, so nothing is put back",
            );
            return (problem.into(), Restored::Failed);
        };
        if found.was_up() {
            return scale::still_up(rig, found).await;
        }
        // What did not come up is nothing to keep.
        let is_up = |done: &Done| done.phase == Phase::ScaleUp && done.ended == Ended::Passed;
        if self.intent.keeps && self.done.iter().any(is_up) {
            return scale::kept(rig).await;
        }
        scale::down(rig, tenure, found, self.up.as_ref()).await
    }

    /// Closes the entry in the journal and gives the lock back.
    async fn leave(&mut self) {
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

    fn begin(&self, phase: Phase) -> Timestamp {
        self.rig.display.begun(&phase.label(), phase.proves());
        self.rig.clock.now()
    }

    fn end(&mut self, phase: Phase, began: Timestamp, findings: Findings) {
        let display = &self.rig.display;
        for check in &findings.checks {
            display.note(&check.to_string());
        }
        let ended = if findings.are_well() {
            Ended::Passed
        } else {
            Ended::Failed
        };
        display.ended(&phase.label(), &verdict::told(&findings), ended == Ended::Passed);
        let took = between(began, self.rig.clock.now());
        self.done.push(Done {
            phase,
            ended,
            findings,
            took,
        });
    }

    fn over(&mut self, phase: Phase, ended: Ended) {
        self.done.push(Done {
            phase,
            ended,
            findings: Findings::default(),
            took: Duration::ZERO,
        });
    }

    /// Why the run does not exit with 0.
    pub(crate) fn problem(&self) -> Option<Problem> {
        verdict::problem(&self.done, self.restored, &self.rig.wanted.further.flags)
    }
}
