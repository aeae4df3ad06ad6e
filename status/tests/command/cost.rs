//! Dollars: worked by hand, and never otherwise than the sandbox's own bill.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sandbox::PlatformSpec;
use command_stand::{Stand, both, json, stdout};

use crate::COMMAND;

#[test]
fn an_hour_of_the_sandboxs_platform_costs_what_was_worked_out_by_hand() {
    // us-west-2: 4 vCPU at $0.04048 are $0.16192; 8 GB at $0.004445 are $0.03556; a Network Load Balancer is $0.0225; a public
    // IPv4 address is $0.005, one for each of the load balancer's two zones and one for the task: $0.015. Together $0.23498.
    // 730 such hours are $171.5354.
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox"]);
    assert!(
        stdout(&output).contains("$0.2350 an hour, $171.54 a month"),
        "{}",
        both(&output)
    );
    let output = stand.run(["--sandbox", "--output", "json"]);
    let cost = &json(&output)["cost"];
    assert_eq!(cost["per_hour"]["usd"], 0.23498);
    assert_eq!(cost["per_month"]["usd"], 171.5354);
    assert_eq!(cost["per_hour"]["complete"], true);
}

/// How many of each kind the sandbox bills now, by its own records.
fn billed(stand: &Stand) -> [usize; 3] {
    let items = stand.still_billing();
    ["fargate-task", "network-load-balancer", "public-ipv4"]
        .map(|kind| items.iter().filter(|item| *item == kind).count())
}

/// How many of each kind `status` puts a price on.
fn priced(stand: &Stand) -> [usize; 3] {
    // Hardly any of the sandbox's time passes while it looks.
    let mut command = stand.command(["--sandbox", "--no-probes", "--output", "json"]);
    command.env("AWS_SANDBOX_SPEED", "1");
    let document = json(&command.output().unwrap());
    let lines = document["cost"]["lines"].as_array().cloned().unwrap_or_default();
    let quantity = |what: &str| {
        let line = lines.iter().find(|line| line["what"] == what);
        line.and_then(|line| line["quantity"].as_f64()).unwrap_or_default()
    };
    assert_eq!(document["cost"]["per_hour"]["complete"], true);
    // A task of the sandbox has 4 vCPU.
    [
        quantity("fargate-x86-vcpu") / 4.0,
        quantity("network-load-balancer"),
        quantity("public-address"),
    ]
    .map(|count| count as usize)
}

#[test]
fn what_has_a_price_is_what_the_sandbox_bills_in_every_state() {
    let stand = Stand::of(COMMAND);
    stand.run(["--sandbox"]);
    assert_eq!(priced(&stand), billed(&stand));
    assert_eq!(billed(&stand), [0, 0, 0]);
    let stand = Stand::up(COMMAND);
    assert_eq!(priced(&stand), billed(&stand));
    let service = PlatformSpec::default().service_arn();
    assert!(stand.world(|world| world.replace_task(&service)).is_ok());
    // The successor starts, the predecessor stops: both bill, each address from when it is there.
    for second in (0..240).step_by(4) {
        assert_eq!(priced(&stand), billed(&stand), "after {second} s");
        stand.advance(4);
    }
    stand.scale_to_zero_by_hand();
    stand.advance(600);
    assert_eq!(priced(&stand), billed(&stand));
    assert_eq!(billed(&stand), [0, 1, 2]);
}
