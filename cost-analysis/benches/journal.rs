//! `cargo bench --profile optimised --bench journal`: the report of a month out of 100,000 journal entries on this machine. It prints
//! figures and judges nothing.

#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails")]

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use command_stand::Stand;
use jiff::{SignedDuration, Timestamp};

const COST_ANALYSIS: &str = env!("CARGO_BIN_EXE_cost-analysis");
const ENTRIES: [i64; 3] = [1_000, 10_000, 100_000];
const RUNS: usize = 5;
/// All of them end before the sandbox's clock begins.
const END: &str = "2026-01-15T00:00:00Z";

fn resource(kind: &str, id: &str, from: Timestamp, until: &str, charged: &str) -> String {
    format!(
        "{{\"kind\": \"{kind}\", \"name\": \"{id}\", \"arn\": \"arn:aws:ecs:us-west-2:123456789012:{kind}/{id}\", \
         \"created_at\": \"{from}\", \"deleted_at\": {until}, \"charged\": {{\"from\": \"{from}\", {charged}}}}}"
    )
}

/// Writes as many entries as a platform makes that goes up and down twice a day.
fn journal(stand: &Stand, entries: i64) {
    let folder = stand.folder("sandbox.json.ops/journal");
    let end: Timestamp = END.parse().unwrap();
    for n in 0..entries {
        let session = n / 2;
        let from = end - SignedDuration::from_hours(12 * (entries / 2 - session));
        let until = from + SignedDuration::from_mins(150);
        let up = n % 2 == 0;
        let (operation, began, ended) = match up {
            true => ("scale-up", from, "null".to_owned()),
            false => ("scale-down", until, format!("\"{until}\"")),
        };
        let (from_state, to_state) = if up {
            ("standby", "active")
        } else {
            ("active", "standby")
        };
        let id = format!("{}-{n:016x}", began.strftime("%Y%m%dT%H%M%SZ"));
        let task = "\"cpu_units\": 4096, \"memory_mib\": 8192, \"storage_gib\": 20, \"architecture\": \"x86_64\", \"public_addresses\": 1";
        let balancer = "\"balancer\": \"network\", \"public_addresses\": 2";
        let text = format!(
            "{{\"schema\": \"jitsi-ops/journal/v1\", \"id\": \"{id}\", \"nonce\": \"{n:016x}\", \"operation\": \"{operation}\", \
             \"profile\": \"ops\", \"account\": \"123456789012\", \"region\": \"us-west-2\", \
             \"cluster\": \"jitsi-video-platform-cluster\", \"service\": \"jitsi-video-platform-service\", \
             \"who\": \"maria@laptop\", \"began\": \"{began}\", \"ended\": \"{}\", \"outcome\": \"up\", \
             \"from_state\": \"{from_state}\", \"to_state\": \"{to_state}\", \"problem\": null, \"resources\": [{}, {}]}}",
            began + SignedDuration::from_secs(300),
            resource("task", &format!("{session:032x}"), from, &ended, task),
            resource("load balancer", &format!("nlb-{session:016x}"), from, &ended, balancer),
        );
        fs::write(folder.join(format!("{id}.json")), text).unwrap();
    }
}

/// The most memory that a child had until now, in MB.
fn peak() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss() as f64 / 1000.0
}

fn main() {
    println!("entries   median      most memory of any so far");
    for entries in ENTRIES {
        let stand = Stand::of(COST_ANALYSIS);
        journal(&stand, entries);
        let mut times: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let began = Instant::now();
                let mut command = stand.command(["--sandbox", "--output", "json"]);
                let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
                assert!(status.success(), "the command failed");
                began.elapsed()
            })
            .collect();
        times.sort();
        println!(
            "{entries:>7}   {:>7.3} s   {:.1} MB",
            times[RUNS / 2].as_secs_f64(),
            peak()
        );
    }
}
