//! Who calls: accounts, regions, credentials; and requests that make no sense.

use aws_sandbox::CredentialState;
use bytes::Bytes;

use crate::stage::{config, refusal, stage, stage_of};

#[tokio::test(start_paused = true)]
async fn the_caller_learns_who_it_is() {
    let stage = stage();
    let identity = stage.sts.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("123456789012"));
    assert!(identity.arn().unwrap().starts_with("arn:aws:iam::123456789012:user/") && identity.user_id().is_some());
}

#[tokio::test(start_paused = true)]
async fn an_access_key_of_twelve_digits_is_an_account_and_any_other_the_default_one() {
    let stage = stage();
    let account = async |access_key: &str| {
        let client = aws_sdk_sts::Client::new(&config(&stage.sandbox, access_key, "us-west-2"));
        client.get_caller_identity().send().await.unwrap().account.unwrap()
    };
    assert_eq!(account("210987654321").await, "210987654321");
    assert_eq!(account("AKIDEXAMPLE").await, "123456789012");
    let stranger = aws_sdk_ecs::Client::new(&config(&stage.sandbox, "210987654321", "us-west-2"));
    let describe = stranger
        .describe_services()
        .cluster(&stage.spec.cluster)
        .services(&stage.spec.service);
    assert_eq!(refusal(describe.send().await).1, "ClusterNotFoundException");
    let abroad = aws_sdk_ecs::Client::new(&config(&stage.sandbox, "123456789012", "eu-west-1"));
    let describe = abroad
        .describe_services()
        .cluster(&stage.spec.cluster)
        .services(&stage.spec.service);
    assert_eq!(
        refusal(describe.send().await).1,
        "ClusterNotFoundException",
        "regions are apart"
    );
}

#[tokio::test(start_paused = true)]
async fn bad_credentials_are_refused_in_each_services_own_words() {
    let stage = stage();
    let key = stage.spec.account.clone();
    let answers = async || {
        let ecs = stage.ecs.describe_clusters().send().await;
        let elb = stage.elb.describe_load_balancers().send().await;
        let s3 = stage.s3.list_buckets().send().await;
        [refusal(ecs), refusal(elb), refusal(s3)].map(|(status, code, _)| (status, code))
    };
    stage
        .sandbox
        .world(|world| world.set_credential(&key, CredentialState::Expired));
    let expected = [
        (400, "ExpiredTokenException"),
        (403, "ExpiredToken"),
        (403, "ExpiredToken"),
    ];
    assert_eq!(
        answers().await,
        expected.map(|(status, code)| (status, code.to_owned()))
    );
    stage
        .sandbox
        .world(|world| world.set_credential(&key, CredentialState::Unknown));
    let expected = [
        (400, "UnrecognizedClientException"),
        (403, "InvalidClientTokenId"),
        (403, "InvalidAccessKeyId"),
    ];
    assert_eq!(
        answers().await,
        expected.map(|(status, code)| (status, code.to_owned()))
    );
    stage
        .sandbox
        .world(|world| world.set_credential(&key, CredentialState::Valid));
    stage.ecs.describe_clusters().send().await.unwrap();
}

fn request(headers: &[(&str, &str)], body: &str) -> http::Request<Bytes> {
    let mut request = http::Request::builder().method("POST").uri("http://aws.example/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body.to_owned())).unwrap()
}

const SIGNED: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=test/20260115/us-west-2/ecs/aws4_request, SignedHeaders=host",
);

#[tokio::test(start_paused = true)]
async fn requests_without_a_signature_are_refused() {
    let sandbox = stage().sandbox;
    let json = request(&[("x-amz-target", "AmazonSSM.GetParameters")], "{}");
    let answer = sandbox.handle(json).await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(String::from_utf8_lossy(answer.body()).contains("MissingAuthenticationTokenException"));
    let form = request(
        &[("content-type", "application/x-www-form-urlencoded")],
        "Action=GetCallerIdentity&Version=2011-06-15",
    );
    let answer = sandbox.handle(form).await.unwrap();
    assert_eq!(answer.status(), 403);
    assert!(String::from_utf8_lossy(answer.body()).contains("<Code>MissingAuthenticationToken</Code>"));
}

#[tokio::test(start_paused = true)]
async fn unknown_operations_and_malformed_bodies_are_errors_of_their_service() {
    let sandbox = stage().sandbox;
    let json = |operation: &str| {
        (
            "x-amz-target",
            format!("AmazonEC2ContainerServiceV20141113.{operation}"),
        )
    };
    let answer = async |headers: &[(&str, &str)], body: &str| {
        let answer = sandbox.handle(request(headers, body)).await.unwrap();
        (
            answer.status().as_u16(),
            String::from_utf8_lossy(answer.body()).into_owned(),
        )
    };
    let (name, dance) = json("Dance");
    let (status, body) = answer(&[SIGNED, (name, &dance)], "{}").await;
    assert!(
        status == 400 && body.contains("UnknownOperationException"),
        "{status} {body}"
    );
    let (name, describe) = json("DescribeServices");
    for malformed in ["{", "[]", "{\"services\": 7}", "\u{0}"] {
        let (status, body) = answer(&[SIGNED, (name, &describe)], malformed).await;
        assert!(
            status == 400 && body.contains("SerializationException"),
            "{status} {body}"
        );
    }
    let (status, body) = answer(&[SIGNED, (name, &describe)], "{\"services\": null}").await;
    assert!(
        status == 400 && body.contains("Services cannot be empty."),
        "{status} {body}"
    );
    let form = ("content-type", "application/x-www-form-urlencoded");
    let (status, body) = answer(&[SIGNED, form], "Action=Dance&Version=2015-12-01").await;
    assert!(
        status == 400 && body.contains("<Code>InvalidAction</Code>"),
        "{status} {body}"
    );
    let (status, body) = answer(&[SIGNED, form], "Action=CreateListener&Version=2015-12-01&%zz=%").await;
    assert!(
        status == 400 && body.contains("<Code>ValidationError</Code>"),
        "{status} {body}"
    );
    let s3 = "AWS4-HMAC-SHA256 Credential=test/20260115/us-west-2/s3/aws4_request";
    let (status, body) = answer(&[("authorization", s3)], "").await;
    assert!(
        status == 501 && body.contains("<Code>NotImplemented</Code>"),
        "{status} {body}"
    );
    let (status, _) = answer(&[SIGNED], "nothing at all").await;
    assert_eq!(status, 400);
}

#[tokio::test(start_paused = true)]
async fn the_date_header_is_the_real_time_and_bodies_have_the_simulated_one() {
    let sandbox = stage().sandbox;
    let target = ("x-amz-target", "AmazonEC2ContainerServiceV20141113.DescribeClusters");
    let answer = sandbox.handle(request(&[SIGNED, target], "{}")).await.unwrap();
    let date = answer.headers()["date"].to_str().unwrap();
    let date = jiff::fmt::rfc2822::parse(date).unwrap().timestamp();
    assert!((date.as_second() - jiff::Timestamp::now().as_second()).abs() < 5);
    assert!(answer.headers().contains_key("x-amzn-requestid"));
}

#[tokio::test(start_paused = true)]
async fn the_same_calls_give_the_same_answers() {
    let run = async || {
        let stage = stage();
        let balancer = stage.load_balancer("jvb").await;
        let (task, ip) = stage.running_task().await;
        (balancer, task, ip, stage.service().await)
    };
    assert_eq!(run().await, run().await);
}

#[tokio::test(start_paused = true)]
async fn a_platform_can_have_other_names_and_a_second_one_stands_beside_it() {
    let mut spec = aws_sandbox::PlatformSpec::named("other");
    spec.subnets = vec!["subnet-1".into(), "subnet-2".into()];
    let stage = stage();
    stage.sandbox.world(|world| {
        world.add_platform(&spec);
        world.add_platform(&spec);
    });
    let other = stage_of(stage.sandbox.clone(), spec);
    assert_eq!(other.subnets().await, ["subnet-1", "subnet-2"]);
    let (arn, _) = other.running_task().await;
    assert!(arn.contains(":task/other-cluster/"));
    assert_eq!(
        (stage.service().await.desired_count, other.service().await.desired_count),
        (0, 1)
    );
    let buckets = stage.s3.list_buckets().send().await.unwrap().buckets.unwrap();
    let names: Vec<_> = buckets.iter().map(|bucket| bucket.name().unwrap()).collect();
    assert!(
        names.iter().any(|name| name.starts_with("other-recordings-")),
        "{names:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_role_is_assumed_in_its_own_account() {
    let stage = stage();
    let role = "arn:aws:iam::210987654321:role/ops";
    let request = stage.sts.assume_role().role_arn(role).role_session_name("me");
    let answer = request.send().await.unwrap();
    let credentials = answer.credentials().unwrap();
    let as_role = aws_sdk_sts::Client::new(&config(&stage.sandbox, credentials.access_key_id(), "us-west-2"));
    let identity = as_role.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("210987654321"));
    assert_eq!(
        answer.assumed_role_user().unwrap().arn(),
        "arn:aws:sts::210987654321:assumed-role/ops/me"
    );
    let nonsense = stage
        .sts
        .assume_role()
        .role_arn("arn:aws:iam::1:user/ops-who-is-no-role")
        .role_session_name("me");
    assert_eq!(refusal(nonsense.send().await).1, "ValidationError");
}
