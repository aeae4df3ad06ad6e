//! Parts of requests and answers that several operations of ELBv2 share.

use super::names::configuration;
use crate::tags::{TagFault, Tags};
use crate::wire::ApiError;
use crate::wire::query::{Parameters, validation};
use crate::wire::xml::{Element, members, text};

/// The tags of a creation.
///
/// # Errors
/// `TooManyTags`, `DuplicateTagKeys`, `ValidationError`.
pub(super) fn tags(input: &Parameters) -> Result<Tags, ApiError> {
    Tags::new(given_tags(input)).map_err(tag_fault)
}

pub(super) fn given_tags(input: &Parameters) -> Vec<(String, String)> {
    let pair = |tag: &Parameters| {
        let part = |name: &str| tag.text(name).unwrap_or_default().to_owned();
        (part("Key"), part("Value"))
    };
    input.structures("Tags").iter().map(pair).collect()
}

/// The answer to tags that are refused.
pub(super) fn tag_fault(fault: TagFault) -> ApiError {
    match fault {
        TagFault::DuplicateKey(key) => {
            ApiError::client("DuplicateTagKeys", format!("Tag keys cannot be duplicated: '{key}'"))
        }
        TagFault::TooMany => ApiError::client(
            "TooManyTags",
            "The quota for the number of tags on this resource has been reached",
        ),
        TagFault::Illegal(key) => validation(format!("The tag key '{key}' is not valid")),
    }
}

pub(super) fn tag_members(tags: &Tags) -> Element {
    members(
        "Tags",
        tags.iter()
            .map(|(key, value)| vec![text("Key", key), text("Value", value)]),
    )
}

/// One page of a listing, and the marker of the next. The marker is opaque to callers; here it is a position.
///
/// # Errors
/// `ValidationError` for a page size out of range or a marker that is not one of ours.
pub(super) fn page<T>(input: &Parameters, items: Vec<T>) -> Result<(Vec<T>, Option<Element>), ApiError> {
    let size = input.number("PageSize", 1..=400)?.unwrap_or(400) as usize;
    let start = match input.text("Marker") {
        None => 0,
        Some(marker) => {
            let position = crate::wire::json::token_key(marker).and_then(|position| position.parse().ok());
            position.ok_or_else(|| validation(format!("Invalid marker '{marker}'")))?
        }
    };
    let more = items.len() > start + size;
    let marker = more.then(|| text("NextMarker", crate::wire::json::token_of(&(start + size).to_string())));
    Ok((items.into_iter().skip(start).take(size).collect(), marker))
}

/// At most twenty names or ARNs may be asked for at once.
pub(super) fn check_count(what: &str, count: usize) -> Result<(), ApiError> {
    if count > 20 {
        return Err(validation(format!("The number of {what} cannot exceed 20")));
    }
    Ok(())
}

/// A value out of a list.
///
/// # Errors
/// `ValidationError`.
pub(super) fn one_of<'a>(input: &'a Parameters, name: &str, allowed: &[&str]) -> Result<Option<&'a str>, ApiError> {
    match input.text(name) {
        Some(given) if !allowed.contains(&given) => {
            let message = format!("{name} '{given}' must be one of '{}'", allowed.join(", "));
            Err(validation(message))
        }
        given => Ok(given),
    }
}

/// `A B` of `key` and `value`, as attributes are written.
pub(super) fn attribute_members<'a>(attributes: impl Iterator<Item = (&'a str, &'a str)>) -> Element {
    members(
        "Attributes",
        attributes.map(|(key, value)| vec![text("Key", key), text("Value", value)]),
    )
}

/// The attributes of a request.
///
/// # Errors
/// `ValidationError` where none is given, `InvalidConfigurationRequest` where there are too many.
pub(super) fn given_attributes(input: &Parameters) -> Result<Vec<(String, String)>, ApiError> {
    let part = |attribute: &Parameters, name: &str| attribute.text(name).unwrap_or_default().to_owned();
    let given = input.structures("Attributes");
    let attributes: Vec<_> = given.iter().map(|it| (part(it, "Key"), part(it, "Value"))).collect();
    match attributes.len() {
        0 => Err(validation("At least one attribute must be specified")),
        1..=20 => Ok(attributes),
        _ => Err(configuration("No more than 20 attributes can be modified at once")),
    }
}
