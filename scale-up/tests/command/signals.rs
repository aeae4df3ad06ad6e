//! Ctrl-C, SIGTERM and a closed terminal, as the real command meets them.

use command_stand::{Signal, Stand};

use crate::COMMAND;

#[test]
fn each_signal_that_means_stop_brings_an_early_start_back_to_zero() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let stand = Stand::of(COMMAND);
        // So slow that the task has not run when the signal comes, on a busy machine either.
        let mut run = stand.start(["--sandbox"], 5);
        run.says("CreateTargetGroup");
        run.send(signal);
        assert_eq!(run.ends(), Some(130), "{signal}");
        assert_eq!(stand.still_billing(), [""; 0], "{signal}");
    }
}

#[test]
fn the_second_ctrl_c_leaves_everything_at_once() {
    let stand = Stand::of(COMMAND);
    // In real time bringing everything back takes some ten seconds, of which the second signal leaves nearly all.
    let mut run = stand.start(["--sandbox"], 1);
    run.says("load balancer: provisioning");
    run.send(Signal::SIGINT);
    run.says("press Ctrl-C again");
    run.send(Signal::SIGINT);
    assert_eq!(run.ends(), Some(130));
    assert!(stand.still_billing().contains(&"network-load-balancer".to_owned()));
}
