//! Objects, with conditional writes.

use super::body::{checksum, decode, etag};
use super::{Object, bucket_mut, empty};
use crate::clock::{http_date, timestamp};
use crate::wire::{Answer, ApiError, Caller, Request, Route};
use crate::world::World;

/// Headers that are kept with an object.
const KEPT: &[&str] = &[
    "content-type",
    "content-encoding",
    "content-disposition",
    "content-language",
    "cache-control",
    "expires",
];

fn precondition_failed() -> ApiError {
    ApiError::new(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    )
}

fn no_such_key() -> ApiError {
    ApiError::new(404, "NoSuchKey", "The specified key does not exist.")
}

/// Whether an `If-Match` header accepts an ETag; quotes may be missing, as S3 allows.
fn matches(header: &str, etag: &str) -> bool {
    header == "*" || header.trim_matches('"') == etag.trim_matches('"')
}

/// PutObject: `If-None-Match: *` writes only a new object, `If-Match` only over the named one.
pub(super) fn put(world: &mut World, caller: &Caller, route: &Route, request: &Request) -> Result<Answer, ApiError> {
    let bucket = bucket_mut(world, caller, &route.bucket)?;
    if route.key.len() > 1_024 {
        return Err(ApiError::new(400, "KeyTooLongError", "Your key is too long"));
    }
    let upload = decode(request)?;
    let checksum = checksum(request, &upload)?;
    let existing = bucket.objects.get(&route.key);
    match request.header("if-none-match") {
        "" => {}
        "*" if existing.is_none() => {}
        "*" => return Err(precondition_failed()),
        _ => {
            let message = "A header you provided implies functionality that is not implemented";
            return Err(ApiError::new(501, "NotImplemented", message));
        }
    }
    let if_match = request.header("if-match");
    if !if_match.is_empty() {
        let existing = existing.ok_or_else(no_such_key)?;
        if !matches(if_match, &existing.etag) {
            return Err(precondition_failed());
        }
    }
    let kept = request
        .headers
        .iter()
        .filter(|(name, _)| KEPT.contains(&name.as_str()) || name.starts_with("x-amz-meta-"));
    let mut headers: std::collections::BTreeMap<String, String> =
        kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    strip_chunked(&mut headers);
    let etag = etag(&upload.content);
    let mut answer = vec![("ETag".to_owned(), etag.clone())];
    answer.extend(checksum.clone());
    if checksum.is_some() {
        answer.push(("x-amz-checksum-type".to_owned(), "FULL_OBJECT".to_owned()));
    }
    answer.push(("x-amz-server-side-encryption".to_owned(), "AES256".to_owned()));
    let object = Object {
        body: upload.content,
        etag,
        modified_at: caller.now,
        headers,
        checksum,
    };
    bucket.objects.insert(route.key.clone(), object);
    Ok(empty(200, answer))
}

/// `aws-chunked` is an encoding of the transfer, not of the object.
fn strip_chunked(headers: &mut std::collections::BTreeMap<String, String>) {
    let Some(encoding) = headers.remove("content-encoding") else {
        return;
    };
    let rest: Vec<&str> = encoding
        .split(',')
        .map(str::trim)
        .filter(|part| *part != "aws-chunked")
        .collect();
    if !rest.is_empty() {
        headers.insert("content-encoding".to_owned(), rest.join(","));
    }
}

/// GetObject, also of a range.
pub(super) fn get(world: &mut World, caller: &Caller, route: &Route, request: &Request) -> Result<Answer, ApiError> {
    let object = readable(world, caller, route, request)?;
    let mut headers = headers_of(&object, request);
    let size = object.body.len();
    let Some((from, to)) = range(request.header("range"), size)? else {
        return Ok(Answer {
            status: 200,
            headers,
            body: object.body,
            error: None,
        });
    };
    headers.retain(|(name, _)| !name.starts_with("x-amz-checksum-"));
    headers.push(("Content-Range".to_owned(), format!("bytes {from}-{to}/{size}")));
    Ok(Answer {
        status: 206,
        headers,
        body: object.body[from..=to].to_vec(),
        error: None,
    })
}

/// HeadObject: what GetObject would answer, without the body.
pub(super) fn head(world: &mut World, caller: &Caller, route: &Route, request: &Request) -> Result<Answer, ApiError> {
    let object = readable(world, caller, route, request)?;
    let mut headers = headers_of(&object, request);
    headers.push(("Content-Length".to_owned(), object.body.len().to_string()));
    Ok(empty(200, headers))
}

/// The object, if the conditions of the request allow it to be read.
fn readable(world: &mut World, caller: &Caller, route: &Route, request: &Request) -> Result<Object, ApiError> {
    let object = bucket_mut(world, caller, &route.bucket)?
        .objects
        .get(&route.key)
        .ok_or_else(no_such_key)?;
    let (if_match, if_none_match) = (request.header("if-match"), request.header("if-none-match"));
    if !if_match.is_empty() && !matches(if_match, &object.etag) {
        return Err(precondition_failed());
    }
    if !if_none_match.is_empty() && matches(if_none_match, &object.etag) {
        return Err(ApiError::new(304, "NotModified", "Not Modified").with_header("ETag", &object.etag));
    }
    Ok(object.clone())
}

fn headers_of(object: &Object, request: &Request) -> Vec<(String, String)> {
    let mut headers = vec![
        ("ETag".to_owned(), object.etag.clone()),
        ("Last-Modified".to_owned(), http_date(timestamp(object.modified_at))),
        ("Accept-Ranges".to_owned(), "bytes".to_owned()),
        ("x-amz-server-side-encryption".to_owned(), "AES256".to_owned()),
    ];
    headers.extend(object.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    if !object.headers.contains_key("content-type") {
        headers.push(("Content-Type".to_owned(), "binary/octet-stream".to_owned()));
    }
    if request.header("x-amz-checksum-mode").eq_ignore_ascii_case("enabled") {
        headers.extend(object.checksum.clone());
        if object.checksum.is_some() {
            headers.push(("x-amz-checksum-type".to_owned(), "FULL_OBJECT".to_owned()));
        }
    }
    headers
}

/// First and last byte of `bytes=0-9`, `bytes=10-` or `bytes=-5`; `None` where no range, or none of these, is asked for.
fn range(header: &str, size: usize) -> Result<Option<(usize, usize)>, ApiError> {
    let Some((first, last)) = header.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return Ok(None);
    };
    let bounds = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) if first <= last => (first, last.min(size.saturating_sub(1))),
        (Ok(first), Err(_)) if last.is_empty() => (first, size.saturating_sub(1)),
        (Err(_), Ok(count)) if first.is_empty() => (size.saturating_sub(count), size.saturating_sub(1)),
        _ => return Ok(None),
    };
    if bounds.0 >= size {
        return Err(ApiError::new(
            416,
            "InvalidRange",
            "The requested range is not satisfiable",
        ));
    }
    Ok(Some(bounds))
}

/// DeleteObject: what does not exist is deleted successfully, unless `If-Match` names it.
pub(super) fn delete(world: &mut World, caller: &Caller, route: &Route, request: &Request) -> Result<Answer, ApiError> {
    let bucket = bucket_mut(world, caller, &route.bucket)?;
    let if_match = request.header("if-match");
    if !if_match.is_empty()
        && !bucket
            .objects
            .get(&route.key)
            .is_some_and(|object| matches(if_match, &object.etag))
    {
        return Err(precondition_failed());
    }
    bucket.objects.remove(&route.key);
    Ok(empty(204, Vec::new()))
}
