//! A look ahead: what the plan would do next if each step succeeded and time passed. This is `--dry-run`.

use super::{Look, Plan, scale_down, up};
use crate::memory::{Memory, ORPHANS, balancer_key, group_key};
use crate::nlb_zone;
use crate::observation::{
    Addresses, Attributes, ElasticAddress, Listener, LoadBalancer, Observation, Revision, Target, TargetGroup, Task,
};
use crate::reading::Reading;
use crate::record::Record;
use crate::session::Goal;
use crate::step::Step;
use crate::wanted::Wanted;

/// More rounds than any way up needs; a plan that asks for more would never end.
const ROUNDS: usize = 32;

/// All steps of the way up from `seen`, in an order in which they can be taken, or the plan that cannot go on.
///
/// # Errors
/// The plan whose problem ends the look ahead, or the one that still waits after many rounds.
pub fn all_steps(wanted: &Wanted, seen: &Observation, memory: &Memory) -> Result<Vec<Step>, Box<Plan>> {
    ahead(up, wanted, seen, memory)
}

/// All steps of the way down from `seen`, if it stays quiet, or the plan that cannot go on.
///
/// # Errors
/// As for [`all_steps`]; also where a hold or a lease keeps the platform up.
pub fn steps_down(wanted: &Wanted, seen: &Observation, memory: &Memory) -> Result<Vec<Step>, Box<Plan>> {
    let mut memory = memory.clone();
    memory.imagine_absent(&balancer_key(&wanted.load_balancer));
    for name in wanted.group_names() {
        memory.imagine_absent(&group_key(name));
    }
    memory.imagine_absent(ORPHANS);
    memory.imagine_quiet();
    ahead(scale_down, wanted, seen, &memory)
}

fn ahead(goal: Goal, wanted: &Wanted, seen: &Observation, memory: &Memory) -> Result<Vec<Step>, Box<Plan>> {
    let mut seen = seen.clone();
    let mut steps = Vec::new();
    let mut rounds = 0;
    loop {
        let plan = goal(Look {
            wanted,
            seen: &seen,
            memory,
        });
        if plan.is_done() {
            return Ok(steps);
        }
        if plan.problem.is_some() || plan.held.is_some() || rounds == ROUNDS {
            return Err(Box::new(plan));
        }
        rounds += 1;
        for step in &plan.steps {
            foresee(step, &mut seen);
        }
        if plan.steps.is_empty() {
            pass_time(&mut seen, wanted);
        }
        steps.extend(plan.steps);
    }
}

/// Changes `seen` as `step` would change AWS, once it has taken full effect.
pub fn foresee(step: &Step, seen: &mut Observation) {
    match step {
        Step::CreateLoadBalancer {
            name,
            subnets,
            eip_allocations,
            tags,
        } => {
            let arn = format!("(arn of {name})");
            seen.tags.insert(arn.clone(), Reading::Here(tags.clone()));
            seen.attributes.insert(
                arn.clone(),
                Reading::Here(made_with(&crate::wanted::load_balancer_attributes())),
            );
            seen.listeners = Reading::Here(Vec::new());
            // Target groups that were left are taken for those of its subnets; the run itself will see.
            let left = seen.target_groups.values().find_map(Reading::here);
            let region = seen.service.here().and_then(|service| service.arn.split(':').nth(3));
            let zone = region.and_then(nlb_zone::of_region).unwrap_or("(zone of its name)");
            let vpc_id = left.map_or_else(|| "(VPC of the subnets)".to_owned(), |group| group.vpc_id.clone());
            seen.load_balancer = Reading::Here(LoadBalancer {
                arn,
                name: name.clone(),
                dns_name: "(name that AWS gives)".to_owned(),
                state: "active".to_owned(),
                state_reason: None,
                kind: "network".to_owned(),
                scheme: "internet-facing".to_owned(),
                vpc_id,
                subnets: subnets.clone(),
                zones: Vec::new(),
                zone_id: Some(zone.to_owned()),
                elastic: subnets.iter().zip(eip_allocations).map(imagined_address).collect(),
                created_at: None,
            });
        }
        Step::CreateTargetGroup { group, vpc_id, tags } => {
            let arn = format!("(arn of {})", group.name);
            seen.tags.insert(arn.clone(), Reading::Here(tags.clone()));
            seen.attributes.insert(
                arn.clone(),
                Reading::Here(made_with(&crate::wanted::group_attributes())),
            );
            seen.targets.insert(group.name.clone(), Reading::Here(Vec::new()));
            let group = TargetGroup {
                arn,
                name: group.name.clone(),
                protocol: group.protocol.clone(),
                port: group.port,
                target_type: "ip".to_owned(),
                vpc_id: vpc_id.clone(),
                load_balancers: Vec::new(),
                health_check: group.health_check.clone(),
            };
            seen.target_groups.insert(group.name.clone(), Reading::Here(group));
        }
        Step::CreateListener {
            listener,
            group_arn,
            tags,
            ..
        } => {
            let arn = format!("(arn of listener {})", listener.port);
            seen.tags.insert(arn.clone(), Reading::Here(tags.clone()));
            let listener = Listener {
                arn,
                port: listener.port,
                protocol: listener.protocol.clone(),
                forwards_to: Some(group_arn.clone()),
                certificate_arn: listener.certificate_arn.clone(),
            };
            if let Some(listeners) = seen.listeners.here_mut() {
                listeners.push(listener);
            }
        }
        Step::ModifyListener { listener, arn } => {
            if let Some(seen) = seen
                .listeners
                .here_mut()
                .and_then(|l| l.iter_mut().find(|l| l.arn == *arn))
            {
                seen.certificate_arn.clone_from(&listener.certificate_arn);
            }
        }
        Step::Adopt { arn, tags, .. } => {
            let known = seen.tags_of(arn).cloned().unwrap_or_default();
            let tags = known.into_iter().chain(tags.clone()).collect();
            seen.tags.insert(arn.clone(), Reading::Here(tags));
        }
        Step::ModifyLoadBalancerAttributes { arn, attributes, .. }
        | Step::ModifyTargetGroupAttributes { arn, attributes, .. } => {
            let known = seen.attributes_of(arn).cloned().unwrap_or_default();
            let attributes = known.into_iter().chain(attributes.clone()).collect();
            seen.attributes.insert(arn.clone(), Reading::Here(attributes));
        }
        Step::ModifyTargetGroup { name, health_check, .. } => {
            if let Some(group) = seen.target_groups.get_mut(name).and_then(Reading::here_mut) {
                group.health_check = health_check.clone();
            }
        }
        Step::PutRecord {
            name, alias, replaces, ..
        } => {
            let made = Record {
                name: format!("{name}."),
                kind: "A".to_owned(),
                alias: Some(alias.clone()),
                values: Vec::new(),
                routed: false,
            };
            if let Some(records) = seen.records.here_mut() {
                records.retain(|record| Some(record) != replaces.as_ref());
                records.push(made);
            }
        }
        Step::RemoveRecord { record, .. } => {
            if let Some(records) = seen.records.here_mut() {
                records.retain(|other| other != record);
            }
        }
        Step::RegisterTaskDefinition {
            from,
            container,
            variables,
        } => {
            seen.new_revision = Some(Revision {
                arn: "(new revision)".to_owned(),
                from: from.clone(),
                container: container.clone(),
                variables: variables.clone(),
            });
        }
        Step::RaiseDesiredCount {
            desired,
            task_definition,
            ..
        } => {
            set_desired(seen, *desired);
            if let Some(arn) = task_definition {
                set_task_definition(seen, arn);
            }
        }
        Step::RestoreDesiredCount { desired, .. } => set_desired(seen, *desired),
        Step::LiftProtection { .. } => {}
        Step::TagService { key, value, .. } => {
            if let Some(service) = seen.service.here_mut() {
                service.tags.insert((*key).to_owned(), value.clone());
            }
        }
        Step::UntagService { key, .. } => {
            if let Some(service) = seen.service.here_mut() {
                service.tags.remove(*key);
            }
        }
        Step::ScaleToZero { .. } => {
            set_desired(seen, 0);
            seen.tasks = Reading::Here(Vec::new());
        }
        Step::RegisterTargets { group, ids, port, .. } => {
            if let Some(targets) = seen.targets.get_mut(group).and_then(Reading::here_mut) {
                targets.retain(|t| !(ids.contains(&t.id) && t.port == *port));
                targets.extend(ids.iter().map(|id| Target {
                    id: id.clone(),
                    port: *port,
                    state: "initial".to_owned(),
                    reason: Some("Elb.RegistrationInProgress".to_owned()),
                    description: None,
                }));
            }
        }
        Step::DeregisterStrays { group, targets, .. } | Step::DeregisterTargets { group, targets, .. } => {
            if let Some(seen) = seen.targets.get_mut(group).and_then(Reading::here_mut) {
                for target in seen.iter_mut().filter(|t| targets.contains(&(t.id.clone(), t.port))) {
                    target.state = "draining".to_owned();
                    target.reason = Some("Target.DeregistrationInProgress".to_owned());
                }
            }
        }
        Step::DeleteLoadBalancer { arn, .. } => {
            if seen.load_balancer.here().is_some_and(|balancer| balancer.arn == *arn) {
                seen.load_balancer = Reading::Absent;
                seen.listeners = Reading::NotRead;
            }
            if let Some(fleet) = seen.fleet.here_mut() {
                fleet.balancers.retain(|found| found.arn != *arn);
            }
        }
        Step::DeleteTargetGroup { name, arn, .. } => {
            if seen.group(name).is_some_and(|group| group.arn == *arn) {
                seen.target_groups.insert(name.clone(), Reading::Absent);
                seen.targets.remove(name);
            }
            if let Some(fleet) = seen.fleet.here_mut() {
                fleet.groups.retain(|found| found.arn != *arn);
            }
        }
    }
}

/// Attributes of something new: AWS's defaults, which are not ours.
fn made_with(ours: &Attributes) -> Attributes {
    ours.keys()
        .map(|key| (key.clone(), "(AWS's default)".to_owned()))
        .collect()
}

fn set_desired(seen: &mut Observation, desired: u32) {
    if let Some(service) = seen.service.here_mut() {
        service.desired = desired;
    }
}

/// The service takes up the revision that was registered before.
fn set_task_definition(seen: &mut Observation, arn: &str) {
    if let Some(service) = seen.service.here_mut() {
        arn.clone_into(&mut service.task_definition);
    }
    let (Some(definition), Some(revision)) = (seen.task_definition.here_mut(), &seen.new_revision) else {
        return;
    };
    arn.clone_into(&mut definition.arn);
    let container = definition.containers.iter_mut().find(|c| c.name == revision.container);
    if let Some(container) = container {
        let set = revision.variables.iter();
        container
            .environment
            .extend(set.map(|(name, value)| (name.clone(), Some(value.clone()))));
    }
}

fn imagined_address((subnet, id): (&String, &String)) -> ElasticAddress {
    ElasticAddress {
        subnet: subnet.clone(),
        allocation_id: id.clone(),
        address: Some(format!("(address of {id})")),
    }
}

/// What minutes bring by themselves: tasks appear and run, the load balancer gets active, targets get healthy.
fn pass_time(seen: &mut Observation, wanted: &Wanted) {
    if let Some(balancer) = seen.load_balancer.here_mut() {
        balancer.state = "active".to_owned();
        if seen
            .addresses
            .here()
            .is_none_or(|known| known.name != balancer.dns_name)
        {
            seen.addresses = Reading::Here(Addresses {
                name: balancer.dns_name.clone(),
                addresses: vec!["(its addresses)".to_owned()],
            });
        }
    }
    let desired = seen.service.here().map_or(0, |s| s.desired) as usize;
    if let Some(tasks) = seen.tasks.here_mut() {
        // ECS ends what is ending, and what is more than it was asked for.
        tasks.retain(|t| !t.is_ending());
        tasks.truncate(desired);
        let living = tasks.len();
        tasks.extend((living..desired).map(|n| imagined_task(n + 1)));
        for (n, task) in tasks.iter_mut().enumerate() {
            task.last_status = "RUNNING".to_owned();
            task.health = "HEALTHY".to_owned();
            task.private_ip
                .get_or_insert_with(|| format!("(address of task {})", n + 1));
        }
    }
    let running = seen.tasks().len();
    if let Some(service) = seen.service.here_mut() {
        service.running = u32::try_from(running).unwrap_or(u32::MAX);
        service.pending = 0;
    }
    let living: Vec<String> = seen
        .tasks()
        .iter()
        .filter(|t| !t.is_stopped())
        .filter_map(|t| t.private_ip.clone())
        .collect();
    for listener in &wanted.listeners {
        if let Some(targets) = seen.targets.get_mut(&listener.group.name).and_then(Reading::here_mut) {
            // A stray needs a second look, which a dry run does not take; it would be deregistered then.
            targets.retain(|t| t.is_registered() && living.contains(&t.id) && t.port == listener.group.port);
            for target in targets {
                target.state = "healthy".to_owned();
                target.reason = None;
            }
        }
    }
}

fn imagined_task(n: usize) -> Task {
    Task {
        arn: format!("(task {n})"),
        last_status: "PENDING".to_owned(),
        desired_status: "RUNNING".to_owned(),
        health: "UNKNOWN".to_owned(),
        private_ip: None,
        zone: None,
        task_definition: None,
        platform_version: None,
        cpu_units: None,
        memory_mib: None,
        storage_gib: None,
        architecture: None,
        created_at: None,
        started_at: None,
        stop_code: None,
        stopped_reason: None,
        stopped_at: None,
        pull_started_at: None,
        containers: Vec::new(),
    }
}
