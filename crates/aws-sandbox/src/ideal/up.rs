//! The fastest way up.

use std::collections::BTreeSet;

use super::{IdealError, IdealRun, Run};
use crate::elbv2::{LbState, Target, TargetState};
use crate::platform::PlatformSpec;
use crate::world::World;

/// A listener: its protocol and port, and those of its target group.
pub type ListenerSpec<'a> = (&'a str, u16, &'a str, u16);

/// Brings a copy of the world up: a network load balancer with these listeners in the service's subnets, and so many tasks,
/// registered and healthy. The target groups are checked over HTTP on port 8080, every 30 s.
///
/// # Errors
/// When AWS refuses a call, or the platform does not come up.
pub fn scale_up(
    world: &World,
    spec: &PlatformSpec,
    listeners: &[ListenerSpec<'_>],
    tasks: u32,
) -> Result<IdealRun, IdealError> {
    let mut run = Run::new(world, spec);
    let mut registered = BTreeSet::new();
    while let Some(missing) = run.missing_above(listeners, tasks) {
        run.climb(listeners, tasks, &mut registered);
        run.step(&missing)?;
    }
    run.note("everything is as it should be".to_owned());
    Ok(run.result(None))
}

/// Target groups, by name, with the addresses that were registered with them.
type Registered = BTreeSet<(String, String)>;

impl Run {
    fn balancer_name() -> &'static str {
        "ideal-nlb"
    }

    fn group_name((protocol, port, ..): ListenerSpec<'_>) -> String {
        format!("ideal-{}-{port}", protocol.to_lowercase().replace('_', "-"))
    }

    fn balancer(&mut self) -> Option<(String, LbState)> {
        let balancers = &self.world.region(&self.place).elbv2.load_balancers;
        let balancer = balancers.iter().find(|it| it.name == Self::balancer_name())?;
        Some((balancer.arn.clone(), balancer.state))
    }

    fn group(&mut self, name: &str) -> Option<String> {
        let groups = &self.world.region(&self.place).elbv2.target_groups;
        groups.iter().find(|it| it.name == name).map(|it| it.arn.clone())
    }

    /// What is not as it should be, in a word; `None` when all is.
    fn missing_above(&mut self, listeners: &[ListenerSpec<'_>], wanted: u32) -> Option<String> {
        let running = self.of_tasks(|task| task.counts_as_running().then_some(())).len();
        if running < wanted as usize {
            return Some(format!("{running} of {wanted} tasks run"));
        }
        match self.balancer() {
            Some((_, LbState::Active)) => {}
            other => return Some(format!("the load balancer is {:?}", other.map(|(_, state)| state))),
        }
        for listener in listeners {
            let name = Self::group_name(*listener);
            let groups = &self.world.region(&self.place).elbv2.target_groups;
            let group = groups.iter().find(|it| it.name == name);
            let healthy = group.map_or(0, |group| count_healthy(&group.targets));
            if healthy < wanted as usize {
                return Some(format!("{healthy} of {wanted} targets of `{name}` are healthy"));
            }
        }
        None
    }

    /// Issues every call whose time has come.
    fn climb(&mut self, listeners: &[ListenerSpec<'_>], wanted: u32, registered: &mut Registered) {
        let subnets = self.subnets();
        let mut form = vec![
            ("Name".to_owned(), Self::balancer_name().to_owned()),
            ("Type".into(), "network".into()),
        ];
        form.extend(
            subnets
                .iter()
                .enumerate()
                .map(|(at, subnet)| (format!("Subnets.member.{}", at + 1), subnet.clone())),
        );
        self.issue_form("CreateLoadBalancer", Self::balancer_name(), form);
        self.scale(wanted);
        let vpc = self.world.region(&self.place).network.vpc.clone();
        let addresses = self.of_tasks(|task| task.private_address().map(str::to_owned));
        for listener in listeners {
            let name = Self::group_name(*listener);
            self.issue_form("CreateTargetGroup", &name, group_form(&name, *listener, &vpc));
            let Some(group) = self.group(&name) else { continue };
            if let Some((balancer, _)) = self.balancer() {
                self.issue_form("CreateListener", &name, listener_form(*listener, &balancer, &group));
            }
            self.register(&name, &group, &addresses, registered);
        }
    }

    /// Registers the addresses that were not registered yet, all in one call.
    fn register(&mut self, name: &str, group: &str, addresses: &[String], registered: &mut Registered) {
        let is_new = |address: &&String| !registered.contains(&(name.to_owned(), (*address).clone()));
        let new: Vec<String> = addresses.iter().filter(is_new).cloned().collect();
        if new.is_empty() {
            return;
        }
        if self.issue_targets("RegisterTargets", name, group, &new) {
            registered.extend(new.into_iter().map(|address| (name.to_owned(), address)));
        }
    }

    fn subnets(&mut self) -> Vec<String> {
        let cluster = self.world.region(&self.place).ecs.clusters.get(&self.spec.cluster);
        let service = cluster.and_then(|cluster| cluster.services.get(&self.spec.service));
        service
            .map(|service| service.network.awsvpc_configuration.subnets.clone())
            .unwrap_or_default()
    }
}

fn count_healthy(targets: &[Target]) -> usize {
    targets
        .iter()
        .filter(|target| target.state == TargetState::Healthy)
        .count()
}

fn group_form(name: &str, (_, _, protocol, port): ListenerSpec<'_>, vpc: &str) -> Vec<(String, String)> {
    let port = port.to_string();
    let pairs = [
        ("Name", name),
        ("Protocol", protocol),
        ("Port", &port),
        ("VpcId", vpc),
        ("TargetType", "ip"),
        ("HealthCheckProtocol", "HTTP"),
        ("HealthCheckPort", "8080"),
        ("HealthCheckPath", "/about/health"),
        ("HealthCheckIntervalSeconds", "30"),
        ("HealthCheckTimeoutSeconds", "5"),
        ("HealthyThresholdCount", "2"),
        ("UnhealthyThresholdCount", "2"),
    ];
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn listener_form((protocol, port, ..): ListenerSpec<'_>, balancer: &str, group: &str) -> Vec<(String, String)> {
    let port = port.to_string();
    let pairs = [
        ("LoadBalancerArn", balancer),
        ("Protocol", protocol),
        ("Port", &port),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", group),
    ];
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
