//! Amazon S3: buckets, objects, conditional writes. No versions, no multipart uploads, no access control but this: a
//! bucket belongs to one account, and to others it is forbidden.

mod body;
mod buckets;
mod list;
mod objects;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Ms;
use crate::wire::xml::{element, text};
use crate::wire::{Answer, ApiError, Caller, Request, Route};
use crate::world::World;

/// A bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) region: String,
    pub(crate) created_at: Ms,
    objects: BTreeMap<String, Object>,
}

/// An object.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Object {
    #[serde(with = "crate::wire::body_as_text")]
    body: Vec<u8>,
    /// With its quotes.
    etag: String,
    modified_at: Ms,
    /// Headers that are kept: content type, user metadata and so on.
    headers: BTreeMap<String, String>,
    /// The name of the header and its value.
    checksum: Option<(String, String)>,
}

impl Bucket {
    pub(crate) fn new(region: &str, created_at: Ms) -> Self {
        Self {
            region: region.to_owned(),
            created_at,
            objects: BTreeMap::new(),
        }
    }

    /// Whether there is an object of this name.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.objects.contains_key(key)
    }
}

/// Carries out an operation.
pub(crate) fn handle(world: &mut World, caller: &Caller, route: &Route, request: &Request) -> Answer {
    let result = match route.operation.as_str() {
        "ListBuckets" => Ok(buckets::list(world, caller, request)),
        "CreateBucket" => buckets::create(world, caller, &route.bucket, &request.body),
        "HeadBucket" => buckets::head(world, caller, &route.bucket),
        "DeleteBucket" => buckets::delete(world, caller, &route.bucket),
        "ListObjectsV2" => list::list(world, caller, &route.bucket, request),
        "PutObject" => objects::put(world, caller, route, request),
        "GetObject" => objects::get(world, caller, route, request),
        "HeadObject" => objects::head(world, caller, route, request),
        "DeleteObject" => objects::delete(world, caller, route, request),
        _ => Err(ApiError::new(
            501,
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
        )),
    };
    let mut answer = match result {
        Ok(answer) => answer,
        Err(error) => failure(&error, route, &caller.request_id, request.method == "HEAD"),
    };
    answer
        .headers
        .push(("x-amz-request-id".to_owned(), caller.request_id.clone()));
    answer
        .headers
        .push(("x-amz-id-2".to_owned(), host_id(&caller.request_id)));
    answer
}

/// An error of S3. A HEAD has no body, and so no code.
pub(crate) fn failure(error: &ApiError, route: &Route, request_id: &str, head: bool) -> Answer {
    let mut parts = vec![text("Code", &error.code), text("Message", &error.message)];
    if !route.bucket.is_empty() {
        parts.push(text("BucketName", &route.bucket));
    }
    if !route.key.is_empty() {
        parts.push(text("Key", &route.key));
    }
    parts.extend([text("RequestId", request_id), text("HostId", host_id(request_id))]);
    let bare = head || error.status == 304;
    let body = if bare {
        Vec::new()
    } else {
        element("Error", parts).document()
    };
    let mut headers = error.headers.clone();
    headers.push(("Content-Type".to_owned(), "application/xml".to_owned()));
    Answer {
        status: error.status,
        headers,
        body,
        error: Some(error.code.clone()),
    }
}

fn host_id(request_id: &str) -> String {
    crate::world::hex_of(&["host", request_id])
}

/// A successful answer with a body of XML.
fn xml(document: Vec<u8>) -> Answer {
    let headers = vec![("Content-Type".to_owned(), "application/xml".to_owned())];
    Answer {
        status: 200,
        headers,
        body: document,
        error: None,
    }
}

/// A successful answer without a body.
fn empty(status: u16, headers: Vec<(String, String)>) -> Answer {
    Answer {
        status,
        headers,
        body: Vec::new(),
        error: None,
    }
}

/// The caller's bucket, when it is in the region of the request.
///
/// # Errors
/// `NoSuchBucket` 404, `AccessDenied` 403 of another account's, `PermanentRedirect` 301 of another region's; the last two
/// name the bucket's region in a header.
fn bucket_mut<'a>(world: &'a mut World, caller: &Caller, name: &str) -> Result<&'a mut Bucket, ApiError> {
    let found = world
        .accounts
        .iter()
        .find_map(|(account, it)| Some((account.clone(), it.buckets.get(name)?)));
    let Some((owner, bucket)) = found else {
        return Err(ApiError::new(
            404,
            "NoSuchBucket",
            "The specified bucket does not exist",
        ));
    };
    let region = bucket.region.clone();
    let refuse = |status, code: &str, message: &str| {
        Err(ApiError::new(status, code, message).with_header("x-amz-bucket-region", &region))
    };
    if owner != caller.place.account {
        return refuse(403, "AccessDenied", "Access Denied");
    }
    if region != caller.place.region {
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please \
                       send all future requests to this endpoint.";
        return refuse(301, "PermanentRedirect", message);
    }
    let bucket = world
        .accounts
        .get_mut(&owner)
        .and_then(|account| account.buckets.get_mut(name));
    bucket.ok_or_else(|| ApiError::new(404, "NoSuchBucket", "The specified bucket does not exist"))
}
