//! Resource record sets: what they are, and how they are read and written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::sort_key;
use crate::wire::document::Branch;
use crate::wire::xml::{Element, element, text};

/// A resource record set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSet {
    /// In Route 53's form: lower case, with a dot at the end, `\052` for a star.
    pub name: String,
    /// Such as `A`.
    pub kind: String,
    /// Tells sets of the same name and type apart where one is chosen among several.
    pub set_identifier: Option<String>,
    /// Seconds; an alias has none.
    pub ttl: Option<u32>,
    /// Empty for an alias.
    pub values: Vec<String>,
    /// What the name is an alias of.
    pub alias: Option<AliasTarget>,
    /// `Weight`, `Region`, `Failover`, `MultiValueAnswer`, `HealthCheckId`: kept as given; nothing is answered by them.
    pub routing: BTreeMap<String, String>,
}

/// What an alias points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasTarget {
    /// Of a load balancer the zone of its region (`CanonicalHostedZoneId`), not that of the record.
    pub hosted_zone: String,
    /// In Route 53's form.
    pub dns_name: String,
    /// Whether the health of the target counts.
    pub evaluate_target_health: bool,
}

/// The members of a set by which one is chosen among several.
pub(super) const POLICIES: &[&str] = &["Weight", "Region", "Failover", "MultiValueAnswer"];
/// Members that are kept as they are.
const KEPT: &[&str] = &["Weight", "Region", "Failover", "MultiValueAnswer", "HealthCheckId"];
/// Members that this sandbox does not know.
pub(super) const NOT_HERE: &[&str] = &[
    "GeoLocation",
    "GeoProximityLocation",
    "CidrRoutingConfig",
    "TrafficPolicyInstanceId",
];

/// By what sets are sorted, and known.
pub(super) type Key = (String, String, String);

impl RecordSet {
    /// A set of values, such as the addresses of an `A` record.
    pub fn values(name: &str, kind: &str, ttl: u32, values: &[&str]) -> Self {
        Self {
            ttl: Some(ttl),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            ..Self::bare(name, kind)
        }
    }

    /// An alias of a name in another hosted zone, such as that of load balancers.
    pub fn alias(name: &str, kind: &str, hosted_zone: &str, dns_name: &str) -> Self {
        Self {
            alias: Some(AliasTarget {
                hosted_zone: hosted_zone.to_owned(),
                dns_name: lenient(dns_name),
                evaluate_target_health: false,
            }),
            ..Self::bare(name, kind)
        }
    }

    fn bare(name: &str, kind: &str) -> Self {
        Self {
            name: lenient(name),
            kind: kind.to_owned(),
            set_identifier: None,
            ttl: None,
            values: Vec::new(),
            alias: None,
            routing: BTreeMap::new(),
        }
    }

    pub(super) fn key(&self) -> Key {
        let identifier = self.set_identifier.clone().unwrap_or_default();
        (sort_key(&self.name), self.kind.clone(), identifier)
    }

    /// The set as a request has it: names are not in Route 53's form yet, and nothing is checked.
    pub(super) fn of_request(given: &Branch) -> Self {
        let owned = |name: &str| given.text(name).map(str::to_owned);
        let values = given.list("ResourceRecords").iter();
        let alias = given.child("AliasTarget").map(|alias| AliasTarget {
            hosted_zone: alias.text("HostedZoneId").unwrap_or_default().to_owned(),
            dns_name: alias.text("DNSName").unwrap_or_default().to_owned(),
            evaluate_target_health: alias.text("EvaluateTargetHealth") == Some("true"),
        });
        Self {
            name: owned("Name").unwrap_or_default(),
            kind: owned("Type").unwrap_or_default(),
            set_identifier: owned("SetIdentifier"),
            ttl: given.text("TTL").and_then(|ttl| ttl.trim().parse().ok()),
            values: values.filter_map(|it| it.text("Value").map(str::to_owned)).collect(),
            alias,
            routing: KEPT
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), owned(name)?)))
                .collect(),
        }
    }

    /// Whether a deletion that gives `other` means exactly this set: the order of values does not matter.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        let sorted = |values: &[String]| {
            let mut values = values.to_vec();
            values.sort();
            values
        };
        let bare = |set: &Self| Self {
            values: Vec::new(),
            ..set.clone()
        };
        bare(self) == bare(other) && sorted(&self.values) == sorted(&other.values)
    }

    pub(super) fn view(&self) -> Element {
        let mut parts = vec![text("Name", &self.name), text("Type", &self.kind)];
        parts.extend(self.set_identifier.as_ref().map(|it| text("SetIdentifier", it)));
        parts.extend(self.routing.iter().map(|(name, value)| text(name, value)));
        parts.extend(self.ttl.map(|ttl| text("TTL", ttl)));
        if self.alias.is_none() {
            let value = |value: &String| element("ResourceRecord", [text("Value", value)]);
            parts.push(element("ResourceRecords", self.values.iter().map(value)));
        }
        parts.extend(self.alias.as_ref().map(|alias| {
            element(
                "AliasTarget",
                [
                    text("HostedZoneId", &alias.hosted_zone),
                    text("DNSName", &alias.dns_name),
                    text("EvaluateTargetHealth", alias.evaluate_target_health),
                ],
            )
        }));
        element("ResourceRecordSet", parts)
    }
}

/// A name of a test, which is taken as it is where it is none.
fn lenient(name: &str) -> String {
    super::names::normal(name).unwrap_or_else(|_| name.to_owned())
}
