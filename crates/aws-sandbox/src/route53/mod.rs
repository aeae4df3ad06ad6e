//! Amazon Route 53: public hosted zones with their records, and changes that take a while to reach every name server.
//!
//! Zones belong to an account and to no region. No name server answers here: what a name leads to is asked of the world.
//! Records of the types that are chosen among several are kept, but nothing chooses among them.

mod alias;
mod batch;
mod change_request;
mod changes;
mod listing;
mod names;
mod records;
mod values;
mod zones;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::{Ms, iso8601};
use crate::wire::xml::{Element, element, text};
use crate::wire::{Answer, ApiError, Caller, Request, Route, Service, query};
use crate::world::World;

pub(crate) use change_request::changed;
pub use changes::RecordChange;
pub use records::{AliasTarget, RecordSet};

/// What Route 53 keeps for an account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Route53 {
    /// By id.
    pub(crate) zones: BTreeMap<String, HostedZone>,
    /// By id.
    changes: BTreeMap<String, Change>,
}

/// A public hosted zone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct HostedZone {
    id: String,
    /// In Route 53's form.
    name: String,
    caller_reference: String,
    comment: Option<String>,
    name_servers: Vec<String>,
    /// In the order in which they are listed.
    records: Vec<RecordSet>,
    /// What has become of them, oldest first.
    #[serde(default)]
    history: Vec<RecordChange>,
    /// A batch is being worked on until then; others are refused meanwhile.
    busy_until: Ms,
}

/// A change that was accepted.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Change {
    submitted_at: Ms,
    comment: Option<String>,
}

/// What an operation answers: its status, its headers, and the children of its document.
struct Output {
    status: u16,
    headers: Vec<(String, String)>,
    content: Vec<Element>,
}

impl From<Vec<Element>> for Output {
    fn from(content: Vec<Element>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            content,
        }
    }
}

/// Carries out an operation.
pub(crate) fn handle(world: &mut World, caller: &Caller, route: &Route, request: &Request) -> Answer {
    let result = match route.operation.as_str() {
        "CreateHostedZone" => zones::create(world, caller, request),
        "GetHostedZone" => zones::get(world, caller, &route.id),
        "ListHostedZones" => zones::list(world, caller, request),
        "ListHostedZonesByName" => zones::list_by_name(world, caller, request),
        "ListResourceRecordSets" => listing::list(world, caller, &route.id, request),
        "ChangeResourceRecordSets" => batch::change(world, caller, &route.id, request),
        "GetChange" => get_change(world, caller, &route.id),
        _ => {
            let message = "The requested operation is not part of this sandbox";
            Err(ApiError::new(404, "UnknownOperationException", message))
        }
    };
    match result {
        Ok(output) => {
            let document = element(&format!("{}Response", route.operation), output.content);
            let mut headers = query::headers(&caller.request_id);
            headers.extend(output.headers);
            Answer {
                status: output.status,
                headers,
                body: document.in_namespace(Service::Route53.namespace()).document(),
                error: None,
            }
        }
        Err(error) => query::failure(Service::Route53, &error, &caller.request_id),
    }
}

/// `InvalidInput`, HTTP 400.
fn invalid_input(message: impl Into<String>) -> ApiError {
    ApiError::client("InvalidInput", message)
}

/// The caller's zone.
///
/// # Errors
/// `NoSuchHostedZone` 404, `AccessDenied` 403 of another account's.
fn zone<'a>(world: &'a mut World, caller: &Caller, id: &str) -> Result<&'a mut HostedZone, ApiError> {
    let account = &caller.place.account;
    let elsewhere = world
        .accounts
        .iter()
        .any(|(owner, it)| owner != account && it.dns.zones.contains_key(id));
    if elsewhere {
        let user = &caller.access_key;
        let message = format!("User: arn:aws:iam::{account}:user/{user} is not authorized to access this resource");
        return Err(ApiError::new(403, "AccessDenied", message));
    }
    let zones = &mut world.accounts.entry(account.clone()).or_default().dns.zones;
    zones.get_mut(id).ok_or_else(|| {
        let message = format!("No hosted zone found with ID: {id}");
        ApiError::new(404, "NoSuchHostedZone", message)
    })
}

/// GetChange: PENDING until every name server has it.
fn get_change(world: &mut World, caller: &Caller, id: &str) -> Result<Output, ApiError> {
    let spread = world.profile.dns_change_in_sync;
    let changes = &world
        .accounts
        .entry(caller.place.account.clone())
        .or_default()
        .dns
        .changes;
    match changes.get(id) {
        Some(change) => Ok(vec![change_info(id, change, caller.now, spread)].into()),
        None => {
            let message = format!("Could not find resource with ID: {id}");
            Err(ApiError::new(404, "NoSuchChange", message))
        }
    }
}

/// Notes a change that was accepted, and tells of it.
fn accept_change(world: &mut World, caller: &Caller, comment: Option<String>) -> Element {
    let id = format!("C{}", world.fresh_hex(20).to_uppercase());
    let change = Change {
        submitted_at: caller.now,
        comment,
    };
    let info = change_info(&id, &change, caller.now, world.profile.dns_change_in_sync);
    let account = world.accounts.entry(caller.place.account.clone()).or_default();
    account.dns.changes.insert(id, change);
    info
}

fn change_info(id: &str, change: &Change, now: Ms, spread: Ms) -> Element {
    let pending = now < change.submitted_at + spread;
    let mut parts = vec![
        text("Id", format!("/change/{id}")),
        text("Status", if pending { "PENDING" } else { "INSYNC" }),
        text("SubmittedAt", iso8601(change.submitted_at)),
    ];
    parts.extend(change.comment.as_ref().map(|comment| text("Comment", comment)));
    element("ChangeInfo", parts)
}

impl HostedZone {
    /// Puts a set in its place in the order, instead of the one that is there.
    pub(crate) fn put(&mut self, record: RecordSet) {
        self.remove(&record);
        let key = record.key();
        let place = self.records.partition_point(|it| it.key() < key);
        self.records.insert(place, record);
    }

    /// Removes the set of the same name, type and identifier; whether there was one.
    pub(crate) fn remove(&mut self, record: &RecordSet) -> bool {
        let (key, before) = (record.key(), self.records.len());
        self.records.retain(|it| it.key() != key);
        self.records.len() < before
    }

    /// In Route 53's form.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a name is its own, or lies below it.
    pub(crate) fn holds(&self, name: &str) -> bool {
        names::within(name, &self.name)
    }

    /// All its sets, in the order of the listing.
    pub(crate) fn records(&self) -> &[RecordSet] {
        &self.records
    }
}
