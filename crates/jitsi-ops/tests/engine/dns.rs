//! The record in Route 53: ours comes and goes with the load balancer, and nobody else's is touched.

use std::time::Duration;

use aws_sandbox::{Fault, HostedZoneSpec, RecordSet, When};
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_down;
use jitsi_ops::scale_up::Outcome;

use crate::stage::{ACCOUNT, Stage, assert_outcome, told, words};

pub(crate) const ZONE: &str = "Z0MEET";
pub(crate) const NAME: &str = "meet.example.org";
/// The zone of load balancers' names in us-west-2.
const BALANCERS: &str = "Z18D5FSROUN65G";
const CHANGE: &str = "ChangeResourceRecordSets";

/// A platform whose name is in a hosted zone of the same account.
pub(crate) fn with_a_zone() -> Stage {
    with_a_zone_and("", None)
}

/// With more lines in the table of the zone, and the zone in that account.
pub(crate) fn with_a_zone_and(lines: &str, account: Option<&str>) -> Stage {
    let mut stage = Stage::configured(&format!(
        "dns.hosted_zone_id = \"{ZONE}\"\nnlb.listeners = [\"udp:10000\", \"tcp:443->8000\"]\n{lines}"
    ));
    stage.spec.hosted_zone = Some(HostedZoneSpec {
        id: ZONE.to_owned(),
        name: "example.org".to_owned(),
        account: account.map(str::to_owned),
    });
    stage.build();
    stage
}

/// The records of the platform's name, as `TYPE what it leads to`.
fn records(stage: &Stage) -> Vec<String> {
    let all = stage.sandbox.world(|world| world.records(ZONE)).unwrap();
    let of_name = all.iter().filter(|record| record.name == format!("{NAME}."));
    let leads_to = |record: &RecordSet| match &record.alias {
        Some(alias) => alias.dns_name.trim_end_matches('.').to_owned(),
        None => record.values.join(", "),
    };
    of_name
        .map(|record| format!("{} {}", record.kind, leads_to(record)))
        .collect()
}

fn put(stage: &Stage, record: RecordSet) {
    stage.sandbox.world(|world| world.put_record(ZONE, record)).unwrap();
}

fn strangers() -> RecordSet {
    RecordSet::values(NAME, "A", 300, &["192.0.2.7"])
}

/// An alias of a load balancer of the platform's name that is gone.
fn of_an_earlier_run(stage: &Stage) -> RecordSet {
    let gone = format!(
        "{}-0123456789abcdef.elb.us-west-2.amazonaws.com",
        stage.wanted.load_balancer
    );
    RecordSet::alias(NAME, "A", BALANCERS, &gone)
}

/// The DNS name of the only load balancer.
async fn balancer(stage: &Stage) -> String {
    let elb = aws_sdk_elasticloadbalancingv2::Client::new(&stage.sdk(ACCOUNT, &stage.wanted.region));
    let all = elb.describe_load_balancers().send().await.unwrap();
    all.load_balancers()[0].dns_name().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_alias_leads_to_the_load_balancer_of_this_run_and_is_gone_afterwards() {
    let stage = with_a_zone();
    let beside = [
        RecordSet::values(NAME, "MX", 300, &["10 mail.example.org"]),
        RecordSet::values("www.example.org", "A", 300, &["192.0.2.7"]),
    ];
    for record in &beside {
        put(&stage, record.clone());
    }
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let alias = format!("A {}", balancer(&stage).await);
    assert_eq!(records(&stage), [alias, "MX 10 mail.example.org".to_owned()]);
    let zone = stage.sandbox.world(|world| world.records(ZONE)).unwrap();
    let ours = zone.iter().find_map(|record| record.alias.clone()).unwrap();
    assert_eq!(
        (ours.hosted_zone.as_str(), ours.evaluate_target_health),
        (BALANCERS, false)
    );

    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::AlreadyUp);
    let report = stage.down().await;
    assert_eq!(report.outcome, scale_down::Outcome::Down, "{:?}", report.problem);
    assert_eq!(records(&stage), ["MX 10 mail.example.org"]);
    let zone = stage.sandbox.world(|world| world.records(ZONE)).unwrap();
    assert!(zone.iter().any(|record| record.name == "www.example.org."));
}

#[tokio::test(start_paused = true)]
async fn it_is_up_only_when_all_name_servers_have_the_change() {
    let stage = with_a_zone();
    // Longer than everything else takes.
    let dns = aws_sdk_route53::Client::new(&stage.sdk(ACCOUNT, &stage.wanted.region));
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let calls = stage.sandbox.calls();
    let put = calls.iter().position(|call| call.operation == CHANGE).unwrap();
    let asked = calls.iter().filter(|call| call.operation == "GetChange").count();
    assert!(asked > 0 && calls[put].status == 200);
    let id = report.seen.change_id.unwrap();
    let change = dns.get_change().id(id).send().await.unwrap().change_info.unwrap();
    assert_eq!(change.status.as_str(), "INSYNC");
}

#[tokio::test(start_paused = true)]
async fn the_record_goes_when_no_task_is_asked_for_and_before_the_load_balancer() {
    let stage = with_a_zone();
    stage.up().await;
    let before = stage.sandbox.calls().len();
    stage.down().await;
    let calls = stage.sandbox.calls().split_off(before);
    let at = |operation: &str| calls.iter().position(|call| call.operation == operation).unwrap();
    assert!(at("UpdateService") < at(CHANGE) && at(CHANGE) < at("DeleteLoadBalancer"));
    // The tasks take longer to stop than the record to go, so it costs no time.
    assert!(
        calls[at("DeleteLoadBalancer")]
            .at
            .duration_since(calls[at(CHANGE)].at)
            .as_secs()
            > 5
    );
}

#[tokio::test(start_paused = true)]
async fn an_alias_of_an_earlier_load_balancer_is_replaced_in_one_batch() {
    let stage = with_a_zone();
    put(&stage, of_an_earlier_run(&stage));
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    assert_eq!(records(&stage), [format!("A {}", balancer(&stage).await)]);
    let changes = stage
        .mutations()
        .iter()
        .filter(|operation| *operation == CHANGE)
        .count();
    assert_eq!(changes, 1);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_has_put_there_stops_before_anything_bills_and_survives() {
    let mut weighted = RecordSet::values(NAME, "A", 300, &["192.0.2.7"]);
    weighted.set_identifier = Some("ours".to_owned());
    weighted.routing.insert("Weight".to_owned(), "10".to_owned());
    let other_region = RecordSet::alias(
        NAME,
        "A",
        "Z26RNL4JYFTOTI",
        "jitsi-video-platform-jvb-nlb-0123456789abcdef.elb.us-east-1.amazonaws.com",
    );
    for (what, record) in [
        ("A", strangers()),
        ("AAAA", RecordSet::values(NAME, "AAAA", 300, &["2001:db8::7"])),
        (
            "CNAME",
            RecordSet::values(NAME, "CNAME", 300, &["elsewhere.example.org"]),
        ),
        ("A", weighted),
        ("A", other_region),
        ("hands", RecordSet::values(NAME, "NS", 300, &["ns.example.org"])),
    ] {
        let stage = with_a_zone();
        put(&stage, record);
        let before = records(&stage);
        let report = stage.up().await;
        let (kind, text) = told(&report);
        assert_eq!(kind, ProblemKind::Refused, "{text}");
        assert!(text.contains(what) && text.contains(ZONE), "{text}");
        assert_eq!(stage.mutations(), Vec::<String>::new());
        let report = stage.down().await;
        assert_eq!(report.outcome, scale_down::Outcome::AlreadyDown, "{:?}", report.problem);
        assert_eq!(records(&stage), before);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_comes_between_look_and_change_is_not_changed() {
    let stage = with_a_zone();
    let comes = Fault::on(CHANGE).nth(1).stranger_puts(When::Before, ZONE, strangers());
    stage.sandbox.inject(comes);
    let report = stage.up().await;
    assert_eq!(told(&report).0, ProblemKind::Refused);
    assert_eq!(records(&stage), ["A 192.0.2.7"]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_takes_the_place_of_ours_is_left_on_the_way_down() {
    for when in [When::Before, When::After] {
        let stage = with_a_zone();
        stage.up().await;
        let comes = Fault::on(CHANGE).nth(1).stranger_puts(when, ZONE, strangers());
        stage.sandbox.inject(comes);
        let report = stage.down().await;
        assert_eq!(report.outcome, scale_down::Outcome::Down, "{:?}", report.problem);
        assert_eq!(records(&stage), ["A 192.0.2.7"]);
        assert_eq!(stage.bills(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn where_tasks_run_all_else_is_repaired_before_a_record_in_the_way_is_told() {
    let stage = with_a_zone();
    stage.up().await;
    put(&stage, strangers());
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.replace_task(&service)).unwrap();
    let report = stage.up().await;
    assert_eq!(told(&report).0, ProblemKind::Refused);
    assert!(crate::stage::healthy(&report.seen, &stage.wanted).len() >= 2);
    assert!(stage.bills().contains(&"network-load-balancer".to_owned()));
    assert_eq!(records(&stage), ["A 192.0.2.7"]);
}

#[tokio::test(start_paused = true)]
async fn lost_answers_of_changes_are_settled_by_looking() {
    for lost in [Fault::dropped_after, Fault::dropped_before] {
        let stage = with_a_zone();
        stage.sandbox.inject(lost(Fault::on(CHANGE).nth(1)));
        let report = stage.up().await;
        assert_outcome(&stage, &report, Outcome::Up);
        assert_eq!(records(&stage), [format!("A {}", balancer(&stage).await)]);
        stage.sandbox.inject(lost(Fault::on(CHANGE).nth(1)));
        let report = stage.down().await;
        assert_eq!(report.outcome, scale_down::Outcome::Down, "{:?}", report.problem);
        assert_eq!(records(&stage), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_to_be_kept_stays_and_leads_to_the_next_load_balancer() {
    let stage = with_a_zone_and("dns.on_down = \"keep\"", None);
    stage.up().await;
    let first = balancer(&stage).await;
    let report = stage.down().await;
    assert_eq!(report.outcome, scale_down::Outcome::Down, "{:?}", report.problem);
    assert_eq!(records(&stage), [format!("A {first}")]);
    assert!(report.left.is_empty(), "{:?}", report.left);
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let second = balancer(&stage).await;
    assert_ne!(first, second);
    assert_eq!(records(&stage), [format!("A {second}")]);
}

#[tokio::test(start_paused = true)]
async fn a_record_whose_load_balancer_was_deleted_by_hand_goes_too() {
    let stage = with_a_zone();
    stage.up().await;
    stage.delete_load_balancer().await;
    let report = stage.down().await;
    assert_eq!(report.outcome, scale_down::Outcome::Down, "{:?}", report.problem);
    assert_eq!(records(&stage), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn at_zero_a_record_that_was_left_is_removed() {
    let stage = with_a_zone();
    put(&stage, of_an_earlier_run(&stage));
    let report = stage.down().await;
    assert_eq!(report.outcome, scale_down::Outcome::Down, "{:?}", report.problem);
    assert_eq!(records(&stage), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_does_not_bill_on_because_route_53_says_no() {
    for operation in [CHANGE, "ListResourceRecordSets"] {
        let stage = with_a_zone();
        stage.up().await;
        stage
            .sandbox
            .inject(Fault::on(operation).times(u64::MAX).access_denied());
        let report = stage.down().await;
        assert_eq!(stage.bills(), Vec::<String>::new(), "{operation}");
        let (kind, text) = words(report.problem.as_ref());
        assert_eq!(kind, ProblemKind::Failed);
        assert!(
            text.contains("may still lead to a load balancer that is gone")
                && text.contains(&format!("route53:{operation}")),
            "{text}"
        );
        assert!(
            report
                .left
                .iter()
                .any(|left| left.kind == "DNS record" && left.name == NAME)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_route_53_that_fails_is_waited_for_two_minutes_and_no_longer() {
    for operation in [CHANGE, "ListResourceRecordSets"] {
        let stage = with_a_zone();
        stage.up().await;
        stage
            .sandbox
            .inject(Fault::on(operation).times(u64::MAX).server_error());
        let before = stage.sandbox.now();
        let report = stage.down().await;
        assert_eq!(stage.bills(), Vec::<String>::new(), "{operation}");
        let (_, text) = words(report.problem.as_ref());
        assert!(text.contains("may still lead to"), "{text}");
        let gone = stage
            .sandbox
            .bill()
            .items
            .iter()
            .filter_map(|item| item.until)
            .max()
            .unwrap();
        assert!(gone.duration_since(before) < jiff::SignedDuration::from_mins(6));

        // A minute of it is no reason to leave anything.
        let stage = with_a_zone();
        stage.up().await;
        stage.sandbox.inject(Fault::on(operation).times(12).server_error());
        let report = stage.down().await;
        assert_eq!(
            report.outcome,
            scale_down::Outcome::Down,
            "{operation}: {:?}",
            report.problem
        );
        assert_eq!(records(&stage), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn without_permission_for_the_zone_nothing_is_made() {
    for operation in ["ListResourceRecordSets", CHANGE] {
        let stage = with_a_zone();
        stage
            .sandbox
            .inject(Fault::on(operation).times(u64::MAX).access_denied());
        let report = stage.up().await;
        let (kind, text) = told(&report);
        assert_eq!(kind, ProblemKind::Failed);
        assert!(text.contains(&format!("route53:{operation}")), "{text}");
        assert_eq!(stage.bills(), Vec::<String>::new(), "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_of_another_account_is_changed_with_the_credentials_for_it() {
    let other = "210987654321";
    let mut stage = with_a_zone_and("", Some(other));
    let report = stage.up().await;
    let (_, text) = told(&report);
    assert!(
        text.contains("dns.hosted_zone_id") && text.contains("dns.aws_profile"),
        "{text}"
    );
    assert_eq!(stage.bills(), Vec::<String>::new());
    stage.dns_key = Some(other.to_owned());
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    stage.down().await;
    assert_eq!(records(&stage), Vec::<String>::new());
    let of = |account: &str| {
        let calls = stage.sandbox.calls();
        calls
            .iter()
            .filter(|call| call.operation == CHANGE && call.account == account)
            .count()
    };
    assert_eq!((of(other), of(ACCOUNT)), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_takes_its_record_back() {
    let stage = with_a_zone();
    stage
        .sandbox
        .inject(Fault::on("CreateListener").times(u64::MAX).access_denied());
    let report = stage.up().await;
    assert_eq!(report.outcome, Outcome::RolledBack, "{:?}", report.problem);
    assert_eq!(records(&stage), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_meeting_keeps_the_record() {
    let stage = with_a_zone();
    stage.up().await;
    stage.begin_meeting();
    tokio::time::sleep(Duration::from_secs(60)).await;
    let before = records(&stage);
    let report = stage.down().await;
    assert_eq!(report.outcome, scale_down::Outcome::Refused);
    assert_eq!(records(&stage), before);
}

#[tokio::test(start_paused = true)]
async fn the_alias_of_a_load_balancer_that_is_somebody_elses_is_not_ours() {
    let mut stage = with_a_zone();
    let name = stage.wanted.load_balancer.clone();
    stage.load_balancer_of_a_stranger(&name).await;
    let theirs = balancer(&stage).await;
    put(&stage, RecordSet::alias(NAME, "A", BALANCERS, &theirs));
    let report = stage.down().await;
    assert_eq!(report.outcome, scale_down::Outcome::AlreadyDown, "{:?}", report.problem);
    assert_eq!(records(&stage), [format!("A {theirs}")]);
    // Whoever takes the load balancer over takes its alias over.
    stage.wanted.adopt = true;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    assert!(!report.steps.iter().any(|step| step.operation == CHANGE));
    stage.wanted.adopt = false;
    stage.down().await;
    assert_eq!(records(&stage), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn the_record_of_a_load_balancer_under_an_earlier_name_goes_with_it() {
    let mut stage = with_a_zone();
    stage.up().await;
    stage.rename("renamed");
    let report = stage.down().await;
    assert_eq!(report.outcome, scale_down::Outcome::Down, "{:?}", report.problem);
    assert_eq!(records(&stage), Vec::<String>::new());
    assert_eq!(stage.bills(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_foresees_the_record_both_ways() {
    let stage = with_a_zone();
    let planned = stage.dry_run().await.planned;
    let steps: Vec<String> = planned.iter().map(ToString::to_string).collect();
    assert!(
        steps.iter().any(|step| step.starts_with(CHANGE) && step.contains(NAME)),
        "{steps:?}"
    );
    stage.up().await;
    let planned = stage.dry_run_down().await.planned;
    let at = |operation: &str| planned.iter().position(|step| step.operation() == operation).unwrap();
    assert!(at(CHANGE) < at("DeleteLoadBalancer"));
}

#[tokio::test(start_paused = true)]
async fn no_resolver_is_needed_and_only_the_zone_is_asked_at_standby() {
    let stage = with_a_zone();
    stage.down().await;
    let asked: Vec<String> = stage
        .sandbox
        .calls()
        .iter()
        .filter(|call| call.service == "route53")
        .map(|call| call.operation.clone())
        .collect();
    assert!(
        !asked.is_empty() && asked.iter().all(|operation| operation == "ListResourceRecordSets"),
        "{asked:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_foresees_that_an_alias_of_ours_is_led_to_a_new_load_balancer() {
    let stage = with_a_zone();
    stage.up().await;
    stage.delete_load_balancer().await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let foreseen = stage.dry_run().await;
    assert_outcome(&stage, &foreseen, Outcome::Planned);
    let steps: Vec<&str> = foreseen.planned.iter().map(|step| step.operation()).collect();
    assert!(steps.contains(&CHANGE), "{steps:?}");
}
