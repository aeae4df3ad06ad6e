//! What still costs money, and the commands that end it.

use serde::Serialize;

use crate::memory::Memory;
use crate::observation::Observation;
use crate::ownership;
use crate::reading::Reading;
use crate::step::Step;
use crate::wanted::Wanted;

/// Something that costs money by the hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Billing {
    /// `load balancer` or `task`.
    pub kind: &'static str,
    /// Its name or id.
    pub name: String,
    /// Its ARN, if AWS has told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Whether the last look showed it. Otherwise an earlier look did, or a call may have made it, or nobody could look.
    pub certain: bool,
}

/// What of this platform costs money now, or may: by the last look, by earlier ones where that failed, and by calls that
/// were not answered. What nobody could look at is not taken to be absent.
pub fn billing(wanted: &Wanted, seen: &Observation, memory: &Memory) -> Vec<Billing> {
    let elsewhere = |account: &str| wanted.account_id.as_ref().is_some_and(|ours| ours != account);
    if seen.account().is_some_and(elsewhere) {
        return Vec::new();
    }
    balancer(wanted, seen, memory)
        .into_iter()
        .chain(tasks(wanted, seen, memory))
        .collect()
}

fn balancer(wanted: &Wanted, seen: &Observation, memory: &Memory) -> Option<Billing> {
    let maybe_made = memory
        .unanswered
        .iter()
        .any(|(step, _)| matches!(step, Step::CreateLoadBalancer { .. }));
    let (known, certain) = match &seen.load_balancer {
        Reading::Here(balancer) => (Some(balancer), true),
        Reading::Absent if !maybe_made => return None,
        Reading::NotRead if !maybe_made && memory.last_seen.balancer.is_none() => return None,
        _ => (memory.last_seen.balancer.as_ref(), false),
    };
    // One that is not ours is somebody else's bill.
    if known.is_some_and(|balancer| ownership::is_ours(seen, &balancer.arn) == Some(false)) {
        return None;
    }
    Some(Billing {
        kind: "load balancer",
        name: wanted.load_balancer.clone(),
        arn: known.map(|balancer| balancer.arn.clone()),
        certain,
    })
}

fn tasks(wanted: &Wanted, seen: &Observation, memory: &Memory) -> Vec<Billing> {
    let (tasks, certain) = match &seen.tasks {
        Reading::Here(tasks) => (tasks, true),
        _ => (&memory.last_seen.tasks, false),
    };
    let found: Vec<Billing> = tasks
        .iter()
        .filter(|t| !t.is_stopped())
        .map(|task| Billing {
            kind: "task",
            name: task.id().to_owned(),
            arn: Some(task.arn.clone()),
            certain,
        })
        .collect();
    if !found.is_empty() {
        return found;
    }
    let asked = seen.service.here().map(|s| s.desired);
    let maybe = asked.unwrap_or(memory.last_seen.desired) > 0 || memory.may_have_raised() && asked != Some(0);
    let unanswered = memory
        .unanswered
        .iter()
        .any(|(step, _)| matches!(step, Step::RaiseDesiredCount { .. }));
    if !(maybe || unanswered) {
        return Vec::new();
    }
    vec![Billing {
        kind: "task",
        name: format!("of service {}", wanted.service),
        arn: None,
        certain: asked.is_some_and(|desired| desired > 0),
    }]
}

/// What to do about what still costs money: the command that ends it. It looks again for what could not be seen, and
/// refuses while somebody is in a meeting.
pub fn hint(wanted: &Wanted) -> String {
    format!("to end what costs money: `scale-down{}`", wanted.further.flags)
}
