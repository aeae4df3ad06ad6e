//! Faults that are planted, and the checks that they fail.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sandbox::{PlatformSpec, RecordSet, SiteFault, TaskFate};
use command_stand::{Stand, both, code, json};
use serde_json::Value;

use crate::COMMAND;

/// Outcome and reason of each check; the exit code goes with them.
#[track_caller]
pub(crate) fn checked(stand: &Stand) -> Vec<(String, String, String)> {
    let before = stand.mutating_calls();
    let output = stand.run(["--sandbox", "--output", "json"]);
    assert_eq!(stand.mutating_calls(), before, "it has changed something");
    let document = json(&output);
    let text = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks: Vec<_> = document["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| (text(check, "name"), text(check, "outcome"), text(check, "why")))
        .collect();
    let well = checks.iter().all(|(_, outcome, _)| outcome == "pass");
    assert_eq!(code(&output), if well { 0 } else { 3 }, "{}", both(&output));
    checks
}

/// The names of those with this outcome.
fn with(checks: &[(String, String, String)], outcome: &str) -> Vec<String> {
    let those = checks.iter().filter(|(_, is, _)| is == outcome);
    those.map(|(name, _, _)| name.clone()).collect()
}

/// What is said of one check.
fn why<'c>(checks: &'c [(String, String, String)], name: &str) -> &'c str {
    &checks.iter().find(|(is, _, _)| is == name).unwrap().2
}

#[test]
fn up_every_check_passes() {
    let checks = checked(&Stand::up(COMMAND));
    assert_eq!(with(&checks, "pass").len(), 9, "{checks:?}");
}

#[test]
fn each_fault_of_the_site_fails_its_own_check() {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    for (fault, failed, said, unknown) in [
        (
            SiteFault::WrongName,
            "certificate",
            "not for `meet.sandbox.example`",
            vec![],
        ),
        (SiteFault::Expired, "certificate", "it has expired", vec![]),
        (SiteFault::BadGateway, "https", "HTTP 502", vec!["page"]),
        (SiteFault::OtherSite, "page", "another site's", vec![]),
    ] {
        stand
            .world(|world| world.set_site_fault(&service, Some(fault)))
            .unwrap();
        let checks = checked(&stand);
        assert_eq!(with(&checks, "fail"), [failed], "{fault:?}: {checks:?}");
        assert_eq!(with(&checks, "unknown"), unknown, "{fault:?}: {checks:?}");
        assert!(why(&checks, failed).contains(said), "{fault:?}: {checks:?}");
    }
    stand.world(|world| world.set_site_fault(&service, None)).unwrap();
    assert_eq!(with(&checked(&stand), "pass").len(), 9);
}

#[test]
fn a_name_that_leads_elsewhere_fails_dns_and_says_where() {
    let stand = Stand::up(COMMAND);
    let name = "meet.sandbox.example";
    stand
        .world(|world| {
            world.remove_record("Z0SANDBOX", name, "A")?;
            world.put_record("Z0SANDBOX", RecordSet::values(name, "A", 300, &["192.0.2.7"]))
        })
        .unwrap();
    let checks = checked(&stand);
    // Nobody answers at the address of documentation.
    assert_eq!(with(&checks, "fail"), ["dns", "https"], "{checks:?}");
    assert_eq!(with(&checks, "unknown"), ["certificate", "page"], "{checks:?}");
    assert!(why(&checks, "dns").contains("192.0.2.7"), "{checks:?}");
}

#[test]
fn a_target_that_is_unhealthy_fails_targets_with_awss_words() {
    let stand = Stand::up(COMMAND);
    stand.world(|world| world.health_checks_reach_tasks(false));
    stand.advance(600);
    let checks = checked(&stand);
    assert_eq!(with(&checks, "fail"), ["targets", "https"], "{checks:?}");
    let why = why(&checks, "targets");
    assert!(why.contains("is unhealthy (Target.FailedHealthChecks"), "{why}");
}

#[test]
fn a_task_that_is_unhealthy_fails_tasks_by_name() {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand
        .world(|world| {
            world.set_task_fate(&service, TaskFate::Unhealthy);
            world.replace_task(&service)
        })
        .unwrap();
    let unhealthy = (0..60).find_map(|_| {
        stand.advance(10);
        let checks = checked(&stand);
        let why = why(&checks, "tasks").to_owned();
        (with(&checks, "fail").contains(&"tasks".to_owned()) && why.contains("is UNHEALTHY")).then_some(why)
    });
    assert!(unhealthy.is_some(), "no task was ever told to be UNHEALTHY");
}

#[test]
fn a_task_that_nobody_has_registered_fails_membership() {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand.world(|world| world.replace_task(&service)).unwrap();
    stand.advance(600);
    let checks = checked(&stand);
    let why = why(&checks, "membership");
    assert!(why.contains("is not in `jitsi-video-platform-jvb-udp-tg`"), "{why}");
    assert!(why.contains("is no task of ours"), "{why}");
    assert!(with(&checks, "fail").contains(&"membership".to_owned()));
}

#[test]
fn at_zero_it_is_not_well_and_no_resolver_is_asked() {
    let checks = checked(&Stand::of(COMMAND));
    assert_eq!(with(&checks, "fail"), ["service", "tasks", "targets", "membership"]);
    assert_eq!(with(&checks, "unknown"), ["dns", "https", "certificate", "page"]);
    assert_eq!(why(&checks, "dns"), "not tried: there is no load balancer");
}
