//! What a scale-down leaves, by name and with the reason.

use jitsi_config::OnDown;
use serde::Serialize;

use crate::billing::Billing;
use crate::plan::orphans;
use crate::record;
use crate::session::Session;

/// Something that is left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// `load balancer`, `target group`, `task` or `DNS record`.
    pub kind: &'static str,
    /// Its name or id.
    pub name: String,
    /// Its ARN, if AWS has told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Whether it is this platform's.
    pub ours: bool,
    /// Why it is left.
    pub reason: String,
}

/// What is left of the platform, and what looks related. `reason`: why the run did not remove it.
pub(crate) fn left(session: &Session<'_>, billing: &[Billing], reason: &str) -> Vec<Left> {
    let wanted = session.wanted;
    let mut left: Vec<Left> = billing
        .iter()
        .map(|bill| Left {
            kind: bill.kind,
            name: bill.name.clone(),
            arn: bill.arn.clone(),
            ours: true,
            reason: if bill.certain {
                reason.to_owned()
            } else {
                format!("{reason}; whether it exists could not be seen")
            },
        })
        .collect();
    left.extend(left_record(session, reason));
    let (Some(fleet), Some(service)) = (session.seen.fleet.here(), session.seen.service.here()) else {
        return left;
    };
    let (balancers, groups) = orphans::of_ours(fleet, wanted, service);
    let kinds = balancers
        .into_iter()
        .map(|found| ("load balancer", found, true))
        .chain(groups.into_iter().map(|found| ("target group", found, true)));
    let related = orphans::related(fleet, wanted).into_iter().map(|found| {
        let kind = if fleet.balancers.contains(found) {
            "load balancer"
        } else {
            "target group"
        };
        (kind, found, false)
    });
    left.extend(kinds.chain(related).map(|(kind, found, ours)| Left {
        kind,
        name: found.name.clone(),
        arn: Some(found.arn.clone()),
        ours,
        reason: if ours {
            reason.to_owned()
        } else {
            "it lacks this platform's tag".to_owned()
        },
    }));
    left
}

/// The platform's own record, where it is to be removed and was not, or nobody could look.
fn left_record(session: &Session<'_>, reason: &str) -> Option<Left> {
    let (seen, wanted) = (&session.seen, session.wanted);
    let dns = wanted.dns.as_ref().filter(|dns| dns.on_down == OnDown::Remove)?;
    let ours = record::ours(wanted, seen, seen.service.here()?);
    let unseen = seen.records.failure();
    if ours.is_empty() && unseen.is_none() {
        return None;
    }
    let unseen = unseen.map_or("", |_| "; whether it exists could not be seen");
    Some(Left {
        kind: "DNS record",
        name: dns.record.to_string(),
        arn: None,
        ours: true,
        reason: format!("{reason}{unseen}"),
    })
}
