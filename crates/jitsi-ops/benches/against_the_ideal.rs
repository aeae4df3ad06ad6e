//! `cargo bench --profile optimised --bench against_the_ideal`: how close whole runs come to the fastest that AWS allows. It prints figures, in the time of the
//! simulated AWS, and judges nothing; the bounds are in the tests and in the requirements.

// The futures of the SDK are deep.
#![recursion_limit = "256"]
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

#[path = "../tests/engine/stage.rs"]
#[expect(dead_code, reason = "the stage serves the engine's stories too")]
mod stage;

use std::time::Duration;

use aws_sandbox::{Call, ideal};
use jitsi_ops::scale_up::Interrupts;

use crate::stage::{Stage, down_request, request};

/// Seeds of the jitter that are tried.
const SEEDS: u64 = 10;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(async {
        ups().await;
        downs().await;
    });
}

/// From standby to active.
async fn ups() {
    let stage = Stage::new();
    let ports = [("UDP", 10000, "UDP", 10000), ("TCP", 4443, "TCP", 4443)];
    let ideal = stage
        .sandbox
        .world(|world| ideal::scale_up(world, &stage.spec, &ports, 1))
        .unwrap();
    let ideal_seconds = ideal.duration_seconds;
    println!(
        "scale-up, from standby to active; ideal {ideal_seconds:.1} s in {} calls",
        ideal.calls
    );
    for seed in 0..SEEDS {
        let stage = Stage::new();
        let report = stage
            .run(
                &jitsi_ops::scale_up::ScaleUp { seed, ..request() },
                &Interrupts::default(),
            )
            .await;
        line(
            seed,
            &format!("{:?}", report.outcome),
            report.elapsed.as_secs_f64(),
            ideal_seconds,
            &stage.sandbox.calls(),
        );
    }
}

/// From the guard's last reading to when nothing bills any more.
async fn downs() {
    for seed in 0..SEEDS {
        let stage = Stage::new();
        stage.up().await;
        tokio::time::sleep(Duration::from_secs(3600)).await;
        let ideal = stage
            .sandbox
            .world(|world| ideal::scale_down(world, &stage.spec))
            .unwrap();
        let ideal_seconds = ideal.nothing_bills_seconds.unwrap();
        if seed == 0 {
            println!("scale-down, from the last quiet reading to nothing bills; ideal {ideal_seconds:.1} s");
        }
        let before = stage.sandbox.calls().len();
        let report = stage
            .run_down(
                &jitsi_ops::scale_down::ScaleDown { seed, ..down_request() },
                &Interrupts::default(),
            )
            .await;
        let calls = stage.sandbox.calls().split_off(before);
        let took = stage.seconds_to_zero(&calls).unwrap();
        line(seed, &format!("{:?}", report.outcome), took, ideal_seconds, &calls);
    }
}

fn line(seed: u64, outcome: &str, took: f64, ideal: f64, calls: &[Call]) {
    let throttled = |call: &&Call| call.error.as_deref().is_some_and(|error| error.contains("Throttl"));
    println!(
        "  seed {seed}: {outcome}, {took:.1} s, ratio {:.4}, {} calls, {} throttled",
        took / ideal,
        calls.len(),
        calls.iter().filter(throttled).count()
    );
}
