//! Results, exit codes, and what goes where.

use serde_json::Value;

use command_stand::{self as stand, Stand};

use crate::COMMAND;

#[test]
fn scale_up_on_a_fresh_sandbox_ends_active() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--output", "json"]);
    let document = stand::json(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stand::both(&output));
    assert_eq!(document["outcome"], "up");
    assert_eq!(document["state"], "active");
    assert_eq!(document["service"]["running"], 1);
    assert_eq!(document["load_balancer"]["state"], "active");
    let groups = document["target_groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2);
    for group in groups {
        let targets = group["targets"].as_array().unwrap();
        assert_eq!(targets.len(), 1, "{group}");
        assert_eq!(targets[0]["state"], "healthy");
    }
    assert!(
        document["elapsed_seconds"].as_f64().unwrap() > 200.0,
        "the sandbox's time is meant, not the machine's"
    );
}

#[test]
fn a_second_scale_up_changes_nothing() {
    let stand = Stand::of(COMMAND);
    stand.run(["--sandbox"]);
    let before = stand.mutating_calls();
    let output = stand.run(["--sandbox", "--output", "json"]);
    let document = stand::json(&output);
    assert_eq!(
        (output.status.code(), &document["outcome"]),
        (Some(0), &Value::from("already-up"))
    );
    assert_eq!(document["steps"].as_array().unwrap().len(), 0);
    assert_eq!(stand.mutating_calls(), before);
}

#[test]
fn a_dry_run_makes_no_mutating_call() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--dry-run"]);
    assert_eq!(output.status.code(), Some(0), "{}", stand::both(&output));
    assert_eq!(stand.mutating_calls(), 0);
    insta::with_settings!({filters => stand::filters()}, {
        insta::assert_snapshot!(stand::stdout(&output));
    });
}

#[test]
fn the_result_is_alone_on_standard_output() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox"]);
    insta::with_settings!({filters => stand::filters()}, {
        insta::assert_snapshot!(stand::stdout(&output));
    });
    assert!(stand::stderr(&output).contains("CreateLoadBalancer"));
}

#[test]
fn the_json_result_is_a_contract() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--output", "json"]);
    let mut document = stand::json(&output);
    // Concurrent steps are answered in any order.
    let key = |step: &Value| format!("{}{}", step["operation"], step["resource"]);
    document["steps"].as_array_mut().unwrap().sort_by_key(key);
    insta::with_settings!({filters => stand::filters()}, {
        insta::assert_snapshot!(serde_json::to_string_pretty(&document).unwrap());
    });
}

#[test]
fn a_failed_run_still_prints_its_document() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--config", "/nowhere/jitsi.toml", "--output", "json"]);
    let document = stand::json(&output);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(document["schema"], "jitsi-ops/scale-up/v1");
    assert_eq!(document["outcome"], "failed");
    assert!(
        document["error"]["message"]
            .as_str()
            .unwrap()
            .contains("/nowhere/jitsi.toml")
    );
}

#[test]
fn wrong_usage_exits_with_2() {
    let stand = Stand::of(COMMAND);
    for (flags, part) in [
        (vec!["--sandbx"], "--sandbox"),
        (vec!["--sandbox", "--timeout", "soon"], "20m"),
        (vec!["--sandbox", "--count", "0"], "1..=100"),
        (
            vec!["--sandbox", "--endpoint-url", "http://127.0.0.1:1"],
            "cannot be used with",
        ),
        (vec!["--endpoint-url", "localhost:5000"], "http://HOST:PORT"),
        (vec!["--output", "yaml"], "json"),
    ] {
        let output = stand.run(&flags);
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert!(
            stand::stderr(&output).contains(part),
            "{flags:?}: {}",
            stand::stderr(&output)
        );
    }
}

#[test]
fn more_than_one_task_needs_permission() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--count", "2"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stand::stderr(&output).contains("allow_multiple_tasks"),
        "{}",
        stand::stderr(&output)
    );
    assert_eq!(stand.mutating_calls(), 0);
}

#[test]
fn progress_is_plain_lines_without_a_terminal() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox"]);
    let text = stand::stderr(&output);
    assert!(
        text.lines().any(|l| l.ends_with("load balancer: provisioning")),
        "{text}"
    );
    assert!(text.lines().any(|l| l.ends_with("load balancer: active")), "{text}");
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
}

#[test]
fn quiet_prints_only_the_result() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "-q"]);
    assert_eq!(stand::stderr(&output), "");
    assert!(stand::stdout(&output).contains("up: "));
    assert_eq!(stand::stdout(&stand.run(["--sandbox", "-qq"])), "");
}

#[test]
fn exit_codes_are_the_documented_ones() {
    let stand = Stand::of(COMMAND);
    // 4: the deadline, and everything is brought back to zero.
    let output = stand.run(["--sandbox", "--timeout", "30s"]);
    assert_eq!(output.status.code(), Some(4), "{}", stand::both(&output));
    assert_eq!(stand.still_billing(), [""; 0]);
    // 3: a check failed.
    let config =
        stand.configuration("[profiles.a]\ndomain = \"meet.example.org\"\nbucket = \"no-such-bucket-anywhere\"\n");
    let served = stand.serve();
    let output = stand.run(["--config", &config, "--endpoint-url", &served]);
    assert_eq!(output.status.code(), Some(3), "{}", stand::both(&output));
    // 5: refused.
    let config = stand.configuration("[profiles.a]\ndomain = \"meet.example.org\"\naccount_id = \"999999999999\"\n");
    let output = stand.run(["--config", &config, "--endpoint-url", &served]);
    assert_eq!(output.status.code(), Some(5), "{}", stand::both(&output));
    // 4 also when nobody is there.
    let output = stand.run([
        "--config",
        &config,
        "--endpoint-url",
        "http://127.0.0.1:9",
        "--timeout",
        "2s",
    ]);
    assert_eq!(output.status.code(), Some(4), "{}", stand::both(&output));
}

#[test]
fn a_closed_pipe_does_not_stop_a_run() {
    let stand = Stand::of(COMMAND);
    let mut child = stand
        .command(["--sandbox"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(
        stand
            .still_billing()
            .iter()
            .filter(|kind| *kind == "network-load-balancer")
            .count(),
        1
    );
}

#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let stand = Stand::of(COMMAND);
    for form in ["text", "json"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = stand
            .command(["--sandbox", "--dry-run", "--output", form])
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", stand::both(&output));
        assert!(
            stand::stderr(&output).contains("could not be written"),
            "{}",
            stand::stderr(&output)
        );
    }
}
