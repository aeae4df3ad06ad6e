//! Reads that must be good before anything that bills is made: identity, task definition, SSM parameters, bucket.

use futures_util::future::join_all;

use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::from_aws;
use crate::observation::{Bucket, Identity, Observation, TaskDefinition};
use crate::reading::Reading;
use crate::wanted::Wanted;

/// AWS's limit of one GetParameters.
const PARAMETERS_PER_CALL: usize = 10;

pub(crate) async fn identity(aws: &Aws) -> Reading<Identity> {
    let call = Call::new("STS", "GetCallerIdentity", "");
    let answer = match aws.sts.get_caller_identity().send().await {
        Ok(answer) => answer,
        Err(error) => return Reading::Unknown(AwsFailure::of(call, &error)),
    };
    match (answer.account(), answer.arn()) {
        (Some(account), Some(arn)) => Reading::Here(Identity {
            account: account.to_owned(),
            arn: arn.to_owned(),
        }),
        _ => Reading::Unknown(AwsFailure::malformed(call, "account and ARN")),
    }
}

pub(crate) async fn task_definition(aws: &Aws, seen: &Observation) -> Reading<TaskDefinition> {
    let Some(service) = seen.service.here() else {
        return Reading::NotRead;
    };
    let call = Call::new("ECS", "DescribeTaskDefinition", &service.task_definition);
    let request = aws
        .ecs
        .describe_task_definition()
        .task_definition(&service.task_definition);
    match request.send().await {
        Ok(answer) => answer
            .task_definition()
            .map(from_aws::task_definition)
            .ok_or_else(|| AwsFailure::malformed(call, "task definition"))
            .into(),
        Err(error) => Reading::Unknown(AwsFailure::of(call, &error)),
    }
}

/// The references of the task definition that SSM does not resolve. Values are not decrypted and not kept.
pub(super) async fn missing_parameters(aws: &Aws, seen: &Observation) -> Reading<Vec<String>> {
    let Some(definition) = seen.task_definition.here() else {
        return Reading::NotRead;
    };
    let answers = join_all(definition.parameters.chunks(PARAMETERS_PER_CALL).map(async |names| {
        let call = Call::new("SSM", "GetParameters", names.join(", "));
        let request = aws
            .ssm
            .get_parameters()
            .set_names(Some(names.to_vec()))
            .with_decryption(false);
        // Unknown names come as HTTP 200 with `InvalidParameters`.
        match request.send().await {
            Ok(answer) => Ok(answer.invalid_parameters().to_vec()),
            Err(error) => Err(AwsFailure::of(call, &error)),
        }
    }))
    .await;
    let missing: Result<Vec<Vec<String>>, AwsFailure> = answers.into_iter().collect();
    missing.map(|lists| lists.concat()).into()
}

pub(super) async fn bucket(aws: &Aws, wanted: &Wanted) -> Reading<Bucket> {
    if let Some(name) = &wanted.bucket {
        return head_bucket(aws, wanted, name).await;
    }
    match buckets_named(aws, &wanted.bucket_prefix).await {
        Err(failure) => Reading::Unknown(failure),
        Ok(names) => match names.as_slice() {
            [] => Reading::Here(Bucket::NoneNamed),
            [name] => head_bucket(aws, wanted, name).await,
            _ => Reading::Here(Bucket::Several(names)),
        },
    }
}

pub(crate) async fn buckets_named(aws: &Aws, prefix: &str) -> Result<Vec<String>, AwsFailure> {
    let call = Call::new("S3", "ListBuckets", prefix);
    let mut pages = aws.s3.list_buckets().prefix(prefix).into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsFailure::of(call.clone(), &error))?;
        names.extend(
            page.buckets()
                .iter()
                .filter_map(|b| b.name())
                .filter(|n| n.starts_with(prefix))
                .map(str::to_owned),
        );
    }
    Ok(names)
}

/// HEAD has no body, so there is no error code: the status and a header tell.
async fn head_bucket(aws: &Aws, wanted: &Wanted, name: &str) -> Reading<Bucket> {
    let failure = match aws.s3.head_bucket().bucket(name).send().await {
        Ok(answer) => {
            let region = answer.bucket_region().unwrap_or(&wanted.region).to_owned();
            return Reading::Here(if region == wanted.region {
                Bucket::Reachable(name.to_owned())
            } else {
                Bucket::Elsewhere(name.to_owned(), region)
            });
        }
        Err(error) => AwsFailure::of(Call::new("S3", "HeadBucket", name), &error),
    };
    match (failure.status, &failure.bucket_region) {
        (Some(404), _) => Reading::Here(Bucket::Missing(name.to_owned())),
        (Some(301), Some(region)) => Reading::Here(Bucket::Elsewhere(name.to_owned(), region.clone())),
        (Some(400), Some(region)) if *region != wanted.region => {
            Reading::Here(Bucket::Elsewhere(name.to_owned(), region.clone()))
        }
        (Some(403), _) => Reading::Here(Bucket::Forbidden(name.to_owned(), failure.reason())),
        _ => Reading::Unknown(failure),
    }
}
