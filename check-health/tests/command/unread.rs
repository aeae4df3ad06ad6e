//! What could not be read is unknown, and never well.

use aws_sandbox::{Fault, PlatformSpec};
use command_stand::{Stand, both, code, json, stderr};

use crate::COMMAND;
use crate::faults::checked;

#[test]
fn a_read_that_is_denied_makes_its_checks_unknown_by_name_and_no_other() {
    for (action, unknown) in [
        ("ecs:DescribeServices", vec!["service", "lint"]),
        ("ecs:DescribeTasks", vec!["tasks", "membership"]),
        ("ecs:ListTasks", vec!["tasks", "membership"]),
        ("ecs:DescribeTaskDefinition", vec!["lint"]),
        ("elasticloadbalancing:DescribeLoadBalancers", vec!["targets", "dns"]),
        (
            "elasticloadbalancing:DescribeTargetGroups",
            vec!["targets", "membership"],
        ),
        (
            "elasticloadbalancing:DescribeTargetHealth",
            vec!["targets", "membership"],
        ),
        ("route53:ListResourceRecordSets", vec!["dns"]),
        ("ecs:GetTaskProtection", vec![]),
        ("elasticloadbalancing:DescribeTags", vec![]),
    ] {
        let stand = Stand::up(COMMAND);
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[
                {{"Effect":"Allow","Action":"*","Resource":"*"}},
                {{"Effect":"Deny","Action":"{action}","Resource":"*"}}]}}"#
        );
        let account = PlatformSpec::default().account;
        stand.world(|world| world.attach_policy(&account, &policy)).unwrap();
        let checks = checked(&stand);
        let found = checks.iter().filter(|(_, outcome, _)| outcome != "pass");
        let found: Vec<(&str, &str)> = found
            .map(|(name, outcome, _)| (name.as_str(), outcome.as_str()))
            .collect();
        let wanted: Vec<(&str, &str)> = unknown.iter().map(|name| (*name, "unknown")).collect();
        assert_eq!(found, wanted, "{action}: {checks:?}");
        let (_, operation) = action.split_once(':').unwrap();
        for (name, _, why) in checks.iter().filter(|(_, outcome, _)| outcome == "unknown") {
            assert!(why.contains(operation) && why.contains("AccessDenied"), "{name}: {why}");
        }
    }
}

#[test]
fn a_service_of_awss_that_is_down_makes_its_checks_unknown() {
    let stand = Stand::up(COMMAND);
    let (url, sandbox) = stand.serve_copy();
    sandbox.inject(Fault::on("DescribeTargetHealth").unavailable());
    let config = stand.configuration("[profiles.ops]\ndomain = \"meet.sandbox.example\"\n");
    let only = ["--only", "service,tasks,targets", "--output", "json"];
    let output = stand.run([&["--config", &config, "--endpoint-url", &url], &only[..]].concat());
    assert_eq!(code(&output), 3, "{}", both(&output));
    let document = json(&output);
    assert_eq!(document["outcome"], "unknown");
    assert_eq!(document["checks"][2]["outcome"], "unknown");
    let why = document["checks"][2]["why"].as_str().unwrap();
    assert!(why.contains("DescribeTargetHealth"), "{why}");
}

#[test]
fn without_credentials_it_says_so_and_exits_with_1() {
    let stand = Stand::of(COMMAND);
    let config = stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\n");
    let mut command = stand.command(["--config", &config]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    let output = command.output().unwrap();
    assert_eq!(code(&output), 1, "{}", both(&output));
    assert!(stderr(&output).contains("hint:"), "{}", both(&output));
}
