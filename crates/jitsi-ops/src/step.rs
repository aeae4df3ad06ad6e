//! The steps that change something at AWS. Each is one call (or one batch) and idempotent.

use std::collections::BTreeMap;
use std::fmt;

use crate::observation::{Attributes, HealthCheck, Tags};
use crate::quiet::Quiet;
use crate::record::{Alias, Record};
use crate::wanted::{WantedGroup, WantedListener};

/// One change at AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Create the network load balancer.
    CreateLoadBalancer {
        /// Its name.
        name: String,
        /// One subnet per zone.
        subnets: Vec<String>,
        /// An elastic address for each of the subnets, by allocation id; none: AWS chooses addresses.
        eip_allocations: Vec<String>,
        /// Its tags; part of what makes the call idempotent.
        tags: Tags,
    },
    /// Put our tags on a resource that lacks them (`--adopt`).
    Adopt {
        /// What it is, in AWS's words.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// Our tags.
        tags: Tags,
    },
    /// Mend the load balancer's attributes.
    ModifyLoadBalancerAttributes {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// Those that differ.
        attributes: Attributes,
    },
    /// Create a target group.
    CreateTargetGroup {
        /// How it should be.
        group: WantedGroup,
        /// The VPC of the load balancer.
        vpc_id: String,
        /// Its tags.
        tags: Tags,
    },
    /// Mend a target group's health check.
    ModifyTargetGroup {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// How its health check should be.
        health_check: HealthCheck,
    },
    /// Mend a target group's attributes.
    ModifyTargetGroupAttributes {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// Those that differ.
        attributes: Attributes,
    },
    /// Create a listener.
    CreateListener {
        /// How it should be.
        listener: WantedListener,
        /// The load balancer's name.
        load_balancer: String,
        /// Its ARN.
        load_balancer_arn: String,
        /// The target group.
        group_arn: String,
        /// Its tags.
        tags: Tags,
    },
    /// Give a TLS listener the configured certificate.
    ModifyListener {
        /// How it should be.
        listener: WantedListener,
        /// Its ARN.
        arn: String,
    },
    /// Lead visitors of the platform's name to the load balancer.
    PutRecord {
        /// The hosted zone's id.
        zone: String,
        /// The record's name.
        name: String,
        /// The load balancer.
        alias: Alias,
        /// Our own record that was seen there, of an earlier load balancer.
        replaces: Option<Record>,
    },
    /// Remove our record, exactly as it was seen.
    RemoveRecord {
        /// The hosted zone's id.
        zone: String,
        /// The record.
        record: Record,
        /// Why that is allowed.
        quiet: Quiet,
    },
    /// Register a revision of the task definition in which the bridge has other variables.
    RegisterTaskDefinition {
        /// The ARN of the revision that all the rest is taken from.
        from: String,
        /// The bridge's container.
        container: String,
        /// The variables that are set, by name.
        variables: BTreeMap<String, String>,
    },
    /// Ask the service for this many tasks, which is more than before.
    RaiseDesiredCount {
        /// The service's name.
        service: String,
        /// How many.
        desired: u32,
        /// The ARN of the revision that they are made of, where it is another than before.
        task_definition: Option<String>,
    },
    /// Ask the service again for the tasks that are protected, so that their protection can be renewed.
    RestoreDesiredCount {
        /// The service's name.
        service: String,
        /// How many.
        desired: u32,
    },
    /// Take the protection from tasks that the operator has decided to end.
    LiftProtection {
        /// Their ARNs, at most 10.
        tasks: Vec<String>,
        /// Why that is allowed.
        quiet: Quiet,
    },
    /// Put a tag on the service: a lease or a hold.
    TagService {
        /// Its ARN.
        arn: String,
        /// The tag's key.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// Take a tag from the service.
    UntagService {
        /// Its ARN.
        arn: String,
        /// The tag's key.
        key: &'static str,
    },
    /// Ask the service for no tasks.
    ScaleToZero {
        /// The service's name.
        service: String,
        /// Why that is allowed.
        quiet: Quiet,
    },
    /// Register task addresses.
    RegisterTargets {
        /// The target group's name.
        group: String,
        /// Its ARN.
        group_arn: String,
        /// The addresses.
        ids: Vec<String>,
        /// The port.
        port: u16,
    },
    /// Deregister addresses that have been no task of ours in two looks.
    DeregisterStrays {
        /// The target group's name.
        group: String,
        /// Its ARN.
        group_arn: String,
        /// Addresses and ports.
        targets: Vec<(String, u16)>,
    },
    /// Deregister the addresses of tasks that are ending.
    DeregisterTargets {
        /// The target group's name.
        group: String,
        /// Its ARN.
        group_arn: String,
        /// Addresses and ports.
        targets: Vec<(String, u16)>,
        /// Why that is allowed.
        quiet: Quiet,
    },
    /// Delete the load balancer, and with it its listeners.
    DeleteLoadBalancer {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// Why that is allowed.
        quiet: Quiet,
    },
    /// Delete a target group.
    DeleteTargetGroup {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
        /// Why that is allowed.
        quiet: Quiet,
    },
}

impl Step {
    /// AWS's name for the call.
    pub fn operation(&self) -> &'static str {
        match self {
            Self::CreateLoadBalancer { .. } => "CreateLoadBalancer",
            Self::Adopt { .. } => "AddTags",
            Self::ModifyLoadBalancerAttributes { .. } => "ModifyLoadBalancerAttributes",
            Self::CreateTargetGroup { .. } => "CreateTargetGroup",
            Self::ModifyTargetGroup { .. } => "ModifyTargetGroup",
            Self::ModifyTargetGroupAttributes { .. } => "ModifyTargetGroupAttributes",
            Self::CreateListener { .. } => "CreateListener",
            Self::ModifyListener { .. } => "ModifyListener",
            Self::RaiseDesiredCount { .. } | Self::RestoreDesiredCount { .. } | Self::ScaleToZero { .. } => {
                "UpdateService"
            }
            Self::RegisterTaskDefinition { .. } => "RegisterTaskDefinition",
            Self::PutRecord { .. } | Self::RemoveRecord { .. } => "ChangeResourceRecordSets",
            Self::LiftProtection { .. } => "UpdateTaskProtection",
            Self::TagService { .. } => "TagResource",
            Self::UntagService { .. } => "UntagResource",
            Self::RegisterTargets { .. } => "RegisterTargets",
            Self::DeregisterStrays { .. } | Self::DeregisterTargets { .. } => "DeregisterTargets",
            Self::DeleteLoadBalancer { .. } => "DeleteLoadBalancer",
            Self::DeleteTargetGroup { .. } => "DeleteTargetGroup",
        }
    }

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

    /// The token that allows it, for a step that takes something away.
    pub fn quiet(&self) -> Option<&Quiet> {
        match self {
            Self::ScaleToZero { quiet, .. }
            | Self::LiftProtection { quiet, .. }
            | Self::DeregisterTargets { quiet, .. }
            | Self::RemoveRecord { quiet, .. }
            | Self::DeleteLoadBalancer { quiet, .. }
            | Self::DeleteTargetGroup { quiet, .. } => Some(quiet),
            _ => None,
        }
    }

    /// Whether it may be taken only by the run that holds the platform's lock. A hold or a lease may be written by
    /// anybody at any time.
    pub fn needs_lock(&self) -> bool {
        !matches!(self, Self::TagService { .. } | Self::UntagService { .. })
    }

    /// Whether what it makes costs money from then on.
    pub fn starts_billing(&self) -> bool {
        matches!(self, Self::CreateLoadBalancer { .. } | Self::RaiseDesiredCount { .. })
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
