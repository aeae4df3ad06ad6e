//! What cannot be, and what cannot be read.

use command_stand::{Stand, both, code, json, stderr, stdout};

use crate::COMMAND;
use crate::journal::{Run, december, folder, task, write};

/// A fresh sandbox; what the command says on standard error, and its exit code.
fn refused(flags: &[&str]) -> (i32, String) {
    let output = Stand::of(COMMAND).run(["--sandbox"].iter().chain(flags));
    assert_eq!(stdout(&output), "", "{}", both(&output));
    (code(&output), stderr(&output))
}

#[test]
fn a_month_that_has_not_begun_or_is_none_is_refused() {
    // By the sandbox's clock it is January 2026.
    let (exit, said) = refused(&["--month", "2026-02"]);
    assert_eq!(exit, 2);
    assert!(said.contains("2026-02 has not begun, it is 2026-01"), "{said}");
    let (exit, said) = refused(&["--month", "2026-13"]);
    assert_eq!(exit, 2);
    assert!(said.contains("expected a month like 2026-10"), "{said}");
}

#[test]
fn numbers_below_zero_or_none_at_all_are_refused() {
    for flags in [["--hours", "-1"], ["--budget", "-0.5"], ["--scenario", "10,-5"]] {
        let (exit, said) = refused(&flags);
        assert_eq!(exit, 2, "{said}");
        assert!(said.contains("must be at least 0"), "{said}");
    }
    let (exit, said) = refused(&["--hours", "many"]);
    assert_eq!(exit, 2);
    assert!(said.contains("expected a number like"), "{said}");
}

#[test]
fn entries_that_are_none_are_counted_and_named_and_the_rest_is_used() {
    let stand = Stand::of(COMMAND);
    december(&stand);
    std::fs::write(folder(&stand).join("20251205T100000Z-bad1.json"), "{\"schema\": ").unwrap();
    std::fs::write(
        folder(&stand).join("20251206T100000Z-bad2.json"),
        "{\"schema\": \"jitsi-ops/journal/v9\"}",
    )
    .unwrap();
    let output = stand.run(["--sandbox", "--output", "json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let report = json(&output);
    assert_eq!(report["sessions"].as_array().unwrap().len(), 3);
    let told = &report["missing"][0];
    assert_eq!(told["what"], "2 entries of the journal");
    for name in ["bad1", "bad2", "journal/v9"] {
        assert!(told["reason"].as_str().unwrap().contains(name), "{told}");
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
}

#[test]
fn a_session_that_never_ended_counts_until_now_and_is_flagged() {
    let stand = Stand::up(COMMAND);
    stand.advance(9 * 3600);
    let report = json(&stand.run(["--sandbox", "--to-date", "--output", "json"]));
    let session = &report["sessions"][0];
    assert!(session["until"].is_null(), "{session}");
    assert_eq!(session["remarks"][0], "it has not ended: it counts until now");
    // Ten hours of 4 vCPUs, and the minutes of its start; more of the sandbox's time on a slow machine.
    let vcpu_hours = session["cost"]["lines"][0]["quantity"].as_f64().unwrap();
    assert!((40.0..50.0).contains(&vcpu_hours), "{session}");
}

#[test]
fn what_is_not_there_any_more_and_was_never_written_down_is_told_as_that() {
    let stand = Stand::of(COMMAND);
    let from = "2026-01-15T08:00:00Z";
    let up = [task("task", from, None)];
    let states = ["standby", "active"];
    write(
        &stand,
        &Run {
            operation: "scale-up",
            began: from,
            states,
            resources: &up,
        },
    );
    let report = json(&stand.run(["--sandbox", "--to-date", "--output", "json"]));
    let session = &report["sessions"][0];
    let remark = session["remarks"][0].as_str().unwrap();
    assert!(
        remark.contains("not there any more") && remark.contains("the most it can be"),
        "{remark}"
    );
    assert_eq!(session["resources"][0]["end_known"], "not-told");
}

#[test]
fn a_price_that_is_none_is_a_mistake_of_the_configuration() {
    let cases = [
        ("secret = { usd = \"0.4\" }", "has no unit; it must be `secret-month`"),
        (
            "secret = { usd = \"0.4\", unit = \"secret-hour\" }",
            "must be for `secret-month`",
        ),
        (
            "secret = { usd = \"-1\", unit = \"secret-month\" }",
            "is not a number of dollars",
        ),
        ("elephant = { usd = \"1\", unit = \"month\" }", "`elephant` is no item"),
    ];
    for (line, why) in cases {
        let stand = Stand::of(COMMAND);
        let text = format!("[profiles.ops]\ndomain = \"meet.example.org\"\n[prices.us-west-2]\n{line}\n");
        let output = stand.run(["--sandbox", "--config", &stand.configuration(&text)]);
        assert_eq!(code(&output), 2, "{}", both(&output));
        let said = stderr(&output);
        assert!(said.contains(why) && said.contains("line 4"), "{said}");
    }
    let stand = Stand::of(COMMAND);
    let text = "[profiles.ops]\ndomain = \"meet.example.org\"\n[prices]\ncurrency = \"EUR\"\n[prices.us-west-2]\nsecret = { usd = \"x\" }\n";
    let output = stand.run(["--sandbox", "--config", &stand.configuration(text)]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("has 2 prices that are none"),
        "{}",
        stderr(&output)
    );
    assert!(
        stderr(&output).contains("the currency `EUR` is not known"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_region_without_prices_is_an_error_that_names_the_command() {
    let (exit, said) = refused(&["--region", "sa-east-1"]);
    assert_eq!(exit, 1);
    assert!(said.contains("no prices for the region `sa-east-1`"), "{said}");
    assert!(
        said.contains("cost-analysis prices update --region sa-east-1"),
        "{said}"
    );
}

#[test]
fn a_journal_that_cannot_be_read_is_an_error_and_no_empty_month() {
    let stand = Stand::of(COMMAND);
    let (url, sandbox) = stand.serve_copy();
    sandbox.inject(aws_sandbox::Fault::on("ListObjectsV2").times(u64::MAX).access_denied());
    let config = stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\n");
    let output = stand.run(["--endpoint-url", &url, "--config", &config]);
    // A missing permission is a mistake of the configuration.
    assert_eq!(code(&output), 2, "{}", both(&output));
    assert!(stderr(&output).contains("AccessDenied"), "{}", stderr(&output));
}

#[test]
fn where_it_cannot_be_told_which_bucket_has_the_journal_that_is_said() {
    let stand = Stand::up(COMMAND);
    // The same project in another region, with a bucket of its own: names of buckets know no region.
    let output = stand.run(["--sandbox", "--region", "us-east-1", "--to-date", "--output", "json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let missing = json(&output)["missing"].to_string();
    assert!(missing.contains("only this machine's journal was read"), "{missing}");
}
