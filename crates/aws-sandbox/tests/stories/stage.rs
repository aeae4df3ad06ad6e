//! SDK clients over a sandbox, and what the stories need again and again.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{PlatformSpec, Sandbox, World};
use aws_sdk_ecs as ecs;
use aws_sdk_ecs::config::BehaviorVersion;
use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_elasticloadbalancingv2 as elb;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, LoadBalancerTypeEnum, ProtocolEnum, TargetDescription, TargetTypeEnum,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::SdkConfig;
use aws_types::region::Region;

/// A configuration of the SDK for one caller.
pub(crate) fn config(sandbox: &Sandbox, access_key: &str, region: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            access_key, "secret", None, None, "test",
        )))
        .http_client(sandbox.http_client())
        .sleep_impl(sandbox.sdk_sleep())
        .retry_config(aws_sdk_ecs::config::retry::RetryConfig::disabled())
        .build()
}

/// A sandbox with the default platform, and clients for it.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) spec: PlatformSpec,
    pub(crate) ecs: ecs::Client,
    pub(crate) elb: elb::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
}

pub(crate) fn stage() -> Stage {
    let spec = PlatformSpec::default();
    stage_of(Sandbox::new(World::with_platform(&spec)), spec)
}

pub(crate) fn stage_of(sandbox: Sandbox, spec: PlatformSpec) -> Stage {
    let access_key = spec.account.clone();
    stage_as(sandbox, spec, &access_key)
}

/// The same sandbox, called with this access key.
pub(crate) fn stage_as(sandbox: Sandbox, spec: PlatformSpec, access_key: &str) -> Stage {
    let config = config(&sandbox, access_key, &spec.region);
    Stage {
        ecs: ecs::Client::new(&config),
        elb: elb::Client::new(&config),
        ssm: aws_sdk_ssm::Client::new(&config),
        s3: aws_sdk_s3::Client::new(&config),
        sts: aws_sdk_sts::Client::new(&config),
        cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
        sandbox,
        spec,
    }
}

/// Lets simulated time pass.
pub(crate) async fn seconds(count: u64) {
    tokio::time::sleep(Duration::from_secs(count)).await;
}

impl Stage {
    pub(crate) async fn scale(&self, desired: i32) -> ecs::types::Service {
        let update = self
            .ecs
            .update_service()
            .cluster(&self.spec.cluster)
            .service(&self.spec.service);
        update.desired_count(desired).send().await.unwrap().service.unwrap()
    }

    pub(crate) async fn service(&self) -> ecs::types::Service {
        let describe = self
            .ecs
            .describe_services()
            .cluster(&self.spec.cluster)
            .services(&self.spec.service);
        describe.send().await.unwrap().services.unwrap().remove(0)
    }

    /// ARNs in the default listing.
    pub(crate) async fn listed(&self) -> Vec<String> {
        self.ecs
            .list_tasks()
            .cluster(&self.spec.cluster)
            .send()
            .await
            .unwrap()
            .task_arns
            .unwrap_or_default()
    }

    pub(crate) async fn task(&self, arn: &str) -> ecs::types::Task {
        let describe = self.ecs.describe_tasks().cluster(&self.spec.cluster).tasks(arn);
        describe.send().await.unwrap().tasks.unwrap().remove(0)
    }

    /// Subnets of the platform's service.
    pub(crate) async fn subnets(&self) -> Vec<String> {
        let network = self.service().await.network_configuration.unwrap();
        network.awsvpc_configuration.unwrap().subnets
    }

    /// A network load balancer in the service's subnets.
    pub(crate) async fn load_balancer(&self, name: &str) -> elb::types::LoadBalancer {
        let create = self
            .elb
            .create_load_balancer()
            .name(name)
            .r#type(LoadBalancerTypeEnum::Network);
        let created = create.set_subnets(Some(self.subnets().await)).send().await.unwrap();
        created.load_balancers.unwrap().remove(0)
    }

    /// The same in these subnets, without asking for them; `None` where AWS refuses.
    pub(crate) async fn load_balancer_in(&self, name: &str, subnets: &[String]) -> Option<elb::types::LoadBalancer> {
        let create = self
            .elb
            .create_load_balancer()
            .name(name)
            .r#type(LoadBalancerTypeEnum::Network);
        let created = create.set_subnets(Some(subnets.to_vec())).send().await.ok()?;
        created.load_balancers?.pop()
    }

    /// A target group for addresses, checked over HTTP on port 8080.
    pub(crate) async fn target_group(&self, name: &str, protocol: ProtocolEnum, port: i32, vpc: &str) -> String {
        let create = self
            .elb
            .create_target_group()
            .name(name)
            .protocol(protocol)
            .port(port)
            .vpc_id(vpc);
        let create = create
            .target_type(TargetTypeEnum::Ip)
            .health_check_protocol(ProtocolEnum::Http);
        let create = create
            .health_check_port("8080")
            .health_check_path("/about/health")
            .health_check_interval_seconds(30);
        let create = create.healthy_threshold_count(2).unhealthy_threshold_count(2);
        let created = create.send().await.unwrap();
        created.target_groups.unwrap().remove(0).target_group_arn.unwrap()
    }

    pub(crate) async fn listener(&self, balancer: &str, protocol: ProtocolEnum, port: i32, group: &str) -> String {
        let forward = Action::builder()
            .r#type(ActionTypeEnum::Forward)
            .target_group_arn(group)
            .build();
        let create = self
            .elb
            .create_listener()
            .load_balancer_arn(balancer)
            .protocol(protocol)
            .port(port);
        let created = create.default_actions(forward).send().await.unwrap();
        created.listeners.unwrap().remove(0).listener_arn.unwrap()
    }

    pub(crate) async fn register(&self, group: &str, address: &str) {
        let target = TargetDescription::builder().id(address).build();
        self.elb
            .register_targets()
            .target_group_arn(group)
            .targets(target)
            .send()
            .await
            .unwrap();
    }

    /// State and reason of every target of a group.
    pub(crate) async fn health(&self, group: &str) -> Vec<(String, String)> {
        let described = self
            .elb
            .describe_target_health()
            .target_group_arn(group)
            .send()
            .await
            .unwrap();
        let descriptions = described.target_health_descriptions.unwrap();
        let told = |description: elb::types::TargetHealthDescription| {
            let health = description.target_health.unwrap();
            let reason = health
                .reason
                .map(|reason| reason.as_str().to_owned())
                .unwrap_or_default();
            (health.state.unwrap().as_str().to_owned(), reason)
        };
        descriptions.into_iter().map(told).collect()
    }

    /// The state of a load balancer.
    pub(crate) async fn balancer_state(&self, arn: &str) -> String {
        let described = self
            .elb
            .describe_load_balancers()
            .load_balancer_arns(arn)
            .send()
            .await
            .unwrap();
        let balancer = described.load_balancers.unwrap().remove(0);
        balancer.state.unwrap().code.unwrap().as_str().to_owned()
    }

    /// Waits until a task of the service runs and its application answers; gives its ARN and address.
    pub(crate) async fn running_task(&self) -> (String, String) {
        self.scale(1).await;
        seconds(100).await;
        let arn = self.listed().await.remove(0);
        let address = address(&self.task(&arn).await);
        (arn, address.unwrap())
    }
}

/// The private address in a task's attachment.
pub(crate) fn address(task: &ecs::types::Task) -> Option<String> {
    detail(task, "privateIPv4Address")
}

pub(crate) fn detail(task: &ecs::types::Task, name: &str) -> Option<String> {
    let details = task.attachments().first()?.details();
    details
        .iter()
        .find(|detail| detail.name() == Some(name))?
        .value()
        .map(str::to_owned)
}

/// Code and message of an error that AWS gave, and the HTTP status.
pub(crate) fn refusal<T, E>(result: Result<T, SdkError<E, HttpResponse>>) -> (u16, String, String)
where
    E: ProvideErrorMetadata,
{
    let error = result.err().expect("a refusal");
    let status = error.raw_response().expect("an answer").status().as_u16();
    let code = error.code().unwrap_or_default().to_owned();
    (status, code, error.message().unwrap_or_default().to_owned())
}

/// The code alone.
pub(crate) fn code<T, E: ProvideErrorMetadata>(result: Result<T, SdkError<E, HttpResponse>>) -> String {
    refusal(result).1
}
