//! Whole scale-ups in good weather.

use std::time::Duration;

use jitsi_ops::scale_up::Outcome;
use jitsi_ops::state::State;

use crate::stage::{Stage, assert_outcome, healthy};

#[tokio::test(start_paused = true)]
async fn from_standby_to_active_with_one_healthy_target_per_listener() {
    let stage = Stage::new();
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    assert_eq!(report.state, State::Active);
    assert_eq!(healthy(&report.seen, &stage.wanted).len(), 2);
    assert_eq!(
        stage
            .bills()
            .iter()
            .filter(|kind| *kind == "network-load-balancer")
            .count(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn targets_are_registered_before_the_load_balancer_is_active() {
    let stage = Stage::new();
    stage.up().await;
    let calls = stage.sandbox.calls();
    let created = calls.iter().find(|c| c.operation == "CreateLoadBalancer").unwrap().at;
    let registered = calls.iter().find(|c| c.operation == "RegisterTargets").unwrap().at;
    let provisioning = registered.duration_since(created).as_secs();
    assert!(
        provisioning < 120,
        "registered {provisioning} s after the load balancer was asked for; it is active after 150 s"
    );
    let said = stage.said();
    let position = |part: &str| said.iter().position(|line| line.contains(part)).unwrap();
    assert!(
        position("done RegisterTargets") < position("load balancer: active"),
        "{}",
        said.join("\n")
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_run_changes_nothing() {
    let stage = Stage::new();
    stage.up().await;
    let before = stage.mutations().len();
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::AlreadyUp);
    assert_eq!(stage.mutations().len(), before);
}

#[tokio::test(start_paused = true)]
async fn a_run_takes_hardly_longer_than_aws_itself_and_is_never_throttled() {
    let stage = Stage::new();
    let report = stage.up().await;
    let ports = [("UDP", 10000, "UDP", 10000), ("TCP", 4443, "TCP", 4443)];
    let world = aws_sandbox::World::with_platform(&stage.spec);
    let ideal = aws_sandbox::ideal::scale_up(&world, &stage.spec, &ports, 1).unwrap();
    let ratio = report.elapsed.as_secs_f64() / ideal.duration_seconds;
    assert!(
        ratio <= 1.03,
        "{} s against {} s, ratio {ratio:.4}",
        report.elapsed.as_secs_f64(),
        ideal.duration_seconds
    );
    let calls = stage.sandbox.calls();
    assert!(calls.len() <= 200, "{} calls", calls.len());
    let refused: Vec<_> = calls
        .iter()
        .filter(|c| c.error.as_deref().is_some_and(|e| e.contains("Throttling")))
        .collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[tokio::test(start_paused = true)]
async fn a_missing_registration_is_repaired() {
    let stage = Stage::new();
    let first = stage.up().await;
    let aws = stage.aws_as(crate::stage::ACCOUNT).await.unwrap();
    let group = first.seen.group("jitsi-video-platform-jvb-udp-tg").unwrap().clone();
    let targets = first
        .seen
        .targets_in(&group.name)
        .unwrap()
        .iter()
        .map(|t| (t.id.clone(), t.port))
        .collect();
    let step = jitsi_ops::step::Step::DeregisterStrays {
        group: group.name,
        group_arn: group.arn,
        targets,
    };
    jitsi_ops::apply::apply(&aws, &stage.wanted, &step).await.unwrap();
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Repaired);
    assert_eq!(healthy(&report.seen, &stage.wanted).len(), 2);
    assert!(
        report.steps.iter().all(|s| s.operation == "RegisterTargets"),
        "{:?}",
        report.steps
    );
}

#[tokio::test(start_paused = true)]
async fn a_replaced_tasks_address_is_registered_and_the_old_one_goes() {
    let stage = Stage::new();
    let first = stage.up().await;
    let old = first
        .seen
        .tasks()
        .iter()
        .find(|t| t.is_running())
        .unwrap()
        .private_ip
        .clone()
        .unwrap();
    stage
        .sandbox
        .world(|world| world.replace_task(&stage.spec.service_arn()).unwrap());
    tokio::time::sleep(std::time::Duration::from_secs(150)).await;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Repaired);
    let healthy = healthy(&report.seen, &stage.wanted);
    assert_eq!(healthy.len(), 2);
    assert!(
        healthy.iter().all(|target| !target.starts_with(&format!("{old}:"))),
        "{healthy:?} still has {old}"
    );
    assert!(report.steps.iter().any(|s| s.operation == "DeregisterTargets"));
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_lists_every_step_and_changes_nothing() {
    let stage = Stage::new();
    let report = stage.dry_run().await;
    assert_outcome(&stage, &report, Outcome::Planned);
    let listed: Vec<&'static str> = report.planned.iter().map(|step| step.operation()).collect();
    assert_eq!(stage.mutations(), Vec::<String>::new());
    let done = stage.up().await;
    let taken: Vec<&'static str> = done.steps.iter().map(|step| step.operation).collect();
    let sorted = |mut list: Vec<&'static str>| {
        list.sort_unstable();
        list
    };
    assert_eq!(sorted(listed), sorted(taken));
}

#[tokio::test(start_paused = true)]
async fn a_tls_listener_forwards_to_a_plain_tcp_group() {
    let certificate = "arn:aws:acm:us-west-2:123456789012:certificate/11111111-2222-3333-4444-555555555555";
    let stage = Stage::configured(&format!(
        "nlb.listeners = [\"udp:10000\", \"tls:443->80\"]\nnlb.certificate_arn = \"{certificate}\""
    ));
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let tls = report
        .seen
        .listeners
        .here()
        .unwrap()
        .iter()
        .find(|l| l.port == 443)
        .unwrap()
        .clone();
    assert_eq!(
        (tls.protocol.as_str(), tls.certificate_arn.as_deref()),
        ("TLS", Some(certificate))
    );
    let group = report.seen.group("jitsi-video-platform-tls-443-tg").unwrap();
    assert_eq!((group.protocol.as_str(), group.port), ("TCP", 80));
}

#[tokio::test(start_paused = true)]
async fn drifted_attributes_and_health_checks_are_mended() {
    let mut stage = Stage::new();
    stage.up().await;
    for listener in &mut stage.wanted.listeners {
        listener.group.health_check.path = Some("/about/version".to_owned());
    }
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Repaired);
    let operations: Vec<_> = report.steps.iter().map(|s| s.operation).collect();
    assert_eq!(operations, ["ModifyTargetGroup", "ModifyTargetGroup"]);
    assert_outcome(&stage, &stage.up().await, Outcome::AlreadyUp);
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_is_no_longer_configured_is_told_and_left() {
    let mut stage = Stage::new();
    stage.up().await;
    stage.wanted.listeners.pop();
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::AlreadyUp);
    assert!(
        stage.has_said("also listens on TCP:4443"),
        "{}",
        stage.said().join("\n")
    );
}

#[tokio::test(start_paused = true)]
async fn two_tasks_are_brought_up_where_two_are_wanted() {
    let mut stage = Stage::new();
    stage.wanted.count = 2;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    assert_eq!(healthy(&report.seen, &stage.wanted).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_the_load_balancer_does_not_serve_is_named() {
    let mut stage = Stage::new();
    let subnets = stage.subnets().await;
    // The first task is placed in the first zone; the load balancer serves only the second.
    stage.wanted.subnets = vec![subnets[1].clone()];
    let report = stage.up().await;
    let text = format!("{:?}", report.problem);
    assert!(text.contains("does not serve"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_foresees_the_way_up_with_target_groups_that_were_left() {
    let stage = Stage::new();
    assert_outcome(&stage, &stage.up().await, Outcome::Up);
    stage.delete_load_balancer().await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let foreseen = stage.dry_run().await;
    assert_outcome(&stage, &foreseen, Outcome::Planned);
    let planned: Vec<&str> = foreseen.planned.iter().map(|step| step.operation()).collect();
    assert!(planned.contains(&"CreateLoadBalancer"), "{planned:?}");
    assert!(!planned.contains(&"CreateTargetGroup"), "{planned:?}");
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Repaired);
}
