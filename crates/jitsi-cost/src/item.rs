//! What AWS charges for.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

/// A thing with a price of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// An Application Load Balancer. No platform here has one; it is what others keep on all the time.
    ApplicationLoadBalancer,
    /// A GB to the internet. AWS counts all regions of an account together.
    DataOut,
    /// A GB taken in by CloudWatch Logs.
    LogIngestion,
    /// A GB kept by CloudWatch Logs for a month.
    LogStorage,
    /// A GB kept in S3 Standard for a month.
    ObjectStorage,
    /// A GB kept in an archive class of S3 for a month.
    ArchiveStorage,
    /// A secret in Secrets Manager for a month. Parameters of SSM, standard tier, are free.
    Secret,
    /// A hosted zone of Route 53 for a month.
    HostedZone,
}

impl Item {
    /// All of them, in the order in which a bill is shown.
    pub const ALL: [Self; 16] = [
        Self::FargateX86Vcpu,
        Self::FargateX86Memory,
        Self::FargateArmVcpu,
        Self::FargateArmMemory,
        Self::FargateStorage,
        Self::NetworkLoadBalancer,
        Self::LoadBalancerCapacity,
        Self::PublicAddress,
        Self::ApplicationLoadBalancer,
        Self::DataOut,
        Self::LogIngestion,
        Self::LogStorage,
        Self::ObjectStorage,
        Self::ArchiveStorage,
        Self::Secret,
        Self::HostedZone,
    ];

    /// The item of this name, as JSON and configuration write it: `network-load-balancer`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.name() == name)
    }

    /// Its name in JSON and configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FargateX86Vcpu => "fargate-x86-vcpu",
            Self::FargateX86Memory => "fargate-x86-memory",
            Self::FargateArmVcpu => "fargate-arm-vcpu",
            Self::FargateArmMemory => "fargate-arm-memory",
            Self::FargateStorage => "fargate-storage",
            Self::NetworkLoadBalancer => "network-load-balancer",
            Self::LoadBalancerCapacity => "load-balancer-capacity",
            Self::PublicAddress => "public-address",
            Self::ApplicationLoadBalancer => "application-load-balancer",
            Self::DataOut => "data-out",
            Self::LogIngestion => "log-ingestion",
            Self::LogStorage => "log-storage",
            Self::ObjectStorage => "object-storage",
            Self::ArchiveStorage => "archive-storage",
            Self::Secret => "secret",
            Self::HostedZone => "hosted-zone",
        }
    }

    /// For what time one of its units is paid.
    #[must_use]
    pub fn per(self) -> Per {
        match self {
            Self::FargateX86Vcpu
            | Self::FargateX86Memory
            | Self::FargateArmVcpu
            | Self::FargateArmMemory
            | Self::FargateStorage
            | Self::NetworkLoadBalancer
            | Self::LoadBalancerCapacity
            | Self::PublicAddress
            | Self::ApplicationLoadBalancer => Per::Hour,
            Self::DataOut | Self::LogIngestion => Per::Once,
            Self::LogStorage | Self::ObjectStorage | Self::ArchiveStorage | Self::Secret | Self::HostedZone => {
                Per::Month
            }
        }
    }

    /// What its price is for, as price books write it: `vCPU-hour`, `GB`, `secret-month`.
    #[must_use]
    pub fn measure(self) -> String {
        let unit = self.unit().to_string().replace(' ', "-");
        match self.per() {
            Per::Hour => format!("{unit}-hour"),
            Per::Month => format!("{unit}-month"),
            Per::Once => unit,
        }
    }

    /// In what it is counted.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::FargateX86Vcpu | Self::FargateArmVcpu => Unit::Vcpu,
            Self::FargateX86Memory | Self::FargateArmMemory | Self::FargateStorage => Unit::Gb,
            Self::DataOut | Self::LogIngestion | Self::LogStorage | Self::ObjectStorage | Self::ArchiveStorage => {
                Unit::Gb
            }
            Self::NetworkLoadBalancer | Self::ApplicationLoadBalancer => Unit::LoadBalancer,
            Self::Secret => Unit::Secret,
            Self::HostedZone => Unit::Zone,
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
            Self::ApplicationLoadBalancer => "Application Load Balancer",
            Self::DataOut => "data to the internet",
            Self::LogIngestion => "logs taken in",
            Self::LogStorage => "logs kept",
            Self::ObjectStorage => "S3 storage",
            Self::ArchiveStorage => "S3 archive",
            Self::Secret => "secret",
            Self::HostedZone => "hosted zone",
        })
    }
}

/// By its name.
impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// For what time a unit of an [`Item`] is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Per {
    /// For each hour, or part of one, that it exists.
    Hour,
    /// For each month.
    Month,
    /// Once.
    Once,
}

/// In what an [`Item`] is counted; [`Item::per`] says for what time one of these has its price.
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
    /// A secret.
    Secret,
    /// A hosted zone.
    Zone,
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
            Self::Secret | Self::Zone => format!("{quantity} {self}{}", if one { "" } else { "s" }),
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
            Self::Secret => "secret",
            Self::Zone => "zone",
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
        assert_eq!(Item::ALL.last(), Some(&Item::HostedZone));
        for item in Item::ALL {
            assert_eq!(Item::named(item.name()), Some(item));
        }
    }
}
