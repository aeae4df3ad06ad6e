//! ListObjectsV2.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{bucket_mut, xml};
use crate::clock::iso8601;
use crate::wire::json::{token_key, token_of};
use crate::wire::xml::{Element, element, text};
use crate::wire::{Answer, ApiError, Caller, Request, Service};
use crate::world::World;

/// What stays as it is in keys that are encoded on request.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'*')
    .remove(b'/');

/// One line of the listing.
enum Entry<'a> {
    Object(&'a str, &'a super::Object),
    Prefix(String),
}

/// ListObjectsV2: a thousand a page; what has the delimiter after the prefix is rolled up.
pub(super) fn list(world: &mut World, caller: &Caller, name: &str, request: &Request) -> Result<Answer, ApiError> {
    let query = request.query_parameters();
    let given = |parameter: &str| query.get(parameter).map_or("", String::as_str);
    let (prefix, delimiter) = (given("prefix"), given("delimiter"));
    let size = match given("max-keys") {
        "" => 1_000,
        given => {
            let invalid = || {
                ApiError::new(
                    400,
                    "InvalidArgument",
                    "Provided max-keys not an integer or within integer range",
                )
            };
            given.parse::<usize>().map_err(|_| invalid())?.min(1_000)
        }
    };
    let token = given("continuation-token");
    let after = if token.is_empty() {
        given("start-after").to_owned()
    } else {
        let invalid = || ApiError::new(400, "InvalidArgument", "The continuation token provided is incorrect");
        token_key(token).ok_or_else(invalid)?
    };
    let encoding = given("encoding-type");
    let encode = |key: &str| match encoding {
        "url" => utf8_percent_encode(key, ENCODED).to_string(),
        _ => key.to_owned(),
    };
    let bucket = bucket_mut(world, caller, name)?;
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut last = String::new();
    let mut truncated = false;
    for (key, object) in bucket
        .objects
        .range(after.clone()..)
        .filter(|(key, _)| key.starts_with(prefix))
    {
        if *key == after {
            continue;
        }
        let rest = &key[prefix.len()..];
        let rolled = (!delimiter.is_empty()).then(|| rest.find(delimiter)).flatten();
        let rolled = rolled.map(|at| format!("{prefix}{}", &rest[..at + delimiter.len()]));
        if let Some(rolled) = rolled {
            let seen = matches!(entries.last(), Some(Entry::Prefix(earlier)) if *earlier == rolled);
            if seen || (!after.is_empty() && after.starts_with(&rolled)) {
                if seen {
                    last.clone_from(key);
                }
                continue;
            }
            if entries.len() == size {
                truncated = size > 0;
                break;
            }
            entries.push(Entry::Prefix(rolled));
        } else {
            if entries.len() == size {
                truncated = size > 0;
                break;
            }
            entries.push(Entry::Object(key, object));
        }
        last.clone_from(key);
    }
    let mut result = vec![
        text("Name", name),
        text("Prefix", encode(prefix)),
        text("KeyCount", entries.len()),
        text("MaxKeys", size),
        text("IsTruncated", truncated),
    ];
    let optional = [("Delimiter", encode(delimiter)), ("EncodingType", encoding.to_owned())];
    result.extend(
        optional
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| text(name, value)),
    );
    if !token.is_empty() {
        result.push(text("ContinuationToken", token));
    }
    if !given("start-after").is_empty() {
        result.push(text("StartAfter", encode(given("start-after"))));
    }
    if truncated {
        result.push(text("NextContinuationToken", token_of(&last)));
    }
    result.extend(entries.iter().map(|entry| view(entry, &encode)));
    Ok(xml(element("ListBucketResult", result)
        .in_namespace(Service::S3.namespace())
        .document()))
}

fn view(entry: &Entry<'_>, encode: &impl Fn(&str) -> String) -> Element {
    match entry {
        Entry::Prefix(prefix) => element("CommonPrefixes", [text("Prefix", encode(prefix))]),
        Entry::Object(key, object) => {
            let mut parts = vec![
                text("Key", encode(key)),
                text("LastModified", iso8601(object.modified_at)),
                text("ETag", &object.etag),
            ];
            if let Some((header, _)) = &object.checksum {
                let algorithm = header.trim_start_matches("x-amz-checksum-").to_uppercase();
                parts.extend([
                    text("ChecksumAlgorithm", algorithm),
                    text("ChecksumType", "FULL_OBJECT"),
                ]);
            }
            parts.extend([text("Size", object.body.len()), text("StorageClass", "STANDARD")]);
            element("Contents", parts)
        }
    }
}
