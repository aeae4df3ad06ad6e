//! Targets: registration, health, draining.

use aws_sdk_elasticloadbalancingv2::types::{ProtocolEnum, TargetDescription, TargetGroupAttribute};

use crate::stage::{Stage, code, refusal, seconds, stage};

fn target(id: &str) -> TargetDescription {
    TargetDescription::builder().id(id).build()
}

fn told(state: &str, reason: &str) -> Vec<(String, String)> {
    vec![(state.to_owned(), reason.to_owned())]
}

struct Up {
    stage: Stage,
    group: String,
    balancer: String,
    task: String,
    ip: String,
}

/// A running task, and an active load balancer with one listener.
async fn up() -> Up {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let (balancer, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let group = stage.target_group("udp", ProtocolEnum::Udp, 10000, &vpc).await;
    let (task, ip) = stage.running_task().await;
    seconds(60).await;
    stage.listener(&balancer, ProtocolEnum::Udp, 10000, &group).await;
    Up {
        stage,
        group,
        balancer,
        task,
        ip,
    }
}

/// The same, with the task registered and healthy.
async fn healthy() -> Up {
    let up = up().await;
    up.stage.register(&up.group, &up.ip).await;
    seconds(151).await;
    assert_eq!(up.stage.health(&up.group).await, told("healthy", ""));
    up
}

#[tokio::test(start_paused = true)]
async fn a_target_becomes_healthy_after_its_first_passing_check() {
    let Up { stage, group, ip, .. } = up().await;
    stage.register(&group, &ip).await;
    seconds(119).await;
    assert_eq!(
        stage.health(&group).await,
        told("initial", "Elb.RegistrationInProgress")
    );
    seconds(1).await;
    let mut waited = 0;
    while stage.health(&group).await == told("initial", "Elb.InitialHealthChecking") {
        seconds(1).await;
        waited += 1;
    }
    assert_eq!(stage.health(&group).await, told("healthy", ""));
    assert!(
        (1..=30).contains(&waited),
        "within one interval of 30 s, though the threshold is 2: {waited}"
    );
}

#[tokio::test(start_paused = true)]
async fn registration_counts_from_the_moment_when_group_load_balancer_and_target_have_come_together() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let (balancer, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let group = stage.target_group("udp", ProtocolEnum::Udp, 10000, &vpc).await;
    stage.register(&group, "172.31.0.9").await;
    assert_eq!(
        stage.health(&group).await,
        told("unused", "Target.NotInUse"),
        "no listener uses the group"
    );
    stage.listener(&balancer, ProtocolEnum::Udp, 10000, &group).await;
    assert_eq!(
        stage.health(&group).await,
        told("initial", "Elb.RegistrationInProgress")
    );
    seconds(150 + 118).await;
    assert_eq!(
        stage.health(&group).await,
        told("initial", "Elb.RegistrationInProgress"),
        "it is active for 118 s"
    );
    seconds(3).await;
    assert_eq!(stage.health(&group).await, told("initial", "Elb.InitialHealthChecking"));
}

#[tokio::test(start_paused = true)]
async fn a_target_in_a_zone_without_load_balancer_is_unused() {
    let stage = stage();
    let zone_a = stage.subnets().await.remove(0);
    let create = stage.elb.create_load_balancer().name("jvb").subnets(zone_a);
    let create = create.r#type(aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum::Network);
    let balancer = create.send().await.unwrap().load_balancers.unwrap().remove(0);
    let group = stage
        .target_group("udp", ProtocolEnum::Udp, 10000, &balancer.vpc_id.unwrap())
        .await;
    stage
        .listener(&balancer.load_balancer_arn.unwrap(), ProtocolEnum::Udp, 10000, &group)
        .await;
    stage.register(&group, "172.31.4.9").await;
    seconds(400).await;
    let described = stage
        .elb
        .describe_target_health()
        .target_group_arn(&group)
        .send()
        .await
        .unwrap();
    let description = &described.target_health_descriptions()[0];
    assert_eq!(description.target().unwrap().availability_zone(), Some("us-west-2b"));
    let health = description.target_health().unwrap();
    assert_eq!(health.reason().unwrap().as_str(), "Target.NotInUse");
    let text = "Target is in an Availability Zone that is not enabled for the load balancer";
    assert_eq!(health.description(), Some(text));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_dies_makes_its_target_unhealthy_after_two_checks_and_a_new_one_needs_registration() {
    let Up {
        stage, group, task, ip, ..
    } = healthy().await;
    stage
        .ecs
        .stop_task()
        .cluster(&stage.spec.cluster)
        .task(&task)
        .send()
        .await
        .unwrap();
    assert_eq!(
        stage.health(&group).await,
        told("healthy", ""),
        "no check has failed yet"
    );
    seconds(30).await;
    assert_eq!(
        stage.health(&group).await,
        told("healthy", ""),
        "one failed check is not enough"
    );
    seconds(31).await;
    assert_eq!(
        stage.health(&group).await,
        told("unhealthy", "Target.FailedHealthChecks")
    );
    seconds(200).await;
    let next = stage.listed().await.remove(0);
    assert_ne!(crate::stage::address(&stage.task(&next).await).unwrap(), ip);
    assert_eq!(
        stage.health(&group).await,
        told("unhealthy", "Target.FailedHealthChecks"),
        "nobody registers it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_security_group_that_lets_no_checks_through_makes_targets_unhealthy_until_it_does() {
    let Up { stage, group, .. } = healthy().await;
    stage.sandbox.world(|world| world.health_checks_reach_tasks(false));
    seconds(61).await;
    assert_eq!(
        stage.health(&group).await,
        told("unhealthy", "Target.FailedHealthChecks")
    );
    seconds(3_600).await;
    stage.sandbox.world(|world| world.health_checks_reach_tasks(true));
    seconds(29).await;
    assert_eq!(
        stage.health(&group).await,
        told("unhealthy", "Target.FailedHealthChecks"),
        "two checks must pass"
    );
    seconds(32).await;
    assert_eq!(stage.health(&group).await, told("healthy", ""));
}

#[tokio::test(start_paused = true)]
async fn a_deregistered_target_drains_and_then_is_gone() {
    let Up { stage, group, ip, .. } = healthy().await;
    let deregister = || {
        stage
            .elb
            .deregister_targets()
            .target_group_arn(&group)
            .targets(target(&ip))
            .send()
    };
    deregister().await.unwrap();
    assert_eq!(
        stage.health(&group).await,
        told("draining", "Target.DeregistrationInProgress")
    );
    seconds(298).await;
    assert_eq!(
        stage.health(&group).await,
        told("draining", "Target.DeregistrationInProgress")
    );
    seconds(2).await;
    assert!(stage.health(&group).await.is_empty());
    let asked = stage
        .elb
        .describe_target_health()
        .target_group_arn(&group)
        .targets(target(&ip))
        .send()
        .await
        .unwrap();
    let health = asked.target_health_descriptions()[0].target_health().unwrap();
    assert_eq!(
        (health.state().unwrap().as_str(), health.reason().unwrap().as_str()),
        ("unused", "Target.NotRegistered")
    );
    deregister()
        .await
        .expect("what is not registered is deregistered successfully");
}

#[tokio::test(start_paused = true)]
async fn the_deregistration_delay_can_be_shortened() {
    let Up { stage, group, ip, .. } = healthy().await;
    let delay = TargetGroupAttribute::builder()
        .key("deregistration_delay.timeout_seconds")
        .value("30")
        .build();
    stage
        .elb
        .modify_target_group_attributes()
        .target_group_arn(&group)
        .attributes(delay)
        .send()
        .await
        .unwrap();
    stage
        .elb
        .deregister_targets()
        .target_group_arn(&group)
        .targets(target(&ip))
        .send()
        .await
        .unwrap();
    seconds(31).await;
    assert!(stage.health(&group).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn registering_again_ends_a_drain() {
    let Up { stage, group, ip, .. } = healthy().await;
    stage
        .elb
        .deregister_targets()
        .target_group_arn(&group)
        .targets(target(&ip))
        .send()
        .await
        .unwrap();
    seconds(100).await;
    stage.register(&group, &ip).await;
    assert_eq!(
        stage.health(&group).await,
        told("initial", "Elb.RegistrationInProgress")
    );
    seconds(160).await;
    assert_eq!(stage.health(&group).await, told("healthy", ""));
    stage.register(&group, &ip).await;
    assert_eq!(
        stage.health(&group).await,
        told("healthy", ""),
        "registering twice does nothing"
    );
}

#[tokio::test(start_paused = true)]
async fn targets_must_lie_in_the_vpc() {
    let Up { stage, group, .. } = up().await;
    let register = |id: &str| {
        stage
            .elb
            .register_targets()
            .target_group_arn(&group)
            .targets(target(id))
            .send()
    };
    let message = "The following targets are not in the target group VPC: '10.0.0.1'";
    assert_eq!(
        refusal(register("10.0.0.1").await),
        (400, "InvalidTarget".into(), message.into())
    );
    assert_eq!(code(register("8.8.8.8").await), "InvalidTarget");
    assert_eq!(code(register("not an address").await), "ValidationError");
    let both = stage
        .elb
        .register_targets()
        .target_group_arn(&group)
        .targets(target("172.31.0.7"))
        .targets(target("10.0.0.1"));
    assert_eq!(code(both.send().await), "InvalidTarget");
    assert!(stage.health(&group).await.is_empty(), "all or none");
    let none = stage
        .elb
        .register_targets()
        .target_group_arn(&group)
        .set_targets(Some(Vec::new()))
        .send()
        .await;
    assert_eq!(code(none), "ValidationError");
    let gone = group.replace("/udp/", "/gone/");
    assert_eq!(
        code(stage.elb.describe_target_health().target_group_arn(gone).send().await),
        "TargetGroupNotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn quotas_count_every_registration() {
    let Up { stage, group, .. } = up().await;
    let register = |id: &str| {
        stage
            .elb
            .register_targets()
            .target_group_arn(&group)
            .targets(target(id))
            .send()
    };
    register("172.31.0.7").await.unwrap();
    for limit in [
        "targets-per-target-group",
        "targets-per-network-load-balancer",
        "targets-per-availability-zone-per-network-load-balancer",
    ] {
        stage.sandbox.world(|world| world.set_limit(limit, 1)).unwrap();
        assert_eq!(code(register("172.31.0.8").await), "TooManyTargets", "{limit}");
        register("172.31.0.7").await.expect("it is registered already");
        stage.sandbox.world(|world| world.set_limit(limit, 100)).unwrap();
    }
    register("172.31.0.8").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_goes_takes_the_checks_along() {
    let Up {
        stage, group, balancer, ..
    } = healthy().await;
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(&balancer)
        .send()
        .await
        .unwrap();
    assert_eq!(stage.health(&group).await, told("unused", "Target.NotInUse"));
    seconds(300).await;
    assert_eq!(stage.health(&group).await, told("unused", "Target.NotInUse"));
}
