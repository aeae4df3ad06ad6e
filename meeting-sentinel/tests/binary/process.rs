//! The real binary, as ECS would start it: an environment, no arguments, its standard error read.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::fake::{DEADLINE, Fake};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_meeting-sentinel");

/// Slow enough that a busy machine does not look like something that hangs.
pub(crate) const CALM: [(&str, &str); 3] = [
    ("SENTINEL_INTERVAL", "500ms"),
    ("SENTINEL_TIMEOUT", "450ms"),
    ("SENTINEL_AGENT_TIMEOUT", "450ms"),
];

#[derive(Default)]
struct Said {
    lines: Mutex<Vec<String>>,
    more: Condvar,
}

pub(crate) struct Sentinel {
    child: Child,
    said: Arc<Said>,
    pub(crate) health: SocketAddr,
}

/// An address on which nobody else listens: of all the addresses 127.x.y.z this process has some for itself.
pub(crate) fn own_address() -> SocketAddr {
    static NTH: AtomicU8 = AtomicU8::new(1);
    let [_, _, x, y] = std::process::id().to_be_bytes();
    SocketAddr::from(([127, x, y, NTH.fetch_add(1, Ordering::SeqCst)], 18_889))
}

impl Sentinel {
    /// Fast, but slow enough for a busy machine; `settings` beat that.
    pub(crate) fn start(jicofo: &Fake, agent: &Fake, settings: &[(&str, &str)]) -> Self {
        let health = own_address();
        let mut child = Command::new(BINARY)
            .env_clear()
            .env("ECS_AGENT_URI", format!("http://{}/api/0123", agent.address))
            .env("SENTINEL_STATS_URL", format!("http://{}/stats", jicofo.address))
            .env("SENTINEL_HEALTH_ADDRESS", health.to_string())
            .env("SENTINEL_INTERVAL", "150ms")
            .env("SENTINEL_TIMEOUT", "120ms")
            .env("SENTINEL_AGENT_TIMEOUT", "120ms")
            .env("SENTINEL_SETTLE", "0s")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = Arc::<Said>::default();
        let (stderr, saying) = (child.stderr.take().unwrap(), said.clone());
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                saying.lines.lock().unwrap().push(line.unwrap());
                saying.more.notify_all();
            }
        });
        Self { child, said, health }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.said.lines.lock().unwrap().clone()
    }

    /// Waits for the n-th line that contains this; the first is 1.
    pub(crate) fn says_again(&self, part: &str, n: usize) {
        let until = Instant::now() + DEADLINE;
        let mut lines = self.said.lines.lock().unwrap();
        while lines.iter().filter(|line| line.contains(part)).count() < n {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "`{part}` was not said {n} times: {lines:#?}");
            lines = self.said.more.wait_timeout(lines, left).unwrap().0;
        }
    }

    pub(crate) fn says(&self, part: &str) {
        self.says_again(part, 1);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
    }

    /// Stops it without ending it, and waits until all of it stands still.
    pub(crate) fn stand_still(&self) {
        self.signal(Signal::SIGSTOP);
        let threads = format!("/proc/{}/task", self.child.id());
        let still = |thread: std::io::Result<std::fs::DirEntry>| {
            let status = std::fs::read_to_string(thread.unwrap().path().join("status")).unwrap();
            status.contains("State:\tT")
        };
        let until = Instant::now() + DEADLINE;
        while !std::fs::read_dir(&threads).unwrap().all(still) {
            assert!(Instant::now() < until, "it does not stand still");
        }
    }

    /// Waits for its end. Nothing may have come to standard output.
    pub(crate) fn ends(&mut self, within: Duration) -> ExitStatus {
        let until = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let mut stdout = String::new();
                self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
                assert_eq!(stdout, "");
                return status;
            }
            assert!(Instant::now() < until, "still running after {within:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// The most memory it has had in RAM, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
    }

    /// `meeting-sentinel --healthy` beside it: the exit code, and what it says.
    pub(crate) fn healthy(&self) -> (i32, String) {
        let health = self.health.to_string();
        run(&["--healthy"], &[("SENTINEL_HEALTH_ADDRESS", &health)])
    }

    /// Waits until `--healthy` exits like this; gives what it says then.
    pub(crate) fn becomes(&self, code: i32) -> String {
        let until = Instant::now() + DEADLINE;
        loop {
            let (got, said) = self.healthy();
            if got == code {
                return said;
            }
            assert!(Instant::now() < until, "exits {got}: {said}; {:#?}", self.lines());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the binary to its end: the exit code, and standard error.
pub(crate) fn run(args: &[&str], settings: &[(&str, &str)]) -> (i32, String) {
    let output = output(args, settings);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

pub(crate) fn output(args: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(BINARY);
    let settings = settings.iter().copied();
    command.env_clear().args(args).envs(settings).output().unwrap()
}
