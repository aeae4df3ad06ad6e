//! `meeting-sentinel`: a sidecar that keeps its Fargate task under ECS scale-in protection while anyone is in a room, or
//! while it cannot tell.
//!
//! It reads jicofo's numbers every few seconds and asks the ECS agent for a protection that ends by itself soon. Unknown
//! counts as busy, always. It uses neither the AWS SDK nor TLS nor an async runtime: both servers are plain HTTP on
//! addresses of the task itself.

pub mod agent;
pub mod endpoint;
mod framing;
pub mod health;
pub mod http;
pub mod jicofo;
pub mod reading;
pub mod report;
pub mod sentinel;
pub mod settings;
pub mod watch;

use std::ffi::OsString;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::register_conditional_shutdown;

use crate::health::Health;
use crate::settings::{AGENT, Environment, Mistake, Settings};

const HELP: &str = "\
Keep a Fargate task under ECS scale-in protection while a meeting is on

Usage: meeting-sentinel             watch until SIGTERM or SIGINT
       meeting-sentinel --healthy   exit 0 when the running one works, else 1 and why
       meeting-sentinel --version
       meeting-sentinel --help

Environment:
  ECS_AGENT_URI              set by ECS inside a task
  SENTINEL_STATS_URL         jicofo's statistics [http://127.0.0.1:8888/stats]
  SENTINEL_INTERVAL          from one reading to the next, 10ms to 60s [10s]
  SENTINEL_QUIET_READINGS    quiet readings in a row before protection is dropped, 1 to 1000 [2]
  SENTINEL_SETTLE            protection stays so long after jicofo could not be read, 0s to 10m [60s]
  SENTINEL_EXPIRES_MINUTES   protection ends by itself, 1 to 2880, at least five intervals [5]
  SENTINEL_TIMEOUT           for one reading, less than the interval [3s]
  SENTINEL_AGENT_TIMEOUT     for one request to the ECS agent, less than the interval [5s]
  SENTINEL_PROBE_PREFIX      rooms that begin like this do not count [jitsi-ops-probe-]
  SENTINEL_HEALTH_ADDRESS    where --healthy asks, a loopback address [127.0.0.1:8889]

Exit codes: 0 ended by a signal, or healthy; 1 not healthy, or could not start; 2 wrong usage or setting
";

/// Parses the command line and runs the command.
pub fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let args: Vec<&str> = args.iter().map(|arg| arg.to_str().unwrap_or("\u{fffd}")).collect();
    match args[..] {
        [] => watch(),
        ["--healthy"] => healthy(),
        ["--version" | "-V"] => print(&format!("meeting-sentinel {}\n", env!("CARGO_PKG_VERSION"))),
        ["--help" | "-h"] => print(HELP),
        _ => {
            say(&format!(
                "error: `{}` is not understood\nhint: see `meeting-sentinel --help`; settings are environment variables",
                args.join(" ").escape_debug()
            ));
            ExitCode::from(2)
        }
    }
}

fn print(text: &str) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Says something on standard error. That nobody reads it is no reason to stop protecting.
fn say(text: &str) {
    let _ = io::stderr().write_all(format!("{text}\n").as_bytes());
}

fn wrong(mistakes: &[Mistake]) -> ExitCode {
    for mistake in mistakes {
        say(&format!("error: {mistake}"));
        if mistake.variable == AGENT {
            say("hint: the sentinel runs only in a task of ECS, on Fargate from platform version 1.4.0");
        }
    }
    ExitCode::from(2)
}

fn healthy() -> ExitCode {
    match Environment::own().health() {
        Err(mistake) => wrong(&[mistake]),
        Ok(address) => match health::ask(address) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                say(&format!("not healthy: {why}"));
                ExitCode::FAILURE
            }
        },
    }
}

fn watch() -> ExitCode {
    // The first process of a container has no default handlers: without these a signal would do nothing until SIGKILL.
    // They end the process from within the handler, whatever it is waiting for.
    for signal in [SIGTERM, SIGINT] {
        if let Err(error) = register_conditional_shutdown(signal, 0, Arc::new(AtomicBool::new(true))) {
            say(&format!("error: signals cannot be handled: {error}"));
            return ExitCode::FAILURE;
        }
    }
    let settings = match Environment::own().settings() {
        Ok(settings) => settings,
        Err(mistakes) => return wrong(&mistakes),
    };
    say(&started(&settings));
    let health = Arc::new(Health::new(settings.interval));
    let listening =
        TcpListener::bind(settings.health).and_then(|listener| health::serve(listener, Arc::clone(&health)));
    if let Err(error) = listening {
        // Protecting matters more than being seen to be well.
        say(&format!(
            "warning: `--healthy` will not work: {}: {error}",
            settings.health
        ));
    }
    sentinel::run(&settings, &health, say)
}

fn started(settings: &Settings) -> String {
    format!(
        "meeting-sentinel {}: reads {} every {:?}, protects for {} min at a time, drops after {} quiet readings",
        env!("CARGO_PKG_VERSION"),
        settings.stats,
        settings.interval,
        settings.expires_minutes,
        settings.quiet_readings
    )
}
