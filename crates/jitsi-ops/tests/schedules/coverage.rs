//! How often each kind of fault met each phase of a run: a schedule in which nothing goes wrong shows nothing.

use std::collections::BTreeMap;
use std::fmt;

use aws_sandbox::Call;

use crate::judge::{first_changes, task_was_billed};
use crate::play::Story;

/// Where a run was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// Before the first change of the platform.
    Looking,
    /// On the way up, from the first change on.
    Raising,
    /// On the way down, from the first change on, while a task is still there.
    TasksEnd,
    /// On the way down, when no task is there any more.
    Deleting,
}

const PHASES: [Phase; 4] = [Phase::Looking, Phase::Raising, Phase::TasksEnd, Phase::Deleting];

/// As the call log names them, by their beginnings.
const FAULTS: [&str; 8] = [
    "throttled",
    "server error",
    "unavailable",
    "access denied",
    "dropped before",
    "dropped after",
    "takes effect",
    "stale",
];

/// How often each cell must have been met in a long run.
const OFTEN: usize = 20;

/// Counts over many stories.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage(BTreeMap<(&'static str, Phase), usize>);

impl Coverage {
    pub(crate) fn count(&mut self, story: &Story) {
        let (calls, bill) = (story.sandbox.calls(), story.sandbox.bill());
        let first = first_changes(&calls);
        for call in calls.iter().filter(|call| story.troubled.contains(&call.access_key)) {
            let Some(fault) = fault(call) else { continue };
            let going_up = story
                .runs
                .iter()
                .any(|run| run.key == call.access_key && run.goal.is_up());
            let changed = first.get(&call.access_key).is_some_and(|first| call.number >= *first);
            let phase = match (changed, going_up) {
                (false, _) => Phase::Looking,
                (true, true) => Phase::Raising,
                (true, false) if task_was_billed(&bill, call.at) => Phase::TasksEnd,
                (true, false) => Phase::Deleting,
            };
            *self.0.entry((fault, phase)).or_default() += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (cell, count) in &other.0 {
            *self.0.entry(*cell).or_default() += count;
        }
    }

    fn of(&self, fault: &'static str, phase: Phase) -> usize {
        self.0.get(&(fault, phase)).copied().unwrap_or_default()
    }

    /// Cells that can occur and were not met often enough.
    pub(crate) fn rare(&self) -> Vec<String> {
        // Only a change can take effect late, and with the first one the looking is over.
        let possible = |fault: &str, phase: Phase| !(fault == "takes effect" && phase == Phase::Looking);
        let cells = FAULTS.iter().flat_map(|fault| PHASES.map(|phase| (*fault, phase)));
        cells
            .filter(|(fault, phase)| possible(fault, *phase) && self.of(fault, *phase) < OFTEN)
            .map(|(fault, phase)| format!("`{fault}` while {phase:?}: {}", self.of(fault, phase)))
            .collect()
    }
}

fn fault(call: &Call) -> Option<&'static str> {
    let struck = call.fault.as_deref()?;
    FAULTS.into_iter().find(|fault| struck.starts_with(fault))
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<16}", "")?;
        for phase in PHASES {
            write!(f, "{:>10}", format!("{phase:?}"))?;
        }
        for fault in FAULTS {
            write!(f, "\n{fault:<16}")?;
            for phase in PHASES {
                write!(f, "{:>10}", self.of(fault, phase))?;
            }
        }
        Ok(())
    }
}
