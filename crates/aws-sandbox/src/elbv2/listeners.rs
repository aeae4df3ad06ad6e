//! Listeners: what they are, and which protocols fit together.

use serde::{Deserialize, Serialize};

use crate::tags::Tags;
use crate::wire::xml::{Element, element, member_texts, members, text};

/// A listener of a load balancer. Its only action is to forward to one target group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listener {
    pub(crate) arn: String,
    pub(crate) load_balancer: String,
    pub(crate) protocol: String,
    pub(crate) port: u16,
    pub(crate) target_group: String,
    /// Whether the action was given with a ForwardConfig: then it is described with one too.
    pub(crate) forward_config: bool,
    pub(crate) certificates: Vec<String>,
    pub(crate) ssl_policy: Option<String>,
    pub(crate) alpn_policy: Vec<String>,
    pub(crate) tags: Tags,
}

impl Listener {
    pub(crate) fn forwards_to(&self, target_group: &str) -> bool {
        self.target_group == target_group
    }

    pub(super) fn view(&self) -> Vec<Element> {
        let certificates = self.certificates.iter().map(|arn| vec![text("CertificateArn", arn)]);
        let mut action = vec![text("Type", "forward"), text("TargetGroupArn", &self.target_group)];
        if self.forward_config {
            let group = vec![text("TargetGroupArn", &self.target_group)];
            action.push(element("ForwardConfig", [members("TargetGroups", [group])]));
        }
        let mut view = vec![
            text("ListenerArn", &self.arn),
            text("LoadBalancerArn", &self.load_balancer),
            text("Port", self.port),
            text("Protocol", &self.protocol),
        ];
        if !self.certificates.is_empty() {
            view.push(members("Certificates", certificates));
        }
        view.extend(self.ssl_policy.as_ref().map(|policy| text("SslPolicy", policy)));
        view.push(members("DefaultActions", [action]));
        if !self.alpn_policy.is_empty() {
            view.push(member_texts("AlpnPolicy", &self.alpn_policy));
        }
        view
    }

    /// Whether a creation with the same parameters would be this one again.
    pub(super) fn same_settings(&self, other: &Self) -> bool {
        self.load_balancer == other.load_balancer
            && self.protocol == other.protocol
            && self.port == other.port
            && self.target_group == other.target_group
            && self.certificates == other.certificates
            && self.ssl_policy == other.ssl_policy
            && self.alpn_policy == other.alpn_policy
            && self.tags == other.tags
    }
}

/// Whether a listener of one protocol may forward to a target group of another.
pub(super) fn compatible(listener: &str, target_group: &str) -> bool {
    match listener {
        "TCP" => matches!(target_group, "TCP" | "TCP_UDP"),
        "UDP" => matches!(target_group, "UDP" | "TCP_UDP"),
        "TCP_UDP" => target_group == "TCP_UDP",
        "TLS" => matches!(target_group, "TCP" | "TLS"),
        _ => matches!(target_group, "HTTP" | "HTTPS"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tls_listener_forwards_to_tcp_and_never_to_http() {
        assert!(compatible("TLS", "TCP") && compatible("TLS", "TLS"));
        assert!(!compatible("TLS", "HTTP") && !compatible("UDP", "TCP") && !compatible("TCP", "TLS"));
        assert!(compatible("UDP", "TCP_UDP") && compatible("TCP", "TCP_UDP") && !compatible("TCP_UDP", "UDP"));
    }
}
