//! What exists and costs money, from when to when. The records are kept by the simulation itself, beside the resources,
//! so that a tool can be judged by them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Place, World};
use crate::clock::{Ms, timestamp};

/// Kinds of billed resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Billed {
    NetworkLoadBalancer,
    ApplicationLoadBalancer,
    FargateTask,
    PublicIpv4,
}

impl Billed {
    fn name(self) -> &'static str {
        match self {
            Self::NetworkLoadBalancer => "network-load-balancer",
            Self::ApplicationLoadBalancer => "application-load-balancer",
            Self::FargateTask => "fargate-task",
            Self::PublicIpv4 => "public-ipv4",
        }
    }
}

/// One record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) kind: Billed,
    name: String,
    arn: String,
    pub(crate) place: Place,
    pub(crate) from: Ms,
    pub(crate) until: Option<Ms>,
    /// Of a task. A state file of before Cost Explorer was here has none.
    #[serde(default)]
    pub(crate) size: Option<TaskSize>,
}

/// How large a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskSize {
    pub(crate) cpu_units: u32,
    pub(crate) memory_mib: u32,
}

/// All records, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ledger(Vec<Record>);

impl Ledger {
    /// A resource has come into being. `arn` is that of the load balancer or task, also for its addresses.
    pub(crate) fn open(&mut self, kind: Billed, name: &str, arn: &str, place: &Place, from: Ms) {
        let place = place.clone();
        self.0.push(Record {
            kind,
            name: name.to_owned(),
            arn: arn.to_owned(),
            place,
            from,
            until: None,
            size: None,
        });
    }

    /// How large the task is that was opened with this ARN.
    pub(crate) fn set_size(&mut self, arn: &str, size: TaskSize) {
        let of_task = |record: &&mut Record| record.kind == Billed::FargateTask;
        for record in self.open_records(arn).filter(of_task) {
            record.size = Some(size);
        }
    }

    /// All records, oldest first.
    pub(crate) fn records(&self) -> &[Record] {
        &self.0
    }

    /// Charges for the resource's open records of one kind begin only now.
    pub(crate) fn begin(&mut self, kind: Billed, arn: &str, from: Ms) {
        for record in self.open_records(arn).filter(|record| record.kind == kind) {
            record.from = from;
        }
    }

    /// The resource is gone, or what it had of one kind.
    pub(crate) fn close(&mut self, kind: Option<Billed>, arn: &str, until: Ms) {
        for record in self
            .open_records(arn)
            .filter(|record| kind.is_none_or(|kind| record.kind == kind))
        {
            record.until = Some(until.max(record.from));
        }
    }

    /// A resource of which it was only said that it existed once: nothing was charged here.
    pub(crate) fn forget(&mut self, arn: &str) {
        self.0.retain(|record| record.arn != arn);
    }

    fn open_records<'a>(&'a mut self, arn: &'a str) -> impl Iterator<Item = &'a mut Record> {
        self.0
            .iter_mut()
            .filter(move |record| record.until.is_none() && record.arn == arn)
    }
}

/// What existed, from when to when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bill {
    /// The simulated time at which the bill was drawn up.
    pub at: Timestamp,
    /// Oldest first.
    pub items: Vec<BillItem>,
}

/// One billed resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BillItem {
    /// `network-load-balancer`, `application-load-balancer`, `fargate-task` or `public-ipv4`.
    pub kind: String,
    /// The load balancer's name, the task's id, or the address.
    pub name: String,
    /// The ARN of the load balancer or task; an address has that of its owner.
    pub arn: String,
    /// Twelve digits.
    pub account: String,
    /// Such as `us-west-2`.
    pub region: String,
    /// Since when it is charged: a load balancer once it is active, a Fargate task from the start of its image pull;
    /// until then, since it exists.
    pub from: Timestamp,
    /// Until when; `None`: it still exists.
    pub until: Option<Timestamp>,
}

impl Bill {
    /// What exists and is charged at this moment.
    pub fn still_billing(&self) -> Vec<&BillItem> {
        self.items.iter().filter(|item| item.until.is_none()).collect()
    }
}

impl World {
    /// The bill so far.
    pub fn bill(&self) -> Bill {
        let items = self.ledger.0.iter().map(|record| BillItem {
            kind: record.kind.name().to_owned(),
            name: record.name.clone(),
            arn: record.arn.clone(),
            account: record.place.account.clone(),
            region: record.place.region.clone(),
            from: timestamp(record.from),
            until: record.until.map(timestamp),
        });
        Bill {
            at: timestamp(self.now_ms()),
            items: items.collect(),
        }
    }
}
