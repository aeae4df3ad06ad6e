//! Killed in any phase: whoever scales down next leaves nothing.

use command_stand::{Signal, Stand};

use crate::COMMAND;
use crate::story::Story;

/// Begins a test, kills it as soon as it has said this, and brings the platform down.
#[track_caller]
fn killed_at(moment: &str) {
    let stand = Stand::of(COMMAND);
    let mut run = stand.start(["--sandbox"], 200);
    run.says(moment);
    run.send(Signal::SIGKILL);
    let output = run.output();
    assert_eq!(output.code, None, "{moment}: {}", output.said);
    stand.lower();
    assert_eq!(stand.still_billing(), Vec::<String>::new(), "{moment}");
}

#[test]
fn killed_before_it_is_up_the_next_scale_down_is_clean() {
    for moment in [
        "1 prerequisites: as",
        "2 initial-status: it",
        "3 scale-up: load",
        "+ CreateTargetGroup",
    ] {
        killed_at(moment);
    }
}

#[test]
fn killed_while_it_looks_the_next_scale_down_is_clean() {
    for moment in ["4 health: tasks", "5 certificate: the", "6 https: the", "7 jitsi: a"] {
        killed_at(moment);
    }
}

#[test]
fn killed_while_it_goes_down_the_next_scale_down_is_clean() {
    for moment in [
        "8 final-status: the",
        "9 restore: the",
        "+ DeregisterTargets",
        "10 clean-up: nothing",
    ] {
        killed_at(moment);
    }
}

#[test]
fn what_a_killed_test_has_left_up_is_taken_down_by_the_next_one() {
    let stand = Stand::of(COMMAND);
    for moment in ["3 scale-up: passed", "5 certificate: passed"] {
        let mut run = stand.start(["--sandbox"], 200);
        run.says(moment);
        run.send(Signal::SIGKILL);
        assert_eq!(run.output().code, None, "{moment}");
        stand.advance(1_800);
    }
    let story = Story::of(&stand, &["--skip", "https"]);
    assert_eq!(story.code, 0, "{}", story.whole());
    assert_eq!(
        (&story.told["found"], &story.told["restored"]),
        (&"active".into(), &"put-right".into())
    );
    assert!(
        story
            .why("initial-status", "left")
            .contains("it was at zero before that"),
        "{}",
        story.whole()
    );
    assert_eq!(stand.still_billing(), Vec::<String>::new());
}
