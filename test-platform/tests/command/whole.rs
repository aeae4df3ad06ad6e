//! Whole runs that end well.

use command_stand::Stand;

use crate::COMMAND;
use crate::story::Story;

const RUNGS: [&str; 5] = ["L0 page", "L1 config", "L2 signalling", "L3 login", "L4 conference"];

#[test]
fn from_zero_ten_phases_pass_up_to_a_room_that_is_ready_and_nothing_bills_afterwards() {
    let stand = Stand::of(COMMAND);
    let story = Story::of(&stand, &[]);
    assert_eq!(story.code, 0, "{}", story.whole());
    assert_eq!(story.phases("passed").len(), 10, "{}", story.whole());
    assert_eq!(
        story.checks("jitsi"),
        RUNGS.map(|rung| (rung, "pass")),
        "{}",
        story.whole()
    );
    let (found, restored) = (&story.told["found"], &story.told["restored"]);
    assert_eq!((found.as_str(), restored.as_str()), (Some("standby"), Some("as-found")));
    assert!(
        story.told["summary"]
            .as_str()
            .unwrap()
            .contains("video bridge and the path of media were not tested")
    );
    assert_eq!(stand.still_billing(), Vec::<String>::new());
    // Nobody has to wait for its lock.
    let again = Story::of(&stand, &["--phase", "initial-status,scale-up", "--lock-wait", "0s"]);
    assert_eq!(again.code, 0, "{}", again.whole());
}

#[test]
fn the_log_has_every_phase_with_its_time() {
    let stand = Stand::of(COMMAND);
    let story = Story::of(&stand, &["-q"]);
    let log = std::fs::read_to_string(story.told["log"].as_str().unwrap()).unwrap();
    for phase in story.phases("passed") {
        let lines = log.lines().filter(|line| line.contains(&format!(" {phase}: ")));
        assert!(lines.count() >= 2, "{phase}: {log}");
    }
    for line in log.lines() {
        let (time, _) = line.split_once(' ').unwrap();
        assert!(time.starts_with("2026-") && time.ends_with('Z'), "{line}");
    }
    assert!(log.contains("CreateLoadBalancer"), "{log}");
    assert!(log.contains("L4 conference: pass"), "{log}");
}

#[test]
fn what_was_up_is_up_afterwards_with_the_same_task_and_nothing_was_changed() {
    let stand = Stand::up(COMMAND);
    let (before, calls) = (stand.still_billing(), changes(&stand));
    let story = Story::of(&stand, &[]);
    assert_eq!(story.code, 0, "{}", story.whole());
    assert_eq!(story.phases("passed").len(), 10, "{}", story.whole());
    assert_eq!(story.told["found"], "active");
    assert_eq!(story.told["restored"], "as-found");
    assert!(
        story.why("final-status", "lasted").starts_with("still task"),
        "{}",
        story.whole()
    );
    assert_eq!(stand.still_billing(), before);
    assert_eq!(changes(&stand), calls, "something beside lock and journal was changed");
}

/// Calls that have changed the platform itself.
fn changes(stand: &Stand) -> Vec<String> {
    let calls = stand.calls().into_iter();
    let mutating = calls.filter(|call| call.mutating && call.service != "s3");
    mutating.map(|call| call.operation).collect()
}

#[test]
fn without_scaling_only_what_is_up_is_tested() {
    let stand = Stand::up(COMMAND);
    let calls = stand.mutating_calls();
    let story = Story::of(&stand, &["--no-scale"]);
    assert_eq!(story.code, 0, "{}", story.whole());
    assert_eq!(story.phases("skipped"), ["scale-up", "restore", "clean-up"]);
    assert_eq!(stand.mutating_calls(), calls, "not even the lock is taken");
    assert_eq!(story.told["restored"], serde_json::Value::Null);
    let stand = Stand::of(COMMAND);
    let story = Story::of(&stand, &["--no-scale"]);
    assert_eq!(story.code, 3, "{}", story.whole());
    assert_eq!(story.phases("failed"), ["health"], "{}", story.whole());
    assert_eq!(stand.mutating_calls(), 0);
}

#[test]
fn chosen_phases_run_alone_and_what_was_brought_up_goes_down_all_the_same() {
    let stand = Stand::up(COMMAND);
    let story = Story::of(&stand, &["--phase", "jitsi"]);
    assert_eq!(
        (story.code, story.phases("passed")),
        (0, vec!["jitsi"]),
        "{}",
        story.whole()
    );
    let stand = Stand::of(COMMAND);
    let story = Story::of(&stand, &["--phase", "scale-up,certificate"]);
    assert_eq!(story.code, 0, "{}", story.whole());
    assert_eq!(
        story.phases("passed"),
        ["scale-up", "certificate", "restore"],
        "{}",
        story.whole()
    );
    assert_eq!(stand.still_billing(), Vec::<String>::new());
}
