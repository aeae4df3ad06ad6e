//! What could not be read is unknown, and never well.

use aws_sandbox::PlatformSpec;
use command_stand::Stand;

use crate::COMMAND;
use crate::faults::checked;

#[test]
fn a_read_that_is_denied_makes_its_checks_unknown_by_name_and_no_other() {
    for (action, unknown) in [
        ("ecs:DescribeServices", vec!["service", "lint"]),
        ("ecs:DescribeTasks", vec!["tasks", "membership"]),
        ("ecs:ListTasks", vec!["tasks", "membership"]),
        ("ecs:DescribeTaskDefinition", vec!["lint"]),
        (
            "elasticloadbalancing:DescribeTargetHealth",
            vec!["targets", "membership"],
        ),
        ("route53:ListResourceRecordSets", vec!["dns"]),
        ("ecs:GetTaskProtection", vec![]),
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
    }
}
