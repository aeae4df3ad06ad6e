//! A thousand tasks behind one load balancer, with AWS's limits raised as far as that needs.

use aws_sdk_elasticloadbalancingv2::types::{ProtocolEnum, TargetDescription};

use crate::stage::{Stage, address, seconds, stage};

const TASKS: usize = 1_000;

/// The addresses of all tasks, as a tool finds them: pages of a hundred.
async fn addresses(stage: &Stage) -> Vec<String> {
    let (mut token, mut addresses) = (None, Vec::new());
    loop {
        let list = stage
            .ecs
            .list_tasks()
            .cluster(&stage.spec.cluster)
            .set_next_token(token);
        let page = list.send().await.unwrap();
        let describe = stage.ecs.describe_tasks().cluster(&stage.spec.cluster);
        let described = describe.set_tasks(page.task_arns).send().await.unwrap();
        addresses.extend(described.tasks().iter().filter_map(address));
        token = page.next_token;
        if token.is_none() {
            return addresses;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_tasks_become_healthy_in_two_target_groups_of_one_load_balancer() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let (arn, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let udp = stage.target_group("udp", ProtocolEnum::Udp, 10000, &vpc).await;
    let tcp = stage.target_group("tcp", ProtocolEnum::Tcp, 4443, &vpc).await;
    stage.listener(&arn, ProtocolEnum::Udp, 10000, &udp).await;
    stage.listener(&arn, ProtocolEnum::Tcp, 4443, &tcp).await;
    stage.scale(TASKS as i32).await;
    seconds(100).await;
    let mut found = addresses(&stage).await;
    let targets: Vec<TargetDescription> = found
        .iter()
        .map(|address| TargetDescription::builder().id(address).build())
        .collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), TASKS, "each has an address of its own");
    let register = |group: &str, batch: &[TargetDescription]| {
        let register = stage.elb.register_targets().target_group_arn(group);
        register.set_targets(Some(batch.to_vec())).send()
    };
    stage.sandbox.world(|world| {
        world
            .set_limit("targets-per-availability-zone-per-network-load-balancer", TASKS as u64)
            .unwrap();
    });
    for batch in targets.chunks(100) {
        for group in [&udp, &tcp] {
            register(group, batch).await.unwrap();
        }
    }
    seconds(240).await;
    for group in [&udp, &tcp] {
        let health = stage.health(group).await;
        assert_eq!(health.len(), TASKS, "it has no pages");
        assert!(health.iter().all(|(state, _)| state == "healthy"));
    }
    let service = stage.service().await;
    assert_eq!(service.running_count, TASKS as i32);
}
