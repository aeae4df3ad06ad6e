//! Hosted zones: how they are made, described and listed.

use super::names::{normal, sort_key};
use super::records::RecordSet;
use super::{HostedZone, Output, accept_change, invalid_input, zone};
use crate::wire::document::Branch;
use crate::wire::xml::{Element, element, text};
use crate::wire::{ApiError, Caller, Request};
use crate::world::{World, stable_hash};

/// AWS's quota of hosted zones in an account.
const MOST: usize = 500;
/// The most zones in one answer.
const PAGE: usize = 100;

impl HostedZone {
    /// A fresh zone: it has name servers and a start of authority, and nothing else. `name` is in Route 53's form.
    pub(crate) fn new(id: &str, name: &str, caller_reference: &str, comment: Option<String>) -> Self {
        let name_servers: Vec<String> = ["com", "net", "org", "co.uk"]
            .iter()
            .enumerate()
            .map(|(index, top)| {
                let host = stable_hash(&["name server", id, top]) % 512 + index as u64 * 512;
                format!("ns-{host}.awsdns-{:02}.{top}", host % 64)
            })
            .collect();
        let dotted: Vec<String> = name_servers.iter().map(|server| format!("{server}.")).collect();
        let dotted: Vec<&str> = dotted.iter().map(String::as_str).collect();
        let authority = format!("{} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400", dotted[0]);
        let records = vec![
            RecordSet::values(name, "NS", 172_800, &dotted),
            RecordSet::values(name, "SOA", 900, &[&authority]),
        ];
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            caller_reference: caller_reference.to_owned(),
            comment,
            name_servers,
            records,
            history: Vec::new(),
            busy_until: 0,
        }
    }

    fn view(&self) -> Element {
        let mut config: Vec<Element> = self.comment.iter().map(|comment| text("Comment", comment)).collect();
        config.push(text("PrivateZone", false));
        element(
            "HostedZone",
            [
                text("Id", format!("/hostedzone/{}", self.id)),
                text("Name", &self.name),
                text("CallerReference", &self.caller_reference),
                element("Config", config),
                text("ResourceRecordSetCount", self.records.len()),
            ],
        )
    }

    fn delegation_set(&self) -> Element {
        let servers = self.name_servers.iter().map(|server| text("NameServer", server));
        element("DelegationSet", [element("NameServers", servers)])
    }
}

/// CreateHostedZone: once for each caller reference.
pub(super) fn create(world: &mut World, caller: &Caller, request: &Request) -> Result<Output, ApiError> {
    let input = Branch::of_document(&request.body)
        .filter(|input| input.name == "CreateHostedZoneRequest")
        .ok_or_else(|| invalid_input("Invalid XML ; the document is no CreateHostedZoneRequest"))?;
    let reference = input.text("CallerReference").unwrap_or_default();
    if !(1..=128).contains(&reference.chars().count()) {
        return Err(invalid_input("The caller reference must have 1 to 128 characters"));
    }
    if input.child("VPC").is_some() || input.child("DelegationSetId").is_some() {
        let message = "Private zones and reusable delegation sets are not part of this sandbox";
        return Err(invalid_input(message));
    }
    let name = normal(input.text("Name").unwrap_or_default())
        .map_err(|problem| ApiError::client("InvalidDomainName", problem))?;
    let comment = input.child("HostedZoneConfig").and_then(|it| it.text("Comment"));
    let comment = comment.filter(|comment| !comment.is_empty()).map(str::to_owned);
    let zones = &world
        .accounts
        .entry(caller.place.account.clone())
        .or_default()
        .dns
        .zones;
    if zones.values().any(|zone| zone.caller_reference == reference) {
        let message =
            format!("A hosted zone has already been created with the specified caller reference '{reference}'");
        return Err(ApiError::new(409, "HostedZoneAlreadyExists", message));
    }
    if zones.len() >= MOST {
        let message = "This operation can't be completed because the current account has reached the limit on the number of hosted zones.";
        return Err(ApiError::client("TooManyHostedZones", message));
    }
    let id = format!("Z{}", world.fresh_hex(20).to_uppercase());
    let made = HostedZone::new(&id, &name, reference, comment);
    let (view, delegation) = (made.view(), made.delegation_set());
    let account = world.accounts.entry(caller.place.account.clone()).or_default();
    account.dns.zones.insert(id.clone(), made);
    let change = accept_change(world, caller, None);
    let location = format!("https://route53.amazonaws.com/2013-04-01/hostedzone/{id}");
    Ok(Output {
        status: 201,
        headers: vec![("Location".to_owned(), location)],
        content: vec![view, change, delegation],
    })
}

/// GetHostedZone.
pub(super) fn get(world: &mut World, caller: &Caller, id: &str) -> Result<Output, ApiError> {
    let zone = zone(world, caller, id)?;
    Ok(vec![zone.view(), zone.delegation_set()].into())
}

/// ListHostedZones: by their ids.
pub(super) fn list(world: &mut World, caller: &Caller, request: &Request) -> Result<Output, ApiError> {
    let query = request.query_parameters();
    let size = page_size(query.get("maxitems"), PAGE)?;
    let marker = query.get("marker").filter(|marker| !marker.is_empty());
    let zones = &world
        .accounts
        .entry(caller.place.account.clone())
        .or_default()
        .dns
        .zones;
    if let Some(unknown) = marker.filter(|marker| !zones.contains_key(*marker)) {
        let message = format!("The specified marker '{unknown}' is not valid");
        return Err(invalid_input(message));
    }
    let mut rest = zones
        .values()
        .skip_while(|zone| marker.is_some_and(|marker| zone.id < *marker));
    let shown: Vec<Element> = rest.by_ref().take(size).map(HostedZone::view).collect();
    let next = rest.next();
    let mut output = vec![element("HostedZones", shown)];
    output.extend(marker.map(|marker| text("Marker", marker)));
    output.push(text("IsTruncated", next.is_some()));
    output.extend(next.map(|zone| text("NextMarker", &zone.id)));
    output.push(text("MaxItems", size));
    Ok(output.into())
}

/// ListHostedZonesByName: by their names from right to left, those of the same name by id.
pub(super) fn list_by_name(world: &mut World, caller: &Caller, request: &Request) -> Result<Output, ApiError> {
    let query = request.query_parameters();
    let size = page_size(query.get("maxitems"), PAGE)?;
    let given = |name: &str| query.get(name).filter(|value| !value.is_empty());
    let (name, id) = (given("dnsname"), given("hostedzoneid"));
    if id.is_some() && name.is_none() {
        return Err(invalid_input(
            "A hosted zone id can only be given together with a DNS name",
        ));
    }
    let normalised = name.map(|name| normal(name)).transpose();
    let normalised = normalised.map_err(|problem| ApiError::client("InvalidDomainName", problem))?;
    let from = (
        normalised.as_deref().map(sort_key),
        id.map(|id| id.trim_start_matches("/hostedzone/")),
    );
    let zones = &world
        .accounts
        .entry(caller.place.account.clone())
        .or_default()
        .dns
        .zones;
    let mut zones: Vec<&HostedZone> = zones.values().collect();
    zones.sort_by_key(|zone| (sort_key(&zone.name), zone.id.clone()));
    let earlier = |zone: &&&HostedZone| match &from {
        (Some(name), id) => (sort_key(&zone.name).as_str(), zone.id.as_str()) < (name, id.unwrap_or_default()),
        (None, _) => false,
    };
    let mut rest = zones.iter().skip_while(earlier);
    let shown: Vec<Element> = rest.by_ref().take(size).map(|zone| zone.view()).collect();
    let next = rest.next();
    let mut output = vec![element("HostedZones", shown)];
    output.extend(name.map(|name| text("DNSName", name)));
    output.extend(id.map(|id| text("HostedZoneId", id)));
    output.push(text("IsTruncated", next.is_some()));
    if let Some(next) = next {
        output.extend([text("NextDNSName", &next.name), text("NextHostedZoneId", &next.id)]);
    }
    output.push(text("MaxItems", size));
    Ok(output.into())
}

/// How many items an answer may have: what is asked for, but no more than AWS gives.
pub(super) fn page_size(given: Option<&String>, most: usize) -> Result<usize, ApiError> {
    let Some(given) = given else { return Ok(most) };
    let size = given.parse::<usize>().ok().filter(|size| *size > 0);
    let size =
        size.ok_or_else(|| invalid_input(format!("The value '{given}' of MaxItems is not a positive number")))?;
    Ok(size.min(most))
}
