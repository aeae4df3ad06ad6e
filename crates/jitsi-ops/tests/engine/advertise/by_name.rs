//! Addresses that only the load balancer's name tells.

use std::net::IpAddr;

use jitsi_ops::problem::ProblemKind;
use jitsi_ops::resolver::Resolver;
use jitsi_ops::scale_up::Outcome;

use super::{advertises, count, definition_of_the_running_task, environment, through_the_load_balancer};
use crate::stage::{assert_outcome, told};

#[tokio::test(start_paused = true)]
async fn a_zone_that_the_name_never_leads_to_is_waited_for_a_minute() {
    let mut stage = through_the_load_balancer();
    let only: IpAddr = [192, 0, 2, 7].into();
    stage.resolver = Some(Resolver::new(move |_| vec![only]));
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    assert_eq!(
        environment(&definition_of_the_running_task(&stage).await),
        advertises("192.0.2.7")
    );
    // An answer that lacks a zone is no reason to call what runs wrong.
    let both: [IpAddr; 2] = [[192, 0, 2, 7].into(), [192, 0, 2, 8].into()];
    let stage_of_both = through_the_load_balancer();
    let mut stage = stage_of_both.again();
    stage.resolver = Some(Resolver::new(move |_| both.to_vec()));
    assert_outcome(&stage, &stage.up().await, Outcome::Up);
    stage.resolver = Some(Resolver::new(move |_| vec![only]));
    assert_outcome(&stage, &stage.up().await, Outcome::AlreadyUp);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_leads_nowhere_ends_at_the_deadline_with_no_task_and_is_named() {
    let mut stage = through_the_load_balancer();
    stage.resolver = Some(Resolver::new(|_| Vec::new()));
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Deadline);
    assert!(text.contains("leads to no address yet"), "{text}");
    assert_eq!((count(&stage, "UpdateService"), stage.bills()), (0, Vec::new()));
}

#[tokio::test(start_paused = true)]
async fn the_name_is_asked_for_only_when_the_load_balancer_is_active() {
    let mut stage = through_the_load_balancer();
    let sandbox = stage.sandbox.clone();
    stage.resolver = Some(Resolver::new(move |name| {
        let found = sandbox.world(|world| world.resolve(name));
        assert!(!found.is_empty(), "a resolver remembers that there is no {name}");
        found
    }));
    assert_outcome(&stage, &stage.up().await, Outcome::Up);
}
