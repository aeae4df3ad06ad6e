//! Variables that the images do not read, or read no more.

use std::collections::BTreeMap;

use super::image::Releases;
use super::parts::{Jitsi, Part, Role, Setting};
use super::{Finding, Severity, listed, media, shown};

/// A variable that does nothing.
pub(super) struct Dead {
    /// Its name; `*` at the end stands for any ending.
    name: &'static str,
    /// The first release that does not read it; 0: none ever did.
    since: u32,
    /// What to do instead.
    instead: &'static str,
    /// The change that took it away.
    source: &'static str,
}

const fn dead(name: &'static str, since: u32, instead: &'static str, source: &'static str) -> Dead {
    Dead {
        name,
        since,
        instead,
        source,
    }
}

const NO_TCP: &str = "remove it; the bridge takes UDP only, and TCP needs a TURN server";
const NO_WEBSOCKETS: &str = "remove it; bridge and browser talk over SCTP data channels";
const NO_COMPONENT: &str = "remove it; jicofo and bridge log in with JICOFO_AUTH_PASSWORD and JVB_AUTH_PASSWORD";

const TABLE: &[Dead] = &[
    dead(
        "JVB_TCP_HARVESTER_DISABLED",
        7001,
        NO_TCP,
        "jitsi/docker-jitsi-meet 7a939785",
    ),
    dead("JVB_TCP_PORT", 7001, NO_TCP, "jitsi/docker-jitsi-meet 7a939785"),
    dead("JVB_TCP_MAPPED_PORT", 7001, NO_TCP, "jitsi/docker-jitsi-meet 7a939785"),
    dead(
        "JVB_ENABLE_APIS",
        6726,
        "set COLIBRI_REST_ENABLED=1 instead",
        "jitsi/docker-jitsi-meet e9275d5e",
    ),
    dead(
        "JVB_WS_ENABLED",
        0,
        "remove it",
        "jitsi/docker-jitsi-meet: its history never had it",
    ),
    dead(
        "JVB_WS_DOMAIN",
        11146,
        NO_WEBSOCKETS,
        "jitsi/docker-jitsi-meet 9ea0cbba",
    ),
    dead(
        "JVB_WS_SERVER_ID",
        11146,
        NO_WEBSOCKETS,
        "jitsi/docker-jitsi-meet 9ea0cbba",
    ),
    dead("JVB_WS_TLS", 11146, NO_WEBSOCKETS, "jitsi/docker-jitsi-meet 9ea0cbba"),
    dead(
        "ENABLE_COLIBRI_WEBSOCKET",
        11146,
        NO_WEBSOCKETS,
        "jitsi/docker-jitsi-meet 9ea0cbba",
    ),
    dead(
        "COLIBRI_WEBSOCKET_*",
        11146,
        NO_WEBSOCKETS,
        "jitsi/docker-jitsi-meet 9ea0cbba",
    ),
    dead("ENABLE_SCTP", 11146, NO_WEBSOCKETS, "jitsi/docker-jitsi-meet 9ea0cbba"),
    dead(
        "ENABLE_OCTO_SCTP",
        11146,
        NO_WEBSOCKETS,
        "jitsi/docker-jitsi-meet 9ea0cbba",
    ),
    dead(
        "JICOFO_AUTH_USER",
        8218,
        "remove it; the user is always `focus`",
        super::IMAGES,
    ),
    dead(
        "JICOFO_COMPONENT_SECRET",
        5765,
        NO_COMPONENT,
        "jitsi/docker-jitsi-meet 953a4d24",
    ),
    dead(
        "JVB_COMPONENT_SECRET",
        3508,
        NO_COMPONENT,
        "jitsi/docker-jitsi-meet 9bb7340f",
    ),
];

impl Dead {
    /// What is known of a variable that does nothing, whatever the release.
    pub(super) fn named(variable: &str) -> Option<&'static Self> {
        TABLE.iter().find(|dead| match dead.name.strip_suffix('*') {
            Some(beginning) => variable.starts_with(beginning),
            None => dead.name == variable,
        })
    }

    /// Whether it does nothing in these releases, all of them.
    pub(super) fn is_in(&self, releases: Releases) -> bool {
        releases.least >= self.since
    }

    pub(super) fn why(&self) -> String {
        match self.since {
            0 => "no release has ever read it".to_owned(),
            since => format!("not read since stable-{since}"),
        }
    }

    pub(super) fn instead(&self) -> String {
        self.instead.to_owned()
    }

    pub(super) fn source(&self) -> &'static str {
        self.source
    }
}

/// Plain variables that do nothing, each by name with the containers that have it.
pub(super) fn without_effect(jitsi: &Jitsi<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<&str, (&Dead, Vec<Part<'_>>)> = BTreeMap::new();
    for part in &jitsi.parts {
        for (variable, value) in &part.container.environment {
            // Empty is as good as not there.
            if value.as_deref().is_some_and(|value| value.trim().is_empty()) {
                continue;
            }
            if let Some(dead) = Dead::named(variable).filter(|dead| dead.is_in(part.releases())) {
                found.entry(variable).or_insert((dead, Vec::new())).1.push(*part);
            }
        }
    }
    let table = found.into_iter().map(|(variable, (dead, parts))| Finding {
        code: "variable-without-effect",
        severity: Severity::Warning,
        sentence: format!("{} does nothing: {}", written(variable, &parts), dead.why()),
        fix: dead.instead(),
        source: dead.source(),
    });
    table.chain(host_address(jitsi)).collect()
}

/// DOCKER_HOST_ADDRESS, which the bridge reads only where JVB_ADVERTISE_IPS is empty.
fn host_address(jitsi: &Jitsi<'_>) -> Option<Finding> {
    let bridge = jitsi.get(Role::Jvb)?;
    let Setting::Is(_) = bridge.setting(media::HOST_ADDRESS) else {
        return None;
    };
    let (code, severity, why) = match bridge.setting(media::ADVERTISE_IPS) {
        Setting::Is(_) => (
            "variable-without-effect",
            Severity::Warning,
            "does nothing: JVB_ADVERTISE_IPS is set too",
        ),
        Setting::Unset => ("variable-deprecated", Severity::Note, "is deprecated"),
        Setting::Unknown => return None,
    };
    (bridge.releases().least >= 7830).then(|| Finding {
        code,
        severity,
        sentence: format!("{} {why}", written(media::HOST_ADDRESS, &[*bridge])),
        fix: "use JVB_ADVERTISE_IPS alone".to_owned(),
        source: "jitsi/docker-jitsi-meet c53de728",
    })
}

/// `NAME=value` of `a` and `b`.
fn written(variable: &str, parts: &[Part<'_>]) -> String {
    let values: Vec<Setting<'_>> = parts.iter().map(|part| part.setting(variable)).collect();
    let value = match values.first() {
        Some(Setting::Is(value)) if values.iter().all(|other| Some(other) == values.first()) => {
            format!("={}", shown(value))
        }
        _ => String::new(),
    };
    let names = listed(parts.iter().map(Part::name));
    format!("`{}{value}` of {names}", shown(variable))
}
