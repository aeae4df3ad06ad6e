//! The record that leads visitors to the load balancer: put on the way up, removed on the way down.
//!
//! What somebody else has put at the name is never changed. See `record.rs` for how ours is told.

use std::time::Duration;

use jitsi_config::{Dns, OnDown};

use super::{Look, Plan};
use crate::clock::between;
use crate::failure::AwsFailure;
use crate::observation::{LoadBalancer, Service, Task};
use crate::ownership;
use crate::problem::{Problem, ProblemKind};
use crate::quiet::Quiet;
use crate::reading::Reading;
use crate::record::{self, Alias, Record};
use crate::step::Step;

/// For how long a load balancer that nobody uses waits, and bills, for a Route 53 that fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// As plans and messages name it.
fn label(dns: &Dns) -> String {
    format!("record {}", dns.record)
}

/// Before anything is made: the name must be free, or ours. Where something runs already, see [`up`].
pub(super) fn preflight(look: Look<'_>, service: &Service, plan: &mut Plan) {
    let Some(dns) = look.wanted.dns.as_ref().filter(|_| at_zero(look)) else {
        return;
    };
    if let Some(records) = plan.known(&label(dns), Some(&look.seen.records), look.wanted)
        && let Some(problem) = in_the_way(look, dns, service, records)
    {
        plan.stop(problem);
    }
}

fn at_zero(look: Look<'_>) -> bool {
    look.seen.service.here().is_some_and(|service| service.desired == 0)
        && look.seen.tasks().iter().all(Task::is_stopped)
}

/// The alias of the load balancer, as soon as AWS has given it a name.
///
/// Where tasks run, a record in the way is a reason to fail only when everything else is as it should be.
pub(super) fn up(look: Look<'_>, service: &Service, plan: &mut Plan) {
    let Some(dns) = &look.wanted.dns else { return };
    let label = label(dns);
    let records = match &look.seen.records {
        Reading::Here(records) => records,
        Reading::Unknown(failure) if !failure.may_pass() => {
            return plan.stop_at_last(&label, look.wanted.problem(failure));
        }
        other => {
            plan.known(&label, Some(other), look.wanted);
            return;
        }
    };
    if let Some(problem) = in_the_way(look, dns, service, records) {
        return plan.stop_at_last(&label, problem);
    }
    let Some((balancer, zone_id)) = balancer_of_ours(look, service) else {
        return;
    };
    let ours = record::ours(look.wanted, look.seen, service).into_iter().next();
    if ours.is_some_and(|ours| record::leads_to(ours, &balancer.dns_name, zone_id)) {
        own_change(look, &label, plan);
    } else {
        plan.steps.push(Step::PutRecord {
            zone: dns.hosted_zone_id.to_string(),
            name: dns.record.to_string(),
            alias: Alias {
                dns_name: balancer.dns_name.clone(),
                zone_id: zone_id.to_owned(),
                evaluate_target_health: false,
            },
            replaces: ours.cloned(),
        });
    }
}

/// Waits until all name servers have what this run has changed.
fn own_change(look: Look<'_>, label: &str, plan: &mut Plan) {
    if look.seen.change_id.is_none() {
        return;
    }
    match &look.seen.change {
        Reading::Here(change) if change.status == "INSYNC" => {}
        Reading::Here(change) => plan.wait(label, format!("{} at Route 53's name servers", change.status)),
        // Whether it has arrived may not be asked; it arrives all the same.
        Reading::Unknown(failure) if !failure.may_pass() => {
            plan.warn(
                format!("whether the change of {label} has reached all name servers is unknown: {failure}"),
                Some("it usually takes a minute"),
            );
        }
        Reading::Unknown(failure) => plan.wait(label, format!("unknown: {failure}: {}", failure.reason())),
        Reading::NotRead | Reading::Absent => plan.wait(label, "PENDING at Route 53's name servers"),
    }
}

fn balancer_of_ours<'a>(look: Look<'a>, service: &Service) -> Option<(&'a LoadBalancer, &'a str)> {
    let balancer = look.seen.load_balancer.here()?;
    let ours = ownership::is_ours_of(look.seen, &balancer.arn, service) == Some(true);
    Some((balancer, balancer.zone_id.as_deref().filter(|_| ours)?))
}

/// A record at the name that is not ours and would lead visitors, or some of them, elsewhere.
fn in_the_way(look: Look<'_>, dns: &Dns, service: &Service, records: &[Record]) -> Option<Problem> {
    // Until it is known whose the load balancer is, it is not known either whose its alias is.
    let balancer = look.seen.load_balancer.here();
    if balancer.is_some_and(|b| look.seen.tags_of(&b.arn).is_none()) {
        return None;
    }
    let ours = record::ours(look.wanted, look.seen, service);
    let stranger = records
        .iter()
        .find(|record| record.leads_visitors() && !ours.contains(record));
    let refused = |why: String, hint: String| {
        let what = format!("{} cannot lead to the load balancer", dns.record);
        Problem::new(ProblemKind::Refused, what).because(why).hint(hint)
    };
    if let Some(record) = stranger {
        return Some(refused(
            format!(
                "zone {} has a record {} of that name, which this tool did not make: it leads to {}",
                dns.hosted_zone_id,
                record.kind,
                record.leads_to()
            ),
            "remove it if it is not needed any more, or name another record in `dns.record`".to_owned(),
        ));
    }
    // The apex of a zone has name servers and a start of authority; any other name with name servers is a zone of its own.
    let has = |kind: &str| records.iter().any(|record| record.kind == kind);
    (has("NS") && !has("SOA")).then(|| {
        refused(
            format!(
                "zone {} hands {} over to other name servers",
                dns.hosted_zone_id, dns.record
            ),
            "name the zone that has it in `dns.hosted_zone_id`".to_owned(),
        )
    })
}

/// Removes the record once no task is asked for and all that are left are ending. Returns whether the load balancer may go.
pub(super) fn down(look: Look<'_>, service: &Service, tasks: &[Task], plan: &mut Plan) -> bool {
    let Some(dns) = look.wanted.dns.as_ref().filter(|dns| dns.on_down == OnDown::Remove) else {
        return true;
    };
    let label = label(dns);
    if given_up(look).is_some() {
        return true;
    }
    let records = match &look.seen.records {
        Reading::Here(records) => records,
        other => {
            plan.known(&label, Some(other), look.wanted);
            return false;
        }
    };
    let ours = record::ours(look.wanted, look.seen, service);
    for stranger in records
        .iter()
        .filter(|record| record.leads_visitors() && !ours.contains(record))
    {
        plan.warn(
            format!(
                "a record {} of {} leads to {} and was not made by this tool: left as it is",
                stranger.kind,
                dns.record,
                stranger.leads_to()
            ),
            None,
        );
    }
    if ours.is_empty() {
        return true;
    }
    match Quiet::because_all_end(service, tasks) {
        Ok(quiet) => plan.steps.extend(ours.into_iter().map(|record| Step::RemoveRecord {
            zone: dns.hosted_zone_id.to_string(),
            record: record.clone(),
            quiet: quiet.clone(),
        })),
        Err(_) => plan.wait(label, "stays until every task is ending"),
    }
    false
}

/// Why the record may still be there though nothing more is tried; the load balancer does not wait, and bill, for it.
fn given_up<'a>(look: Look<'a>) -> Option<&'a AwsFailure> {
    let (failure, since) = look.memory.record_trouble.as_ref()?;
    (!failure.may_pass() && !failure.is("InvalidChangeBatch") || between(*since, look.seen.at) >= PATIENCE)
        .then_some(failure)
}

/// The end of a run that has done all the rest: the record leads to a load balancer that is gone, or may.
pub(super) fn left(look: Look<'_>) -> Option<Problem> {
    let dns = look.wanted.dns.as_ref().filter(|dns| dns.on_down == OnDown::Remove)?;
    let failure = given_up(look)?;
    let service = look.seen.service.here()?;
    if look.seen.records.is_known() && record::ours(look.wanted, look.seen, service).is_empty() {
        return None;
    }
    let mut problem = look.wanted.problem(failure);
    problem.what = format!(
        "{} may still lead to a load balancer that is gone: {}",
        dns.record, problem.what
    );
    problem.hints.push(format!(
        "nothing of it costs money; run `scale-down{}` again to remove it, or remove it in zone {} by hand",
        look.wanted.further.flags, dns.hosted_zone_id
    ));
    Some(problem)
}
