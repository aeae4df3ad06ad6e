//! What can go wrong on the way: faults, crashes, throttling, latency, stale reads.

use std::time::Duration;

use aws_sandbox::{Fault, When};
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;
use tokio::time::{Instant, timeout};

use crate::stage::{Stage, code, refusal, seconds, stage};

async fn balancers(stage: &Stage) -> usize {
    stage
        .elb
        .describe_load_balancers()
        .send()
        .await
        .unwrap()
        .load_balancers()
        .len()
}

async fn create(stage: &Stage, name: &str) -> Result<(), (u16, String, String)> {
    let create = stage
        .elb
        .create_load_balancer()
        .name(name)
        .set_subnets(Some(stage.subnets().await));
    let create = create.r#type(aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum::Network);
    let result = create.send().await;
    if result.is_ok() { Ok(()) } else { Err(refusal(result)) }
}

#[tokio::test(start_paused = true)]
async fn an_injected_error_is_answered_and_nothing_is_carried_out() {
    let stage = stage();
    stage.sandbox.inject(
        Fault::on("CreateLoadBalancer")
            .nth(2)
            .error(400, "TooManyLoadBalancers", "no more"),
    );
    create(&stage, "one").await.unwrap();
    assert_eq!(
        create(&stage, "two").await,
        Err((400, "TooManyLoadBalancers".into(), "no more".into()))
    );
    create(&stage, "three").await.unwrap();
    assert_eq!(balancers(&stage).await, 2);
    let struck: Vec<_> = stage
        .sandbox
        .calls()
        .into_iter()
        .filter(|call| call.fault.is_some())
        .collect();
    assert_eq!(struck.len(), 1);
    assert_eq!(
        (struck[0].status, struck[0].error.as_deref()),
        (400, Some("TooManyLoadBalancers"))
    );
}

#[tokio::test(start_paused = true)]
async fn throttling_and_denial_have_each_services_own_form() {
    let stage = stage();
    stage.sandbox.inject(Fault::on_any().throttled());
    assert_eq!(
        refusal(stage.ecs.describe_clusters().send().await).1,
        "ThrottlingException"
    );
    assert_eq!(refusal(stage.elb.describe_load_balancers().send().await).0, 400);
    let slow_down = refusal(stage.s3.list_buckets().send().await);
    assert_eq!((slow_down.0, slow_down.1.as_str()), (503, "SlowDown"));
    stage.sandbox.clear_faults();
    stage.sandbox.inject(Fault::on_any().access_denied());
    let (status, code, message) = refusal(stage.elb.describe_load_balancers().send().await);
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(
        message.contains("is not authorized to perform: elasticloadbalancing:DescribeLoadBalancers"),
        "{message}"
    );
    assert!(
        message
            .ends_with("because no identity-based policy allows the elasticloadbalancing:DescribeLoadBalancers action")
    );
    let denied = refusal(stage.ecs.describe_clusters().send().await);
    assert_eq!((denied.0, denied.1.as_str()), (400, "AccessDeniedException"));
    let head = stage
        .s3
        .head_bucket()
        .bucket(stage.spec.bucket_name())
        .send()
        .await
        .unwrap_err();
    assert_eq!(head.raw_response().unwrap().status().as_u16(), 403);
    stage.sandbox.clear_faults();
    stage.sandbox.inject(Fault::on_any().service("ecs").server_error());
    stage.sandbox.inject(Fault::on_any().service("elbv2").unavailable());
    assert_eq!(refusal(stage.ecs.describe_clusters().send().await).0, 500);
    assert_eq!(refusal(stage.elb.describe_load_balancers().send().await).0, 503);
}

#[tokio::test(start_paused = true)]
async fn a_connection_breaks_before_or_after_the_call_took_effect() {
    let stage = stage();
    let subnets = stage.subnets().await;
    let send = |name: &str| {
        let create = stage
            .elb
            .create_load_balancer()
            .name(name)
            .set_subnets(Some(subnets.clone()));
        create
            .r#type(aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum::Network)
            .send()
    };
    stage
        .sandbox
        .inject(Fault::on("CreateLoadBalancer").nth(1).dropped_before());
    stage
        .sandbox
        .inject(Fault::on("CreateLoadBalancer").nth(2).dropped_after());
    let before = send("one").await.unwrap_err();
    assert!(before.as_service_error().is_none());
    assert!(
        format!("{before:?}").contains("Io"),
        "as a connection that was reset: {before:?}"
    );
    assert_eq!(balancers(&stage).await, 0);
    send("two").await.unwrap_err();
    assert_eq!(balancers(&stage).await, 1);
    let statuses: Vec<_> = stage
        .sandbox
        .calls()
        .iter()
        .filter(|call| call.mutating)
        .map(|call| call.status)
        .collect();
    assert_eq!(statuses, [0, 0], "no answer was given");
}

#[tokio::test(start_paused = true)]
async fn the_sdk_tries_again_after_a_broken_connection_and_finds_what_it_has_made() {
    let stage = stage();
    let retrying = crate::stage::config(&stage.sandbox, "123456789012", "us-west-2").into_builder();
    let retrying = retrying
        .retry_config(aws_sdk_ecs::config::retry::RetryConfig::standard())
        .build();
    let client = aws_sdk_elasticloadbalancingv2::Client::new(&retrying);
    stage
        .sandbox
        .inject(Fault::on("CreateLoadBalancer").nth(1).dropped_after());
    let create = client
        .create_load_balancer()
        .name("jvb")
        .set_subnets(Some(stage.subnets().await));
    let create = create.r#type(aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum::Network);
    create.send().await.unwrap();
    assert_eq!(balancers(&stage).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_call_is_never_answered_and_a_slow_one_late() {
    let stage = stage();
    stage.sandbox.inject(Fault::on("DescribeClusters").nth(1).hangs());
    assert!(
        timeout(Duration::from_secs(3_600), stage.ecs.describe_clusters().send())
            .await
            .is_err()
    );
    stage
        .sandbox
        .inject(Fault::on("UpdateService").nth(1).slow(Duration::from_secs(20)));
    let impatient = timeout(Duration::from_secs(5), stage.scale(1)).await;
    assert!(impatient.is_err());
    assert_eq!(
        stage.service().await.desired_count,
        1,
        "it took effect though nobody heard of it"
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_effect_comes_with_the_ids_that_were_answered() {
    let stage = stage();
    stage.sandbox.inject(
        Fault::on("CreateLoadBalancer")
            .nth(1)
            .takes_effect_late(Duration::from_secs(10)),
    );
    let arn = stage.load_balancer("jvb").await.load_balancer_arn.unwrap();
    let describe = || stage.elb.describe_load_balancers().load_balancer_arns(&arn).send();
    assert_eq!(code(describe().await), "LoadBalancerNotFound");
    seconds(10).await;
    assert_eq!(
        describe().await.unwrap().load_balancers()[0].load_balancer_arn(),
        Some(arn.as_str())
    );
}

#[tokio::test(start_paused = true)]
async fn a_stale_read_shows_the_state_of_that_long_ago() {
    let stage = stage();
    stage.scale(1).await;
    stage
        .sandbox
        .inject(Fault::on("DescribeServices").nth(1).stale(Duration::from_secs(3)));
    assert_eq!(stage.service().await.desired_count, 0);
    assert_eq!(stage.service().await.desired_count, 1);
    seconds(85).await;
    stage
        .sandbox
        .inject(Fault::on("DescribeServices").nth(1).stale(Duration::from_secs(30)));
    let service = stage.service().await;
    assert_eq!(
        (service.running_count, service.pending_count),
        (0, 1),
        "with all that had happened by itself until then"
    );
    assert_eq!(stage.service().await.running_count, 1);
}

#[tokio::test(start_paused = true)]
async fn random_stale_reads_lag_by_three_seconds_at_most() {
    let stage = stage();
    stage.sandbox.world(|world| world.stale_reads(0.5));
    stage.scale(1).await;
    let mut seen = Vec::new();
    for _ in 0..20 {
        seen.push(stage.service().await.desired_count);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(seen.contains(&0) && seen.contains(&1), "{seen:?}");
    seconds(3).await;
    for _ in 0..20 {
        assert_eq!(stage.service().await.desired_count, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_comes_before_or_after_the_effect_and_the_call_is_never_answered() {
    for (when, expected) in [(When::Before, 0), (When::After, 1)] {
        let stage = stage();
        let subnets = stage.subnets().await;
        stage.sandbox.crash_at(1, when);
        let crashed = stage.sandbox.crashed();
        let create = stage.elb.create_load_balancer().name("jvb").set_subnets(Some(subnets));
        let create = create.r#type(aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum::Network);
        tokio::select! {
            _ = create.send() => panic!("it was answered"),
            () = crashed => {}
        }
        assert_eq!(balancers(&stage).await, expected, "{when:?}");
        let call = stage.sandbox.calls().into_iter().find(|call| call.mutating).unwrap();
        assert_eq!((call.operation.as_str(), call.status), ("CreateLoadBalancer", 0));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_take_the_latency_of_their_kind_and_take_effect_when_they_are_answered() {
    let stage = stage();
    let subnets = stage.subnets().await;
    let timed = async |call: &str| {
        let start = Instant::now();
        match call {
            "read" => drop(stage.ecs.describe_clusters().send().await.unwrap()),
            "create" => drop(stage.load_balancer_in("jvb", &subnets).await.unwrap()),
            _ => drop(stage.scale(0).await),
        }
        start.elapsed().as_millis()
    };
    assert_eq!(
        (timed("read").await, timed("create").await, timed("change").await),
        (40, 300, 120)
    );
    stage.sandbox.world(|world| world.set_latency("DescribeClusters", 500));
    assert_eq!(timed("read").await, 500);
}

#[tokio::test(start_paused = true)]
async fn token_buckets_throttle_as_awss_do() {
    let stage = stage();
    stage.sandbox.world(|world| world.profile.creation_latency = 0);
    let subnets = stage.subnets().await;
    let mut refused = 0;
    for number in 0..15 {
        let create = stage
            .elb
            .create_load_balancer()
            .name(format!("lb-{number}"))
            .set_subnets(Some(subnets.clone()));
        let create = create.r#type(aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum::Network);
        let result = create.send().await;
        if result.is_err() {
            let (status, code, message) = refusal(result);
            assert_eq!(
                (status, code.as_str(), message.as_str()),
                (400, "ThrottlingException", "Rate exceeded")
            );
            refused += 1;
        }
    }
    assert_eq!(refused, 5, "ten at once");
    seconds(5).await;
    assert!(
        stage.load_balancer_in("later", &subnets).await.is_some(),
        "one comes back in five seconds"
    );
    assert!(stage.load_balancer_in("too-soon", &subnets).await.is_none());
    stage.sandbox.world(|world| world.token_buckets(false));
    for number in 0..20 {
        assert!(
            stage
                .load_balancer_in(&format!("free-{number}"), &subnets)
                .await
                .is_some()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_call_log_tells_what_was_asked_and_answered() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let group = stage
        .target_group("udp", ProtocolEnum::Udp, 10000, &balancer.vpc_id.unwrap())
        .await;
    stage.register(&group, "172.31.0.9").await;
    stage.scale(1).await;
    let _ = stage.s3.get_object().bucket("none").key("k").send().await;
    let calls = stage.sandbox.calls();
    let numbers: Vec<_> = calls.iter().map(|call| call.number).collect();
    assert_eq!(numbers, (1..=calls.len() as u64).collect::<Vec<_>>());
    let told = |operation: &str| calls.iter().find(|call| call.operation == operation).unwrap();
    let create = told("CreateLoadBalancer");
    assert_eq!(
        (create.service.as_str(), create.resource.as_str()),
        ("elasticloadbalancing", "jvb")
    );
    assert!(create.mutating && create.status == 200 && create.error.is_none() && create.fault.is_none());
    assert_eq!(
        (create.account.as_str(), create.region.as_str()),
        ("123456789012", "us-west-2")
    );
    assert_eq!(told("RegisterTargets").resource, group);
    assert_eq!(told("UpdateService").resource, stage.spec.service);
    let get = told("GetObject");
    assert_eq!(
        (get.resource.as_str(), get.status, get.error.as_deref()),
        ("none/k", 404, Some("NoSuchBucket"))
    );
    assert!(!get.mutating);
}
