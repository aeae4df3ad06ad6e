//! The steps that change something at AWS. Each is one call (or one batch) and idempotent.

mod words;

use std::collections::BTreeMap;

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
