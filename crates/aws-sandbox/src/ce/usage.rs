//! How much of each usage type was used, and what that costs.

use std::collections::BTreeMap;

use super::period::Period;
use crate::clock::{HOUR, Ms, SECOND};
use crate::world::{Billed, Record, World};

const ECS: &str = "Amazon Elastic Container Service";
const ELB: &str = "Amazon Elastic Load Balancing";
const VPC: &str = "Amazon Virtual Private Cloud";
const ROUTE53: &str = "Amazon Route 53";

/// Billionths of a dollar for a unit, as published for us-west-2; the same in all regions here.
const VCPU_HOUR: i128 = 40_480_000;
const GB_HOUR: i128 = 4_445_000;
const BALANCER_HOUR: i128 = 22_500_000;
const ADDRESS_HOUR: i128 = 5_000_000;
const ZONE_MONTH: i128 = 500_000_000;

/// Into how many parts a unit is cut, so that seconds of CPU units and MiB come out even.
const PARTS: i128 = 1024 * 3600;
/// Digits after the point that AWS gives.
const DIGITS: u32 = 10;

/// Service and usage type.
pub(super) type Key = (&'static str, String);

/// So much of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Used {
    /// In [`PARTS`] of a unit.
    parts: i128,
    /// Billionths of a dollar for a unit, times `parts`.
    cost: i128,
    /// What a unit is.
    pub(super) unit: &'static str,
}

impl Used {
    fn of(unit: &'static str, parts: i128, price: i128) -> Self {
        Self {
            parts,
            cost: parts * price,
            unit,
        }
    }

    /// Both together; units that differ are none.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            parts: self.parts + other.parts,
            cost: self.cost + other.cost,
            unit: if self.unit == other.unit { self.unit } else { "N/A" },
        }
    }

    /// How many units.
    pub(super) fn quantity(self) -> String {
        decimal(self.parts * 10_i128.pow(DIGITS), PARTS)
    }

    /// How many dollars.
    pub(super) fn dollars(self) -> String {
        decimal(self.cost * 10_i128.pow(DIGITS), PARTS * 1_000_000_000)
    }
}

/// `scaled / divisor`, rounded, with a point before the last digits.
fn decimal(scaled: i128, divisor: i128) -> String {
    let one = 10_i128.pow(DIGITS);
    let rounded = (scaled + divisor / 2) / divisor;
    format!("{}.{:0digits$}", rounded / one, rounded % one, digits = DIGITS as usize)
}

/// What stands before a usage type. Regions that are not listed have a prefix of their own making.
fn prefix(region: &str) -> String {
    match region {
        "us-west-2" => "USW2-".to_owned(),
        "us-east-1" => "USE1-".to_owned(),
        "eu-west-1" => "EU-".to_owned(),
        "eu-central-1" => "EUC1-".to_owned(),
        other => format!("{}-", other.replace('-', "").to_uppercase()),
    }
}

/// Begun units of `length` that are charged until `at`, `least` of them from the first moment on.
fn begun(record: &Record, at: Ms, length: Ms, least: Ms) -> i128 {
    let end = record.until.unwrap_or(at).min(at);
    match end - record.from {
        ..=0 => 0,
        lived => i128::from(((lived + length - 1) / length).max(least)),
    }
}

/// What the account used within `period`, as far as it is over by now.
pub(super) fn used(world: &World, account: &str, period: Period) -> BTreeMap<Key, Used> {
    let now = world.now_ms();
    let (start, end) = period.times();
    let end = end.min(now);
    let mut all: BTreeMap<Key, Used> = BTreeMap::new();
    let mut add = |service, usage: String, used: Used| {
        if used.parts > 0 {
            let sum = all
                .get(&(service, usage.clone()))
                .map_or(used, |so_far| so_far.and(used));
            all.insert((service, usage), sum);
        }
    };
    for record in world.ledger.records().iter().filter(|it| it.place.account == account) {
        // A unit counts where it begins, so days add up to months.
        let units = |length, least| begun(record, end, length, least) - begun(record, start, length, least);
        let usage = |name: &str| format!("{}{name}", prefix(&record.place.region));
        match (record.kind, record.size) {
            (Billed::NetworkLoadBalancer | Billed::ApplicationLoadBalancer, _) => {
                let hours = Used::of("Hrs", units(HOUR, 0) * PARTS, BALANCER_HOUR);
                add(ELB, usage("LoadBalancerUsage"), hours);
            }
            (Billed::PublicIpv4, _) => {
                let hours = Used::of("Hrs", units(SECOND, 0) * 1024, ADDRESS_HOUR);
                add(VPC, usage("PublicIPv4:InUseAddress"), hours);
            }
            (Billed::FargateTask, Some(size)) => {
                let seconds = units(SECOND, 60);
                let vcpu = Used::of("vCPU-Hours", seconds * i128::from(size.cpu_units), VCPU_HOUR);
                let memory = Used::of("GB-Hours", seconds * i128::from(size.memory_mib), GB_HOUR);
                add(ECS, usage("Fargate-vCPU-Hours:perCPU"), vcpu);
                add(ECS, usage("Fargate-GB-Hours"), memory);
            }
            // Of before sizes were kept.
            (Billed::FargateTask, None) => {}
        }
    }
    let zones = world.accounts.get(account).map_or(0, |account| account.dns.zones.len());
    // Paid in full at the begin of each month.
    let months = period.months_begun(now) * zones as i128;
    add(
        ROUTE53,
        "HostedZone".to_owned(),
        Used::of("HostedZone", months * PARTS, ZONE_MONTH),
    );
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_decimal_strings_of_ten_digits() {
        // 90 seconds of 4 vCPUs.
        let used = Used::of("vCPU-Hours", 90 * 4096, VCPU_HOUR);
        assert_eq!(
            (used.quantity().as_str(), used.dollars().as_str()),
            ("0.1000000000", "0.0040480000")
        );
        assert_eq!(Used::of("Hrs", 12 * PARTS, BALANCER_HOUR).dollars(), "0.2700000000");
    }
}
