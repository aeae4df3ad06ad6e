//! How much of each item was used.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::item::{Item, Per};
use crate::running::{Architecture, INCLUDED_STORAGE_GIB, LoadBalancer, LoadBalancerKind, Running, Task};

const HOUR: i64 = 3600;
/// AWS charges a task for a minute at least.
const LEAST: i64 = 60;
const MILLISECONDS: i64 = 1000;

/// A part whose cost is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// What it is.
    pub what: String,
    /// Why its cost is not known.
    pub reason: String,
}

/// A time, its end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Its begin.
    pub from: Timestamp,
    /// Its end. What ends before it begins is empty.
    pub until: Timestamp,
}

impl Span {
    /// The time that both have; `None`: they have none.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        let (from, until) = (self.from.max(other.from), self.until.min(other.until));
        (from < until).then_some(Self { from, until })
    }

    /// How long it is, in milliseconds.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        (self.until.as_millisecond() - self.from.as_millisecond()).max(0)
    }

    /// How many begun units of `seconds` of this life fall into `window`: a unit counts where it begins, so the parts of a
    /// life add up to the whole, however it is cut. `least`: units that are charged from the first moment on.
    fn units_within(self, window: Self, seconds: i64, least: i64) -> i64 {
        let unit = seconds * MILLISECONDS;
        let begun = |at: Timestamp| {
            let until = at.min(self.until);
            match (Self { until, ..self }).milliseconds() {
                0 => 0,
                lived => ((lived + unit - 1) / unit).max(least),
            }
        };
        begun(window.until) - begun(window.from)
    }
}

/// How much of each item was used, exactly, and what could not be counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Of what is paid by the hour, units times seconds: an hour divided is no decimal.
    items: BTreeMap<Item, Decimal>,
    /// What could not be counted.
    pub unknown: Vec<Unknown>,
}

impl Amounts {
    /// Adds so many unit-hours, unit-months or units of `item`. Of none there is no line.
    pub fn add(&mut self, item: Item, quantity: Decimal) {
        match item.per() {
            Per::Hour => self.add_raw(item, quantity * Decimal::from(HOUR)),
            Per::Month | Per::Once => self.add_raw(item, quantity),
        }
    }

    /// Adds the part of a task's `life` that is charged within `window`: by the second, for a minute at least.
    pub fn add_task(&mut self, task: &Task, life: Span, window: Span) {
        let seconds = life.units_within(window, 1, LEAST);
        if seconds > 0 {
            self.task(task, seconds.into());
        }
    }

    /// Adds the part of a load balancer's `life` that is charged within `window`: each load balancer's begun hours, its
    /// addresses by the second.
    pub fn add_balancer(&mut self, balancer: &LoadBalancer, life: Span, window: Span) {
        let hours = life.units_within(window, HOUR, 0);
        let seconds = life.units_within(window, 1, 0);
        self.balancer(balancer, (hours * HOUR).into(), seconds.into());
    }

    /// What `running` uses in so many hours, without any rounding.
    #[must_use]
    pub fn for_hours(running: &Running, hours: Decimal) -> Self {
        let mut amounts = Self::default();
        let seconds = hours * Decimal::from(HOUR);
        for task in &running.tasks {
            amounts.task(task, seconds);
        }
        for balancer in &running.load_balancers {
            amounts.balancer(balancer, seconds, seconds);
        }
        amounts.unknown.extend(running.unseen.iter().cloned());
        amounts
    }

    /// Adds what others have.
    pub fn extend(&mut self, others: &Self) {
        for (item, raw) in &others.items {
            self.add_raw(*item, *raw);
        }
        for unknown in &others.unknown {
            // The same for each of many sessions.
            if !self.unknown.contains(unknown) {
                self.unknown.push(unknown.clone());
            }
        }
    }

    /// The same so many times.
    #[must_use]
    pub fn times(&self, times: Decimal) -> Self {
        let mut amounts = Self {
            unknown: self.unknown.clone(),
            ..Self::default()
        };
        for (item, raw) in &self.items {
            amounts.add_raw(*item, *raw * times);
        }
        amounts
    }

    /// Makes `what` an unknown part.
    pub fn add_unknown(&mut self, what: String, reason: &str) {
        let reason = reason.to_owned();
        self.unknown.push(Unknown { what, reason });
    }

    /// Whether nothing was used, and nothing is unknown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.unknown.is_empty()
    }

    /// Each item with its quantity times `scale`, and by what that has to be divided.
    pub(crate) fn raw(&self) -> impl Iterator<Item = (Item, Decimal, Decimal)> {
        self.items.iter().map(|(item, raw)| match item.per() {
            Per::Hour => (*item, *raw, Decimal::from(HOUR)),
            Per::Month | Per::Once => (*item, *raw, Decimal::ONE),
        })
    }

    fn add_raw(&mut self, item: Item, raw: Decimal) {
        if !raw.is_zero() {
            *self.items.entry(item).or_default() += raw;
        }
    }

    fn task(&mut self, task: &Task, seconds: Decimal) {
        let of = |part: &str| format!("{part} of task `{}`", task.name);
        // 1024 CPU units are a vCPU, 1024 MiB a GB.
        let in_1024ths = |n: u32| Decimal::from(n) / Decimal::from(1024);
        let is_size = |n: &u32| *n > 0;
        let cpu = task.cpu_units.filter(is_size).map(in_1024ths);
        let memory = task.memory_mib.filter(is_size).map(in_1024ths);
        match task.architecture {
            Some(architecture) => {
                let (vcpu_item, memory_item) = architecture.items();
                self.count(vcpu_item, cpu, seconds, || of("vCPU"), "how many is not known");
                self.count(memory_item, memory, seconds, || of("memory"), "how much is not known");
            }
            None => self.add_unknown(of("vCPU and memory"), "its architecture is not known"),
        }
        let beyond = |gib: u32| gib.saturating_sub(INCLUDED_STORAGE_GIB).into();
        let storage = task.storage_gib.filter(is_size).map(beyond);
        self.count(
            Item::FargateStorage,
            storage,
            seconds,
            || of("storage"),
            "how much is not known",
        );
        let addresses = task.public_address.map(|public| u32::from(public).into());
        let what = || of("public address");
        self.count(
            Item::PublicAddress,
            addresses,
            seconds,
            what,
            "whether it has one is not known",
        );
    }

    fn balancer(&mut self, balancer: &LoadBalancer, seconds: Decimal, address_seconds: Decimal) {
        match &balancer.kind {
            LoadBalancerKind::Network => self.add_raw(Item::NetworkLoadBalancer, seconds),
            LoadBalancerKind::Other(kind) => self.add_unknown(
                format!("load balancer `{}`", balancer.name),
                &format!("the price of its kind, `{kind}`, is not known"),
            ),
        }
        let addresses = balancer.public_addresses.map(Decimal::from);
        let what = || format!("public addresses of load balancer `{}`", balancer.name);
        self.count(
            Item::PublicAddress,
            addresses,
            address_seconds,
            what,
            "how many is not known",
        );
    }

    /// Adds so many of `item` for so many seconds, or makes `what` an unknown part.
    fn count(
        &mut self,
        item: Item,
        quantity: Option<Decimal>,
        seconds: Decimal,
        what: impl Fn() -> String,
        reason: &str,
    ) {
        match quantity {
            Some(quantity) => self.add_raw(item, quantity * seconds),
            None => self.add_unknown(what(), reason),
        }
    }
}

impl Architecture {
    /// What its vCPUs and its memory are charged as.
    #[must_use]
    pub fn items(self) -> (Item, Item) {
        match self {
            Self::X86 => (Item::FargateX86Vcpu, Item::FargateX86Memory),
            Self::Arm => (Item::FargateArmVcpu, Item::FargateArmMemory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, until: &str) -> Span {
        let at = |time: &str| format!("2026-10-31T{time}Z").parse().unwrap();
        Span {
            from: at(from),
            until: at(until),
        }
    }

    #[test]
    fn a_begun_unit_counts_where_it_begins() {
        let life = span("20:00:00.5", "22:00:00.6");
        let month = span("00:00:00", "22:00:00");
        let next = span("22:00:00", "23:59:59");
        let all = span("00:00:00", "23:59:59");
        // Three begun hours: at 20:00:00.5, 21:00:00.5, and 22:00:00.5, which is in the next month.
        assert_eq!(life.units_within(all, HOUR, 0), 3);
        assert_eq!(life.units_within(month, HOUR, 0), 2);
        assert_eq!(life.units_within(next, HOUR, 0), 1);
        assert_eq!(life.units_within(all, 1, LEAST), 7201);
    }

    #[test]
    fn less_than_a_minute_is_a_minute_and_nothing_is_nothing() {
        let all = span("00:00:00", "23:59:59");
        assert_eq!(span("20:00:00", "20:00:07").units_within(all, 1, LEAST), 60);
        assert_eq!(span("20:00:00", "20:00:00").units_within(all, 1, LEAST), 0);
        assert_eq!(span("20:00:00", "19:00:00").units_within(all, 1, LEAST), 0);
    }
}
