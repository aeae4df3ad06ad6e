//! The shipped identity policies, enforced by the sandbox: they are enough, and no more than that.

use jitsi_ops::scale_down::Outcome;
use jitsi_ops::scale_up;

use crate::dns;
use crate::stage::{ACCOUNT, Stage};

/// Lets the engine's access key do only what the policy in `docs/iam` allows.
pub(crate) fn only_as(stage: &Stage, name: &str) {
    let file = format!("{}/../../docs/iam/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let policy = std::fs::read_to_string(file)
        .unwrap()
        .replace("REGION", &stage.wanted.region)
        .replace("ACCOUNT", ACCOUNT)
        .replace("BUCKET", &stage.spec.bucket_name())
        .replace("CLUSTER", &stage.wanted.cluster)
        .replace("SERVICE", &stage.wanted.service)
        .replace("PROJECT", &stage.wanted.project)
        .replace("ZONE", dns::ZONE)
        .replace("RECORD", dns::NAME)
        .replace("FAMILY", &format!("{}-task", stage.spec.project))
        .replace("EXECUTION_ROLE", &format!("{}-execution", stage.spec.project))
        .replace("TASK_ROLE", &format!("{}-task", stage.spec.project));
    stage
        .sandbox
        .world(|world| world.attach_policy(ACCOUNT, &policy))
        .unwrap();
}

fn with_its_bucket_named() -> Stage {
    let bucket = Stage::new().spec.bucket_name();
    Stage::configured(&format!("bucket = \"{bucket}\""))
}

/// Calls that were turned down.
fn denied(stage: &Stage) -> Vec<String> {
    let calls = stage.sandbox.calls();
    let denied = |code: &String| code.contains("AccessDenied");
    let turned_down = calls.iter().filter(|call| call.error.as_ref().is_some_and(denied));
    turned_down.map(|call| call.operation.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn the_operators_policy_is_enough_for_up_and_down() {
    let mut stage = with_its_bucket_named();
    only_as(&stage, "operator");
    stage.wanted.lease = Some(jiff::SignedDuration::from_mins(1));
    let report = stage.up().await;
    assert_eq!(report.outcome, scale_up::Outcome::Up, "{:?}", report.problem);
    stage.wanted.lease = None;
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
    assert_eq!(denied(&stage), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn crons_policy_is_enough_to_go_down() {
    let stage = with_its_bucket_named();
    stage.up().await;
    only_as(&stage, "cron");
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
    assert_eq!(denied(&stage), Vec::<String>::new());
    assert_eq!(stage.bills(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn crons_policy_is_not_enough_to_go_up() {
    let stage = with_its_bucket_named();
    only_as(&stage, "cron");
    let report = stage.up().await;
    assert_ne!(report.outcome, scale_up::Outcome::Up);
    assert!(!denied(&stage).is_empty());
    assert_eq!(stage.bills(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_deletion_whose_answer_was_lost_is_no_denial() {
    let stage = with_its_bucket_named();
    stage.up().await;
    only_as(&stage, "cron");
    // What is gone has no tags, so a policy that asks for tags turns the second attempt down.
    let lost = |operation| aws_sandbox::Fault::on(operation).nth(1).dropped_after();
    stage.sandbox.inject(lost("DeleteLoadBalancer"));
    stage.sandbox.inject(lost("DeleteTargetGroup"));
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
    assert!(
        denied(&stage).contains(&"DeleteLoadBalancer".to_owned()),
        "{:?}",
        denied(&stage)
    );
}

#[tokio::test(start_paused = true)]
async fn with_the_policy_for_the_zone_the_record_comes_and_goes() {
    let bucket = Stage::new().spec.bucket_name();
    let stage = dns::with_a_zone_and(&format!("bucket = \"{bucket}\""), None);
    only_as(&stage, "operator");
    only_as(&stage, "dns");
    let report = stage.up().await;
    assert_eq!(report.outcome, scale_up::Outcome::Up, "{:?}", report.problem);
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
    assert_eq!(denied(&stage), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_policy_for_the_zone_allows_no_other_record() {
    let bucket = Stage::new().spec.bucket_name();
    let lines = format!("bucket = \"{bucket}\"\ndns.record = \"www.example.org\"");
    let stage = dns::with_a_zone_and(&lines, None);
    only_as(&stage, "operator");
    only_as(&stage, "dns");
    let report = stage.up().await;
    assert_eq!(report.outcome, scale_up::Outcome::RolledBack, "{:?}", report.problem);
    assert_eq!(denied(&stage), ["ChangeResourceRecordSets"]);
}
