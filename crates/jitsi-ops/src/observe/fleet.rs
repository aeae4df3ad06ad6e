//! Reads of ELBv2 without names: every load balancer and target group of the account and region, with its tags.

use super::elbv2;
use crate::access::Aws;
use crate::failure::{AwsFailure, Call, FailureKind};
use crate::observation::{Fleet, Found, LoadBalancer, Tags, TargetGroup};
use crate::reading::Reading;

pub(super) async fn fleet(aws: &Aws) -> Reading<Fleet> {
    let (balancers, groups) = futures_util::join!(elbv2::all_load_balancers(aws), elbv2::all_target_groups(aws));
    let (mut balancers, mut groups): (Vec<Found>, Vec<Found>) = match (balancers, groups) {
        (Ok(balancers), Ok(groups)) => (
            balancers.into_iter().map(Found::from).collect(),
            groups.into_iter().map(Found::from).collect(),
        ),
        (Err(failure), _) | (_, Err(failure)) => return Reading::Unknown(failure),
    };
    let arns = balancers.iter().chain(&groups).map(|found| found.arn.clone()).collect();
    for (arn, reading) in elbv2::tags(aws, arns).await {
        let tags = match reading {
            Reading::Here(tags) => tags,
            Reading::Unknown(failure) => return Reading::Unknown(failure),
            // It was deleted since it was listed, and AWS refuses a whole batch for one that is gone.
            Reading::NotRead | Reading::Absent => return Reading::Unknown(vanished(&arn)),
        };
        put(&mut balancers, &arn, &tags);
        put(&mut groups, &arn, &tags);
    }
    Reading::Here(Fleet { balancers, groups })
}

impl From<LoadBalancer> for Found {
    fn from(balancer: LoadBalancer) -> Self {
        Self {
            name: balancer.name,
            arn: balancer.arn,
            tags: Tags::new(),
            created_at: balancer.created_at,
        }
    }
}

impl From<TargetGroup> for Found {
    fn from(group: TargetGroup) -> Self {
        Self {
            name: group.name,
            arn: group.arn,
            tags: Tags::new(),
            created_at: None,
        }
    }
}

fn put(found: &mut [Found], arn: &str, tags: &Tags) {
    for found in found.iter_mut().filter(|found| found.arn == arn) {
        found.tags.clone_from(tags);
    }
}

fn vanished(arn: &str) -> AwsFailure {
    let mut failure = AwsFailure::malformed(
        Call::new("ELBv2", "DescribeTags", arn),
        "tags of what was listed just before",
    );
    failure.kind = FailureKind::Transient;
    failure
}
