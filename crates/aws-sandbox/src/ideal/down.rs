//! The fastest way down.

use super::{IdealError, IdealRun, Run};
use crate::clock::Ms;
use crate::ecs::Task;
use crate::platform::PlatformSpec;
use crate::world::World;

/// What a platform that is up consists of beside its service.
struct Parts {
    /// ARNs.
    balancers: Vec<String>,
    /// Name, ARN, and the addresses of the targets.
    groups: Vec<(String, String, Vec<String>)>,
}

/// Brings a copy of the world down in which the platform is up and nobody meets: its tasks, every target group that one of
/// them is a target of, the load balancers of these, and their other target groups. The load balancers go when no task
/// runs or stops any more, the target groups as soon as AWS lets them go.
///
/// # Errors
/// When AWS refuses a call, somebody meets, or the platform does not come down.
pub fn scale_down(world: &World, spec: &PlatformSpec) -> Result<IdealRun, IdealError> {
    let mut run = Run::new(world, spec);
    let service = spec.service_arn();
    let meets = |meeting: &crate::world::Meeting| meeting.service == service && meeting.ended.is_none();
    if world.meetings().iter().any(meets) {
        return Err(IdealError::Stuck {
            missing: "people meet in it".to_owned(),
        });
    }
    let parts = run.parts();
    let mut nothing_bills = None;
    while let Some(missing) = run.missing_below(&parts) {
        run.descend(&parts);
        run.step(&missing)?;
        if nothing_bills.is_none() && !run.bills(&parts) {
            run.note("nothing bills any more".to_owned());
            nothing_bills = Some(run.world.now_ms());
        }
    }
    run.note("nothing is left".to_owned());
    let nothing_bills = nothing_bills.unwrap_or(run.start);
    Ok(run.result(Some(nothing_bills)))
}

impl Run {
    fn parts(&mut self) -> Parts {
        let addresses = self.of_tasks(|task| task.private_address().map(str::to_owned));
        let elbv2 = &self.world.region(&self.place).elbv2;
        let serves = |arn: &str| elbv2.addresses_in(arn).iter().any(|it| addresses.contains(it));
        let serving = elbv2.target_groups.iter().filter(|group| serves(&group.arn));
        let mut balancers: Vec<String> = serving
            .filter_map(|group| elbv2.balancer_of(&group.arn))
            .map(|balancer| balancer.arn.clone())
            .collect();
        balancers.sort();
        balancers.dedup();
        let belongs = |arn: &str| {
            let balancer = elbv2.balancer_of(arn);
            serves(arn) || balancer.is_some_and(|balancer| balancers.contains(&balancer.arn))
        };
        let groups = elbv2.target_groups.iter().filter(|group| belongs(&group.arn));
        let groups = groups.map(|group| (group.name.clone(), group.arn.clone(), elbv2.addresses_in(&group.arn)));
        Parts {
            groups: groups.collect(),
            balancers,
        }
    }

    /// How many tasks of the service run or stop.
    fn tasks_left(&mut self) -> usize {
        let cluster = self.world.region(&self.place).ecs.clusters.get(&self.spec.cluster);
        let tasks = cluster.into_iter().flat_map(|cluster| cluster.tasks.values());
        let left = |task: &&Task| task.service.as_ref() == Some(&self.spec.service) && !task.is_stopped();
        tasks.filter(left).count()
    }

    fn balancers_left(&mut self, parts: &Parts) -> Vec<String> {
        let there = &self.world.region(&self.place).elbv2.load_balancers;
        let is_there = |arn: &&String| there.iter().any(|it| it.arn == **arn);
        parts.balancers.iter().filter(is_there).cloned().collect()
    }

    fn bills(&mut self, parts: &Parts) -> bool {
        self.tasks_left() > 0 || !self.balancers_left(parts).is_empty()
    }

    /// What is still there, in a word; `None` when nothing is.
    fn missing_below(&mut self, parts: &Parts) -> Option<String> {
        let tasks = self.tasks_left();
        if tasks > 0 {
            return Some(format!("{tasks} tasks are left"));
        }
        if let Some(arn) = self.balancers_left(parts).first() {
            return Some(format!("`{arn}` is left"));
        }
        let groups = &self.world.region(&self.place).elbv2.target_groups;
        let mut left = parts.groups.iter();
        let left = left.find(|(_, arn, _)| groups.iter().any(|group| group.arn == *arn));
        left.map(|(_, arn, _)| format!("`{arn}` is left"))
    }

    /// Issues every call whose time has come.
    fn descend(&mut self, parts: &Parts) {
        self.scale(0);
        for (name, arn, addresses) in parts.groups.iter().filter(|(.., addresses)| !addresses.is_empty()) {
            self.issue_targets("DeregisterTargets", name, arn, addresses);
        }
        if self.tasks_left() > 0 {
            return;
        }
        for arn in self.balancers_left(parts) {
            let form = vec![("LoadBalancerArn".to_owned(), arn.clone())];
            self.issue_form("DeleteLoadBalancer", &arn, form);
        }
        for (_, arn, _) in &parts.groups {
            let Some(free_at) = self.free_at(arn) else { continue };
            // It takes effect when it is answered, so it can be called that much earlier.
            let set = self.world.behaviour.latencies.get("DeleteTargetGroup").copied();
            let call_at = free_at - set.unwrap_or(self.world.profile.mutation_latency);
            if call_at > self.world.now_ms() {
                self.look_again_at(call_at);
            } else {
                let form = vec![("TargetGroupArn".to_owned(), arn.clone())];
                self.issue_form("DeleteTargetGroup", arn, form);
            }
        }
    }

    /// From when on AWS lets a target group go; `None` while a listener uses it, and once it is gone.
    fn free_at(&mut self, arn: &str) -> Option<Ms> {
        let elbv2 = &self.world.region(&self.place).elbv2;
        let group = elbv2.target_groups.iter().find(|group| group.arn == arn)?;
        elbv2.balancer_of(arn).is_none().then_some(group.in_use_until)
    }
}
