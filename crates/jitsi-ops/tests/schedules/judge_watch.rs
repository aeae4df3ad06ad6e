//! What must hold of a watch: it holds the lock for each change, and leaves targets alone while no task is asked for.

use aws_sandbox::Call;

use crate::judge::changes_platform;
use crate::play::Story;
use crate::run::{End, Ended};
use crate::schedule::Goal;

pub(crate) fn judge(story: &Story) -> Vec<String> {
    let calls = story.sandbox.calls();
    let watches = story.runs.iter().filter(|run| run.goal == Goal::Watch);
    watches.flat_map(|run| of_one(run, &calls)).collect()
}

fn of_one(run: &Ended, calls: &[Call]) -> Vec<String> {
    let mut wrong = Vec::new();
    for targets in run.targets.iter().filter(|it| it.desired == 0) {
        wrong.push(format!(
            "the watch sent {} at {}, while no task was asked for",
            targets.operation, targets.at
        ));
    }
    let of_run = || calls.iter().filter(|call| call.access_key == run.key);
    // Where the bucket may not be found there is only the lock of this machine.
    let of_machine = of_run().any(|call| call.operation == "ListBuckets" && call.status == 403);
    let mut locked = false;
    for call in of_run() {
        if call.service == "s3" && call.resource.contains("ops-lock/") {
            match call.operation.as_str() {
                "PutObject" if may_have_happened(call) => locked = true,
                "DeleteObject" if may_have_happened(call) => locked = false,
                _ => {}
            }
        } else if changes_platform(call) {
            if !matches!(call.operation.as_str(), "RegisterTargets" | "DeregisterTargets") {
                wrong.push(format!("the watch made a call {}", call.operation));
            }
            if !locked && !of_machine {
                wrong.push(format!("the watch changed something at {} without the lock", call.at));
            }
        }
    }
    // A permission that is missing for the lock is for a person to mend.
    let may_not_lock = run
        .told
        .last()
        .is_some_and(|told| told.contains("may not keep the lock"));
    if !matches!(run.end, End::Watched | End::Killed) && !may_not_lock {
        wrong.push(format!(
            "the watch ended by itself: {:?} {:?}",
            run.end,
            run.told.last()
        ));
    }
    wrong
}

fn may_have_happened(call: &Call) -> bool {
    let lost = ["dropped after", "crashed after"];
    call.status == 200 || call.status == 204 || call.fault.as_deref().is_some_and(|fault| lost.contains(&fault))
}
