//! `cargo bench --profile optimised --bench look`: what a look takes, against an AWS that answers 50 ms later. It prints figures
//! and judges nothing.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws_sandbox::{Fault, PlatformSpec};
use command_stand::Stand;

const STATUS: &str = env!("CARGO_BIN_EXE_status");
/// Added to each answer.
const ADDED: Duration = Duration::from_millis(50);
/// Runs that are timed.
const RUNS: usize = 15;
/// What an answer of the sandbox to a read takes: 40 ms of its own, and those that are added.
const ANSWER: Duration = Duration::from_millis(90);
/// The longest chain of calls that need each other while it is up: tasks are listed, described, asked about their protection.
const CHAIN: u32 = 3;
const PROFILES: usize = 50;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// How long a command takes.
fn timed(command: &mut Command) -> Duration {
    let began = Instant::now();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "the command failed");
    began.elapsed()
}

/// Fifty platforms, each in an account of its own, the first of them up; the configuration.
fn communities(stand: &Stand) -> String {
    let mut profiles = String::new();
    let mut keys = String::new();
    for n in 0..PROFILES {
        let spec = PlatformSpec {
            account: (123_456_789_012 + n as u64).to_string(),
            ..PlatformSpec::default()
        };
        if n > 0 {
            stand.world(|world| world.add_platform(&spec));
        }
        let account = &spec.account;
        let _ = write!(
            profiles,
            "[profiles.p{n}]\ndomain = \"m{n}.example.org\"\naccount_id = \"{account}\"\naws_profile = \"p{n}\"\nbucket = \"{}\"\n",
            spec.bucket_name()
        );
        let _ = write!(
            keys,
            "[p{n}]\naws_access_key_id = {account}\naws_secret_access_key = secret\n"
        );
    }
    std::fs::write(stand.path().join("aws-credentials"), keys).unwrap();
    stand.configuration(&profiles)
}

/// The most memory that any child had, in MB.
fn peak() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() as f64 / 1000.0
}

fn main() {
    let stand = Stand::up(STATUS);
    let config = communities(&stand);
    let (url, sandbox) = stand.serve_copy();
    sandbox.inject(Fault::on_any().times(u64::MAX).slow(ADDED));
    let flags = ["--no-probes", "--endpoint-url", &url, "--config", &config];
    let of = |profile: &str| {
        let mut command = stand.command(flags);
        command.args(["--profile", profile]);
        command
    };
    let start = median((0..RUNS).map(|_| timed(&mut stand.command(["--version"]))).collect());
    let before = sandbox.calls().len();
    timed(&mut of("p0"));
    let calls = sandbox.calls().len() - before;
    let look = median((0..RUNS).map(|_| timed(&mut of("p0"))).collect());
    let path = ANSWER * CHAIN + start;
    println!("status --no-probes of a platform that is up, {ADDED:?} added to each answer");
    println!("  calls: {calls}");
    println!("  critical path: {CHAIN} calls of {ANSWER:?}, and one process start of {start:.1?}: {path:.1?}");
    println!(
        "  look: {look:.1?}, {:.2} x the critical path",
        look.as_secs_f64() / path.as_secs_f64()
    );
    println!("  peak memory: {:.1} MB", peak());
    let zero = median((0..RUNS).map(|_| timed(&mut of("p1"))).collect());
    let all = timed(stand.command(flags).arg("--all"));
    println!("status --all --no-probes, {PROFILES} accounts, 16 in flight");
    println!(
        "  {all:.1?}, {:.2} x the {zero:.1?} of one that is at zero, as 49 of them are",
        all.as_secs_f64() / zero.as_secs_f64()
    );
    println!("  peak memory: {:.1} MB", peak());
}
