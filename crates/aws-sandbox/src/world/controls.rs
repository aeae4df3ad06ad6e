//! What a test can do to the world beside calling it: the weather. Services are named by their ARN.

use std::net::Ipv4Addr;

use super::{Behaviour, Place, TaskFate, World, hex_of};
use crate::clock::{Ms, SECOND};
use crate::ecs::{self, StopCause};
use crate::elbv2;

/// What was named in a control does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} `{name}` in the sandbox")]
pub struct Unknown {
    /// Such as `service`.
    pub kind: &'static str,
    /// As it was given.
    pub name: String,
}

/// Account and region, cluster and name of a service.
fn service_address(arn: &str) -> Option<(Place, String, String)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, "ecs", region, account, path] = parts[..] else {
        return None;
    };
    let (cluster, name) = path.strip_prefix("service/")?.split_once('/')?;
    Some((
        Place {
            account: account.to_owned(),
            region: region.to_owned(),
        },
        cluster.to_owned(),
        name.to_owned(),
    ))
}

impl World {
    /// What becomes of every task of the service that starts from now on.
    pub fn set_task_fate(&mut self, service: &str, fate: TaskFate) {
        self.behaviour.fates.insert(service.to_owned(), fate);
    }

    /// What becomes of the next task of the service; called again, of the one after it.
    pub fn next_task_fate(&mut self, service: &str, fate: TaskFate) {
        self.behaviour
            .next_fates
            .entry(service.to_owned())
            .or_default()
            .push(fate);
    }

    /// Whether there is no capacity for tasks of the service.
    pub fn capacity_unavailable(&mut self, service: &str, unavailable: bool) {
        if unavailable {
            self.behaviour.no_capacity.insert(service.to_owned());
        } else {
            self.behaviour.no_capacity.remove(service);
        }
    }

    /// Sets a service's status: `ACTIVE`, `DRAINING` or `INACTIVE`.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn set_service_status(&mut self, service: &str, status: &str) -> Result<(), Unknown> {
        let now = self.now_ms();
        let service = self.service_at(service)?;
        service.status = status.to_owned();
        service.inactive_since = (status == "INACTIVE").then_some(now);
        Ok(())
    }

    /// Ends the service's primary deployment as FAILED: it starts no more tasks.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn mark_deployment_failed(&mut self, service: &str) -> Result<(), Unknown> {
        let now = self.now_ms();
        self.service_at(service)?.primary_mut().fail(now);
        Ok(())
    }

    /// Sets how many addresses of a subnet are free; of any account and region.
    ///
    /// # Errors
    /// When there is no such subnet.
    pub fn set_free_addresses(&mut self, subnet: &str, free: u32) -> Result<(), Unknown> {
        let mut regions = self
            .accounts
            .values_mut()
            .flat_map(|account| account.regions.values_mut());
        let found = regions.find_map(|region| region.network.subnet_mut(subnet));
        found
            .map(|found| found.free_addresses = free)
            .ok_or_else(|| unknown("subnet", subnet))
    }

    /// Sets a quota, such as `network-load-balancers`, `target-groups`, `listeners-per-network-load-balancer` or
    /// `targets-per-target-group`.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn set_limit(&mut self, name: &str, most: u64) -> Result<(), Unknown> {
        if self.limits.set(name, most) {
            Ok(())
        } else {
            Err(unknown("limit", name))
        }
    }

    /// Allocates an elastic address in an account and region, and gives its allocation id and the address.
    pub fn allocate_address(&mut self, place: &Place) -> (String, Ipv4Addr) {
        let network = &mut self.region(place).network;
        let number = network.elastic_addresses.len().to_string();
        let hex = hex_of(&["eipalloc", &place.account, &place.region, &number]);
        let id = format!("eipalloc-{}", &hex[..17]);
        let address = network.ensure_elastic_address(&id, place);
        (id, address.parse().unwrap_or(Ipv4Addr::UNSPECIFIED))
    }

    /// The next load balancer that is created comes out as `failed`.
    pub fn next_load_balancer_fails(&mut self) {
        self.behaviour.next_load_balancer_fails = true;
    }

    /// Whether security groups let health checks through to the tasks.
    pub fn health_checks_reach_tasks(&mut self, reach: bool) {
        self.behaviour.health_checks_reach_tasks = reach;
        for (account, it) in &self.accounts.clone() {
            for region in it.regions.keys() {
                let place = Place {
                    account: account.clone(),
                    region: region.clone(),
                };
                elbv2::reachability_changed(self, &place, None);
            }
        }
    }

    /// Whether protected tasks survive a desired count of 0. They do by default; what AWS does is not proven.
    pub fn protection_honoured_at_zero(&mut self, honoured: bool) {
        self.behaviour.protection_honoured_at_zero = honoured;
    }

    /// Whether AWS throttles by its token buckets. It does by default.
    pub fn token_buckets(&mut self, on: bool) {
        self.behaviour.token_buckets = on;
    }

    /// Cost Explorer answers so many groups on a page, at least one. It answers all of them by default.
    pub fn cost_page(&mut self, groups: usize) {
        self.behaviour.cost_page = Some(groups.max(1));
    }

    /// Reads are answered from a state of up to three seconds ago with this probability (0 to 1).
    pub fn stale_reads(&mut self, probability: f64) {
        self.behaviour.stale_reads = (probability > 0.0).then_some((probability, Behaviour::STALE_AT_MOST));
    }

    /// Calls of this operation take so long (in milliseconds of simulated time) instead of what the profile says.
    pub fn set_latency(&mut self, operation: &str, latency: Ms) {
        self.behaviour.latencies.insert(operation.to_owned(), latency);
    }

    /// Only these certificates exist. Without this every well-formed ACM ARN of the account and region does.
    pub fn set_certificates(&mut self, arns: &[&str]) {
        self.behaviour.certificates = Some(arns.iter().map(|arn| (*arn).to_owned()).collect());
    }

    /// Adds a task of the service that stopped so many seconds ago, for a reason (`TaskFailedToStart`). Its id is the
    /// answer.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn add_stopped_task(&mut self, service: &str, ago_seconds: u32, reason: &str) -> Result<String, Unknown> {
        let (place, cluster, name) = self.address_of(service)?;
        let ago = Ms::from(ago_seconds) * SECOND;
        let added = ecs::add_stopped_task(self, &place, &cluster, &name, ago, reason);
        added.ok_or_else(|| unknown("service with subnets and a task definition", service))
    }

    /// The machine beneath one of the service's running tasks fails; the scheduler starts another, with another address.
    /// The id of the task that died is the answer; `None` where none was running.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn replace_task(&mut self, service: &str) -> Result<Option<String>, Unknown> {
        let (place, cluster, name) = self.address_of(service)?;
        let victim = ecs::running_tasks(self, &place, &cluster, &name).into_iter().next();
        if let Some(id) = &victim {
            ecs::stop_task(self, &place, &cluster, id, StopCause::infrastructure());
        }
        Ok(victim)
    }

    /// The same for every running task of the service; the ids of those that died are the answer.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn replace_tasks(&mut self, service: &str) -> Result<Vec<String>, Unknown> {
        let (place, cluster, name) = self.address_of(service)?;
        let victims = ecs::running_tasks(self, &place, &cluster, &name);
        for id in &victims {
            ecs::stop_task(self, &place, &cluster, id, StopCause::infrastructure());
        }
        Ok(victims)
    }

    /// GetTaskProtection answers 200 with a failure (`MISSING`) for every task of the service.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn protection_failures(&mut self, service: &str, on: bool) -> Result<(), Unknown> {
        self.address_of(service)?;
        if on {
            self.behaviour.protection_unreadable.insert(service.to_owned());
        } else {
            self.behaviour.protection_unreadable.remove(service);
        }
        Ok(())
    }

    /// The `meeting-sentinel` containers of the service's running tasks exit; the tasks go on. Nobody renews their
    /// protection any more. How many there were is the answer.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn stop_sentinel(&mut self, service: &str) -> Result<usize, Unknown> {
        let (place, cluster, name) = self.address_of(service)?;
        Ok(ecs::stop_sentinels(self, &place, &cluster, &name))
    }

    /// The ARNs of all services that were not deleted, of every account and region.
    pub fn services(&self) -> Vec<String> {
        let regions = self.accounts.values().flat_map(|account| account.regions.values());
        let clusters = regions.flat_map(|region| region.ecs.clusters.values());
        let services = clusters.flat_map(|cluster| cluster.services.values());
        services.filter(|it| !it.deleted).map(|it| it.arn.clone()).collect()
    }

    /// How many tasks are asked for of a service, as ECS knows it at this moment.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn desired_count(&mut self, service: &str) -> Result<u32, Unknown> {
        Ok(self.service_at(service)?.desired)
    }

    fn service_at(&mut self, arn: &str) -> Result<&mut ecs::EcsService, Unknown> {
        let (place, cluster, name) = self.address_of(arn)?;
        ecs::service_mut(self, &place, &cluster, &name).ok_or_else(|| unknown("service", arn))
    }

    /// Account and region, cluster and name of a service that exists.
    pub(super) fn address_of(&mut self, arn: &str) -> Result<(Place, String, String), Unknown> {
        let found = service_address(arn)
            .filter(|(place, cluster, name)| ecs::service_mut(self, place, cluster, name).is_some());
        found.ok_or_else(|| unknown("service", arn))
    }
}

pub(super) fn unknown(kind: &'static str, name: &str) -> Unknown {
    Unknown {
        kind,
        name: name.to_owned(),
    }
}
