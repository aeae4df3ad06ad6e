//! Requests by hand.

use aws_sandbox::Sandbox;
use bytes::Bytes;
use serde_json::{Value, json};

/// Headers of a signed request to ECS.
pub(crate) fn headers(operation: &str) -> [(&'static str, String); 2] {
    let signature = "AWS4-HMAC-SHA256 Credential=123456789012/20260115/us-west-2/ecs/aws4_request";
    let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
    [("authorization", signature.to_owned()), ("x-amz-target", target)]
}

/// Status and body of an answer of ECS.
pub(crate) async fn ecs(sandbox: &Sandbox, operation: &str, input: Value) -> (u16, Value) {
    let mut request = http::Request::builder().method("POST").uri("http://aws.example/");
    for (name, value) in headers(operation) {
        request = request.header(name, value);
    }
    let answer = sandbox
        .handle(request.body(Bytes::from(input.to_string())).unwrap())
        .await
        .unwrap();
    (
        answer.status().as_u16(),
        serde_json::from_slice(answer.body()).unwrap_or_default(),
    )
}

pub(crate) const SERVICE: &str = "jitsi-video-platform-service";
pub(crate) const CLUSTER: &str = "jitsi-video-platform-cluster";

/// Sets the default platform's desired count.
pub(crate) async fn scale(sandbox: &Sandbox, desired: u32) {
    let input = json!({ "cluster": CLUSTER, "service": SERVICE, "desiredCount": desired });
    let (status, answer) = ecs(sandbox, "UpdateService", input).await;
    assert_eq!(status, 200, "{answer}");
}

/// The default platform's service.
pub(crate) async fn service(sandbox: &Sandbox) -> Value {
    let input = json!({ "cluster": CLUSTER, "services": [SERVICE] });
    let (status, answer) = ecs(sandbox, "DescribeServices", input).await;
    assert_eq!(status, 200, "{answer}");
    answer["services"][0].clone()
}
