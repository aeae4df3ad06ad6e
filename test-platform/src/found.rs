//! What the platform was before the test, so that it can be that again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jitsi_ops::journal::{Entry, Outcome as Entered};
use jitsi_ops::plan::orphans;
use jitsi_ops::state::{Assessment, State};
use jitsi_ops::survey::Survey;
use jitsi_ops::tenure::TEST_PLATFORM;
use jitsi_ops::wanted::Wanted;

/// What the journal says of a test that has ended well.
pub(crate) const WORD_PASSED: &str = "passed";
/// What it says of one that has left the platform up, as it was told to.
pub(crate) const WORD_KEPT: &str = "kept";

/// The platform as it was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) state: State,
    pub(crate) desired: u32,
    pub(crate) bills: Bills,
    /// When the test began that has left it so, and found it at zero.
    pub(crate) left_since: Option<Timestamp>,
}

impl Found {
    /// `None`: what decides could not be read.
    pub(crate) fn of(survey: &Survey, wanted: &Wanted) -> Option<Self> {
        let state = Assessment::of(wanted, &survey.seen).state;
        let desired = survey.seen.service.here()?.desired;
        let bills = Bills::of(survey, wanted)?;
        (state != State::Unknown).then_some(Self {
            state,
            desired,
            bills,
            left_since: None,
        })
    }

    /// Whether somebody has asked for the platform before the test. One that a test has left up is nobody's.
    pub(crate) fn was_up(&self) -> bool {
        self.desired > 0 && self.left_since.is_none()
    }
}

/// What costs money by the hour: the platform's own, and what is related by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bills {
    /// Load balancers: ARN and name.
    balancers: BTreeMap<String, String>,
    /// The ARN of that under the configured name.
    own: Option<String>,
    /// Ids of tasks that have not stopped.
    pub(crate) tasks: BTreeSet<String>,
}

impl Bills {
    /// `None`: not all of it could be read.
    pub(crate) fn of(survey: &Survey, wanted: &Wanted) -> Option<Self> {
        let seen = &survey.seen;
        let (fleet, service) = (seen.fleet.here()?, seen.service.here()?);
        let tasks = tasks_of(survey)?;
        if !seen.load_balancer.is_known() {
            return None;
        }
        let (ours, _) = orphans::of_ours(fleet, wanted, service);
        let related = orphans::related(fleet, wanted);
        let listed = ours.into_iter().chain(related);
        let listed = listed.filter(|found| fleet.balancers.contains(found));
        let mut balancers: BTreeMap<String, String> =
            listed.map(|found| (found.arn.clone(), found.name.clone())).collect();
        let own = seen.load_balancer.here();
        balancers.extend(own.map(|own| (own.arn.clone(), own.name.clone())));
        let own = own.map(|own| own.arn.clone());
        Some(Self { balancers, own, tasks })
    }

    /// What of this did not bill when it was found. A task in the place of another is nothing new, nor is a platform's own load
    /// balancer where the platform was up and lacked it.
    pub(crate) fn beyond(&self, found: &Found) -> Vec<String> {
        let before = &found.bills;
        let lacked = |arn: &str| found.was_up() && self.own.as_deref() == Some(arn);
        let balancers = self
            .balancers
            .iter()
            .filter(|(arn, _)| !before.balancers.contains_key(*arn) && !lacked(arn));
        let mut new: Vec<String> = balancers.map(|(_, name)| format!("load balancer `{name}`")).collect();
        let fresh = self.tasks.difference(&before.tasks);
        let more = self.tasks.len().saturating_sub(before.tasks.len());
        new.extend(fresh.take(more).map(|id| format!("task {}", short(id))));
        new
    }

    /// All of it by name.
    pub(crate) fn names(&self) -> Vec<String> {
        let balancers = self.balancers.values().map(|name| format!("load balancer `{name}`"));
        let tasks = self.tasks.iter().map(|id| format!("task {}", short(id)));
        balancers.chain(tasks).collect()
    }

    /// In a few words.
    pub(crate) fn told(&self) -> String {
        let count = |n: usize, one: &str| match n {
            1 => format!("1 {one}"),
            n => format!("{n} {one}s"),
        };
        match (self.balancers.len(), self.tasks.len()) {
            (0, 0) => "nothing bills by the hour".to_owned(),
            (balancers, 0) => format!("{} bill", count(balancers, "load balancer")),
            (0, tasks) => format!("{} bill", count(tasks, "task")),
            (balancers, tasks) => format!(
                "{} and {} bill",
                count(balancers, "load balancer"),
                count(tasks, "task")
            ),
        }
    }
}

/// When the test began that has left the platform up, though it found it at zero: it was killed. Tests after it that were killed, too,
/// found it up. Where anybody else has closed its entry since, they know of the platform, and it is theirs. The newest entry is the
/// last.
pub(crate) fn left_by_a_test(entries: &[Entry]) -> Option<Timestamp> {
    let killed = entries.iter().rev().enumerate().take_while(|(age, entry)| {
        let died = match entry.outcome {
            Entered::Begun => true,
            // Closed by the test after it.
            Entered::Unknown => *age > 0,
            Entered::Ended(_) => false,
        };
        entry.operation == TEST_PLATFORM && died
    });
    let mut from_zero = killed.filter(|(_, entry)| entry.from_state.as_deref() == Some(State::Standby.as_str()));
    from_zero.next().map(|(_, entry)| entry.began)
}

/// Ids of the tasks that have not stopped; `None`: they could not be read.
pub(crate) fn tasks_of(survey: &Survey) -> Option<BTreeSet<String>> {
    let alive = survey.seen.tasks.here()?.iter().filter(|task| !task.is_stopped());
    Some(alive.map(|task| task.id().to_owned()).collect())
}

/// As `status` shows a task.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use jitsi_ops::identity::{PlatformKey, Who};

    use super::*;

    fn bills(balancers: &[&str], tasks: &[&str]) -> Bills {
        Bills {
            balancers: balancers
                .iter()
                .map(|name| (format!("arn:{name}"), (*name).to_owned()))
                .collect(),
            own: balancers
                .iter()
                .find(|name| **name == "ours")
                .map(|name| format!("arn:{name}")),
            tasks: tasks.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    fn found(desired: u32, bills: Bills) -> Found {
        Found {
            state: State::Degraded,
            desired,
            bills,
            left_since: None,
        }
    }

    #[test]
    fn what_bills_beyond_before_is_named_and_a_replaced_task_is_nothing_new() {
        let before = found(0, bills(&["theirs"], &["0123456789"]));
        assert_eq!(
            bills(&["theirs"], &["fedcba9876"]).beyond(&before),
            Vec::<String>::new()
        );
        assert_eq!(bills(&[], &[]).beyond(&before), Vec::<String>::new());
        let more = bills(&["theirs", "ours"], &["0123456789", "fedcba9876"]);
        assert_eq!(more.beyond(&before), ["load balancer `ours`", "task fedcba98"]);
    }

    #[test]
    fn what_a_platform_that_was_up_lacked_is_meant_to_be_there() {
        let before = found(1, bills(&[], &["0123456789"]));
        assert_eq!(bills(&["ours"], &["0123456789"]).beyond(&before), Vec::<String>::new());
        let more = bills(&["ours", "theirs"], &["0123456789"]);
        assert_eq!(more.beyond(&before), ["load balancer `theirs`"]);
    }

    #[test]
    fn what_bills_is_counted_in_words() {
        assert_eq!(bills(&[], &[]).told(), "nothing bills by the hour");
        assert_eq!(bills(&["a"], &["b"]).told(), "1 load balancer and 1 task bill");
        assert_eq!(bills(&["a", "c"], &[]).told(), "2 load balancers bill");
    }

    fn entry(operation: &'static str, from: &str, outcome: Entered, to: Option<&str>) -> Entry {
        let platform = PlatformKey {
            account: "123456789012".to_owned(),
            region: "us-west-2".to_owned(),
            cluster: "cluster".to_owned(),
            service: "service".to_owned(),
        };
        let who = Who {
            user: "maria".to_owned(),
            host: "laptop".to_owned(),
        };
        let mut entry = Entry::begun(operation, platform, None, &who, "1", Timestamp::UNIX_EPOCH);
        entry.from_state = Some(from.to_owned());
        entry.to_state = to.map(str::to_owned);
        entry.outcome = outcome;
        entry
    }

    #[test]
    fn what_a_test_has_left_up_is_nobodys() {
        let killed = || entry(TEST_PLATFORM, "standby", Entered::Begun, None);
        let closed = || entry(TEST_PLATFORM, "standby", Entered::Unknown, Some("active"));
        let then = || entry(TEST_PLATFORM, "active", Entered::Begun, None);
        assert!(left_by_a_test(&[killed()]).is_some());
        assert!(
            left_by_a_test(&[closed(), then()]).is_some(),
            "also if the next one was killed, too"
        );
    }

    #[test]
    fn what_somebody_may_want_up_is_not_left_by_a_test() {
        let ended = |word: &str| Entered::Ended(word.to_owned());
        let of_a_test = |from, outcome| entry(TEST_PLATFORM, from, outcome, Some("active"));
        for not_left in [
            vec![],
            vec![of_a_test("active", Entered::Begun)],
            // A scale-up that had nothing to change has closed it.
            vec![of_a_test("standby", Entered::Unknown)],
            vec![
                of_a_test("standby", Entered::Unknown),
                entry("scale-up", "active", ended("repaired"), Some("active")),
            ],
            vec![of_a_test("standby", ended(WORD_KEPT))],
            vec![of_a_test("standby", ended("failed"))],
        ] {
            assert_eq!(left_by_a_test(&not_left), None, "{not_left:?}");
        }
    }
}
