//! `cargo bench --profile optimised --bench register`: what it takes to register 1, 10, 100 and 1,000 tasks in two target
//! groups. It prints figures and judges nothing; the bounds are in the tests and in the requirements.

// The futures of the SDK are deep.
#![recursion_limit = "256"]
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

#[path = "../tests/engine/crowd.rs"]
mod crowd;
#[path = "../tests/engine/stage.rs"]
#[expect(dead_code, reason = "the stage serves the engine's stories too")]
mod stage;

use std::time::Instant;

use crate::crowd::{Effort, crowd};

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(async {
        println!("registering all tasks in two target groups, batches of 100");
        println!("tasks  calls to the last registration  of these to S3  throttled  AWS's time to it  all calls  AWS's time  machine's time  per task");
        for tasks in [1, 10, 100, 1_000] {
            let stage = crowd(tasks).await;
            let began = Instant::now();
            let effort = Effort::of(&stage).await;
            let machine = began.elapsed();
            println!(
                "{tasks:>5}  {:>30}  {:>14}  {:>9}  {:>14.1} s  {:>9}  {:>8.1} s  {:>11.0} ms  {:>5.2} ms",
                effort.calls,
                effort.calls_to_s3,
                effort.throttled,
                effort.registered_after,
                effort.all_calls,
                effort.healthy_after,
                machine.as_secs_f64() * 1e3,
                machine.as_secs_f64() * 1e3 / tasks as f64,
            );
        }
    });
}
