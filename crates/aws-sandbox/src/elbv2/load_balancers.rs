//! Load balancers: what they are, how they are described and deleted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::names::{check_arn, load_balancer_not_found};
use super::wire::{check_count, page};
use crate::clock::{Ms, iso8601};
use crate::tags::Tags;
use crate::wire::query::{Parameters, validation};
use crate::wire::xml::{Element, element, member_texts, members, text};
use crate::wire::{ApiError, Caller};
use crate::world::{Billed, CutOffBy, Place, World};

/// A load balancer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LoadBalancer {
    pub(crate) arn: String,
    pub(crate) name: String,
    /// 16 hex digits, part of ARN and DNS name.
    pub(crate) id: String,
    pub(crate) settings: Settings,
    pub(crate) dns_name: String,
    pub(crate) hosted_zone: String,
    pub(crate) vpc: String,
    pub(crate) created_at: Ms,
    pub(crate) state: LbState,
    /// It will come out as failed.
    pub(crate) fails: bool,
    pub(crate) zones: Vec<Zone>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: Tags,
}

/// What is compared when a load balancer of the same name is created again; tags count too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// `network` or `application`.
    pub(crate) kind: String,
    /// `internet-facing` or `internal`.
    pub(crate) scheme: String,
    /// Sorted.
    pub(crate) subnets: Vec<String>,
    /// Elastic addresses by subnet.
    pub(crate) allocations: BTreeMap<String, String>,
    /// Sorted.
    pub(crate) security_groups: Vec<String>,
    pub(crate) ip_address_type: String,
}

/// A zone that the load balancer works in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Zone {
    pub(crate) name: String,
    pub(crate) subnet: String,
    /// The public address; none of an internal load balancer.
    pub(crate) address: Option<String>,
    /// The elastic address that this is, where it is one.
    pub(crate) allocation_id: Option<String>,
}

impl Zone {
    /// Only elastic addresses are told; the others are found by the load balancer's name.
    fn elastic(&self) -> Option<Vec<Element>> {
        let (address, allocation) = (self.address.as_ref()?, self.allocation_id.as_ref()?);
        Some(vec![text("IpAddress", address), text("AllocationId", allocation)])
    }
}

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LbState {
    Provisioning,
    Active,
    Failed,
}

impl LoadBalancer {
    pub(crate) fn is_network(&self) -> bool {
        self.settings.kind == "network"
    }

    /// Whether it can send traffic to a zone. A zone that is not known counts as enabled.
    pub(crate) fn enables(&self, zone: Option<&str>) -> bool {
        zone.is_none_or(|zone| self.zones.iter().any(|enabled| enabled.name == zone))
    }

    pub(super) fn view(&self) -> Vec<Element> {
        let zone = |zone: &Zone| {
            vec![
                text("ZoneName", &zone.name),
                text("SubnetId", &zone.subnet),
                members("LoadBalancerAddresses", zone.elastic()),
            ]
        };
        let state = match self.state {
            LbState::Provisioning => vec![text("Code", "provisioning")],
            LbState::Active => vec![text("Code", "active")],
            LbState::Failed => vec![
                text("Code", "failed"),
                text("Reason", "The load balancer could not be set up"),
            ],
        };
        let mut view = vec![
            text("LoadBalancerArn", &self.arn),
            text("DNSName", &self.dns_name),
            text("CanonicalHostedZoneId", &self.hosted_zone),
            text("CreatedTime", iso8601(self.created_at)),
            text("LoadBalancerName", &self.name),
            text("Scheme", &self.settings.scheme),
            text("VpcId", &self.vpc),
            element("State", state),
            text("Type", &self.settings.kind),
            members("AvailabilityZones", self.zones.iter().map(zone)),
            text("IpAddressType", &self.settings.ip_address_type),
        ];
        // A network load balancer without security groups has no such member at all.
        if !self.settings.security_groups.is_empty() || !self.is_network() {
            view.push(member_texts("SecurityGroups", &self.settings.security_groups));
        }
        view
    }

    /// The kind under which it is billed.
    pub(super) fn billed(&self) -> Billed {
        if self.is_network() {
            Billed::NetworkLoadBalancer
        } else {
            Billed::ApplicationLoadBalancer
        }
    }
}

/// A load balancer has been set up, or has failed to be.
pub(crate) fn load_balancer_ready(world: &mut World, place: &Place, arn: &str) {
    let now = world.now_ms();
    let elbv2 = &mut world.region(place).elbv2;
    let Some(balancer) = elbv2.load_balancers.iter_mut().find(|it| it.arn == arn) else {
        return;
    };
    if balancer.fails {
        balancer.state = LbState::Failed;
        return;
    }
    balancer.state = LbState::Active;
    let billed = balancer.billed();
    let listeners = elbv2.listeners.iter().filter(|listener| listener.load_balancer == arn);
    let groups: Vec<String> = listeners.map(|listener| listener.target_group.clone()).collect();
    world.ledger.begin(billed, arn, now);
    world.ledger.begin(Billed::PublicIpv4, arn, now);
    for group in groups {
        super::health::begin_registrations(world, place, &group);
    }
}

/// DescribeLoadBalancers: by ARN or by name, or all of them. One unknown name fails the whole call.
pub(super) fn describe(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let (arns, names) = (input.list("LoadBalancerArns"), input.list("Names"));
    if !arns.is_empty() && !names.is_empty() {
        return Err(validation(
            "Load balancer ARNs and names cannot be specified at the same time",
        ));
    }
    check_count("load balancers", arns.len().max(names.len()))?;
    for arn in &arns {
        check_arn(arn, "loadbalancer")?;
    }
    let all = &world.region(&caller.place).elbv2.load_balancers;
    let known = |arn: &String| all.iter().any(|it| it.arn == *arn);
    let named = |name: &String| all.iter().any(|it| it.name == *name);
    if !arns.iter().all(known) || !names.iter().all(named) {
        return Err(load_balancer_not_found());
    }
    let asked = |it: &&LoadBalancer| {
        (arns.is_empty() || arns.contains(&it.arn)) && (names.is_empty() || names.contains(&it.name))
    };
    let found: Vec<&LoadBalancer> = all.iter().filter(asked).collect();
    let (found, marker) = page(input, found)?;
    let list = members("LoadBalancers", found.into_iter().map(LoadBalancer::view));
    Ok(std::iter::once(list).chain(marker).collect())
}

/// DeleteLoadBalancer: its listeners go with it; its target groups stay in use for a little longer. One that does not
/// exist is deleted successfully.
pub(super) fn delete(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let arn = input.required("LoadBalancerArn")?;
    check_arn(arn, "loadbalancer")?;
    let lingers_until = caller.now + world.profile.target_group_lingers;
    let addresses_linger_until = caller.now + world.profile.elastic_address_lingers;
    let region = world.region(&caller.place);
    let Some(index) = region.elbv2.load_balancers.iter().position(|it| it.arn == arn) else {
        return Ok(Vec::new());
    };
    let protected = region.elbv2.load_balancers[index]
        .attributes
        .get("deletion_protection.enabled");
    if protected.is_some_and(|enabled| enabled == "true") {
        let message = format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled");
        return Err(ApiError::client("OperationNotPermitted", message));
    }
    let balancer = region.elbv2.load_balancers.remove(index);
    for zone in &balancer.zones {
        if let Some(subnet) = region.network.subnet_mut(&zone.subnet) {
            subnet.return_address();
        }
    }
    region.network.release_elastic_addresses(arn, addresses_linger_until);
    let (gone, kept) = std::mem::take(&mut region.elbv2.listeners)
        .into_iter()
        .partition(|it| it.load_balancer == arn);
    region.elbv2.listeners = kept;
    let gone: Vec<super::Listener> = gone;
    let mut served = Vec::new();
    for listener in gone {
        served.extend(region.elbv2.addresses_in(&listener.target_group));
        if let Some(group) = region.elbv2.target_group_mut(&listener.target_group) {
            group.in_use_until = lingers_until;
            group.detach();
        }
    }
    world.cut_off_at(&caller.place, &served, CutOffBy::LoadBalancerDeleted, caller.call);
    world.ledger.close(None, arn, caller.now);
    Ok(Vec::new())
}
