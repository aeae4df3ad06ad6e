//! Steps in words: what each changes, how, and why.

use std::fmt;

use super::Step;
use crate::observation::Attributes;

impl Step {
    /// What it changes: a name, or a target group with addresses.
    pub fn resource(&self) -> String {
        match self {
            Self::CreateLoadBalancer { name, .. }
            | Self::Adopt { name, .. }
            | Self::ModifyLoadBalancerAttributes { name, .. }
            | Self::ModifyTargetGroup { name, .. }
            | Self::ModifyTargetGroupAttributes { name, .. }
            | Self::DeleteLoadBalancer { name, .. }
            | Self::DeleteTargetGroup { name, .. } => name.clone(),
            Self::CreateTargetGroup { group, .. } => group.name.clone(),
            Self::CreateListener {
                listener,
                load_balancer,
                ..
            } => {
                format!("{}:{} of {load_balancer}", listener.protocol, listener.port)
            }
            Self::ModifyListener { listener, .. } => format!("{}:{}", listener.protocol, listener.port),
            Self::RaiseDesiredCount { service, .. }
            | Self::RestoreDesiredCount { service, .. }
            | Self::ScaleToZero { service, .. } => service.clone(),
            Self::RegisterTaskDefinition { from, .. } => family(from).to_owned(),
            Self::PutRecord { zone, name, .. } => format!("{name} in {zone}"),
            Self::RemoveRecord { zone, record, .. } => format!("{} in {zone}", record.name.trim_end_matches('.')),
            Self::LiftProtection { tasks, .. } => tasks.iter().map(|t| last_part(t)).collect::<Vec<_>>().join(", "),
            Self::TagService { arn, .. } | Self::UntagService { arn, .. } => last_part(arn).to_owned(),
            Self::RegisterTargets { group, ids, port, .. } => {
                let ids: Vec<_> = ids.iter().map(|id| format!("{id}:{port}")).collect();
                format!("{} in {group}", ids.join(", "))
            }
            Self::DeregisterStrays { group, targets, .. } | Self::DeregisterTargets { group, targets, .. } => {
                let targets: Vec<_> = targets.iter().map(|(id, port)| format!("{id}:{port}")).collect();
                format!("{} in {group}", targets.join(", "))
            }
        }
    }

    /// Operation and resource: enough to tell steps of one run apart.
    pub fn label(&self) -> String {
        format!("{} {}", self.operation(), self.resource())
    }

    /// What it does and why it is needed, where the operation's name does not say it.
    pub fn detail(&self) -> Option<String> {
        let pairs = |map: &Attributes| {
            map.iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self {
            Self::CreateLoadBalancer {
                subnets,
                eip_allocations,
                ..
            } => {
                let elastic = match eip_allocations.as_slice() {
                    [] => String::new(),
                    ids => format!(", with {}", ids.join(", ")),
                };
                Some(format!("network, internet-facing, in {}{elastic}", subnets.join(", ")))
            }
            Self::RegisterTaskDefinition {
                from,
                container,
                variables,
            } => Some(format!(
                "as {}, but in {container} {}",
                last_part(from),
                pairs(variables)
            )),
            Self::Adopt { kind, .. } => Some(format!("takes over this {kind} by tagging it")),
            Self::ModifyLoadBalancerAttributes { attributes, .. }
            | Self::ModifyTargetGroupAttributes { attributes, .. } => Some(pairs(attributes)),
            Self::CreateTargetGroup { group, .. } => {
                let check = &group.health_check;
                let path = check.path.as_deref().unwrap_or_default();
                Some(format!(
                    "{}:{}, health check {}:{}{path}",
                    group.protocol, group.port, check.protocol, check.port
                ))
            }
            Self::ModifyTargetGroup { .. } => Some("health check as configured".to_owned()),
            Self::CreateListener { listener, .. } => Some(format!("forwards to {}", listener.group.name)),
            Self::ModifyListener { .. } => Some("certificate as configured".to_owned()),
            Self::RaiseDesiredCount {
                desired,
                task_definition,
                ..
            } => {
                let of = task_definition.as_ref();
                let of = of.map_or_else(String::new, |arn| format!(" of {}", last_part(arn)));
                Some(format!("desired count {desired}{of}"))
            }
            Self::ScaleToZero { .. } => Some("desired count 0".to_owned()),
            Self::RestoreDesiredCount { desired, .. } => Some(format!(
                "desired count {desired} again, so that protection can be renewed"
            )),
            Self::PutRecord { alias, replaces, .. } => {
                let instead = replaces
                    .as_ref()
                    .map_or_else(String::new, |record| format!(", instead of {}", record.leads_to()));
                Some(format!("alias of {}{instead}", alias.dns_name))
            }
            Self::RemoveRecord { record, .. } => Some(format!("no alias of {} any more", record.leads_to())),
            Self::LiftProtection { .. } => Some("protection off".to_owned()),
            Self::TagService { key, value, .. } => Some(format!("{key} = {value}")),
            Self::UntagService { key, .. } => Some(format!("without {key}")),
            Self::DeregisterTargets { .. } => Some("its task is ending".to_owned()),
            Self::DeregisterStrays { .. } => Some("no task of this platform any more".to_owned()),
            Self::DeleteLoadBalancer { .. } => Some("and its listeners".to_owned()),
            _ => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())?;
        match self.detail() {
            Some(detail) => write!(f, " ({detail})"),
            None => Ok(()),
        }
    }
}

/// The family in the ARN of a task definition.
fn family(arn: &str) -> &str {
    let name = last_part(arn);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}

/// The name or id at the end of an ARN.
fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
