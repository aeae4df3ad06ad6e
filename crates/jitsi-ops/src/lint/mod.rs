//! The platform lint: what in task definition, service and configuration does nothing, misleads, or will hurt.
//!
//! A pure check. It judges what it can tell: an image by digest, a tag of one's own, a variable that may come from
//! elsewhere give no finding about what follows from them. `docs/platform-lint.md` lists the codes.

mod auth;
mod deployment;
mod health;
mod heap;
mod image;
mod images;
mod media;
mod parts;
mod secrets;
mod tcp;
mod variables;
mod web_port;

use serde::Serialize;

use crate::observation::{Service, TaskDefinition};
use crate::wanted::Wanted;
pub(crate) use media::{ABOUT_ADVERTISING, ADVERTISE_IPS, entries};
pub(crate) use parts::{Jitsi, Role};

/// Where most facts come from: the repository of the images.
const IMAGES: &str = "jitsi/docker-jitsi-meet";

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The platform does not work, or is open to strangers.
    Error,
    /// It works, until something that is bound to happen.
    Warning,
    /// It works; something in it has no use.
    Note,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of thing, in kebab case; stable.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// What is the matter: container, variable, value.
    pub sentence: String,
    /// What to do about it.
    pub fix: String,
    /// Where the fact comes from.
    pub source: &'static str,
}

/// Judges a platform; the worst comes first.
pub fn lint(definition: &TaskDefinition, service: &Service, wanted: &Wanted) -> Vec<Finding> {
    let jitsi = Jitsi::of(definition);
    let mut findings = Vec::new();
    findings.extend(auth::open_server(&jitsi));
    findings.extend(images::floating(definition));
    findings.extend(images::frozen_registry(&jitsi));
    findings.extend(images::differing_releases(&jitsi));
    findings.extend(web_port::mismatches(definition, &jitsi, wanted));
    findings.extend(variables::without_effect(&jitsi));
    findings.extend(media::not_an_address(&jitsi));
    findings.extend(media::not_through_the_load_balancer(&jitsi, service, wanted));
    findings.extend(tcp::nobody_listens(definition, &jitsi, wanted));
    findings.extend(health::bridge_unchecked(&jitsi));
    findings.extend(health::only_nginx(definition, &jitsi));
    findings.extend(secrets::unused(&jitsi));
    findings.extend(secrets::misplaced(&jitsi));
    findings.extend(secrets::in_plain_text(definition));
    findings.extend(deployment::more_tasks_than_wanted(service, wanted));
    findings.extend(deployment::rebalancing(service));
    findings.extend(heap::beyond_memory(definition, &jitsi));
    findings.sort_by_key(|finding| finding.severity);
    findings
}

/// `a`, `b` and `c`, each in back quotes.
fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let mut names: Vec<String> = names.into_iter().map(|n| format!("`{}`", n.as_ref())).collect();
    let last = names.pop().unwrap_or_default();
    match names.is_empty() {
        true => last,
        false => format!("{} and {last}", names.join(", ")),
    }
}

/// A value as it may stand in a sentence: short, and nothing that a terminal would act on.
fn shown(value: &str) -> String {
    const LONGEST: usize = 60;
    let mut text: String = value.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if value.chars().count() > LONGEST {
        text.push_str("...");
    }
    text
}
