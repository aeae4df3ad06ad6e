//! The goal "up": load balancer active, n tasks running, every target healthy.

use super::{Look, Plan, advertise, lease, network, preflight, record, service, targets};

/// What brings the platform up from here.
pub fn up(look: Look<'_>) -> Plan {
    let mut plan = Plan::default();
    preflight::check(look, &mut plan);
    // Whether anything runs decides what a failure may take away later, so nothing is made before that is known.
    let passed = plan.problem.is_none() && plan.waiting.is_empty() && look.seen.tasks.is_known();
    plan.preflight_passed = passed;
    let Some(service) = look.seen.service.here().filter(|_| plan.problem.is_none()) else {
        return plan;
    };
    let groups = network::up(look, service, &mut plan);
    let leased = lease::up(look, service, &mut plan);
    let bridge = advertise::up(look, service, &mut plan);
    service::up(look, service, leased, bridge, &mut plan);
    targets::up(look, &groups, &mut plan);
    record::up(look, service, &mut plan);
    plan.come_to_last();
    if !passed || plan.problem.is_some() {
        plan.steps.clear();
    }
    plan
}
