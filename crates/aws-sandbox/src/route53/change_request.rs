//! The document of ChangeResourceRecordSets: its changes, as far as its form decides whether they are taken.

use super::invalid_input;
use super::names::normal;
use super::records::{NOT_HERE, POLICIES, RecordSet};
use super::values::TYPES;
use crate::wire::ApiError;
use crate::wire::document::Branch;

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Delete,
    Upsert,
}

impl Action {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Delete => "DELETE",
            Self::Upsert => "UPSERT",
        }
    }
}

/// One change; its names are as they were given.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) action: Action,
    pub(super) record: RecordSet,
}

/// The batch of a request.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) comment: Option<String>,
    pub(super) changes: Vec<Change>,
}

/// Reads a batch.
///
/// # Errors
/// `InvalidInput` where the document, or one of its changes, does not have the form that AWS asks for.
pub(super) fn read(body: &[u8]) -> Result<Batch, ApiError> {
    let document = Branch::of_document(body).filter(|it| it.name == "ChangeResourceRecordSetsRequest");
    let batch = document.as_ref().and_then(|document| document.child("ChangeBatch"));
    let batch =
        batch.ok_or_else(|| invalid_input("Invalid XML ; the document is no ChangeResourceRecordSetsRequest"))?;
    let changes: Result<Vec<Change>, ApiError> = batch.list("Changes").iter().map(change).collect();
    let changes = changes?;
    if changes.is_empty() {
        return Err(invalid_input("Invalid XML ; a batch must have at least one change"));
    }
    Ok(Batch {
        comment: batch.text("Comment").map(str::to_owned),
        changes,
    })
}

fn change(given: &Branch) -> Result<Change, ApiError> {
    let outside = |value: &str, values: &[&str]| {
        invalid_input(format!(
            "Invalid XML ; cvc-enumeration-valid: Value '{value}' is not facet-valid with respect to enumeration '[{}]'. \
             It must be a value from the enumeration.",
            values.join(", ")
        ))
    };
    let action = match given.text("Action").unwrap_or_default() {
        "CREATE" => Action::Create,
        "DELETE" => Action::Delete,
        "UPSERT" => Action::Upsert,
        other => return Err(outside(other, &["CREATE", "DELETE", "UPSERT"])),
    };
    let set = given.child("ResourceRecordSet");
    let set = set.ok_or_else(|| invalid_input("Invalid XML ; a change must have a ResourceRecordSet"))?;
    let record = RecordSet::of_request(set);
    if !TYPES.contains(&record.kind.as_str()) {
        return Err(outside(&record.kind, TYPES));
    }
    let here = format!(
        "in Change with [Action={}, Name={}, Type={}, SetIdentifier={}]",
        action.name(),
        record.name,
        record.kind,
        record.set_identifier.as_deref().unwrap_or("null")
    );
    if let Some(unknown) = NOT_HERE.iter().find(|name| set.child(name).is_some()) {
        return Err(invalid_input(format!(
            "Invalid request: {unknown} is not part of this sandbox, {here}"
        )));
    }
    if set.child("TTL").is_some() && record.ttl.is_none_or(|ttl| ttl > i32::MAX as u32) {
        return Err(invalid_input(format!(
            "Invalid request: TTL must be a number from 0 to 2147483647 {here}"
        )));
    }
    let (alias, ttl, values) = (record.alias.is_some(), record.ttl.is_some(), !record.values.is_empty());
    let wanted = "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]";
    if alias && (ttl || values) {
        return Err(invalid_input(format!(
            "Invalid request: {wanted}, but found more than one {here}"
        )));
    }
    if !(alias || ttl && values) {
        return Err(invalid_input(format!(
            "Invalid request: {wanted}, but found none {here}"
        )));
    }
    let policies = POLICIES
        .iter()
        .filter(|name| record.routing.contains_key(**name))
        .count();
    let problem = match (&record.set_identifier, policies) {
        (None, 0) | (Some(_), 1) => return Ok(Change { action, record }),
        (None, _) => "Missing field 'SetIdentifier'".to_owned(),
        (Some(_), 0) => format!("Missing field, expected exactly one of [{}],", POLICIES.join(", ")),
        (Some(_), _) => format!(
            "Expected exactly one of [{}], but found more than one",
            POLICIES.join(", ")
        ),
    };
    Err(invalid_input(format!("Invalid request: {problem} {here}")))
}

/// Action, name and type of every change of a request, as policies see them: names in lower case, with escapes, without a
/// dot at the end. Empty where the request is none.
pub(crate) fn changed(body: &[u8]) -> Vec<(&'static str, String, String)> {
    let batch = read(body).map(|batch| batch.changes).unwrap_or_default();
    let told = batch.into_iter().map(|Change { action, record }| {
        let name = normal(&record.name).unwrap_or(record.name);
        (action.name(), name.trim_end_matches('.').to_owned(), record.kind)
    });
    told.collect()
}
