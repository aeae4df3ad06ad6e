//! The parts that JSON results share. What was not read is null, never zero. Part of the contract.

use jitsi_config::Advertise;
use jitsi_cost::{Total, Usd};
use jitsi_ops::observation::{LoadBalancer, Observation, Service, Target, Task, TaskDefinition};
use jitsi_ops::plan::advertised;
use jitsi_ops::record::Record;
use jitsi_ops::state::State;
use jitsi_ops::step::Step;
use jitsi_ops::survey::running;
use jitsi_ops::wanted::Wanted;
use serde::Serialize;

/// What the result of every run on a platform begins with.
#[derive(Debug, Serialize)]
pub struct Head<'a, O> {
    schema: &'static str,
    outcome: O,
    profile: Option<&'a str>,
    account: Option<&'a str>,
    region: &'a str,
    domain: &'a str,
    state: State,
    service: Option<ServiceCounts>,
    tasks: Option<Vec<TaskRow<'a>>>,
    load_balancer: Option<BalancerRow<'a>>,
    target_groups: Vec<GroupRow<'a>>,
    /// Absent where no hosted zone is configured, or the operation does not ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<RecordRow<'a>>,
    /// Absent unless the bridge is to advertise the load balancer's addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    bridge: Option<BridgeRow<'a>>,
    cost: CostRow,
}

impl<'a, O> Head<'a, O> {
    /// Of a run that ended with `outcome`, the platform being as last seen.
    pub fn new(schema: &'static str, outcome: O, state: State, seen: &'a Observation, wanted: &'a Wanted) -> Self {
        Self {
            schema,
            outcome,
            profile: wanted.profile.as_deref(),
            account: seen.account(),
            region: &wanted.region,
            domain: &wanted.domain,
            state,
            service: seen.service.here().map(ServiceCounts::from),
            tasks: tasks(seen),
            load_balancer: seen.load_balancer.here().map(BalancerRow::from),
            target_groups: groups(seen, wanted),
            record: record(seen, wanted),
            bridge: bridge(seen, wanted),
            cost: cost(seen, wanted),
        }
    }
}

/// The counts of the ECS service.
#[derive(Debug, Serialize)]
pub struct ServiceCounts {
    desired: u32,
    running: u32,
    pending: u32,
}

impl From<&Service> for ServiceCounts {
    fn from(service: &Service) -> Self {
        Self {
            desired: service.desired,
            running: service.running,
            pending: service.pending,
        }
    }
}

/// A task that is not over.
#[derive(Debug, Serialize)]
pub struct TaskRow<'a> {
    id: &'a str,
    status: &'a str,
    health: &'a str,
    address: Option<&'a str>,
    zone: Option<&'a str>,
}

impl<'a> From<&'a Task> for TaskRow<'a> {
    fn from(task: &'a Task) -> Self {
        Self {
            id: task.id(),
            status: &task.last_status,
            health: &task.health,
            address: task.private_ip.as_deref(),
            zone: task.zone.as_deref(),
        }
    }
}

/// The tasks that are not over; `None` where they could not be read.
pub fn tasks(seen: &Observation) -> Option<Vec<TaskRow<'_>>> {
    let tasks = seen.tasks.here()?;
    Some(tasks.iter().filter(|t| !t.is_stopped()).map(TaskRow::from).collect())
}

/// The load balancer.
#[derive(Debug, Serialize)]
pub struct BalancerRow<'a> {
    name: &'a str,
    arn: &'a str,
    dns_name: &'a str,
    state: &'a str,
}

impl<'a> From<&'a LoadBalancer> for BalancerRow<'a> {
    fn from(balancer: &'a LoadBalancer) -> Self {
        Self {
            name: &balancer.name,
            arn: &balancer.arn,
            dns_name: &balancer.dns_name,
            state: &balancer.state,
        }
    }
}

/// The record of the platform's name in its hosted zone.
#[derive(Debug, Serialize)]
pub struct RecordRow<'a> {
    /// Its name.
    pub name: String,
    zone: String,
    /// What it leads to; empty where there is no record that leads anywhere, null where it could not be read.
    pub leads_to: Option<Vec<String>>,
    /// How far this run's change has come, in AWS's word; null where it has changed nothing.
    pub change: Option<&'a str>,
}

/// The record, where a hosted zone is configured and the run has looked at it.
pub fn record<'a>(seen: &'a Observation, wanted: &Wanted) -> Option<RecordRow<'a>> {
    let dns = wanted
        .dns
        .as_ref()
        .filter(|_| seen.records.is_known() || seen.records.failure().is_some())?;
    Some(RecordRow {
        name: dns.record.to_string(),
        zone: dns.hosted_zone_id.to_string(),
        leads_to: seen.records.here().map(|records| {
            let leading = records.iter().filter(|record| record.leads_visitors());
            leading.map(Record::leads_to).collect()
        }),
        change: seen.change.here().map(|change| change.status.as_str()),
    })
}

/// What the bridge tells browsers.
#[derive(Debug, Serialize)]
pub struct BridgeRow<'a> {
    /// Family and revision that the service uses.
    pub task_definition: &'a str,
    /// Addresses, with their ports where these are others than the bridge's own.
    pub advertises: Vec<&'a str>,
}

/// What the bridge advertises, where that is led and the run has read the task definition that the service uses.
pub fn bridge<'a>(seen: &'a Observation, wanted: &Wanted) -> Option<BridgeRow<'a>> {
    let used = |definition: &&TaskDefinition| {
        let service = seen.service.here();
        service.is_some_and(|service| service.task_definition == definition.arn)
    };
    let led = wanted.advertise == Advertise::Nlb;
    let definition = seen.task_definition.here().filter(used).filter(|_| led)?;
    Some(BridgeRow {
        task_definition: &definition.name,
        advertises: advertised(definition),
    })
}

/// What the platform costs as it is, traffic not included.
#[derive(Debug, Serialize)]
pub struct CostRow {
    /// For an hour.
    pub per_hour: Total,
    /// For a month, if everything is left as it is.
    pub per_month: Total,
    /// The day of the prices.
    pub as_of: String,
}

/// What the platform costs as it was seen last.
pub fn cost(seen: &Observation, wanted: &Wanted) -> CostRow {
    let hourly = wanted.prices.hourly_cost(&wanted.region, &running(wanted, seen));
    CostRow {
        per_hour: hourly.per_hour,
        per_month: hourly.per_month(),
        as_of: hourly.as_of,
    }
}

impl CostRow {
    /// In a few words; `None`: nothing costs money.
    pub fn text(&self) -> Option<String> {
        let nothing = self.per_hour.is_complete() && self.per_hour.known() == Some(Usd::ZERO);
        (!nothing).then(|| format!("{} an hour", self.per_hour.hourly_text()))
    }
}

/// A target group with its targets.
#[derive(Debug, Serialize)]
pub struct GroupRow<'a> {
    name: &'a str,
    /// `UDP`, `TCP`, ...
    pub protocol: &'a str,
    port: u16,
    /// Null where they could not be read.
    pub targets: Option<Vec<TargetRow<'a>>>,
}

/// A registered target.
#[derive(Debug, Serialize)]
pub struct TargetRow<'a> {
    /// Its address.
    pub id: &'a str,
    /// Its port.
    pub port: u16,
    /// AWS's word.
    pub state: &'a str,
    /// AWS's reason.
    pub reason: Option<&'a str>,
}

/// The target groups that are there.
pub fn groups<'a>(seen: &'a Observation, wanted: &Wanted) -> Vec<GroupRow<'a>> {
    let rows = wanted.group_names().filter_map(|name| seen.group(name));
    rows.map(|group| GroupRow {
        name: &group.name,
        protocol: &group.protocol,
        port: group.port,
        targets: seen
            .targets_in(&group.name)
            .map(|targets| targets.iter().map(target_row).collect()),
    })
    .collect()
}

fn target_row(target: &Target) -> TargetRow<'_> {
    TargetRow {
        id: &target.id,
        port: target.port,
        state: &target.state,
        reason: target.reason.as_deref(),
    }
}

/// A step that would be taken.
#[derive(Debug, Serialize)]
pub struct PlannedStep {
    operation: &'static str,
    resource: String,
    detail: Option<String>,
}

impl From<&Step> for PlannedStep {
    fn from(step: &Step) -> Self {
        Self {
            operation: step.operation(),
            resource: step.resource(),
            detail: step.detail(),
        }
    }
}

/// The steps that would be taken, for people: numbered, one a line.
pub fn plan_table(planned: &[Step]) -> String {
    let mut table = crate::result::table();
    for (n, step) in planned.iter().enumerate() {
        table.add_row([
            format!("{}.", n + 1),
            step.operation().to_owned(),
            step.resource(),
            step.detail().unwrap_or_default(),
        ]);
    }
    table.trim_fmt()
}
