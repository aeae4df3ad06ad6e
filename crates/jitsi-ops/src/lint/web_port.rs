//! Whether everybody who looks for the web container looks where its release listens.

use super::parts::{Jitsi, Role};
use super::{Finding, Severity, listed, shown};
use crate::observation::TaskDefinition;
use crate::wanted::Wanted;

/// Up to stable-11031.
const OLD: [u16; 2] = [80, 443];
/// From stable-11146 on, which runs without root.
const NEW: [u16; 2] = [8000, 8443];

/// The last release that listens on [`OLD`], and the first on [`NEW`]; between them is none.
const GENERATIONS: (u32, u32) = (11031, 11146);

const SOURCE: &str = "jitsi/docker-jitsi-meet f8347236, #2261";

/// Port mappings, health check and listeners of the other generation.
pub(super) fn mismatches(definition: &TaskDefinition, jitsi: &Jitsi<'_>, wanted: &Wanted) -> Vec<Finding> {
    let Some(web) = jitsi.get(Role::Web) else {
        return Vec::new();
    };
    let releases = web.releases();
    let (right, wrong) = match GENERATIONS {
        (last, _) if releases.most <= last => (OLD, NEW),
        (_, first) if releases.least >= first => (NEW, OLD),
        _ => return Vec::new(),
    };
    let listens = format!(
        "image `{}` listens on {} and {}",
        shown(&web.container.image),
        right[0],
        right[1]
    );
    let finding = |severity, what: String, fix: String| Finding {
        code: "web-port",
        severity,
        sentence: format!("{what}, but {listens}"),
        fix,
        source: SOURCE,
    };
    let mut findings = Vec::new();
    let ports: Vec<u16> = web.container.ports.iter().map(|port| port.number).collect();
    let declares = |which: [u16; 2]| ports.iter().find(|port| which.contains(port));
    if let (Some(port), None) = (declares(wrong), declares(right)) {
        findings.push(finding(
            Severity::Warning,
            format!("container `{}` declares port {port}", web.name()),
            format!("declare container port {}", right[0]),
        ));
    }
    let check = web.container.health_check.as_deref().unwrap_or_default().join(" ");
    if let Some(port) = asked_port(&check).filter(|port| wrong.contains(port)) {
        findings.push(finding(
            Severity::Error,
            format!("the health check of container `{}` asks port {port}", web.name()),
            format!("`curl -f http://localhost:{}/`, or ECS replaces every task", right[0]),
        ));
    }
    // Another container may listen there, a proxy for example.
    let others = definition.containers.iter().filter(|c| c.name != web.name());
    let taken: Vec<u16> = others.flat_map(|c| &c.ports).map(|port| port.number).collect();
    let wrong_for_web = |port: &u16| wrong.contains(port) && !taken.contains(port);
    let listeners = wanted.listeners.iter();
    let astray = listeners.filter(|listener| listener.protocol != "UDP" && wrong_for_web(&listener.group.port));
    for listener in astray {
        let written = format!("{}:{}", listener.protocol.to_lowercase(), listener.port);
        findings.push(finding(
            Severity::Error,
            format!(
                "listener {} forwards to port {}",
                listed([&written]),
                listener.group.port
            ),
            format!("write `{written}->{}` in `nlb.listeners`", right[0]),
        ));
    }
    findings
}

/// The port of the first address of this machine in a command.
fn asked_port(command: &str) -> Option<u16> {
    let (scheme, rest) = command.split_once("://")?;
    let host = ["localhost", "127.0.0.1"]
        .into_iter()
        .find(|host| rest.starts_with(host))?;
    let after = &rest[host.len()..];
    match after.strip_prefix(':') {
        Some(port) => port.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok(),
        None if after.starts_with(|c: char| c.is_alphanumeric() || c == '.') => None,
        None => Some(if scheme.ends_with("https") { 443 } else { 80 }),
    }
}

#[cfg(test)]
mod tests {
    use super::asked_port;

    #[test]
    fn the_port_that_a_health_check_asks_is_read_from_its_address() {
        for (command, port) in [
            ("CMD-SHELL curl -f http://localhost:80/ || exit 1", Some(80)),
            ("CMD curl -f http://localhost", Some(80)),
            ("CMD curl -kf https://127.0.0.1/", Some(443)),
            ("CMD-SHELL wget -qO- http://127.0.0.1:8000/config.js", Some(8000)),
            ("CMD curl http://localhost.example.org/", None),
            ("CMD curl http://meet.example.org:80/", None),
            ("CMD-SHELL curl -f http://localhost:$PORT/", None),
            ("CMD-SHELL /usr/local/bin/healthcheck.sh", None),
            ("", None),
        ] {
            assert_eq!(asked_port(command), port, "{command}");
        }
    }
}
