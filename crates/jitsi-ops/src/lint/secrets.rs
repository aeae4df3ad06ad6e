//! Where secrets go.

use std::collections::BTreeMap;

use super::parts::{Jitsi, Part, Role};
use super::variables::Dead;
use super::{Finding, Severity, listed, shown};
use crate::observation::TaskDefinition;

/// Secrets of Jitsi, and who reads them.
const READERS: &[(&str, &[Role])] = &[
    ("JICOFO_AUTH_PASSWORD", &[Role::Prosody, Role::Jicofo]),
    ("JVB_AUTH_PASSWORD", &[Role::Prosody, Role::Jvb]),
    ("JIGASI_XMPP_PASSWORD", &[Role::Prosody]),
    ("JIBRI_XMPP_PASSWORD", &[Role::Prosody]),
    ("JIBRI_RECORDER_PASSWORD", &[Role::Prosody]),
];

/// References to secrets that no container reads.
pub(super) fn unused(jitsi: &Jitsi<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<&str, (&Dead, &str, Vec<&str>)> = BTreeMap::new();
    for part in &jitsi.parts {
        for secret in &part.container.secrets {
            if let Some(dead) = Dead::named(&secret.variable).filter(|dead| dead.is_in(part.releases())) {
                let entry = found.entry(&secret.variable);
                entry
                    .or_insert((dead, &secret.reference, Vec::new()))
                    .2
                    .push(part.name());
            }
        }
    }
    let finding = |(variable, (dead, reference, names)): (&str, (&Dead, &str, Vec<&str>))| Finding {
        code: "secret-unused",
        severity: Severity::Warning,
        sentence: format!(
            "secret `{}` of {} is used by nothing ({}), yet no task starts where `{}` does not resolve",
            shown(variable),
            listed(names),
            dead.why(),
            shown(reference.rsplit(":parameter").next().unwrap_or(reference))
        ),
        fix: dead.instead(),
        source: dead.source(),
    };
    found.into_iter().map(finding).collect()
}

/// Secrets in containers that have no use for them.
pub(super) fn misplaced(jitsi: &Jitsi<'_>) -> Vec<Finding> {
    let of = |part: &Part<'_>| {
        let strange = part.container.secrets.iter().filter(|secret| {
            let readers = READERS.iter().find(|(variable, _)| *variable == secret.variable);
            readers.is_some_and(|(_, readers)| !readers.contains(&part.role))
        });
        let variables: Vec<&str> = strange.map(|secret| secret.variable.as_str()).collect();
        (!variables.is_empty()).then(|| Finding {
            code: "secret-misplaced",
            severity: Severity::Warning,
            sentence: format!(
                "container `{}` is given secrets that it does not use: {}",
                part.name(),
                listed(variables)
            ),
            fix: "take them out of its `secrets`: whoever breaks in there gets them".to_owned(),
            source: super::IMAGES,
        })
    };
    jitsi.parts.iter().filter_map(of).collect()
}

/// Secrets that stand in the task definition for everybody to read. Only their names are known here.
pub(super) fn in_plain_text(definition: &TaskDefinition) -> Vec<Finding> {
    let mut findings = Vec::new();
    for container in &definition.containers {
        let withheld = container.environment.iter().filter(|(_, value)| value.is_none());
        let variables: Vec<String> = withheld.map(|(variable, _)| shown(variable)).collect();
        if variables.is_empty() {
            continue;
        }
        findings.push(Finding {
            code: "secret-in-plain-text",
            severity: Severity::Warning,
            sentence: format!(
                "`environment` of container `{}` holds secrets: {}",
                container.name,
                listed(variables)
            ),
            fix: "put them into SSM SecureStrings, and refer to them in `secrets`".to_owned(),
            source: "AWS ECS: whoever may describe the task definition reads its environment",
        });
    }
    findings
}
