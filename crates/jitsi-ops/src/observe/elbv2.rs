//! Reads of ELBv2: load balancer, target groups, listeners, tags, attributes, targets.

use aws_sdk_elasticloadbalancingv2::types::{LoadBalancerAttribute, TargetGroupAttribute};
use futures_util::future::join_all;

use super::schedule;
use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::from_aws;
use crate::observation::{Attributes, Listener, LoadBalancer, Observation, Tags, Target, TargetGroup};
use crate::reading::Reading;
use crate::wanted::Wanted;

/// AWS's limit of one DescribeTags.
const TAGS_PER_CALL: usize = 20;

fn call(operation: &'static str, resource: &str) -> Call {
    Call::new("ELBv2", operation, resource)
}

/// Not there (any more, or not visible yet): what hangs on it is to be read again.
fn vanished(failure: &AwsFailure) -> bool {
    ["LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound"]
        .iter()
        .any(|code| failure.is(code))
}

fn part<T>(result: Result<T, AwsFailure>) -> Reading<T> {
    match result {
        Err(failure) if vanished(&failure) => Reading::NotRead,
        other => other.into(),
    }
}

fn whole<T>(result: Result<T, AwsFailure>) -> Reading<T> {
    match result {
        Err(failure) if vanished(&failure) => Reading::Absent,
        other => other.into(),
    }
}

pub(super) async fn load_balancer(aws: &Aws, wanted: &Wanted) -> Reading<LoadBalancer> {
    let call = call("DescribeLoadBalancers", &wanted.load_balancer);
    let answer = aws
        .elb
        .describe_load_balancers()
        .names(&wanted.load_balancer)
        .send()
        .await;
    whole(match answer {
        Ok(answer) => {
            let first = answer.load_balancers().first().and_then(from_aws::load_balancer);
            first.ok_or_else(|| AwsFailure::malformed(call, "load balancer with ARN and state"))
        }
        Err(error) => Err(AwsFailure::of(call, &error)),
    })
}

/// Every load balancer of the account and region, whatever its kind.
pub(crate) async fn all_load_balancers(aws: &Aws) -> Result<Vec<LoadBalancer>, AwsFailure> {
    let call = || call("DescribeLoadBalancers", "");
    let mut pages = aws.elb.describe_load_balancers().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsFailure::of(call(), &error))?;
        let listed: Option<Vec<LoadBalancer>> = page.load_balancers().iter().map(from_aws::load_balancer).collect();
        found.extend(listed.ok_or_else(|| AwsFailure::malformed(call(), "load balancer with ARN and state"))?);
    }
    Ok(found)
}

/// Every target group of the account and region.
pub(crate) async fn all_target_groups(aws: &Aws) -> Result<Vec<TargetGroup>, AwsFailure> {
    let call = || call("DescribeTargetGroups", "");
    let mut pages = aws.elb.describe_target_groups().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsFailure::of(call(), &error))?;
        let listed: Option<Vec<TargetGroup>> = page.target_groups().iter().map(from_aws::target_group).collect();
        found.extend(listed.ok_or_else(|| AwsFailure::malformed(call(), "target group with ARN"))?);
    }
    Ok(found)
}

/// AWS's limit of names in one DescribeTargetGroups.
const NAMES_PER_CALL: usize = 20;

/// All in one call where all are there; it fails as a whole when one of the names is unknown, and then each is asked for.
pub(super) async fn target_groups(
    aws: &Aws,
    wanted: &Wanted,
    seen: &Observation,
) -> Vec<(String, Reading<TargetGroup>)> {
    let names: Vec<&str> = wanted.group_names().collect();
    let missing = seen.target_groups.values().any(Reading::is_absent);
    let several = names.len() > 1 && !missing;
    if several {
        match target_groups_at_once(aws, &names).await {
            Ok(Some(all)) => return all,
            Ok(None) => {}
            Err(failure) => {
                let unknown = |name: &str| (name.to_owned(), Reading::Unknown(failure.clone()));
                return names.into_iter().map(unknown).collect();
            }
        }
    }
    join_all(names.into_iter().map(async |name| {
        let call = call("DescribeTargetGroups", name);
        let reading = whole(match aws.elb.describe_target_groups().names(name).send().await {
            Ok(answer) => {
                let first = answer.target_groups().first().and_then(from_aws::target_group);
                first.ok_or_else(|| AwsFailure::malformed(call, "target group with ARN"))
            }
            Err(error) => Err(AwsFailure::of(call, &error)),
        });
        (name.to_owned(), reading)
    }))
    .await
}

/// `None` where one of them is not there.
async fn target_groups_at_once(
    aws: &Aws,
    names: &[&str],
) -> Result<Option<Vec<(String, Reading<TargetGroup>)>>, AwsFailure> {
    let answers = join_all(names.chunks(NAMES_PER_CALL).map(async |chunk| {
        let names = chunk.iter().map(|name| (*name).to_owned()).collect();
        let answer = aws.elb.describe_target_groups().set_names(Some(names)).send().await;
        answer.map_err(|error| AwsFailure::of(call("DescribeTargetGroups", &chunk.join(", ")), &error))
    }))
    .await;
    let mut told = Vec::new();
    for answer in answers {
        match answer {
            Ok(answer) => told.extend(answer.target_groups().iter().filter_map(from_aws::target_group)),
            Err(failure) if vanished(&failure) => return Ok(None),
            Err(failure) => return Err(failure),
        }
    }
    let of_name = |name: &&str| {
        let group = told.iter().find(|group| group.name == **name)?;
        Some(((*name).to_owned(), Reading::Here(group.clone())))
    };
    Ok(names.iter().map(of_name).collect())
}

pub(crate) async fn listeners(aws: &Aws, seen: &Observation) -> Reading<Vec<Listener>> {
    let Some(balancer) = seen.load_balancer.here() else {
        return Reading::NotRead;
    };
    let call = call("DescribeListeners", &balancer.name);
    let mut pages = aws
        .elb
        .describe_listeners()
        .load_balancer_arn(&balancer.arn)
        .into_paginator()
        .send();
    let mut listeners = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => listeners.extend(page.listeners().iter().map(from_aws::listener)),
            Err(error) => return part(Err(AwsFailure::of(call, &error))),
        }
    }
    let listeners: Option<Vec<Listener>> = listeners.into_iter().collect();
    part(listeners.ok_or_else(|| AwsFailure::malformed(call, "listener with ARN")))
}

pub(crate) async fn tags(aws: &Aws, arns: Vec<String>) -> Vec<(String, Reading<Tags>)> {
    let answers = join_all(arns.chunks(TAGS_PER_CALL).map(async |chunk| {
        let call = call("DescribeTags", chunk.first().map_or("", String::as_str));
        let answer = aws
            .elb
            .describe_tags()
            .set_resource_arns(Some(chunk.to_vec()))
            .send()
            .await;
        match answer {
            Ok(answer) => {
                let described = answer.tag_descriptions();
                let tags_of = |arn: &String| {
                    described
                        .iter()
                        .find(|d| d.resource_arn() == Some(arn))
                        .map(|d| from_aws::tags(d.tags()))
                };
                chunk
                    .iter()
                    .map(|arn| {
                        let tags =
                            tags_of(arn).ok_or_else(|| AwsFailure::malformed(call.clone(), "tags of this resource"));
                        (arn.clone(), part(tags))
                    })
                    .collect::<Vec<_>>()
            }
            Err(error) => {
                let failure = AwsFailure::of(call, &error);
                chunk
                    .iter()
                    .map(|arn| (arn.clone(), part(Err(failure.clone()))))
                    .collect()
            }
        }
    }))
    .await;
    answers.into_iter().flatten().collect()
}

pub(super) async fn attributes(aws: &Aws, seen: &Observation) -> Vec<(String, Reading<Attributes>)> {
    let balancer = seen.load_balancer.here().map(|b| b.arn.as_str());
    join_all(schedule::unattributed(seen).into_iter().map(async |arn| {
        let attributes = if balancer == Some(arn.as_str()) {
            load_balancer_attributes(aws, &arn).await
        } else {
            group_attributes(aws, &arn).await
        };
        (arn, part(attributes))
    }))
    .await
}

async fn load_balancer_attributes(aws: &Aws, arn: &str) -> Result<Attributes, AwsFailure> {
    let answer = aws
        .elb
        .describe_load_balancer_attributes()
        .load_balancer_arn(arn)
        .send()
        .await;
    let answer = answer.map_err(|error| AwsFailure::of(call("DescribeLoadBalancerAttributes", arn), &error))?;
    let pair = |a: &LoadBalancerAttribute| Some((a.key()?.to_owned(), a.value()?.to_owned()));
    Ok(answer.attributes().iter().filter_map(pair).collect())
}

async fn group_attributes(aws: &Aws, arn: &str) -> Result<Attributes, AwsFailure> {
    let answer = aws
        .elb
        .describe_target_group_attributes()
        .target_group_arn(arn)
        .send()
        .await;
    let answer = answer.map_err(|error| AwsFailure::of(call("DescribeTargetGroupAttributes", arn), &error))?;
    let pair = |a: &TargetGroupAttribute| Some((a.key()?.to_owned(), a.value()?.to_owned()));
    Ok(answer.attributes().iter().filter_map(pair).collect())
}

pub(crate) async fn targets(aws: &Aws, wanted: &Wanted, seen: &Observation) -> Vec<(String, Reading<Vec<Target>>)> {
    let groups = wanted.group_names().filter_map(|name| seen.group(name));
    join_all(groups.map(async |group| {
        let call = call("DescribeTargetHealth", &group.name);
        let reading = part(
            match aws
                .elb
                .describe_target_health()
                .target_group_arn(&group.arn)
                .send()
                .await
            {
                Ok(answer) => {
                    let targets: Option<Vec<Target>> = answer
                        .target_health_descriptions()
                        .iter()
                        .map(from_aws::target)
                        .collect();
                    targets.ok_or_else(|| AwsFailure::malformed(call, "target and state"))
                }
                Err(error) => Err(AwsFailure::of(call, &error)),
            },
        );
        (group.name.clone(), reading)
    }))
    .await
}
