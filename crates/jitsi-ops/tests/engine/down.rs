//! Whole scale-downs: from up to nothing that bills, and from every state that somebody may have left.

use std::time::Duration;

use aws_sandbox::{CutOffBy, Fault};
use jitsi_ops::guard::{FRESH_FOR, Overrule};
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_down::{Outcome, Report, ScaleDown};
use jitsi_ops::scale_up::Interrupts;
use jitsi_ops::state::State;

use crate::stage::{ACCOUNT, Stage, down_request, words};

#[track_caller]
fn assert_down(stage: &Stage, report: &Report, outcome: Outcome) {
    assert_eq!(
        report.outcome,
        outcome,
        "{:?}\n{}",
        report.problem,
        stage.said().join("\n")
    );
    if matches!(outcome, Outcome::Down | Outcome::AlreadyDown) {
        assert_eq!(report.state, State::Standby);
        assert_eq!(stage.bills(), Vec::<String>::new());
    }
}

/// Up, and so long that its sentinel has found nobody.
async fn quiet_platform() -> Stage {
    let stage = Stage::new();
    stage.up().await;
    stage.mark();
    stage
}

#[tokio::test(start_paused = true)]
async fn from_up_to_nothing_that_bills() {
    let stage = quiet_platform().await;
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Down);
    assert_eq!(stage.network_parts().await, (0, 0, 0));
    let kinds: Vec<&str> = report.removed.iter().map(|r| r.kind).collect();
    assert_eq!(kinds, ["load balancer", "target group", "target group", "task"]);
    assert!(
        report
            .removed
            .iter()
            .all(|r| r.kind == "target group" || r.from.is_some_and(|from| from < r.until))
    );
    assert!(report.left.is_empty(), "{:?}", report.left);
}

#[tokio::test(start_paused = true)]
async fn a_second_scale_down_changes_nothing() {
    let stage = quiet_platform().await;
    stage.down().await;
    stage.mark();
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::AlreadyDown);
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_was_left_behind_is_removed() {
    let stage = quiet_platform().await;
    stage.scale_by_hand(0).await;
    tokio::time::sleep(std::time::Duration::from_secs(300)).await;
    assert_eq!(stage.bills(), ["network-load-balancer", "public-ipv4", "public-ipv4"]);
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Down);
}

#[tokio::test(start_paused = true)]
async fn target_groups_that_were_left_behind_are_removed() {
    let stage = quiet_platform().await;
    stage.scale_by_hand(0).await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    stage.delete_load_balancer().await;
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Down);
    assert_eq!(stage.network_parts().await, (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_the_first_looks_do_not_show_yet_is_removed() {
    let stage = Stage::new();
    stage.load_balancer_of_ours().await;
    let stale = Fault::on("DescribeLoadBalancers").stale(Duration::from_secs(3));
    stage.sandbox.inject(stale.nth(1).times(8));
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Down);
}

#[tokio::test(start_paused = true)]
async fn it_reads_the_guard_for_a_minute_before_it_takes_anything() {
    let stage = quiet_platform().await;
    let before = stage.sandbox.now();
    stage.down().await;
    let calls = stage.sandbox.calls();
    let readings: Vec<_> = calls
        .iter()
        .filter(|c| c.operation == "GetTaskProtection" && c.at >= before)
        .collect();
    let lowered = calls
        .iter()
        .find(|c| c.operation == "UpdateService" && c.at > before)
        .unwrap();
    let first = readings.first().unwrap();
    let last = readings.iter().rfind(|c| c.at < lowered.at).unwrap();
    assert!(lowered.at.duration_since(first.at).as_secs() >= 60);
    assert!(lowered.at.duration_since(last.at).as_secs() <= 10);
}

/// Somebody comes when the lock was taken; when they leave, S3 is slow. How long before the decision the lock was renewed
/// last depends on when that is. Gives the age of the last reading when the desired count was lowered.
async fn decision_after_slow_renewals(meeting: Duration) -> Duration {
    let stage = quiet_platform().await;
    let arn = stage.spec.service_arn();
    let request = ScaleDown {
        wait_idle: Duration::from_secs(45 * 60),
        ..down_request()
    };
    let interrupts = Interrupts::default();
    let (report, ()) = tokio::join!(stage.run_down(&request, &interrupts), async {
        while !stage.mutations().contains(&"PutObject".to_owned()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stage.begin_meeting();
        tokio::time::sleep(meeting).await;
        stage
            .sandbox
            .inject(Fault::on("PutObject").slow(Duration::from_secs(12)));
        stage.sandbox.world(|world| world.end_meeting(&arn)).unwrap();
    });
    assert_down(&stage, &report, Outcome::Down);
    let calls = stage.sandbox.calls();
    let lowered = calls.iter().rfind(|c| c.operation == "UpdateService").unwrap();
    let reading = calls
        .iter()
        .rfind(|c| c.operation == "GetTaskProtection" && c.at < lowered.at);
    lowered.at.duration_since(reading.unwrap().at).unsigned_abs()
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_before_a_slow_renewal_of_the_lock_is_looked_at_again() {
    for seconds in [300, 310, 320, 330] {
        let age = decision_after_slow_renewals(Duration::from_secs(seconds)).await;
        assert!(age <= FRESH_FOR, "{seconds} s: {age:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_live_meeting_is_left_alone() {
    let stage = quiet_platform().await;
    stage.begin_meeting();
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    stage.mark();
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Refused);
    let (kind, text) = words(report.problem.as_ref());
    assert_eq!(kind, ProblemKind::Refused);
    assert!(text.contains("is protected until"), "{text}");
    assert_eq!(stage.mutations(), Vec::<String>::new());
    assert_eq!(report.state, State::Active);
}

#[tokio::test(start_paused = true)]
async fn without_a_sentinel_a_meeting_could_not_be_seen() {
    let stage = Stage::without_sentinel();
    stage.up().await;
    stage.mark();
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Refused);
    let (_, text) = words(report.problem.as_ref());
    assert!(text.contains("has no container `meeting-sentinel`"), "{text}");
    assert!(text.contains("guard.source"), "{text}");
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_sentinel_that_has_stopped_is_not_quiet() {
    let stage = quiet_platform().await;
    let arn = stage.spec.service_arn();
    stage.sandbox.world(|world| world.stop_sentinel(&arn)).unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    stage.mark();
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Refused);
    assert!(words(report.problem.as_ref()).1.contains("is STOPPED"));
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn failures_in_the_answer_are_not_quiet() {
    let stage = quiet_platform().await;
    let arn = stage.spec.service_arn();
    stage
        .sandbox
        .world(|world| world.protection_failures(&arn, true))
        .unwrap();
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Refused);
    assert!(words(report.problem.as_ref()).1.contains("could not be read"));
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_the_end_of_a_meeting_when_told_to() {
    let stage = quiet_platform().await;
    let arn = stage.spec.service_arn();
    stage.begin_meeting();
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    let request = jitsi_ops::scale_down::ScaleDown {
        wait_idle: std::time::Duration::from_secs(45 * 60),
        ..crate::stage::down_request()
    };
    let interrupts = jitsi_ops::scale_up::Interrupts::default();
    let (report, ()) = tokio::join!(stage.run_down(&request, &interrupts), async {
        tokio::time::sleep(std::time::Duration::from_secs(600)).await;
        stage.sandbox.world(|world| world.end_meeting(&arn)).unwrap();
    });
    assert_down(&stage, &report, Outcome::Down);
    assert!(stage.cut_off().is_empty(), "{:?}", stage.cut_off());
}

#[tokio::test(start_paused = true)]
async fn force_ends_a_meeting_and_lifts_its_protection() {
    let mut stage = quiet_platform().await;
    stage.begin_meeting();
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    stage.wanted.overrule = Overrule::Everything;
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Down);
    assert_eq!(stage.cut_off(), [CutOffBy::ProtectionLifted]);
    assert!(
        stage.has_said("this ends a meeting: task "),
        "{}",
        stage.said().join("\n")
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_at_zero_with_a_meeting_is_given_its_count_back() {
    let stage = quiet_platform().await;
    stage.begin_meeting();
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    // Somebody has lowered the count by hand; ECS honours the protection, but refuses to renew it.
    stage.scale_by_hand(0).await;
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Refused);
    tokio::time::sleep(std::time::Duration::from_secs(3 * 3600)).await;
    assert!(stage.cut_off().is_empty(), "{:?}", stage.cut_off());
    assert_eq!(report.seen.service.here().unwrap().desired, 1);
}

#[tokio::test(start_paused = true)]
async fn another_platform_in_the_same_account_is_untouched() {
    let stage = quiet_platform().await;
    let mut other = Stage::beside(&stage, "other-community").await;
    // Of the same project: only the platform's own tag tells whose is whose.
    other.wanted.project.clone_from(&stage.wanted.project);
    other.up().await;
    other.begin_meeting();
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
    assert!(other.cut_off().is_empty());
    assert_eq!(other.network_parts().await, (1, 2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_is_ours_under_another_name_is_removed() {
    let mut stage = quiet_platform().await;
    stage.rename("renamed");
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Down);
    assert_eq!(stage.network_parts().await, (0, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn without_the_sweep_what_is_ours_under_another_name_is_told() {
    let mut stage = quiet_platform().await;
    stage.rename("renamed");
    stage.wanted.sweep = false;
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Failed);
    let (kind, text) = words(report.problem.as_ref());
    assert_eq!(kind, ProblemKind::Failed);
    assert!(
        text.contains("which costs money") && text.contains("--no-sweep"),
        "{text}"
    );
    assert_eq!(stage.network_parts().await, (1, 2, 2));
    assert!(report.left.iter().any(|l| l.kind == "load balancer" && l.ours));
}

#[tokio::test(start_paused = true)]
async fn what_only_looks_related_is_told_and_left() {
    let stage = quiet_platform().await;
    stage.load_balancer_of_a_stranger("jitsi-video-platform-old").await;
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
    assert_eq!(stage.network_parts().await, (1, 0, 0));
    assert!(stage.has_said("`jitsi-video-platform-old` looks related"));
    assert!(
        report
            .left
            .iter()
            .any(|l| l.name == "jitsi-video-platform-old" && !l.ours)
    );
}

#[tokio::test(start_paused = true)]
async fn another_account_is_refused_on_the_way_down_too() {
    let stage = quiet_platform().await;
    let mut elsewhere = stage;
    elsewhere.wanted.account_id = Some("999999999999".to_owned());
    let report = elsewhere.down().await;
    assert_down(&elsewhere, &report, Outcome::Refused);
    assert_eq!(elsewhere.mutations(), Vec::<String>::new());
    let _ = ACCOUNT;
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_is_protected_against_deletion_is_told_by_name() {
    let stage = quiet_platform().await;
    stage.protect_load_balancer().await;
    let report = stage.down().await;
    assert_down(&stage, &report, Outcome::Failed);
    let (_, text) = words(report.problem.as_ref());
    assert!(
        text.contains("OperationNotPermitted") && text.contains("deletion protection"),
        "{text}"
    );
    assert!(
        report.left.iter().any(|l| l.kind == "load balancer"),
        "{:?}",
        report.left
    );
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_lists_the_way_down_and_changes_nothing() {
    let stage = quiet_platform().await;
    let report = stage.dry_run_down().await;
    assert_eq!(report.outcome, Outcome::Planned, "{:?}", report.problem);
    let operations: Vec<_> = report.planned.iter().map(|s| s.operation()).collect();
    assert_eq!(
        operations,
        [
            "UpdateService",
            "DeleteLoadBalancer",
            "DeleteTargetGroup",
            "DeleteTargetGroup"
        ]
    );
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn from_the_last_reading_it_takes_hardly_longer_than_aws_itself() {
    for seed in [1, 2, 3] {
        let stage = quiet_platform().await;
        tokio::time::sleep(std::time::Duration::from_secs(300)).await;
        let ideal = stage
            .sandbox
            .world(|world| aws_sandbox::ideal::scale_down(world, &stage.spec))
            .unwrap();
        let request = jitsi_ops::scale_down::ScaleDown {
            seed,
            ..crate::stage::down_request()
        };
        let before = stage.sandbox.calls().len();
        let report = stage
            .run_down(&request, &jitsi_ops::scale_up::Interrupts::default())
            .await;
        assert_down(&stage, &report, Outcome::Down);
        let calls = stage.sandbox.calls().split_off(before);
        let ratio = stage.seconds_to_zero(&calls).unwrap() / ideal.nothing_bills_seconds.unwrap();
        assert!(ratio <= 1.05, "seed {seed}: {ratio}");
        assert!(calls.iter().all(|c| c.error.as_deref() != Some("ThrottlingException")));
        assert!(calls.len() < 300, "{} calls", calls.len());
    }
}
