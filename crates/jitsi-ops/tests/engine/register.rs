//! Registering targets: a replaced task is served again, and what is not ours is left.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::register_targets::Outcome;

use crate::crowd::{Effort, crowd};
use crate::stage::{ACCOUNT, Stage, healthy, words};

const UDP: &str = "jitsi-video-platform-jvb-udp-tg";

/// The address of the only task that runs.
async fn address(stage: &Stage) -> String {
    let ecs = aws_sdk_ecs::Client::new(&stage.sdk(ACCOUNT, &stage.wanted.region));
    let listed = ecs.list_tasks().cluster(&stage.wanted.cluster).send().await.unwrap();
    let described = ecs
        .describe_tasks()
        .cluster(&stage.wanted.cluster)
        .set_tasks(listed.task_arns)
        .send()
        .await
        .unwrap();
    let details = described.tasks()[0].attachments()[0].details();
    let detail = details.iter().find(|d| d.name() == Some("privateIPv4Address")).unwrap();
    let address = detail.value().unwrap().to_owned();
    stage.mark();
    address
}

fn elb(stage: &Stage) -> aws_sdk_elasticloadbalancingv2::Client {
    aws_sdk_elasticloadbalancingv2::Client::new(&stage.sdk(ACCOUNT, &stage.wanted.region))
}

async fn arn_of(stage: &Stage, group: &str) -> String {
    let answer = elb(stage).describe_target_groups().names(group).send().await.unwrap();
    answer.target_groups()[0].target_group_arn().unwrap().to_owned()
}

/// Somebody registers an address by hand.
async fn register_by_hand(stage: &Stage, id: &str, port: i32) {
    let target = TargetDescription::builder().id(id).port(port).build();
    let arn = arn_of(stage, UDP).await;
    let register = elb(stage).register_targets().target_group_arn(arn).targets(target);
    register.send().await.unwrap();
    stage.mark();
}

/// A platform that is up, whose task dies; another is running in its place. The old address is the answer.
async fn with_a_replaced_task() -> (Stage, String) {
    let stage = Stage::new();
    stage.up().await;
    let old = address(&stage).await;
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.replace_task(&service).unwrap());
    tokio::time::sleep(Duration::from_secs(150)).await;
    stage.mark();
    (stage, old)
}

#[tokio::test(start_paused = true)]
async fn a_replaced_task_is_registered_and_healthy_and_its_predecessor_gone() {
    let (stage, old) = with_a_replaced_task().await;
    let report = stage.register().await;
    assert_eq!(report.outcome, Outcome::Registered, "{:?}", report.problem);
    let healthy = healthy(&report.seen, &stage.wanted);
    let new = address(&stage).await;
    assert_ne!(new, old);
    assert_eq!(healthy, [format!("{new}:10000"), format!("{new}:4443")]);
    let registered: Vec<&str> = report.steps.iter().map(|step| step.operation).collect();
    assert_eq!(registered.iter().filter(|it| **it == "RegisterTargets").count(), 2);
    assert_eq!(registered.iter().filter(|it| **it == "DeregisterTargets").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn where_all_is_well_nothing_is_changed_and_no_lock_is_taken() {
    let stage = Stage::new();
    stage.up().await;
    stage.mark();
    let report = stage.register().await;
    assert_eq!(report.outcome, Outcome::AlreadyRegistered, "{:?}", report.problem);
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn without_a_load_balancer_it_says_how_to_make_one() {
    let stage = Stage::new();
    stage.scale_by_hand(1).await;
    let report = stage.register().await;
    let (kind, text) = words(report.problem.as_ref());
    assert_eq!(kind, ProblemKind::NotReady);
    assert!(
        text.contains("there is no load balancer") && text.contains("scale-up --profile ops"),
        "{text}"
    );
    assert_eq!(stage.changes(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_one_read_misses_is_not_missing() {
    let (stage, _) = with_a_replaced_task().await;
    let gone = aws_sandbox::Fault::on("DescribeLoadBalancers").error(400, "LoadBalancerNotFound", "not visible yet");
    stage.sandbox.inject(gone.times(1));
    let report = stage.register().await;
    assert_eq!(report.outcome, Outcome::Registered, "{:?}", report.problem);
}

#[tokio::test(start_paused = true)]
async fn without_a_task_there_is_nothing_to_register() {
    let stage = Stage::new();
    stage.up().await;
    stage.scale_by_hand(0).await;
    tokio::time::sleep(Duration::from_secs(120)).await;
    stage.mark();
    let report = stage.register().await;
    let (kind, text) = words(report.problem.as_ref());
    assert_eq!(kind, ProblemKind::NotReady);
    assert!(
        text.contains("has no task") && text.contains("scale-up --profile ops"),
        "{text}"
    );
    assert_eq!(
        stage.changes(),
        ["DeregisterTargets", "DeregisterTargets"],
        "the dead task's address goes"
    );
}

#[tokio::test(start_paused = true)]
async fn a_strangers_load_balancer_is_refused() {
    let stage = Stage::new();
    stage.load_balancer_of_a_stranger(&stage.wanted.load_balancer).await;
    stage.scale_by_hand(1).await;
    let report = stage.register().await;
    let (kind, text) = words(report.problem.as_ref());
    assert_eq!(kind, ProblemKind::Refused);
    assert!(text.contains("was not made by this tool"), "{text}");
    assert_eq!(stage.changes(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn without_pruning_the_old_address_stays_and_the_new_one_is_served() {
    let (mut stage, old) = with_a_replaced_task().await;
    stage.wanted.prune = false;
    let report = stage.register().await;
    assert_eq!(report.outcome, Outcome::Registered, "{:?}", report.problem);
    assert_eq!(stage.changes(), ["RegisterTargets", "RegisterTargets"]);
    let targets = report.seen.targets_in(UDP).unwrap();
    assert!(targets.iter().any(|target| target.id == old), "{targets:?}");
}

#[tokio::test(start_paused = true)]
async fn a_live_tasks_address_at_another_port_is_told_and_left() {
    let stage = Stage::new();
    stage.up().await;
    let task = address(&stage).await;
    register_by_hand(&stage, &task, 10_001).await;
    tokio::time::sleep(Duration::from_secs(300)).await;
    for report in [stage.register().await, stage.register().await] {
        assert_eq!(report.outcome, Outcome::AlreadyRegistered, "{:?}", report.problem);
    }
    assert!(
        stage.has_said("at a port that the configuration does not name"),
        "{:?}",
        stage.said()
    );
    assert_eq!(stage.changes(), Vec::<String>::new());
    assert_eq!(stage.up().await.steps.len(), 0, "scale-up leaves it too");
}

#[tokio::test(start_paused = true)]
async fn the_target_of_a_task_that_is_stopping_is_left() {
    let stage = Stage::new();
    stage.up().await;
    let old = address(&stage).await;
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.replace_task(&service).unwrap());
    // Its successor is there, and it is not over yet.
    tokio::time::sleep(Duration::from_secs(15)).await;
    stage.mark();
    let calls = stage.sandbox.calls().len();
    let report = stage.register().await;
    assert_eq!(report.outcome, Outcome::Registered, "{:?}", report.problem);
    let calls = stage.sandbox.calls().split_off(calls);
    let deregistered = calls.iter().find(|call| call.operation == "DeregisterTargets").unwrap();
    let bill = stage.sandbox.bill();
    let first = bill.items.iter().find(|item| item.kind == "fargate-task").unwrap();
    assert!(
        deregistered.at >= first.until.unwrap(),
        "{old} was deregistered at {}, and its task was over at {:?}",
        deregistered.at,
        first.until
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_where_the_load_balancer_serves_no_zone_is_explained_as_that_at_once() {
    let mut stage = Stage::new();
    let subnets = stage.subnets().await;
    // The task is placed in the first zone; the load balancer serves only the second.
    stage.wanted.subnets = vec![subnets[1].clone()];
    stage.up().await;
    let report = stage.register().await;
    let (kind, text) = words(report.problem.as_ref());
    assert_eq!(kind, ProblemKind::NotReady);
    assert!(text.contains("unused (Target.NotInUse)"), "{text}");
    assert!(
        text.contains("does not serve") && text.contains("nlb.subnets"),
        "{text}"
    );
    assert!(report.elapsed < Duration::from_secs(60), "{:?}", report.elapsed);
}

#[tokio::test(start_paused = true)]
async fn targets_that_stay_unhealthy_end_with_the_deadline_and_the_likely_cause() {
    let (stage, _) = with_a_replaced_task().await;
    stage.sandbox.world(|world| world.health_checks_reach_tasks(false));
    let report = stage.register().await;
    let (kind, text) = words(report.problem.as_ref());
    assert_eq!(kind, ProblemKind::Deadline);
    assert!(text.contains("security group"), "{text}");
    assert_eq!(report.outcome, Outcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_looks_twice_and_lists_what_would_go_and_come() {
    let (stage, old) = with_a_replaced_task().await;
    let report = stage.dry_run_register().await;
    assert_eq!(report.outcome, Outcome::Planned, "{:?}", report.problem);
    let listed: Vec<String> = report.planned.iter().map(|step| step.label()).collect();
    let of = |operation: &str| listed.iter().filter(|label| label.starts_with(operation)).count();
    assert_eq!((of("RegisterTargets"), of("DeregisterTargets")), (2, 2), "{listed:?}");
    assert!(listed.iter().any(|label| label.contains(&old)), "{listed:?}");
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn one_call_takes_as_many_targets_as_configured() {
    let mut stage = Stage::new();
    stage.wanted.count = 5;
    stage.up().await;
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.replace_tasks(&service).unwrap());
    tokio::time::sleep(Duration::from_secs(150)).await;
    stage.mark();
    stage.wanted.batch = 2;
    let report = stage.register().await;
    assert_eq!(report.outcome, Outcome::Registered, "{:?}", report.problem);
    let registered = report.steps.iter().filter(|step| step.operation == "RegisterTargets");
    assert_eq!(
        registered.count(),
        6,
        "2 + 2 + 1 in each of two groups: {:?}",
        report.steps
    );
}

#[tokio::test(start_paused = true)]
async fn the_platform_is_let_go_while_health_is_waited_for() {
    let (stage, _) = with_a_replaced_task().await;
    let before = stage.sandbox.calls().len();
    stage.register().await;
    let calls = stage.sandbox.calls().split_off(before);
    let released = calls
        .iter()
        .find(|call| call.operation == "DeleteObject" && call.resource.contains("ops-lock/"))
        .unwrap();
    let (first, last) = (calls.first().unwrap().at, calls.last().unwrap().at);
    assert!(released.at.duration_since(first).as_secs() < 60);
    assert!(last.duration_since(released.at).as_secs() > 60, "health takes minutes");
}

#[tokio::test(start_paused = true)]
async fn the_journal_tells_of_the_run() {
    let (stage, _) = with_a_replaced_task().await;
    stage.register().await;
    let journal = crate::journal_runs::journal_of(&stage).await;
    let last = journal.last().unwrap();
    let registered = jitsi_ops::journal::Outcome::Ended("registered".to_owned());
    assert_eq!(
        (last.operation.as_str(), &last.outcome),
        ("register-nlb-targets", &registered)
    );
}

#[tokio::test(start_paused = true)]
async fn a_thousand_tasks_take_at_most_fifty_calls_and_ten_times_as_many_at_most_ten_times_the_calls() {
    let mut before: Option<Effort> = None;
    for tasks in [1, 10, 100, 1_000] {
        let effort = Effort::of(&crowd(tasks).await).await;
        assert!(effort.calls <= 50, "{tasks} tasks took {} calls", effort.calls);
        assert!(
            effort.calls_to_s3 <= 10,
            "{tasks} tasks: lock and journal took {}",
            effort.calls_to_s3
        );
        assert_eq!(effort.throttled, 0, "{tasks} tasks");
        if let Some(before) = before {
            assert!(effort.calls <= 10 * before.calls);
            assert!(effort.registered_after <= 10.0 * before.registered_after);
            assert!(effort.all_calls <= 10 * before.all_calls);
            assert!(effort.healthy_after <= 10.0 * before.healthy_after);
        }
        before = Some(effort);
    }
}
