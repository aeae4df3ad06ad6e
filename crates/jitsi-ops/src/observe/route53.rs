//! Reads of Route 53. The zone itself is asked, not a resolver: a resolver would keep for minutes that there is no record.

use crate::access::Aws;
use crate::failure::{AwsFailure, Call};
use crate::observation::Observation;
use crate::reading::Reading;
use crate::record::{Alias, Change, Record};
use crate::wanted::Wanted;

/// AWS's name for the call that reads records.
pub(crate) const LIST_RECORDS: &str = "ListResourceRecordSets";

/// All records of the platform's name, whosever they are.
pub(crate) async fn records(aws: &Aws, wanted: &Wanted) -> Reading<Vec<Record>> {
    let Some(dns) = &wanted.dns else {
        return Reading::NotRead;
    };
    listed(aws, dns.hosted_zone_id.as_str(), dns.record.as_str())
        .await
        .into()
}

async fn listed(aws: &Aws, zone: &str, name: &str) -> Result<Vec<Record>, AwsFailure> {
    let call = || Call::new("Route 53", LIST_RECORDS, format!("{name} in {zone}"));
    let mut found = Vec::new();
    let mut from = (name.to_owned(), None, None);
    loop {
        let (start, kind, identifier) = from;
        let page = aws
            .route53
            .list_resource_record_sets()
            .hosted_zone_id(zone)
            .start_record_name(start)
            .set_start_record_type(kind)
            .set_start_record_identifier(identifier);
        let page = page.send().await.map_err(|error| AwsFailure::of(call(), &error))?;
        let of_name = |listed: &str| listed.trim_end_matches('.').eq_ignore_ascii_case(name);
        found.extend(
            page.resource_record_sets()
                .iter()
                .filter(|set| of_name(set.name()))
                .map(record),
        );
        // They are sorted by name, and that of the platform was the first asked for.
        match page.next_record_name() {
            Some(next) if page.is_truncated() && of_name(next) => {
                from = (
                    next.to_owned(),
                    page.next_record_type().cloned(),
                    page.next_record_identifier().map(str::to_owned),
                );
            }
            _ => return Ok(found),
        }
    }
}

fn record(set: &aws_sdk_route53::types::ResourceRecordSet) -> Record {
    let policy = set.weight().is_some()
        || set.region().is_some()
        || set.geo_location().is_some()
        || set.failover().is_some()
        || set.multi_value_answer().is_some()
        || set.cidr_routing_config().is_some()
        || set.geo_proximity_location().is_some()
        || set.traffic_policy_instance_id().is_some();
    Record {
        name: set.name().to_owned(),
        kind: set.r#type().as_str().to_owned(),
        alias: set.alias_target().map(|target| Alias {
            dns_name: target.dns_name().to_owned(),
            zone_id: target.hosted_zone_id().to_owned(),
            evaluate_target_health: target.evaluate_target_health(),
        }),
        values: set
            .resource_records()
            .iter()
            .map(|value| value.value().to_owned())
            .collect(),
        routed: policy || set.set_identifier().is_some() || set.health_check_id().is_some(),
    }
}

/// How far this run's own change has come.
pub(super) async fn change(aws: &Aws, seen: &Observation) -> Reading<Change> {
    let Some(id) = &seen.change_id else {
        return Reading::NotRead;
    };
    let call = Call::new("Route 53", "GetChange", id);
    match aws.route53.get_change().id(id).send().await {
        Ok(answer) => match answer.change_info() {
            Some(info) => Reading::Here(Change {
                id: id.clone(),
                status: info.status().as_str().to_owned(),
            }),
            None => Reading::Unknown(AwsFailure::malformed(call, "change")),
        },
        Err(error) => Reading::Unknown(AwsFailure::of(call, &error)),
    }
}
