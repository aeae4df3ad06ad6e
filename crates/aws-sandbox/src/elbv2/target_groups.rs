//! Target groups: what they are, and their settings.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Elbv2;
use super::targets::Target;
use crate::clock::{Ms, SECOND};
use crate::tags::Tags;
use crate::wire::xml::{Element, element, member_texts, text};

/// A target group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TargetGroup {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) tags: Tags,
    pub(crate) targets: Vec<Target>,
    /// Still "in use" until then, though its load balancer is gone.
    pub(crate) in_use_until: Ms,
    /// Numbers the planned changes of its targets, so that a plan that was overtaken is known.
    pub(crate) generations: u64,
}

/// What is compared when a target group of the same name is created again; tags count too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) protocol: String,
    pub(crate) port: u16,
    pub(crate) vpc: String,
    /// `ip` or `instance`.
    pub(crate) target_type: String,
    pub(crate) ip_address_type: String,
    /// Of HTTP and HTTPS groups.
    pub(crate) protocol_version: Option<String>,
    pub(crate) check: HealthCheck,
}

/// How targets are checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HealthCheck {
    pub(crate) protocol: String,
    /// A port, or `traffic-port`.
    pub(crate) port: String,
    pub(crate) path: Option<String>,
    /// Such as `200-399`.
    pub(crate) matcher: Option<String>,
    pub(crate) interval_seconds: i64,
    pub(crate) timeout_seconds: i64,
    pub(crate) healthy_threshold: i64,
    pub(crate) unhealthy_threshold: i64,
}

impl Settings {
    /// Whether it can belong to a network load balancer.
    pub(crate) fn is_network(&self) -> bool {
        !matches!(self.protocol.as_str(), "HTTP" | "HTTPS")
    }

    /// Whether it carries UDP: then targets must lie in the VPC.
    pub(crate) fn carries_udp(&self) -> bool {
        matches!(self.protocol.as_str(), "UDP" | "TCP_UDP")
    }
}

impl HealthCheck {
    pub(crate) fn interval(&self) -> Ms {
        self.interval_seconds * SECOND
    }

    /// Whether the check accepts what a running application answers, which is 200.
    pub(crate) fn accepts_ok(&self) -> bool {
        let Some(matcher) = &self.matcher else { return true };
        matcher.split(',').any(|part| {
            let (low, high) = part.split_once('-').unwrap_or((part, part));
            matches!((low.trim().parse::<u16>(), high.trim().parse::<u16>()), (Ok(low), Ok(high)) if (low..=high).contains(&200))
        })
    }
}

impl TargetGroup {
    pub(super) fn view(&self, elbv2: &Elbv2) -> Vec<Element> {
        let Settings {
            protocol,
            port,
            vpc,
            target_type,
            ip_address_type,
            protocol_version,
            check,
        } = &self.settings;
        let balancer = elbv2.balancer_of(&self.arn).map(|balancer| balancer.arn.as_str());
        let mut view = vec![
            text("TargetGroupArn", &self.arn),
            text("TargetGroupName", &self.name),
            text("Protocol", protocol),
            text("Port", port),
            text("VpcId", vpc),
            text("HealthCheckProtocol", &check.protocol),
            text("HealthCheckPort", &check.port),
            text("HealthCheckEnabled", true),
            text("HealthCheckIntervalSeconds", check.interval_seconds),
            text("HealthCheckTimeoutSeconds", check.timeout_seconds),
            text("HealthyThresholdCount", check.healthy_threshold),
            text("UnhealthyThresholdCount", check.unhealthy_threshold),
        ];
        view.extend(check.path.as_ref().map(|path| text("HealthCheckPath", path)));
        view.extend(
            check
                .matcher
                .as_ref()
                .map(|matcher| element("Matcher", [text("HttpCode", matcher)])),
        );
        view.push(member_texts("LoadBalancerArns", balancer));
        view.push(text("TargetType", target_type));
        view.extend(
            protocol_version
                .as_ref()
                .map(|version| text("ProtocolVersion", version)),
        );
        view.push(text("IpAddressType", ip_address_type));
        view
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matcher_accepts_single_codes_lists_and_ranges() {
        let accepts = |matcher: Option<&str>| {
            let check = HealthCheck {
                protocol: "HTTP".into(),
                port: "8080".into(),
                path: None,
                matcher: matcher.map(str::to_owned),
                interval_seconds: 30,
                timeout_seconds: 5,
                healthy_threshold: 2,
                unhealthy_threshold: 2,
            };
            check.accepts_ok()
        };
        assert!(
            [None, Some("200"), Some("200-399"), Some("301, 200")]
                .into_iter()
                .all(accepts)
        );
        assert!(
            ![Some("204"), Some("300-399"), Some("nonsense")]
                .into_iter()
                .any(accepts)
        );
    }
}
