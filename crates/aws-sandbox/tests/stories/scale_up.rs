//! A platform comes up, as an operator would see it with the SDK.

use crate::stage::{address, seconds, stage};
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;

#[tokio::test(start_paused = true)]
async fn a_platform_comes_up_in_the_time_that_aws_takes() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let (arn, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let group = stage.target_group("udp", ProtocolEnum::Udp, 10000, &vpc).await;
    stage.listener(&arn, ProtocolEnum::Udp, 10000, &group).await;
    assert_eq!(stage.balancer_state(&arn).await, "provisioning");

    let service = stage.scale(1).await;
    assert_eq!((service.desired_count, service.running_count), (1, 0));
    assert!(stage.listed().await.is_empty());
    seconds(13).await;
    let task = stage.listed().await.remove(0);
    let ip = address(&stage.task(&task).await).unwrap();
    stage.register(&group, &ip).await;
    assert_eq!(
        stage.health(&group).await,
        [("initial".into(), "Elb.RegistrationInProgress".into())]
    );

    seconds(80).await;
    assert_eq!(stage.service().await.running_count, 1);
    assert_eq!(stage.balancer_state(&arn).await, "provisioning");
    seconds(60).await;
    assert_eq!(stage.balancer_state(&arn).await, "active");
    assert_eq!(
        stage.health(&group).await,
        [("initial".into(), "Elb.RegistrationInProgress".into())]
    );
    seconds(150).await;
    assert_eq!(stage.health(&group).await, [("healthy".into(), String::new())]);
    assert_eq!(stage.sandbox.bill().still_billing().len(), 5);
}
