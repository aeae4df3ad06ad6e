//! Buckets.

use quick_xml::events::Event;

use super::{Bucket, bucket_mut, empty, xml};
use crate::clock::iso8601;
use crate::wire::xml::{element, text};
use crate::wire::{Answer, ApiError, Caller, Request, Service};
use crate::world::World;

/// ListBuckets: the caller's own, of all regions.
pub(super) fn list(world: &mut World, caller: &Caller, request: &Request) -> Answer {
    let query = request.query_parameters();
    let prefix = query.get("prefix").cloned().unwrap_or_default();
    let region = query.get("bucket-region").cloned();
    // S3 names regions only where the request has such a parameter.
    let parameters = ["prefix", "bucket-region", "max-buckets", "continuation-token"];
    let with_region = parameters.iter().any(|name| query.contains_key(*name));
    let buckets = &world.accounts.entry(caller.place.account.clone()).or_default().buckets;
    let listed = buckets
        .iter()
        .filter(|(name, bucket)| name.starts_with(&prefix) && region.as_ref().is_none_or(|it| *it == bucket.region));
    let list = listed.map(|(name, bucket)| {
        let mut parts = vec![text("Name", name), text("CreationDate", iso8601(bucket.created_at))];
        if with_region {
            parts.push(text("BucketRegion", &bucket.region));
        }
        element("Bucket", parts)
    });
    let owner = element(
        "Owner",
        [text("ID", crate::world::hex_of(&["owner", &caller.place.account]))],
    );
    let mut result = vec![owner, element("Buckets", list)];
    if !prefix.is_empty() {
        result.push(text("Prefix", &prefix));
    }
    let result = element("ListAllMyBucketsResult", result);
    xml(result.in_namespace(Service::S3.namespace()).document())
}

/// CreateBucket: names are unique over all accounts.
pub(super) fn create(world: &mut World, caller: &Caller, name: &str, body: &[u8]) -> Result<Answer, ApiError> {
    if !legal(name) {
        return Err(ApiError::new(
            400,
            "InvalidBucketName",
            "The specified bucket is not valid.",
        ));
    }
    let place = &caller.place;
    let wanted = location(body)?;
    let fits = match &wanted {
        None => place.region == "us-east-1",
        Some(region) => *region == place.region && region != "us-east-1",
    };
    if !fits {
        let message = format!(
            "The {} location constraint is incompatible for the region specific endpoint this request was sent to.",
            wanted.as_deref().unwrap_or("unspecified")
        );
        return Err(ApiError::new(400, "IllegalLocationConstraintException", message));
    }
    let owner = world
        .accounts
        .iter()
        .find(|(_, account)| account.buckets.contains_key(name));
    match owner.map(|(account, _)| *account == place.account) {
        None => {}
        // The oldest region answers a repeated creation with success.
        Some(true) if place.region == "us-east-1" => return Ok(created(name, &place.region)),
        Some(true) => {
            let message = "Your previous request to create the named bucket succeeded and you already own it.";
            return Err(ApiError::new(409, "BucketAlreadyOwnedByYou", message));
        }
        Some(false) => {
            let message = "The requested bucket name is not available. The bucket namespace is shared by all users of \
                           the system. Please select a different name and try again.";
            return Err(ApiError::new(409, "BucketAlreadyExists", message));
        }
    }
    let account = world.accounts.entry(place.account.clone()).or_default();
    account
        .buckets
        .insert(name.to_owned(), Bucket::new(&place.region, caller.now));
    Ok(created(name, &place.region))
}

/// Where the bucket is: by its own host, but in the oldest region by its path.
fn created(name: &str, region: &str) -> Answer {
    let location = if region == "us-east-1" {
        format!("/{name}")
    } else {
        format!("http://{name}.s3.amazonaws.com/")
    };
    empty(200, vec![("Location".to_owned(), location)])
}

fn legal(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    let end = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.bytes().all(legal)
        && end(name.bytes().next())
        && end(name.bytes().last())
        && !name.contains("..")
}

/// The LocationConstraint of a CreateBucketConfiguration.
fn location(body: &[u8]) -> Result<Option<String>, ApiError> {
    let malformed = || {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        ApiError::new(400, "MalformedXML", message)
    };
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(body).map_err(|_| malformed())?);
    let mut inside = false;
    let mut found = None;
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Event::Start(start) => inside = start.local_name().as_ref() == "LocationConstraint",
            Event::Text(value) if inside => {
                let value = value.trim().to_owned();
                found = Some(value).filter(|value| !value.is_empty());
            }
            Event::End(_) => inside = false,
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// HeadBucket: always names the bucket's region, and never has a body.
pub(super) fn head(world: &mut World, caller: &Caller, name: &str) -> Result<Answer, ApiError> {
    let bucket = bucket_mut(world, caller, name)?;
    Ok(empty(
        200,
        vec![
            ("x-amz-bucket-region".to_owned(), bucket.region.clone()),
            ("x-amz-access-point-alias".to_owned(), "false".to_owned()),
        ],
    ))
}

/// DeleteBucket: only an empty one.
pub(super) fn delete(world: &mut World, caller: &Caller, name: &str) -> Result<Answer, ApiError> {
    if !bucket_mut(world, caller, name)?.objects.is_empty() {
        return Err(ApiError::new(
            409,
            "BucketNotEmpty",
            "The bucket you tried to delete is not empty",
        ));
    }
    if let Some(account) = world.accounts.get_mut(&caller.place.account) {
        account.buckets.remove(name);
    }
    Ok(empty(204, Vec::new()))
}
