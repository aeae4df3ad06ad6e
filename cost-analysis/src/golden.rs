//! The original's figures from the original's assumptions, and ours beside them, worked by hand.

use jitsi_cost::{
    Amounts, Architecture, Grade, Item, LoadBalancer, LoadBalancerKind, PriceBook, Running, Sheet, Task, Total, Written,
};
use rust_decimal::Decimal;

use crate::compare::{break_even, scenario};
use crate::idle::Idle;

const REGION: &str = "us-west-2";

/// What cost-analysis.pl has typed in. Its $0.198 for 4 vCPUs and 8 GB is prices rounded to four digits.
fn of_the_original() -> PriceBook {
    let mut sheet = Sheet::new("2025-01-01");
    for (item, usd) in [
        (Item::FargateX86Vcpu, "0.0405"),
        (Item::FargateX86Memory, "0.0045"),
        (Item::NetworkLoadBalancer, "0.0225"),
        (Item::ObjectStorage, "0.023"),
        (Item::ArchiveStorage, "0.004"),
    ] {
        let written = Written {
            item: item.name().to_owned(),
            usd: Some(usd.to_owned()),
            unit: Some(item.measure()),
            ..Written::default()
        };
        sheet.add(REGION, &written, Grade::Stated).unwrap();
    }
    PriceBook::only(sheet)
}

/// 4 vCPUs, 8 GB, one load balancer; `addresses`: whether there are any, as at AWS since 2024.
fn platform(addresses: bool) -> Running {
    Running {
        tasks: vec![Task {
            name: "jitsi".to_owned(),
            cpu_units: Some(4096),
            memory_mib: Some(8192),
            architecture: Some(Architecture::X86),
            storage_gib: Some(20),
            public_address: Some(addresses),
        }],
        load_balancers: vec![LoadBalancer {
            name: "nlb".to_owned(),
            kind: LoadBalancerKind::Network,
            public_addresses: Some(if addresses { 2 } else { 0 }),
        }],
        unseen: Vec::new(),
    }
}

/// 10 GB in S3, and 2 GB of logs in its archive.
fn kept() -> Idle {
    Idle {
        storage_gb: Some(Decimal::from(10)),
        archive_gb: Decimal::from(2),
        log_gb: Some(Decimal::ZERO),
        secrets: Some(Decimal::ZERO),
        hosted_zones: 0,
    }
}

fn months(book: &PriceBook, running: &Running, idle: &Amounts) -> Vec<String> {
    let cost = |hours: u32| scenario(book, REGION, running, idle, Decimal::from(hours)).per_month;
    [10, 50, 200]
        .into_iter()
        .map(|hours| cost(hours).monthly_text())
        .collect()
}

/// The load balancer alone for so many hours.
fn balancer_for(book: &PriceBook, running: &Running, hours: u32) -> Total {
    let balancer = Running {
        tasks: Vec::new(),
        ..running.clone()
    };
    book.cost(REGION, &Amounts::for_hours(&balancer, hours.into())).total
}

#[test]
fn the_originals_figures_follow_from_the_originals_assumptions() {
    let (book, running, idle) = (of_the_original(), platform(false), kept().amounts());
    // 10 * 0.023 + 2 * 0.004
    assert_eq!(book.cost(REGION, &idle).total.to_string(), "$0.238");
    assert_eq!(book.cost(REGION, &idle).total.monthly_text(), "$0.24");
    // 4 * 0.0405 + 8 * 0.0045 = 0.198; + 0.0225
    let hour = book.hourly_cost(REGION, &running).per_hour;
    assert_eq!(hour.to_string(), "$0.2205");
    // 10 * 0.2205 + 0.238 = 2.443; 11.025 + 0.238 = 11.263; 44.1 + 0.238 = 44.338
    assert_eq!(months(&book, &running, &idle), ["$2.44", "$11.26", "$44.34"]);
    // Its load balancer for a month of 720 hours: 16.20; 16.20 / 0.2205 = 73.47
    assert_eq!(break_even(balancer_for(&book, &running, 720), hour), Some(73));
}

#[test]
fn ours_differ_by_addresses_by_unrounded_prices_and_by_the_length_of_a_month() {
    let (book, running) = (PriceBook::built_in(), platform(true));
    let idle = Idle {
        // An archive class has no price that is built in.
        archive_gb: Decimal::ZERO,
        ..kept()
    };
    // 10 * 0.023: without the archive, 0.008.
    let idle = idle.amounts();
    assert_eq!(book.cost(REGION, &idle).total.to_string(), "$0.23");
    // 4 * 0.04048 + 8 * 0.004445 = 0.19748, not 0.198: prices are not rounded to four digits. + 0.0225; + 3 addresses at
    // 0.005, which it leaves out, two of the load balancer and one of the task: 0.23498.
    let hour = book.hourly_cost(REGION, &running).per_hour;
    assert_eq!(hour.to_string(), "$0.23498");
    // 2.3498 + 0.23 = 2.5798; 11.749 + 0.23 = 11.979; 46.996 + 0.23 = 47.226
    assert_eq!(months(&book, &running, &idle), ["$2.58", "$11.98", "$47.23"]);
    // The load balancer has two addresses: 0.0325 * 730 = 23.725, not 16.20; / 0.23498 = 100.97
    assert_eq!(break_even(balancer_for(&book, &running, 730), hour), Some(100));
}
