//! Ctrl-C, SIGTERM and a closed terminal, as the real command meets them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::stand::Stand;

/// Starts a run and waits until it has begun to make something.
fn in_the_middle(stand: &Stand) -> Child {
    // Slow enough that the task has not run when the signal comes.
    let mut command = stand.command(["--sandbox"]);
    command.env("AWS_SANDBOX_SPEED", "20");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("CreateTargetGroup") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "the run ended too early");
    }
    // Somebody has to go on listening, or the run would have nowhere to write to.
    std::thread::spawn(move || said.lines().count());
    child
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id() as i32), signal).unwrap();
}

#[test]
fn each_signal_that_means_stop_brings_an_early_start_back_to_zero() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let stand = Stand::new();
        let mut child = in_the_middle(&stand);
        send(&child, signal);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        assert_eq!(stand.still_billing(), [""; 0], "{signal}");
    }
}

#[test]
fn the_second_ctrl_c_leaves_everything_at_once() {
    let stand = Stand::new();
    let mut child = in_the_middle(&stand);
    send(&child, Signal::SIGINT);
    std::thread::sleep(std::time::Duration::from_millis(100));
    send(&child, Signal::SIGINT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(stand.still_billing().contains(&"network-load-balancer".to_owned()));
}
