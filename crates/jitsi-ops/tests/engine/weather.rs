//! Whole scale-ups in bad weather: faults of AWS, of the network and of the task.

use std::time::Duration;

use aws_sandbox::{Fault, TaskFate};
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_up::{Interrupts, Outcome, ScaleUp};
use jitsi_ops::state::State;

use crate::stage::{Stage, assert_outcome, request, told};

const NOTHING: [&str; 0] = [];

/// The run must get there in spite of `fault`.
async fn in_spite_of(name: &str, fault: Fault) {
    let stage = Stage::new();
    stage.sandbox.inject(fault);
    let report = stage.up().await;
    assert_eq!(
        report.outcome,
        Outcome::Up,
        "{name}: {:?}\n{}",
        report.problem,
        stage.said().join("\n")
    );
    let balancers = stage
        .bills()
        .iter()
        .filter(|kind| *kind == "network-load-balancer")
        .count();
    assert_eq!(balancers, 1, "{name}");
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out() {
    in_spite_of("every fifth call", Fault::on_any().nth(5).times(30).throttled()).await;
    in_spite_of("creation", Fault::on("CreateLoadBalancer").nth(1).times(4).throttled()).await;
    in_spite_of("update", Fault::on("UpdateService").nth(1).times(4).throttled()).await;
}

#[tokio::test(start_paused = true)]
async fn faults_of_the_service_are_waited_out() {
    in_spite_of("500", Fault::on_any().nth(8).times(12).server_error()).await;
    in_spite_of("503", Fault::on_any().nth(8).times(12).unavailable()).await;
    in_spite_of(
        "reads",
        Fault::on("DescribeTargetHealth").nth(2).times(9).server_error(),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_drops_after_the_call_took_effect_makes_nothing_twice() {
    for operation in [
        "CreateLoadBalancer",
        "CreateTargetGroup",
        "CreateListener",
        "UpdateService",
        "RegisterTargets",
    ] {
        in_spite_of(operation, Fault::on(operation).nth(1).times(5).dropped_after()).await;
        in_spite_of(operation, Fault::on(operation).nth(1).times(5).dropped_before()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_never_answered_is_given_up_and_made_again() {
    in_spite_of("a read", Fault::on("DescribeLoadBalancers").nth(2).times(1).hangs()).await;
    in_spite_of("a creation", Fault::on("CreateLoadBalancer").nth(1).times(1).hangs()).await;
}

#[tokio::test(start_paused = true)]
async fn stale_reads_and_late_effects_do_not_confuse_it() {
    let old = Duration::from_secs(4);
    for operation in [
        "DescribeLoadBalancers",
        "DescribeServices",
        "DescribeTargetGroups",
        "DescribeListeners",
        "DescribeTargetHealth",
        "DescribeTasks",
        "ListTasks",
    ] {
        in_spite_of(operation, Fault::on(operation).nth(2).times(4).stale(old)).await;
    }
    for operation in [
        "UpdateService",
        "RegisterTargets",
        "CreateTargetGroup",
        "CreateListener",
    ] {
        in_spite_of(
            operation,
            Fault::on(operation)
                .nth(1)
                .times(2)
                .takes_effect_late(Duration::from_secs(8)),
        )
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_reached_ends_at_zero_and_says_which() {
    let stage = Stage::new();
    stage
        .sandbox
        .world(|world| world.set_limit("network-load-balancers", 0).unwrap());
    let report = stage.up().await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Failed);
    assert!(
        text.contains("TooManyLoadBalancers") && text.contains("Service Quotas"),
        "{text}"
    );
    assert_outcome(&stage, &report, Outcome::RolledBack);
    assert_eq!(stage.bills(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn a_subnet_without_addresses_ends_at_zero_and_names_the_setting() {
    let stage = Stage::new();
    let subnets = stage.subnets().await;
    stage
        .sandbox
        .world(|world| world.set_free_addresses(&subnets[0], 0).unwrap());
    let report = stage.up().await;
    let (_, text) = told(&report);
    assert!(text.contains("InvalidSubnet") && text.contains("nlb.subnets"), "{text}");
    assert_outcome(&stage, &report, Outcome::RolledBack);
    assert_eq!(stage.bills(), NOTHING);
}

fn fails_to_pull() -> TaskFate {
    TaskFate::StopsWhileStarting {
        stop_code: "TaskFailedToStart".to_owned(),
        reason: "CannotPullContainerError: inspect image has been retried 1 time(s): failed to resolve ref".to_owned(),
        container_exit: None,
        after_seconds: 20,
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_stops_while_starting_ends_the_run_at_once_and_says_why() {
    let stage = Stage::new();
    stage
        .sandbox
        .world(|world| world.set_task_fate(&stage.spec.service_arn(), fails_to_pull()));
    let report = stage.up().await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Failed);
    for part in [
        "stopped while starting",
        "TaskFailedToStart",
        "CannotPullContainerError",
        "service event:",
        "image names",
    ] {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    assert_outcome(&stage, &report, Outcome::RolledBack);
    assert_eq!(report.state, State::Standby);
    assert_eq!(stage.bills(), NOTHING);
    let waited = stage
        .said()
        .iter()
        .position(|line| line.starts_with("rolling back"))
        .unwrap();
    assert!(
        waited > 0 && report.elapsed < Duration::from_secs(300),
        "{:?}",
        report.elapsed
    );
}

#[tokio::test(start_paused = true)]
async fn a_container_that_exits_while_starting_is_named_with_its_exit_code() {
    let stage = Stage::new();
    let fate = TaskFate::StopsWhileStarting {
        stop_code: "EssentialContainerExited".to_owned(),
        reason: "Essential container in task exited".to_owned(),
        container_exit: Some(("prosody".to_owned(), 137)),
        after_seconds: 60,
    };
    stage
        .sandbox
        .world(|world| world.set_task_fate(&stage.spec.service_arn(), fate));
    let (_, text) = told(&stage.up().await);
    assert!(text.contains("container `prosody`: exit code 137"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_failed_an_hour_ago_is_not_blamed() {
    let stage = Stage::new();
    let reason = "CannotPullContainerError: an hour ago";
    stage.sandbox.world(|world| {
        world
            .add_stopped_task(&stage.spec.service_arn(), 3_000, reason)
            .unwrap()
    });
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
}

#[tokio::test(start_paused = true)]
async fn without_capacity_the_deadline_ends_it_at_zero_with_the_events() {
    let stage = Stage::new();
    stage
        .sandbox
        .world(|world| world.capacity_unavailable(&stage.spec.service_arn(), true));
    let report = stage.up().await;
    assert_eq!(told(&report).0, ProblemKind::Deadline);
    assert!(stage.has_said("Capacity is unavailable"), "{}", stage.said().join("\n"));
    assert_outcome(&stage, &report, Outcome::RolledBack);
    assert_eq!(stage.bills(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn targets_that_never_get_healthy_leave_it_up_and_name_the_security_group() {
    let stage = Stage::new();
    stage.sandbox.world(|world| world.health_checks_reach_tasks(false));
    let report = stage.up().await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Deadline);
    assert!(text.contains("security group") && text.contains("8080"), "{text}");
    assert!(
        text.contains("to end what costs money: `scale-down --profile ops`"),
        "{text}"
    );
    assert_outcome(&stage, &report, Outcome::Failed);
    assert_eq!(report.state, State::Degraded);
    assert!(!report.billing.is_empty());
    assert!(
        stage.bills().contains(&"network-load-balancer".to_owned()),
        "the task runs: nothing may be taken away"
    );
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_aws_cannot_set_up_ends_it_at_zero() {
    let stage = Stage::new();
    stage.sandbox.world(|world| world.next_load_balancer_fails());
    // The task is slower than the load balancer's failure, so that nothing has run.
    stage
        .sandbox
        .world(|world| world.capacity_unavailable(&stage.spec.service_arn(), true));
    let report = stage.up().await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Failed, "{text}");
    assert!(text.contains("could not set up load balancer"), "{text}");
    assert_outcome(&stage, &report, Outcome::RolledBack);
    assert_eq!(stage.bills(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_before_any_task_ran_ends_at_zero() {
    let stage = Stage::new();
    let request = ScaleUp {
        timeout: Duration::from_secs(40),
        ..request()
    };
    let report = stage.run(&request, &Interrupts::default()).await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Deadline);
    assert!(
        text.contains("not done after 40 s") && text.contains("provisioning"),
        "{text}"
    );
    assert_outcome(&stage, &report, Outcome::RolledBack);
    assert_eq!(stage.bills(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn without_rollback_everything_is_left_and_what_costs_money_is_told() {
    let stage = Stage::new();
    let request = ScaleUp {
        timeout: Duration::from_secs(40),
        rollback: None,
        ..request()
    };
    let report = stage.run(&request, &Interrupts::default()).await;
    assert_outcome(&stage, &report, Outcome::Failed);
    let kinds: Vec<_> = report.billing.iter().map(|b| b.kind).collect();
    assert_eq!(kinds, ["load balancer", "task"]);
    let (_, text) = told(&report);
    assert!(
        text.contains("to end what costs money: `scale-down --profile ops`"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_costs_money_is_told_though_the_network_is_gone() {
    let stage = Stage::new();
    let sandbox = stage.sandbox.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        sandbox.inject(Fault::on_any().dropped_before());
    });
    let request = ScaleUp {
        timeout: Duration::from_secs(120),
        ..request()
    };
    let report = stage.run(&request, &Interrupts::default()).await;
    assert_outcome(&stage, &report, Outcome::Failed);
    let kinds: Vec<_> = report.billing.iter().map(|b| (b.kind, b.certain)).collect();
    assert_eq!(kinds, [("load balancer", false), ("task", false)]);
    let (_, text) = told(&report);
    assert!(
        text.contains("to end what costs money: `scale-down --profile ops`"),
        "{text}"
    );
    assert!(stage.has_said("load balancer: unknown"), "{}", stage.said().join("\n"));
    assert!(
        !stage.has_said("gone"),
        "unknown is not gone: {}",
        stage.said().join("\n")
    );
    assert!(report.elapsed < Duration::from_secs(400), "{:?}", report.elapsed);
    assert_eq!(report.state, State::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_cannot_be_looked_at_is_not_taken_to_be_absent() {
    let stage = Stage::new();
    stage.sandbox.inject(Fault::on("DescribeLoadBalancers").access_denied());
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Failed);
    assert!(
        report.billing.iter().any(|b| b.kind == "load balancer" && !b.certain),
        "{:?}",
        report.billing
    );
    let (_, text) = told(&report);
    assert!(
        text.contains("to end what costs money: `scale-down --profile ops`"),
        "{text}"
    );
    assert_eq!(stage.mutations(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_made_while_it_is_unknown_whether_a_task_runs() {
    let stage = Stage::new();
    stage.sandbox.inject(Fault::on("ListTasks").server_error());
    let request = ScaleUp {
        timeout: Duration::from_secs(60),
        ..request()
    };
    let report = stage.run(&request, &Interrupts::default()).await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Deadline);
    assert!(text.contains("ListTasks"), "the call that failed is named: {text}");
    assert_eq!(stage.mutations(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn the_call_that_kept_failing_is_named_at_the_deadline() {
    let stage = Stage::new();
    stage.sandbox.inject(Fault::on("CreateLoadBalancer").throttled());
    let request = ScaleUp {
        timeout: Duration::from_secs(60),
        ..request()
    };
    let (_, text) = told(&stage.run(&request, &Interrupts::default()).await);
    assert!(
        text.contains("CreateLoadBalancer") && text.contains("Throttling"),
        "{text}"
    );
}

/// The platform dies behind a read that is still the old one: only the second look shows it.
#[tokio::test(start_paused = true)]
async fn one_stale_look_is_not_enough_to_say_that_it_is_up() {
    let stage = Stage::new();
    stage.up().await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    stage
        .sandbox
        .world(|world| world.replace_task(&stage.spec.service_arn()).unwrap());
    tokio::time::sleep(Duration::from_secs(90)).await;
    let old = Duration::from_secs(100);
    for operation in ["DescribeTargetHealth", "ListTasks"] {
        stage.sandbox.inject(Fault::on(operation).nth(1).times(2).stale(old));
    }
    for operation in ["DescribeServices", "DescribeTasks"] {
        stage.sandbox.inject(Fault::on(operation).nth(1).times(1).stale(old));
    }
    let report = stage.up().await;
    assert!(report.outcome != Outcome::AlreadyUp, "believed an old picture");
    assert_eq!(report.state, State::Active);
}

#[tokio::test(start_paused = true)]
async fn one_stale_task_list_does_not_cost_a_live_task_its_target() {
    let stage = Stage::new();
    stage.up().await;
    // From the time before there was a task.
    let before = Duration::from_secs(290);
    stage
        .sandbox
        .inject(Fault::on("ListTasks").nth(1).times(2).stale(before));
    let report = stage.up().await;
    assert!(
        !report.steps.iter().any(|s| s.operation == "DeregisterTargets"),
        "{:?}",
        report.steps
    );
}

#[tokio::test(start_paused = true)]
async fn something_else_than_aws_at_the_endpoint_is_given_up_soon() {
    // A proxy that answers everything by itself, and a server that knows no such request.
    for (status, patience) in [(502, 180), (501, 10)] {
        let stage = Stage::new();
        stage.sandbox.inject(Fault::on_any().error(status, "", ""));
        let report = stage.up().await;
        let (kind, text) = told(&report);
        assert_eq!(kind, ProblemKind::Failed, "{status}: {text}");
        assert!(
            report.elapsed < Duration::from_secs(patience),
            "{status}: {:?}",
            report.elapsed
        );
        assert!(stage.has_said("unknown: "), "{status}: {}", stage.said().join("\n"));
    }
}
