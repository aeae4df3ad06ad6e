//! Services and clusters: counts, deployments, events, and the answers to what is not there.

use aws_sdk_ecs::types::{
    AvailabilityZoneRebalancing, AwsVpcConfiguration, LaunchType, NetworkConfiguration, ServiceField, Tag,
};

use crate::stage::{Stage, code, refusal, seconds, stage};

fn network(subnets: Vec<String>) -> NetworkConfiguration {
    let vpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(subnets))
        .build()
        .unwrap();
    NetworkConfiguration::builder().awsvpc_configuration(vpc).build()
}

async fn events(stage: &Stage) -> Vec<String> {
    stage
        .service()
        .await
        .events()
        .iter()
        .map(|event| event.message().unwrap().to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_service_tells_what_it_does_newest_first() {
    let stage = stage();
    let (arn, _) = stage.running_task().await;
    let id = arn.rsplit('/').next().unwrap().to_owned();
    stage.scale(0).await;
    seconds(10).await;
    let name = "(service jitsi-video-platform-service)";
    let told = events(&stage).await;
    assert_eq!(told[0], format!("{name} has reached a steady state."));
    assert_eq!(told[1], format!("{name} has stopped 1 running tasks: (task {id})."));
    assert_eq!(told[2], format!("{name} has reached a steady state."));
    assert_eq!(told[3], format!("{name} has started 1 tasks: (task {id})."));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_not_active_takes_no_update() {
    let stage = stage();
    let arn = stage.spec.service_arn();
    for status in ["DRAINING", "INACTIVE"] {
        stage
            .sandbox
            .world(|world| world.set_service_status(&arn, status))
            .unwrap();
        assert_eq!(stage.service().await.status(), Some(status));
        let update = stage
            .ecs
            .update_service()
            .cluster(&stage.spec.cluster)
            .service(&stage.spec.service);
        let refused = refusal(update.desired_count(1).send().await);
        assert_eq!(
            refused,
            (
                400,
                "ServiceNotActiveException".into(),
                "Service was not ACTIVE.".into()
            )
        );
    }
    seconds(3_600).await;
    let describe = stage
        .ecs
        .describe_services()
        .cluster(&stage.spec.cluster)
        .services(&stage.spec.service);
    assert_eq!(
        describe.send().await.unwrap().failures()[0].reason(),
        Some("MISSING"),
        "INACTIVE is described for a while"
    );
}

#[tokio::test(start_paused = true)]
async fn unknown_services_are_failures_of_a_good_answer_but_unknown_clusters_are_errors() {
    let stage = stage();
    let describe = || stage.ecs.describe_services().cluster(&stage.spec.cluster);
    let answer = describe()
        .services(&stage.spec.service)
        .services("other")
        .send()
        .await
        .unwrap();
    assert_eq!((answer.services().len(), answer.failures().len()), (1, 1));
    let failure = &answer.failures()[0];
    assert_eq!(failure.arn(), Some("arn:aws:ecs:us-west-2:123456789012:service/other"));
    assert_eq!(failure.reason(), Some("MISSING"));

    let elsewhere = stage
        .ecs
        .describe_services()
        .cluster("other")
        .services("x")
        .send()
        .await;
    assert_eq!(
        refusal(elsewhere),
        (400, "ClusterNotFoundException".into(), "Cluster not found.".into())
    );
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service("other")
        .desired_count(1)
        .send()
        .await;
    assert_eq!(
        refusal(update),
        (400, "ServiceNotFoundException".into(), "Service not found.".into())
    );
    let eleven = (0..11).map(|number| number.to_string()).collect();
    assert_eq!(
        code(describe().set_services(Some(eleven)).send().await),
        "InvalidParameterException"
    );
    assert_eq!(
        code(describe().set_services(Some(Vec::new())).send().await),
        "InvalidParameterException"
    );
    let abroad = stage.spec.service_arn().replace("us-west-2", "eu-west-1");
    let (_, code, message) = refusal(describe().services(abroad).send().await);
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "InvalidParameterException",
            "Identifier is for eu-west-1. Your accessing region is us-west-2."
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_stranger_sets_up_a_service_over_the_wire() {
    let stage = stage();
    let ecs = &stage.ecs;
    let made = ecs
        .create_cluster()
        .cluster_name("c")
        .send()
        .await
        .unwrap()
        .cluster
        .unwrap();
    assert_eq!((made.status(), made.active_services_count), (Some("ACTIVE"), 0));
    let again = ecs
        .create_cluster()
        .cluster_name("c")
        .send()
        .await
        .unwrap()
        .cluster
        .unwrap();
    assert_eq!(made.cluster_arn(), again.cluster_arn());

    let create = |subnets: Vec<String>| {
        let create = ecs
            .create_service()
            .cluster("c")
            .service_name("s")
            .desired_count(1)
            .launch_type(LaunchType::Fargate);
        create
            .task_definition("jitsi-video-platform-task")
            .network_configuration(network(subnets))
    };
    let (_, code_of_subnet, message) = refusal(create(vec!["subnet-1".into()]).send().await);
    assert_eq!(code_of_subnet, "InvalidParameterException");
    assert!(message.contains("The subnet ID 'subnet-1' does not exist"), "{message}");
    assert_eq!(refusal(create(Vec::new()).send().await).2, "subnets can not be empty.");
    let unknown = create(stage.subnets().await).task_definition("other").send().await;
    assert_eq!(code(unknown), "ClientException");

    let tag = Tag::builder().key("owner").value("me").build();
    let service = create(stage.subnets().await)
        .tags(tag)
        .send()
        .await
        .unwrap()
        .service
        .unwrap();
    assert_eq!(
        service.availability_zone_rebalancing(),
        Some(&AvailabilityZoneRebalancing::Enabled),
        "AWS's default"
    );
    assert_eq!(
        service.deployments()[0].rollout_state().unwrap().as_str(),
        "IN_PROGRESS"
    );
    assert_eq!(service.deployment_configuration().unwrap().maximum_percent(), Some(200));
    assert_eq!(service.tags()[0].value(), Some("me"));
    let twice = create(stage.subnets().await).send().await;
    assert_eq!(refusal(twice).2, "Creation of service was not idempotent.");
    seconds(100).await;
    let described = ecs
        .describe_services()
        .cluster("c")
        .services("s")
        .send()
        .await
        .unwrap()
        .services
        .unwrap()
        .remove(0);
    assert_eq!((described.running_count, described.tags().len()), (1, 0));
    assert_eq!(
        described.deployments()[0].rollout_state().unwrap().as_str(),
        "COMPLETED"
    );
    let clusters = ecs
        .describe_clusters()
        .clusters("c")
        .clusters("other")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            clusters.clusters()[0].running_tasks_count,
            clusters.clusters()[0].active_services_count
        ),
        (1, 1)
    );
    assert_eq!(clusters.failures()[0].reason(), Some("MISSING"));
}

#[tokio::test(start_paused = true)]
async fn a_service_is_deleted_at_zero_or_by_force_and_then_is_inactive() {
    let stage = stage();
    stage.running_task().await;
    let delete = || {
        stage
            .ecs
            .delete_service()
            .cluster(&stage.spec.cluster)
            .service(&stage.spec.service)
    };
    assert_eq!(
        refusal(delete().send().await).2,
        "The service cannot be stopped while it is scaled above 0."
    );
    let draining = delete().force(true).send().await.unwrap().service.unwrap();
    assert_eq!(draining.status(), Some("DRAINING"));
    seconds(60).await;
    assert_eq!(stage.service().await.status(), Some("INACTIVE"));
    assert!(stage.listed().await.is_empty());
    assert!(
        stage
            .ecs
            .list_services()
            .cluster(&stage.spec.cluster)
            .send()
            .await
            .unwrap()
            .service_arns()
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn services_are_listed_ten_a_page() {
    let stage = stage();
    for number in 0..11 {
        let create = stage
            .ecs
            .create_service()
            .cluster(&stage.spec.cluster)
            .service_name(format!("s{number:02}"));
        let create = create
            .task_definition("jitsi-video-platform-task")
            .desired_count(0)
            .launch_type(LaunchType::Fargate);
        create
            .network_configuration(network(stage.subnets().await))
            .send()
            .await
            .unwrap();
    }
    let list = || stage.ecs.list_services().cluster(&stage.spec.cluster);
    let first = list().send().await.unwrap();
    assert_eq!(first.service_arns().len(), 10);
    let rest = list().next_token(first.next_token().unwrap()).send().await.unwrap();
    assert_eq!((rest.service_arns().len(), rest.next_token()), (2, None));
    assert!(
        list()
            .launch_type(LaunchType::Ec2)
            .send()
            .await
            .unwrap()
            .service_arns()
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn services_carry_tags() {
    let stage = stage();
    let arn = stage.spec.service_arn();
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    stage
        .ecs
        .tag_resource()
        .resource_arn(&arn)
        .tags(tag("hold", "1"))
        .tags(tag("Project", "x"))
        .send()
        .await
        .unwrap();
    stage
        .ecs
        .untag_resource()
        .resource_arn(&arn)
        .tag_keys("Name")
        .tag_keys("absent")
        .send()
        .await
        .unwrap();
    let listed = stage
        .ecs
        .list_tags_for_resource()
        .resource_arn(&arn)
        .send()
        .await
        .unwrap()
        .tags
        .unwrap();
    let mut pairs: Vec<_> = listed
        .iter()
        .map(|tag| (tag.key().unwrap(), tag.value().unwrap()))
        .collect();
    pairs.sort_unstable();
    assert_eq!(pairs, [("Environment", "prod"), ("Project", "x"), ("hold", "1")]);
    let described = stage
        .ecs
        .describe_services()
        .cluster(&stage.spec.cluster)
        .services(&stage.spec.service);
    let described = described.include(ServiceField::Tags).send().await.unwrap();
    assert_eq!(described.services()[0].tags().len(), 3);
    let twice = stage
        .ecs
        .tag_resource()
        .resource_arn(&arn)
        .tags(tag("a", "1"))
        .tags(tag("a", "2"))
        .send()
        .await;
    assert_eq!(code(twice), "InvalidParameterException");
    let unknown = stage
        .ecs
        .tag_resource()
        .resource_arn(arn.replace("-service", "-other"))
        .tags(tag("a", "1"))
        .send()
        .await;
    assert_eq!(code(unknown), "ClusterNotFoundException".replace("Cluster", "Service"));
}
