//! How many tasks ran in which hour, by CloudWatch: one sample of `CPUUtilization` for each running task and minute. It says
//! nothing of load balancers, and misses the time in which a task pulls its images, though that is charged.

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{Dimension, Statistic};
use jiff::{SignedDuration, Timestamp};

use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::from_aws;
use crate::wanted::Wanted;

/// CloudWatch keeps the values of an hour for 455 days.
pub const KEPT: SignedDuration = SignedDuration::from_hours(455 * 24);

const HOUR: i32 = 3600;

/// An hour in which a task ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningHour {
    /// Its begin.
    pub at: Timestamp,
    /// Minutes, of all tasks together.
    pub minutes: u32,
}

/// The hours from `from` to `until` in which a task of the service ran, in their order. Of at most 60 days: AWS gives 1,440
/// values at once. GetMetricStatistics costs nothing.
///
/// # Errors
/// The call failed, or its answer lacks a part.
pub async fn running_hours(
    aws: &Aws,
    wanted: &Wanted,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<RunningHour>, AwsFailure> {
    let call = Call::new("CloudWatch", "GetMetricStatistics", "CPUUtilization");
    let dimension = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let answer = aws
        .cloudwatch
        .get_metric_statistics()
        .namespace("AWS/ECS")
        .metric_name("CPUUtilization")
        .dimensions(dimension("ClusterName", &wanted.cluster))
        .dimensions(dimension("ServiceName", &wanted.service))
        .start_time(DateTime::from_secs(from.as_second()))
        .end_time(DateTime::from_secs(until.as_second()))
        .period(HOUR)
        .statistics(Statistic::SampleCount)
        .send()
        .await
        .map_err(|error| AwsFailure::of(call.clone(), &error))?;
    let mut hours = Vec::new();
    for point in answer.datapoints() {
        let (Some(at), Some(samples)) = (from_aws::time(point.timestamp()), point.sample_count()) else {
            return Err(AwsFailure::malformed(call, "time and SampleCount of a value"));
        };
        // Samples are counted: whole, and far fewer than this.
        let minutes = samples.round().clamp(0.0, f64::from(u32::MAX)) as u32;
        hours.push(RunningHour { at, minutes });
    }
    hours.sort_by_key(|hour| hour.at);
    Ok(hours)
}
