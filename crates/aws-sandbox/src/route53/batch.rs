//! ChangeResourceRecordSets: all changes of a batch, or none. Each is held against what the earlier ones have made of the
//! zone, and everything that is wrong is told at once.

use super::alias::Targets;
use super::change_request::{Action, Change, read};
use super::names::{normal, within};
use super::records::RecordSet;
use super::{HostedZone, Output, accept_change, values, zone};
use crate::wire::{ApiError, Caller, Request};
use crate::world::World;

/// The most resource records in a batch, and the most characters in their values; UPSERT counts twice. An alias counts as
/// a record.
const RECORDS: usize = 1_000;
const CHARACTERS: usize = 32_000;
/// The most record sets of a zone, and the most records of a set.
const SETS_OF_ZONE: usize = 10_000;
const RECORDS_OF_SET: usize = 400;

/// ChangeResourceRecordSets.
pub(super) fn change(world: &mut World, caller: &Caller, id: &str, request: &Request) -> Result<Output, ApiError> {
    let batch = read(&request.body)?;
    let targets = Targets::of(world);
    let processing = world.profile.dns_batch;
    let zone = zone(world, caller, id)?;
    if caller.now < zone.busy_until {
        let message = "The request was rejected because Route 53 was still processing a prior request.";
        return Err(ApiError::client("PriorRequestNotComplete", message));
    }
    check_size(&batch.changes)?;
    let mut changed = zone.clone();
    let mut problems: Vec<String> = Vec::new();
    for change in batch.changes {
        if let Err(more) = apply(&mut changed, &targets, change) {
            problems.extend(more);
        }
    }
    problems.extend(lacking(&changed));
    if !problems.is_empty() {
        return Err(invalid_batch(&format!("[{}]", problems.join(", "))));
    }
    changed.busy_until = caller.now + processing;
    changed.note(zone.records(), Some(&caller.access_key), caller.call, caller.now);
    *zone = changed;
    Ok(vec![accept_change(world, caller, batch.comment)].into())
}

fn invalid_batch(message: &str) -> ApiError {
    ApiError::client("InvalidChangeBatch", message)
}

fn check_size(changes: &[Change]) -> Result<(), ApiError> {
    let weight = |change: &Change| if change.action == Action::Upsert { 2 } else { 1 };
    let sum = |count: fn(&RecordSet) -> usize| -> usize {
        changes
            .iter()
            .map(|change| weight(change) * count(&change.record))
            .sum()
    };
    if sum(|record| record.values.len().max(1)) > RECORDS {
        return Err(invalid_batch(&format!(
            "Number of records limit of {RECORDS} exceeded."
        )));
    }
    if sum(|record| record.values.iter().map(|value| value.chars().count()).sum()) > CHARACTERS {
        return Err(invalid_batch(&format!(
            "Number of characters limit of {CHARACTERS} exceeded."
        )));
    }
    Ok(())
}

/// Carries one change out, or says why not.
fn apply(zone: &mut HostedZone, targets: &Targets, change: Change) -> Result<(), Vec<String>> {
    let Change { action, mut record } = change;
    record.name = normal(&record.name).map_err(|problem| vec![problem])?;
    if let Some(alias) = &mut record.alias {
        alias.dns_name = normal(&alias.dns_name).map_err(|problem| vec![problem])?;
    }
    if !within(&record.name, &zone.name) {
        let problem = format!(
            "RRSet with DNS name {} is not permitted in zone {}",
            record.name, zone.name
        );
        return Err(vec![problem]);
    }
    let there = zone.records().iter().find(|it| it.key() == record.key());
    if action == Action::Delete {
        let problem = match there {
            Some(there) if there.same_as(&record) => {
                zone.remove(&record);
                return Ok(());
            }
            Some(_) => "but the values provided do not match the current values",
            None => "but it was not found",
        };
        return Err(vec![format!(
            "Tried to delete resource record set {} {problem}",
            named(&record)
        )]);
    }
    if action == Action::Create && there.is_some() {
        let problem = format!(
            "Tried to create resource record set {} but it already exists",
            named(&record)
        );
        return Err(vec![problem]);
    }
    let mut problems = conflicts(zone, &record);
    problems.extend(values::problems(&record.kind, &record.values));
    if record.values.len() > RECORDS_OF_SET {
        problems.push(format!("Number of records limit of {RECORDS_OF_SET} exceeded."));
    }
    if there.is_none() && zone.records().len() >= SETS_OF_ZONE {
        problems.push(format!("Number of record sets limit of {SETS_OF_ZONE} exceeded."));
    }
    if let Some(alias) = &record.alias {
        if matches!(record.kind.as_str(), "NS" | "SOA") {
            problems.push(format!("Alias of type {} is not permitted", record.kind));
        }
        problems.extend(targets.problems(zone, &record.kind, alias));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    zone.put(record);
    Ok(())
}

/// A set as messages name it.
fn named(record: &RecordSet) -> String {
    let identifier = record
        .set_identifier
        .as_ref()
        .map(|it| format!(", set identifier='{it}'"))
        .unwrap_or_default();
    format!("[name='{}', type='{}'{identifier}]", record.name, record.kind)
}

/// Which sets of the zone cannot stand beside a new one.
fn conflicts(zone: &HostedZone, new: &RecordSet) -> Vec<String> {
    let (name, kind, of_zone) = (&new.name, &new.kind, &zone.name);
    if kind == "CNAME" && name == of_zone {
        let problem = format!("RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {of_zone}");
        return vec![problem];
    }
    let beside = || zone.records().iter().filter(|it| it.name == *name);
    let mut problems = Vec::new();
    if kind == "CNAME" && beside().any(|it| it.kind != "CNAME") {
        problems.push(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with the same \
             DNS name in zone {of_zone}"
        ));
    }
    if kind != "CNAME" && beside().any(|it| it.kind == "CNAME") {
        problems.push(format!(
            "RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME with \
             the same DNS name already exists in zone {of_zone}"
        ));
    }
    let simple = new.set_identifier.is_none();
    if beside().any(|it| it.kind == *kind && it.set_identifier.is_none() != simple) {
        problems.push(format!(
            "RRSet with DNS name {name}, type {kind} cannot be created as other RRSets exist with the same name and type."
        ));
    }
    if kind == "SOA" && name != of_zone {
        problems.push(format!(
            "RRSet of type SOA with DNS name {name} is only permitted at apex in zone {of_zone}"
        ));
    }
    problems
}

/// What every zone must have at its top.
fn lacking(zone: &HostedZone) -> Vec<String> {
    let has = |kind: &str| zone.records().iter().any(|it| it.kind == kind && it.name == zone.name);
    let mut problems = Vec::new();
    if !has("NS") {
        problems.push("A HostedZone must contain at least one NS record for the zone itself.".to_owned());
    }
    if !has("SOA") {
        problems.push("A HostedZone must contain exactly one SOA record.".to_owned());
    }
    problems
}
