//! What platforms cost, computed by hand.

use jitsi_cost::{
    Architecture, HOURS_PER_MONTH, HourlyCost, Item, LoadBalancer, LoadBalancerKind, PriceBook, Running, Task, Total,
    Unknown,
};

/// A task of so many vCPUs and GB on x86, with a public address and no more storage than is included.
fn task(vcpus: u32, gb: u32) -> Task {
    Task {
        name: "0a1b".to_owned(),
        cpu_units: Some(vcpus * 1024),
        memory_mib: Some(gb * 1024),
        architecture: Some(Architecture::X86),
        storage_gib: Some(20),
        public_address: Some(true),
    }
}

/// A Network Load Balancer, internet-facing in so many zones.
fn balancer(zones: u32) -> LoadBalancer {
    LoadBalancer {
        name: "jitsi-nlb".to_owned(),
        kind: LoadBalancerKind::Network,
        public_addresses: Some(zones),
    }
}

fn cost(region: &str, tasks: Vec<Task>, load_balancers: Vec<LoadBalancer>) -> HourlyCost {
    let running = Running {
        tasks,
        load_balancers,
        unseen: Vec::new(),
    };
    PriceBook::built_in().hourly_cost(region, &running)
}

/// Item, quantity, unit, price and amount of each line.
fn lines(cost: &HourlyCost) -> Vec<String> {
    let text = |line: &jitsi_cost::Line| {
        let (price, sum) = (line.price.usd, line.per_hour);
        format!("{}: {} at {price} = {sum}", line.what, line.unit.counted(line.quantity))
    };
    cost.lines.iter().map(text).collect()
}

fn unknown(cost: &HourlyCost) -> Vec<String> {
    cost.unknown.iter().map(ToString::to_string).collect()
}

fn shown(total: Total) -> String {
    total.to_string()
}

#[test]
fn a_platform_in_oregon_costs_what_was_computed_by_hand() {
    let cost = cost("us-west-2", vec![task(4, 8)], vec![balancer(2)]);
    assert_eq!(
        lines(&cost),
        [
            "Fargate vCPU (x86): 4 vCPU at $0.04048 = $0.16192",
            "Fargate memory (x86): 8 GB at $0.004445 = $0.03556",
            "Network Load Balancer: 1 load balancer at $0.0225 = $0.0225",
            // One of the task, and one in each zone of the load balancer.
            "public IPv4 address: 3 addresses at $0.005 = $0.015",
        ]
    );
    // 0.16192 + 0.03556 = 0.19748; + 0.0225 = 0.21998; + 0.015 = 0.23498
    assert_eq!(shown(cost.per_hour), "$0.23498");
    assert_eq!(cost.per_hour.hourly_text(), "$0.2350");
    // 0.23498 * 730 = 171.5354
    assert_eq!(shown(cost.per_month()), "$171.5354");
    assert_eq!(cost.per_month().monthly_text(), "$171.54");
    assert!(cost.per_hour.is_complete() && cost.unknown.is_empty());
}

#[test]
fn the_scripts_figure_is_ours_without_addresses_and_with_unrounded_prices() {
    // cost-analysis.pl: Fargate $0.198, with the load balancer $0.2205. 0.198 is 4 * 0.0405 + 8 * 0.0045, prices rounded to
    // four digits; unrounded it is 0.19748. Addresses, 0.015 an hour and so more than half of a load balancer, it leaves
    // out. Its month has 720 hours: 0.2205 * 720 = 158.76.
    let inside = Task {
        public_address: Some(false),
        ..task(4, 8)
    };
    let fargate = cost("us-west-2", vec![inside.clone()], vec![]);
    assert_eq!(shown(fargate.per_hour), "$0.19748");
    let with_balancer = cost("us-west-2", vec![inside], vec![balancer(0)]);
    assert_eq!(shown(with_balancer.per_hour), "$0.21998");
    // 0.21998 * 720 = 158.3856
    assert_eq!(with_balancer.per_hour.times(720).monthly_text(), "$158.39");
    assert_eq!(HOURS_PER_MONTH, 8760 / 12);
}

#[test]
fn a_forgotten_load_balancer_costs_its_hours_and_its_addresses() {
    let cost = cost("us-east-1", vec![], vec![balancer(2)]);
    // 0.0225 + 2 * 0.005 = 0.0325; * 730 = 23.725
    assert_eq!(shown(cost.per_hour), "$0.0325");
    assert_eq!(cost.per_month().monthly_text(), "$23.73");
}

#[test]
fn another_region_has_its_own_prices() {
    // 2 * 0.05056 + 4 * 0.00553 = 0.12324; + 0.0243 + 3 * 0.005 = 0.16254
    let tokyo = cost("ap-northeast-1", vec![task(2, 4)], vec![balancer(2)]);
    assert_eq!(shown(tokyo.per_hour), "$0.16254");
    // 2 * 0.04048 + 4 * 0.004445 = 0.09874; + 0.0252 + 4 * 0.005 = 0.14394
    let ireland = cost("eu-west-1", vec![task(2, 4)], vec![balancer(3)]);
    assert_eq!(shown(ireland.per_hour), "$0.14394");
}

#[test]
fn a_task_on_arm_costs_the_prices_of_arm() {
    let on_arm = Task {
        architecture: Some(Architecture::Arm),
        public_address: Some(false),
        ..task(4, 8)
    };
    // 4 * 0.03238 + 8 * 0.00356 = 0.12952 + 0.02848 = 0.158
    assert_eq!(
        shown(cost("us-west-2", vec![on_arm.clone()], vec![]).per_hour),
        "$0.158"
    );
    // 4 * 0.04045 + 8 * 0.00442 = 0.1618 + 0.03536 = 0.19716
    assert_eq!(shown(cost("ap-northeast-1", vec![on_arm], vec![]).per_hour), "$0.19716");
}

#[test]
fn parts_of_a_vcpu_and_storage_beyond_what_is_included_are_charged() {
    let small = Task {
        cpu_units: Some(256),
        memory_mib: Some(512),
        storage_gib: Some(50),
        ..task(0, 0)
    };
    let cost = cost("us-east-1", vec![small.clone(), small], vec![]);
    assert_eq!(
        lines(&cost),
        [
            "Fargate vCPU (x86): 0.5 vCPU at $0.04048 = $0.02024",
            "Fargate memory (x86): 1 GB at $0.004445 = $0.004445",
            "Fargate storage beyond 20 GB: 60 GB at $0.000111 = $0.00666",
            "public IPv4 address: 2 addresses at $0.005 = $0.01",
        ]
    );
    // 0.02024 + 0.004445 + 0.00666 + 0.01
    assert_eq!(shown(cost.per_hour), "$0.041345");
}

#[test]
fn a_price_that_is_not_known_makes_the_total_a_least() {
    let on_arm = Task {
        architecture: Some(Architecture::Arm),
        storage_gib: Some(50),
        ..task(1, 2)
    };
    let cost = cost("eu-west-1", vec![on_arm], vec![]);
    assert_eq!(
        unknown(&cost),
        ["Fargate storage beyond 20 GB, 30 GB: its price in `eu-west-1` is not known"]
    );
    // 0.03238 + 2 * 0.00356 + 0.005 = 0.0445; * 730 = 32.485
    assert_eq!(cost.per_hour.hourly_text(), "at least $0.0445");
    assert_eq!(cost.per_month().monthly_text(), "at least $32.49");
}

#[test]
fn in_a_region_that_is_not_in_the_table_nothing_has_a_price() {
    let table = PriceBook::built_in();
    for item in Item::ALL {
        assert_eq!(table.price("sa-east-1", item), None, "{item}");
    }
    let cost = cost("sa-east-1", vec![task(4, 8)], vec![balancer(2)]);
    assert_eq!(
        unknown(&cost),
        [
            "Fargate vCPU (x86), 4 vCPU: its price in `sa-east-1` is not known",
            "Fargate memory (x86), 8 GB: its price in `sa-east-1` is not known",
            "Network Load Balancer, 1 load balancer: its price in `sa-east-1` is not known",
            "public IPv4 address, 3 addresses: its price in `sa-east-1` is not known",
        ]
    );
    assert_eq!((cost.per_hour, cost.per_month()), (Total::Unknown, Total::Unknown));
    assert_eq!(cost.per_hour.hourly_text(), "unknown");
}

#[test]
fn what_nobody_could_look_at_is_not_free() {
    // What a missing number parses as is no size either.
    let unread = Task {
        cpu_units: None,
        memory_mib: Some(0),
        architecture: Some(Architecture::X86),
        storage_gib: None,
        public_address: None,
        ..task(0, 0)
    };
    let unread_kind = Task {
        architecture: None,
        ..task(4, 8)
    };
    let other = LoadBalancer {
        kind: LoadBalancerKind::Other("application".to_owned()),
        public_addresses: None,
        ..balancer(0)
    };
    let running = Running {
        tasks: vec![unread, unread_kind],
        load_balancers: vec![other],
        unseen: vec![Unknown {
            what: "load balancer `jitsi-old`".to_owned(),
            reason: "elasticloadbalancing:DescribeLoadBalancers was denied".to_owned(),
        }],
    };
    let cost = PriceBook::built_in().hourly_cost("us-west-2", &running);
    assert_eq!(
        unknown(&cost),
        [
            "vCPU of task `0a1b`: how many is not known",
            "memory of task `0a1b`: how much is not known",
            "storage of task `0a1b`: how much is not known",
            "public address of task `0a1b`: whether it has one is not known",
            "vCPU and memory of task `0a1b`: its architecture is not known",
            "load balancer `jitsi-nlb`: the price of its kind, `application`, is not known",
            "public addresses of load balancer `jitsi-nlb`: how many is not known",
            "load balancer `jitsi-old`: elasticloadbalancing:DescribeLoadBalancers was denied",
        ]
    );
    assert_eq!(shown(cost.per_hour), "at least $0.005");
}

#[test]
fn a_total_is_complete_only_if_every_part_is_known() {
    // Every task and load balancer that can be put together, in every region.
    let table = PriceBook::built_in();
    let sizes = [None, Some(0), Some(1024)];
    let architectures = [None, Some(Architecture::X86), Some(Architecture::Arm)];
    for region in table.regions().into_iter().chain(["sa-east-1"]) {
        for (cpu_units, memory_mib) in sizes.iter().flat_map(|c| sizes.iter().map(move |m| (*c, *m))) {
            for (architecture, storage_gib) in architectures
                .iter()
                .flat_map(|a| [None, Some(0), Some(20), Some(21)].map(|storage| (*a, storage)))
            {
                let task = Task {
                    cpu_units,
                    memory_mib,
                    architecture,
                    storage_gib,
                    ..task(0, 0)
                };
                let has = |item| table.price(region, item).is_some();
                let known = region != "sa-east-1"
                    && cpu_units == Some(1024)
                    && memory_mib == Some(1024)
                    && architecture.is_some()
                    && storage_gib.is_some_and(|gib| gib == 20 || gib == 21 && has(Item::FargateStorage));
                let cost = cost(region, vec![task.clone()], vec![balancer(2)]);
                assert_eq!(cost.per_hour.is_complete(), known, "{region}: {task:?}");
                assert_eq!(cost.unknown.is_empty(), known, "{region}: {task:?}");
                // Traffic is not to be told from what exists.
                assert!(!cost.lines.iter().any(|line| line.what == Item::LoadBalancerCapacity));
            }
        }
    }
}

#[test]
fn where_nothing_runs_nothing_is_charged() {
    for region in ["us-west-2", "sa-east-1"] {
        let cost = cost(region, vec![], vec![]);
        assert_eq!(cost.per_hour.hourly_text(), "$0.0000");
        assert!(cost.per_hour.is_complete() && cost.lines.is_empty());
    }
}

#[test]
fn a_cost_is_numbers_to_a_program() {
    let inside = Task {
        storage_gib: Some(21),
        public_address: Some(false),
        ..task(4, 8)
    };
    let cost = cost("eu-west-1", vec![inside], vec![]);
    let source = |grade: &str, seen: &str, note: &str| serde_json::json!({"grade": grade, "seen": seen, "note": note});
    let expected = serde_json::json!({
        "region": "eu-west-1",
        "as_of": "2026-11-22",
        "lines": [
            {
                "what": "fargate-x86-vcpu", "quantity": 4.0, "unit": "vCPU", "per_hour": 0.16192,
                "price": {
                    "usd": 0.04048,
                    "source": source("published", "2026-05", "the price list, by a published record of it"),
                },
            },
            {
                "what": "fargate-x86-memory", "quantity": 8.0, "unit": "GB", "per_hour": 0.03556,
                "price": {"usd": 0.004445, "source": source("bill", "2026-07", "$1.32 for 297 GB-hours")},
            },
        ],
        "unknown": [{
            "what": "Fargate storage beyond 20 GB, 1 GB",
            "reason": "its price in `eu-west-1` is not known",
        }],
        "per_hour": {"usd": 0.19748, "complete": false},
    });
    assert_eq!(serde_json::to_value(&cost).unwrap(), expected);
    let nothing = serde_json::json!({"usd": null, "complete": false});
    assert_eq!(serde_json::to_value(Total::Unknown).unwrap(), nothing);
}
