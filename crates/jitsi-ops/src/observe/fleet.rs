//! Reads of ELBv2 without names: every load balancer and target group of the account and region, with its tags.

use super::elbv2;
use crate::access::Aws;
use crate::failure::{AwsFailure, Call, FailureKind};
use crate::observation::{Fleet, Found, Tags};
use crate::reading::Reading;

pub(super) async fn fleet(aws: &Aws) -> Reading<Fleet> {
    let (balancers, groups) = futures_util::join!(balancers(aws), groups(aws));
    let (mut balancers, mut groups) = match (balancers, groups) {
        (Ok(balancers), Ok(groups)) => (balancers, groups),
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

async fn balancers(aws: &Aws) -> Result<Vec<Found>, AwsFailure> {
    let call = || Call::new("ELBv2", "DescribeLoadBalancers", "");
    let mut pages = aws.elb.describe_load_balancers().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsFailure::of(call(), &error))?;
        for balancer in page.load_balancers() {
            let (Some(arn), Some(name)) = (balancer.load_balancer_arn(), balancer.load_balancer_name()) else {
                return Err(AwsFailure::malformed(call(), "load balancer with ARN and name"));
            };
            found.push(Found {
                name: name.to_owned(),
                arn: arn.to_owned(),
                tags: Tags::new(),
                created_at: crate::from_aws::time(balancer.created_time()),
            });
        }
    }
    Ok(found)
}

async fn groups(aws: &Aws) -> Result<Vec<Found>, AwsFailure> {
    let call = || Call::new("ELBv2", "DescribeTargetGroups", "");
    let mut pages = aws.elb.describe_target_groups().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsFailure::of(call(), &error))?;
        for group in page.target_groups() {
            let (Some(arn), Some(name)) = (group.target_group_arn(), group.target_group_name()) else {
                return Err(AwsFailure::malformed(call(), "target group with ARN and name"));
            };
            found.push(Found {
                name: name.to_owned(),
                arn: arn.to_owned(),
                tags: Tags::new(),
                created_at: None,
            });
        }
    }
    Ok(found)
}
