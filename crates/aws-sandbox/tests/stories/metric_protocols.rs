//! CloudWatch in its other protocols, and its bad weather in all of them.

use std::time::Duration;

use aws_sandbox::Fault;
use bytes::Bytes;

use crate::stage::{Stage, refusal, seconds, stage};

const NAMESPACE: &str = "Jitsi/JVB";
const NAME: &str = "JVBConferenceCount";

/// Status and body of an answer in the query protocol.
async fn asked(stage: &Stage, form: &str) -> (u16, String) {
    let signature = "AWS4-HMAC-SHA256 Credential=123456789012/20260115/us-west-2/monitoring/aws4_request";
    let request = http::Request::builder().method("POST").uri("http://aws.example/");
    let request = request
        .header("authorization", signature)
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    let request = request.body(Bytes::from(format!("{form}&Version=2010-08-01"))).unwrap();
    let answer = stage.sandbox.handle(request).await.unwrap();
    (
        answer.status().as_u16(),
        String::from_utf8(answer.into_body().to_vec()).unwrap(),
    )
}

#[tokio::test(start_paused = true)]
async fn older_callers_are_answered_in_the_query_protocol() {
    let stage = stage();
    let datum = "MetricData.member.1.MetricName=Calls&MetricData.member.1.Value=2.5&MetricData.member.1.Unit=Count&\
                 MetricData.member.1.Dimensions.member.1.Name=A&MetricData.member.1.Dimensions.member.1.Value=b%20c";
    let (status, body) = asked(&stage, &format!("Action=PutMetricData&Namespace=Mine&{datum}")).await;
    assert_eq!(status, 200, "{body}");
    seconds(60).await;
    let metric = "Namespace=Mine&MetricName=Calls&Dimensions.member.1.Name=A&Dimensions.member.1.Value=b%20c";
    let window = "StartTime=2026-01-15T18:00:00Z&EndTime=2026-01-15T18:05:00Z&Period=60&Statistics.member.1=Sum";
    let (status, body) = asked(&stage, &format!("Action=GetMetricStatistics&{metric}&{window}")).await;
    assert_eq!(status, 200, "{body}");
    let expected = "<Datapoints><member><Sum>2.5</Sum><Timestamp>2026-01-15T18:00:00.000Z</Timestamp>\
                    <Unit>Count</Unit></member></Datapoints><Label>Calls</Label>";
    assert!(body.contains(expected), "{body}");
    assert!(
        body.contains("xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\""),
        "{body}"
    );
    let (_, body) = asked(&stage, "Action=ListMetrics").await;
    assert!(body.contains("<Name>A</Name><Value>b c</Value>"), "{body}");
    let (status, body) = asked(&stage, &format!("Action=GetMetricStatistics&{metric}&Period=x")).await;
    assert!(
        status == 400 && body.contains("<Code>MissingParameter</Code>"),
        "{body}"
    );
    let (status, body) = asked(&stage, "Action=PutMetricAlarm").await;
    assert!(status == 400 && body.contains("<Code>InvalidAction</Code>"), "{body}");
}

#[tokio::test(start_paused = true)]
async fn the_command_line_is_answered_in_json() {
    let stage = stage();
    let ask = async |operation: &str, body: serde_json::Value| {
        let signature = "AWS4-HMAC-SHA256 Credential=123456789012/20260115/us-west-2/monitoring/aws4_request";
        let request = http::Request::builder().method("POST").uri("http://aws.example/");
        let request = request
            .header("authorization", signature)
            .header("x-amz-target", format!("GraniteServiceVersion20100801.{operation}"));
        let answer = stage
            .sandbox
            .handle(request.body(Bytes::from(body.to_string())).unwrap())
            .await
            .unwrap();
        let old_code = answer
            .headers()
            .get("x-amzn-query-error")
            .map(|code| code.to_str().unwrap().to_owned());
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        (answer.status().as_u16(), old_code, body)
    };
    let datum = serde_json::json!({ "MetricName": NAME, "Value": 3, "Timestamp": 1_768_500_000 });
    let (status, _, body) = ask(
        "PutMetricData",
        serde_json::json!({ "Namespace": NAMESPACE, "MetricData": [datum] }),
    )
    .await;
    assert_eq!((status, body), (200, serde_json::json!({})));
    let asked = serde_json::json!({
        "Namespace": NAMESPACE, "MetricName": NAME, "StartTime": 1_768_500_000.0, "EndTime": 1_768_500_060,
        "Period": 60, "Statistics": ["Sum"], "Unit": null,
    });
    let (_, _, body) = ask("GetMetricStatistics", asked).await;
    let point = serde_json::json!({ "Sum": 3.0, "Timestamp": 1_768_500_000.0, "Unit": "None" });
    assert_eq!(body, serde_json::json!({ "Label": NAME, "Datapoints": [point] }));
    let (status, old_code, body) = ask("GetMetricStatistics", serde_json::json!({})).await;
    assert_eq!((status, old_code.as_deref()), (400, Some("MissingParameter;Sender")));
    assert_eq!(
        body["__type"],
        "com.amazonaws.cloudwatch#MissingRequiredParameterException"
    );
    assert_eq!(
        ask("GetMetricStatistics", serde_json::json!([])).await.1.as_deref(),
        Some("SerializationException;Sender")
    );
}

#[tokio::test(start_paused = true)]
async fn cloudwatch_denies_and_throttles_in_its_own_words_in_both_protocols() {
    let stage = stage();
    let list = || stage.cloudwatch.list_metrics().send();
    stage
        .sandbox
        .inject(Fault::on("ListMetrics").service("cloudwatch").access_denied().times(2));
    let (status, code, text) = refusal(list().await);
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(
        text.contains("is not authorized to perform: cloudwatch:ListMetrics"),
        "{text}"
    );
    let (status, body) = asked(&stage, "Action=ListMetrics").await;
    assert!(status == 403 && body.contains("<Code>AccessDenied</Code>"), "{body}");
    stage.sandbox.clear_faults();
    stage.sandbox.inject(Fault::on("ListMetrics").throttled().times(2));
    assert_eq!(
        refusal(list().await),
        (400, "Throttling".to_owned(), "Rate exceeded".to_owned())
    );
    let (status, body) = asked(&stage, "Action=ListMetrics").await;
    assert!(status == 400 && body.contains("<Code>Throttling</Code>"), "{body}");
    stage.sandbox.clear_faults();
    stage.sandbox.inject(Fault::on("ListMetrics").server_error().times(1));
    assert_eq!(refusal(list().await).0, 500);
    stage
        .sandbox
        .inject(Fault::on("ListMetrics").slow(Duration::from_secs(3)).times(1));
    list().await.unwrap();
    let call = stage.sandbox.calls().pop().unwrap();
    assert_eq!(
        (call.service.as_str(), call.operation.as_str(), call.mutating),
        ("monitoring", "ListMetrics", false)
    );
}
