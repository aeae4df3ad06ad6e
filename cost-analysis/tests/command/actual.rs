//! AWS's bill beside the report: what it takes to ask for it, and that it agrees with what was worked out.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use aws_sandbox::Fault;
use command_stand::{Stand, both, code, json, stderr, stdout};
use serde_json::Value;

use crate::COMMAND;

/// Nothing is kept but the zone.
const FLAGS: [&str; 10] = [
    "--sandbox",
    "--month",
    "2026-02",
    "--storage-gb",
    "0",
    "--log-gb",
    "0",
    "--secrets",
    "0",
    "--actual",
];
const DAY: i64 = 24 * 3600;

/// After a February, in the middle of March.
fn in_march() -> Stand {
    let stand = Stand::with_a_february(COMMAND);
    stand.advance(20 * DAY);
    stand
}

fn run(stand: &Stand, more: &[&str]) -> Output {
    stand.run(FLAGS.iter().chain(more))
}

/// How often Cost Explorer was asked.
fn asked(stand: &Stand) -> usize {
    let log = fs::read_to_string(stand.path().join("sandbox.json.calls.jsonl")).unwrap_or_default();
    log.lines().filter(|line| line.contains("GetCostAndUsage")).count()
}

/// Where the answer is kept.
fn kept(stand: &Stand) -> PathBuf {
    stand
        .folder("sandbox.json.ops")
        .join("bill-123456789012-us-west-2-2026-02.json")
}

fn usd(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn the_bill_of_a_month_and_what_was_worked_out_agree_to_the_cent() {
    let stand = in_march();
    let output = run(&stand, &["--yes", "--output", "json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(
        stderr(&output).contains("charges $0.01 for a request"),
        "{}",
        stderr(&output)
    );
    let report = json(&output);
    let actual = &report["actual"];
    assert_eq!(actual["estimated"], false, "{actual}");
    let cents = |value: &Value| (usd(value) * 100.0).round() as i64;
    assert_eq!(
        cents(&actual["billed"]),
        cents(&report["cost"]["total"]["usd"]),
        "{actual}"
    );
    assert!(cents(&actual["billed"]) > 1000, "{actual}");
    let lines = actual["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 5, "{actual}");
    for line in lines {
        assert!(usd(&line["difference"]).abs() < 0.01, "{line}");
        assert_eq!(line["usage_types"].as_array().unwrap().len(), 1, "{line}");
    }
    assert_eq!(actual["other"]["usage_types"], Value::Array(Vec::new()));
    let text = run(&stand, &["--color", "never"]);
    let text = stdout(&text);
    let table = text
        .split("\n\n")
        .find(|part| part.starts_with("The bill beside it"))
        .unwrap();
    insta::assert_snapshot!("bill", table);
    let csv = stdout(&run(&stand, &["--output", "csv"]));
    assert!(csv.contains("2026-02,billed,network-load-balancer,,,"), "{csv}");
    assert_eq!(asked(&stand), 1);
}

#[test]
fn without_consent_nothing_is_asked_for() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--to-date", "--actual"]);
    assert_eq!(code(&output), 5, "{}", both(&output));
    assert_eq!(stdout(&output), "");
    assert!(stderr(&output).contains("`--yes` agrees"), "{}", stderr(&output));
    assert_eq!(asked(&stand), 0);
    let stated = stand.run(["--sandbox", "--actual", "--hours", "10"]);
    assert_eq!(code(&stated), 2, "{}", both(&stated));
}

#[test]
fn within_a_day_it_is_asked_for_once_and_a_damaged_copy_is_none() {
    let stand = in_march();
    assert_eq!(code(&run(&stand, &["--yes"])), 0);
    // Nobody has to agree to what costs nothing.
    let again = run(&stand, &[]);
    assert_eq!(code(&again), 0, "{}", both(&again));
    assert!(
        stderr(&again).contains("Cost Explorer is not asked again"),
        "{}",
        stderr(&again)
    );
    assert!(stdout(&again).contains("The bill beside it"), "{}", stdout(&again));
    assert_eq!(asked(&stand), 1);
    fs::write(kept(&stand), "{\"schema\": ").unwrap();
    let damaged = run(&stand, &["--yes"]);
    assert_eq!(code(&damaged), 0, "{}", both(&damaged));
    assert!(stderr(&damaged).contains("is not used: "), "{}", stderr(&damaged));
    assert_eq!(asked(&stand), 2);
    stand.advance(DAY);
    assert_eq!(code(&run(&stand, &[])), 5);
    assert_eq!(code(&run(&stand, &["--yes"])), 0);
    assert_eq!(asked(&stand), 3);
}

#[test]
fn a_bill_that_cannot_be_had_is_an_error_and_no_bill_of_nothing() {
    let stand = Stand::of(COMMAND);
    let (url, sandbox) = stand.serve_copy();
    sandbox.inject(Fault::on("GetCostAndUsage").times(u64::MAX).access_denied());
    let config = stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\n");
    let output = stand.run([
        "--endpoint-url",
        &url,
        "--config",
        &config,
        "--to-date",
        "--actual",
        "--yes",
    ]);
    assert_ne!(code(&output), 0, "{}", both(&output));
    assert_eq!(stdout(&output), "", "no report as if nothing were billed");
    let said = stderr(&output);
    assert!(
        said.contains("AccessDeniedException") && said.contains("`ce:GetCostAndUsage`"),
        "{said}"
    );
    let calls = sandbox.calls();
    assert_eq!(
        calls.iter().filter(|call| call.operation == "GetCostAndUsage").count(),
        1
    );
    assert!(
        !stand
            .path()
            .join(".cache/jitsi-ops")
            .join("bill-123456789012-us-west-2-2026-01.json")
            .exists()
    );
}
