//! How often each kind of zone was met, and each thing happened that has to do with it or with the watch: by the sandbox's
//! records, not by what was drawn.

use std::collections::BTreeMap;
use std::fmt;

use aws_sandbox::{Call, RecordChange};

use crate::judge_records::{at_name, changes};
use crate::play::Story;
use crate::run::{End, Ended};
use crate::schedule::Goal;
use crate::zone::{CHANGE, LIST, Use, id_of_ours};

const FOUND: [&str; 4] = [
    "nothing",
    "ours",
    "ours of a load balancer that is gone",
    "a stranger's",
];

/// What must have happened in a long run, and how often at least.
const EVENTS: [(&str, usize); 17] = [
    ("a stranger came between look and change on the way up", 20),
    ("a stranger came between look and change on the way down", 20),
    ("a stranger came right after a look on the way down", 20),
    ("a stranger came right after a change on the way down", 20),
    ("a stranger came during a way down", 20),
    ("a stranger took our record away", 20),
    ("a stranger replaced a stranger's record", 20),
    ("a call for the zone went wrong", 20),
    ("a way up put our record", 20),
    ("a way up replaced our record of an earlier load balancer", 20),
    ("a way down removed our record", 20),
    ("zero beside a stranger's record", 20),
    ("zero beside a record that is kept", 20),
    ("a watch beside a way down to zero", 20),
    ("a watch looked at a platform at zero", 20),
    ("a watch registered", 20),
    ("a watch deregistered", 20),
];

/// Counts over many stories.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, usize>);

impl Tally {
    pub(crate) fn count(&mut self, story: &Story) {
        self.hit(&world(story.dns, story.found));
        let (calls, changes) = (story.sandbox.calls(), changes(&story.sandbox));
        for call in &calls {
            if let Some(run) = story.runs.iter().find(|run| run.key == call.access_key) {
                self.call(run, call);
            }
        }
        for change in &changes {
            match story.runs.iter().find(|run| Some(&run.key) == change.by.as_ref()) {
                Some(run) => self.ours(run, change),
                None if change.by.is_none() => self.strangers(story, change),
                None => {}
            }
        }
        for run in &story.runs {
            if run.goal == Goal::Watch {
                self.watch(story, run, &calls);
            } else if run.goal.is_down() && matches!(run.end, End::Reached { .. }) {
                let there = at_name(&changes, run.ended);
                let ours = |record| id_of_ours(record, &story.balancers).is_some();
                if story.dns == Use::Remove && !there.is_empty() && !there.iter().any(ours) {
                    self.hit("zero beside a stranger's record");
                }
                if story.dns == Use::Keep && there.iter().any(ours) {
                    self.hit("zero beside a record that is kept");
                }
            }
        }
    }

    fn call(&mut self, run: &Ended, call: &Call) {
        let way = if run.goal.is_up() { "up" } else { "down" };
        let fault = call.fault.as_deref().unwrap_or_default();
        let refused = call.error.as_deref() == Some("InvalidChangeBatch");
        match (call.operation.as_str(), fault) {
            (CHANGE, "a stranger came before") if refused => {
                self.hit(&format!("a stranger came between look and change on the way {way}"));
            }
            (CHANGE, "a stranger came after") => {
                self.hit(&format!("a stranger came right after a change on the way {way}"));
            }
            (LIST, "a stranger came after") => {
                self.hit(&format!("a stranger came right after a look on the way {way}"))
            }
            (CHANGE | LIST, fault) if !fault.is_empty() && !fault.starts_with("a stranger") => {
                self.hit("a call for the zone went wrong");
            }
            _ => {}
        }
    }

    fn ours(&mut self, run: &Ended, change: &RecordChange) {
        match (run.goal.is_up(), &change.before, &change.after) {
            (true, None, Some(_)) => self.hit("a way up put our record"),
            (true, Some(_), Some(_)) => self.hit("a way up replaced our record of an earlier load balancer"),
            (false, Some(_), None) => self.hit("a way down removed our record"),
            _ => {}
        }
    }

    fn strangers(&mut self, story: &Story, change: &RecordChange) {
        let at_work = |run: &&Ended| run.goal.is_down() && (run.began..=run.ended).contains(&change.at);
        if !story.runs.iter().any(|run| at_work(&run)) {
            return;
        }
        self.hit("a stranger came during a way down");
        let ours = change
            .before
            .as_ref()
            .map(|it| id_of_ours(it, &story.balancers).is_some());
        match (ours, &change.after) {
            (Some(true), None) => self.hit("a stranger took our record away"),
            (Some(false), Some(_)) => self.hit("a stranger replaced a stranger's record"),
            _ => {}
        }
    }

    fn watch(&mut self, story: &Story, watch: &Ended, calls: &[Call]) {
        for targets in &watch.targets {
            let what = if targets.operation == "RegisterTargets" {
                "registered"
            } else {
                "deregistered"
            };
            self.hit(&format!("a watch {what}"));
        }
        let zero = |run: &&Ended| {
            run.goal.is_down()
                && matches!(run.end, End::Reached { .. })
                && (watch.began..watch.ended).contains(&run.ended)
        };
        let Some(down) = story.runs.iter().find(zero) else {
            return;
        };
        self.hit("a watch beside a way down to zero");
        let looks = |call: &Call| call.access_key == watch.key && call.at > down.ended && call.status == 200;
        if calls.iter().any(looks) {
            self.hit("a watch looked at a platform at zero");
        }
    }

    fn hit(&mut self, what: &str) {
        *self.0.entry(what.to_owned()).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what.clone()).or_default() += count;
        }
    }

    fn of(&self, what: &str) -> usize {
        self.0.get(what).copied().unwrap_or_default()
    }

    /// What was not met often enough.
    pub(crate) fn rare(&self) -> Vec<String> {
        expected()
            .filter(|(what, least)| self.of(what) < *least)
            .map(|(what, least)| format!("{what}: {} of {least}", self.of(&what)))
            .collect()
    }
}

fn world(dns: Use, found: &str) -> String {
    format!("{dns:?}, found {found}")
}

fn expected() -> impl Iterator<Item = (String, usize)> {
    let uses = [Use::None, Use::Remove, Use::Keep];
    let worlds = uses.into_iter().flat_map(|dns| FOUND.map(|found| world(dns, found)));
    let events = EVENTS.iter().map(|(event, least)| ((*event).to_owned(), *least));
    worlds.map(|world| (world, 20)).chain(events)
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, _) in expected() {
            writeln!(f, "{:>7}  {what}", self.of(&what))?;
        }
        Ok(())
    }
}
