//! Small objects in the platform's bucket: conditional writes, reads, deletions, listings.
//!
//! S3 is strongly consistent: a read that begins after a write was answered shows it. A write whose answer was lost may
//! have taken effect, and the SDK tries again by itself: a 412 can be the echo of one's own write.

use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;

use crate::access::Aws;
use crate::failure::{AwsFailure, Call, FailureKind};
use crate::from_aws;
use crate::problem::{Problem, ProblemKind};

/// More than any object of ours has, in bytes. What is larger is somebody else's, and is not read.
const LARGEST: i64 = 1024 * 1024;

/// When an object may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition<'a> {
    /// Always.
    Always,
    /// Only where there is none: `If-None-Match: *`.
    Absent,
    /// Only over the object with this ETag: `If-Match`.
    Unchanged(&'a str),
}

/// An object as it was read.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// With its quotes. It differs for different content.
    pub(crate) etag: String,
    /// Its content; empty where it is too large to be one of ours.
    pub(crate) body: Vec<u8>,
    /// When it was written last, by S3's clock.
    pub(crate) modified: Option<Timestamp>,
}

/// PutObject. Gives the new ETag.
pub(crate) async fn put(
    aws: &Aws,
    bucket: &str,
    key: &str,
    body: Vec<u8>,
    condition: Condition<'_>,
) -> Result<String, AwsFailure> {
    let call = Call::new("S3", "PutObject", format!("{bucket}/{key}"));
    let request = aws
        .s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .content_type("application/json")
        .body(ByteStream::from(body));
    let request = match condition {
        Condition::Always => request,
        Condition::Absent => request.if_none_match("*"),
        Condition::Unchanged(etag) => request.if_match(etag),
    };
    match request.send().await {
        Ok(answer) => answer.e_tag.ok_or_else(|| AwsFailure::malformed(call, "ETag")),
        Err(error) => Err(AwsFailure::of(call, &error)),
    }
}

/// GetObject; `None` where there is no such object.
pub(crate) async fn get(aws: &Aws, bucket: &str, key: &str) -> Result<Option<Object>, AwsFailure> {
    let call = Call::new("S3", "GetObject", format!("{bucket}/{key}"));
    let answer = match aws.s3.get_object().bucket(bucket).key(key).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let failure = AwsFailure::of(call, &error);
            return if is_gone(&failure) { Ok(None) } else { Err(failure) };
        }
    };
    let Some(etag) = answer.e_tag else {
        return Err(AwsFailure::malformed(call, "ETag"));
    };
    let modified = from_aws::time(answer.last_modified.as_ref());
    if answer.content_length.is_some_and(|length| length > LARGEST) {
        let body = Vec::new();
        return Ok(Some(Object { etag, body, modified }));
    }
    match answer.body.collect().await {
        Ok(body) => Ok(Some(Object {
            etag,
            body: body.to_vec(),
            modified,
        })),
        Err(_) => Err(AwsFailure::malformed(call, "complete body")),
    }
}

/// DeleteObject, only with the ETag where one is given. Without one, what does not exist is deleted successfully.
pub(crate) async fn delete(aws: &Aws, bucket: &str, key: &str, etag: Option<&str>) -> Result<(), AwsFailure> {
    let call = Call::new("S3", "DeleteObject", format!("{bucket}/{key}"));
    let request = aws.s3.delete_object().bucket(bucket).key(key);
    match request.set_if_match(etag.map(str::to_owned)).send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(AwsFailure::of(call, &error)),
    }
}

/// ListObjectsV2, all pages: the keys that begin with `prefix`, in their order; with `after` those behind that key.
pub(crate) async fn list(
    aws: &Aws,
    bucket: &str,
    prefix: &str,
    after: Option<&str>,
) -> Result<Vec<String>, AwsFailure> {
    let call = Call::new("S3", "ListObjectsV2", format!("{bucket}/{prefix}"));
    let mut pages = aws
        .s3
        .list_objects_v2()
        .bucket(bucket)
        .prefix(prefix)
        .set_start_after(after.map(str::to_owned))
        .into_paginator()
        .send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsFailure::of(call.clone(), &error))?;
        keys.extend(
            page.contents()
                .iter()
                .filter_map(|object| object.key())
                .map(str::to_owned),
        );
    }
    Ok(keys)
}

/// Whether the object, and not the bucket, is not there.
pub(crate) fn is_gone(failure: &AwsFailure) -> bool {
    failure.status == Some(404) && !failure.is("NoSuchBucket")
}

/// Whether the condition of a write did not hold. It may be that it held for an earlier attempt of the same call.
pub(crate) fn is_unmet(failure: &AwsFailure) -> bool {
    failure.status == Some(412)
}

/// Whether another conditional write was in progress; the same call will do later (`ConditionalRequestConflict`).
pub(crate) fn is_conflict(failure: &AwsFailure) -> bool {
    failure.status == Some(409)
}

/// What a failed call makes of a run that wanted the bucket for its `purpose` (`lock`, `journal`): what is wrong with
/// the configuration or the permissions is told as that.
pub(crate) fn problem(aws: &Aws, bucket: &str, purpose: &str, failure: &AwsFailure) -> Problem {
    let mut problem = Problem::from_failure(failure, &aws.advice);
    let elsewhere = failure.status == Some(301);
    if failure.kind == FailureKind::Denied {
        problem.kind = ProblemKind::Usage;
        problem.what = format!("this identity may not keep the {purpose} in bucket `{bucket}`");
        problem.why.insert(0, failure.to_string());
        problem = problem.hint(format!(
            "the {purpose} needs `s3:PutObject`, `s3:GetObject` and `s3:DeleteObject` on the objects of `{bucket}` and `s3:ListBucket` on the bucket itself (without that S3 also denies to say that an object does not exist)"
        ));
    } else if failure.is("NoSuchBucket") || elsewhere {
        let state = if elsewhere {
            "is in another region"
        } else {
            "does not exist"
        };
        problem.kind = ProblemKind::Usage;
        problem.what = format!("bucket `{bucket}`, where the {purpose} is kept, {state}");
        problem.why.insert(0, failure.to_string());
        problem = problem.hint("name the platform's own bucket with `bucket` in the configuration");
    } else {
        problem.what = format!("the {purpose} in bucket `{bucket}` cannot be reached");
        problem.why.insert(0, failure.to_string());
    }
    problem
}
