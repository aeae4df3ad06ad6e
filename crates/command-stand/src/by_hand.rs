//! What somebody does without our commands.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{PlatformSpec, Sandbox};

/// Sets the desired count of the platform's service.
pub(crate) async fn scale(sandbox: &Sandbox, desired: i32) {
    let spec = PlatformSpec::default();
    let credentials = Credentials::new(&spec.account, "secret", None, None, "stand");
    let config = aws_types::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
        .region(aws_config::Region::new(spec.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(sandbox.http_client())
        .sleep_impl(sandbox.sdk_sleep())
        .build();
    let update = aws_sdk_ecs::Client::new(&config).update_service();
    let update = update.cluster(&spec.cluster).service(&spec.service);
    update.desired_count(desired).send().await.unwrap();
}
