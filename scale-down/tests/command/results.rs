//! What the command says and with which code it ends.

use command_stand::{Stand, both, code, filters, json, stderr, stdout};

use crate::COMMAND;

#[test]
fn scale_down_ends_at_standby_and_nothing_bills() {
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox", "--output", "json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let result = json(&output);
    assert_eq!(result["outcome"], "down");
    assert_eq!(result["state"], "standby");
    assert_eq!(stand.still_billing(), Vec::<String>::new());
    insta::with_settings!({ filters => filters() }, {
        insta::assert_json_snapshot!(result, {
            ".steps" => insta::sorted_redaction(),
            ".elapsed_seconds" => "[number]",
            ".bill[].hours" => "[number]",
            ".bill[].from" => "[time]",
            ".bill[].until" => "[time]",
            ".bill[].name" => "[name]",
            ".removed[].arn" => "[arn]",
            ".removed[].name" => "[name]",
            ".steps[].at" => "[time]",
            ".steps[].resource" => "[resource]",
            ".guard.read_at" => "[time]",
        });
    });
}

#[test]
fn a_second_scale_down_exits_0_and_changes_nothing() {
    let stand = Stand::up(COMMAND);
    stand.run(["--sandbox"]);
    let before = stand.mutating_calls();
    let output = stand.run(["--sandbox"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(stdout(&output).contains("was at zero already"), "{}", both(&output));
    assert_eq!(stand.mutating_calls(), before);
}

#[test]
fn a_dry_run_says_what_would_be_done() {
    let stand = Stand::up(COMMAND);
    let before = stand.mutating_calls();
    let output = stand.run(["--sandbox", "--dry-run"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    for part in [
        "UpdateService",
        "DeleteLoadBalancer",
        "if nobody comes",
        "nothing was changed",
    ] {
        assert!(stdout(&output).contains(part), "{part}: {}", both(&output));
    }
    assert_eq!(stand.mutating_calls(), before);
}

#[test]
fn wrong_usage_exits_with_2() {
    let stand = Stand::of(COMMAND);
    for flags in [
        vec!["--sandbox", "--wait-idle", "soon"],
        vec!["--sandbox", "--hold-until", "tomorrow"],
        vec!["--sandbox", "--hold-until", "23:00", "--release"],
        vec!["--sandbox", "--force", "--expired"],
        vec!["--sandbox", "--no-such-flag"],
    ] {
        let output = stand.run(&flags);
        assert_eq!(code(&output), 2, "{flags:?} {}", both(&output));
        assert!(stderr(&output).contains("error"), "{}", both(&output));
    }
}

#[test]
fn its_help_lists_every_exit_code() {
    let stand = Stand::of(COMMAND);
    let help = stdout(&stand.run(["--help"]));
    for line in ["0  done", "5  refused", "6  ", "130  interrupted"] {
        assert!(help.contains(line), "{line}: {help}");
    }
}

#[test]
fn a_price_that_is_none_keeps_no_platform_up() {
    let stand = Stand::up(COMMAND);
    let config = stand.configuration(
        "[profiles.ops]\ndomain = \"meet.sandbox.example\"\n[prices.us-west-2]\n\
         network-load-balancer = { usd = \"0,0225\", unit = \"load-balancer-hour\" }\n",
    );
    let output = stand.run(["--sandbox", "--config", &config]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert_eq!(stand.still_billing(), Vec::<String>::new());
    let said = stderr(&output);
    assert!(said.contains("line 4") && said.contains("they are left out"), "{said}");
}
