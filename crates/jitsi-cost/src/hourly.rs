//! What it all costs for an hour.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde::Serialize;

use crate::item::{Item, Unit};
use crate::price::{Price, PriceTable};
use crate::running::{Architecture, INCLUDED_STORAGE_GIB, LoadBalancer, LoadBalancerKind, Running, Task};
use crate::total::{HOURS_PER_MONTH, Total};
use crate::usd::{Usd, as_number};

/// What the resources of a platform cost for an hour. Traffic is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HourlyCost {
    /// The region whose prices these are.
    pub region: String,
    /// The day of the price table.
    pub as_of: &'static str,
    /// What has a price, one line for each item, in the order of [`Item::ALL`].
    pub lines: Vec<Line>,
    /// What has none, or is not known.
    pub unknown: Vec<Unknown>,
    /// The sum: "at least" where something is unknown.
    pub per_hour: Total,
}

/// So many of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it is.
    pub what: Item,
    /// How many units.
    #[serde(serialize_with = "as_number")]
    pub quantity: Decimal,
    /// Of what.
    pub unit: Unit,
    /// The price of one unit.
    pub price: Price,
    /// Quantity times price.
    pub per_hour: Usd,
}

/// A part whose cost is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// What it is.
    pub what: String,
    /// Why its cost is not known.
    pub reason: String,
}

impl HourlyCost {
    /// What a month costs if everything is left as it is: [`HOURS_PER_MONTH`] such hours.
    #[must_use]
    pub fn per_month(&self) -> Total {
        self.per_hour.times(HOURS_PER_MONTH)
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.reason)
    }
}

impl PriceTable {
    /// What `running` costs in `region` for a full hour.
    ///
    /// AWS charges tasks by the second, a minute at least, and load balancers by the begun hour.
    #[must_use]
    pub fn hourly_cost(&self, region: &str, running: &Running) -> HourlyCost {
        let mut sum = Counted::default();
        for task in &running.tasks {
            sum.task(task);
        }
        for balancer in &running.load_balancers {
            sum.balancer(balancer);
        }
        sum.unknown.extend(running.unseen.iter().cloned());

        let mut lines = Vec::new();
        let mut unknown = Vec::new();
        for (what, quantity) in sum.items {
            let quantity = quantity.normalize();
            let Some(price) = self.price(region, what) else {
                unknown.push(Unknown {
                    what: format!("{what}, {}", what.unit().counted(quantity)),
                    reason: format!("its price in `{region}` is not known"),
                });
                continue;
            };
            lines.push(Line {
                what,
                quantity,
                unit: what.unit(),
                price,
                per_hour: price.usd * quantity,
            });
        }
        unknown.extend(sum.unknown);
        let known: Vec<Usd> = lines.iter().map(|line| line.per_hour).collect();
        HourlyCost {
            region: region.to_owned(),
            as_of: self.as_of(),
            per_hour: Total::of(&known, unknown.len()),
            lines,
            unknown,
        }
    }
}

/// How many of each item there are, and what could not be counted.
#[derive(Default)]
struct Counted {
    items: BTreeMap<Item, Decimal>,
    unknown: Vec<Unknown>,
}

impl Counted {
    fn task(&mut self, task: &Task) {
        let of = |part: &str| format!("{part} of task `{}`", task.name);
        // 1024 CPU units are a vCPU, 1024 MiB a GB.
        let in_1024ths = |n: u32| Decimal::from(n) / Decimal::from(1024);
        let is_size = |n: &u32| *n > 0;
        let cpu = task.cpu_units.filter(is_size).map(in_1024ths);
        let memory = task.memory_mib.filter(is_size).map(in_1024ths);
        match task.architecture {
            Some(architecture) => {
                let (vcpu_item, memory_item) = match architecture {
                    Architecture::X86 => (Item::FargateX86Vcpu, Item::FargateX86Memory),
                    Architecture::Arm => (Item::FargateArmVcpu, Item::FargateArmMemory),
                };
                self.count(vcpu_item, cpu, || of("vCPU"), "how many is not known");
                self.count(memory_item, memory, || of("memory"), "how much is not known");
            }
            None => self.unknown(of("vCPU and memory"), "its architecture is not known"),
        }
        let beyond = |gib: u32| gib.saturating_sub(INCLUDED_STORAGE_GIB).into();
        let storage = task.storage_gib.filter(is_size).map(beyond);
        self.count(Item::FargateStorage, storage, || of("storage"), "how much is not known");
        let addresses = task.public_address.map(|public| u32::from(public).into());
        let what = || of("public address");
        self.count(Item::PublicAddress, addresses, what, "whether it has one is not known");
    }

    fn balancer(&mut self, balancer: &LoadBalancer) {
        match &balancer.kind {
            LoadBalancerKind::Network => self.add(Item::NetworkLoadBalancer, Decimal::ONE),
            LoadBalancerKind::Other(kind) => self.unknown(
                format!("load balancer `{}`", balancer.name),
                &format!("the price of its kind, `{kind}`, is not known"),
            ),
        }
        let addresses = balancer.public_addresses.map(Decimal::from);
        let what = || format!("public addresses of load balancer `{}`", balancer.name);
        self.count(Item::PublicAddress, addresses, what, "how many is not known");
    }

    /// Adds so many of `item`, or makes `what` an unknown part.
    fn count(&mut self, item: Item, quantity: Option<Decimal>, what: impl Fn() -> String, reason: &str) {
        match quantity {
            Some(quantity) => self.add(item, quantity),
            None => self.unknown(what(), reason),
        }
    }

    /// Of none there is no line.
    fn add(&mut self, item: Item, quantity: Decimal) {
        if !quantity.is_zero() {
            *self.items.entry(item).or_default() += quantity;
        }
    }

    fn unknown(&mut self, what: String, reason: &str) {
        let reason = reason.to_owned();
        self.unknown.push(Unknown { what, reason });
    }
}
