//! What visitors meet: who takes a connection, and what is wrong with the site.

use std::net::IpAddr;

use aws_sandbox::{RecordSet, Serving, SiteFault, World};
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancerAttribute, ProtocolEnum};

use crate::stage::{Stage, seconds, stage};

const ARN: &str = "arn:aws:ecs:us-west-2:123456789012:service/c/s";

fn serves(stage: &Stage, address: &str, port: u16) -> Serving {
    let address: IpAddr = address.parse().unwrap();
    stage.sandbox.world(|world| world.serves(address, port))
}

/// A load balancer with a TCP listener on 443 to this port of tasks, one on 10000 for UDP; its ARN, addresses in the order of
/// the zones, and the target group.
async fn balancer(stage: &Stage, port: i32) -> (String, Vec<String>, String) {
    let balancer = stage.load_balancer("jvb").await;
    let (arn, vpc) = (balancer.load_balancer_arn().unwrap(), balancer.vpc_id().unwrap());
    let group = stage.target_group("web", ProtocolEnum::Tcp, port, vpc).await;
    let udp = stage.target_group("udp", ProtocolEnum::Udp, 10000, vpc).await;
    stage.listener(arn, ProtocolEnum::Tcp, 443, &group).await;
    stage.listener(arn, ProtocolEnum::Udp, 10000, &udp).await;
    seconds(151).await;
    let name = balancer.dns_name().unwrap();
    let addresses = stage.sandbox.world(|world| world.resolve(name));
    let addresses = addresses.iter().map(IpAddr::to_string).collect();
    (arn.to_owned(), addresses, group)
}

async fn cross_zones(stage: &Stage, balancer: &str) {
    let attribute = LoadBalancerAttribute::builder()
        .key("load_balancing.cross_zone.enabled")
        .value("true");
    let modify = stage.elb.modify_load_balancer_attributes().load_balancer_arn(balancer);
    modify.attributes(attribute.build()).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_taken_while_a_healthy_target_is_behind_a_listener() {
    let stage = stage();
    let (arn, addresses, group) = balancer(&stage, 8000).await;
    cross_zones(&stage, &arn).await;
    let at = |port| serves(&stage, &addresses[0], port);
    assert_eq!(at(443), Serving::Refusal, "there is no target");
    let (_, task) = stage.running_task().await;
    stage.register(&group, &task).await;
    assert_eq!(at(443), Serving::Refusal, "it is being registered");
    seconds(151).await;
    let site = Serving::Site {
        service: stage.spec.service_arn(),
        tls: false,
        tls_by_task: false,
        fault: None,
    };
    assert_eq!((at(443), serves(&stage, &addresses[1], 443)), (site.clone(), site));
    assert_eq!(at(80), Serving::Silence, "nobody listens");
    assert_eq!(at(10000), Serving::Silence, "that is UDP");
    assert_eq!(serves(&stage, "192.0.2.1", 443), Serving::Silence, "nobody has it");
    assert_eq!(serves(&stage, &task, 443), Serving::Silence, "a private address");
    stage
        .sandbox
        .world(|world| world.replace_task(&stage.spec.service_arn()).unwrap());
    seconds(20).await;
    assert_eq!(
        at(443),
        Serving::Refusal,
        "the task is gone, though the target is still healthy"
    );
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(at(443), Serving::Silence);
}

#[tokio::test(start_paused = true)]
async fn without_cross_zone_load_balancing_only_the_address_in_the_tasks_zone_takes_connections() {
    let stage = stage();
    let (arn, addresses, group) = balancer(&stage, 8443).await;
    let (_, task) = stage.running_task().await;
    stage.register(&group, &task).await;
    seconds(151).await;
    let taken = || {
        let all = addresses.iter().map(|address| serves(&stage, address, 443));
        all.filter(|serving| matches!(serving, Serving::Site { tls: true, .. }))
            .count()
    };
    assert_eq!((addresses.len(), taken()), (2, 1));
    cross_zones(&stage, &arn).await;
    assert_eq!(taken(), 2);
}

#[test]
fn what_is_wrong_with_a_site_belongs_to_a_service_that_exists() {
    let mut world = World::new();
    let fault = Some(SiteFault::Expired);
    assert!(world.set_site_fault(ARN, fault).is_err());
    assert!(world.set_site_fault("nonsense", None).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_exists_is_told_from_one_that_does_not() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let name = balancer.dns_name().unwrap();
    let has = |name: &str| stage.sandbox.world(|world| world.has_name(name));
    assert!(!has(name), "it is provisioning");
    let text = RecordSet::values("a.b.sandbox.example", "TXT", 60, &["\"x\""]);
    stage
        .sandbox
        .world(|world| world.put_record("Z0SANDBOX", text).unwrap());
    assert!(has("A.B.sandbox.example.") && has("b.sandbox.example") && has("sandbox.example"));
    assert!(!has("meet.sandbox.example") && !has("ab.sandbox.example") && !has("example.org") && !has(""));
    seconds(151).await;
    assert!(has(name));
}
