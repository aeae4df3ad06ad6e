//! Route 53 through the SDK: records and batches, as the stories of hosted zones need them.

use aws_sdk_route53::Client;
use aws_sdk_route53::error::SdkError;
use aws_sdk_route53::operation::change_resource_record_sets::{
    ChangeResourceRecordSetsError, ChangeResourceRecordSetsOutput,
};
use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::stage::{Stage, config, seconds};

/// The hosted zone that a platform has by default.
pub(crate) const ZONE: &str = "Z0SANDBOX";
/// The zone of network load balancers in us-west-2.
pub(crate) const BALANCERS: &str = "Z18D5FSROUN65G";

pub(crate) fn dns(stage: &Stage) -> Client {
    dns_as(stage, &stage.spec.account)
}

pub(crate) fn dns_as(stage: &Stage, access_key: &str) -> Client {
    Client::new(&config(&stage.sandbox, access_key, "us-west-2"))
}

pub(crate) fn record(name: &str, kind: RrType, values: &[&str]) -> ResourceRecordSet {
    let value = |value: &&str| ResourceRecord::builder().value(*value).build().unwrap();
    let set = ResourceRecordSet::builder().name(name).r#type(kind).ttl(60);
    let values = values.iter().map(value).collect();
    set.set_resource_records(Some(values)).build().unwrap()
}

pub(crate) fn alias(name: &str, zone: &str, target: &str) -> ResourceRecordSet {
    let target = AliasTarget::builder().hosted_zone_id(zone).dns_name(target);
    let target = target.evaluate_target_health(false).build().unwrap();
    let set = ResourceRecordSet::builder().name(name).r#type(RrType::A);
    set.alias_target(target).build().unwrap()
}

pub(crate) fn batch(changes: &[(ChangeAction, &ResourceRecordSet)]) -> ChangeBatch {
    let change = |(action, record): &(ChangeAction, &ResourceRecordSet)| {
        let change = Change::builder().action(action.clone());
        change.resource_record_set((*record).clone()).build().unwrap()
    };
    let changes = changes.iter().map(change).collect();
    ChangeBatch::builder().set_changes(Some(changes)).build().unwrap()
}

/// What became of a batch.
pub(crate) type Changed = Result<ChangeResourceRecordSetsOutput, SdkError<ChangeResourceRecordSetsError, HttpResponse>>;

/// Sends a batch, after the one before it has been worked on.
pub(crate) async fn change(client: &Client, changes: &[(ChangeAction, &ResourceRecordSet)]) -> Changed {
    seconds(1).await;
    let change = client.change_resource_record_sets().hosted_zone_id(ZONE);
    change.change_batch(batch(changes)).send().await
}

/// Name and type of every record of the zone.
pub(crate) async fn listed(client: &Client) -> Vec<(String, String)> {
    seconds(1).await;
    let list = client.list_resource_record_sets().hosted_zone_id(ZONE);
    let sets = list.send().await.unwrap().resource_record_sets;
    let told = |set: ResourceRecordSet| (set.name, set.r#type.as_str().to_owned());
    sets.into_iter().map(told).collect()
}

/// The answer to a batch with one problem.
pub(crate) fn problem(told: &str) -> (u16, String, String) {
    (400, "InvalidChangeBatch".to_owned(), format!("[{told}]"))
}
