//! What a name leads to, for a resolver within the process: load balancers, and the records of hosted zones.

use std::net::IpAddr;

use super::World;
use crate::elbv2::LbState;
use crate::route53::{HostedZone, RecordSet};

/// So many names lead on to others at most.
const LONGEST_CHAIN: usize = 8;

impl World {
    /// The addresses that a name leads to now; none where nobody answers for it. A load balancer's name leads to its public
    /// address in each of its zones from when it is active until it is deleted. Records count as soon as Route 53 has
    /// accepted them; where several are chosen among, all of them. Nothing is remembered: no answer is ever an old one.
    pub fn resolve(&self, name: &str) -> Vec<IpAddr> {
        let mut name = dotted(name);
        for _ in 0..LONGEST_CHAIN {
            if let Some(addresses) = self.balancer_addresses(&name) {
                return addresses;
            }
            let Some(zone) = self.zone_of_name(&name) else {
                return Vec::new();
            };
            let found: Vec<&RecordSet> = zone.records().iter().filter(|it| it.name == name).collect();
            let addresses: Vec<IpAddr> = found
                .iter()
                .filter(|it| matches!(it.kind.as_str(), "A" | "AAAA"))
                .flat_map(|it| it.values.iter().filter_map(|value| value.parse().ok()))
                .collect();
            let alias = found.iter().find_map(|it| it.alias.as_ref()).map(|it| &it.dns_name);
            let canonical = found
                .iter()
                .find(|it| it.kind == "CNAME")
                .and_then(|it| it.values.first());
            match alias.or(canonical).filter(|_| addresses.is_empty()) {
                Some(next) => name = dotted(next),
                None => return addresses,
            }
        }
        Vec::new()
    }

    /// Whether there is such a name at all: that of a load balancer that is active, or of a record, or one above a record's. A
    /// name that exists need not lead to an address.
    pub fn has_name(&self, name: &str) -> bool {
        let name = dotted(name);
        let below = format!(".{name}");
        let is_there = |record: &RecordSet| record.name == name || record.name.ends_with(&below);
        self.balancer_addresses(&name)
            .is_some_and(|addresses| !addresses.is_empty())
            || self
                .zone_of_name(&name)
                .is_some_and(|zone| zone.records().iter().any(is_there))
    }

    /// `None` where no load balancer has this name.
    fn balancer_addresses(&self, name: &str) -> Option<Vec<IpAddr>> {
        let bare = name.strip_prefix("dualstack.").unwrap_or(name);
        let regions = self.accounts.values().flat_map(|account| account.regions.values());
        let mut balancers = regions.flat_map(|region| &region.elbv2.load_balancers);
        let balancer = balancers.find(|it| dotted(&it.dns_name) == bare)?;
        let addresses = balancer.zones.iter().filter_map(|zone| zone.address.as_deref());
        let active = balancer.state == LbState::Active;
        Some(addresses.filter(|_| active).filter_map(|it| it.parse().ok()).collect())
    }

    /// The hosted zone with the longest name that the name lies in.
    fn zone_of_name(&self, name: &str) -> Option<&HostedZone> {
        let zones = self.accounts.values().flat_map(|account| account.dns.zones.values());
        zones
            .filter(|zone| zone.holds(name))
            .max_by_key(|zone| zone.name().len())
    }
}

/// A name in lower case with a dot at its end.
fn dotted(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase() + "."
}
