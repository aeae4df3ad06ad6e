//! What somebody does without our commands.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{PlatformSpec, Sandbox};

/// Sets the desired count of the platform's service.
pub(crate) async fn scale(sandbox: &Sandbox, desired: i32) {
    let spec = PlatformSpec::default();
    let update = aws_sdk_ecs::Client::new(&config(sandbox, &spec)).update_service();
    let update = update.cluster(&spec.cluster).service(&spec.service);
    update.desired_count(desired).send().await.unwrap();
}

/// Puts a tag on the platform's service.
pub(crate) async fn tag_service(sandbox: &Sandbox, key: &str, value: &str) {
    let spec = PlatformSpec::default();
    let tag = aws_sdk_ecs::types::Tag::builder().key(key).value(value).build();
    let request = aws_sdk_ecs::Client::new(&config(sandbox, &spec)).tag_resource();
    let request = request.resource_arn(spec.service_arn()).tags(tag);
    request.send().await.unwrap();
}

/// Makes a load balancer that carries no tag, in the subnets of the platform's.
pub(crate) async fn load_balancer(sandbox: &Sandbox, name: &str) {
    use aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum;
    let spec = PlatformSpec::default();
    let elb = aws_sdk_elasticloadbalancingv2::Client::new(&config(sandbox, &spec));
    let there = elb.describe_load_balancers().send().await.unwrap();
    let zones = there.load_balancers()[0].availability_zones();
    let subnets = zones
        .iter()
        .filter_map(|zone| zone.subnet_id().map(str::to_owned))
        .collect();
    let request = elb
        .create_load_balancer()
        .name(name)
        .r#type(LoadBalancerTypeEnum::Network);
    request.set_subnets(Some(subnets)).send().await.unwrap();
}

/// Deletes the platform's load balancer; its listeners go with it.
pub(crate) async fn delete_load_balancer(sandbox: &Sandbox) {
    let elb = aws_sdk_elasticloadbalancingv2::Client::new(&config(sandbox, &PlatformSpec::default()));
    let there = elb.describe_load_balancers().send().await.unwrap();
    let arn = there.load_balancers()[0].load_balancer_arn().unwrap();
    elb.delete_load_balancer().load_balancer_arn(arn).send().await.unwrap();
}

/// Keeps a secret.
pub(crate) async fn put_secret(sandbox: &Sandbox, name: &str, value: &str) {
    use aws_sdk_ssm::types::ParameterType;
    let request = aws_sdk_ssm::Client::new(&config(sandbox, &PlatformSpec::default())).put_parameter();
    let request = request.name(name).value(value).r#type(ParameterType::SecureString);
    request.send().await.unwrap();
}

fn config(sandbox: &Sandbox, spec: &PlatformSpec) -> aws_types::SdkConfig {
    let credentials = Credentials::new(&spec.account, "secret", None, None, "stand");
    aws_types::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
        .region(aws_config::Region::new(spec.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(sandbox.http_client())
        .sleep_impl(sandbox.sdk_sleep())
        .build()
}
