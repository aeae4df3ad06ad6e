//! Target groups: defaults, idempotency, attributes.

use aws_sdk_elasticloadbalancingv2::operation::create_target_group::builders::CreateTargetGroupFluentBuilder;
use aws_sdk_elasticloadbalancingv2::types::{Matcher, ProtocolEnum, Tag, TargetGroupAttribute, TargetTypeEnum};

use crate::stage::{Stage, code, refusal, stage};

async fn vpc(stage: &Stage) -> String {
    stage.load_balancer("for-the-vpc").await.vpc_id.unwrap()
}

fn create(stage: &Stage, vpc: &str, protocol: ProtocolEnum) -> CreateTargetGroupFluentBuilder {
    stage
        .elb
        .create_target_group()
        .name("g")
        .protocol(protocol)
        .port(4443)
        .vpc_id(vpc)
        .target_type(TargetTypeEnum::Ip)
}

#[tokio::test(start_paused = true)]
async fn a_target_group_has_awss_defaults() {
    let stage = stage();
    let vpc = vpc(&stage).await;
    let made = create(&stage, &vpc, ProtocolEnum::Tcp)
        .send()
        .await
        .unwrap()
        .target_groups
        .unwrap()
        .remove(0);
    assert_eq!(made.health_check_protocol(), Some(&ProtocolEnum::Tcp));
    assert_eq!(
        (made.health_check_port(), made.health_check_path()),
        (Some("traffic-port"), None)
    );
    assert_eq!(
        (
            made.health_check_interval_seconds(),
            made.health_check_timeout_seconds()
        ),
        (Some(30), Some(10))
    );
    assert_eq!(
        (made.healthy_threshold_count(), made.unhealthy_threshold_count()),
        (Some(5), Some(2))
    );
    assert!(made.load_balancer_arns().is_empty());
    let http = create(&stage, &vpc, ProtocolEnum::Udp)
        .name("h")
        .health_check_protocol(ProtocolEnum::Http)
        .send()
        .await;
    let http = http.unwrap().target_groups.unwrap().remove(0);
    assert_eq!(
        (http.health_check_path(), http.health_check_timeout_seconds()),
        (Some("/"), Some(6))
    );
    assert_eq!(http.matcher().unwrap().http_code(), Some("200-399"));
}

#[tokio::test(start_paused = true)]
async fn the_same_target_group_again_is_the_first_one_and_another_is_a_duplicate() {
    let stage = stage();
    let vpc = vpc(&stage).await;
    let tag = |value: &str| Tag::builder().key("Project").value(value).build();
    let make = || create(&stage, &vpc, ProtocolEnum::Tcp).tags(tag("p")).send();
    let first = make().await.unwrap().target_groups.unwrap().remove(0);
    assert_eq!(
        make().await.unwrap().target_groups.unwrap()[0].target_group_arn(),
        first.target_group_arn()
    );
    let message = "A target group with the same name 'g' exists, but with different settings";
    let other = create(&stage, &vpc, ProtocolEnum::Tcp)
        .port(80)
        .tags(tag("p"))
        .send()
        .await;
    assert_eq!(refusal(other), (400, "DuplicateTargetGroupName".into(), message.into()));
    let other_tags = create(&stage, &vpc, ProtocolEnum::Tcp).tags(tag("q")).send().await;
    assert_eq!(code(other_tags), "DuplicateTargetGroupName");
    let attributes = stage
        .elb
        .modify_target_group_attributes()
        .target_group_arn(first.target_group_arn().unwrap());
    let delay = TargetGroupAttribute::builder()
        .key("deregistration_delay.timeout_seconds")
        .value("30")
        .build();
    attributes.attributes(delay).send().await.unwrap();
    make().await.expect("attributes are no settings");
}

#[tokio::test(start_paused = true)]
async fn target_groups_that_aws_refuses_to_create() {
    let stage = stage();
    let vpc = vpc(&stage).await;
    let tcp = || create(&stage, &vpc, ProtocolEnum::Tcp);
    let checks = [
        (
            tcp().name("a_b").send().await,
            "can only contain characters that are alphanumeric characters or hyphens(-)",
        ),
        (tcp().vpc_id("vpc-1").send().await, "The VPC ID 'vpc-1' is not found"),
        (
            tcp().health_check_protocol(ProtocolEnum::Udp).send().await,
            "HTTP, HTTPS, TCP",
        ),
        (
            tcp().health_check_interval_seconds(4).send().await,
            "must be between '5' and '300'",
        ),
        (
            tcp().healthy_threshold_count(1).send().await,
            "must be between '2' and '10'",
        ),
        (
            tcp().health_check_port("99999").send().await,
            "Health check port '99999'",
        ),
        (
            tcp().health_check_path("/x").send().await,
            "not supported for health checks with protocol 'TCP'",
        ),
        (
            tcp()
                .health_check_interval_seconds(10)
                .health_check_timeout_seconds(20)
                .send()
                .await,
            "Health check timeout '20' must be smaller than or equal to the interval '10'",
        ),
        (
            stage.elb.create_target_group().name("g").send().await,
            "A protocol must be specified",
        ),
    ];
    for (result, part) in checks {
        let (status, code, message) = refusal(result);
        assert_eq!((status, code.as_str()), (400, "ValidationError"), "{message}");
        assert!(message.contains(part), "{message}");
    }
    stage
        .sandbox
        .world(|world| world.set_limit("target-groups", 0))
        .unwrap();
    assert_eq!(code(tcp().send().await), "TooManyTargetGroups");
}

#[tokio::test(start_paused = true)]
async fn a_health_check_can_be_changed() {
    let stage = stage();
    let vpc = vpc(&stage).await;
    let arn = stage.target_group("g", ProtocolEnum::Tcp, 4443, &vpc).await;
    let modify = stage
        .elb
        .modify_target_group()
        .target_group_arn(&arn)
        .health_check_interval_seconds(10);
    let modify = modify
        .health_check_path("/x")
        .matcher(Matcher::builder().http_code("200").build());
    let changed = modify.send().await.unwrap().target_groups.unwrap().remove(0);
    assert_eq!(
        (changed.health_check_interval_seconds(), changed.health_check_path()),
        (Some(10), Some("/x"))
    );
    assert_eq!(
        (changed.health_check_port(), changed.healthy_threshold_count()),
        (Some("8080"), Some(2)),
        "the rest stays"
    );
}

#[tokio::test(start_paused = true)]
async fn attributes_depend_on_the_protocol() {
    let stage = stage();
    let vpc = vpc(&stage).await;
    let udp = stage.target_group("udp", ProtocolEnum::Udp, 10000, &vpc).await;
    let tcp = stage.target_group("tcp", ProtocolEnum::Tcp, 4443, &vpc).await;
    let value = async |arn: &str, key: &str| {
        let described = stage
            .elb
            .describe_target_group_attributes()
            .target_group_arn(arn)
            .send()
            .await
            .unwrap();
        let found = described
            .attributes()
            .iter()
            .find(|attribute| attribute.key() == Some(key));
        found.and_then(|attribute| attribute.value()).unwrap().to_owned()
    };
    let cut = "deregistration_delay.connection_termination.enabled";
    assert_eq!(
        (value(&udp, cut).await, value(&tcp, cut).await),
        ("true".into(), "false".into())
    );
    let keep = "preserve_client_ip.enabled";
    assert_eq!(
        (value(&udp, keep).await, value(&tcp, keep).await),
        ("true".into(), "false".into())
    );
    assert_eq!(value(&udp, "deregistration_delay.timeout_seconds").await, "300");
    assert_eq!(
        value(&udp, "load_balancing.cross_zone.enabled").await,
        "use_load_balancer_configuration"
    );

    let modify = |arn: &str, key: &str, value: &str| {
        let attribute = TargetGroupAttribute::builder().key(key).value(value).build();
        stage
            .elb
            .modify_target_group_attributes()
            .target_group_arn(arn)
            .attributes(attribute)
            .send()
    };
    assert_eq!(code(modify(&udp, keep, "false").await), "InvalidConfigurationRequest");
    let unhealthy = "target_health_state.unhealthy.connection_termination.enabled";
    assert_eq!(
        code(modify(&udp, unhealthy, "true").await),
        "InvalidConfigurationRequest"
    );
    let delay = "deregistration_delay.timeout_seconds";
    let (_, _, message) = refusal(modify(&udp, delay, "7200").await);
    assert_eq!(
        message,
        "'deregistration_delay.timeout_seconds' value '7200' must be between '0-3600' inclusive"
    );
    let (_, code_of_type, message) = refusal(modify(&tcp, "stickiness.type", "lb_cookie").await);
    assert_eq!(code_of_type, "InvalidConfigurationRequest");
    assert_eq!(
        message,
        "Stickiness type 'lb_cookie' is not supported for target groups with the TCP protocol"
    );
    assert_eq!(
        code(modify(&udp, "slow_start.duration_seconds", "30").await),
        "ValidationError"
    );
    let draining = "target_health_state.unhealthy.draining_interval_seconds";
    assert_eq!(code(modify(&tcp, draining, "10").await), "InvalidConfigurationRequest");
    modify(&udp, delay, "30").await.unwrap();
    assert_eq!(value(&udp, delay).await, "30");
}

#[tokio::test(start_paused = true)]
async fn target_groups_are_found_by_name_arn_or_load_balancer() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let (balancer, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let one = stage.target_group("one", ProtocolEnum::Udp, 10000, &vpc).await;
    stage.target_group("two", ProtocolEnum::Tcp, 4443, &vpc).await;
    stage.listener(&balancer, ProtocolEnum::Udp, 10000, &one).await;
    let describe = || stage.elb.describe_target_groups();
    let attached = describe()
        .load_balancer_arn(&balancer)
        .send()
        .await
        .unwrap()
        .target_groups
        .unwrap();
    assert_eq!(attached.len(), 1);
    assert_eq!(
        (attached[0].target_group_name(), attached[0].load_balancer_arns()),
        (Some("one"), &[balancer][..])
    );
    let missing = describe().names("one").names("three").send().await;
    assert_eq!(
        refusal(missing),
        (
            400,
            "TargetGroupNotFound".into(),
            "One or more target groups not found".into()
        )
    );
    assert_eq!(
        code(describe().names("one").target_group_arns(&one).send().await),
        "ValidationError"
    );
    assert_eq!(describe().send().await.unwrap().target_groups().len(), 2);
}
