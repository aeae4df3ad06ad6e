//! Listeners of the load balancer: `udp:10000`, `tls:443->80`.

use std::fmt;
use std::str::FromStr;

use crate::problem::Malformed;

/// Listeners of one Network Load Balancer; AWS does not raise this quota.
pub const MAX_LISTENERS: usize = 50;

/// What a listener speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `udp`: media.
    Udp,
    /// `tcp`.
    Tcp,
    /// `tcp_udp`: both on one port, which two listeners could not share.
    TcpUdp,
    /// `tls`: ended at the load balancer, which needs a certificate; the targets get plain TCP.
    Tls,
}

impl Protocol {
    const ALL: [Self; 4] = [Self::Udp, Self::Tcp, Self::TcpUdp, Self::Tls];

    /// As AWS writes it: `UDP`, `TCP`, `TCP_UDP`, `TLS`.
    #[must_use]
    pub fn aws_name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::TcpUdp => "TCP_UDP",
            Self::Tls => "TLS",
        }
    }

    /// As it stands in a target group's name, where an underscore is not allowed.
    fn in_a_name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::TcpUdp => "tcpudp",
            Self::Tls => "tls",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::TcpUdp => "tcp_udp",
            Self::Tls => "tls",
        })
    }
}

/// One listener and the port of its targets. Written `protocol:port`, or `protocol:port->target port` where they differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listener {
    /// What clients speak to it.
    pub protocol: Protocol,
    /// Where clients reach it, 1 to 65535.
    pub port: u16,
    /// Where the task is reached, 1 to 65535.
    pub target_port: u16,
}

impl Listener {
    /// The protocol of its target group. A TLS listener takes TCP: there is no HTTP target group behind a Network Load
    /// Balancer, so "443 to the web server's port 80" is `tls:443->80` with a TCP target group.
    #[must_use]
    pub fn target_group_protocol(&self) -> Protocol {
        match self.protocol {
            Protocol::Tls => Protocol::Tcp,
            other => other,
        }
    }

    /// What follows the project's name in the name of the target group. The original's two listeners keep the original's
    /// names, so that what it made is found again.
    pub(crate) fn target_group_suffix(&self) -> String {
        match (self.protocol, self.port) {
            (Protocol::Udp, 10000) => "-jvb-udp-tg".to_owned(),
            (Protocol::Tcp, 4443) => "-jvb-tcp-tg".to_owned(),
            (protocol, port) => format!("-{}-{port}-tg", protocol.in_a_name()),
        }
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.protocol, self.port)?;
        if self.target_port != self.port {
            write!(f, "->{}", self.target_port)?;
        }
        Ok(())
    }
}

impl FromStr for Listener {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const EXPECTED: &str = "a listener such as `udp:10000`, `tcp:4443`, `tcp_udp:10000` or `tls:443->80`";
        let parsed = || {
            let (protocol, ports) = text.split_once(':')?;
            let protocol = Protocol::ALL.into_iter().find(|known| known.to_string() == protocol)?;
            let (port, target_port) = ports.split_once("->").unwrap_or((ports, ports));
            Some(Self {
                protocol,
                port: parse_port(port)?,
                target_port: parse_port(target_port)?,
            })
        };
        parsed().ok_or_else(|| Malformed::hinting(EXPECTED, hint(text)))
    }
}

/// A port from 1 to 65535, written without sign or leading zero.
pub(crate) fn parse_port(text: &str) -> Option<u16> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    if plain { text.parse().ok() } else { None }
}

fn hint(text: &str) -> Option<String> {
    let (protocol, ports) = text.split_once(':')?;
    let tls = format!("tls:{ports}");
    match protocol.to_ascii_lowercase().as_str() {
        "https" if tls.parse::<Listener>().is_ok() => Some(format!("a Network Load Balancer speaks TLS: `{tls}`")),
        "http" => Some("a Network Load Balancer has no HTTP listener; `tcp:80` passes it on".to_owned()),
        _ => {
            let simple: String = text
                .to_ascii_lowercase()
                .replace("=>", "->")
                .split_whitespace()
                .collect();
            let simple = simple.replace("tcpudp:", "tcp_udp:").replace("tcp-udp:", "tcp_udp:");
            (simple != text && simple.parse::<Listener>().is_ok()).then(|| format!("write `{simple}`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_listener_is_a_protocol_a_port_and_perhaps_a_target_port() {
        let tls = Listener {
            protocol: Protocol::Tls,
            port: 443,
            target_port: 80,
        };
        assert_eq!("tls:443->80".parse(), Ok(tls));
        assert_eq!(tls.target_group_protocol(), Protocol::Tcp);
        assert_eq!("tls:443->443".parse::<Listener>().unwrap().to_string(), "tls:443");
        let both: Listener = "tcp_udp:10000".parse().unwrap();
        assert_eq!(
            (both.protocol.aws_name(), both.target_group_protocol()),
            ("TCP_UDP", Protocol::TcpUdp)
        );
    }

    #[test]
    fn any_other_listener_is_refused() {
        let bad = [
            "",
            "udp",
            "udp:",
            ":10000",
            "10000",
            "udp:0",
            "udp:65536",
            "udp:+1",
            "udp:01",
            "udp:-1",
            "udp:1->",
            "udp:1->0",
            "udp:1->2->3",
            "sctp:1",
            "udp:10000/jvb",
            "udp:１",
        ];
        for text in bad {
            let wrong = text.parse::<Listener>().expect_err(text);
            assert_eq!(wrong.hint, None, "{text}");
        }
    }

    #[test]
    fn near_misses_are_answered_with_the_right_form() {
        let hints = [
            ("UDP:10000", "write `udp:10000`"),
            ("tls: 443 -> 80", "write `tls:443->80`"),
            ("tls:443=>80", "write `tls:443->80`"),
            ("tcpudp:10000", "write `tcp_udp:10000`"),
            ("https:443->80", "a Network Load Balancer speaks TLS: `tls:443->80`"),
            (
                "http:80",
                "a Network Load Balancer has no HTTP listener; `tcp:80` passes it on",
            ),
        ];
        for (text, hint) in hints {
            assert_eq!(
                text.parse::<Listener>().unwrap_err().hint.as_deref(),
                Some(hint),
                "{text}"
            );
        }
    }

    #[test]
    fn the_original_s_listeners_keep_the_original_s_target_groups() {
        let suffix = |text: &str| text.parse::<Listener>().unwrap().target_group_suffix();
        assert_eq!(suffix("udp:10000"), "-jvb-udp-tg");
        assert_eq!(suffix("tcp:4443"), "-jvb-tcp-tg");
        assert_eq!(suffix("tls:443->80"), "-tls-443-tg");
        assert_eq!(suffix("tcp_udp:10000"), "-tcpudp-10000-tg");
        assert_eq!(suffix("udp:10001"), "-udp-10001-tg");
    }

    proptest! {
        #[test]
        fn a_listener_survives_being_written_and_read(which in 0..4usize, port in 1..=u16::MAX, target_port in 1..=u16::MAX) {
            let listener = Listener { protocol: Protocol::ALL[which], port, target_port };
            prop_assert_eq!(listener.to_string().parse::<Listener>(), Ok(listener));
            let same = Listener { target_port: port, ..listener };
            prop_assert_eq!(same.to_string().parse::<Listener>(), Ok(same));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,40}") {
            if let Ok(listener) = text.parse::<Listener>() {
                prop_assert_eq!(listener.to_string().parse::<Listener>(), Ok(listener));
            }
        }
    }
}
