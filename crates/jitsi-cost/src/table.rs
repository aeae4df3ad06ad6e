//! The built-in prices, in dollars for one unit: Linux, on demand, before tax.
//!
//! What is not known is left out; it must not stand here as zero. `docs/prices.md` says how to add a region.

use std::borrow::Cow;

use crate::item::Item::{
    self, ApplicationLoadBalancer, DataOut, FargateArmMemory, FargateArmVcpu, FargateStorage, FargateX86Memory,
    FargateX86Vcpu, HostedZone, LoadBalancerCapacity, LogIngestion, LogStorage, NetworkLoadBalancer, ObjectStorage,
    PublicAddress, Secret,
};
use crate::price::{Grade, Price, Source, Step};
use crate::usd::Usd;

/// The day on which the prices were put together.
pub(crate) const AS_OF: &str = "2026-11-22";

/// The prices of one region: what is not in it is unknown.
pub(crate) struct Region {
    /// As AWS calls it, `us-west-2`.
    pub(crate) name: &'static str,
    /// Each item at most once.
    pub(crate) prices: &'static [(Item, Price)],
}

/// All of them.
pub(crate) fn regions() -> &'static [Region] {
    REGIONS
}

/// All of them, each with when it was seen, and in what.
static REGIONS: &[Region] = &[
    Region {
        name: "us-west-2",
        prices: &[
            (FargateX86Vcpu, published("0.04048", None, ESTIMATE_VCPU)),
            (FargateX86Memory, published("0.004445", None, ESTIMATE_GB)),
            (FargateArmVcpu, inferred("0.03238", Some("2026-08"), US_EAST_1)),
            (FargateArmMemory, inferred("0.00356", Some("2026-08"), US_EAST_1)),
            (FargateStorage, secondary("0.000111", None, NOT_KEPT)),
            (NetworkLoadBalancer, inferred("0.0225", None, ESTIMATE_ANY_KIND)),
            (LoadBalancerCapacity, secondary("0.006", None, NOT_KEPT)),
            (PublicAddress, inferred("0.005", Some("2026-09"), US_EAST_1)),
            (ApplicationLoadBalancer, inferred("0.0225", None, ESTIMATE_ANY_KIND)),
            (
                DataOut,
                stepped("0.09", DATA_OUT, Grade::Published, Some("2026-06"), PRICE_PAGE),
            ),
            (LogIngestion, published("0.50", Some("2026-06"), PRICE_PAGE)),
            (LogStorage, secondary("0.03", Some("2026-06"), NOT_AWS)),
            (
                ObjectStorage,
                stepped("0.023", STANDARD, Grade::Bill, None, BILL_STORAGE),
            ),
            (Secret, inferred("0.40", Some("2026-09"), US_EAST_1)),
            (HostedZone, inferred("0.50", Some("2026-09"), US_EAST_1)),
        ],
    },
    Region {
        name: "us-east-1",
        prices: &[
            (FargateX86Vcpu, published("0.04048", Some("2026"), PRICE_LIST)),
            (FargateX86Memory, published("0.004445", Some("2026"), PRICE_LIST)),
            (FargateArmVcpu, published("0.03238", Some("2026-08"), PRICE_LIST)),
            (FargateArmMemory, published("0.00356", Some("2026-08"), PRICE_LIST)),
            (FargateStorage, secondary("0.000111", None, NOT_KEPT)),
            (NetworkLoadBalancer, published("0.0225", Some("2026-09"), EXAMPLES)),
            (LoadBalancerCapacity, secondary("0.006", None, NOT_KEPT)),
            (PublicAddress, published("0.005", Some("2026-09"), PRICE_LIST)),
            (ApplicationLoadBalancer, inferred("0.0225", Some("2026-09"), AS_NETWORK)),
            (
                DataOut,
                stepped("0.09", DATA_OUT, Grade::Published, Some("2026-06"), PRICE_PAGE),
            ),
            (LogIngestion, published("0.50", Some("2026-06"), PRICE_PAGE)),
            (LogStorage, secondary("0.03", Some("2026-06"), NOT_AWS)),
            (
                ObjectStorage,
                stepped("0.023", STANDARD, Grade::Published, None, PRICE_LIST),
            ),
            (Secret, published("0.40", Some("2026-09"), PRICE_LIST)),
            (HostedZone, published("0.50", Some("2026-09"), PRICE_LIST)),
        ],
    },
    Region {
        name: "eu-west-1",
        prices: &[
            (FargateX86Vcpu, published("0.04048", Some("2026-05"), PRICE_LIST)),
            (FargateX86Memory, bill("0.004445", Some("2026-07"), BILL_GB)),
            (FargateArmVcpu, published("0.03238", Some("2026-05"), PRICE_LIST)),
            (FargateArmMemory, published("0.00356", Some("2026-05"), PRICE_LIST)),
            (NetworkLoadBalancer, inferred("0.0252", Some("2026-07"), BILL_ALB)),
            (LoadBalancerCapacity, inferred("0.006", None, US_EAST_1)),
            (PublicAddress, bill("0.005", Some("2026-07"), BILL_ADDRESS)),
            (ApplicationLoadBalancer, bill("0.0252", Some("2026-07"), BILL_ALB)),
            (Secret, inferred("0.40", Some("2026-09"), US_EAST_1)),
            (HostedZone, inferred("0.50", Some("2026-09"), US_EAST_1)),
        ],
    },
    Region {
        name: "ap-northeast-1",
        prices: &[
            (FargateX86Vcpu, published("0.05056", Some("2026-08"), PRICE_LIST)),
            (FargateX86Memory, published("0.00553", Some("2026-08"), PRICE_LIST)),
            (FargateArmVcpu, secondary("0.04045", None, NOT_KEPT)),
            (FargateArmMemory, secondary("0.00442", None, NOT_KEPT)),
            (NetworkLoadBalancer, inferred("0.0243", Some("2026-08"), ALB_LIST)),
            (LoadBalancerCapacity, secondary("0.006", None, NOT_AWS)),
            (PublicAddress, inferred("0.005", Some("2026-09"), US_EAST_1)),
            (
                ApplicationLoadBalancer,
                published("0.0243", Some("2026-08"), PRICE_LIST),
            ),
            (LogIngestion, secondary("0.76", None, NOT_AWS)),
            (LogStorage, secondary("0.033", None, NOT_AWS)),
            (ObjectStorage, secondary("0.025", None, NOT_AWS)),
            (Secret, inferred("0.40", Some("2026-09"), US_EAST_1)),
            (HostedZone, inferred("0.50", Some("2026-09"), US_EAST_1)),
        ],
    },
];

const PRICE_LIST: &str = "the price list, by a published record of it";
const EXAMPLES: &str = "the examples of the price page";
const ESTIMATE_VCPU: &str = "an estimate by the price list: $7.39 for 182.5 vCPU-hours";
const ESTIMATE_GB: &str = "an estimate by the price list: $1.62 for 365 GB-hours";
const ESTIMATE_ANY_KIND: &str = "$16.43 for 730 hours of the usage type that all kinds of load balancers share";
const BILL_GB: &str = "$1.32 for 297 GB-hours";
const BILL_ALB: &str = "a bill: $15.00 for 595 hours of an application load balancer";
const BILL_ADDRESS: &str = "$8.91 for 1,783 address-hours";
const ALB_LIST: &str = "the price list's row of application load balancers; a page that is not AWS's has the same";
const US_EAST_1: &str = "as in us-east-1";
const NOT_AWS: &str = "a page that is not AWS's";
const NOT_KEPT: &str = "from where was not kept";
const PRICE_PAGE: &str = "the price page";
const AS_NETWORK: &str = "as a network load balancer: all kinds share the usage type";
const BILL_STORAGE: &str = "$0.0118 for 0.514 GB-months; the steps from the price list";

/// 100 GB a month are free, of all regions together; up to 10, 50 and 150 TB, and beyond.
const DATA_OUT: &[Step] = &[
    step(100, "0.09"),
    step(10_240, "0.085"),
    step(51_200, "0.07"),
    step(153_600, "0.05"),
];
/// Up to 50 and 500 TB, and beyond.
const STANDARD: &[Step] = &[step(0, "0.023"), step(51_200, "0.022"), step(512_000, "0.021")];

const fn step(from: u32, usd: &'static str) -> Step {
    Step {
        from,
        usd: Usd::written(usd),
    }
}

type Seen = Option<&'static str>;

const fn published(usd: &str, seen: Seen, note: &'static str) -> Price {
    price(usd, Grade::Published, seen, note)
}

const fn bill(usd: &str, seen: Seen, note: &'static str) -> Price {
    price(usd, Grade::Bill, seen, note)
}

const fn inferred(usd: &str, seen: Seen, note: &'static str) -> Price {
    price(usd, Grade::Inferred, seen, note)
}

const fn secondary(usd: &str, seen: Seen, note: &'static str) -> Price {
    price(usd, Grade::Secondary, seen, note)
}

const fn price(usd: &str, grade: Grade, seen: Seen, note: &'static str) -> Price {
    stepped(usd, &[], grade, seen, note)
}

const fn stepped(usd: &str, steps: &'static [Step], grade: Grade, seen: Seen, note: &'static str) -> Price {
    Price {
        usd: Usd::written(usd),
        steps: Cow::Borrowed(steps),
        source: Source {
            grade,
            seen: match seen {
                Some(seen) => Some(Cow::Borrowed(seen)),
                None => None,
            },
            note: Cow::Borrowed(note),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::item::Per;

    fn rows() -> impl Iterator<Item = (&'static str, Item, &'static Price)> {
        let of = |region: &'static Region| region.prices.iter().map(|(item, price)| (region.name, *item, price));
        REGIONS.iter().flat_map(of)
    }

    #[test]
    fn every_price_stands_once_and_is_none_of_nothing() {
        let mut seen = BTreeSet::new();
        for (region, item, price) in rows() {
            assert!(seen.insert((region, item)), "{region}: {item} stands twice");
            // The dearest by the hour, a vCPU in the dearest region, is below 0.10; a slipped point shows.
            let dearest = if item.per() == Per::Hour { "0.1" } else { "1" };
            let plausible = Usd::written("0.0001")..Usd::written(dearest);
            assert!(plausible.contains(&price.usd), "{region}: {item} at {}", price.usd);
        }
        let names: BTreeSet<_> = REGIONS.iter().map(|region| region.name).collect();
        assert_eq!(names.len(), REGIONS.len(), "a region stands twice");
    }

    #[test]
    fn every_price_says_where_it_comes_from_and_when_it_was_seen() {
        let is_number = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        for (region, item, price) in rows() {
            assert!(!price.source.note.is_empty(), "{region}: {item}");
            let Some(seen) = &price.source.seen else { continue };
            let (year, month) = seen.split_once('-').unwrap_or((seen, "01"));
            assert!(is_number(year, 4) && is_number(month, 2), "{region}: {item}: {seen}");
            assert!(("01"..="12").contains(&month), "{region}: {item}: {seen}");
            assert!(&**seen <= AS_OF, "{region}: {item}: seen after the table's day, {seen}");
        }
    }

    #[test]
    fn what_is_as_in_another_region_is_the_same_there() {
        let (as_there, there): (Vec<_>, Vec<_>) = rows().partition(|(.., price)| price.source.note == US_EAST_1);
        assert!(!as_there.is_empty());
        for (region, item, price) in as_there {
            let (.., original) = there.iter().find(|row| (row.0, row.1) == ("us-east-1", item)).unwrap();
            assert_eq!(
                (price.usd, &price.source.seen),
                (original.usd, &original.source.seen),
                "{region}: {item}"
            );
        }
    }

    #[test]
    fn prices_fit_the_amounts_they_were_divided_out_of() {
        // Hours are rounded where they were read: two cents either way.
        let cases = [
            ("us-west-2", FargateX86Vcpu, 182.5, 7.39),       // 7.3876
            ("us-west-2", FargateX86Memory, 365.0, 1.62),     // 1.622425
            ("us-west-2", NetworkLoadBalancer, 730.0, 16.43), // 16.425
            ("eu-west-1", FargateX86Vcpu, 148.0, 6.01),       // 5.99104, a bill beside the price list
            ("eu-west-1", FargateX86Memory, 297.0, 1.32),     // 1.320165
            ("eu-west-1", NetworkLoadBalancer, 595.0, 15.00), // 14.994
            ("eu-west-1", PublicAddress, 1783.0, 8.91),       // 8.915
        ];
        for (region, item, hours, paid) in cases {
            let (_, _, price) = rows().find(|row| (row.0, row.1) == (region, item)).unwrap();
            let price: f64 = price.usd.amount().to_string().parse().unwrap();
            let computed = price * hours;
            assert!(
                (computed - paid).abs() <= 0.02,
                "{region}: {item}: {computed} for {paid}"
            );
        }
    }
}
