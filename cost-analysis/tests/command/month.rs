//! A month that was lived through in the sandbox costs what the sandbox's own records say.

use aws_sandbox::{Bill, BillItem};
use command_stand::{Stand, both, json};
use jiff::Timestamp;

use crate::COMMAND;

/// Billionths of a dollar for an hour, by hand from the price list: a task of 4 vCPUs and 8 GB, a load balancer, an address.
const TASK: i128 = 4 * 40_480_000 + 8 * 4_445_000;
const BALANCER: i128 = 22_500_000;
const ADDRESS: i128 = 5_000_000;
/// A thousandth of that.
const HOUR_MS: i128 = 3_600_000;

/// What an item of the bill costs, in billionths of a dollar: tasks and addresses by the begun second, a task for a minute
/// at least, load balancers by the begun hour.
fn billionths(item: &BillItem, now: Timestamp) -> i128 {
    let until = item.until.unwrap_or(now);
    let ms = i128::from(until.as_millisecond() - item.from.as_millisecond());
    let begun = |unit: i128| (ms + unit - 1) / unit;
    match item.kind.as_str() {
        "network-load-balancer" => BALANCER * begun(HOUR_MS),
        "fargate-task" => TASK * begun(1000).max(60) / 3600,
        "public-ipv4" => ADDRESS * begun(1000) / 3600,
        other => panic!("{other} is not in the model"),
    }
}

fn cents(billionths: i128) -> i128 {
    (billionths + 5_000_000) / 10_000_000
}

/// An amount of the report, in billionths.
fn reported(value: &serde_json::Value) -> i128 {
    assert_eq!(value["complete"], true, "{value}");
    (value["usd"].as_f64().unwrap() * 1e9).round() as i128
}

fn bill(stand: &Stand) -> Bill {
    stand.world(|world| world.bill())
}

#[test]
fn a_month_in_the_sandbox_costs_to_the_cent_what_the_sandbox_bills() {
    let stand = Stand::with_a_february(COMMAND);
    let bill = bill(&stand);
    assert_eq!(bill.still_billing(), [] as [&BillItem; 0]);
    let expected: i128 = bill.items.iter().map(|item| billionths(item, bill.at)).sum();
    let nothing_kept = ["--storage-gb", "0", "--log-gb", "0", "--secrets", "0"];
    let run = |more: &[&str]| {
        let output = stand.run(
            ["--sandbox", "--month", "2026-02"]
                .iter()
                .chain(&nothing_kept)
                .chain(more),
        );
        assert!(output.status.success(), "{}", both(&output));
        output
    };
    let report = json(&run(&["--output", "json"]));
    // The zone is half a dollar a month, for the part of February that is over.
    let used = reported(&report["cost"]["total"]) - reported(&report["idle"]["total"]);
    assert_eq!(
        cents(used),
        cents(expected),
        "{used} and {expected} billionths\n{}",
        report["cost"]
    );
    let sessions = report["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 30);
    assert_eq!(report["missing"].as_array().unwrap().len(), 2, "{}", report["missing"]);
    let remarks: Vec<String> = report["anomalies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|remark| remark.as_str().unwrap().to_owned())
        .collect();
    let of_the_forgotten = remarks.iter().filter(|remark| remark.contains("tasks ran 51 h"));
    assert_eq!(of_the_forgotten.count(), 1, "{remarks:?}");
    // Its days, too: what is charged on each of them adds up.
    let days: f64 = report["days"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|day| ["tasks", "load_balancers", "addresses"].map(|part| day[part].as_f64().unwrap()))
        .sum();
    assert!((days * 1e9 - used as f64).abs() < 1e5, "{days} and {used}");
}
