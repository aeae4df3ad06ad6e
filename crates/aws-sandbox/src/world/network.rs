//! As much of a VPC as load balancers and tasks need: subnets with their zone and free addresses.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::{Place, hex_of, stable_hash};
use crate::clock::Ms;

/// The VPC of an account in a region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Network {
    pub(crate) vpc: String,
    pub(crate) subnets: Vec<Subnet>,
    pub(crate) security_groups: Vec<String>,
    /// How many public addresses were given out.
    public_addresses: u32,
    pub(crate) elastic_addresses: Vec<ElasticAddress>,
}

/// An elastic address of the account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ElasticAddress {
    pub(crate) allocation_id: String,
    pub(crate) address: String,
    /// The ARN of the load balancer that has it.
    pub(crate) holder: Option<String>,
    /// Its last holder is gone, but has not let go of it until then.
    pub(crate) lingers_until: Ms,
}

/// A /22 of the VPC, in one zone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) zone: String,
    /// Which /22 of the VPC.
    index: u8,
    pub(crate) free_addresses: u32,
    /// The hosts that are in use.
    used: BTreeSet<u16>,
    /// The host that was given out last. Addresses are taken in turn, so that one is not reused at once.
    last: u16,
}

/// How many addresses of a fresh subnet are free.
const FREE_ADDRESSES: u32 = 1_019;

/// The hosts that are given out: AWS keeps the first four addresses and the last.
const HOSTS: std::ops::RangeInclusive<u16> = 4..=1022;

impl Network {
    /// The default VPC of an account in a region: three subnets, in zones a, b and c.
    pub(crate) fn default_of(place: &Place) -> Self {
        let id = |kind: &str| {
            let hex = hex_of(&[kind, &place.account, &place.region]);
            format!("{}-{}", kind.split(' ').next().unwrap_or(kind), &hex[..17])
        };
        let subnets = ["a", "b", "c"].iter().enumerate().map(|(index, letter)| Subnet {
            id: id(&format!("subnet {letter}")),
            zone: format!("{}{letter}", place.region),
            index: index as u8,
            free_addresses: FREE_ADDRESSES,
            used: BTreeSet::new(),
            last: *HOSTS.start() - 1,
        });
        Self {
            vpc: id("vpc"),
            subnets: subnets.collect(),
            security_groups: vec![id("sg")],
            public_addresses: 0,
            elastic_addresses: Vec::new(),
        }
    }

    pub(crate) fn subnet(&self, id: &str) -> Option<&Subnet> {
        self.subnets.iter().find(|subnet| subnet.id == id)
    }

    pub(crate) fn subnet_mut(&mut self, id: &str) -> Option<&mut Subnet> {
        self.subnets.iter_mut().find(|subnet| subnet.id == id)
    }

    /// Adds a subnet unless it is there, in the zone with the fewest.
    pub(crate) fn ensure_subnet(&mut self, id: &str, region: &str) {
        if self.subnet(id).is_some() {
            return;
        }
        let zones = ["a", "b", "c"].map(|letter| format!("{region}{letter}"));
        let added = |zone: &String| {
            self.subnets
                .iter()
                .skip(3)
                .filter(|subnet| subnet.zone == *zone)
                .count()
        };
        let zone = zones.iter().min_by_key(|zone| added(zone)).cloned().unwrap_or_default();
        self.subnets.push(Subnet {
            id: id.to_owned(),
            zone,
            index: u8::try_from(self.subnets.len()).unwrap_or(u8::MAX),
            free_addresses: FREE_ADDRESSES,
            used: BTreeSet::new(),
            last: *HOSTS.start() - 1,
        });
    }

    /// Whether an address lies in the VPC.
    pub(crate) fn contains(&self, address: Ipv4Addr) -> bool {
        address.octets()[..2] == [172, 31]
    }

    /// The zone of an address, when it lies in a subnet.
    pub(crate) fn zone_of(&self, address: Ipv4Addr) -> Option<&str> {
        let index = address.octets()[2] / 4;
        let subnet = self
            .subnets
            .iter()
            .find(|subnet| self.contains(address) && subnet.index == index)?;
        Some(&subnet.zone)
    }

    /// An address that no one has had before.
    pub(crate) fn take_public_address(&mut self, place: &Place) -> String {
        self.public_addresses += 1;
        // 203.0.113.0/24 and its like are for documentation, and too few: 198.18.0.0/15 is for benchmarks of networks.
        let start = stable_hash(&["public", &place.account, &place.region]) as u32;
        let host = start.wrapping_add(self.public_addresses) % (1 << 17);
        Ipv4Addr::from(u32::from(Ipv4Addr::new(198, 18, 0, 0)) + host).to_string()
    }

    /// Allocates an elastic address under this id, unless there is one, and gives the address.
    pub(crate) fn ensure_elastic_address(&mut self, allocation_id: &str, place: &Place) -> String {
        if let Some(there) = self
            .elastic_addresses
            .iter()
            .find(|it| it.allocation_id == allocation_id)
        {
            return there.address.clone();
        }
        let address = self.take_public_address(place);
        self.elastic_addresses.push(ElasticAddress {
            allocation_id: allocation_id.to_owned(),
            address: address.clone(),
            holder: None,
            lingers_until: 0,
        });
        address
    }

    /// Its holder is gone, and lets go of its elastic addresses a little later.
    pub(crate) fn release_elastic_addresses(&mut self, holder: &str, lingers_until: Ms) {
        for held in self.elastic_addresses.iter_mut() {
            if held.holder.take_if(|it| it == holder).is_some() {
                held.lingers_until = lingers_until;
            }
        }
    }
}

impl Subnet {
    /// Takes the next private address, if one is free.
    pub(crate) fn take_address(&mut self) -> Option<String> {
        let free = self.free_addresses.checked_sub(1)?;
        let turn = (self.last + 1..=*HOSTS.end()).chain(HOSTS);
        let host = turn.into_iter().find(|host| !self.used.contains(host))?;
        self.free_addresses = free;
        self.used.insert(host);
        self.last = host;
        let [high, low] = host.to_be_bytes();
        Some(Ipv4Addr::new(172, 31, self.index * 4 + high, low).to_string())
    }

    /// Gives a private address back.
    pub(crate) fn release_address(&mut self, address: &str) {
        let octets = address
            .parse::<Ipv4Addr>()
            .map(|address| address.octets())
            .unwrap_or_default();
        self.used.remove(&u16::from_be_bytes([octets[2] % 4, octets[3]]));
        self.free_addresses += 1;
    }

    /// Counts an address as taken without saying which, as a load balancer does; false when none is free.
    pub(crate) fn reserve_address(&mut self) -> bool {
        let left = self.free_addresses.checked_sub(1);
        self.free_addresses = left.unwrap_or(0);
        left.is_some()
    }

    /// Gives such an address back.
    pub(crate) fn return_address(&mut self) {
        self.free_addresses += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            account: "123456789012".into(),
            region: "us-west-2".into(),
        }
    }

    #[test]
    fn every_account_and_region_has_its_own_default_network() {
        let one = Network::default_of(&place());
        assert_eq!(one.vpc, Network::default_of(&place()).vpc);
        assert_ne!(
            one.vpc,
            Network::default_of(&Place {
                region: "us-east-1".into(),
                ..place()
            })
            .vpc
        );
        assert_eq!(one.subnets[1].zone, "us-west-2b");
        assert_eq!(one.subnets[1].id.len(), "subnet-".len() + 17);
    }

    #[test]
    fn addresses_are_taken_in_turn_and_run_out() {
        let mut network = Network::default_of(&place());
        let subnet = &mut network.subnets[1];
        assert_eq!(subnet.take_address().as_deref(), Some("172.31.4.4"));
        subnet.release_address("172.31.4.4");
        assert_eq!(subnet.take_address().as_deref(), Some("172.31.4.5"));
        subnet.free_addresses = 0;
        assert_eq!(subnet.take_address(), None);
        assert!(!subnet.reserve_address());
        assert_eq!(network.zone_of(Ipv4Addr::new(172, 31, 4, 5)), Some("us-west-2b"));
        assert_eq!(network.zone_of(Ipv4Addr::new(10, 0, 1, 5)), None);
    }
}
