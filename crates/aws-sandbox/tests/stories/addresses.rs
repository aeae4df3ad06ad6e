//! Addresses of load balancers: elastic ones and others, and what names lead to.

use std::net::IpAddr;

use aws_sandbox::{Place, PlatformSpec, RecordSet, Sandbox, World};
use aws_sdk_elasticloadbalancingv2::error::SdkError;
use aws_sdk_elasticloadbalancingv2::operation::create_load_balancer::{
    CreateLoadBalancerError, CreateLoadBalancerOutput,
};
use aws_sdk_elasticloadbalancingv2::types::{
    LoadBalancer, LoadBalancerSchemeEnum, LoadBalancerTypeEnum, SubnetMapping,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::stage::{Stage, code, refusal, seconds, stage, stage_of};

type Created = Result<CreateLoadBalancerOutput, SdkError<CreateLoadBalancerError, HttpResponse>>;

fn place(stage: &Stage) -> Place {
    Place {
        account: stage.spec.account.clone(),
        region: stage.spec.region.clone(),
    }
}

/// A load balancer with these elastic addresses, one in each subnet; an empty one stands for none.
async fn create(stage: &Stage, name: &str, allocations: &[&str]) -> Created {
    let subnets = stage.subnets().await;
    let mapping = |(subnet, allocation): (&String, &&str)| {
        let given = Some(*allocation).filter(|it| !it.is_empty()).map(str::to_owned);
        SubnetMapping::builder()
            .subnet_id(subnet)
            .set_allocation_id(given)
            .build()
    };
    let mappings = subnets.iter().zip(allocations).map(mapping).collect();
    let create = stage
        .elb
        .create_load_balancer()
        .name(name)
        .r#type(LoadBalancerTypeEnum::Network);
    create.set_subnet_mappings(Some(mappings)).send().await
}

/// Address and allocation of each zone, in the order of the zones.
fn told(balancer: &LoadBalancer) -> Vec<(String, String)> {
    let addresses = balancer
        .availability_zones()
        .iter()
        .flat_map(|zone| zone.load_balancer_addresses());
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    addresses
        .map(|it| (text(it.ip_address()), text(it.allocation_id())))
        .collect()
}

fn resolve(stage: &Stage, name: &str) -> Vec<String> {
    let found = stage.sandbox.world(|world| world.resolve(name));
    found.iter().map(IpAddr::to_string).collect()
}

async fn delete(stage: &Stage, balancer: &LoadBalancer) {
    let arn = balancer.load_balancer_arn().unwrap();
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(arn)
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn elastic_addresses_are_told_at_once_and_outlive_their_load_balancer() {
    let stage = stage();
    let here = place(&stage);
    let (one, two) = stage
        .sandbox
        .world(|world| (world.allocate_address(&here), world.allocate_address(&here)));
    let allocations = [one.0.as_str(), two.0.as_str()];
    let expected = [(one.1.to_string(), one.0.clone()), (two.1.to_string(), two.0.clone())];
    let balancer = create(&stage, "jvb", &allocations)
        .await
        .unwrap()
        .load_balancers
        .unwrap()
        .remove(0);
    assert_eq!(told(&balancer), expected);
    let again = create(&stage, "jvb", &allocations)
        .await
        .unwrap()
        .load_balancers
        .unwrap()
        .remove(0);
    assert_eq!(
        again.load_balancer_arn, balancer.load_balancer_arn,
        "the same settings are the same load balancer"
    );
    let name = balancer.dns_name().unwrap();
    assert!(resolve(&stage, name).is_empty(), "it is provisioning");
    seconds(151).await;
    assert_eq!(resolve(&stage, name), [one.1.to_string(), two.1.to_string()]);
    let billed: Vec<String> = stage
        .sandbox
        .bill()
        .still_billing()
        .iter()
        .map(|it| it.name.clone())
        .collect();
    assert_eq!(billed, ["jvb", &one.1.to_string(), &two.1.to_string()]);
    delete(&stage, &balancer).await;
    assert!(resolve(&stage, name).is_empty());
    assert!(stage.sandbox.bill().still_billing().is_empty());
    let too_soon = refusal(create(&stage, "jvb", &allocations).await);
    let message = "The allocation IDs are not available for use".to_owned();
    assert_eq!(too_soon, (400, "ResourceInUse".to_owned(), message));
    seconds(10).await;
    let later = create(&stage, "jvb", &allocations)
        .await
        .unwrap()
        .load_balancers
        .unwrap()
        .remove(0);
    assert_eq!(told(&later), expected);
}

#[tokio::test(start_paused = true)]
async fn without_elastic_addresses_none_are_told_but_the_name_leads_to_one_in_each_zone() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    assert!(told(&balancer).is_empty());
    seconds(151).await;
    let name = balancer.dns_name().unwrap().to_uppercase() + ".";
    let found = resolve(&stage, &name);
    assert_eq!(
        (found.len(), resolve(&stage, &name)),
        (2, found.clone()),
        "they stay the same"
    );
    assert_eq!(resolve(&stage, &format!("dualstack.{name}")), found);
    let create = stage
        .elb
        .create_load_balancer()
        .name("inside")
        .r#type(LoadBalancerTypeEnum::Network);
    let create = create.scheme(LoadBalancerSchemeEnum::Internal);
    let inside = create.set_subnets(Some(stage.subnets().await)).send().await.unwrap();
    seconds(151).await;
    assert!(resolve(&stage, inside.load_balancers()[0].dns_name().unwrap()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn elastic_addresses_that_are_not_there_or_not_free_are_refused() {
    let spec = PlatformSpec {
        eip_allocations: vec!["eipalloc-0a".to_owned(), "eipalloc-0b".to_owned()],
        ..PlatformSpec::default()
    };
    let stage = stage_of(Sandbox::new(World::with_platform(&spec)), spec);
    assert_eq!(
        code(create(&stage, "jvb", &["eipalloc-0a", "eipalloc-0c"]).await),
        "AllocationIdNotFound"
    );
    assert_eq!(
        code(create(&stage, "jvb", &["eipalloc-0a", "eipalloc-0a"]).await),
        "ResourceInUse"
    );
    assert_eq!(
        code(create(&stage, "jvb", &["eipalloc-0a", ""]).await),
        "InvalidConfigurationRequest"
    );
    create(&stage, "jvb", &["eipalloc-0a", "eipalloc-0b"]).await.unwrap();
    assert_eq!(code(create(&stage, "other", &["eipalloc-0b"]).await), "ResourceInUse");
    assert_eq!(
        code(create(&stage, "jvb", &["eipalloc-0b", "eipalloc-0a"]).await),
        "DuplicateLoadBalancerName"
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_leads_through_aliases_and_other_names_to_addresses() {
    let stage = stage();
    let balancer = stage.load_balancer("jvb").await;
    let (zone, name) = (
        balancer.canonical_hosted_zone_id().unwrap(),
        balancer.dns_name().unwrap(),
    );
    seconds(151).await;
    stage.sandbox.world(|world| {
        let meet = RecordSet::alias("meet.sandbox.example", "A", zone, name);
        world.put_record("Z0SANDBOX", meet).unwrap();
        for (name, target) in [("www", "meet"), ("loop", "pool"), ("pool", "loop")] {
            let (name, target) = (format!("{name}.sandbox.example"), format!("{target}.sandbox.example"));
            world
                .put_record("Z0SANDBOX", RecordSet::values(&name, "CNAME", 60, &[&target]))
                .unwrap();
        }
        world
            .put_record(
                "Z0SANDBOX",
                RecordSet::values("a.sandbox.example", "A", 60, &["192.0.2.7"]),
            )
            .unwrap();
        world.add_hosted_zone("210987654321", "Z1", "sub.sandbox.example");
        world
            .put_record(
                "Z0SANDBOX",
                RecordSet::values("x.sub.sandbox.example", "A", 60, &["192.0.2.8"]),
            )
            .unwrap();
    });
    let addresses = resolve(&stage, name);
    assert_eq!(addresses.len(), 2);
    assert_eq!(resolve(&stage, "Meet.Sandbox.Example"), addresses);
    assert_eq!(resolve(&stage, "www.sandbox.example."), addresses);
    assert_eq!(resolve(&stage, "a.sandbox.example"), ["192.0.2.7"]);
    for nowhere in [
        "loop.sandbox.example",
        "b.sandbox.example",
        "x.sub.sandbox.example",
        "example.org",
        "",
    ] {
        assert!(resolve(&stage, nowhere).is_empty(), "{nowhere}");
    }
    delete(&stage, &balancer).await;
    assert!(
        resolve(&stage, "meet.sandbox.example").is_empty(),
        "the alias is left, and leads nowhere"
    );
}
