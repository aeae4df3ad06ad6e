//! Shows the engine's events: one live line per resource on a terminal, one plain line per event elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jiff::Timestamp;
use jitsi_ops::clock::{Clock, between};
use jitsi_ops::event::{Event, EventKind};

use crate::printer::{BAD, FAINT, GOOD, HINT, Printer, Talk, WARN};
use crate::result::{clock, duration};
use crate::run_log::RunLog;

/// How often the spinners turn.
const TICK: Duration = Duration::from_millis(120);

/// Shows what happens, until it is dropped.
#[derive(Debug)]
pub struct Display {
    printer: Arc<Printer>,
    clock: Clock,
    began: Timestamp,
    live: Option<Live>,
    log: OnceLock<RunLog>,
}

#[derive(Debug)]
struct Live {
    all: MultiProgress,
    /// By resource: its line, and when it appeared.
    bars: Mutex<BTreeMap<String, (ProgressBar, Timestamp)>>,
}

impl Display {
    /// A display for a run that begins now by `clock`.
    pub fn new(printer: Arc<Printer>, clock: Clock) -> Self {
        let live = printer.is_live().then(|| Live {
            all: MultiProgress::with_draw_target(ProgressDrawTarget::stderr()),
            bars: Mutex::default(),
        });
        Self {
            began: clock.now(),
            printer,
            clock,
            live,
            log: OnceLock::new(),
        }
    }

    /// From now on everything that is shown stands in this log too, also what nobody is shown. The first log counts.
    pub fn keep_log(&self, log: RunLog) {
        let _ = self.log.set(log);
    }

    /// The log that is kept.
    pub fn log(&self) -> Option<&RunLog> {
        self.log.get()
    }

    /// Writes into the log alone.
    pub fn note(&self, text: &str) {
        if let Some(log) = self.log.get() {
            log.write(self.clock.now(), text);
        }
    }

    /// Shows one event.
    pub fn show(&self, event: Event) {
        match event.kind {
            EventKind::PreflightPassed { account } => {
                self.line(event.at, &format!("preflight passed, account {account}"))
            }
            EventKind::StepBegun { step } if self.printer.talk >= Talk::Detail => {
                self.line(event.at, &format!("{FAINT}begin{FAINT:#} {step}"));
            }
            EventKind::StepBegun { .. } => {}
            EventKind::StepDone { step } => {
                self.line(
                    event.at,
                    &format!("{GOOD}+{GOOD:#} {} {}", step.operation(), step.resource()),
                );
            }
            EventKind::StepWillBeRetried { expected: true, .. } if self.printer.talk < Talk::Detail => {}
            EventKind::StepWillBeRetried { step, reason, .. } => {
                let step = format!("{} {}", step.operation(), step.resource());
                self.line(event.at, &format!("{WARN}will be retried:{WARN:#} {step}: {reason}"));
            }
            EventKind::Resource { name, state, settled } => {
                self.resource(event.at, &name, &state, settled.then_some(true));
            }
            EventKind::ResourceGone { name } => self.gone(event.at, &name),
            EventKind::Warning(warning) => self.warning(&warning.message, warning.hint.as_deref()),
            EventKind::WaitingForLock { holder, takeover_in } => {
                let takeover = takeover_in.map_or_else(String::new, |time| {
                    format!("; it is taken over in {} unless that run renews it", duration(time))
                });
                self.line(event.at, &format!("waiting for another run: {holder}{takeover}"));
            }
            EventKind::RollingBack { why } => {
                self.line(event.at, &format!("{WARN}failed:{WARN:#} {why}"));
                self.line(
                    event.at,
                    "bringing everything back to zero; nobody can be in a meeting, because no task has run",
                );
            }
        }
    }

    /// Shows something that the operator should know.
    pub fn warning(&self, message: &str, hint: Option<&str>) {
        let now = self.clock.now();
        self.line(now, &format!("{WARN}warning:{WARN:#} {message}"));
        if let Some(hint) = hint {
            self.line(now, &format!("   {HINT}hint:{HINT:#} {hint}"));
        }
    }

    /// Takes the live lines away, so that the result stands alone.
    pub fn finish(&self) {
        if let Some(live) = &self.live {
            for (bar, _) in std::mem::take(&mut *live.bars.lock().unwrap_or_else(PoisonError::into_inner)).into_values()
            {
                bar.finish_and_clear();
            }
            let _ = live.all.clear();
        }
    }

    /// Shows that something has begun, on a line of its own.
    pub fn begun(&self, name: &str, state: &str) {
        self.resource(self.clock.now(), name, state, None);
    }

    /// Shows that something on a line of its own has ended, well or badly.
    pub fn ended(&self, name: &str, state: &str, well: bool) {
        let now = self.clock.now();
        self.resource(now, name, state, Some(well));
    }

    fn line(&self, at: Timestamp, text: &str) {
        if let Some(log) = self.log.get() {
            log.write(at, text);
        }
        let text = format!("{FAINT}{:>6}{FAINT:#}  {text}", clock(between(self.began, at)));
        match &self.live {
            // Above the live lines, which are drawn again below it.
            Some(live) => live.all.suspend(|| self.printer.progress(&text)),
            None => self.printer.progress(&text),
        }
    }

    /// `ended`: whether it is where it ends up, and whether that is well.
    fn resource(&self, at: Timestamp, name: &str, state: &str, ended: Option<bool>) {
        let Some(live) = &self.live else {
            return self.line(at, &format!("{name}: {state}"));
        };
        if let Some(log) = self.log.get() {
            log.write(at, &format!("{name}: {state}"));
        }
        let mut bars = live.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let (bar, since) = bars.entry(name.to_owned()).or_insert_with(|| {
            let bar = live.all.add(ProgressBar::new_spinner());
            bar.set_prefix(name.to_owned());
            (bar, at)
        });
        let color = self.printer.colors_stderr();
        let paint = |style: anstyle::Style| if color { style } else { anstyle::Style::new() };
        let style = paint(match ended {
            Some(true) => GOOD,
            Some(false) => BAD,
            None => WARN,
        });
        bar.set_message(format!("{style}{state}{style:#}"));
        if ended.is_some() {
            bar.disable_steady_tick();
            bar.set_style(self.style(*since, Some(at)));
            bar.tick();
        } else {
            bar.set_style(self.style(*since, None));
            bar.enable_steady_tick(TICK);
        }
    }

    fn gone(&self, at: Timestamp, name: &str) {
        match &self.live {
            Some(live) => {
                if let Some(log) = self.log.get() {
                    log.write(at, &format!("{name}: gone"));
                }
                if let Some((bar, _)) = live.bars.lock().unwrap_or_else(PoisonError::into_inner).remove(name) {
                    bar.finish_and_clear();
                    live.all.remove(&bar);
                }
            }
            None => self.line(at, &format!("{name}: gone")),
        }
    }

    /// Time since the resource appeared (by the run's clock) or that it took, name, state. Not padded to the width: the terminal's own `^C` must find room.
    fn style(&self, since: Timestamp, until: Option<Timestamp>) -> ProgressStyle {
        let now = self.clock.clone();
        let took = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{:>6}", clock(between(since, until.unwrap_or_else(|| now.now()))));
        };
        ProgressStyle::with_template("{took}  {spinner} {prefix:28} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner())
            .with_key("took", took)
    }
}
