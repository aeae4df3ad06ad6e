//! Forms of the result, flags, exit codes.

use aws_sandbox::{PlatformSpec, SiteFault};
use command_stand::{Stand, both, code, filters, stderr, stdout};

use crate::COMMAND;

/// What differs from run to run.
fn steady() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    let mut all = filters();
    all.extend([
        (r"/[^ \n]*/sandbox\.json\.ops/[^ \n\x22]*\.log", "[log]"),
        (r"passed( +)\d+:\d\d", "passed$1 [time]"),
        (r"failed( +)\d+:\d\d", "failed$1 [time]"),
        (r"in \d+ min \d\d s", "in [time]"),
        (r"after \d+ ms", "after [ms] ms"),
        (r"\d+ days left", "[days] days left"),
        (r"\(26\d{4} bytes\)", "([bytes] bytes)"),
        (r#""bytes": \d+"#, r#""bytes": [bytes]"#),
        (r"jitsi-ops-probe-[0-9a-f]+", "jitsi-ops-probe-[random]"),
        (r#""jid": "[^"]*""#, r#""jid": "[jid]""#),
    ]);
    for (pattern, with) in all {
        settings.add_filter(pattern, with);
    }
    settings
}

#[test]
fn the_text_has_a_line_for_each_phase_and_says_what_was_not_tested() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "-q"]);
    assert_eq!(stderr(&output), "");
    steady().bind(|| insta::assert_snapshot!("passed", stdout(&output)));
}

#[test]
fn what_fails_is_told_with_what_to_do() {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand
        .world(|world| world.set_site_fault(&service, Some(SiteFault::NoProsody)))
        .unwrap();
    let output = stand.run(["--sandbox", "-q"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    steady().bind(|| insta::assert_snapshot!("failed", format!("{}\n{}", stdout(&output), stderr(&output))));
}

#[test]
fn the_json_is_a_contract() {
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox", "--output", "json", "--no-scale"]);
    steady().bind(|| insta::assert_snapshot!(stdout(&output)));
}

#[test]
fn junit_has_a_case_for_each_phase_and_each_rung() {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand
        .world(|world| world.set_site_fault(&service, Some(SiteFault::NoAnonymous)))
        .unwrap();
    let file = stand.path().join("test.xml");
    let output = stand.run(["--sandbox", "-qq", "--no-scale", "--junit", file.to_str().unwrap()]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    let text = std::fs::read_to_string(&file).unwrap();
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    let suite = &report.test_suites[0];
    // Ten phases and five rungs; the phase and its rung fail; what was left out and what stands on it is skipped.
    assert_eq!(
        (suite.tests, suite.failures, suite.errors, suite.disabled),
        (15, 2, 0, 5),
        "{text}"
    );
    let output = stand.run(["--sandbox", "--phase", "jitsi", "--junit", "-"]);
    assert!(stdout(&output).starts_with("<?xml"), "{}", both(&output));
}

#[test]
fn a_junit_file_that_cannot_be_written_ends_the_run_before_it_begins() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--junit", "/no/such/folder/test.xml"]);
    assert_eq!(code(&output), 1, "{}", both(&output));
    assert!(
        stderr(&output).contains("/no/such/folder/test.xml"),
        "{}",
        both(&output)
    );
    assert_eq!(stand.mutating_calls(), 0);
}

#[test]
fn an_older_junit_file_is_not_taken_for_the_result_of_a_run_that_did_not_begin() {
    let stand = Stand::of(COMMAND);
    let file = stand.path().join("test.xml");
    std::fs::write(&file, "<testsuites/>").unwrap();
    let missing = stand.path().join("missing.toml");
    let flags = ["--config", missing.to_str().unwrap(), "--junit", file.to_str().unwrap()];
    assert_eq!(code(&stand.run(flags)), 2);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("the run has not come to its end"), "{text}");
}

#[test]
fn what_makes_no_test_is_wrong_usage() {
    let stand = Stand::of(COMMAND);
    for flags in [["--skip", "restore"], ["--phase", "restore"]] {
        let output = stand.run(["--sandbox"].iter().chain(&flags));
        assert_eq!(code(&output), 2, "{}", both(&output));
    }
    assert_eq!(stand.mutating_calls(), 0);
}

#[test]
fn without_credentials_it_ends_before_the_first_phase() {
    let stand = Stand::of(COMMAND);
    let configuration = stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\n");
    let mut command = stand.command(["--config", &configuration]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    let output = command.output().unwrap();
    assert_eq!(code(&output), 1, "{}", both(&output));
    assert!(stderr(&output).contains("credentials"), "{}", both(&output));
}
