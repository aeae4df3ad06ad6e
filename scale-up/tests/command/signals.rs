//! Ctrl-C, SIGTERM and a closed terminal, as the real command meets them.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::stand::Stand;

/// A run under way, and what it says.
struct Run {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Run {
    fn start(stand: &Stand, speed: &str) -> Self {
        let mut command = stand.command(["--sandbox"]);
        command.env("AWS_SANDBOX_SPEED", speed);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Self { child, said }
    }

    /// Waits until the run has said so.
    #[track_caller]
    fn says(&mut self, what: &str) {
        let mut line = String::new();
        while !line.contains(what) {
            line.clear();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "ended without {what:?}");
        }
    }

    fn send(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
    }

    /// The exit code. Somebody listens until the end, or the run would have nowhere to write to.
    fn ends(mut self) -> Option<i32> {
        self.said.lines().count();
        self.child.wait().unwrap().code()
    }
}

#[test]
fn each_signal_that_means_stop_brings_an_early_start_back_to_zero() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let stand = Stand::new();
        // So slow that the task has not run when the signal comes, on a busy machine either.
        let mut run = Run::start(&stand, "5");
        run.says("CreateTargetGroup");
        run.send(signal);
        assert_eq!(run.ends(), Some(130), "{signal}");
        assert_eq!(stand.still_billing(), [""; 0], "{signal}");
    }
}

#[test]
fn the_second_ctrl_c_leaves_everything_at_once() {
    let stand = Stand::new();
    // In real time bringing everything back takes some ten seconds, of which the second signal leaves nearly all.
    let mut run = Run::start(&stand, "1");
    run.says("load balancer: provisioning");
    run.send(Signal::SIGINT);
    run.says("press Ctrl-C again");
    run.send(Signal::SIGINT);
    assert_eq!(run.ends(), Some(130));
    assert!(stand.still_billing().contains(&"network-load-balancer".to_owned()));
}
