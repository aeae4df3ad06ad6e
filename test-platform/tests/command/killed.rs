//! Killed in any phase: whoever scales down next leaves nothing.

use command_stand::{Signal, Stand};

use crate::COMMAND;

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
