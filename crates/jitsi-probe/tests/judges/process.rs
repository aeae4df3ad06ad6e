//! A program from Debian's packages, started by a test and ended with it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// How to get what the judges need.
const HINT: &str = "hint: apt-get install --no-install-recommends nginx prosody";

/// How long a program may take, on a machine that has much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running program; it ends with this value.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    /// Where it writes down what it does.
    log: PathBuf,
}

impl Process {
    /// Starts a program, and waits until it listens everywhere.
    pub(crate) async fn start(name: &'static str, arguments: &[&str], folder: &Path, ports: &[SocketAddr]) -> Self {
        let log = folder.join(name).with_extension("log");
        let output = std::fs::File::create(folder.join(name).with_extension("out")).unwrap();
        let child = Command::new(name)
            .args(arguments)
            .env("PATH", path())
            .env("LC_ALL", "C")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("the judges need {name}, and cannot start it: {error}\n{HINT}"));
        let mut process = Self { name, child, log };
        let begun = Instant::now();
        for port in ports {
            while TcpStream::connect(port).await.is_err() {
                let ended = process.child.try_wait().unwrap();
                if ended.is_some() || begun.elapsed() > PATIENCE {
                    panic!("{name} does not listen at {port}: {ended:?}\n{}", process.last_words());
                }
                sleep(Duration::from_millis(10)).await;
            }
        }
        process
    }

    /// All that it has written down.
    pub(crate) fn log(&self) -> String {
        let read = |path: &Path| std::fs::read(path).map(|text| String::from_utf8_lossy(&text).into_owned());
        let (output, log) = (read(&self.log.with_extension("out")), read(&self.log));
        output.unwrap_or_default() + &log.unwrap_or_default()
    }

    /// The end of it.
    pub(crate) fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let shown = lines[lines.len().saturating_sub(40)..].join("\n");
        format!("--- {} says:\n{shown}", self.name)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing of it is left.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Debian keeps servers where the path of an ordinary user does not lead.
fn path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    path.push(":/usr/sbin:/sbin");
    path
}
