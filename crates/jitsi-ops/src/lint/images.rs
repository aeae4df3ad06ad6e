//! Which images the containers run.

use super::image::Image;
use super::parts::Jitsi;
use super::{Finding, Severity, listed};
use crate::observation::TaskDefinition;

/// Tags that mean another image tomorrow.
pub(super) fn floating(definition: &TaskDefinition) -> Option<Finding> {
    let floating = definition
        .containers
        .iter()
        .filter(|c| Image::parse(&c.image).is_floating());
    let images: Vec<&str> = floating.map(|c| c.image.as_str()).collect();
    (!images.is_empty()).then(|| Finding {
        code: "image-floating",
        severity: Severity::Warning,
        sentence: format!("each start may run another release: {}", listed(images)),
        fix: "pin one release, such as `stable-11146-2`, or a digest".to_owned(),
        source: "jitsi/infra-provisioning #1106: the web image's port changed behind a tag",
    })
}

/// Images from where Jitsi publishes no more.
pub(super) fn frozen_registry(jitsi: &Jitsi<'_>) -> Option<Finding> {
    let frozen = jitsi.parts.iter().filter(|part| part.image.is_frozen());
    let images: Vec<&str> = frozen.map(|part| part.container.image.as_str()).collect();
    (!images.is_empty()).then(|| Finding {
        code: "image-registry-frozen",
        severity: Severity::Warning,
        sentence: format!(
            "Docker Hub gets no Jitsi release after stable-11031: {}",
            listed(images)
        ),
        fix: "take all four from `ghcr.io/jitsi`; from stable-11146 on web listens on 8000 instead of 80".to_owned(),
        source: "jitsi/docker-jitsi-meet 52b4ac89, #2294",
    })
}

/// Releases that differ among the four. Tags that name no release tell nothing.
pub(super) fn differing_releases(jitsi: &Jitsi<'_>) -> Option<Finding> {
    let parts = jitsi.parts.iter();
    let releases: Vec<(&str, &str)> = parts.filter_map(|p| Some((p.name(), p.image.release()?))).collect();
    let (_, first) = releases.first()?;
    releases.iter().any(|(_, release)| release != first).then(|| Finding {
        code: "image-releases-differ",
        severity: Severity::Warning,
        sentence: format!(
            "the containers are of different releases: {}",
            listed(releases.iter().map(|(name, release)| format!("{name}:{release}")))
        ),
        fix: "pin one release for all four".to_owned(),
        source: "jitsi/docker-jitsi-meet: the four are built and tested as one release",
    })
}
