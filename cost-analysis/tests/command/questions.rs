//! What one may ask beside the report of a month.

use command_stand::{Stand, both, code, json};
use serde_json::Value;

use crate::COMMAND;
use crate::journal::{Run, balancer, december, task, write};

const SIZE: [&str; 8] = ["--hours", "10", "--vcpu", "4", "--memory", "8", "--zones", "2"];
const KEPT: [&str; 6] = ["--storage-gb", "0", "--log-gb", "0", "--secrets", "0"];

/// The JSON of a run that ends well.
fn asked(stand: &Stand, flags: &[&str]) -> Value {
    let output = stand.run(["--output", "json"].iter().chain(flags));
    assert_eq!(code(&output), 0, "{}", both(&output));
    json(&output)
}

/// A platform without credentials, whose bridge advertises this.
fn without_aws(advertise: &str) -> (Stand, String) {
    let stand = Stand::of(COMMAND);
    let config = stand.configuration(&format!(
        "[profiles.ops]\ndomain = \"meet.example.org\"\naws_profile = \"nobody\"\n[profiles.ops.nlb]\nadvertise = \"{advertise}\"\n"
    ));
    (stand, config)
}

#[test]
fn with_hours_and_size_stated_nobody_is_asked() {
    let (stand, config) = without_aws("off");
    let flags: Vec<&str> = SIZE.into_iter().chain(KEPT).chain(["--config", &config]).collect();
    let report = asked(&stand, &flags);
    // 10 * 0.23498
    assert_eq!(report["cost"]["total"]["usd"], 2.3498);
    assert_eq!(report["cost"]["total"]["complete"], true);
    assert!(report["sessions"].is_null());
    assert_eq!(report["usage"], "hours");
    // On ARM: 4 * 0.03238 + 8 * 0.00356 = 0.158; + 0.0225 + 0.015
    let on_arm: Vec<&str> = flags.iter().copied().chain(["--arm"]).collect();
    assert_eq!(asked(&stand, &on_arm)["comparison"]["per_hour"]["usd"], 0.1955);
}

#[test]
fn an_event_has_its_traffic_and_capacity_only_where_media_passes_the_load_balancer() {
    let event = ["--participants", "25", "--minutes", "90"];
    let line = |report: &Value, what: &str| {
        let lines = report["event"]["cost"]["lines"].as_array().unwrap().clone();
        lines.into_iter().find(|line| line["what"] == what)
    };
    let of = |advertise: &str| {
        let (stand, config) = without_aws(advertise);
        let flags: Vec<&str> = SIZE.into_iter().chain(event).chain(["--config", &config]).collect();
        asked(&stand, &flags)
    };
    let past = of("off");
    // 25 * 2,000 kbit/s * 1.5 h = 33.75 * 10^9 bytes, within the 100 that are free.
    let data = line(&past, "data-out").unwrap();
    assert_eq!(
        (data["quantity"].as_f64(), data["cost"].as_f64()),
        (Some(33.75), Some(0.0))
    );
    assert!(line(&past, "load-balancer-capacity").is_none());
    // An hour and a half of the load balancer are two hours.
    assert_eq!(line(&past, "network-load-balancer").unwrap()["quantity"], 2.0);
    let through = of("nlb");
    // 25 * 3,000 kbit/s = 33.75 GB an hour, one unit for each; for 1.5 h.
    assert_eq!(line(&through, "load-balancer-capacity").unwrap()["quantity"], 50.625);
}

#[test]
fn what_is_kept_and_not_stated_makes_the_total_a_least() {
    let (stand, config) = without_aws("off");
    let flags: Vec<&str> = SIZE
        .into_iter()
        .chain(["--config", &config, "--secrets", "1"])
        .collect();
    let report = asked(&stand, &flags);
    // 2.3498 + 0.40
    assert_eq!(report["cost"]["total"]["usd"], 2.7498);
    assert_eq!(report["cost"]["total"]["complete"], false);
    let unknown = report["idle"]["unknown"].as_array().unwrap();
    assert_eq!(unknown.len(), 2, "{unknown:?}");
    assert!(unknown[0]["reason"].as_str().unwrap().contains("`cost."), "{unknown:?}");
}

#[test]
fn a_budget_that_is_kept_is_exit_0() {
    let stand = Stand::of(COMMAND);
    december(&stand);
    let flags: Vec<&str> = KEPT.into_iter().chain(["--sandbox", "--budget", "7"]).collect();
    let report = asked(&stand, &flags);
    assert_eq!(report["budget"]["over"], false);
    assert_eq!(report["budget"]["will_be_over"], false);
}

#[test]
fn a_month_that_will_cost_more_than_the_budget_if_it_goes_on_is_exit_3() {
    let stand = Stand::of(COMMAND);
    let (from, until) = ("2026-01-10T10:00:00Z", "2026-01-10T20:00:00Z");
    let resources = [task("task", from, Some(until)), balancer("nlb", from, Some(until))];
    write(
        &stand,
        &Run {
            operation: "scale-up",
            began: from,
            states: ["standby", "active"],
            resources: &resources,
        },
    );
    // Ten hours are $2.35; half of January is over.
    let flags = KEPT
        .into_iter()
        .chain(["--sandbox", "--to-date", "--budget", "4", "--output", "json"]);
    let output = stand.run(flags);
    assert_eq!(code(&output), 3, "{}", both(&output));
    let budget = &json(&output)["budget"];
    assert_eq!(
        (&budget["over"], &budget["will_be_over"]),
        (&false.into(), &true.into()),
        "{budget}"
    );
}

#[test]
fn what_nobody_saw_end_counts_until_the_platform_was_at_zero() {
    let stand = Stand::of(COMMAND);
    let run = |began: &str, states: [&str; 2], resources: &[String]| {
        let operation = if states[1] == "active" {
            "scale-up"
        } else {
            "scale-down"
        };
        let run = Run {
            operation,
            began,
            states,
            resources,
        };
        write(&stand, &run);
    };
    let from = "2025-12-03T18:00:00Z";
    run(
        from,
        ["standby", "active"],
        &[task("lost", from, None), balancer("nlb", from, None)],
    );
    // It was replaced meanwhile, and ECS has forgotten it.
    let until = Some("2025-12-03T22:00:00Z");
    run(
        "2025-12-03T22:00:00Z",
        ["active", "standby"],
        &[
            task("other", "2025-12-03T20:00:00Z", until),
            balancer("nlb", from, until),
        ],
    );
    let report = asked(&stand, &["--sandbox"]);
    let session = &report["sessions"][0];
    let remark = session["remarks"][0].as_str().unwrap();
    assert!(remark.contains("nobody saw task `lost` end"), "{remark}");
    // 4 vCPUs for four hours and half a minute, and for two hours.
    let vcpu_hours = session["cost"]["lines"][0]["quantity"].as_f64().unwrap();
    assert!((24.0..24.1).contains(&vcpu_hours), "{vcpu_hours}");
}

#[test]
fn cloudwatch_tells_the_hours_of_tasks_and_that_it_knows_no_load_balancers() {
    let stand = Stand::up(COMMAND);
    stand.advance(2 * 3600);
    let report = asked(&stand, &["--sandbox", "--to-date", "--usage", "cloudwatch"]);
    assert_eq!(report["usage"], "cloudwatch");
    let lines = report["cost"]["lines"].as_array().unwrap();
    let quantity = |what: &str| {
        lines.iter().find(|line| line["what"] == what).unwrap()["quantity"]
            .as_f64()
            .unwrap()
    };
    // Three hours of 4 vCPUs and the start of the task, of which it misses the first minutes. On a slow machine more of the
    // sandbox's time passes.
    let journal = asked(&stand, &["--sandbox", "--to-date"]);
    let by_the_journal = journal["cost"]["lines"][0]["quantity"].as_f64().unwrap();
    let told = quantity("fargate-x86-vcpu");
    assert!(
        (11.9..=by_the_journal).contains(&told),
        "{told} of {by_the_journal}: {lines:?}"
    );
    assert!(quantity("network-load-balancer") >= 4.0, "{lines:?}");
    let missing = report["missing"].to_string();
    assert!(missing.contains("CloudWatch tells of tasks only"), "{missing}");
    assert!(report["sessions"].is_null());
}

#[test]
fn what_cloudwatch_does_not_tell_is_no_month_without_use() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--month", "2024-09", "--usage", "cloudwatch"]);
    assert_eq!(code(&output), 1, "{}", both(&output));
    let (url, sandbox) = stand.serve_copy();
    sandbox.inject(
        aws_sandbox::Fault::on("GetMetricStatistics")
            .times(u64::MAX)
            .access_denied(),
    );
    let config = stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\n");
    let output = stand.run([
        "--endpoint-url",
        &url,
        "--config",
        &config,
        "--to-date",
        "--usage",
        "cloudwatch",
    ]);
    assert_ne!(code(&output), 0, "{}", both(&output));
    assert_eq!(command_stand::stdout(&output), "");
}

#[test]
fn of_a_month_that_has_only_begun_nothing_is_projected() {
    let stand = Stand::of(COMMAND);
    // From the 15th of January to the 2nd of February.
    stand.advance(18 * 24 * 3600);
    let (from, until) = ("2026-02-01T10:00:00Z", "2026-02-01T20:00:00Z");
    let resources = [task("task", from, Some(until)), balancer("nlb", from, Some(until))];
    write(
        &stand,
        &Run {
            operation: "scale-up",
            began: from,
            states: ["standby", "active"],
            resources: &resources,
        },
    );
    let flags: Vec<&str> = KEPT
        .into_iter()
        .chain(["--sandbox", "--to-date", "--budget", "5"])
        .collect();
    let report = asked(&stand, &flags);
    assert!(report["projection"].is_null());
    assert_eq!(report["budget"]["will_be_over"], false);
}

#[test]
fn a_session_over_the_end_of_a_month_is_in_both_in_parts_and_the_days_add_up() {
    let stand = Stand::of(COMMAND);
    stand.advance(25 * 24 * 3600);
    let (from, until) = ("2026-01-31T22:00:00Z", "2026-02-01T01:30:00Z");
    let resources = [task("task", from, Some(until)), balancer("nlb", from, Some(until))];
    write(
        &stand,
        &Run {
            operation: "scale-up",
            began: from,
            states: ["standby", "active"],
            resources: &resources,
        },
    );
    let of = |month: &str| asked(&stand, &["--sandbox", "--month", month, "--log-gb", "7"]);
    let mut hours = 0.0;
    for (month, part) in [("2026-01", ["22:00", "00:00"]), ("2026-02", ["00:00", "01:30"])] {
        let report = of(month);
        let session = &report["sessions"][0];
        let within =
            [&session["within"]["from"], &session["within"]["until"]].map(|at| at.as_str().unwrap()[11..16].to_owned());
        assert_eq!(within, part);
        hours += session["cost"]["lines"][2]["quantity"].as_f64().unwrap();
        let days = report["days"].as_array().unwrap();
        let parts = ["tasks", "load_balancers", "addresses", "idle"];
        let sum: f64 = days
            .iter()
            .flat_map(|day| parts.map(|part| day[part].as_f64().unwrap()))
            .sum();
        let total = report["cost"]["total"]["usd"].as_f64().unwrap();
        assert!((sum - total).abs() < 0.0001, "{month}: {sum} and {total}");
    }
    assert_eq!(hours, 4.0, "three hours and a half of the load balancer are four");
}
