//! What must hold of the zone: nobody of ours changes a stranger's record, and none of ours is left that leads to what is gone.
//! Judged by the sandbox's own history of the zone.

use std::collections::BTreeMap;

use aws_sandbox::{RecordChange, RecordSet, Sandbox};
use jiff::Timestamp;

use crate::play::Story;
use crate::run::{End, Ended};
use crate::schedule::Goal;
use crate::zone::{Use, ZONE, id_of_ours, is_at_name};

/// All changes of the zone.
pub(crate) fn changes(sandbox: &Sandbox) -> Vec<RecordChange> {
    sandbox.world(|world| world.record_changes(ZONE)).unwrap()
}

/// What was at the platform's name at a time, by type.
pub(crate) fn at_name(changes: &[RecordChange], at: Timestamp) -> Vec<RecordSet> {
    let mut there: BTreeMap<String, Option<RecordSet>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.at <= at) {
        if let Some(record) = change.record().filter(|it| is_at_name(it)) {
            there.insert(record.kind.clone(), change.after.clone());
        }
    }
    there.into_values().flatten().collect()
}

/// What is at the platform's name now, in words.
pub(crate) fn found(sandbox: &Sandbox, balancers: &[String]) -> &'static str {
    let (there, bill) = (at_name(&changes(sandbox), sandbox.now()), sandbox.bill());
    let exists = |(name, id): &(String, String)| exists(&bill, name, id, bill.at);
    match there.first().map(|record| id_of_ours(record, balancers)) {
        None => "nothing",
        Some(None) => "a stranger's",
        Some(Some(ours)) if exists(&ours) => "ours",
        Some(Some(_)) => "ours of a load balancer that is gone",
    }
}

/// Whether the load balancer is still there at a time. Nothing leads to one that is yet to come.
fn exists(bill: &aws_sandbox::Bill, name: &str, id: &str, at: Timestamp) -> bool {
    let is_it = |arn: &str| arn.ends_with(&format!("/{name}/{id}"));
    let mut balancers = bill.items.iter().filter(|item| item.kind == "network-load-balancer");
    balancers.any(|item| is_it(&item.arn) && item.until.is_none_or(|until| at < until))
}

/// What each run has done to the zone.
pub(crate) fn judge(story: &Story) -> Vec<String> {
    let changes = changes(&story.sandbox);
    let mut wrong: Vec<String> = changes
        .iter()
        .filter_map(|change| {
            let run = story.runs.iter().find(|run| Some(&run.key) == change.by.as_ref())?;
            let why = why_not(story, run, change)?;
            Some(format!("`{}` {why}: {change:?}", run.key))
        })
        .collect();
    // The history itself must be whole: then whatever stands there is as whoever came last has left it.
    let mut there: BTreeMap<(String, String), Option<RecordSet>> = BTreeMap::new();
    for change in &changes {
        let Some(record) = change.record() else { continue };
        let was = there.insert((record.name.clone(), record.kind.clone()), change.after.clone());
        if was.unwrap_or_default() != change.before {
            wrong.push(format!("somebody came unseen before {change:?}"));
        }
    }
    let now = story.sandbox.world(|world| world.records(ZONE)).unwrap();
    for (key, last) in there {
        let stands = now.iter().find(|it| (it.name.clone(), it.kind.clone()) == key);
        if stands != last.as_ref() {
            wrong.push(format!("{key:?} was left as {last:?}, and is {stands:?}"));
        }
    }
    wrong
}

/// Why a run may not make this change.
fn why_not(story: &Story, run: &Ended, change: &RecordChange) -> Option<&'static str> {
    let ours = |record: &RecordSet| id_of_ours(record, &story.balancers).is_some();
    let goes_up = run.goal.is_up();
    if change.before.as_ref().is_some_and(|before| !ours(before)) {
        Some("has changed a stranger's record")
    } else if change.after.as_ref().is_some_and(|after| !ours(after)) {
        Some("has put what is not ours")
    } else if story.dns == Use::None || run.goal == Goal::Watch {
        Some("has nothing to do with the zone")
    } else if !goes_up && change.after.is_some() {
        Some("goes down and has put a record")
    } else if story.dns == Use::Keep && change.after.is_none() {
        Some("has removed what is to be kept")
    } else {
        None
    }
}

/// What is wrong with the zone when this run says that the platform is at zero, or up.
pub(crate) fn at_end(story: &Story, run: &Ended) -> Option<String> {
    let (there, bill) = (at_name(&changes(&story.sandbox), run.ended), story.sandbox.bill());
    let ours = |record: &RecordSet| id_of_ours(record, &story.balancers);
    let exists = |(name, id): &(String, String)| exists(&bill, name, id, run.ended);
    if run.goal.is_up() && run.end != End::RolledBack {
        let in_peace = run.key.starts_with("again");
        let leads = there.iter().filter_map(ours).any(|it| exists(&it));
        return (in_peace && story.dns != Use::None && !leads).then(|| {
            format!(
                "`{}` says that it is up, and the name leads elsewhere: {there:?}",
                run.key
            )
        });
    }
    // The record of a load balancer under another name is told only by the load balancer, while it is there.
    let told = |(name, id): &(String, String)| *name == story.balancers[0] || self::exists(&bill, name, id, run.began);
    let left = there.iter().filter_map(ours).find(|it| told(it) && !exists(it))?;
    (story.dns == Use::Remove).then(|| format!("`{}` ended {:?}, and the name leads to {left:?}", run.key, run.end))
}
