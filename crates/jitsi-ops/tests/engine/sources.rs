//! The guard's other sources: a metric, and none.

use std::time::Duration;

use aws_sdk_cloudwatch::types::{MetricDatum, StandardUnit};
use aws_smithy_types::DateTime;
use jitsi_ops::scale_down::{Outcome, Report};

use crate::stage::{ACCOUNT, Stage, words};

/// A platform that is up, whose guard looks at the default metric.
async fn measured() -> Stage {
    let stage = Stage::configured("guard.source = \"cloudwatch\"");
    stage.up().await;
    stage.mark();
    stage
}

async fn report(stage: &Stage, value: f64) {
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&stage.sdk(ACCOUNT, "us-west-2"));
    let datum = MetricDatum::builder()
        .metric_name("JVBConferenceCount")
        .timestamp(DateTime::from_millis(stage.sandbox.now().as_millisecond()))
        .value(value)
        .unit(StandardUnit::Count)
        .build();
    cloudwatch
        .put_metric_data()
        .namespace("Jitsi/JVB")
        .metric_data(datum)
        .send()
        .await
        .unwrap();
    stage.mark();
}

/// Goes down while somebody reports `value` each minute.
async fn down_while_reported(stage: &Stage, value: f64) -> Report {
    report(stage, value).await;
    tokio::select! {
        down = stage.down() => down,
        () = async {
            loop {
                tokio::time::sleep(Duration::from_secs(60)).await;
                report(stage, value).await;
            }
        } => unreachable!(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_metric_that_is_reported_as_zero_is_quiet() {
    let stage = measured().await;
    let report = down_while_reported(&stage, 0.0).await;
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
}

#[tokio::test(start_paused = true)]
async fn a_metric_above_zero_is_a_meeting() {
    let stage = measured().await;
    let report = down_while_reported(&stage, 2.0).await;
    assert_eq!(report.outcome, Outcome::Refused);
    assert!(
        words(report.problem.as_ref()).1.contains("the metric was 2"),
        "{:?}",
        report.problem
    );
}

#[tokio::test(start_paused = true)]
async fn a_metric_that_is_missing_or_stale_is_unknown() {
    let stage = measured().await;
    let refused = stage.down().await;
    assert_eq!(refused.outcome, Outcome::Refused);
    assert!(words(refused.problem.as_ref()).1.contains("no value at all"));

    report(&stage, 0.0).await;
    tokio::time::sleep(Duration::from_secs(420)).await;
    let refused = stage.down().await;
    assert_eq!(refused.outcome, Outcome::Refused);
    assert!(
        words(refused.problem.as_ref()).1.contains("s old"),
        "{:?}",
        refused.problem
    );
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_blind_does_not_wait() {
    let stage = Stage::configured("guard.source = \"none\"");
    stage.up().await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    let before = stage.sandbox.now();
    let report = stage.down().await;
    assert_eq!(report.outcome, Outcome::Down, "{:?}", report.problem);
    let calls = stage.sandbox.calls();
    let lowered = calls.iter().rfind(|call| call.operation == "UpdateService").unwrap();
    assert!(lowered.at.duration_since(before).as_secs() < 10);
}
