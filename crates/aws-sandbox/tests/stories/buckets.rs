//! S3: buckets, objects, conditional writes.

use aws_sandbox::Fault;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketLocationConstraint, ChecksumAlgorithm, ChecksumMode, CreateBucketConfiguration};

use crate::stage::{Stage, code, config, refusal, stage};

fn bucket(stage: &Stage) -> String {
    stage.spec.bucket_name()
}

fn put(stage: &Stage, key: &str, body: &str) -> aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder {
    stage
        .s3
        .put_object()
        .bucket(bucket(stage))
        .key(key)
        .body(ByteStream::from(body.as_bytes().to_vec()))
}

async fn text(stage: &Stage, key: &str) -> String {
    let got = stage
        .s3
        .get_object()
        .bucket(bucket(stage))
        .key(key)
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await;
    String::from_utf8(got.unwrap().body.collect().await.unwrap().to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn head_bucket_tells_by_its_status_and_always_names_the_region() {
    let stage = stage();
    let head = stage.s3.head_bucket().bucket(bucket(&stage)).send().await.unwrap();
    assert_eq!(head.bucket_region(), Some("us-west-2"));
    let status_and_region = async |access_key: &str, region: &str, name: &str| {
        let client = aws_sdk_s3::Client::new(&config(&stage.sandbox, access_key, region));
        let error = client.head_bucket().bucket(name).send().await.unwrap_err();
        let raw = error.raw_response().unwrap();
        let region = raw.headers().get("x-amz-bucket-region").map(str::to_owned);
        assert!(raw.body().bytes().unwrap().is_empty(), "a HEAD has no body");
        (raw.status().as_u16(), region)
    };
    let name = bucket(&stage);
    let here = Some("us-west-2".to_owned());
    assert_eq!(
        status_and_region("123456789012", "eu-west-1", &name).await,
        (301, here.clone())
    );
    assert_eq!(status_and_region("210987654321", "us-west-2", &name).await, (403, here));
    assert_eq!(
        status_and_region("123456789012", "us-west-2", "no-such-bucket").await,
        (404, None)
    );
}

#[tokio::test(start_paused = true)]
async fn objects_are_stored_with_etag_checksum_and_metadata() {
    let stage = stage();
    let written = put(&stage, "a/b", "hello")
        .metadata("owner", "me")
        .content_type("text/plain")
        .send()
        .await
        .unwrap();
    assert_eq!(written.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert_eq!(text(&stage, "a/b").await, "hello");
    let head = stage
        .s3
        .head_object()
        .bucket(bucket(&stage))
        .key("a/b")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.content_length(), head.content_type()),
        (Some(5), Some("text/plain"))
    );
    assert_eq!(head.metadata().unwrap()["owner"], "me");
    let part = stage
        .s3
        .get_object()
        .bucket(bucket(&stage))
        .key("a/b")
        .range("bytes=1-3")
        .send()
        .await
        .unwrap();
    assert_eq!(part.content_range(), Some("bytes 1-3/5"));
    assert_eq!(&part.body.collect().await.unwrap().to_vec()[..], b"ell");
    let missing = stage.s3.get_object().bucket(bucket(&stage)).key("none").send().await;
    assert_eq!(
        refusal(missing),
        (404, "NoSuchKey".into(), "The specified key does not exist.".into())
    );
    let nowhere = stage.s3.get_object().bucket("no-such-bucket").key("x").send().await;
    assert_eq!(refusal(nowhere).1, "NoSuchBucket");
}

#[tokio::test(start_paused = true)]
async fn checksums_are_verified() {
    let stage = stage();
    put(&stage, "good", "hello")
        .checksum_algorithm(ChecksumAlgorithm::Crc32)
        .send()
        .await
        .unwrap();
    put(&stage, "other", "hello")
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .send()
        .await
        .unwrap();
    assert_eq!(text(&stage, "other").await, "hello");
    let wrong = put(&stage, "bad", "hello").checksum_crc32("AAAAAA==").send().await;
    assert_eq!(refusal(wrong).1, "BadDigest");
}

#[tokio::test(start_paused = true)]
async fn a_lock_can_be_taken_renewed_and_released_by_conditions() {
    let stage = stage();
    let first = put(&stage, "lock", "mine")
        .if_none_match("*")
        .send()
        .await
        .unwrap()
        .e_tag
        .unwrap();
    let message = "At least one of the pre-conditions you specified did not hold";
    let taken = put(&stage, "lock", "yours").if_none_match("*").send().await;
    assert_eq!(refusal(taken), (412, "PreconditionFailed".into(), message.into()));
    let renewed = put(&stage, "lock", "mine 2")
        .if_match(&first)
        .send()
        .await
        .unwrap()
        .e_tag
        .unwrap();
    assert_eq!(
        code(put(&stage, "lock", "late").if_match(&first).send().await),
        "PreconditionFailed"
    );
    assert_eq!(
        code(put(&stage, "none", "x").if_match(&first).send().await),
        "NoSuchKey"
    );
    let release = |etag: &str| {
        stage
            .s3
            .delete_object()
            .bucket(bucket(&stage))
            .key("lock")
            .if_match(etag)
            .send()
    };
    assert_eq!(refusal(release(&first).await).0, 412);
    release(&renewed).await.unwrap();
    put(&stage, "lock", "next")
        .if_none_match("*")
        .send()
        .await
        .expect("it is free again");
    let conflict = Fault::on("PutObject").error(409, "ConditionalRequestConflict", "conflict");
    stage.sandbox.inject(conflict);
    assert_eq!(
        refusal(put(&stage, "lock", "x").if_match("*").send().await).0,
        409,
        "only on request"
    );
}

#[tokio::test(start_paused = true)]
async fn listings_have_prefixes_delimiters_and_pages() {
    let stage = stage();
    for key in ["a", "j/2026/01/x y+ü", "j/2026/02/y", "j/2027/z", "k"] {
        put(&stage, key, "1").send().await.unwrap();
    }
    let list = || stage.s3.list_objects_v2().bucket(bucket(&stage));
    let all = list().send().await.unwrap();
    let keys: Vec<_> = all.contents().iter().map(|object| object.key().unwrap()).collect();
    assert_eq!(keys, ["a", "j/2026/01/x y+ü", "j/2026/02/y", "j/2027/z", "k"]);
    let years = list().prefix("j/").delimiter("/").send().await.unwrap();
    let prefixes: Vec<_> = years
        .common_prefixes()
        .iter()
        .map(|prefix| prefix.prefix().unwrap())
        .collect();
    assert_eq!((prefixes, years.key_count()), (vec!["j/2026/", "j/2027/"], Some(2)));
    let page = list().max_keys(2).delimiter("/").send().await.unwrap();
    assert_eq!(
        (page.is_truncated(), page.contents().len(), page.common_prefixes().len()),
        (Some(true), 1, 1)
    );
    let rest = list()
        .max_keys(2)
        .delimiter("/")
        .continuation_token(page.next_continuation_token().unwrap());
    let rest = rest.send().await.unwrap();
    assert_eq!(
        (rest.is_truncated(), rest.contents()[0].key()),
        (Some(false), Some("k"))
    );
    let after = list().start_after("j/2026/02/y").send().await.unwrap();
    assert_eq!(after.contents().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn bucket_names_are_unique_over_all_accounts() {
    let stage = stage();
    let here = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::UsWest2)
        .build();
    let create = |name: &str| {
        stage
            .s3
            .create_bucket()
            .bucket(name)
            .create_bucket_configuration(here.clone())
            .send()
    };
    create("my-bucket").await.unwrap();
    assert_eq!(code(create("my-bucket").await), "BucketAlreadyOwnedByYou");
    assert_eq!(code(create("No").await), "InvalidBucketName");
    let plain = stage.s3.create_bucket().bucket("other-bucket").send().await;
    assert_eq!(code(plain), "IllegalLocationConstraintException");
    let stranger = aws_sdk_s3::Client::new(&config(&stage.sandbox, "210987654321", "us-west-2"));
    let taken = stranger
        .create_bucket()
        .bucket("my-bucket")
        .create_bucket_configuration(here.clone())
        .send()
        .await;
    assert_eq!(refusal(taken).1, "BucketAlreadyExists");
    assert!(stranger.list_buckets().send().await.unwrap().buckets().is_empty());
    assert_eq!(stage.s3.list_buckets().send().await.unwrap().buckets().len(), 2);
    put(&stage, "x", "1").send().await.unwrap();
    assert_eq!(
        code(stage.s3.delete_bucket().bucket(bucket(&stage)).send().await),
        "BucketNotEmpty"
    );
    stage.s3.delete_bucket().bucket("my-bucket").send().await.unwrap();
}
