//! Changes of the platform's record in Route 53.
//!
//! UPSERT would replace whatever somebody else has put there since we looked. CREATE fails where something is, and DELETE
//! where the record is not exactly the one that we saw; both in one batch happen together or not at all.

use aws_sdk_route53::error::BuildError;
use aws_sdk_route53::types::{AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType};

use super::Effect;
use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::record::{Alias, Record};

/// Puts `alias` at `name`, in the place of `replaced`, which was seen there and is ours.
pub(super) async fn put(
    aws: &Aws,
    call: Call,
    zone: &str,
    name: &str,
    alias: &Alias,
    replaced: Option<&Record>,
) -> Result<Effect, AwsFailure> {
    let deletion = replaced.map(|record| change(ChangeAction::Delete, &record.name, record.alias.as_ref()));
    let creation = change(ChangeAction::Create, name, Some(alias));
    send(aws, call, zone, deletion.into_iter().chain([creation])).await
}

/// Removes exactly this record, which is ours.
pub(super) async fn remove(aws: &Aws, call: Call, zone: &str, record: &Record) -> Result<Effect, AwsFailure> {
    let deletion = change(ChangeAction::Delete, &record.name, record.alias.as_ref());
    send(aws, call, zone, [deletion].into_iter()).await
}

fn change(action: ChangeAction, name: &str, alias: Option<&Alias>) -> Result<Change, BuildError> {
    let target = alias.map(|alias| {
        AliasTarget::builder()
            .dns_name(&alias.dns_name)
            .hosted_zone_id(&alias.zone_id)
            .evaluate_target_health(alias.evaluate_target_health)
            .build()
    });
    let set = ResourceRecordSet::builder()
        .name(name)
        .r#type(RrType::A)
        .set_alias_target(target.transpose()?)
        .build()?;
    Change::builder().action(action).resource_record_set(set).build()
}

async fn send(
    aws: &Aws,
    call: Call,
    zone: &str,
    changes: impl Iterator<Item = Result<Change, BuildError>>,
) -> Result<Effect, AwsFailure> {
    let batch = changes
        .collect::<Result<Vec<_>, _>>()
        .and_then(|changes| ChangeBatch::builder().set_changes(Some(changes)).build());
    let batch = batch.map_err(|error| AwsFailure::not_sent(call.clone(), &error))?;
    let request = aws.route53.change_resource_record_sets();
    let answer = request.hosted_zone_id(zone).change_batch(batch).send().await;
    let answer = answer.map_err(|error| AwsFailure::of(call.clone(), &error))?;
    answer
        .change_info()
        .map(|info| Effect::Change(info.id().to_owned()))
        .ok_or_else(|| AwsFailure::malformed(call, "change"))
}
