//! Cost Explorer: what the records of an account cost, told as AWS tells it.

use aws_sandbox::{Fault, World};
use aws_sdk_costexplorer::Client;
use aws_sdk_costexplorer::operation::get_cost_and_usage::builders::GetCostAndUsageFluentBuilder;
use aws_sdk_costexplorer::types::{
    DateInterval, Dimension, DimensionValues, Expression, Granularity, Group, GroupDefinition, GroupDefinitionType,
};
use serde_json::json;

use crate::stage::{Stage, code, config, refusal, seconds, stage};

/// Signed, as always, for the region in which it answers.
fn costs(stage: &Stage, access_key: &str) -> Client {
    Client::new(&config(&stage.sandbox, access_key, "us-east-1"))
}

fn question(client: &Client, start: &str, end: &str) -> GetCostAndUsageFluentBuilder {
    let period = DateInterval::builder().start(start).end(end).build().unwrap();
    let by = |key: &str| {
        let group = GroupDefinition::builder().r#type(GroupDefinitionType::Dimension);
        group.key(key).build()
    };
    client
        .get_cost_and_usage()
        .time_period(period)
        .granularity(Granularity::Monthly)
        .metrics("UnblendedCost")
        .metrics("UsageQuantity")
        .group_by(by("SERVICE"))
        .group_by(by("USAGE_TYPE"))
}

fn only(key: Dimension, value: &str) -> Expression {
    let values = DimensionValues::builder().key(key).values(value).build();
    Expression::builder().dimensions(values).build()
}

/// Usage type, quantity and dollars.
fn line(group: &Group) -> (String, String, String) {
    let metrics = group.metrics().unwrap();
    let amount = |name: &str| metrics[name].amount().unwrap().to_owned();
    (
        group.keys()[1].clone(),
        amount("UsageQuantity"),
        amount("UnblendedCost"),
    )
}

#[tokio::test(start_paused = true)]
async fn what_ran_is_billed_by_usage_type() {
    let stage = stage();
    let balancer = stage.load_balancer("paid").await;
    stage.scale(1).await;
    seconds(4000).await;
    stage.scale(0).await;
    let arn = balancer.load_balancer_arn().unwrap();
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(arn)
        .send()
        .await
        .unwrap();
    seconds(600).await;
    let answer = question(&costs(&stage, &stage.spec.account), "2026-01-01", "2026-02-01").send();
    let answer = answer.await.unwrap();
    let result = &answer.results_by_time()[0];
    assert!(result.estimated());
    let period = result.time_period().unwrap();
    assert_eq!((period.start(), period.end()), ("2026-01-01", "2026-02-01"));
    let lines: Vec<_> = result.groups().iter().map(line).collect();
    let of = |name: &str| lines.iter().find(|(usage, ..)| usage == name).unwrap().clone();
    // Two begun hours.
    assert_eq!(of("USW2-LoadBalancerUsage").1, "2.0000000000");
    assert_eq!(of("USW2-LoadBalancerUsage").2, "0.0450000000");
    let number = |text: String| text.parse::<f64>().unwrap();
    let (vcpu, memory) = (of("USW2-Fargate-vCPU-Hours:perCPU"), of("USW2-Fargate-GB-Hours"));
    // 4 vCPUs and 8 GB.
    assert!((number(vcpu.1.clone()) * 2.0 - number(memory.1)).abs() < 1e-8);
    assert!((number(vcpu.1) * 0.04048 - number(vcpu.2)).abs() < 1e-8);
    assert!(number(of("USW2-PublicIPv4:InUseAddress").1) > 3.0);
    // The zone of the platform was there at the begin of the month.
    assert_eq!(of("HostedZone").2, "0.5000000000");
    let records = stage.sandbox.bill();
    assert!(records.items.iter().all(|item| item.until.is_some()));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_asked_for_is_not_told_and_no_filter_is_silently_all() {
    let stage = stage();
    let client = costs(&stage, &stage.spec.account);
    let zones = question(&client, "2026-01-01", "2026-02-01").filter(only(Dimension::Service, "Amazon Route 53"));
    let answer = zones.send().await.unwrap();
    assert_eq!(answer.results_by_time()[0].groups().len(), 1);
    let none = question(&client, "2026-01-01", "2026-02-01").filter(only(Dimension::Service, "Amazon Route 66"));
    assert!(none.send().await.unwrap().results_by_time()[0].groups().is_empty());
    let other = question(&client, "2026-01-01", "2026-02-01").filter(only(Dimension::Region, "us-west-2"));
    assert_eq!(code(other.send().await), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_period_has_to_begin_before_it_ends() {
    let stage = stage();
    let client = costs(&stage, &stage.spec.account);
    let (status, code, message) = refusal(question(&client, "2026-01-10", "2026-01-10").send().await);
    assert_eq!((status, code.as_str()), (400, "ValidationException"));
    assert_eq!(message, "Start date (and hour) should be before end date (and hour)");
}

#[tokio::test(start_paused = true)]
async fn a_long_answer_comes_in_pages() {
    let stage = stage();
    stage.scale(1).await;
    seconds(600).await;
    stage.sandbox.world(|world: &mut World| world.cost_page(3));
    let client = costs(&stage, &stage.spec.account);
    let ask = |token: Option<String>| {
        question(&client, "2026-01-01", "2026-02-01")
            .set_next_page_token(token)
            .send()
    };
    let first = ask(None).await.unwrap();
    let second = ask(first.next_page_token.clone()).await.unwrap();
    let count = |answer: &aws_sdk_costexplorer::operation::get_cost_and_usage::GetCostAndUsageOutput| {
        answer.results_by_time()[0].groups().len()
    };
    assert_eq!((count(&first), count(&second)), (3, 1));
    assert!(second.next_page_token().is_none());
    assert_eq!(code(ask(Some("soup".to_owned())).await), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn a_policy_allows_it_on_everything_only_and_faults_strike_it() {
    let stage = stage();
    let asking = async |resource: &str| {
        let key = format!("AKIA{}", resource.len());
        let statement = json!({ "Effect": "Allow", "Action": "ce:GetCostAndUsage", "Resource": resource });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        stage.sandbox.world(|world| world.attach_policy(&key, &policy)).unwrap();
        question(&costs(&stage, &key), "2026-01-01", "2026-02-01").send().await
    };
    assert!(asking("*").await.is_ok());
    assert_eq!(
        code(asking("arn:aws:ce:us-east-1:123456789012:service/*").await),
        "AccessDeniedException"
    );
    stage.sandbox.inject(Fault::on("GetCostAndUsage").access_denied());
    let client = costs(&stage, &stage.spec.account);
    let denied = question(&client, "2026-01-01", "2026-02-01").send().await;
    assert_eq!(code(denied), "AccessDeniedException");
    let calls = stage.sandbox.calls();
    let last = calls.last().unwrap();
    assert_eq!(
        (last.service.as_str(), last.operation.as_str()),
        ("ce", "GetCostAndUsage")
    );
}
