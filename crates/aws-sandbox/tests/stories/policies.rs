//! What policies allow and deny, and in which words.

use aws_sandbox::PolicyError;
use aws_sdk_elasticloadbalancingv2::types::{LoadBalancerTypeEnum, Tag};
use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};

use crate::stage::{Stage, code, refusal, stage, stage_as};

const KEY: &str = "AKIALIMITED";

/// The stage of a caller with a policy of these statements.
fn limited(stage: &Stage, statements: Value) -> Stage {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    stage.sandbox.world(|world| world.attach_policy(KEY, &policy)).unwrap();
    stage_as(stage.sandbox.clone(), stage.spec.clone(), KEY)
}

fn allow(action: &str, resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": action, "Resource": resource })
}

/// The code of a scaling of the platform's service to 0, or an empty string where it is allowed.
async fn scaling(stage: &Stage) -> String {
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    match update.desired_count(0).send().await {
        Ok(_) => String::new(),
        refused => code(refused),
    }
}

#[tokio::test(start_paused = true)]
async fn who_has_no_policy_may_do_everything_and_who_has_one_only_what_it_says() {
    let open = stage();
    let service = open.spec.service_arn();
    assert_eq!(scaling(&open).await, "");
    for (statements, expected) in [
        (json!([allow("ecs:UpdateService", &service)]), ""),
        (json!([allow("ECS:update*", "*")]), ""),
        (
            json!([allow("*", "arn:aws:ecs:*:*:service/*/jitsi-video-platform-servic?")]),
            "",
        ),
        (
            json!({ "Effect": "Allow", "NotAction": "ecs:Delete*", "Resource": [service] }),
            "",
        ),
        (
            json!({ "Effect": "Allow", "Action": "ecs:*", "NotResource": "arn:aws:ecs:*:*:cluster/*" }),
            "",
        ),
        (
            json!([allow("ecs:DescribeServices", &service)]),
            "AccessDeniedException",
        ),
        (
            json!([allow(
                "ecs:UpdateService",
                "arn:aws:ecs:us-west-2:123456789012:service/a/b"
            )]),
            "AccessDeniedException",
        ),
        (
            json!({ "Effect": "Allow", "NotAction": "ecs:*", "Resource": "*" }),
            "AccessDeniedException",
        ),
        (
            json!({ "Effect": "Allow", "Action": "*", "NotResource": service }),
            "AccessDeniedException",
        ),
    ] {
        let stage = stage();
        let limited = limited(&stage, statements.clone());
        assert_eq!(scaling(&limited).await, expected, "{statements}");
        assert_eq!(scaling(&stage).await, "", "others are not concerned");
    }
}

#[tokio::test(start_paused = true)]
async fn an_explicit_deny_wins_and_policies_add_up() {
    let stage = stage();
    let service = stage.spec.service_arn();
    let caller = limited(&stage, json!([allow("ecs:Describe*", "*")]));
    assert_eq!(scaling(&caller).await, "AccessDeniedException");
    limited(&stage, json!([allow("ecs:UpdateService", "*")]));
    assert_eq!(scaling(&caller).await, "");
    limited(
        &stage,
        json!([{ "Effect": "Deny", "Action": "ecs:UpdateService", "Resource": service }]),
    );
    let update = caller
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    let (_, code, text) = refusal(update.desired_count(0).send().await);
    assert_eq!(code, "AccessDeniedException");
    let expected = format!(
        "User: arn:aws:iam::123456789012:user/{KEY} is not authorized to perform: ecs:UpdateService on resource: \
         {service} with an explicit deny in an identity-based policy"
    );
    assert_eq!(text, expected);
    let call = stage.sandbox.calls().pop().unwrap();
    assert_eq!(
        (call.error.as_deref(), call.fault),
        (Some("AccessDeniedException"), None)
    );
}

#[tokio::test(start_paused = true)]
async fn each_service_denies_in_its_own_form_and_says_what_was_missing() {
    let stage = stage();
    let caller = limited(&stage, json!([allow("iam:Nothing", "*")]));
    let (status, code, text) = refusal(caller.elb.describe_load_balancers().send().await);
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    let missing = "is not authorized to perform: elasticloadbalancing:DescribeLoadBalancers on resource: * because no \
                   identity-based policy allows the elasticloadbalancing:DescribeLoadBalancers action";
    assert!(text.ends_with(missing), "{text}");
    let (status, code, _) = refusal(caller.ssm.get_parameters().names("/a").send().await);
    assert_eq!((status, code.as_str()), (400, "AccessDeniedException"));
    let (status, code, text) = refusal(caller.cloudwatch.list_metrics().send().await);
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(text.contains("cloudwatch:ListMetrics"), "{text}");
    let bucket = stage.spec.bucket_name();
    let head = caller.s3.head_bucket().bucket(&bucket).send().await.unwrap_err();
    let answer = head.raw_response().unwrap();
    assert_eq!(answer.status().as_u16(), 403);
    assert_eq!(answer.headers().get("x-amz-bucket-region"), Some("us-west-2"));
    let put = caller
        .s3
        .put_object()
        .bucket(&bucket)
        .key("a/b")
        .body(ByteStream::from_static(b"x"));
    let (status, code, text) = refusal(put.send().await);
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(
        text.contains("s3:PutObject on resource: arn:aws:s3:::") && text.contains("/a/b "),
        "{text}"
    );
    caller.sts.get_caller_identity().send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_in_a_bucket_is_only_told_to_those_who_may_list_it() {
    let stage = stage();
    let bucket = stage.spec.bucket_name();
    let caller = limited(
        &stage,
        json!([allow("s3:GetObject", &format!("arn:aws:s3:::{bucket}/*"))]),
    );
    let get = || caller.s3.get_object().bucket(&bucket).key("ops-lock/x").send();
    assert_eq!(refusal(get().await).0, 403);
    let prefix = json!({ "StringLike": { "s3:prefix": "ops-lock/*" } });
    let list = json!({
        "Effect": "Allow", "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{bucket}"), "Condition": prefix,
    });
    limited(&stage, list);
    assert_eq!(refusal(get().await).1, "NoSuchKey");
    let other = caller.s3.get_object().bucket(&bucket).key("elsewhere").send().await;
    assert_eq!(refusal(other).0, 403);
    let list = |prefix: &str| caller.s3.list_objects_v2().bucket(&bucket).prefix(prefix).send();
    list("ops-lock/2026/").await.unwrap();
    assert_eq!(refusal(list("").await).0, 403);
    assert_eq!(
        caller
            .s3
            .head_bucket()
            .bucket(&bucket)
            .send()
            .await
            .unwrap_err()
            .raw_response()
            .unwrap()
            .status()
            .as_u16(),
        403
    );
}

#[tokio::test(start_paused = true)]
async fn conditions_see_tags_of_requests_and_of_resources() {
    let stage = stage();
    let ours = |key: &str| json!({ "StringEquals": { key: "jitsi-ops" } });
    let caller = limited(
        &stage,
        json!([
            allow("elasticloadbalancing:Describe*", "*"),
            allow("ecs:DescribeServices", "*"),
            { "Effect": "Allow", "Action": "elasticloadbalancing:CreateLoadBalancer", "Resource": "*",
              "Condition": ours("aws:RequestTag/ManagedBy") },
            { "Effect": "Allow", "Action": "elasticloadbalancing:AddTags", "Resource": "*",
              "Condition": { "StringEquals": { "elasticloadbalancing:CreateAction": "CreateLoadBalancer" } } },
            { "Effect": "Allow", "Action": "elasticloadbalancing:DeleteLoadBalancer", "Resource": "*",
              "Condition": ours("aws:ResourceTag/managedby") },
        ]),
    );
    let subnets = caller.subnets().await;
    let create = |stage: &Stage, name: &str, tag: Option<&str>| {
        let create = stage
            .elb
            .create_load_balancer()
            .name(name)
            .r#type(LoadBalancerTypeEnum::Network);
        let create = create.set_subnets(Some(subnets.clone()));
        let tag = tag.map(|value| vec![Tag::builder().key("ManagedBy").value(value).build()]);
        create.set_tags(tag).send()
    };
    assert_eq!(code(create(&caller, "none", None).await), "AccessDenied");
    assert_eq!(code(create(&caller, "other", Some("terraform")).await), "AccessDenied");
    let made = create(&caller, "ours", Some("jitsi-ops"))
        .await
        .unwrap()
        .load_balancers
        .unwrap()
        .remove(0);
    let theirs = create(&stage, "theirs", Some("terraform"))
        .await
        .unwrap()
        .load_balancers
        .unwrap()
        .remove(0);
    let (ours, theirs) = (made.load_balancer_arn.unwrap(), theirs.load_balancer_arn.unwrap());
    let tag = Tag::builder().key("a").value("b").build();
    let tagging = caller.elb.add_tags().resource_arns(&ours).tags(tag).send().await;
    assert_eq!(code(tagging), "AccessDenied", "only at creation");
    let delete = |arn: &str| caller.elb.delete_load_balancer().load_balancer_arn(arn).send();
    assert_eq!(code(delete(&theirs).await), "AccessDenied");
    delete(&ours).await.unwrap();
    assert_eq!(code(delete(&ours).await), "AccessDenied", "what is gone has no tags");
}

#[tokio::test(start_paused = true)]
async fn tasks_are_listed_by_cluster_and_roles_are_passed_only_by_those_who_may() {
    let stage = stage();
    let cluster = format!("arn:aws:ecs:us-west-2:123456789012:cluster/{}", stage.spec.cluster);
    let caller = limited(
        &stage,
        json!([
            { "Effect": "Allow", "Action": "ecs:ListTasks", "Resource": "*",
              "Condition": { "ArnEquals": { "ecs:cluster": cluster } } },
            allow("ecs:UpdateService", "*"),
        ]),
    );
    let list = |cluster: &str| caller.ecs.list_tasks().cluster(cluster).send();
    list(&stage.spec.cluster).await.unwrap();
    list(&cluster).await.unwrap();
    assert_eq!(code(list("other").await), "AccessDeniedException");
    let family = format!("{}-task", stage.spec.project);
    let update = || {
        let update = caller
            .ecs
            .update_service()
            .cluster(&stage.spec.cluster)
            .service(&stage.spec.service);
        update.task_definition(&family).send()
    };
    let (_, code, text) = refusal(update().await);
    assert_eq!(code, "AccessDeniedException");
    assert!(
        text.contains("iam:PassRole on resource: arn:aws:iam::123456789012:role/"),
        "{text}"
    );
    let pass = json!({ "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" } });
    limited(
        &stage,
        json!({ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": pass }),
    );
    update().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_task_definition_with_tags_needs_the_permission_to_tag_what_is_made() {
    let stage = stage();
    let caller = limited(&stage, json!([allow("ecs:RegisterTaskDefinition", "*")]));
    let register = |tag: Option<aws_sdk_ecs::types::Tag>| {
        let container = aws_sdk_ecs::types::ContainerDefinition::builder()
            .name("a")
            .image("b")
            .memory(512);
        let register = caller.ecs.register_task_definition().family("other");
        register
            .container_definitions(container.build())
            .set_tags(tag.map(|tag| vec![tag]))
            .send()
    };
    let tag = || Some(aws_sdk_ecs::types::Tag::builder().key("Project").value("p").build());
    register(None).await.unwrap();
    let (_, code, text) = refusal(register(tag()).await);
    assert_eq!(code, "AccessDeniedException");
    assert!(text.contains("ecs:TagResource"), "{text}");
    let made = json!({ "StringEquals": { "ecs:CreateAction": "RegisterTaskDefinition" } });
    limited(
        &stage,
        json!({ "Effect": "Allow", "Action": "ecs:TagResource", "Resource": "*", "Condition": made }),
    );
    register(tag()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn keys_that_a_call_does_not_have_fit_nothing_unless_it_is_said() {
    let stage = stage();
    for (condition, expected) in [
        (json!({ "StringEquals": { "aws:RequestedRegion": "us-west-2" } }), true),
        (
            json!({ "StringEquals": { "aws:RequestedRegion": ["eu-west-1", "us-west-2"] } }),
            true,
        ),
        (
            json!({ "StringNotEquals": { "aws:RequestedRegion": "us-west-2" } }),
            false,
        ),
        (json!({ "StringLike": { "aws:RequestedRegion": "us-*" } }), true),
        (json!({ "StringEquals": { "s3:prefix": "*" } }), false),
        (json!({ "StringEqualsIfExists": { "s3:prefix": "x" } }), true),
        (json!({ "StringNotEquals": { "s3:prefix": "x" } }), true),
        (json!({ "ForAllValues:StringEquals": { "aws:TagKeys": "x" } }), true),
        (json!({ "ForAnyValue:StringEquals": { "aws:TagKeys": "x" } }), false),
        (
            json!({ "StringEquals": { "aws:ResourceTag/Project": "jitsi-video-platform" } }),
            true,
        ),
        (
            json!({ "StringEquals": { "aws:ResourceTag/Project": "jitsi-*" } }),
            false,
        ),
        (
            json!({ "ArnLike": { "ecs:cluster": "arn:aws:ecs:*:*:cluster/jitsi-*" } }),
            true,
        ),
        (json!({ "ArnLike": { "ecs:cluster": "arn:*" } }), false),
        (
            json!({ "StringEquals": { "aws:RequestedRegion": "us-west-2" }, "StringLike": { "s3:prefix": "x" } }),
            false,
        ),
    ] {
        let stage = crate::stage::stage_of(
            aws_sandbox::Sandbox::new(stage.sandbox.world(|it| it.clone())),
            stage.spec.clone(),
        );
        let statement =
            json!({ "Effect": "Allow", "Action": "ecs:UpdateService", "Resource": "*", "Condition": condition });
        let allowed = scaling(&limited(&stage, statement)).await.is_empty();
        assert_eq!(allowed, expected, "{condition}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_sandbox_does_not_implement_is_never_silently_true() {
    let stage = stage();
    let attach = |policy: String| stage.sandbox.world(|world| world.attach_policy(KEY, &policy));
    let with = |condition: Value| {
        let statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition });
        attach(json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
    };
    for condition in [
        json!({ "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } }),
        json!({ "StringEquals": { "aws:PrincipalTag/x": "y" } }),
        json!({ "StringEquals": { "aws:ResourceTag/": "y" } }),
        json!({ "Bool": { "aws:MultiFactorAuthPresent": "true" } }),
        json!({ "StringEquals": { "aws:RequestTag/x": "${aws:username}" } }),
        json!({ "ForNoValue:StringEquals": { "aws:TagKeys": "x" } }),
    ] {
        let error = with(condition.clone()).unwrap_err();
        assert!(matches!(error, PolicyError::NotImplemented(_)), "{condition}: {error}");
    }
    let statement = |more: Value| {
        let mut statement = allow("ecs:*", "*");
        statement
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
    };
    for malformed in [
        json!({}).to_string(),
        json!({ "Version": "2008-10-17", "Statement": [allow("ecs:*", "*")] }).to_string(),
        statement(json!({ "Effect": "Maybe" })),
        statement(json!({ "Action": "DescribeTasks" })),
        statement(json!({ "Action": [] })),
        statement(json!({ "NotAction": "ecs:X" })),
        statement(json!({ "Resource": "everything" })),
        statement(json!({ "Principal": "*" })),
        statement(json!({ "Sid": "no blanks" })),
    ] {
        let error = attach(malformed.clone()).unwrap_err();
        assert!(matches!(error, PolicyError::Malformed(_)), "{malformed}: {error}");
    }
    assert!(matches!(attach("{".to_owned()), Err(PolicyError::Syntax(_))));
    let long = vec![allow(&format!("ecs:{}", "x".repeat(100)), "*"); 60];
    let long = json!({ "Version": "2012-10-17", "Statement": long }).to_string();
    assert!(matches!(attach(long), Err(PolicyError::TooLong(_))));
    let caller = stage_as(stage.sandbox.clone(), stage.spec.clone(), KEY);
    assert_eq!(scaling(&caller).await, "", "a policy that was refused is not attached");
}
