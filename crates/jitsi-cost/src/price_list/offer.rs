//! The offers of the price list, and by what the product of an item is known among their decoys.

use super::file::Product;
use crate::item::Item;

/// What hours are called, by the offers here.
const HOURS: &[&str] = &["Hrs", "hours", "Hours"];
/// A vCPU for an hour; the list says only `hours`.
const VCPU_HOURS: &[&str] = &["hours", "Hrs", "Hours", "vCPU-Hours"];
/// A GB for an hour; the list says `hours` of memory and `GB-Hours` of storage.
const GB_HOURS: &[&str] = &["hours", "Hrs", "Hours", "GB-Hours"];
/// A capacity unit for an hour.
const CAPACITY_HOURS: &[&str] = &["LCU-Hrs", "NLCU-Hrs", "LCU-Hours", "NLCU-Hours"];
/// A GB, once.
const GB: &[&str] = &["GB"];
/// A GB for a month.
const GB_MONTHS: &[&str] = &["GB-Mo"];
/// A secret for a month. The list says `Secrets`; that it is a month stands in the description only.
const SECRETS: &[&str] = &["Secrets", "Secrets-Mo"];
/// A hosted zone for a month. The list says `HostedZone`; that it is a month stands in the description only.
const ZONES: &[&str] = &["HostedZone", "HostedZone-Mo"];

/// A service's part of the price list: a file of its own for each region, or one for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Offer {
    /// Fargate.
    Ecs,
    /// Load balancers and their capacity units.
    Elb,
    /// Public addresses.
    Vpc,
    /// Logs.
    CloudWatch,
    /// Stored objects.
    S3,
    /// Data to the internet.
    DataTransfer,
    /// Secrets.
    SecretsManager,
    /// Hosted zones; one file for all regions.
    Route53,
}

impl Offer {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Ecs,
        Self::Elb,
        Self::Vpc,
        Self::CloudWatch,
        Self::S3,
        Self::DataTransfer,
        Self::SecretsManager,
        Self::Route53,
    ];

    /// As the price list calls it: `AmazonECS`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ecs => "AmazonECS",
            Self::Elb => "AWSELB",
            Self::Vpc => "AmazonVPC",
            Self::CloudWatch => "AmazonCloudWatch",
            Self::S3 => "AmazonS3",
            Self::DataTransfer => "AWSDataTransfer",
            Self::SecretsManager => "AWSSecretsManager",
            Self::Route53 => "AmazonRoute53",
        }
    }

    /// As bills, and Cost Explorer's dimension `SERVICE`, call it. `None`: it is none of its own there.
    #[must_use]
    pub fn service(self) -> Option<&'static str> {
        Some(match self {
            Self::Ecs => "Amazon Elastic Container Service",
            Self::Elb => "Amazon Elastic Load Balancing",
            Self::Vpc => "Amazon Virtual Private Cloud",
            Self::CloudWatch => "AmazonCloudWatch",
            Self::S3 => "Amazon Simple Storage Service",
            Self::DataTransfer => return None,
            Self::SecretsManager => "AWS Secrets Manager",
            Self::Route53 => "Amazon Route 53",
        })
    }

    /// What it is looked through for. [`Item::ArchiveStorage`] is in none: it may be any of several classes.
    #[must_use]
    pub fn items(self) -> &'static [Item] {
        match self {
            Self::Ecs => &[
                Item::FargateX86Vcpu,
                Item::FargateX86Memory,
                Item::FargateArmVcpu,
                Item::FargateArmMemory,
                Item::FargateStorage,
            ],
            Self::Elb => &[
                Item::NetworkLoadBalancer,
                Item::LoadBalancerCapacity,
                Item::ApplicationLoadBalancer,
            ],
            Self::Vpc => &[Item::PublicAddress],
            Self::CloudWatch => &[Item::LogIngestion, Item::LogStorage],
            Self::S3 => &[Item::ObjectStorage],
            Self::DataTransfer => &[Item::DataOut],
            Self::SecretsManager => &[Item::Secret],
            Self::Route53 => &[Item::HostedZone],
        }
    }

    /// Below [`super::BASE`], the path of its file where that is one for all regions. `None`: it has one for each, which
    /// [`Self::region_index_path`] leads to.
    #[must_use]
    pub fn path_without_region(self) -> Option<&'static str> {
        match self {
            Self::Route53 => Some("/offers/v1.0/aws/AmazonRoute53/current/index.json"),
            _ => None,
        }
    }

    /// Below [`super::BASE`], the path of the index of its regions, for [`super::region_url`].
    #[must_use]
    pub fn region_index_path(self) -> String {
        format!("/offers/v1.0/aws/{}/current/region_index.json", self.code())
    }
}

/// By what the product of an item is known.
pub(super) struct Rule {
    /// Its usage type, after the prefix of the region.
    pub(super) usage: &'static str,
    /// Its operation, where others have the same usage type.
    operation: Option<&'static str>,
    /// The units of its price that are those of the item.
    pub(super) units: &'static [&'static str],
    /// The usage type of another product of the offer that has what of this one is free.
    pub(super) free: Option<&'static str>,
}

/// By what the product of `item` is known. `None`: no offer is looked through for it.
pub(super) fn rule(item: Item) -> Option<Rule> {
    let of = |usage, units| Rule {
        usage,
        operation: None,
        units,
        free: None,
    };
    let balancer = |usage, units, operation| Rule {
        operation: Some(operation),
        ..of(usage, units)
    };
    Some(match item {
        Item::FargateX86Vcpu => of("Fargate-vCPU-Hours:perCPU", VCPU_HOURS),
        Item::FargateX86Memory => of("Fargate-GB-Hours", GB_HOURS),
        Item::FargateArmVcpu => of("Fargate-ARM-vCPU-Hours:perCPU", VCPU_HOURS),
        Item::FargateArmMemory => of("Fargate-ARM-GB-Hours", GB_HOURS),
        Item::FargateStorage => of("Fargate-EphemeralStorage-GB-Hours", GB_HOURS),
        Item::NetworkLoadBalancer => balancer("LoadBalancerUsage", HOURS, "LoadBalancing:Network"),
        Item::LoadBalancerCapacity => balancer("LCUUsage", CAPACITY_HOURS, "LoadBalancing:Network"),
        Item::ApplicationLoadBalancer => balancer("LoadBalancerUsage", HOURS, "LoadBalancing:Application"),
        Item::PublicAddress => of("PublicIPv4:InUseAddress", HOURS),
        Item::DataOut => Rule {
            free: Some("Global-DataTransfer-Out-Bytes"),
            ..of("DataTransfer-Out-Bytes", GB)
        },
        Item::LogIngestion => of("DataProcessing-Bytes", GB),
        Item::LogStorage | Item::ObjectStorage => of("TimedStorage-ByteHrs", GB_MONTHS),
        Item::Secret => of("AWSSecretsManager-Secrets", SECRETS),
        Item::HostedZone => of("HostedZone", ZONES),
        Item::ArchiveStorage => return None,
    })
}

impl Rule {
    /// Whether this is the product of `item` in `region`.
    ///
    /// A product may be none of the region's own: files of a region also have its local zones, Outposts and what is the same
    /// for all regions. So where it has a region it must be this one.
    pub(super) fn fits(&self, offer: Offer, item: Item, region: &str, product: &Product<'_>) -> bool {
        let has = &product.attributes;
        let usage = match offer.path_without_region() {
            Some(_) => has.usage.as_ref() == self.usage,
            None => has.usage.strip_suffix(self.usage).is_some_and(is_prefix),
        };
        let here = |code: &str| code.is_empty() || code == region || offer.path_without_region().is_some();
        let special = match item {
            Item::DataOut => product.family == "Data Transfer" && has.transfer == "AWS Outbound",
            Item::ObjectStorage => has.volume == "Standard",
            _ => has.system.is_empty() || has.system == "Linux",
        };
        usage
            && special
            && here(&has.region)
            && here(&has.from_region)
            && self.operation.is_none_or(|operation| has.operation == operation)
    }
}

/// Whether this, before a usage type, only says in which region: nothing, or two to four capital letters, perhaps a number,
/// and a hyphen. `USW2-`, `EU-`, `APN1-`.
///
/// There is no table of all regions' prefixes here, which AWS adds to. What else AWS puts before a usage type is longer or
/// has small letters (`Outposts-`, `Reserved…`, `Global-`), but for `TS-`, a load balancer's trust stores. No region has
/// that prefix.
fn is_prefix(text: &str) -> bool {
    let Some(name) = text.strip_suffix('-') else {
        return text.is_empty();
    };
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (2..=4).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_uppercase()) && name != "TS"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_but_the_archive_is_in_one_offer() {
        let mut items: Vec<Item> = Offer::ALL.iter().flat_map(|offer| offer.items()).copied().collect();
        items.sort_unstable();
        let all = Item::ALL.into_iter().filter(|item| *item != Item::ArchiveStorage);
        assert_eq!(items, all.collect::<Vec<_>>());
        assert!(items.iter().all(|item| rule(*item).is_some()));
        assert!(rule(Item::ArchiveStorage).is_none());
    }

    #[test]
    fn only_a_region_is_a_prefix() {
        for prefix in ["", "USE1-", "USW2-", "EU-", "EUW1-", "APN1-", "USGW1-"] {
            assert!(is_prefix(prefix), "{prefix}");
        }
        for other in [
            "TS-",
            "USW2-TS-",
            "Outposts-",
            "Reserved",
            "USW2",
            "-",
            "1-",
            "Global-",
            "USW2-LAX1-",
            "us-west-2-",
        ] {
            assert!(!is_prefix(other), "{other}");
        }
    }
}
