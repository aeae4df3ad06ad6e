//! The way that media takes.

use std::net::IpAddr;

use super::parts::{Jitsi, Part, Role, Setting};
use super::{Finding, Severity, listed, shown};
use crate::observation::Service;
use crate::wanted::Wanted;

/// Public addresses of the bridge, `ip` or `ip#port`, separated by commas.
pub(crate) const ADVERTISE_IPS: &str = "JVB_ADVERTISE_IPS";
/// Its old name.
pub(super) const HOST_ADDRESS: &str = "DOCKER_HOST_ADDRESS";

/// Something advertised that is no address.
pub(super) fn not_an_address(jitsi: &Jitsi<'_>) -> Option<Finding> {
    let bridge = jitsi.get(Role::Jvb)?;
    let (variable, value) = advertised(bridge)?;
    let wrong: Vec<String> = entries(value).filter(|entry| !is_address(entry)).map(shown).collect();
    (!wrong.is_empty()).then(|| Finding {
        code: NOT_AN_ADDRESS,
        severity: Severity::Warning,
        sentence: format!(
            "`{variable}={}` of `{}` advertises nothing: {} is no address",
            shown(value),
            bridge.name(),
            listed(wrong)
        ),
        fix: format!("remove {variable}, so that the bridge asks STUN, or name the load balancer's addresses there"),
        source: "jitsi/docker-jitsi-meet jvb.conf; ice4j MappingCandidateHarvesters",
    })
}

/// A listener for media that the bridge tells nobody about.
pub(super) fn not_through_the_load_balancer(jitsi: &Jitsi<'_>, service: &Service, wanted: &Wanted) -> Option<Finding> {
    let bridge = jitsi.get(Role::Jvb)?;
    let udp = wanted
        .listeners
        .iter()
        .filter(|l| matches!(l.protocol.as_str(), "UDP" | "TCP_UDP"));
    let listeners: Vec<String> = udp
        .map(|l| format!("{}:{}", l.protocol.to_lowercase(), l.port))
        .collect();
    let tells = match (bridge.setting(ADVERTISE_IPS), advertised(bridge)) {
        // It may tell; or it tells addresses that somebody has seen to.
        (Setting::Unknown, _) => true,
        (_, Some((_, value))) => entries(value).any(is_address),
        (_, None) => bridge.setting(HOST_ADDRESS) == Setting::Unknown,
    };
    if listeners.is_empty() || tells {
        return None;
    }
    let (severity, consequence) = match service.public_ip {
        Some(false) => (Severity::Error, "nor has the task a public address: nobody gets media"),
        _ => (Severity::Note, "media goes straight to the task"),
    };
    Some(Finding {
        code: NOT_THROUGH_NLB,
        severity,
        sentence: format!(
            "{} carries no media: `{}` does not advertise the load balancer, {consequence}",
            listed(listeners),
            bridge.name()
        ),
        fix: format!(
            "take the listener out of `nlb.listeners`, or have {ADVERTISE_IPS} name the load balancer's addresses"
        ),
        source: "jitsi/docker-jitsi-meet jvb.conf; AWS NLB user guide, client IP preservation",
    })
}

/// What the bridge is told to advertise, and by which variable.
fn advertised<'a>(bridge: &Part<'a>) -> Option<(&'static str, &'a str)> {
    match (bridge.setting(ADVERTISE_IPS), bridge.setting(HOST_ADDRESS)) {
        (Setting::Is(value), _) => Some((ADVERTISE_IPS, value)),
        (Setting::Unset, Setting::Is(value)) => Some((HOST_ADDRESS, value)),
        _ => None,
    }
}

/// Findings about what the bridge advertises.
pub(crate) const ABOUT_ADVERTISING: [&str; 2] = [NOT_AN_ADDRESS, NOT_THROUGH_NLB];
const NOT_AN_ADDRESS: &str = "advertised-address";
const NOT_THROUGH_NLB: &str = "media-not-through-nlb";

/// The entries of such a variable.
pub(crate) fn entries(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

fn is_address(entry: &str) -> bool {
    let (address, port) = entry.split_once('#').unwrap_or((entry, "1"));
    address.parse::<IpAddr>().is_ok() && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn an_address_may_have_a_port_and_is_not_a_name() {
        for good in ["198.51.100.7", "198.51.100.7#10001", "2001:db8::7"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "AUTO",
            "meet.example.org",
            "stun:stun.example.org:19302",
            "198.51.100.7:10000",
            "198.51.100.7#x",
            "",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
