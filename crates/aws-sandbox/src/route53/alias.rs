//! Aliases: what an alias may point at. Load balancers, and records of the same zone.

use super::{AliasTarget, HostedZone};
use crate::elbv2;
use crate::world::World;

/// What alias targets are held against: the names of all load balancers that there are, which Route 53 knows whosever
/// they are.
pub(super) struct Targets(Vec<String>);

impl Targets {
    pub(super) fn of(world: &World) -> Self {
        let regions = world.accounts.values().flat_map(|account| account.regions.values());
        let balancers = regions.flat_map(|region| &region.elbv2.load_balancers);
        Self(
            balancers
                .map(|it| format!("{}.", it.dns_name.to_ascii_lowercase()))
                .collect(),
        )
    }

    /// What AWS says of an alias of this type in a zone, where it would not take it. `target` is in Route 53's form.
    pub(super) fn problems(&self, zone: &HostedZone, kind: &str, target: &AliasTarget) -> Vec<String> {
        let name = &target.dns_name;
        let tried = format!(
            "Tried to create an alias that targets {name}, type {kind} in zone {}, but",
            target.hosted_zone
        );
        let outside = || format!("{tried} the alias target name does not lie within the target zone");
        let not_found = || format!("{tried} that target was not found");
        let own = target.hosted_zone == zone.id;
        let lies_within = if own {
            super::names::within(name, &zone.name)
        } else {
            elbv2::hosted_zone_of_name(name).is_some_and(|its_zone| its_zone == target.hosted_zone)
        };
        let there = if own {
            zone.records()
                .iter()
                .any(|record| record.name == *name && record.kind == kind)
        } else {
            let bare = name.strip_prefix("dualstack.").unwrap_or(name);
            matches!(kind, "A" | "AAAA") && self.0.iter().any(|balancer| balancer == bare)
        };
        match (lies_within, there) {
            (true, true) => Vec::new(),
            (true, false) => vec![not_found()],
            (false, _) => vec![outside(), not_found()],
        }
    }
}
