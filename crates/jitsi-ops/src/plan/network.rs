//! The load balancer, its target groups and listeners, on the way up.

use super::{Look, Plan};
use crate::observation::{Listener, LoadBalancer, Service, TargetGroup};
use crate::ownership::{self, Owner};
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;
use crate::step::Step;
use crate::wanted::{self, WantedGroup, WantedListener};

/// Plans load balancer, target groups and listeners; returns the target groups that are there and ours.
pub(super) fn up<'a>(look: Look<'a>, service: &Service, plan: &mut Plan) -> Vec<(&'a WantedListener, &'a TargetGroup)> {
    let balancer = load_balancer(look, service, plan);
    let mut usable = Vec::new();
    for listener in &look.wanted.listeners {
        let Some(group) = target_group(look, service, balancer, &listener.group, plan) else {
            continue;
        };
        usable.push((listener, group));
        if let Some(balancer) = balancer {
            self::listener(look, service, balancer, listener, group, plan);
        }
    }
    if let (Some(_), Some(listeners)) = (balancer, look.seen.listeners.here()) {
        unnamed(look, listeners, plan);
    }
    usable
}

/// Whether the resource carries this platform's tag. If not, the plan says whose it is and stops: nothing of it is changed.
pub(super) fn of_ours(
    kind: &'static str,
    name: &str,
    arn: &str,
    look: Look<'_>,
    service: &Service,
    plan: &mut Plan,
) -> bool {
    let found = Found {
        kind,
        name,
        arn,
        differs: Vec::new(),
        deletion: String::new(),
    };
    found.take_or_refuse(look, service, plan)
}

/// A resource of a configured name that is there.
struct Found<'f> {
    /// What it is, in AWS's words.
    kind: &'static str,
    name: &'f str,
    arn: &'f str,
    /// In what it differs from what is wanted, as far as AWS cannot change that in place.
    differs: Vec<String>,
    /// How somebody deletes it by hand, once it is known to be ours.
    deletion: String,
}

impl Found<'_> {
    /// Whether it is ours and as wanted. If not, the plan says why, and adopts it where that was asked for.
    fn take_or_refuse(self, look: Look<'_>, service: &Service, plan: &mut Plan) -> bool {
        let Self {
            kind,
            name,
            arn,
            differs,
            deletion,
        } = self;
        let Some(tags) = plan.known(&format!("tags of {kind} {name}"), look.seen.tags.get(arn), look.wanted) else {
            return false;
        };
        let rename = "give this platform another `project_name` or `nlb_name`";
        match (ownership::owner(tags, &service.arn), differs.is_empty()) {
            (Owner::Us, true) => return true,
            (Owner::Us, false) => plan.refuse(
                format!("{kind} `{name}` is not as configured"),
                format!("{}, and AWS cannot change that in place", differs.join("; ")),
                format!("when nobody is in a meeting, delete it and run again: {deletion}"),
            ),
            (Owner::AnotherPlatform(other), _) => plan.refuse(
                format!("{kind} `{name}` belongs to another platform"),
                format!("its tag `{}` names `{other}`", ownership::PLATFORM_TAG),
                rename,
            ),
            (Owner::Stranger, false) => plan.refuse(
                format!("{kind} `{name}` exists, was not made by this tool, and is not of the kind that is needed"),
                differs.join("; "),
                rename,
            ),
            (Owner::Stranger, true) if look.wanted.adopt => plan.steps.push(Step::Adopt {
                kind,
                name: name.to_owned(),
                arn: arn.to_owned(),
                tags: ownership::tags(look.wanted, &service.arn),
            }),
            (Owner::Stranger, true) => plan.refuse(
                format!("{kind} `{name}` exists and was not made by this tool"),
                format!("it lacks the tag `{}`", ownership::PLATFORM_TAG),
                format!(
                    "if it is this platform's (made by Terraform or by hand), take it over with `scale-up{} --adopt`; otherwise {rename}",
                    look.wanted.further.flags
                ),
            ),
        }
        false
    }
}

fn load_balancer<'a>(look: Look<'a>, service: &Service, plan: &mut Plan) -> Option<&'a LoadBalancer> {
    let wanted = look.wanted;
    let subnets = if wanted.subnets.is_empty() {
        &service.subnets
    } else {
        &wanted.subnets
    };
    if subnets.is_empty() {
        plan.stop(
            Problem::new(ProblemKind::NotReady, "there is no subnet for the load balancer")
                .because(format!(
                    "service `{}` names none, nor does the configuration",
                    service.arn
                ))
                .hint("name one subnet per availability zone in `nlb.subnets`"),
        );
        return None;
    }
    if look.seen.load_balancer.is_absent() {
        plan.steps.push(Step::CreateLoadBalancer {
            name: wanted.load_balancer.clone(),
            subnets: subnets.clone(),
            eip_allocations: wanted.eip_allocations.clone(),
            tags: ownership::tags(wanted, &service.arn),
        });
        return None;
    }
    let balancer = plan.known("load balancer", Some(&look.seen.load_balancer), wanted)?;
    let mut differs = Vec::new();
    if balancer.kind != "network" {
        differs.push(format!("its type is {}, not network", balancer.kind));
    }
    if balancer.scheme != "internet-facing" {
        differs.push(format!("its scheme is {}, not internet-facing", balancer.scheme));
    }
    if !same_set(&balancer.subnets, subnets) {
        differs.push(format!(
            "it is in {}, not in {}",
            balancer.subnets.join(", "),
            subnets.join(", ")
        ));
    }
    for id in &wanted.eip_allocations {
        if !balancer.elastic.iter().any(|elastic| elastic.allocation_id == *id) {
            differs.push(format!("it does not have the elastic address {id}"));
        }
    }
    let found = Found {
        kind: "load balancer",
        name: &balancer.name,
        arn: &balancer.arn,
        differs,
        deletion: format!("`aws elbv2 delete-load-balancer --load-balancer-arn {}`", balancer.arn),
    };
    if !found.take_or_refuse(look, service, plan) {
        return None;
    }
    match balancer.state.as_str() {
        "active" => {}
        "active_impaired" => plan.warn(
            format!(
                "load balancer `{}` is active_impaired: it routes traffic but cannot scale",
                balancer.name
            ),
            None,
        ),
        "failed" => {
            let reason = balancer
                .state_reason
                .clone()
                .unwrap_or_else(|| "AWS gives no reason".to_owned());
            plan.stop(
                Problem::new(
                    ProblemKind::Failed,
                    format!("AWS could not set up load balancer `{}`", balancer.name),
                )
                .because(format!("its state is failed: {reason}"))
                .hint("check the subnets' free addresses and internet gateway, then run again"),
            );
        }
        state => plan.wait(format!("load balancer {}", balancer.name), state),
    }
    if let Some(seen) = plan.known(
        "load balancer attributes",
        look.seen.attributes.get(&balancer.arn),
        wanted,
    ) {
        let attributes = wanted::differing(&wanted::load_balancer_attributes(), seen);
        if !attributes.is_empty() {
            plan.steps.push(Step::ModifyLoadBalancerAttributes {
                name: balancer.name.clone(),
                arn: balancer.arn.clone(),
                attributes,
            });
        }
    }
    Some(balancer)
}

fn target_group<'a>(
    look: Look<'a>,
    service: &Service,
    balancer: Option<&LoadBalancer>,
    group: &WantedGroup,
    plan: &mut Plan,
) -> Option<&'a TargetGroup> {
    let wanted = look.wanted;
    let label = format!("target group {}", group.name);
    let reading = look.seen.target_groups.get(&group.name);
    if reading.is_some_and(Reading::is_absent) {
        match balancer {
            Some(balancer) => plan.steps.push(Step::CreateTargetGroup {
                group: group.clone(),
                vpc_id: balancer.vpc_id.clone(),
                tags: ownership::tags(wanted, &service.arn),
            }),
            None => plan.wait(label, "waits for the load balancer, which tells the VPC"),
        }
        return None;
    }
    let seen = plan.known(&label, reading, wanted)?;
    let mut differs = Vec::new();
    if seen.protocol != group.protocol {
        differs.push(format!("its protocol is {}, not {}", seen.protocol, group.protocol));
    }
    if seen.port != group.port {
        differs.push(format!("its port is {}, not {}", seen.port, group.port));
    }
    if seen.target_type != "ip" {
        differs.push(format!("its target type is {}, not ip", seen.target_type));
    }
    if let Some(balancer) = balancer.filter(|b| b.vpc_id != seen.vpc_id) {
        differs.push(format!(
            "it is in {}, the load balancer in {}",
            seen.vpc_id, balancer.vpc_id
        ));
    }
    let found = Found {
        kind: "target group",
        name: &seen.name,
        arn: &seen.arn,
        differs,
        deletion: format!(
            "the load balancer first, then `aws elbv2 delete-target-group --target-group-arn {}`",
            seen.arn
        ),
    };
    // Whether a stranger's is in the right VPC shows only beside the load balancer.
    if look.wanted.adopt && balancer.is_none() {
        plan.wait(label, "waits for the load balancer, which tells the VPC");
        return None;
    }
    if !found.take_or_refuse(look, service, plan) {
        return None;
    }
    if seen.health_check != group.health_check {
        plan.steps.push(Step::ModifyTargetGroup {
            name: seen.name.clone(),
            arn: seen.arn.clone(),
            health_check: group.health_check.clone(),
        });
    }
    if let Some(attributes) = plan.known(
        &format!("attributes of {label}"),
        look.seen.attributes.get(&seen.arn),
        wanted,
    ) {
        let attributes = wanted::differing(&wanted::group_attributes(), attributes);
        if !attributes.is_empty() {
            plan.steps.push(Step::ModifyTargetGroupAttributes {
                name: seen.name.clone(),
                arn: seen.arn.clone(),
                attributes,
            });
        }
    }
    Some(seen)
}

fn listener(
    look: Look<'_>,
    service: &Service,
    balancer: &LoadBalancer,
    listener: &WantedListener,
    group: &TargetGroup,
    plan: &mut Plan,
) {
    let wanted = look.wanted;
    let Some(listeners) = plan.known("listeners", Some(&look.seen.listeners), wanted) else {
        return;
    };
    let Some(seen) = listeners.iter().find(|l| l.port == listener.port) else {
        plan.steps.push(Step::CreateListener {
            listener: listener.clone(),
            load_balancer: balancer.name.clone(),
            load_balancer_arn: balancer.arn.clone(),
            group_arn: group.arn.clone(),
            tags: ownership::tags(wanted, &service.arn),
        });
        return;
    };
    let mut differs = Vec::new();
    if seen.protocol != listener.protocol {
        differs.push(format!("its protocol is {}, not {}", seen.protocol, listener.protocol));
    }
    if seen.forwards_to.as_deref() != Some(group.arn.as_str()) {
        let to = seen.forwards_to.as_deref().unwrap_or("nothing");
        differs.push(format!("it forwards to {to}, not to {}", group.arn));
    }
    let name = format!("{}:{}", seen.protocol, seen.port);
    if !differs.is_empty() {
        // The load balancer is ours by now, and a listener is a part of it.
        plan.refuse(
            format!(
                "listener {name} of load balancer `{}` is not as configured",
                balancer.name
            ),
            differs.join("; "),
            format!(
                "when nobody is in a meeting, delete it and run again: `aws elbv2 delete-listener --listener-arn {}`",
                seen.arn
            ),
        );
    } else if listener.certificate_arn.is_some() && seen.certificate_arn != listener.certificate_arn {
        plan.steps.push(Step::ModifyListener {
            listener: listener.clone(),
            arn: seen.arn.clone(),
        });
    } else if wanted.adopt {
        let tagged = plan
            .known(
                &format!("tags of listener {name}"),
                look.seen.tags.get(&seen.arn),
                wanted,
            )
            .is_none_or(|tags| ownership::owner(tags, &service.arn) != Owner::Stranger);
        if !tagged {
            plan.steps.push(Step::Adopt {
                kind: "listener",
                name,
                arn: seen.arn.clone(),
                tags: ownership::tags(wanted, &service.arn),
            });
        }
    }
}

/// Listeners that the configuration no longer names: said, and left. Nothing is taken from under a meeting.
fn unnamed(look: Look<'_>, listeners: &[Listener], plan: &mut Plan) {
    for listener in listeners
        .iter()
        .filter(|l| !look.wanted.listeners.iter().any(|w| w.port == l.port))
    {
        plan.warn(
            format!(
                "the load balancer also listens on {}:{}, which the configuration does not name",
                listener.protocol, listener.port
            ),
            Some("it is left as it is; it goes with the load balancer"),
        );
    }
}

fn same_set(left: &[String], right: &[String]) -> bool {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list.dedup();
        list
    };
    sorted(left) == sorted(right)
}
