//! The phases in their order: the first that fails ends the test, and never the restoring.

mod hands;

use std::collections::BTreeSet;
use std::future::pending;
use std::time::Duration;

use jiff::Timestamp;
use jitsi_cli::result::duration;
use jitsi_ops::clock::between;
use jitsi_ops::observation::Observation;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::tenure::Tenure;
use jitsi_probe::Ladder;

use crate::check::{Check, Findings};
use crate::found::{Bills, Found};
use crate::limits::Limits;
use crate::phase::Phase;
use crate::prerequisites::{Intent, prerequisites};
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
