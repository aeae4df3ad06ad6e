//! The sandbox before two judges that this project did not write: moto, which answers the same calls, and boto3, which
//! has to understand every answer.
//!
//! They are Python, in `tests/judges/`, and run only with the cargo feature `judges`:
//!
//! ```text
//! python3 -m venv .ci/venv && .ci/venv/bin/pip install -r .ci/judges-requirements.txt
//! cargo test -p aws-sandbox --features judges --test judges
//! ```
//!
//! With the feature on, a missing Python or package is a failure, never a skip. What is compared and what is not stands in
//! `tests/judges/compare.py`; where moto is known to differ from AWS, in `tests/judges/differences.py`.
#![cfg(feature = "judges")]

use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// How to get what the judges need.
const HINT: &str = "hint: python3 -m venv .ci/venv && .ci/venv/bin/pip install -r .ci/judges-requirements.txt\n\
                    hint: `JUDGES_PYTHON` names another Python that has these packages";

/// A clock at which what takes minutes on AWS is over between two calls of the sequence.
const SETTLED_AT_ONCE: &str = "1000";

/// A clock at which the states on the way last long enough to be seen.
const WATCHABLE: &str = "30";

/// One test at a time: states on the way are watched in real time, so nothing else may keep the processor from it.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn the_comparison_notices_what_it_should() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    run("selftest.py", &[], &mut []);
}

#[test]
fn the_sandbox_answers_as_moto_does() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let moto = Server::moto();
    let sandbox = Server::sandbox(&["--speed", SETTLED_AT_ONCE]);
    let (moto_url, sandbox_url) = (moto.url.clone(), sandbox.url.clone());
    run(
        "compare.py",
        &["--moto", &moto_url, "--sandbox", &sandbox_url],
        &mut [moto, sandbox],
    );
}

#[test]
fn boto3_drives_a_whole_up_and_down() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let sandbox = Server::sandbox(&["--speed", WATCHABLE]);
    let url = sandbox.url.clone();
    run("up_and_down.py", &[&url], &mut [sandbox]);
}

#[test]
fn boto3_changes_the_records_of_a_hosted_zone() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let sandbox = Server::sandbox(&["--speed", WATCHABLE]);
    let url = sandbox.url.clone();
    run("hosted_zone.py", &[&url], &mut [sandbox]);
}

#[test]
fn boto3_sets_up_a_platform_from_nothing() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let empty = Server::sandbox(&["--empty", "--speed", WATCHABLE]);
    let other = Server::sandbox(&["--speed", WATCHABLE]);
    let (url, other_url) = (empty.url.clone(), other.url.clone());
    run(
        "from_nothing.py",
        &[&url, "--network-of", &other_url],
        &mut [empty, other],
    );
}

/// A server on a free port of the loopback interface; it ends with this value.
struct Server {
    name: &'static str,
    process: Child,
    /// Kept open, so that what is printed later does not fail.
    _stdout: ChildStdout,
    url: String,
    /// What it says on standard error.
    log: std::fs::File,
}

impl Server {
    fn sandbox(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aws-sandbox"));
        command.args(["serve", "--port", "0"]).args(arguments);
        Self::start("aws-sandbox", command)
    }

    fn moto() -> Self {
        Self::start("moto", script("moto_server.py"))
    }

    /// Starts a server and waits for its URL, the first line that it prints.
    fn start(name: &'static str, mut command: Command) -> Self {
        let log = tempfile::tempfile().expect("a temporary file");
        let stderr = log.try_clone().expect("a second handle of it");
        // Standard input stays open for as long as this process lives: moto's server ends when it is closed.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
        let mut process = command
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        let mut stdout = BufReader::new(process.stdout.take().expect("standard output is piped"));
        let mut line = String::new();
        let read = stdout.read_line(&mut line);
        let url = line.trim().to_owned();
        let mut server = Self {
            name,
            process,
            _stdout: stdout.into_inner(),
            url,
            log,
        };
        assert!(
            read.is_ok() && server.url.starts_with("http://127.0.0.1:"),
            "{name} printed `{line}` instead of its URL\n{}",
            server.last_words()
        );
        server
    }

    /// The end of its log.
    fn last_words(&mut self) -> String {
        let mut log = Vec::new();
        let read = self.log.rewind().and_then(|()| self.log.read_to_end(&mut log));
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let shown = lines[lines.len().saturating_sub(60)..].join("\n");
        read.map_or_else(
            |error| error.to_string(),
            |_| format!("--- {} says:\n{shown}", self.name),
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing of it is left.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a script against servers; its output and theirs are shown when it fails.
fn run(name: &str, arguments: &[&str], servers: &mut [Server]) {
    let output = script(name)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("cannot run {name}: {error}"));
    if !output.status.success() {
        let logs: Vec<String> = servers.iter_mut().map(Server::last_words).collect();
        panic!(
            "{name}: {}\n{}{}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            logs.join("\n")
        );
    }
}

/// Python with a script of `tests/judges`, not yet started.
fn script(name: &str) -> Command {
    let mut command = Command::new(python());
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges").join(name));
    // No setting of the person who runs the tests may reach boto3, and nothing may be left in the source tree.
    for (key, _) in std::env::vars_os() {
        if key.to_string_lossy().starts_with("AWS_") {
            command.env_remove(key);
        }
    }
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null");
    command
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command
}

/// The Python that has boto3 and moto.
fn python() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = std::env::var_os("JUDGES_PYTHON").map_or_else(|| workspace.join(".ci/venv/bin/python"), PathBuf::from);
    let imported = Command::new(&python)
        .args(["-c", "import boto3, jmespath, moto.server"])
        .output();
    match imported {
        Err(error) => panic!(
            "the judges need Python: cannot start `{}`: {error}\n{HINT}",
            python.display()
        ),
        Ok(output) if !output.status.success() => panic!(
            "the judges need boto3 and moto, which `{}` lacks\n{}\n{HINT}",
            python.display(),
            String::from_utf8_lossy(&output.stderr)
        ),
        Ok(_) => python,
    }
}
