//! Whose a resource is. Everything that this tool makes carries the same four tags from its creation on.
//!
//! Creation at AWS is idempotent only for byte-identical settings, tags included, so nothing that differs from run to
//! run (a time, a run id) may be among them.

use crate::observation::{Observation, Service, Tags};
use crate::wanted::Wanted;

/// The tag that ties a resource to one platform. Its value is the ARN of the platform's ECS service.
pub const PLATFORM_TAG: &str = "jitsi-ops:platform";

/// Whose a resource is, judged by its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This platform's.
    Us,
    /// Another platform's that this tool runs; the value is its service ARN.
    AnotherPlatform(String),
    /// Somebody else's: it lacks our tags.
    Stranger,
}

/// The tags of everything that belongs to the platform whose ECS service is `service_arn`.
pub fn tags(wanted: &Wanted, service_arn: &str) -> Tags {
    Tags::from(
        [
            ("Environment", wanted.environment.as_str()),
            ("ManagedBy", "jitsi-ops"),
            ("Project", wanted.project.as_str()),
            (PLATFORM_TAG, service_arn),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    )
}

/// Whose a resource with `tags` is, seen from the platform whose ECS service is `service_arn`.
pub fn owner(tags: &Tags, service_arn: &str) -> Owner {
    match tags.get(PLATFORM_TAG) {
        Some(arn) if arn == service_arn => Owner::Us,
        Some(arn) => Owner::AnotherPlatform(arn.clone()),
        None => Owner::Stranger,
    }
}

/// Whether the resource is this platform's; `None` where its tags or the service could not be read.
pub fn is_ours(seen: &Observation, arn: &str) -> Option<bool> {
    is_ours_of(seen, arn, seen.service.here()?)
}

/// Whether the resource belongs to the platform of this service; `None` where its tags could not be read.
pub fn is_ours_of(seen: &Observation, arn: &str, service: &Service) -> Option<bool> {
    Some(owner(seen.tags_of(arn)?, &service.arn) == Owner::Us)
}
