//! Shows the engine's events: one live line per resource on a terminal, one plain line per event elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jiff::Timestamp;
use jitsi_ops::clock::{Clock, between};
use jitsi_ops::event::{Event, EventKind};

use crate::printer::{FAINT, GOOD, HINT, Printer, Talk, WARN};
use crate::result::clock;

/// How often the spinners turn.
const TICK: Duration = Duration::from_millis(120);

/// Shows what happens, until it is dropped.
#[derive(Debug)]
pub struct Display {
    printer: Arc<Printer>,
    clock: Clock,
    began: Timestamp,
    live: Option<Live>,
}

#[derive(Debug)]
struct Live {
    all: MultiProgress,
    bars: Mutex<BTreeMap<String, ProgressBar>>,
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
        }
    }

    /// Shows one event.
    pub fn show(&self, event: Event) {
        match event.kind {
            EventKind::PreflightPassed { account } => {
                self.line(event.at, &format!("preflight passed, account {account}"))
            }
            EventKind::StepBegun { step } => self.detail(event.at, &format!("{FAINT}begin{FAINT:#} {step}")),
            EventKind::StepDone { step } => self.line(event.at, &format!("{GOOD}+{GOOD:#} {step}")),
            EventKind::StepWillBeRetried { step, reason } => {
                self.line(event.at, &format!("{WARN}will be retried:{WARN:#} {step}: {reason}"));
            }
            EventKind::Resource { name, state, settled } => self.resource(event.at, &name, &state, settled),
            EventKind::ResourceGone { name } => self.gone(event.at, &name),
            EventKind::Warning(warning) => {
                self.line(event.at, &format!("{WARN}warning:{WARN:#} {}", warning.message));
                if let Some(hint) = warning.hint {
                    self.line(event.at, &format!("  {HINT}hint:{HINT:#} {hint}"));
                }
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

    /// Takes the live lines away, so that the result stands alone.
    pub fn finish(&self) {
        if let Some(live) = &self.live {
            live.bars.lock().unwrap_or_else(PoisonError::into_inner).clear();
            let _ = live.all.clear();
        }
    }

    fn line(&self, at: Timestamp, text: &str) {
        let text = format!("{FAINT}{:>6}{FAINT:#}  {text}", clock(between(self.began, at)));
        match &self.live {
            // Above the live lines, which are drawn again below it.
            Some(live) => live.all.suspend(|| self.printer.progress(&text)),
            None => self.printer.progress(&text),
        }
    }

    fn detail(&self, at: Timestamp, text: &str) {
        if self.printer.talk >= Talk::Detail {
            self.line(at, text);
        }
    }

    fn resource(&self, at: Timestamp, name: &str, state: &str, settled: bool) {
        let Some(live) = &self.live else {
            return self.line(at, &format!("{name}: {state}"));
        };
        let mut bars = live.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(name.to_owned()).or_insert_with(|| {
            let bar = live.all.add(ProgressBar::new_spinner());
            bar.set_style(self.style(at));
            bar.set_prefix(name.to_owned());
            bar
        });
        let color = self.printer.colors_stderr();
        let paint = |style: anstyle::Style| if color { style } else { anstyle::Style::new() };
        let style = paint(if settled { GOOD } else { WARN });
        bar.set_message(format!("{style}{state}{style:#}"));
        if settled {
            bar.disable_steady_tick();
            bar.tick();
        } else {
            bar.enable_steady_tick(TICK);
        }
    }

    fn gone(&self, at: Timestamp, name: &str) {
        match &self.live {
            Some(live) => {
                if let Some(bar) = live.bars.lock().unwrap_or_else(PoisonError::into_inner).remove(name) {
                    bar.finish_and_clear();
                    live.all.remove(&bar);
                }
            }
            None => self.line(at, &format!("{name}: gone")),
        }
    }

    /// Spinner, time since the resource appeared (by the run's clock), name, state; cut at the terminal's width.
    fn style(&self, since: Timestamp) -> ProgressStyle {
        let now = self.clock.clone();
        let took = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = write!(out, "{:>6}", clock(between(since, now.now())));
        };
        ProgressStyle::with_template("{took} {spinner} {prefix}  {wide_msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner())
            .with_key("took", took)
    }
}
