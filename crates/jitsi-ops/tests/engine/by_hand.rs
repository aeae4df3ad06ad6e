//! What others do at AWS by hand, beside the engine's runs.

use crate::stage::{ACCOUNT, Stage};

impl Stage {
    /// Somebody takes the platform's tag from everything that has one.
    pub(crate) async fn forget_tags(&self) {
        let elb = aws_sdk_elasticloadbalancingv2::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        let balancers = elb.describe_load_balancers().send().await.unwrap();
        let balancer = balancers.load_balancers()[0].load_balancer_arn().unwrap();
        let groups = elb.describe_target_groups().send().await.unwrap();
        let listeners = elb
            .describe_listeners()
            .load_balancer_arn(balancer)
            .send()
            .await
            .unwrap();
        let arns = std::iter::once(balancer)
            .chain(
                groups
                    .target_groups()
                    .iter()
                    .filter_map(|group| group.target_group_arn()),
            )
            .chain(
                listeners
                    .listeners()
                    .iter()
                    .filter_map(|listener| listener.listener_arn()),
            );
        elb.remove_tags()
            .set_resource_arns(Some(arns.map(str::to_owned).collect()))
            .tag_keys("jitsi-ops:platform")
            .send()
            .await
            .unwrap();
        self.mark();
    }

    /// Somebody switches deletion protection on.
    pub(crate) async fn protect_load_balancer(&self) {
        use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;
        let elb = aws_sdk_elasticloadbalancingv2::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        let balancers = elb.describe_load_balancers().send().await.unwrap();
        let attribute = LoadBalancerAttribute::builder()
            .key("deletion_protection.enabled")
            .value("true")
            .build();
        elb.modify_load_balancer_attributes()
            .load_balancer_arn(balancers.load_balancers()[0].load_balancer_arn().unwrap())
            .attributes(attribute)
            .send()
            .await
            .unwrap();
        self.mark();
    }

    /// Somebody deletes a parameter.
    pub(crate) async fn forget_parameter(&self, name: &str) {
        let ssm = aws_sdk_ssm::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        ssm.delete_parameter().name(name).send().await.unwrap();
        self.mark();
    }

    /// Somebody makes a bucket.
    pub(crate) async fn add_bucket(&self, account: &str, region: &str, name: &str) {
        use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
        let s3 = aws_sdk_s3::Client::new(&self.sdk(account, region));
        let place = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::from(region))
            .build();
        s3.create_bucket()
            .bucket(name)
            .create_bucket_configuration(place)
            .send()
            .await
            .unwrap();
        self.mark();
    }
}
