//! Elastic addresses of the load balancer, and the permissions of who uses them.

use aws_sandbox::{Call, Fault};
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_up::Outcome;

use super::{REGISTER, addresses_of_the_load_balancer, advertises, count, definition_of_the_running_task, environment};
use crate::policies::only_as;
use crate::stage::{Stage, assert_outcome, told};

/// With an elastic address in each of two subnets.
pub(super) fn with_elastic_addresses() -> Stage {
    with_elastic_addresses_and("")
}

fn with_elastic_addresses_and(lines: &str) -> Stage {
    let (subnets, addresses) = (
        ["subnet-0a0a0a0a", "subnet-0b0b0b0b"],
        ["eipalloc-0a0a0a0a", "eipalloc-0b0b0b0b"],
    );
    let mut stage = Stage::configured(&format!(
        "nlb.advertise = \"nlb\"\nnlb.subnets = {subnets:?}\nnlb.eip_allocations = {addresses:?}\n{lines}"
    ));
    stage.spec.subnets = subnets.map(str::to_owned).into();
    stage.spec.eip_allocations = addresses.map(str::to_owned).into();
    stage.build();
    stage
}

fn first<'c>(calls: &'c [Call], operation: &str) -> &'c Call {
    calls
        .iter()
        .find(|call| call.operation == operation && call.status < 300)
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn with_elastic_addresses_the_task_does_not_wait_for_the_load_balancer_and_one_revision_lasts() {
    let stage = with_elastic_addresses();
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let addresses = addresses_of_the_load_balancer(&stage).await;
    assert_eq!(
        environment(&definition_of_the_running_task(&stage).await),
        advertises(&addresses)
    );
    let calls = stage.sandbox.calls();
    let (made, asked) = (first(&calls, "CreateLoadBalancer"), first(&calls, "UpdateService"));
    let pause = asked.at.duration_since(made.at).as_secs();
    assert!(pause < 10, "{pause} s from the load balancer to the task");

    // At once: the addresses are let go of a little after the load balancer is gone.
    stage.down().await;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    assert_eq!(addresses_of_the_load_balancer(&stage).await, addresses);
    assert_eq!(
        environment(&definition_of_the_running_task(&stage).await),
        advertises(&addresses)
    );
    assert_eq!(count(&stage, REGISTER), 1);
}

#[tokio::test(start_paused = true)]
async fn elastic_addresses_are_waited_for_while_an_earlier_load_balancer_lets_go_of_them() {
    let stage = with_elastic_addresses();
    stage.sandbox.inject(
        Fault::on("CreateLoadBalancer")
            .error(400, "ResourceInUse", "The allocation IDs are not available for use")
            .times(3),
    );
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
}

#[tokio::test(start_paused = true)]
async fn elastic_addresses_that_are_not_there_or_taken_are_told_with_what_to_do() {
    let mut stage = with_elastic_addresses();
    stage.spec.eip_allocations.clear();
    stage.build();
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Failed);
    assert!(
        text.contains("AllocationIdNotFound") && text.contains("nlb.eip_allocations"),
        "{text}"
    );
    assert_eq!(stage.bills(), Vec::<String>::new());

    let stage = with_elastic_addresses();
    stage.sandbox.inject(
        Fault::on("CreateLoadBalancer")
            .error(400, "ResourceInUse", "The allocation IDs are not available for use")
            .times(1000),
    );
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Failed);
    assert!(text.contains("in use by something else"), "{text}");
    assert_eq!(stage.bills(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_without_the_configured_elastic_addresses_is_refused() {
    let stage = with_elastic_addresses();
    stage.load_balancer_of_ours().await;
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Refused);
    assert!(
        text.contains("it does not have the elastic address eipalloc-0a0a0a0a"),
        "{text}"
    );
    assert_eq!(count(&stage, "UpdateService"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_policy_for_advertising_is_enough_beside_the_operators() {
    let bucket = Stage::new().spec.bucket_name();
    let stage = with_elastic_addresses_and(&format!("bucket = \"{bucket}\""));
    only_as(&stage, "operator");
    only_as(&stage, "advertise");
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
}

#[tokio::test(start_paused = true)]
async fn without_permission_for_a_revision_nothing_is_left_and_the_permission_is_named() {
    let bucket = Stage::new().spec.bucket_name();
    let stage = with_elastic_addresses_and(&format!("bucket = \"{bucket}\""));
    only_as(&stage, "operator");
    let (_, text) = told(&stage.up().await);
    assert!(
        text.contains("ecs:RegisterTaskDefinition") && text.contains("iam:PassRole"),
        "{text}"
    );
    assert_eq!(stage.bills(), Vec::<String>::new());
}
