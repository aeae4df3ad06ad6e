//! The bound that a real tool is compared with.

use aws_sandbox::ideal::{IdealError, scale_up};
use aws_sandbox::{PlatformSpec, TaskFate, World};

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
