//! Elastic Load Balancing v2: network load balancers with their target groups, listeners and targets. Application load
//! balancers can be made, so that one can be in the way; they carry no rules.

mod attributes;
mod create_load_balancer;
mod health;
mod limits;
mod listener_requests;
mod listeners;
mod load_balancers;
mod names;
mod tags;
mod target_group_requests;
mod target_groups;
mod targets;
mod wire;

use serde::{Deserialize, Serialize};

use crate::wire::query::Parameters;
use crate::wire::xml::Element;
use crate::wire::{ApiError, Caller};
use crate::world::World;

pub(crate) use health::{drained, health_check, reachability_changed, target_registered};
pub(crate) use listeners::Listener;
pub(crate) use load_balancers::{LbState, LoadBalancer, load_balancer_ready};
pub(crate) use names::hosted_zone_of_name;
pub(crate) use target_groups::TargetGroup;
pub(crate) use targets::{Target, TargetKey, TargetState};

/// What ELBv2 keeps in one region of an account, each in the order of creation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Elbv2 {
    pub(crate) load_balancers: Vec<LoadBalancer>,
    pub(crate) target_groups: Vec<TargetGroup>,
    pub(crate) listeners: Vec<Listener>,
}

/// Carries out an operation, and gives the children of its result.
///
/// # Errors
/// What AWS would answer.
pub(crate) fn handle(
    world: &mut World,
    caller: &Caller,
    operation: &str,
    input: &Parameters,
) -> Result<Vec<Element>, ApiError> {
    match operation {
        "CreateLoadBalancer" => create_load_balancer::create(world, caller, input),
        "DescribeLoadBalancers" => load_balancers::describe(world, caller, input),
        "DeleteLoadBalancer" => load_balancers::delete(world, caller, input),
        "DescribeLoadBalancerAttributes" => attributes::of_load_balancer(world, caller, input),
        "ModifyLoadBalancerAttributes" => attributes::modify_load_balancer(world, caller, input),
        "CreateTargetGroup" => target_group_requests::create(world, caller, input),
        "DescribeTargetGroups" => target_group_requests::describe(world, caller, input),
        "ModifyTargetGroup" => target_group_requests::modify(world, caller, input),
        "DeleteTargetGroup" => target_group_requests::delete(world, caller, input),
        "DescribeTargetGroupAttributes" => attributes::of_target_group(world, caller, input),
        "ModifyTargetGroupAttributes" => attributes::modify_target_group(world, caller, input),
        "CreateListener" => listener_requests::create(world, caller, input),
        "DescribeListeners" => listener_requests::describe(world, caller, input),
        "ModifyListener" => listener_requests::modify(world, caller, input),
        "DeleteListener" => listener_requests::delete(world, caller, input),
        "RegisterTargets" => targets::register(world, caller, input),
        "DeregisterTargets" => targets::deregister(world, caller, input),
        "DescribeTargetHealth" => health::describe(world, caller, input),
        "AddTags" => tags::add(world, caller, input),
        "RemoveTags" => tags::remove(world, caller, input),
        "DescribeTags" => tags::describe(world, caller, input),
        "DescribeAccountLimits" => Ok(limits::describe(world)),
        _ => {
            let message = format!("Could not find operation {operation} for version 2015-12-01");
            Err(ApiError::client("InvalidAction", message))
        }
    }
}

impl Elbv2 {
    /// The load balancer that a target group is attached to, through any listener.
    pub(crate) fn balancer_of(&self, target_group: &str) -> Option<&LoadBalancer> {
        let listener = self
            .listeners
            .iter()
            .find(|listener| listener.forwards_to(target_group))?;
        self.load_balancers
            .iter()
            .find(|balancer| balancer.arn == listener.load_balancer)
    }

    /// The active load balancer with this public address, and the zone that has it.
    pub(crate) fn balancer_at(&self, address: &str) -> Option<(&LoadBalancer, &str)> {
        let active = self.load_balancers.iter().filter(|it| it.state == LbState::Active);
        let zones = active.flat_map(|balancer| balancer.zones.iter().map(move |zone| (balancer, zone)));
        let mut here = zones.filter(|(_, zone)| zone.address.as_deref() == Some(address));
        here.next().map(|(balancer, zone)| (balancer, zone.name.as_str()))
    }

    /// The addresses of all targets of a group, those that drain included.
    pub(crate) fn addresses_in(&self, target_group: &str) -> Vec<String> {
        let groups = self.target_groups.iter().filter(|group| group.arn == target_group);
        let targets = groups.flat_map(|group| &group.targets);
        targets.map(|target| target.key.id.clone()).collect()
    }

    pub(crate) fn target_group_mut(&mut self, arn: &str) -> Option<&mut TargetGroup> {
        self.target_groups.iter_mut().find(|group| group.arn == arn)
    }
}
