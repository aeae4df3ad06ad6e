//! A world is plain data, and moves by time alone.

use aws_sandbox::clock::{HOUR, START};
use aws_sandbox::{Sandbox, World};
use aws_sdk_ecs::types::{AwsVpcConfiguration, LaunchType, NetworkConfiguration};
use aws_smithy_async::rt::sleep::AsyncSleep;

use crate::stage::{code, seconds, stage, stage_of};

#[tokio::test(start_paused = true)]
async fn a_saved_world_goes_on_as_if_nothing_had_happened() {
    let stage = stage();
    stage.load_balancer("jvb").await;
    stage.scale(1).await;
    let saved = stage.sandbox.world(|world| serde_json::to_string(world)).unwrap();
    let mut copy: World = serde_json::from_str(&saved).unwrap();
    stage.sandbox.world(|world| {
        let later = world.now_ms() + HOUR;
        copy.advance_to(later);
        world.advance_to(later);
        assert_eq!(copy.bill(), world.bill());
        assert_eq!(
            serde_json::to_value(&copy).unwrap(),
            serde_json::to_value(&*world).unwrap()
        );
    });
}

#[test]
fn time_passes_from_event_to_event_and_never_backwards() {
    let spec = aws_sandbox::PlatformSpec {
        desired: 1,
        sentinel: false,
        ..aws_sandbox::PlatformSpec::default()
    };
    let mut world = World::with_platform(&spec);
    let mut moments = Vec::new();
    while let Some(next) = world.next_event().filter(|next| *next < START + HOUR / 2) {
        world.advance_to(next);
        assert_eq!(world.now_ms(), next);
        moments.push((next - START) / 1_000);
    }
    moments.dedup();
    assert_eq!(
        moments,
        [8, 12, 23, 56, 80, 95],
        "scheduler, interface, pull, pulled, running, answering"
    );
    world.advance_to(START);
    assert!(world.now_ms() > START);
}

#[tokio::test(start_paused = true)]
async fn a_sandbox_can_be_moved_without_waiting() {
    let stage = stage();
    stage.scale(1).await;
    stage.sandbox.advance(100_000).unwrap();
    assert_eq!(stage.service().await.running_count, 1);
    assert_eq!(stage.sandbox.now().as_second() - START / 1_000, 100);
    seconds(10).await;
    assert_eq!(stage.sandbox.now().as_second() - START / 1_000, 110);
}

#[tokio::test(start_paused = true)]
async fn a_faster_clock_makes_everything_faster_also_the_sleeps_of_the_sdk() {
    let spec = aws_sandbox::PlatformSpec::default();
    let stage = stage_of(Sandbox::with_speed(World::with_platform(&spec), 60.0), spec);
    assert_eq!(stage.sandbox.speed(), 60.0);
    stage.scale(1).await;
    seconds(2).await;
    assert_eq!(stage.service().await.running_count, 1, "two minutes have passed");
    let before = tokio::time::Instant::now();
    stage
        .sandbox
        .sdk_sleep()
        .sleep(std::time::Duration::from_secs(60))
        .await;
    assert_eq!(before.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_service_without_fargate_never_gets_a_task() {
    let stage = stage();
    let vpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(stage.subnets().await))
        .build()
        .unwrap();
    let network = NetworkConfiguration::builder().awsvpc_configuration(vpc).build();
    let create = stage
        .ecs
        .create_service()
        .cluster(&stage.spec.cluster)
        .service_name("s")
        .desired_count(1);
    let create = create
        .task_definition("jitsi-video-platform-task")
        .network_configuration(network);
    let service = create.send().await.unwrap().service.unwrap();
    assert_eq!(service.launch_type(), Some(&LaunchType::Ec2), "AWS's default");
    seconds(120).await;
    let describe = stage
        .ecs
        .describe_services()
        .cluster(&stage.spec.cluster)
        .services("s")
        .send()
        .await
        .unwrap();
    let service = &describe.services()[0];
    assert_eq!(
        (service.running_count, service.pending_count, service.events().len()),
        (0, 0, 1)
    );
    assert!(
        service.events()[0]
            .message()
            .unwrap()
            .contains("no container instance met all of its requirements")
    );
}

#[test]
fn controls_name_what_they_do_not_know() {
    let mut world = World::new();
    let error = world.set_limit("load-balancers", 1).unwrap_err();
    assert_eq!(error.to_string(), "there is no limit `load-balancers` in the sandbox");
    assert!(world.set_free_addresses("subnet-1", 1).is_err());
    assert!(
        world
            .set_service_status("arn:aws:ecs:us-west-2:123456789012:service/c/s", "ACTIVE")
            .is_err()
    );
    assert!(world.replace_task("nonsense").is_err());
}

#[tokio::test(start_paused = true)]
async fn every_region_has_a_network_of_its_own() {
    let stage = stage();
    let here = stage.load_balancer("here").await;
    let config = crate::stage::config(&stage.sandbox, "123456789012", "eu-west-1");
    let abroad = aws_sdk_elasticloadbalancingv2::Client::new(&config);
    let create = abroad
        .create_load_balancer()
        .name("there")
        .set_subnets(Some(stage.subnets().await));
    let create = create.r#type(aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum::Network);
    assert_eq!(code(create.send().await), "SubnetNotFound");
    assert_eq!(
        abroad
            .describe_load_balancers()
            .send()
            .await
            .unwrap()
            .load_balancers()
            .len(),
        0
    );
    assert_eq!(here.availability_zones().len(), 2);
}
