//! A world in a file: what lasts, who shares it, and what becomes of the clock.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use aws_sandbox::{Sandbox, StateError, default_state_path, parse_speed};
use serde_json::json;
use tempfile::TempDir;

use crate::wire::{ecs, scale, service};

fn state() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("deeper").join("sandbox.json");
    (folder, state)
}

#[tokio::test]
async fn a_fresh_state_file_holds_the_default_platform_at_zero() {
    let (_folder, state) = state();
    let sandbox = Sandbox::open(&state, 100_000.0).unwrap();
    let service = service(&sandbox).await;
    assert_eq!(
        (service["status"].as_str(), service["desiredCount"].as_u64()),
        (Some("ACTIVE"), Some(0))
    );
    assert!(state.exists());
}

#[tokio::test]
async fn what_was_done_lasts_and_the_clock_stands_still_meanwhile() {
    let (_folder, state) = state();
    let sandbox = Sandbox::open(&state, 1_000.0).unwrap();
    scale(&sandbox, 1).await;
    let before = sandbox.now();
    drop(sandbox);
    tokio::time::sleep(Duration::from_millis(30)).await;
    let sandbox = Sandbox::open(&state, 1_000.0).unwrap();
    let passed = sandbox.now().duration_since(before).as_secs_f64();
    assert!(
        (0.0..25.0).contains(&passed),
        "30 ms at 1000x would have been 30 s: {passed}"
    );
    assert_eq!(service(&sandbox).await["desiredCount"], 1);
    assert_eq!(sandbox.calls().len(), 2, "the log lasts too");
    let numbers: Vec<_> = sandbox.calls().iter().map(|call| call.number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test]
async fn the_time_after_the_last_call_counts_until_the_sandbox_is_closed() {
    let (_folder, state) = state();
    let sandbox = Sandbox::open(&state, 1_000.0).unwrap();
    scale(&sandbox, 1).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(sandbox);
    let sandbox = Sandbox::open(&state, 1_000.0).unwrap();
    assert_eq!(service(&sandbox).await["runningCount"], 1, "100 s have passed");
    drop(sandbox);
    std::fs::remove_file(&state).unwrap();
}

#[tokio::test]
async fn who_joins_shares_the_clock_and_its_speed() {
    let (_folder, state) = state();
    let one = Sandbox::open(&state, 1_000.0).unwrap();
    let start = one.now();
    let two = Sandbox::open(&state, 7.0).unwrap();
    assert_eq!(two.speed(), 1_000.0, "the speed of the one who started the clock");
    let wall = std::time::Instant::now();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let (first, second) = (one.now(), two.now());
    let most = wall.elapsed().as_secs_f64() * 1_000.0 + 50.0;
    assert!(
        second >= first && second.duration_since(start).as_secs_f64() < most,
        "it never runs double"
    );
    scale(&one, 1).await;
    assert_eq!(service(&two).await["desiredCount"], 1);
}

#[tokio::test]
async fn the_clock_can_be_moved_for_all() {
    let (_folder, state) = state();
    let one = Sandbox::open(&state, 1.0).unwrap();
    scale(&one, 1).await;
    let two = Sandbox::open(&state, 1.0).unwrap();
    two.advance(Duration::from_secs(100).as_millis() as i64).unwrap();
    assert_eq!(service(&one).await["runningCount"], 1);
}

#[tokio::test]
async fn many_calls_at_once_are_all_kept() {
    let (_folder, state) = state();
    let handles: Vec<Sandbox> = (0..4).map(|_| Sandbox::open(&state, 100_000.0).unwrap()).collect();
    let mut calls = tokio::task::JoinSet::new();
    for (number, sandbox) in handles.iter().cycle().take(40).cloned().enumerate() {
        calls.spawn(async move {
            let input = json!({ "clusterName": format!("c{number}") });
            assert_eq!(ecs(&sandbox, "CreateCluster", input).await.0, 200);
        });
    }
    while let Some(done) = calls.join_next().await {
        done.unwrap();
    }
    let names: Vec<String> = (0..40).map(|number| format!("c{number}")).collect();
    let (_, answer) = ecs(&handles[0], "DescribeClusters", json!({ "clusters": names })).await;
    assert_eq!(answer["clusters"].as_array().unwrap().len(), 40);
    assert_eq!(handles[0].calls().len(), 41);
}

#[test]
fn what_is_no_state_file_or_a_newer_one_names_the_way_out() {
    let (folder, _) = state();
    let state = folder.path().join("sandbox.json");
    for (text, part) in [
        ("{", "it is not a state of the sandbox"),
        ("{\"format\": 99}", "it has format 99, and this program knows format 3"),
        ("{\"format\": 3}", "it is damaged"),
    ] {
        std::fs::write(&state, text).unwrap();
        let error = Sandbox::open(&state, 60.0).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("aws-sandbox reset"), "{error}");
        assert_eq!(std::fs::read_to_string(&state).unwrap(), text, "it is left as it was");
    }
}

#[tokio::test]
async fn a_state_file_that_breaks_while_it_is_open_makes_calls_fail_with_the_reason() {
    let (_folder, state) = state();
    let sandbox = Sandbox::open(&state, 100_000.0).unwrap();
    std::fs::write(&state, "{").unwrap();
    let (status, answer) = ecs(&sandbox, "DescribeClusters", json!({})).await;
    assert_eq!(status, 500);
    assert!(
        answer["message"].as_str().unwrap().contains("aws-sandbox reset"),
        "{answer}"
    );
    assert!(matches!(sandbox.advance(1), Err(StateError::Unusable { .. })));
}

#[test]
fn a_speed_is_a_number_within_reason() {
    assert_eq!(parse_speed("60").unwrap(), 60.0);
    assert_eq!(parse_speed("0.1").unwrap(), 0.1);
    for nonsense in ["", "fast", "0", "-1", "100001", "NaN", "inf"] {
        let error = parse_speed(nonsense).unwrap_err().to_string();
        assert!(error.contains("must be a number from 0.1 to 100000"), "{error}");
    }
    assert!(
        default_state_path().unwrap().ends_with("jitsi-ops/aws-sandbox.json")
            || std::env::var_os("AWS_SANDBOX_STATE").is_some()
    );
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_a_whole_state_behind() {
    let (_folder, state) = state();
    let sandbox = Sandbox::open(&state, 60.0).unwrap();
    scale(&sandbox, 1).await;
    for round in 0..10 {
        // At a moment of its own each time: before it begins, while it writes, after it has ended.
        let mut child = Command::new(env!("CARGO_BIN_EXE_aws-sandbox"));
        child
            .args(["advance", "1m", "--state"])
            .arg(&state)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = child.spawn().unwrap();
        tokio::time::sleep(Duration::from_micros(1_300 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(service(&sandbox).await["desiredCount"], 1, "round {round}");
    }
}
