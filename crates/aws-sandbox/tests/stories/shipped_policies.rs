//! The policies of `docs/iam`: each caller can do its work, and no more.

use std::path::Path;

use aws_sandbox::{PlatformSpec, World};
use aws_sdk_ecs::types::Tag as EcsTag;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, LoadBalancerTypeEnum, ProtocolEnum, Tag, TargetDescription, TargetTypeEnum,
};
use aws_sdk_s3::primitives::ByteStream;

use crate::stage::{Stage, address, code, seconds, stage, stage_as};

/// A shipped policy, filled in for a platform.
fn policy(name: &str, spec: &PlatformSpec) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/iam").join(name);
    let mut text = std::fs::read_to_string(path).unwrap();
    for (placeholder, value) in [
        ("REGION", spec.region.clone()),
        ("ACCOUNT", spec.account.clone()),
        ("CLUSTER", spec.cluster.clone()),
        ("SERVICE", spec.service.clone()),
        ("PROJECT", spec.project.clone()),
        ("BUCKET", spec.bucket_name()),
    ] {
        assert!(
            text.contains(placeholder) || name == "cron.json",
            "{name} has no {placeholder}"
        );
        text = text.replace(placeholder, &value);
    }
    text
}

/// The caller with the policy of this name.
fn caller(stage: &Stage, name: &str) -> Stage {
    let key = format!("key-of-{name}");
    let text = policy(&format!("{name}.json"), &stage.spec);
    stage.sandbox.world(|world| world.attach_policy(&key, &text)).unwrap();
    stage_as(stage.sandbox.clone(), stage.spec.clone(), &key)
}

fn our_tags(stage: &Stage) -> Vec<Tag> {
    let pairs = [
        ("Project", stage.spec.project.clone()),
        ("ManagedBy", "jitsi-ops".to_owned()),
        ("jitsi-ops:platform", stage.spec.service_arn()),
    ];
    let tag = |(key, value): (&str, String)| Tag::builder().key(key).value(value).build();
    pairs.into_iter().map(tag).collect()
}

/// Load balancer, target group, listener.
struct Network {
    balancer: String,
    group: String,
    listener: String,
}

async fn make(stage: &Stage, name: &str, tags: Option<Vec<Tag>>) -> Network {
    let create = stage
        .elb
        .create_load_balancer()
        .name(name)
        .r#type(LoadBalancerTypeEnum::Network);
    let create = create.set_subnets(Some(stage.subnets().await)).set_tags(tags.clone());
    let made = create.send().await.unwrap().load_balancers.unwrap().remove(0);
    let (balancer, vpc) = (made.load_balancer_arn.unwrap(), made.vpc_id.unwrap());
    let create = stage
        .elb
        .create_target_group()
        .name(name)
        .protocol(ProtocolEnum::Udp)
        .port(10_000)
        .vpc_id(vpc);
    let create = create
        .target_type(TargetTypeEnum::Ip)
        .health_check_protocol(ProtocolEnum::Tcp);
    let made = create
        .set_tags(tags.clone())
        .send()
        .await
        .unwrap()
        .target_groups
        .unwrap()
        .remove(0);
    let group = made.target_group_arn.unwrap();
    let forward = Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .target_group_arn(&group)
        .build();
    let create = stage
        .elb
        .create_listener()
        .load_balancer_arn(&balancer)
        .protocol(ProtocolEnum::Udp)
        .port(10_000);
    let made = create
        .default_actions(forward)
        .set_tags(tags)
        .send()
        .await
        .unwrap()
        .listeners
        .unwrap()
        .remove(0);
    Network {
        balancer,
        group,
        listener: made.listener_arn.unwrap(),
    }
}

/// Takes and gives back the lock, and reads the journal.
async fn lock_and_journal(stage: &Stage) {
    let bucket = stage.spec.bucket_name();
    stage.s3.head_bucket().bucket(&bucket).send().await.unwrap();
    let key = "ops-lock/123456789012/us-west-2/c/s.json";
    assert_eq!(
        code(stage.s3.get_object().bucket(&bucket).key(key).send().await),
        "NoSuchKey"
    );
    let put = || {
        stage
            .s3
            .put_object()
            .bucket(&bucket)
            .key(key)
            .body(ByteStream::from_static(b"{}"))
    };
    let etag = put().if_none_match("*").send().await.unwrap().e_tag.unwrap();
    let etag = put().if_match(etag).send().await.unwrap().e_tag.unwrap();
    stage
        .s3
        .delete_object()
        .bucket(&bucket)
        .key(key)
        .if_match(etag)
        .send()
        .await
        .unwrap();
    let entry = stage.s3.put_object().bucket(&bucket).key("ops-journal/2026/01/x.json");
    entry.body(ByteStream::from_static(b"{}")).send().await.unwrap();
    stage
        .s3
        .list_objects_v2()
        .bucket(&bucket)
        .prefix("ops-journal/2026/01/")
        .send()
        .await
        .unwrap();
    let other = stage
        .s3
        .get_object()
        .bucket(&bucket)
        .key("recordings/secret.mp4")
        .send()
        .await;
    assert_eq!(code(other), "AccessDenied");
}

/// Brings the platform down, and up again what is needed to restore it.
async fn down(stage: &Stage, network: &Network, task: &str, address: &str) {
    let target = || TargetDescription::builder().id(address).build();
    stage
        .ecs
        .get_task_protection()
        .cluster(&stage.spec.cluster)
        .tasks(task)
        .send()
        .await
        .unwrap();
    stage.scale(0).await;
    let elb = &stage.elb;
    elb.deregister_targets()
        .target_group_arn(&network.group)
        .targets(target())
        .send()
        .await
        .unwrap();
    stage.scale(1).await;
    elb.register_targets()
        .target_group_arn(&network.group)
        .targets(target())
        .send()
        .await
        .unwrap();
    stage.scale(0).await;
    seconds(60).await;
    elb.delete_listener()
        .listener_arn(&network.listener)
        .send()
        .await
        .unwrap();
    elb.delete_load_balancer()
        .load_balancer_arn(&network.balancer)
        .send()
        .await
        .unwrap();
    seconds(15).await;
    elb.delete_target_group()
        .target_group_arn(&network.group)
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_operator_can_bring_a_platform_up_and_down_and_hold_it() {
    let stage = stage();
    let operator = caller(&stage, "operator");
    lock_and_journal(&operator).await;
    let family = format!("{}-task", stage.spec.project);
    operator
        .ecs
        .describe_task_definition()
        .task_definition(family)
        .send()
        .await
        .unwrap();
    operator
        .ecs
        .describe_clusters()
        .clusters(&stage.spec.cluster)
        .send()
        .await
        .unwrap();
    let secret = format!("/{}/jvb_auth_password", stage.spec.project);
    operator.ssm.get_parameters().names(secret).send().await.unwrap();
    let network = make(&operator, "jitsi", Some(our_tags(&stage))).await;
    operator
        .elb
        .describe_tags()
        .resource_arns(&network.balancer)
        .send()
        .await
        .unwrap();
    operator.scale(1).await;
    seconds(120).await;
    let task = operator.listed().await.remove(0);
    let address = address(&operator.task(&task).await).unwrap();
    operator.register(&network.group, &address).await;
    operator.health(&network.group).await;
    let lease = EcsTag::builder()
        .key("jitsi-ops:lease-until")
        .value("2026-01-15T20:00:00Z")
        .build();
    let service = stage.spec.service_arn();
    operator
        .ecs
        .tag_resource()
        .resource_arn(&service)
        .tags(lease)
        .send()
        .await
        .unwrap();
    operator
        .ecs
        .untag_resource()
        .resource_arn(&service)
        .tag_keys("jitsi-ops:lease-until")
        .send()
        .await
        .unwrap();
    let unprotect = operator
        .ecs
        .update_task_protection()
        .cluster(&stage.spec.cluster)
        .tasks(&task);
    unprotect.protection_enabled(false).send().await.unwrap();
    down(&operator, &network, &task, &address).await;
    assert!(stage.sandbox.bill().still_billing().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_operator_touches_only_what_is_this_platforms() {
    let stage = stage();
    stage
        .sandbox
        .world(|world: &mut World| world.add_platform(&PlatformSpec::named("other")));
    let operator = caller(&stage, "operator");
    let strangers = make(&stage, "theirs", None).await;
    let other = Tag::builder()
        .key("jitsi-ops:platform")
        .value(PlatformSpec::named("other").service_arn())
        .build();
    let ours = Tag::builder().key("ManagedBy").value("jitsi-ops").build();
    let others = make(&stage, "others", Some(vec![ours, other.clone()])).await;
    for network in [&strangers, &others] {
        let elb = &operator.elb;
        let denied = elb
            .delete_load_balancer()
            .load_balancer_arn(&network.balancer)
            .send()
            .await;
        assert_eq!(code(denied), "AccessDenied");
        let denied = elb.delete_target_group().target_group_arn(&network.group).send().await;
        assert_eq!(code(denied), "AccessDenied");
    }
    let denied = operator
        .elb
        .add_tags()
        .resource_arns(&strangers.balancer)
        .tags(other)
        .send()
        .await;
    assert_eq!(
        code(denied),
        "AccessDenied",
        "nor does it give anything to another platform"
    );
    let adopt = operator.elb.add_tags().resource_arns(&strangers.balancer);
    adopt.set_tags(Some(our_tags(&stage))).send().await.unwrap();
    operator
        .elb
        .delete_load_balancer()
        .load_balancer_arn(&strangers.balancer)
        .send()
        .await
        .unwrap();
    let update = operator
        .ecs
        .update_service()
        .cluster("other-cluster")
        .service("other-service");
    assert_eq!(code(update.desired_count(0).send().await), "AccessDeniedException");
    let tag = EcsTag::builder().key("Project").value("mine").build();
    let denied = operator
        .ecs
        .tag_resource()
        .resource_arn(stage.spec.service_arn())
        .tags(tag)
        .send()
        .await;
    assert_eq!(
        code(denied),
        "AccessDeniedException",
        "of the service's tags only holds and leases"
    );
    let untagged = operator
        .elb
        .create_target_group()
        .name("bare")
        .protocol(ProtocolEnum::Udp)
        .port(1)
        .vpc_id("vpc-1");
    assert_eq!(code(untagged.send().await), "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn cron_can_bring_a_platform_down_and_restore_it_and_nothing_else() {
    let stage = stage();
    let network = make(&stage, "jitsi", Some(our_tags(&stage))).await;
    let foreign = make(&stage, "foreign", None).await;
    let (task, address) = stage.running_task().await;
    stage.register(&network.group, &address).await;
    let cron = caller(&stage, "cron");
    lock_and_journal(&cron).await;

    let elb = &cron.elb;
    let create = elb
        .create_load_balancer()
        .name("new")
        .r#type(LoadBalancerTypeEnum::Network);
    let create = create
        .set_subnets(Some(cron.subnets().await))
        .set_tags(Some(our_tags(&stage)));
    assert_eq!(code(create.send().await), "AccessDenied", "it creates nothing");
    let listener = elb
        .create_listener()
        .load_balancer_arn(&network.balancer)
        .port(1)
        .protocol(ProtocolEnum::Udp);
    let forward = Action::builder()
        .r#type(ActionTypeEnum::Forward)
        .target_group_arn(&network.group)
        .build();
    assert_eq!(code(listener.default_actions(forward).send().await), "AccessDenied");
    let tags = elb
        .add_tags()
        .resource_arns(&foreign.balancer)
        .set_tags(Some(our_tags(&stage)));
    assert_eq!(code(tags.send().await), "AccessDenied", "it tags nothing");
    let hold = EcsTag::builder().key("jitsi-ops:hold-until").value("x").build();
    let tags = cron
        .ecs
        .tag_resource()
        .resource_arn(stage.spec.service_arn())
        .tags(hold);
    assert_eq!(code(tags.send().await), "AccessDeniedException");
    let untag = cron
        .ecs
        .untag_resource()
        .resource_arn(stage.spec.service_arn())
        .tag_keys("jitsi-ops:hold-until");
    assert_eq!(code(untag.send().await), "AccessDeniedException", "it releases no hold");
    let update = cron
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    let family = format!("{}-task", stage.spec.project);
    assert_eq!(
        code(update.task_definition(family).send().await),
        "AccessDeniedException",
        "it passes no role"
    );
    let stop = cron.ecs.stop_task().cluster(&stage.spec.cluster).task(&task);
    assert_eq!(code(stop.send().await), "AccessDeniedException", "it stops no task");
    let lift = cron
        .ecs
        .update_task_protection()
        .cluster(&stage.spec.cluster)
        .tasks(&task);
    assert_eq!(
        code(lift.protection_enabled(false).send().await),
        "AccessDeniedException",
        "it lifts no protection"
    );
    let change = elb
        .modify_target_group()
        .target_group_arn(&network.group)
        .health_check_interval_seconds(10);
    assert_eq!(code(change.send().await), "AccessDenied");

    let delete = elb.delete_listener().listener_arn(&foreign.listener);
    assert_eq!(code(delete.send().await), "AccessDenied", "what lacks the tag stays");
    let delete = elb.delete_load_balancer().load_balancer_arn(&foreign.balancer);
    assert_eq!(code(delete.send().await), "AccessDenied");
    assert!(cron.listed().await.contains(&task));
    down(&cron, &network, &task, &address).await;
    let bill = stage.sandbox.bill();
    let left: Vec<&str> = bill.still_billing().iter().map(|item| item.name.as_str()).collect();
    assert!(left.contains(&"foreign") && !left.contains(&"jitsi"), "{left:?}");
}

#[test]
fn crons_policy_names_no_action_that_makes_or_gives_away() {
    let cron = policy("cron.json", &PlatformSpec::default());
    for forbidden in [
        "Create",
        "AddTags",
        "TagResource",
        "PassRole",
        "StopTask",
        "Modify",
        "UpdateTaskProtection",
        "\"*\"]",
        ":*\"",
    ] {
        assert!(!cron.contains(forbidden), "{forbidden}");
    }
}
