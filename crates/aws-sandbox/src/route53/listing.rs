//! ListResourceRecordSets.

use super::names::{normal, sort_key};
use super::records::Key;
use super::zones::page_size;
use super::{Output, invalid_input, zone};
use crate::wire::xml::{element, text};
use crate::wire::{ApiError, Caller, Request};
use crate::world::World;

/// The most sets in one answer.
const PAGE: usize = 300;

/// ListResourceRecordSets: by name from right to left, then by type and identifier; from the first that is not before what
/// is asked for.
pub(super) fn list(world: &mut World, caller: &Caller, id: &str, request: &Request) -> Result<Output, ApiError> {
    let query = request.query_parameters();
    let size = page_size(query.get("maxitems"), PAGE)?;
    let given = |name: &str| query.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let from = start(given("name"), given("type"), given("identifier"))?;
    let zone = zone(world, caller, id)?;
    let mut rest = zone.records().iter().skip_while(|record| record.key() < from);
    let shown: Vec<_> = rest.by_ref().take(size).map(super::RecordSet::view).collect();
    let next = rest.next();
    let mut output = vec![
        element("ResourceRecordSets", shown),
        text("IsTruncated", next.is_some()),
    ];
    if let Some(next) = next {
        output.extend([text("NextRecordName", &next.name), text("NextRecordType", &next.kind)]);
        output.extend(next.set_identifier.as_ref().map(|it| text("NextRecordIdentifier", it)));
    }
    output.push(text("MaxItems", size));
    Ok(output.into())
}

/// Where the listing begins.
fn start(name: Option<&str>, kind: Option<&str>, identifier: Option<&str>) -> Result<Key, ApiError> {
    let Some(name) = name else {
        return match kind.or(identifier) {
            Some(_) => Err(invalid_input(
                "The input is not valid: a type can only be given together with a name",
            )),
            None => Ok(Key::default()),
        };
    };
    if identifier.is_some() && kind.is_none() {
        let message = "The input is not valid: an identifier can only be given together with a name and a type";
        return Err(invalid_input(message));
    }
    let name = normal(name).map_err(invalid_input)?;
    let text = |given: Option<&str>| given.unwrap_or_default().to_owned();
    Ok((sort_key(&name), text(kind), text(identifier)))
}
