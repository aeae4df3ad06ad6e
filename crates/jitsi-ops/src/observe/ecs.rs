//! Reads of ECS: cluster, service, tasks.

use std::collections::BTreeSet;

use aws_sdk_ecs::types::{DesiredStatus, ServiceField};
use futures_util::future::join_all;

use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::from_aws;
use crate::observation::{Observation, Service, Task};
use crate::reading::Reading;
use crate::wanted::Wanted;

/// AWS's limit of one DescribeTasks.
const TASKS_PER_CALL: usize = 100;

pub(super) async fn cluster(aws: &Aws, wanted: &Wanted) -> Reading<String> {
    let call = Call::new("ECS", "DescribeClusters", &wanted.cluster);
    let answer = match aws.ecs.describe_clusters().clusters(&wanted.cluster).send().await {
        Ok(answer) => answer,
        Err(error) => return Reading::Unknown(AwsFailure::of(call, &error)),
    };
    // An unknown cluster is HTTP 200 with an entry in `failures`.
    match answer.clusters().first().and_then(|c| c.status()) {
        Some(status) => Reading::Here(status.to_owned()),
        None if is_missing(answer.failures()) => Reading::Absent,
        None => Reading::Unknown(AwsFailure::malformed(call, "cluster")),
    }
}

pub(crate) async fn service(aws: &Aws, wanted: &Wanted) -> Reading<Service> {
    let call = Call::new("ECS", "DescribeServices", &wanted.service);
    let answer = aws
        .ecs
        .describe_services()
        .cluster(&wanted.cluster)
        .services(&wanted.service)
        .include(ServiceField::Tags)
        .send()
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let failure = AwsFailure::of(call, &error);
            return if failure.is("ClusterNotFoundException") {
                Reading::Absent
            } else {
                Reading::Unknown(failure)
            };
        }
    };
    match answer.services().first().map(from_aws::service) {
        Some(Some(service)) => Reading::Here(service),
        None if is_missing(answer.failures()) => Reading::Absent,
        _ => Reading::Unknown(AwsFailure::malformed(call, "service with ARN and status")),
    }
}

fn is_missing(failures: &[aws_sdk_ecs::types::Failure]) -> bool {
    failures.iter().any(|f| f.reason() == Some("MISSING"))
}

/// All tasks of the service; with `stopping` those that are stopping too: the default listing hides them, though they
/// still run.
pub(super) async fn tasks(aws: &Aws, wanted: &Wanted, seen: &Observation, stopping: bool) -> Reading<Vec<Task>> {
    let statuses = [DesiredStatus::Running, DesiredStatus::Stopped];
    let statuses = statuses.into_iter().take(if stopping { 2 } else { 1 });
    let listings = join_all(statuses.map(|status| list(aws, wanted, status))).await;
    let mut arns = BTreeSet::new();
    for listing in listings {
        match listing {
            Ok(listed) => arns.extend(listed),
            Err(failure) => return Reading::Unknown(failure),
        }
    }
    // What is over does not change any more; what was not over is asked for by name, in case no listing shows it.
    let (over, going): (Vec<&Task>, Vec<&Task>) = seen.tasks().iter().partition(|t| t.is_stopped());
    arns.extend(going.into_iter().map(|t| t.arn.clone()));
    let known: Vec<Task> = over.into_iter().filter(|t| arns.contains(&t.arn)).cloned().collect();
    for task in &known {
        arns.remove(&task.arn);
    }
    let arns: Vec<String> = arns.into_iter().collect();
    let mut tasks = known;
    match describe(aws, wanted, &arns).await {
        Ok(described) => tasks.extend(described),
        Err(failure) => return Reading::Unknown(failure),
    }
    tasks.sort_by(|a, b| (a.created_at, &a.arn).cmp(&(b.created_at, &b.arn)));
    Reading::Here(tasks)
}

/// The ARNs of the service's tasks that are meant to be so: running (and starting), or stopped (and stopping).
pub(crate) async fn list(aws: &Aws, wanted: &Wanted, status: DesiredStatus) -> Result<Vec<String>, AwsFailure> {
    let call = Call::new("ECS", "ListTasks", &wanted.service);
    let request = aws
        .ecs
        .list_tasks()
        .cluster(&wanted.cluster)
        .service_name(&wanted.service)
        .desired_status(status);
    let mut pages = request.into_paginator().send();
    let mut arns = Vec::new();
    while let Some(page) = pages.next().await {
        match page {
            Ok(page) => arns.extend(page.task_arns().iter().cloned()),
            Err(error) => {
                let failure = AwsFailure::of(call, &error);
                // Where there is no cluster or service there are no tasks; that it is missing is said elsewhere.
                let nowhere = failure.is("ClusterNotFoundException") || failure.is("ServiceNotFoundException");
                return if nowhere { Ok(Vec::new()) } else { Err(failure) };
            }
        }
    }
    Ok(arns)
}

/// The tasks of these ARNs; one that AWS has forgotten is left out.
pub(crate) async fn describe(aws: &Aws, wanted: &Wanted, arns: &[String]) -> Result<Vec<Task>, AwsFailure> {
    let answers = join_all(
        arns.chunks(TASKS_PER_CALL)
            .map(|chunk| describe_some(aws, wanted, chunk)),
    )
    .await;
    let tasks: Result<Vec<Vec<Task>>, AwsFailure> = answers.into_iter().collect();
    tasks.map(|tasks| tasks.concat())
}

async fn describe_some(aws: &Aws, wanted: &Wanted, arns: &[String]) -> Result<Vec<Task>, AwsFailure> {
    let call = Call::new("ECS", "DescribeTasks", &wanted.service);
    let request = aws
        .ecs
        .describe_tasks()
        .cluster(&wanted.cluster)
        .set_tasks(Some(arns.to_vec()));
    let answer = request
        .send()
        .await
        .map_err(|error| AwsFailure::of(call.clone(), &error))?;
    // A task that AWS has forgotten is MISSING; anything else means that we do not know.
    if let Some(failure) = answer.failures().iter().find(|f| f.reason() != Some("MISSING")) {
        return Err(AwsFailure::malformed(call, failure.reason().unwrap_or("task")));
    }
    let tasks: Option<Vec<Task>> = answer.tasks().iter().map(from_aws::task).collect();
    tasks.ok_or_else(|| AwsFailure::malformed(call, "task ARN and status"))
}
