//! Load balancers: states, idempotency, refusals, deletion.

use aws_sdk_elasticloadbalancingv2::operation::create_load_balancer::builders::CreateLoadBalancerFluentBuilder;
use aws_sdk_elasticloadbalancingv2::types::{
    LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerTypeEnum, ProtocolEnum, SubnetMapping, Tag,
};

use crate::stage::{Stage, code, refusal, seconds, stage};

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

async fn network(stage: &Stage, name: &str) -> CreateLoadBalancerFluentBuilder {
    let create = stage
        .elb
        .create_load_balancer()
        .name(name)
        .r#type(LoadBalancerTypeEnum::Network);
    create.set_subnets(Some(stage.subnets().await))
}

fn attribute(key: &str, value: &str) -> LoadBalancerAttribute {
    LoadBalancerAttribute::builder().key(key).value(value).build()
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_is_provisioning_for_150_seconds() {
    let stage = stage();
    let created = stage.load_balancer("jvb").await;
    assert_eq!(created.state().unwrap().code().unwrap().as_str(), "provisioning");
    assert_eq!(
        created.canonical_hosted_zone_id(),
        Some("Z18D5FSROUN65G"),
        "of network load balancers in us-west-2"
    );
    let arn = created.load_balancer_arn().unwrap();
    let id = arn.rsplit('/').next().unwrap();
    assert_eq!(
        arn,
        format!("arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/net/jvb/{id}")
    );
    assert_eq!(
        created.dns_name().unwrap(),
        format!("jvb-{id}.elb.us-west-2.amazonaws.com")
    );
    let zones: Vec<_> = created
        .availability_zones()
        .iter()
        .map(|zone| zone.zone_name().unwrap())
        .collect();
    assert_eq!(zones, ["us-west-2a", "us-west-2b"]);
    assert!(
        created
            .availability_zones()
            .iter()
            .all(|zone| zone.load_balancer_addresses().is_empty())
    );
    assert_eq!(created.created_time().unwrap().secs(), stage.sandbox.now().as_second());
    seconds(149).await;
    assert_eq!(stage.balancer_state(arn).await, "provisioning");
    seconds(1).await;
    assert_eq!(stage.balancer_state(arn).await, "active");
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_can_come_out_as_failed() {
    let stage = stage();
    stage.sandbox.world(|world| world.next_load_balancer_fails());
    let arn = stage.load_balancer("jvb").await.load_balancer_arn.unwrap();
    assert_eq!(stage.balancer_state(&arn).await, "provisioning");
    seconds(151).await;
    assert_eq!(stage.balancer_state(&arn).await, "failed");
    let next = stage.load_balancer("next").await.load_balancer_arn.unwrap();
    seconds(151).await;
    assert_eq!(stage.balancer_state(&next).await, "active", "only the next one fails");
}

#[tokio::test(start_paused = true)]
async fn the_same_load_balancer_again_is_the_first_one_and_another_is_a_duplicate() {
    let stage = stage();
    let create = || async {
        network(&stage, "jvb")
            .await
            .tags(tag("Project", "p"))
            .tags(tag("Environment", "e"))
    };
    let first = create().await.send().await.unwrap().load_balancers.unwrap().remove(0);
    let reordered = network(&stage, "jvb")
        .await
        .tags(tag("Environment", "e"))
        .tags(tag("Project", "p"));
    let again = reordered.send().await.unwrap().load_balancers.unwrap().remove(0);
    assert_eq!(first.load_balancer_arn(), again.load_balancer_arn());
    assert_eq!(
        stage.sandbox.bill().still_billing().len(),
        3,
        "one load balancer and its two addresses"
    );

    let other_tags = network(&stage, "jvb").await.tags(tag("Project", "p")).send().await;
    let message = "A load balancer with the same name 'jvb' exists, but with different settings";
    assert_eq!(
        refusal(other_tags),
        (400, "DuplicateLoadBalancerName".into(), message.into())
    );
    let other_scheme = create().await.scheme(LoadBalancerSchemeEnum::Internal).send().await;
    assert_eq!(code(other_scheme), "DuplicateLoadBalancerName");
    let other_subnets = create()
        .await
        .set_subnets(Some(vec![stage.subnets().await.remove(0)]))
        .send()
        .await;
    assert_eq!(code(other_subnets), "DuplicateLoadBalancerName");
    let other_type = create().await.r#type(LoadBalancerTypeEnum::Application).send().await;
    assert_eq!(
        code(other_type),
        "DuplicateLoadBalancerName",
        "the name is shared with application load balancers"
    );
    let changed = attribute("load_balancing.cross_zone.enabled", "true");
    let modify = stage
        .elb
        .modify_load_balancer_attributes()
        .load_balancer_arn(first.load_balancer_arn().unwrap());
    modify.attributes(changed).send().await.unwrap();
    create().await.send().await.expect("attributes are no settings");
}

#[tokio::test(start_paused = true)]
async fn load_balancers_that_aws_refuses_to_create() {
    let stage = stage();
    stage.sandbox.world(|world| world.token_buckets(false));
    let subnets = stage.subnets().await;
    for (name, part) in [
        ("x".repeat(33).as_str(), "cannot be longer than '32' characters"),
        ("a_b", "can only contain"),
        ("-a", "cannot begin or end"),
        ("internal-a", "cannot begin with 'internal-'"),
    ] {
        let (status, code, message) = refusal(network(&stage, name).await.send().await);
        assert_eq!((status, code.as_str()), (400, "ValidationError"));
        assert!(message.contains(part), "{message}");
    }
    let unknown = network(&stage, "a")
        .await
        .set_subnets(Some(vec!["subnet-1".into()]))
        .send()
        .await;
    let message = "The subnet ID 'subnet-1' does not exist";
    assert_eq!(refusal(unknown), (400, "SubnetNotFound".into(), message.into()));
    let twice = network(&stage, "a")
        .await
        .set_subnets(Some(vec![subnets[0].clone(), subnets[0].clone()]))
        .send()
        .await;
    assert_eq!(code(twice), "InvalidConfigurationRequest");
    let none = stage
        .elb
        .create_load_balancer()
        .name("a")
        .r#type(LoadBalancerTypeEnum::Network)
        .send()
        .await;
    assert_eq!(code(none), "ValidationError");
    assert_eq!(
        code(network(&stage, "a").await.security_groups("sg-1").send().await),
        "InvalidSecurityGroup"
    );
    let mapping = SubnetMapping::builder()
        .subnet_id(&subnets[0])
        .allocation_id("eipalloc-1")
        .build();
    let elastic = stage
        .elb
        .create_load_balancer()
        .name("a")
        .r#type(LoadBalancerTypeEnum::Network)
        .subnet_mappings(mapping);
    assert_eq!(code(elastic.send().await), "AllocationIdNotFound");
    assert_eq!(
        code(
            network(&stage, "a")
                .await
                .tags(tag("k", "1"))
                .tags(tag("k", "2"))
                .send()
                .await
        ),
        "DuplicateTagKeys"
    );
    let many = (0..51).map(|number| tag(&number.to_string(), "")).collect();
    assert_eq!(
        code(network(&stage, "a").await.set_tags(Some(many)).send().await),
        "TooManyTags"
    );

    stage
        .sandbox
        .world(|world| world.set_free_addresses(&subnets[1], 7))
        .unwrap();
    let (_, full, message) = refusal(network(&stage, "a").await.send().await);
    assert_eq!(full, "InvalidSubnet");
    assert!(message.contains(&subnets[1]), "{message}");
    stage
        .sandbox
        .world(|world| world.set_free_addresses(&subnets[1], 8))
        .unwrap();
    stage
        .sandbox
        .world(|world| world.set_limit("network-load-balancers", 0))
        .unwrap();
    assert_eq!(code(network(&stage, "a").await.send().await), "TooManyLoadBalancers");
    assert!(stage.sandbox.bill().items.is_empty());
}

#[tokio::test(start_paused = true)]
async fn one_unknown_name_fails_the_whole_description() {
    let stage = stage();
    stage.load_balancer("one").await;
    let describe = || stage.elb.describe_load_balancers();
    assert_eq!(describe().send().await.unwrap().load_balancers().len(), 1);
    let mixed = describe().names("one").names("two").send().await;
    assert_eq!(
        refusal(mixed),
        (
            400,
            "LoadBalancerNotFound".into(),
            "One or more load balancers not found".into()
        )
    );
    assert_eq!(
        code(describe().load_balancer_arns("nonsense").send().await),
        "ValidationError"
    );
    for number in 0..3 {
        stage.load_balancer(&format!("more-{number}")).await;
    }
    let page = describe().page_size(3).send().await.unwrap();
    let rest = describe()
        .page_size(3)
        .marker(page.next_marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            page.load_balancers().len(),
            rest.load_balancers().len(),
            rest.next_marker()
        ),
        (3, 1, None)
    );
    assert_eq!(code(describe().page_size(401).send().await), "ValidationError");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_load_balancer_is_gone_and_its_target_group_stays_in_use_for_ten_seconds() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let (arn, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let group = stage.target_group("udp", ProtocolEnum::Udp, 10000, &vpc).await;
    let listener = stage.listener(&arn, ProtocolEnum::Udp, 10000, &group).await;
    stage.register(&group, "172.31.0.9").await;
    let delete_group = || stage.elb.delete_target_group().target_group_arn(&group).send();
    assert_eq!(code(delete_group().await), "ResourceInUse", "while it is attached");
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(&arn)
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(stage.elb.describe_load_balancers().names("jvb").send().await),
        "LoadBalancerNotFound"
    );
    assert_eq!(
        code(stage.elb.describe_listeners().listener_arns(&listener).send().await),
        "ListenerNotFound"
    );
    let message = format!("Target group '{group}' is currently in use by a listener or a rule");
    assert_eq!(refusal(delete_group().await), (400, "ResourceInUse".into(), message));
    assert_eq!(
        stage.health(&group).await,
        [("unused".into(), "Target.NotInUse".into())],
        "targets survive"
    );
    assert!(stage.sandbox.bill().still_billing().is_empty());
    seconds(10).await;
    delete_group().await.unwrap();
    assert_eq!(code(delete_group().await), "TargetGroupNotFound");
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(&arn)
        .send()
        .await
        .expect("deleting twice succeeds");
}

#[tokio::test(start_paused = true)]
async fn deletion_protection_forbids_deletion() {
    let stage = stage();
    let arn = stage.load_balancer("jvb").await.load_balancer_arn.unwrap();
    let modify = stage.elb.modify_load_balancer_attributes().load_balancer_arn(&arn);
    modify
        .attributes(attribute("deletion_protection.enabled", "true"))
        .send()
        .await
        .unwrap();
    let refused = stage.elb.delete_load_balancer().load_balancer_arn(&arn).send().await;
    assert_eq!(code(refused), "OperationNotPermitted");
}

#[tokio::test(start_paused = true)]
async fn attributes_have_awss_defaults_and_are_checked() {
    let stage = stage();
    let arn = stage.load_balancer("jvb").await.load_balancer_arn.unwrap();
    let describe = stage
        .elb
        .describe_load_balancer_attributes()
        .load_balancer_arn(&arn)
        .send()
        .await
        .unwrap();
    let value = |key: &str| {
        let found = describe
            .attributes()
            .iter()
            .find(|attribute| attribute.key() == Some(key));
        found.and_then(|attribute| attribute.value()).map(str::to_owned)
    };
    assert_eq!(
        value("load_balancing.cross_zone.enabled").as_deref(),
        Some("false"),
        "off for network load balancers"
    );
    assert_eq!(value("deletion_protection.enabled").as_deref(), Some("false"));
    assert_eq!(
        value("dns_record.client_routing_policy").as_deref(),
        Some("any_availability_zone")
    );
    assert_eq!(value("secondary_ips.auto_assigned.per_subnet").as_deref(), Some("0"));
    let modify = |key: &str, value: &str| {
        let modify = stage.elb.modify_load_balancer_attributes().load_balancer_arn(&arn);
        modify.attributes(attribute(key, value)).send()
    };
    let (_, code_of_key, message) = refusal(modify("x", "true").await);
    assert_eq!(
        (code_of_key.as_str(), message.as_str()),
        ("ValidationError", "Load balancer attribute key 'x' is not recognized")
    );
    assert_eq!(
        code(modify("load_balancing.cross_zone.enabled", "maybe").await),
        "ValidationError"
    );
    assert_eq!(
        code(modify("secondary_ips.auto_assigned.per_subnet", "8").await),
        "ValidationError"
    );
    modify("load_balancing.cross_zone.enabled", "true").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn tags_are_added_removed_and_described() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let arn = balancer.load_balancer_arn.unwrap();
    let group = stage
        .target_group("udp", ProtocolEnum::Udp, 10000, &balancer.vpc_id.unwrap())
        .await;
    let listener = stage.listener(&arn, ProtocolEnum::Udp, 10000, &group).await;
    let add = stage
        .elb
        .add_tags()
        .resource_arns(&arn)
        .resource_arns(&group)
        .resource_arns(&listener);
    add.tags(tag("a", "1")).tags(tag("b", "2")).send().await.unwrap();
    stage
        .elb
        .remove_tags()
        .resource_arns(&group)
        .tag_keys("a")
        .send()
        .await
        .unwrap();
    let described = stage
        .elb
        .describe_tags()
        .resource_arns(&arn)
        .resource_arns(&group)
        .send()
        .await
        .unwrap();
    let counts: Vec<_> = described
        .tag_descriptions()
        .iter()
        .map(|description| description.tags().len())
        .collect();
    assert_eq!(counts, [2, 1]);
    let gone = arn.replace("/jvb/", "/other/");
    assert_eq!(
        code(
            stage
                .elb
                .describe_tags()
                .resource_arns(&arn)
                .resource_arns(gone)
                .send()
                .await
        ),
        "LoadBalancerNotFound"
    );
    let twenty_one = (0..21).map(|_| arn.clone()).collect();
    assert_eq!(
        code(
            stage
                .elb
                .describe_tags()
                .set_resource_arns(Some(twenty_one))
                .send()
                .await
        ),
        "ValidationError"
    );
}

#[tokio::test(start_paused = true)]
async fn an_application_load_balancer_can_be_in_the_way() {
    let stage = stage();
    let create = stage
        .elb
        .create_load_balancer()
        .name("jvb")
        .set_subnets(Some(stage.subnets().await));
    let made = create.send().await.unwrap().load_balancers.unwrap().remove(0);
    assert_eq!(
        made.r#type(),
        Some(&LoadBalancerTypeEnum::Application),
        "AWS's default type"
    );
    assert!(made.load_balancer_arn().unwrap().contains(":loadbalancer/app/jvb/"));
    assert!(made.dns_name().unwrap().ends_with(".us-west-2.elb.amazonaws.com"));
    assert_eq!(
        code(network(&stage, "jvb").await.send().await),
        "DuplicateLoadBalancerName"
    );
    assert_eq!(
        stage.sandbox.bill().still_billing()[0].kind,
        "application-load-balancer"
    );
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_is_charged_from_the_moment_it_is_active() {
    let stage = stage();
    let created = stage.sandbox.now();
    stage.load_balancer("jvb").await;
    let bill = stage.sandbox.bill();
    let kinds: Vec<_> = bill.still_billing().iter().map(|item| item.kind.clone()).collect();
    assert_eq!(
        kinds,
        ["network-load-balancer", "public-ipv4", "public-ipv4"],
        "an address for each zone"
    );
    seconds(200).await;
    let charged = stage.sandbox.bill().items[0].from;
    assert!((charged.as_second() - created.as_second() - 150).abs() <= 1);
}

#[tokio::test(start_paused = true)]
async fn the_quotas_are_told() {
    let stage = stage();
    let limits = stage
        .elb
        .describe_account_limits()
        .send()
        .await
        .unwrap()
        .limits
        .unwrap();
    let most = |name: &str| {
        limits
            .iter()
            .find(|limit| limit.name() == Some(name))
            .and_then(|limit| limit.max())
    };
    assert_eq!(most("network-load-balancers"), Some("50"));
    assert_eq!(most("target-groups"), Some("3000"));
    assert_eq!(
        most("targets-per-availability-zone-per-network-load-balancer"),
        Some("500")
    );
}
