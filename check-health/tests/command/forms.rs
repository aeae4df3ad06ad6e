//! Forms of the result, flags, exit codes.

use aws_sandbox::{PlatformSpec, SiteFault};
use command_stand::{Signal, Stand, both, code, filters, json, stderr, stdout};

use crate::COMMAND;

/// What differs from run to run.
fn steady() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    let mut all = filters();
    all.extend([
        (r"\b198\.18\.\d+\.\d+", "[public address]"),
        (r"after \d+ ms", "after [ms] ms"),
        (r"\d+ days left", "[days] days left"),
    ]);
    for (pattern, with) in all {
        settings.add_filter(pattern, with);
    }
    settings
}

#[test]
fn the_text_has_a_line_for_each_check_and_what_to_do() {
    let stand = Stand::up(COMMAND);
    steady().bind(|| insta::assert_snapshot!("well", stdout(&stand.run(["--sandbox"]))));
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox"]);
    steady().bind(|| insta::assert_snapshot!("at-zero", stdout(&output)));
    assert!(
        stderr(&output).contains("4 of 9 checks failed, 4 cannot be told"),
        "{}",
        both(&output)
    );
}

#[test]
fn the_json_is_a_contract() {
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox", "--output", "json"]);
    assert_eq!(json(&output)["outcome"], "healthy");
    steady().bind(|| insta::assert_snapshot!(stdout(&output)));
}

#[test]
fn junit_names_failures_and_what_cannot_be_told() {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand
        .world(|world| world.set_site_fault(&service, Some(SiteFault::BadGateway)))
        .unwrap();
    let output = stand.run(["--sandbox", "--junit", "-"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    let report = quick_junit::Report::deserialize_from_str(&stdout(&output)).unwrap();
    let suite = &report.test_suites[0];
    assert_eq!((suite.tests, suite.failures, suite.errors), (9, 1, 1));
    let file = stand.path().join("health.xml");
    let output = stand.run(["--sandbox", "--junit", file.to_str().unwrap(), "--only", "service"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(stdout(&output).contains("1 check passes"), "{}", both(&output));
    assert!(std::fs::read_to_string(&file).unwrap().contains("name=\"service\""));
}

#[test]
fn only_and_skip_choose_the_checks_and_without_the_sites_nobody_visits_it() {
    let stand = Stand::up(COMMAND);
    let names = |flags: &[&str]| -> Vec<String> {
        let document = json(&stand.run(flags));
        let checks = document["checks"].as_array().unwrap().iter();
        checks.map(|check| check["name"].as_str().unwrap().to_owned()).collect()
    };
    let json = ["--sandbox", "--output", "json"];
    assert_eq!(
        names(&[&json[..], &["--only", "lint,service"]].concat()),
        ["service", "lint"]
    );
    assert_eq!(
        names(&[&json[..], &["--skip", "dns,https", "--skip", "page,certificate"]].concat()),
        ["service", "tasks", "targets", "membership", "lint"]
    );
}

#[test]
fn wrong_usage_exits_with_2() {
    let stand = Stand::of(COMMAND);
    let all = "service,tasks,targets,membership,dns,https,certificate,page,lint";
    for flags in [
        vec!["--sandbox", "--only", "weather"],
        vec!["--sandbox", "--only", "dns", "--skip", "page"],
        vec!["--sandbox", "--skip", all],
        vec!["--sandbox", "--ca-file", "missing.pem"],
    ] {
        let output = stand.run(&flags);
        assert_eq!(code(&output), 2, "{flags:?} {}", both(&output));
        assert!(stderr(&output).contains("error"), "{}", both(&output));
    }
}

#[test]
fn a_junit_file_that_cannot_be_written_does_not_take_the_result_with_it() {
    let stand = Stand::up(COMMAND);
    let flags = ["--sandbox", "--output", "json", "--junit", "missing/health.xml"];
    let output = stand.run(flags);
    assert_eq!(code(&output), 1, "{}", both(&output));
    assert_eq!(json(&output)["outcome"], "healthy", "{}", both(&output));
    assert!(
        stderr(&output).contains("`missing/health.xml` cannot be written"),
        "{}",
        both(&output)
    );
    let output = Stand::of(COMMAND).run(flags);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert_eq!(json(&output)["outcome"], "unhealthy", "{}", both(&output));
}

#[test]
fn interrupted_it_exits_with_130() {
    let stand = Stand::up(COMMAND);
    stand.world(|world| world.set_latency("DescribeServices", 60_000));
    let mut running = stand.start(["--sandbox", "--verbose"], 1);
    running.says("`account_id` is not configured");
    // It says nothing more before it waits for AWS; it listens for signals from its next turn on.
    std::thread::sleep(std::time::Duration::from_secs(1));
    running.send(Signal::SIGINT);
    assert_eq!(running.ends(), Some(130));
}
