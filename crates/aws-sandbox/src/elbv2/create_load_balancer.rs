//! CreateLoadBalancer.

use std::collections::BTreeMap;

use super::attributes::load_balancer_defaults;
use super::load_balancers::{LbState, LoadBalancer, Settings, Zone};
use super::names::{arn, check_name, configuration, hosted_zone};
use super::wire::{one_of, tags};
use crate::clock::Ms;
use crate::wire::query::{Parameters, validation};
use crate::wire::xml::{Element, members};
use crate::wire::{ApiError, Caller};
use crate::world::{Billed, Event, Network, World};

/// AWS wants this many free addresses in each subnet.
const FREE_ADDRESSES: u32 = 8;

/// CreateLoadBalancer: with the settings and tags of one that exists, that one is the answer.
pub(super) fn create(world: &mut World, caller: &Caller, input: &Parameters) -> Result<Vec<Element>, ApiError> {
    let name = input.required("Name")?.to_owned();
    check_name("load balancer", &name)?;
    let tags = tags(input)?;
    let settings = settings(input)?;
    let answer = |balancer: &LoadBalancer| Ok(vec![members("LoadBalancers", [balancer.view()])]);
    let existing = world
        .region(&caller.place)
        .elbv2
        .load_balancers
        .iter()
        .find(|it| it.name == name);
    if let Some(existing) = existing {
        if existing.settings == settings && existing.tags == tags {
            return answer(existing);
        }
        let message = format!("A load balancer with the same name '{name}' exists, but with different settings");
        return Err(ApiError::client("DuplicateLoadBalancerName", message));
    }
    check_quota(world, caller, &settings.kind)?;
    let mut zones = zones(world, caller, &settings)?;
    let id = world.fresh_hex(16);
    let network = settings.kind == "network";
    let region_name = &caller.place.region;
    let dns_name = if network {
        format!("{name}-{id}.elb.{region_name}.amazonaws.com")
    } else {
        let prefix = if settings.scheme == "internal" { "internal-" } else { "" };
        format!(
            "{prefix}{name}-{}.{region_name}.elb.amazonaws.com",
            &world.fresh_number()[..10]
        )
    };
    let kind = if network { "net" } else { "app" };
    let arn = arn(&caller.place, &format!("loadbalancer/{kind}/{name}/{id}"));
    take_addresses(world, caller, &settings, &arn, &mut zones);
    let fails = std::mem::take(&mut world.behaviour.next_load_balancer_fails);
    let balancer = LoadBalancer {
        arn: arn.clone(),
        name,
        id,
        dns_name,
        hosted_zone: hosted_zone(region_name, network),
        vpc: world.region(&caller.place).network.vpc.clone(),
        created_at: caller.now,
        state: LbState::Provisioning,
        fails,
        zones,
        attributes: load_balancer_defaults(network),
        tags,
        settings,
    };
    let output = answer(&balancer);
    open_bill(world, caller, &balancer);
    world.region(&caller.place).elbv2.load_balancers.push(balancer);
    let ready = caller.now + world.profile.load_balancer_active;
    world.queue.push(
        ready,
        Event::LoadBalancerReady {
            place: caller.place.clone(),
            arn,
        },
    );
    output
}

fn settings(input: &Parameters) -> Result<Settings, ApiError> {
    let kind = one_of(input, "Type", &["application", "network", "gateway"])?.unwrap_or("application");
    if kind == "gateway" {
        return Err(configuration("Gateway load balancers are not part of this sandbox"));
    }
    let scheme = one_of(input, "Scheme", &["internet-facing", "internal"])?.unwrap_or("internet-facing");
    let ip_address_type = one_of(input, "IpAddressType", &["ipv4", "dualstack"])?.unwrap_or("ipv4");
    let mappings = input.structures("SubnetMappings");
    let listed = input.list("Subnets");
    if !mappings.is_empty() && !listed.is_empty() {
        return Err(validation(
            "You can specify either subnets or subnet mappings, but not both",
        ));
    }
    let mut subnets = listed;
    let mut allocations = BTreeMap::new();
    for mapping in &mappings {
        let subnet = mapping.required("SubnetId")?.to_owned();
        if let Some(allocation) = mapping.text("AllocationId") {
            allocations.insert(subnet.clone(), allocation.to_owned());
        }
        subnets.push(subnet);
    }
    if !allocations.is_empty() && (kind != "network" || scheme == "internal") {
        let message = "Elastic IP addresses can only be specified for internet-facing network load balancers";
        return Err(configuration(message));
    }
    if !allocations.is_empty() && allocations.len() < mappings.len() {
        return Err(configuration(
            "You must specify an elastic IP address for each subnet, or for none",
        ));
    }
    subnets.sort();
    let mut security_groups = input.list("SecurityGroups");
    security_groups.sort();
    Ok(Settings {
        kind: kind.to_owned(),
        scheme: scheme.to_owned(),
        subnets,
        allocations,
        security_groups,
        ip_address_type: ip_address_type.to_owned(),
    })
}

/// Each zone of an internet-facing load balancer gets a public address: its elastic one, or one that AWS chooses.
fn take_addresses(world: &mut World, caller: &Caller, settings: &Settings, arn: &str, zones: &mut [Zone]) {
    if settings.scheme != "internet-facing" {
        return;
    }
    let network = &mut world.region(&caller.place).network;
    for zone in zones {
        let Some(id) = &zone.allocation_id else {
            zone.address = Some(network.take_public_address(&caller.place));
            continue;
        };
        let held = network.elastic_addresses.iter_mut().find(|it| it.allocation_id == *id);
        zone.address = held.map(|held| {
            held.holder = Some(arn.to_owned());
            held.address.clone()
        });
    }
}

/// Whether the elastic addresses exist and are free, each for one zone.
fn check_allocations(network: &Network, settings: &Settings, now: Ms) -> Result<(), ApiError> {
    let ids: Vec<&String> = settings.allocations.values().collect();
    for (index, id) in ids.iter().enumerate() {
        let Some(held) = network.elastic_addresses.iter().find(|it| it.allocation_id == **id) else {
            let message = format!("The allocation ID '{id}' does not exist");
            return Err(ApiError::client("AllocationIdNotFound", message));
        };
        if held.holder.is_some() || now < held.lingers_until || ids[..index].contains(id) {
            return Err(ApiError::client(
                "ResourceInUse",
                "The allocation IDs are not available for use",
            ));
        }
    }
    Ok(())
}

/// One zone for each subnet; an address of each is taken.
fn zones(world: &mut World, caller: &Caller, settings: &Settings) -> Result<Vec<Zone>, ApiError> {
    let network = &mut world.region(&caller.place).network;
    let mut zones: Vec<Zone> = Vec::new();
    for id in &settings.subnets {
        let Some(subnet) = network.subnet(id) else {
            return Err(ApiError::client(
                "SubnetNotFound",
                format!("The subnet ID '{id}' does not exist"),
            ));
        };
        if zones.iter().any(|zone| zone.name == subnet.zone) {
            let message = "A load balancer cannot be attached to multiple subnets in the same Availability Zone";
            return Err(configuration(message));
        }
        zones.push(Zone {
            name: subnet.zone.clone(),
            subnet: id.clone(),
            address: None,
            allocation_id: settings.allocations.get(id).cloned(),
        });
    }
    zones.sort_by(|one, other| one.name.cmp(&other.name));
    let least = if settings.kind == "network" { 1 } else { 2 };
    if zones.len() < least {
        return Err(validation(if least == 1 {
            "At least one subnet must be specified"
        } else {
            "At least two subnets in two different Availability Zones must be specified"
        }));
    }
    if let Some(unknown) = settings
        .security_groups
        .iter()
        .find(|group| !network.security_groups.contains(group))
    {
        let message = format!("The security group '{unknown}' does not exist");
        return Err(ApiError::client("InvalidSecurityGroup", message));
    }
    for zone in &zones {
        let free = network.subnet(&zone.subnet).map_or(0, |subnet| subnet.free_addresses);
        if free < FREE_ADDRESSES {
            let message = format!(
                "Not enough IP space available in {}. ELB requires at least {FREE_ADDRESSES} free IP addresses in each subnet.",
                zone.subnet
            );
            return Err(ApiError::client("InvalidSubnet", message));
        }
    }
    check_allocations(network, settings, caller.now)?;
    for zone in &zones {
        network.subnet_mut(&zone.subnet).map(|subnet| subnet.reserve_address());
    }
    Ok(zones)
}

fn check_quota(world: &mut World, caller: &Caller, kind: &str) -> Result<(), ApiError> {
    let most = world.limits.most(&format!("{kind}-load-balancers"));
    let there = &world.region(&caller.place).elbv2.load_balancers;
    if there.iter().filter(|it| it.settings.kind == kind).count() as u64 >= most {
        let message = "The maximum number of load balancers has been reached";
        return Err(ApiError::client("TooManyLoadBalancers", message));
    }
    Ok(())
}

/// A load balancer is billed, and so is a public address in each of its zones.
fn open_bill(world: &mut World, caller: &Caller, balancer: &LoadBalancer) {
    world.ledger.open(
        balancer.billed(),
        &balancer.name,
        &balancer.arn,
        &caller.place,
        caller.now,
    );
    if balancer.settings.scheme == "internet-facing" {
        for address in balancer.zones.iter().filter_map(|zone| zone.address.as_ref()) {
            world
                .ledger
                .open(Billed::PublicIpv4, address, &balancer.arn, &caller.place, caller.now);
        }
    }
}
