//! Asks the configured source whether a meeting is on.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatch::types::{Dimension, Statistic};
use aws_smithy_types::DateTime;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use jitsi_config::{Guard, GuardSource};

use super::statistics;
use crate::access::Aws;
use crate::clock::{Clock, between};
use crate::failure::{AwsFailure, Call};
use crate::from_aws;
use crate::guard::{Answer, GuardReading, METRIC_STALE_AFTER, MetricValue, asked_about, judge};
use crate::observation::Observation;
use crate::wanted::Wanted;

/// AWS's limit of one GetTaskProtection.
const TASKS_PER_CALL: usize = 100;

/// One reading about the tasks that were seen just now; `None` while they are not known.
pub(crate) async fn guard(aws: &Aws, wanted: &Wanted, clock: &Clock, seen: &Observation) -> Option<GuardReading> {
    let tasks = seen.tasks.here()?;
    let at = clock.awake_or_asleep();
    let guard = &wanted.guard;
    let asked: Vec<String> = asked_about(tasks).map(|t| t.arn.clone()).collect();
    let answer = if asked.is_empty() {
        Answer::Nobody
    } else {
        ask(aws, wanted, guard, &asked, seen.aws_at.unwrap_or(at)).await
    };
    // A protected task outlives a desired count of 0, whatever source decides.
    let protected = match &answer {
        Answer::Protection { protected, .. } => protected.clone(),
        _ => BTreeMap::new(),
    };
    Some(GuardReading {
        at,
        verdict: judge(guard.source, guard.reporter.as_ref(), tasks, &answer),
        tasks: asked.into_iter().collect(),
        protected,
    })
}

async fn ask(aws: &Aws, wanted: &Wanted, guard: &Guard, tasks: &[String], now: Timestamp) -> Answer {
    match guard.source {
        GuardSource::TaskProtection => protection(aws, wanted, tasks).await,
        GuardSource::StatsUrl => match &guard.stats_url {
            Some(url) => statistics::fetch(url.as_ref()).await,
            None => Answer::Failed {
                reason: "`guard.stats_url` is not configured".to_owned(),
                may_pass: false,
            },
        },
        GuardSource::Cloudwatch => metric(aws, guard, now).await,
        GuardSource::None => Answer::Nobody,
    }
}

async fn protection(aws: &Aws, wanted: &Wanted, tasks: &[String]) -> Answer {
    let answers = join_all(tasks.chunks(TASKS_PER_CALL).map(async |chunk| {
        let call = Call::new("ECS", "GetTaskProtection", &wanted.service);
        let request = aws
            .ecs
            .get_task_protection()
            .cluster(&wanted.cluster)
            .set_tasks(Some(chunk.to_vec()));
        request.send().await.map_err(|error| AwsFailure::of(call, &error))
    }))
    .await;
    let mut protected = BTreeMap::new();
    let mut failures = BTreeMap::new();
    let mut answered = Vec::new();
    for answer in answers {
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return Answer::failed(&failure),
        };
        for task in answer.protected_tasks() {
            let Some(arn) = task.task_arn() else { continue };
            answered.push(arn.to_owned());
            if task.protection_enabled() {
                protected.insert(arn.to_owned(), from_aws::time(task.expiration_date()));
            }
        }
        for failure in answer.failures() {
            if let Some(arn) = failure.arn() {
                let reason = failure.reason().unwrap_or("AWS gives no reason");
                failures.insert(arn.to_owned(), reason.to_owned());
            }
        }
    }
    // A task about which AWS said nothing at all is not known to be unprotected.
    for task in tasks {
        if !answered.contains(task) {
            failures
                .entry(task.clone())
                .or_insert_with(|| "the answer does not mention it".to_owned());
        }
    }
    Answer::Protection { protected, failures }
}

async fn metric(aws: &Aws, guard: &Guard, now: Timestamp) -> Answer {
    let metric = &guard.cloudwatch;
    let call = Call::new("CloudWatch", "GetMetricStatistics", metric.metric.to_string());
    let dimensions = metric
        .dimensions
        .iter()
        .map(|d| {
            Dimension::builder()
                .name(d.name.as_str())
                .value(d.value.as_str())
                .build()
        })
        .collect();
    // A little into the future, so that a value of this minute is in it.
    let moment = |by: i64| {
        let at = now.saturating_add(SignedDuration::from_secs(by)).unwrap_or(now);
        DateTime::from_secs(at.as_second())
    };
    let request = aws
        .cloudwatch
        .get_metric_statistics()
        .namespace(metric.namespace.to_string())
        .metric_name(metric.metric.to_string())
        .set_dimensions(Some(dimensions))
        .start_time(moment(-3600))
        .end_time(moment(60))
        .period(60)
        .statistics(Statistic::Maximum);
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) => return Answer::failed(&AwsFailure::of(call, &error)),
    };
    let mut newest: Option<MetricValue> = None;
    for point in answer.datapoints() {
        let (Some(at), Some(highest)) = (from_aws::time(point.timestamp()), point.maximum()) else {
            return Answer::failed(&AwsFailure::malformed(call, "time and maximum of a value"));
        };
        let age = age_of(at, now);
        newest = Some(match newest {
            None => MetricValue { age, highest },
            Some(known) => MetricValue {
                age: known.age.min(age),
                // The highest of those that count; of stale ones the newest says only how stale.
                highest: if age <= METRIC_STALE_AFTER {
                    known.highest.max(highest)
                } else {
                    known.highest
                },
            },
        });
    }
    Answer::Metric(newest)
}

/// A value of CloudWatch carries the beginning of its minute.
fn age_of(at: Timestamp, now: Timestamp) -> Duration {
    between(at, now).saturating_sub(Duration::from_secs(60))
}
