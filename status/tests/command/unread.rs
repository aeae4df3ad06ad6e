//! Least privilege: what may not be read is named, and the rest is shown.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sandbox::PlatformSpec;
use command_stand::{Stand, both, code, json, stderr, stdout};

use crate::COMMAND;
use crate::schema::assert_valid;

/// Denies these actions, and allows everything else.
fn deny(stand: &Stand, actions: &str) {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":[{actions}],"Resource":"*"}}]}}"#
    );
    let account = PlatformSpec::default().account;
    stand.world(|world| world.attach_policy(&account, &policy)).unwrap();
}

#[test]
fn with_any_single_read_denied_it_exits_with_0_and_names_what_is_missing() {
    for (action, operation) in [
        ("ecs:DescribeServices", "DescribeServices"),
        ("ecs:ListTasks", "ListTasks"),
        ("ecs:DescribeTasks", "DescribeTasks"),
        ("ecs:GetTaskProtection", "GetTaskProtection"),
        ("ecs:DescribeTaskDefinition", "DescribeTaskDefinition"),
        ("elasticloadbalancing:DescribeLoadBalancers", "DescribeLoadBalancers"),
        ("elasticloadbalancing:DescribeTargetGroups", "DescribeTargetGroups"),
        ("elasticloadbalancing:DescribeTags", "DescribeTags"),
        ("elasticloadbalancing:DescribeTargetHealth", "DescribeTargetHealth"),
        ("route53:ListResourceRecordSets", "ListResourceRecordSets"),
        ("s3:GetObject", "GetObject"),
        ("s3:ListBucket", "ListObjectsV2"),
        ("s3:ListAllMyBuckets", "ListBuckets"),
    ] {
        let stand = Stand::up(COMMAND);
        deny(&stand, &format!("\"{action}\""));
        let output = stand.run(["--sandbox", "--no-probes"]);
        assert_eq!(code(&output), 0, "{action}: {}", both(&output));
        assert!(stdout(&output).contains(operation), "{action}: {}", both(&output));
        assert!(stdout(&output).contains("AccessDenied"), "{action}: {}", both(&output));
        let output = stand.run(["--sandbox", "--no-probes", "--output", "json"]);
        assert_eq!(code(&output), 0, "{action}: {}", both(&output));
        assert_valid(&json(&output));
    }
}

#[test]
fn with_nothing_readable_it_exits_with_1() {
    let stand = Stand::up(COMMAND);
    deny(&stand, "\"ecs:*\", \"elasticloadbalancing:*\"");
    let output = stand.run(["--sandbox", "--no-probes"]);
    assert_eq!(code(&output), 1, "{}", both(&output));
    assert!(stdout(&output).starts_with("unknown: "), "{}", both(&output));
    assert!(stderr(&output).contains("DescribeServices"), "{}", both(&output));
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
