//! Load balancers and target groups of this platform under another name: a renamed project, a changed configuration.
//!
//! Only what carries exactly this platform's tag is removed. What merely looks related is told and left.

use super::{Look, Plan};
use crate::memory::ORPHANS;
use crate::observation::{Fleet, Found, Service};
use crate::ownership::{self, Owner};
use crate::problem::{Problem, ProblemKind};
use crate::quiet::Quiet;
use crate::step::Step;
use crate::wanted::Wanted;

/// Those of a fleet that are this platform's and go by another name than the configured one.
pub fn of_ours<'f>(fleet: &'f Fleet, wanted: &Wanted, service: &Service) -> (Vec<&'f Found>, Vec<&'f Found>) {
    let ours = |found: &&Found| ownership::owner(&found.tags, &service.arn) == Owner::Us;
    let balancers = fleet
        .balancers
        .iter()
        .filter(ours)
        .filter(|f| f.name != wanted.load_balancer);
    let groups = fleet
        .groups
        .iter()
        .filter(ours)
        .filter(|f| wanted.group_names().all(|name| name != f.name));
    (balancers.collect(), groups.collect())
}

/// Those that lack every platform's tag, but carry this project's name: what Terraform or the original scripts have made.
pub fn related<'f>(fleet: &'f Fleet, wanted: &Wanted) -> Vec<&'f Found> {
    let project = |found: &&Found| {
        let named = found.name == wanted.load_balancer
            || wanted.group_names().any(|name| name == found.name)
            || found.name.starts_with(&format!("{}-", wanted.project));
        named || found.tags.get("Project") == Some(&wanted.project)
    };
    let stranger = |found: &&Found| !found.tags.contains_key(ownership::PLATFORM_TAG);
    let all = fleet.balancers.iter().chain(&fleet.groups);
    all.filter(stranger).filter(project).collect()
}

/// Plans the end of orphans, and tells of what looks related.
pub(super) fn remove(look: Look<'_>, service: &Service, quiet: &Quiet, plan: &mut Plan) {
    let Some(fleet) = plan.known("other load balancers", Some(&look.seen.fleet), look.wanted) else {
        return;
    };
    for found in related(fleet, look.wanted) {
        plan.warn(
            format!(
                "`{}` looks related, but lacks this platform's tag: left as it is",
                found.name
            ),
            Some("if it is no longer needed, delete it where it was made (docs/migration.md)"),
        );
    }
    let (balancers, groups) = of_ours(fleet, look.wanted, service);
    if balancers.is_empty() && groups.is_empty() {
        if !look.memory.surely_absent(ORPHANS) {
            plan.wait("load balancers under other names", "none; looking twice");
        }
        return;
    }
    if !look.wanted.sweep {
        let others_done = plan.steps.is_empty() && plan.waiting.is_empty();
        if others_done {
            plan.stop(left(&balancers, &groups));
        }
        return;
    }
    if balancers.is_empty() {
        plan.steps
            .extend(groups.into_iter().map(|found| Step::DeleteTargetGroup {
                name: found.name.clone(),
                arn: found.arn.clone(),
                quiet: quiet.clone(),
            }));
    } else {
        plan.steps
            .extend(balancers.into_iter().map(|found| Step::DeleteLoadBalancer {
                name: found.name.clone(),
                arn: found.arn.clone(),
                quiet: quiet.clone(),
            }));
    }
}

fn left(balancers: &[&Found], groups: &[&Found]) -> Problem {
    let what = "something of this platform is left under another name";
    let problem = Problem::new(ProblemKind::Failed, what).hint("run without --no-sweep to remove it");
    let lines = balancers
        .iter()
        .map(|found| format!("load balancer `{}`, which costs money", found.name))
        .chain(groups.iter().map(|found| format!("target group `{}`", found.name)));
    lines.fold(problem, Problem::because)
}
