//! What runs, as plain input.
//!
//! A field that is `None` was not to be found out: it becomes an unknown part of the cost.

use crate::amounts::Unknown;

/// Storage that every Fargate task has without a charge, in GiB.
pub const INCLUDED_STORAGE_GIB: u32 = 20;

/// What exists and is charged by the hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Fargate tasks on Linux, from the pull of their image until they are STOPPED.
    pub tasks: Vec<Task>,
    /// Load balancers.
    pub load_balancers: Vec<LoadBalancer>,
    /// What may exist beside these, because nobody could look.
    pub unseen: Vec<Unknown>,
}

/// A Fargate task on Linux.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// By which it is named where a part of it has no price.
    pub name: String,
    /// CPU units of the task, 1024 to the vCPU. There is no task with 0: that is what a missing value parses as, and is
    /// taken for unknown.
    pub cpu_units: Option<u32>,
    /// Memory of the task in MiB; 0 likewise.
    pub memory_mib: Option<u32>,
    /// Of its processor. A task definition that does not say it means x86.
    pub architecture: Option<Architecture>,
    /// Ephemeral storage in GiB: [`INCLUDED_STORAGE_GIB`] where the task definition says nothing; 0
    /// likewise.
    pub storage_gib: Option<u32>,
    /// Whether it has a public IPv4 address.
    pub public_address: Option<bool>,
}

/// Of a task's processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Architecture {
    /// `X86_64`.
    X86,
    /// `ARM64`.
    Arm,
}

/// A load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// By which it is named where a part of it has no price.
    pub name: String,
    /// Its kind.
    pub kind: LoadBalancerKind,
    /// Its public IPv4 addresses: one for each zone of an internet-facing one, 0 for an internal one.
    pub public_addresses: Option<u32>,
}

/// The kind of a load balancer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadBalancerKind {
    /// A Network Load Balancer.
    Network,
    /// Another, as AWS calls it (`application`), of which no price is known here.
    Other(String),
}
