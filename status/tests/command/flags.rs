//! Flags and exit codes.

use command_stand::{Stand, both, code, json, stderr, stdout};

use crate::COMMAND;
use crate::schema::assert_valid;
use crate::states::steady;

#[test]
fn the_short_form_has_the_four_lines_of_the_original() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--short"]);
    assert_eq!(
        stdout(&output),
        "Project:       jitsi-video-platform\nService:       0/0 running\nLoad balancer: none\nState:         Scaled to zero\n"
    );
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox", "--short"]);
    steady().bind(|| insta::assert_snapshot!(stdout(&output)));
}

#[test]
fn another_state_than_expected_exits_with_3_and_says_why() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--expect", "standby"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let output = stand.run(["--sandbox", "--expect", "active"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(stderr(&output).contains("is standby, not active"), "{}", both(&output));
}

#[test]
fn without_probes_no_site_is_visited() {
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox", "--no-probes"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(stdout(&output).contains("no visit was asked for"), "{}", both(&output));
    assert!(!stdout(&output).contains("HTTP"), "{}", both(&output));
}

#[test]
fn wrong_usage_exits_with_2() {
    let stand = Stand::of(COMMAND);
    for flags in [
        vec!["--sandbox", "--watch", "soon"],
        vec!["--sandbox", "--watch"],
        vec!["--sandbox", "--watch", "--expect", "active"],
        vec!["--sandbox", "--expect", "degraded"],
        vec!["--all", "--profile", "ops"],
        vec!["--sandbox", "--short", "--all"],
        vec!["--sandbox", "--no-probes", "--ca-file", "x.pem"],
        vec!["--sandbox", "--ca-file", "missing.pem"],
    ] {
        let output = stand.run(&flags);
        assert_eq!(code(&output), 2, "{flags:?} {}", both(&output));
        assert!(stderr(&output).contains("error"), "{}", both(&output));
    }
}

#[test]
fn where_the_bridge_is_led_its_addresses_are_shown() {
    let stand = Stand::of(COMMAND);
    let config =
        stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\n[profiles.ops.nlb]\nadvertise = \"nlb\"\n");
    let flags = ["--sandbox", "--no-probes", "--config", &config];
    let output = stand.run(flags);
    assert!(
        stdout(&output).contains("the bridge advertises what STUN tells it"),
        "{}",
        both(&output)
    );
    let output = stand.run([&flags[..], &["--output", "json"]].concat());
    let document = json(&output);
    assert_valid(&document);
    assert_eq!(document["bridge"]["advertises"], serde_json::json!([]));
}
