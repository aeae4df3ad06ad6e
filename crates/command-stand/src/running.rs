//! A command under way: what it says, and signals to it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Stdio};

pub use nix::sys::signal::Signal;
use nix::unistd::Pid;

/// A command that was started; what it prints on standard error is listened to. It does not outlive the test.
#[derive(Debug)]
pub struct Running {
    child: Child,
    said: BufReader<ChildStderr>,
    /// What it has said until now.
    heard: String,
}

/// A command that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None`: it was killed.
    pub code: Option<i32>,
    /// All of its standard error.
    pub said: String,
}

impl Running {
    /// Starts it.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            said,
            heard: String::new(),
        }
    }

    /// Waits until it has said so.
    #[track_caller]
    pub fn says(&mut self, what: &str) {
        let mut line = String::new();
        while !line.contains(what) {
            line.clear();
            let more = self.said.read_line(&mut line).unwrap() > 0;
            self.heard.push_str(&line);
            assert!(more, "ended without {what:?}:\n{}", self.heard);
        }
    }

    /// Waits for its end. What it has said from the beginning goes with it.
    pub fn output(mut self) -> Ended {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).unwrap();
        let code = self.child.wait().unwrap().code();
        let said = std::mem::take(&mut self.heard) + &rest;
        Ended { code, said }
    }

    /// Sends it a signal.
    pub fn send(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        nix::sys::signal::kill(Pid::from_raw(pid), signal).unwrap();
    }

    /// Waits for its end; the exit code. Somebody listens until then, or it would have nowhere to write to.
    pub fn ends(mut self) -> Option<i32> {
        (&mut self.said).lines().count();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may be over already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
