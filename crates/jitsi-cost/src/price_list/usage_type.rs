//! From the usage types of a bill to items.

use super::offer::{Offer, rule};
use crate::item::Item;

/// What AWS puts before the usage types of a region. Regions that are not here are not known.
const PREFIXES: [(&str, &[&str]); 27] = [
    ("us-east-1", &["USE1-", ""]),
    ("us-east-2", &["USE2-"]),
    ("us-west-1", &["USW1-"]),
    ("us-west-2", &["USW2-"]),
    ("us-gov-east-1", &["UGE1-"]),
    ("us-gov-west-1", &["UGW1-"]),
    ("ca-central-1", &["CAN1-"]),
    ("sa-east-1", &["SAE1-"]),
    ("eu-west-1", &["EU-", "EUW1-"]),
    ("eu-west-2", &["EUW2-"]),
    ("eu-west-3", &["EUW3-"]),
    ("eu-central-1", &["EUC1-"]),
    ("eu-central-2", &["EUC2-"]),
    ("eu-north-1", &["EUN1-"]),
    ("eu-south-1", &["EUS1-"]),
    ("eu-south-2", &["EUS2-"]),
    ("af-south-1", &["AFS1-"]),
    ("il-central-1", &["ILC1-"]),
    ("me-south-1", &["MES1-"]),
    ("me-central-1", &["MEC1-"]),
    ("ap-east-1", &["APE1-"]),
    ("ap-northeast-1", &["APN1-"]),
    ("ap-northeast-2", &["APN2-"]),
    ("ap-northeast-3", &["APN3-"]),
    ("ap-southeast-1", &["APS1-"]),
    ("ap-southeast-2", &["APS2-"]),
    ("ap-south-1", &["APS3-"]),
];

impl Item {
    /// The item that a usage type of `service`, as bills name it, stands for in `region`. `None`: for none, or in another
    /// region, or in one whose prefix is not known here.
    ///
    /// Load balancers of all kinds have one usage type, and only the operation tells them apart: it stands for the network one.
    #[must_use]
    pub fn of_usage_type(service: &str, usage_type: &str, region: &str) -> Option<Self> {
        let offer = Offer::ALL.into_iter().find(|offer| offer.service() == Some(service))?;
        let (_, prefixes) = PREFIXES.iter().find(|(known, _)| *known == region)?;
        let stands_for = |item: &Item| {
            let usage = rule(*item).map(|rule| rule.usage);
            match offer.path_without_region() {
                Some(_) => usage == Some(usage_type),
                None => prefixes
                    .iter()
                    .any(|prefix| usage_type.strip_prefix(prefix).is_some_and(|rest| usage == Some(rest))),
            }
        };
        offer.items().iter().copied().find(stands_for)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(service: &str, usage_type: &str, region: &str) -> Option<Item> {
        Item::of_usage_type(service, usage_type, region)
    }

    #[test]
    fn a_usage_type_stands_for_an_item_of_its_service_and_region_only() {
        let (ecs, elb) = ("Amazon Elastic Container Service", "Amazon Elastic Load Balancing");
        let here = "us-west-2";
        for (service, usage_type, expected) in [
            (ecs, "USW2-Fargate-vCPU-Hours:perCPU", Some(Item::FargateX86Vcpu)),
            (ecs, "USW2-Fargate-ARM-GB-Hours", Some(Item::FargateArmMemory)),
            (
                ecs,
                "USW2-Fargate-EphemeralStorage-GB-Hours",
                Some(Item::FargateStorage),
            ),
            (ecs, "EU-Fargate-GB-Hours", None),
            (ecs, "Fargate-GB-Hours", None),
            (elb, "USW2-LoadBalancerUsage", Some(Item::NetworkLoadBalancer)),
            (elb, "USW2-LCUUsage", Some(Item::LoadBalancerCapacity)),
            (elb, "USW2-TS-LoadBalancerUsage", None),
            (ecs, "USW2-LoadBalancerUsage", None),
            (
                "Amazon Virtual Private Cloud",
                "USW2-PublicIPv4:InUseAddress",
                Some(Item::PublicAddress),
            ),
            ("Amazon Virtual Private Cloud", "USW2-PublicIPv4:IdleAddress", None),
            ("AmazonCloudWatch", "USW2-TimedStorage-ByteHrs", Some(Item::LogStorage)),
            (
                "AmazonCloudWatch",
                "USW2-DataProcessing-Bytes",
                Some(Item::LogIngestion),
            ),
            (
                "Amazon Simple Storage Service",
                "USW2-TimedStorage-ByteHrs",
                Some(Item::ObjectStorage),
            ),
            (
                "AWS Secrets Manager",
                "USW2-AWSSecretsManager-Secrets",
                Some(Item::Secret),
            ),
            ("Amazon Route 53", "HostedZone", Some(Item::HostedZone)),
            ("AmazonLightsail", "USW2-LoadBalancerUsage", None),
        ] {
            assert_eq!(item(service, usage_type, here), expected, "{service} {usage_type}");
        }
        assert_eq!(
            item(elb, "LoadBalancerUsage", "us-east-1"),
            Some(Item::NetworkLoadBalancer)
        );
        assert_eq!(
            item(ecs, "USE1-Fargate-GB-Hours", "us-east-1"),
            Some(Item::FargateX86Memory)
        );
        assert_eq!(item(elb, "LoadBalancerUsage", "mars-north-1"), None);
    }

    #[test]
    fn no_two_regions_have_a_prefix_in_common() {
        let mut all: Vec<&str> = PREFIXES.iter().flat_map(|(_, prefixes)| *prefixes).copied().collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
