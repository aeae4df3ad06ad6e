//! `cargo bench --profile optimised --bench start`: what starting the command costs on this machine. It prints figures and judges nothing.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Starts of the command that are timed.
const STARTS: usize = 40;

/// Wall time and peak memory of `scale-up --sandbox --dry-run` as this machine has it now.
fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let state = folder.path().join("sandbox.json");
    let mut times: Vec<Duration> = (0..STARTS)
        .map(|_| {
            let began = Instant::now();
            let status = Command::new(env!("CARGO_BIN_EXE_scale-up"))
                .args(["--sandbox", "--dry-run"])
                .env("AWS_SANDBOX_STATE", &state)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
            assert!(status.is_ok_and(|s| s.success()), "the command failed");
            began.elapsed()
        })
        .collect();
    times.sort();
    let peak =
        nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN).map(|usage| usage.max_rss());
    println!("scale-up --sandbox --dry-run, {STARTS} starts");
    println!(
        "  wall time: median {:?}, slowest {:?}",
        times[STARTS / 2],
        times[STARTS - 1]
    );
    match peak {
        Ok(kilobytes) => println!("  peak memory: {:.1} MB", kilobytes as f64 / 1000.0),
        Err(error) => println!("  peak memory unknown: {error}"),
    }
}
