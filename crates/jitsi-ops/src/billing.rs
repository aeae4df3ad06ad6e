//! What still costs money, and the commands that end it.

use serde::Serialize;

use crate::observation::Observation;
use crate::ownership::{self, Owner};
use crate::reading::Reading;
use crate::step::Step;
use crate::wanted::Wanted;

/// Something that costs money by the hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Billing {
    /// `load balancer` or `task`.
    pub kind: &'static str,
    /// Its name or id.
    pub name: String,
    /// Its ARN, if AWS has told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn: Option<String>,
    /// Whether AWS has said that it is there; otherwise a call that may have made it was not answered.
    pub certain: bool,
}

/// What of this platform costs money now, by the last look and the calls that were not answered.
pub fn billing(wanted: &Wanted, seen: &Observation, unanswered: &[Step]) -> Vec<Billing> {
    let mut found = Vec::new();
    if let Reading::Here(balancer) = &seen.load_balancer {
        // One that is not ours is somebody else's bill.
        let service = seen.service.here().map(|s| s.arn.as_str());
        let foreign = match (seen.tags_of(&balancer.arn), service) {
            (Some(tags), Some(service)) => ownership::owner(tags, service) != Owner::Us,
            _ => false,
        };
        if !foreign {
            found.push(Billing {
                kind: "load balancer",
                name: balancer.name.clone(),
                arn: Some(balancer.arn.clone()),
                certain: true,
            });
        }
    } else if unanswered.iter().any(|s| matches!(s, Step::CreateLoadBalancer { .. })) {
        found.push(Billing {
            kind: "load balancer",
            name: wanted.load_balancer.clone(),
            arn: None,
            certain: false,
        });
    }
    for task in seen.tasks().iter().filter(|t| !t.is_stopped()) {
        found.push(Billing {
            kind: "task",
            name: task.id().to_owned(),
            arn: Some(task.arn.clone()),
            certain: true,
        });
    }
    let asked = seen.service.here().is_some_and(|s| s.desired > 0);
    let asking = unanswered.iter().any(|s| matches!(s, Step::RaiseDesiredCount { .. }));
    if (asked || asking) && !found.iter().any(|b| b.kind == "task") {
        found.push(Billing {
            kind: "task",
            name: format!("of service {}", wanted.service),
            arn: None,
            certain: asked,
        });
    }
    found
}

/// Commands that end what still costs money.
pub fn commands_to_end(wanted: &Wanted, bills: &[Billing]) -> Vec<String> {
    let Some(common) = &wanted.further.aws_cli else {
        return vec!["aws-sandbox reset".to_owned()];
    };
    let mut commands = Vec::new();
    if bills.iter().any(|b| b.kind == "task") {
        commands.push(format!(
            "aws ecs update-service --cluster {} --service {} --desired-count 0{common}",
            wanted.cluster, wanted.service
        ));
    }
    for balancer in bills.iter().filter(|b| b.kind == "load balancer") {
        commands.push(match &balancer.arn {
            Some(arn) => format!("aws elbv2 delete-load-balancer --load-balancer-arn {arn}{common}"),
            None => format!("aws elbv2 describe-load-balancers --names {}{common}", balancer.name),
        });
    }
    commands
}
