//! The parameter store.

use aws_sdk_ssm::types::{ParameterStringFilter, ParameterType};

use crate::stage::{Stage, code, refusal, seconds, stage};

async fn put(stage: &Stage, name: &str, value: &str, kind: ParameterType) -> i64 {
    let put = stage
        .ssm
        .put_parameter()
        .name(name)
        .value(value)
        .r#type(kind)
        .overwrite(true);
    put.send().await.unwrap().version
}

#[tokio::test(start_paused = true)]
async fn unknown_names_are_told_in_a_good_answer() {
    let stage = stage();
    let known = "/jitsi-video-platform/jvb_auth_password";
    let answer = stage
        .ssm
        .get_parameters()
        .names("/zzz")
        .names(known)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.invalid_parameters(), ["/zzz"]);
    let parameter = &answer.parameters()[0];
    assert_eq!(
        (parameter.name(), parameter.r#type()),
        (Some(known), Some(&ParameterType::SecureString))
    );
    assert_eq!(
        parameter.arn(),
        Some("arn:aws:ssm:us-west-2:123456789012:parameter/jitsi-video-platform/jvb_auth_password")
    );
    assert_eq!(
        code(stage.ssm.get_parameter().name("/zzz").send().await),
        "ParameterNotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn a_secure_string_is_only_readable_with_decryption() {
    let stage = stage();
    put(&stage, "/a", "hunter2", ParameterType::SecureString).await;
    let value = async |decrypt| {
        let answer = stage
            .ssm
            .get_parameters()
            .names("/a")
            .with_decryption(decrypt)
            .send()
            .await
            .unwrap();
        answer.parameters()[0].value().unwrap().to_owned()
    };
    assert!(value(false).await.starts_with("AQICAH"));
    assert_eq!(value(true).await, "hunter2");
}

#[tokio::test(start_paused = true)]
async fn versions_and_arns_select_a_parameter() {
    let stage = stage();
    stage.sandbox.world(|world| world.token_buckets(false));
    assert_eq!(put(&stage, "/a", "one", ParameterType::String).await, 1);
    assert_eq!(put(&stage, "/a", "two", ParameterType::String).await, 2);
    let arn = "arn:aws:ssm:us-west-2:123456789012:parameter/a";
    let names = vec!["/a:1".to_owned(), arn.to_owned(), "/a:3".to_owned()];
    let answer = stage.ssm.get_parameters().set_names(Some(names)).send().await.unwrap();
    let values: Vec<_> = answer
        .parameters()
        .iter()
        .map(|it| (it.value().unwrap(), it.version, it.selector()))
        .collect();
    assert_eq!(values, [("one", 1, Some(":1")), ("two", 2, None)]);
    assert_eq!(answer.invalid_parameters(), ["/a:3"]);
    let (_, code, message) = refusal(stage.ssm.get_parameter().name("/a:3").send().await);
    assert_eq!(code, "ParameterVersionNotFound");
    assert_eq!(
        message,
        "Systems Manager could not find version 3 of /a. Verify the version and try again."
    );
}

#[tokio::test(start_paused = true)]
async fn at_most_ten_names_in_the_order_of_their_names() {
    let stage = stage();
    for name in ["/b", "/a"] {
        put(&stage, name, "x", ParameterType::String).await;
    }
    let answer = stage.ssm.get_parameters().names("/b").names("/a").send().await.unwrap();
    let names: Vec<_> = answer
        .parameters()
        .iter()
        .map(|parameter| parameter.name().unwrap())
        .collect();
    assert_eq!(names, ["/a", "/b"]);
    let eleven = (0..11).map(|number| format!("/{number}")).collect();
    assert_eq!(
        code(stage.ssm.get_parameters().set_names(Some(eleven)).send().await),
        "ValidationException"
    );
    assert_eq!(
        code(stage.ssm.get_parameters().set_names(Some(Vec::new())).send().await),
        "ValidationException"
    );
}

#[tokio::test(start_paused = true)]
async fn a_parameter_is_only_overwritten_on_request() {
    let stage = stage();
    let put = || stage.ssm.put_parameter().name("/a").value("1");
    assert_eq!(
        refusal(put().send().await).2,
        "A parameter type is required when you create a parameter."
    );
    put().r#type(ParameterType::String).send().await.unwrap();
    let (status, code_of_second, message) = refusal(put().r#type(ParameterType::String).send().await);
    assert_eq!((status, code_of_second.as_str()), (400, "ParameterAlreadyExists"));
    assert!(message.starts_with("The parameter already exists."));
    seconds(2).await;
    assert_eq!(put().overwrite(true).send().await.unwrap().version, 2);
    assert_eq!(
        code(put().name("/aws/x").r#type(ParameterType::String).send().await),
        "AccessDeniedException"
    );
    assert_eq!(
        code(put().name("a b").r#type(ParameterType::String).send().await),
        "ValidationException"
    );
    seconds(2).await;
    let long = put()
        .name("/long")
        .r#type(ParameterType::String)
        .value("x".repeat(4_097))
        .send()
        .await;
    assert_eq!(code(long), "ValidationException");
    stage.ssm.delete_parameter().name("/a").send().await.unwrap();
    assert_eq!(
        code(stage.ssm.delete_parameter().name("/a").send().await),
        "ParameterNotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn parameters_are_described_without_their_values() {
    let stage = stage();
    let filter = |option: &str, value: &str| {
        ParameterStringFilter::builder()
            .key("Name")
            .option(option)
            .values(value)
            .build()
            .unwrap()
    };
    let describe = || stage.ssm.describe_parameters();
    let first = describe().max_results(3).send().await.unwrap();
    let rest = describe()
        .max_results(3)
        .next_token(first.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (first.parameters().len(), rest.parameters().len(), rest.next_token()),
        (3, 2, None)
    );
    let one = &first.parameters()[0];
    assert_eq!(
        (one.key_id(), one.tier().unwrap().as_str()),
        (Some("alias/aws/ssm"), "Standard")
    );
    seconds(2).await;
    let jvb = describe()
        .parameter_filters(filter("BeginsWith", "/jitsi-video-platform/jvb_"))
        .send()
        .await
        .unwrap();
    assert_eq!(jvb.parameters().len(), 2);
    assert_eq!(
        code(describe().parameter_filters(filter("Near", "x")).send().await),
        "InvalidFilterOption"
    );
    seconds(2).await;
    assert_eq!(code(describe().max_results(51).send().await), "ValidationException");
    assert_eq!(code(describe().next_token("nonsense").send().await), "InvalidNextToken");
}
