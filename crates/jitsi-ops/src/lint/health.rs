//! What `healthStatus` of the task rests on.

use super::parts::{Jitsi, Role};
use super::{Finding, Severity};
use crate::observation::TaskDefinition;

const SOURCE: &str = "AWS ECS: health of a task is that of its essential containers with a check";

/// A bridge that nobody asks how it is.
pub(super) fn bridge_unchecked(jitsi: &Jitsi<'_>) -> Option<Finding> {
    let bridge = jitsi
        .get(Role::Jvb)
        .filter(|bridge| bridge.container.health_check.is_none())?;
    Some(Finding {
        code: "bridge-unchecked",
        severity: Severity::Warning,
        sentence: format!(
            "container `{}` has no health check: a dead bridge goes unseen",
            bridge.name()
        ),
        fix: "give it the health check `/usr/local/bin/healthcheck.sh` (in the image since stable-9584)".to_owned(),
        source: SOURCE,
    })
}

/// A task that is healthy as long as nginx serves a file.
pub(super) fn only_nginx(definition: &TaskDefinition, jitsi: &Jitsi<'_>) -> Option<Finding> {
    let web = jitsi.get(Role::Web)?;
    let counts = definition
        .containers
        .iter()
        .filter(|c| c.essential && c.health_check.is_some());
    let names: Vec<&str> = counts.map(|container| container.name.as_str()).collect();
    (names == [web.name()]).then(|| Finding {
        code: "health-only-nginx",
        severity: Severity::Warning,
        sentence: format!(
            "the task's health is that of nginx alone: only `{}` is essential and checked",
            web.name()
        ),
        fix: "make prosody, jicofo and jvb essential, with `/usr/local/bin/healthcheck.sh`; jicofo needs \
              JICOFO_ENABLE_HEALTH_CHECKS=1 for it"
            .to_owned(),
        source: SOURCE,
    })
}
