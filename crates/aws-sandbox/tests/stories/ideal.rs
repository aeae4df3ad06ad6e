//! The bound that a real tool is compared with.

use aws_sandbox::ideal::{IdealError, scale_down, scale_up};
use aws_sandbox::{PlatformSpec, TaskFate, World};
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;

use crate::stage::{Stage, seconds, stage};

const LISTENERS: [(&str, u16, &str, u16); 2] = [("UDP", 10000, "UDP", 10000), ("TCP", 4443, "TCP", 4443)];

#[test]
fn a_scale_up_cannot_be_faster_than_load_balancer_registration_and_first_check() {
    let spec = PlatformSpec::default();
    let world = World::with_platform(&spec);
    let run = scale_up(&world, &spec, &LISTENERS, 1).unwrap();
    // 0.3 s of latency, 150 s to active, 120 s of registration, at most 30 s to the first check.
    assert!((270.3..=300.4).contains(&run.duration_seconds), "{run:?}");
    assert_eq!(
        run.calls, 8,
        "two creations each of groups and listeners, two registrations, the rest once"
    );
    assert_eq!(
        scale_up(&world, &spec, &LISTENERS, 1).unwrap(),
        run,
        "it works on a copy"
    );
    assert!(world.bill().items.is_empty());
    let registered = run
        .milestones
        .iter()
        .find(|(_, what)| what.starts_with("RegisterTargets"))
        .unwrap();
    let seconds = registered.0.as_second() - run.milestones[0].0.as_second();
    assert_eq!(seconds, 12, "at the first instant at which the address is known");
}

#[test]
fn what_cannot_come_up_is_an_error() {
    let spec = PlatformSpec::default();
    let mut world = World::with_platform(&spec);
    world.set_limit("network-load-balancers", 0).unwrap();
    let refused = scale_up(&world, &spec, &LISTENERS, 1).unwrap_err();
    assert!(
        matches!(&refused, IdealError::Refused { code, .. } if code == "TooManyLoadBalancers"),
        "{refused}"
    );
    let mut world = World::with_platform(&spec);
    world.set_task_fate(&spec.service_arn(), TaskFate::NeverAnswers);
    let stuck = scale_up(&world, &spec, &LISTENERS, 1).unwrap_err();
    assert!(stuck.to_string().contains("0 of 1 targets"), "{stuck}");
}

#[test]
fn what_aws_throttles_is_tried_again_as_soon_as_it_may() {
    let spec = PlatformSpec::default();
    let world = World::with_platform(&spec);
    let listeners: Vec<_> = (0..30).map(|number| ("TCP", 5_000 + number, "TCP", 5_000)).collect();
    let run = scale_up(&world, &spec, &listeners, 1).unwrap();
    assert_eq!(run.calls, 2 + 3 * 30);
    assert!(run.duration_seconds <= 310.0, "{}", run.duration_seconds);
}

/// A platform that is up and quiet: a task behind two listeners.
async fn up() -> Stage {
    let stage = stage();
    let balancer = stage.load_balancer("nlb").await;
    let (arn, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let (_, address) = stage.running_task().await;
    for (name, port) in [("one", 10_000), ("two", 10_001)] {
        let group = stage.target_group(name, ProtocolEnum::Udp, port, &vpc).await;
        stage.listener(&arn, ProtocolEnum::Udp, port, &group).await;
        stage.register(&group, &address).await;
    }
    let unused = stage.target_group("unrelated", ProtocolEnum::Udp, 1, &vpc).await;
    stage.register(&unused, "172.31.0.99").await;
    stage.load_balancer("unrelated").await;
    seconds(600).await;
    stage
}

#[tokio::test(start_paused = true)]
async fn a_scale_down_cannot_be_faster_than_the_task_stops_and_the_target_groups_are_let_go() {
    let stage = up().await;
    let world = stage.sandbox.world(|world| world.clone());
    let run = scale_down(&world, &stage.spec).unwrap();
    // 0.12 s of latency, 4 s to the stop, 12.5 s to the exit, 20 s of deprovisioning, 0.12 s for the load balancer.
    assert_eq!(run.nothing_bills_seconds, Some(36.74));
    assert_eq!(
        run.duration_seconds, 46.74,
        "the target groups are in use for ten seconds more"
    );
    assert_eq!(
        run.calls, 6,
        "the count, two deregistrations, the load balancer, two target groups"
    );
    let told: Vec<&str> = run.milestones.iter().map(|(_, what)| what.as_str()).collect();
    assert!(
        told[..3]
            .iter()
            .all(|what| what.contains("UpdateService") || what.contains("DeregisterTargets")),
        "{told:?}"
    );
    assert_eq!(run.milestones[0].0, run.milestones[2].0, "all of them at once");
    assert_eq!(scale_down(&world, &stage.spec).unwrap(), run, "it works on a copy");
    assert!(!world.bill().still_billing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn nobody_is_put_out_by_the_ideal() {
    let stage = up().await;
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.begin_meeting(&service)).unwrap();
    let refused = scale_down(&stage.sandbox.world(|world| world.clone()), &stage.spec).unwrap_err();
    assert!(refused.to_string().contains("people meet in it"), "{refused}");
    stage.sandbox.world(|world| world.end_meeting(&service)).unwrap();
    let run = scale_down(&stage.sandbox.world(|world| world.clone()), &stage.spec).unwrap();
    assert!(run.duration_seconds >= 46.74, "{run:?}");
}

#[tokio::test(start_paused = true)]
async fn what_aws_does_not_let_go_is_an_error() {
    let stage = up().await;
    let balancers = stage.elb.describe_load_balancers().names("nlb").send().await.unwrap();
    let arn = balancers.load_balancers()[0].load_balancer_arn().unwrap();
    let locked = aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute::builder()
        .key("deletion_protection.enabled")
        .value("true")
        .build();
    let lock = stage.elb.modify_load_balancer_attributes().load_balancer_arn(arn);
    lock.attributes(locked).send().await.unwrap();
    let refused = scale_down(&stage.sandbox.world(|world| world.clone()), &stage.spec).unwrap_err();
    assert!(
        matches!(&refused, IdealError::Refused { code, .. } if code == "OperationNotPermitted"),
        "{refused}"
    );
}

#[test]
fn a_platform_at_rest_is_down_at_once() {
    let spec = PlatformSpec::default();
    let run = scale_down(&World::with_platform(&spec), &spec).unwrap();
    assert_eq!(
        (run.duration_seconds, run.nothing_bills_seconds, run.calls),
        (0.0, Some(0.0), 0)
    );
}
