//! `cargo bench -p scale-up`: how close a scale-up comes to the fastest that AWS allows, and what starting the command
//! costs on this machine. It prints figures and judges nothing; the bounds are in the tests and in the requirements.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{PlatformSpec, Sandbox, World};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use jitsi_ops::access::{AccessSettings, Aws, Transport};
use jitsi_ops::clock::Clock;
use jitsi_ops::custody::Desk;
use jitsi_ops::identity::Who;
use jitsi_ops::scale_up::{Interrupts, ScaleUp, nothing_has_run, scale_up};
use jitsi_ops::wanted::Wanted;

/// The sandbox's own platform.
const CONFIGURATION: &str = "[profiles.sandbox]\ndomain = \"meet.sandbox.example\"\n";
/// Starts of the command that are timed.
const STARTS: usize = 40;
/// Seeds of the jitter that are tried.
const SEEDS: u64 = 10;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(against_the_ideal()),
        Err(error) => println!("the runtime could not be started: {error}"),
    }
    start_of_the_command();
}

/// Whole scale-ups on the default time profile, beside an all-knowing caller on the same world.
async fn against_the_ideal() {
    let spec = PlatformSpec::default();
    let ports = [("UDP", 10000, "UDP", 10000), ("TCP", 4443, "TCP", 4443)];
    let ideal = match aws_sandbox::ideal::scale_up(&World::with_platform(&spec), &spec, &ports, 1) {
        Ok(ideal) => ideal,
        Err(error) => return println!("the ideal could not be found: {error}"),
    };
    println!("scale-up on the sandbox's default profile, simulated time");
    println!("  ideal: {:.1} s in {} calls", ideal.duration_seconds, ideal.calls);
    for seed in 0..SEEDS {
        let sandbox = Sandbox::new(World::with_platform(&spec));
        let report = run(&sandbox, seed).await;
        let calls = sandbox.calls();
        let throttled = calls
            .iter()
            .filter(|c| c.error.as_deref().is_some_and(|e| e.contains("Throttl")))
            .count();
        let took = report.elapsed.as_secs_f64();
        println!(
            "  seed {seed}: {:?}, {took:.1} s, ratio {:.4}, {} calls, {throttled} throttled",
            report.outcome,
            took / ideal.duration_seconds,
            calls.len()
        );
    }
}

async fn run(sandbox: &Sandbox, seed: u64) -> jitsi_ops::scale_up::Report {
    let configuration = jitsi_config::load_text("benchmark.toml".as_ref(), CONFIGURATION, None);
    let platform = configuration.expect("the configuration is a constant").platform;
    let transport = Transport {
        http_client: sandbox.http_client(),
        sleep: sandbox.sdk_sleep(),
        credentials: SharedCredentialsProvider::new(Credentials::new(
            "123456789012",
            "secret",
            None,
            None,
            "benchmark",
        )),
        speed: 1.0,
        wall_clock: SharedTimeSource::new(SystemTimeSource::new()),
    };
    let settings = AccessSettings {
        region: platform.region.to_string(),
        aws_profile: None,
        endpoint_url: None,
        transport: Some(transport),
        steady_retries: true,
    };
    let aws = Aws::connect(&settings).await.expect("the sandbox takes any key");
    let wanted = Wanted::of(&platform, 1, false);
    let request = ScaleUp {
        timeout: Duration::from_secs(1200),
        rollback: Some(nothing_has_run),
        desk: Desk {
            who: Who {
                user: "benchmark".to_owned(),
                host: "here".to_owned(),
            },
            state_folder: std::env::temp_dir().join("jitsi-ops-benchmark"),
            lock_wait: Duration::ZERO,
            nonce: format!("{seed:016x}"),
        },
        seed,
    };
    scale_up(
        &aws,
        &wanted,
        &request,
        Clock::starting_at(sandbox.now(), 1.0),
        &|_| {},
        &Interrupts::default(),
    )
    .await
}

/// Wall time and peak memory of `scale-up --sandbox --dry-run` as this machine has it now.
fn start_of_the_command() {
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
