//! What ECS may do to the tasks by itself.

use super::{Finding, Severity};
use crate::observation::Service;
use crate::wanted::Wanted;

/// Percentages that let a deployment run more tasks than are wanted.
pub(super) fn more_tasks_than_wanted(service: &Service, wanted: &Wanted) -> Option<Finding> {
    let maximum = u64::from(service.maximum_percent?);
    let count = u64::from(wanted.count.max(1));
    // ECS rounds down.
    let most = count * maximum / 100;
    let minimum = service
        .minimum_healthy_percent
        .map_or_else(|| "?".to_owned(), |m| m.to_string());
    (most > count).then(|| Finding {
        code: "deployment-overlap",
        severity: Severity::Warning,
        sentence: format!(
            "a deployment runs {most} tasks where {count} is wanted (minimumHealthyPercent {minimum}, maximumPercent \
             {maximum}): two halves of a meeting would not meet"
        ),
        fix: "set minimumHealthyPercent 0 and maximumPercent 100".to_owned(),
        source: "AWS ECS: deploymentConfiguration of rolling updates",
    })
}

/// A service whose tasks are moved between zones, people in them or not.
pub(super) fn rebalancing(service: &Service) -> Option<Finding> {
    (service.zone_rebalancing.as_deref() == Some("ENABLED")).then(|| Finding {
        code: "zone-rebalancing",
        severity: Severity::Warning,
        sentence: "availabilityZoneRebalancing is ENABLED: ECS may stop a task to balance zones".to_owned(),
        fix: "set it to DISABLED: `aws ecs update-service --availability-zone-rebalancing DISABLED`".to_owned(),
        source: "AWS ECS: availability zone rebalancing, the default of new services",
    })
}
