//! Quotas, and the token buckets with which AWS throttles calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Place, World};
use crate::clock::{Ms, epoch_seconds};

/// How many of a thing there may be, by AWS's names in short. The defaults are the documented ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Limits(BTreeMap<String, u64>);

/// Name and default of every quota.
const QUOTAS: &[(&str, u64)] = &[
    ("network-load-balancers", 50),
    ("application-load-balancers", 50),
    ("targets-per-application-load-balancer", 1_000),
    ("listeners-per-application-load-balancer", 50),
    ("rules-per-application-load-balancer", 100),
    ("certificates-per-application-load-balancer", 25),
    ("target-groups", 3_000),
    ("listeners-per-network-load-balancer", 50),
    ("certificates-per-network-load-balancer", 25),
    ("targets-per-target-group", 1_000),
    ("targets-per-network-load-balancer", 3_000),
    ("targets-per-availability-zone-per-network-load-balancer", 500),
    ("target-groups-per-action-on-network-load-balancer", 1),
];

impl Default for Limits {
    fn default() -> Self {
        Self(QUOTAS.iter().map(|(name, most)| ((*name).to_owned(), *most)).collect())
    }
}

impl Limits {
    /// The quota of this name.
    pub(crate) fn most(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(u64::MAX)
    }

    /// All quotas with their values.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, most)| (name.as_str(), *most))
    }

    /// Changes a quota; false when there is none of this name.
    pub(super) fn set(&mut self, name: &str, most: u64) -> bool {
        self.0.get_mut(name).map(|value| *value = most).is_some()
    }
}

/// A bucket of calls that refills with time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TokenBucket {
    tokens: f64,
    filled_at: Ms,
}

/// A category of calls: its name, the most calls at once, and how many a second come back.
struct Category(&'static str, f64, f64);

/// The categories that a call counts in: AWS documents them for ELBv2, ECS, SSM and Route 53. S3 and STS have limits that a
/// single operator does not meet.
fn categories(service: &str, operation: &str) -> Vec<Category> {
    let reading = operation.starts_with("Describe");
    match (service, operation) {
        ("elasticloadbalancing", _) => {
            let own = match operation {
                _ if reading => Category("elb/describe", 40.0, 10.0),
                "RegisterTargets" | "DeregisterTargets" => Category("elb/targets", 20.0, 4.0),
                "CreateLoadBalancer" | "SetSubnets" => Category("elb/resource-intensive", 10.0, 0.2),
                _ => Category("elb/mutating", 20.0, 3.0),
            };
            vec![Category("elb/all", 40.0, 10.0), own]
        }
        ("ecs", "DescribeServices" | "ListServices") => vec![Category("ecs/services-read", 100.0, 20.0)],
        ("ecs", "DescribeTasks" | "ListTasks") => vec![Category("ecs/tasks-read", 100.0, 20.0)],
        ("ecs", "CreateService" | "UpdateService" | "DeleteService") => {
            vec![Category("ecs/services-modify", 50.0, 5.0)]
        }
        ("ecs", "DescribeClusters" | "DescribeTaskDefinition") => vec![Category("ecs/resources-read", 50.0, 20.0)],
        ("ecs", "RunTask" | "StopTask") => vec![Category("ecs/tasks-modify", 100.0, 40.0)],
        ("ecs", "GetTaskProtection" | "UpdateTaskProtection") => vec![Category("ecs/protection", 200.0, 80.0)],
        ("ssm", "GetParameter" | "GetParameters") => vec![Category("ssm/get", 40.0, 40.0)],
        ("ssm", "DescribeParameters" | "PutParameter") => vec![Category("ssm/modify", 3.0, 3.0)],
        ("ssm", "DeleteParameter") => vec![Category("ssm/delete", 3.0, 3.0)],
        ("route53", _) => vec![Category("route53/all", 5.0, 5.0)],
        _ => Vec::new(),
    }
}

/// Takes a token of each category that the call counts in; false when one of them is empty, and then none is taken.
pub(crate) fn take_token(world: &mut World, place: &Place, service: &str, operation: &str) -> bool {
    if !world.behaviour.token_buckets {
        return true;
    }
    let now = world.now_ms();
    let buckets = &mut world.region(place).token_buckets;
    let categories = categories(service, operation);
    for Category(name, burst, per_second) in &categories {
        let bucket = buckets.entry((*name).to_owned()).or_insert(TokenBucket {
            tokens: *burst,
            filled_at: now,
        });
        let refill = epoch_seconds((now - bucket.filled_at).max(0)) * per_second;
        bucket.tokens = (bucket.tokens + refill).min(*burst);
        bucket.filled_at = now;
    }
    if categories.iter().any(|Category(name, ..)| buckets[*name].tokens < 1.0) {
        return false;
    }
    for Category(name, ..) in &categories {
        if let Some(bucket) = buckets.get_mut(*name) {
            bucket.tokens -= 1.0;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;

    fn place(region: &str) -> Place {
        Place {
            account: "123456789012".into(),
            region: region.into(),
        }
    }

    /// How many of a hundred calls at once are let through.
    fn burst(world: &mut World, region: &str, service: &str, operation: &str) -> usize {
        (0..100)
            .filter(|_| take_token(world, &place(region), service, operation))
            .count()
    }

    #[test]
    fn each_category_has_its_own_bucket_that_refills_with_time() {
        let mut world = World::new();
        assert_eq!(
            burst(&mut world, "us-west-2", "elasticloadbalancing", "RegisterTargets"),
            20
        );
        assert_eq!(
            burst(&mut world, "us-west-2", "elasticloadbalancing", "CreateLoadBalancer"),
            10
        );
        assert_eq!(
            burst(&mut world, "us-west-2", "elasticloadbalancing", "AddTags"),
            10,
            "forty calls of all kinds"
        );
        assert_eq!(
            burst(&mut world, "us-west-2", "elasticloadbalancing", "DescribeTags"),
            0
        );
        assert_eq!(
            burst(&mut world, "eu-west-1", "elasticloadbalancing", "DescribeTags"),
            40,
            "regions are apart"
        );
        assert_eq!(burst(&mut world, "us-west-2", "ecs", "UpdateService"), 50);
        assert_eq!(burst(&mut world, "us-west-2", "ecs", "DescribeServices"), 100);
        assert_eq!(burst(&mut world, "us-west-2", "ssm", "GetParameters"), 40);
        assert_eq!(burst(&mut world, "us-west-2", "ssm", "DescribeParameters"), 3);
        assert_eq!(
            burst(&mut world, "us-west-2", "s3", "PutObject"),
            100,
            "no bucket is known"
        );
        world.advance_to(world.now_ms() + 10 * SECOND);
        assert_eq!(
            burst(&mut world, "us-west-2", "elasticloadbalancing", "CreateLoadBalancer"),
            2,
            "one in five seconds"
        );
        world.advance_to(world.now_ms() + 100_000 * SECOND);
        assert_eq!(
            burst(&mut world, "us-west-2", "elasticloadbalancing", "RegisterTargets"),
            20,
            "never more than full"
        );
    }
}
