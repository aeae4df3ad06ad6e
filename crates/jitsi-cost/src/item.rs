//! What AWS charges by the hour.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

/// A thing with a price of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Item {
    /// A vCPU of a Fargate task, Linux on x86.
    FargateX86Vcpu,
    /// A GB of memory of a Fargate task, Linux on x86.
    FargateX86Memory,
    /// A vCPU of a Fargate task, Linux on ARM.
    FargateArmVcpu,
    /// A GB of memory of a Fargate task, Linux on ARM.
    FargateArmMemory,
    /// A GB of a Fargate task's ephemeral storage beyond what is included; the same usage type on x86 and ARM.
    FargateStorage,
    /// A Network Load Balancer, from when it is active until it is deleted. AWS charges a begun hour in full.
    NetworkLoadBalancer,
    /// A capacity unit of a Network Load Balancer: its traffic. Not to be told from what exists, so in no total.
    LoadBalancerCapacity,
    /// A public IPv4 address, in use or idle.
    PublicAddress,
}

impl Item {
    /// All of them, in the order in which a bill is shown.
    pub const ALL: [Self; 8] = [
        Self::FargateX86Vcpu,
        Self::FargateX86Memory,
        Self::FargateArmVcpu,
        Self::FargateArmMemory,
        Self::FargateStorage,
        Self::NetworkLoadBalancer,
        Self::LoadBalancerCapacity,
        Self::PublicAddress,
    ];

    /// In what it is counted.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::FargateX86Vcpu | Self::FargateArmVcpu => Unit::Vcpu,
            Self::FargateX86Memory | Self::FargateArmMemory | Self::FargateStorage => Unit::Gb,
            Self::NetworkLoadBalancer => Unit::LoadBalancer,
            Self::LoadBalancerCapacity => Unit::Nlcu,
            Self::PublicAddress => Unit::Address,
        }
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FargateX86Vcpu => "Fargate vCPU (x86)",
            Self::FargateX86Memory => "Fargate memory (x86)",
            Self::FargateArmVcpu => "Fargate vCPU (ARM)",
            Self::FargateArmMemory => "Fargate memory (ARM)",
            Self::FargateStorage => "Fargate storage beyond 20 GB",
            Self::NetworkLoadBalancer => "Network Load Balancer",
            Self::LoadBalancerCapacity => "Network Load Balancer capacity",
            Self::PublicAddress => "public IPv4 address",
        })
    }
}

/// In what an [`Item`] is counted; its price is for one of these for an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A vCPU: 1024 CPU units of ECS.
    Vcpu,
    /// A GB as AWS bills it: 1024 MiB.
    Gb,
    /// A load balancer.
    LoadBalancer,
    /// A capacity unit of a Network Load Balancer.
    Nlcu,
    /// An address.
    Address,
}

impl Unit {
    /// So many of it, in words: `3 addresses`.
    #[must_use]
    pub fn counted(self, quantity: Decimal) -> String {
        let one = quantity == Decimal::ONE;
        match self {
            Self::Vcpu | Self::Gb | Self::Nlcu => format!("{quantity} {self}"),
            Self::LoadBalancer => format!("{quantity} load balancer{}", if one { "" } else { "s" }),
            Self::Address => format!("{quantity} address{}", if one { "" } else { "es" }),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Vcpu => "vCPU",
            Self::Gb => "GB",
            Self::LoadBalancer => "load balancer",
            Self::Nlcu => "NLCU",
            Self::Address => "address",
        })
    }
}

/// As it is displayed.
impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_stands_once_in_the_order_of_a_bill() {
        assert!(Item::ALL.is_sorted_by(|a, b| a < b));
        assert_eq!(Item::ALL.last(), Some(&Item::PublicAddress));
    }
}
