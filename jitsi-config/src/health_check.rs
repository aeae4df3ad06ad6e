//! How the load balancer asks a target whether it is well: `http:8080/about/health`, `tcp:8080`.

use std::fmt;
use std::str::FromStr;

use crate::listener::parse_port;
use crate::problem::Malformed;

/// Seconds between two checks of a target, as in the original (AWS allows 5 to 300).
pub const HEALTH_CHECK_INTERVAL_SECONDS: u16 = 30;
/// Seconds after which an unanswered check has failed, as in the original (AWS allows 2 to 120).
pub const HEALTH_CHECK_TIMEOUT_SECONDS: u16 = 5;
/// Passing checks that make an unhealthy target healthy, as in the original (AWS allows 2 to 10). A new target becomes
/// healthy with its first passing check, whatever stands here.
pub const HEALTHY_THRESHOLD: u16 = 2;
/// Failing checks that make a healthy target unhealthy, as in the original (AWS allows 2 to 10).
pub const UNHEALTHY_THRESHOLD: u16 = 2;

/// What a health check speaks; never UDP, which a Network Load Balancer cannot check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HealthCheckProtocol {
    /// A GET that is answered with a status that says success.
    Http,
    /// The same over TLS; the certificate is not looked at.
    Https,
    /// A connection that opens.
    Tcp,
}

impl HealthCheckProtocol {
    const ALL: [Self; 3] = [Self::Http, Self::Https, Self::Tcp];

    /// As AWS writes it: `HTTP`, `HTTPS`, `TCP`.
    #[must_use]
    pub fn aws_name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
            Self::Tcp => "TCP",
        }
    }
}

impl fmt::Display for HealthCheckProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Tcp => "tcp",
        })
    }
}

/// The health check of every target group. Written `http:port/path`, `https:port/path` or `tcp:port`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HealthCheck {
    /// What is spoken.
    pub protocol: HealthCheckProtocol,
    /// The port of the task that is asked, 1 to 65535; the same for every target group.
    pub port: u16,
    /// What is fetched, with its leading `/`, at most 1024 characters; `None` exactly when the protocol is TCP.
    pub path: Option<String>,
}

impl fmt::Display for HealthCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}{}",
            self.protocol,
            self.port,
            self.path.as_deref().unwrap_or_default()
        )
    }
}

impl FromStr for HealthCheck {
    type Err = Malformed;

    /// A path that is left out is `/`, as at AWS.
    fn from_str(text: &str) -> Result<Self, Malformed> {
        const EXPECTED: &str = "a health check such as `http:8080/about/health`, `https:8443/` or `tcp:8080`";
        let parsed = || {
            let (protocol, rest) = text.split_once(':')?;
            let protocol = HealthCheckProtocol::ALL
                .into_iter()
                .find(|known| known.to_string() == protocol)?;
            let (port, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let path = match (protocol, path) {
                (HealthCheckProtocol::Tcp, "") => None,
                (HealthCheckProtocol::Tcp, _) => return None,
                (_, "") => Some("/".to_owned()),
                (_, path) if is_path(path) => Some(path.to_owned()),
                _ => return None,
            };
            Some(Self {
                protocol,
                port: parse_port(port)?,
                path,
            })
        };
        parsed().ok_or_else(|| Malformed::hinting(EXPECTED, hint(text)))
    }
}

fn is_path(path: &str) -> bool {
    path.len() <= 1024 && path.bytes().all(|b| b.is_ascii_graphic())
}

fn hint(text: &str) -> Option<String> {
    let (protocol, rest) = text.split_once(':')?;
    match protocol {
        "udp" | "tcp_udp" => Some("a health check never uses UDP; ask the bridge over HTTP".to_owned()),
        "tcp" if rest.contains('/') => Some("a TCP check has no path: it only opens a connection".to_owned()),
        "http" | "https" if rest.starts_with("//") => {
            Some("no host: the load balancer asks each target; only port and path".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_original_s_health_check_asks_the_bridge_over_http() {
        let check: HealthCheck = "http:8080/about/health".parse().unwrap();
        assert_eq!((check.protocol.aws_name(), check.port), ("HTTP", 8080));
        assert_eq!(check.path.as_deref(), Some("/about/health"));
    }

    #[test]
    fn a_path_that_is_left_out_is_the_root_and_tcp_has_none() {
        assert_eq!("https:8443".parse::<HealthCheck>().unwrap().path.as_deref(), Some("/"));
        assert_eq!("tcp:8080".parse::<HealthCheck>().unwrap().path, None);
    }

    #[test]
    fn any_other_health_check_is_refused() {
        let too_long = format!("http:8080/{}", "a".repeat(1024));
        for text in [
            "",
            "http",
            "http:",
            "http:/health",
            "http:0/",
            "http:99999/",
            "http:8080/a b",
            "HTTP:8080",
            &too_long,
        ] {
            assert!(text.parse::<HealthCheck>().is_err(), "{text}");
        }
        let hints = [
            ("udp:10000", "a health check never uses UDP; ask the bridge over HTTP"),
            (
                "tcp:8080/about/health",
                "a TCP check has no path: it only opens a connection",
            ),
            (
                "http://localhost:8080/",
                "no host: the load balancer asks each target; only port and path",
            ),
        ];
        for (text, hint) in hints {
            assert_eq!(
                text.parse::<HealthCheck>().unwrap_err().hint.as_deref(),
                Some(hint),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_health_check_survives_being_written_and_read(which in 0..3usize, port in 1..=u16::MAX, path in "/[!-~]{0,60}") {
            let protocol = HealthCheckProtocol::ALL[which];
            let path = (protocol != HealthCheckProtocol::Tcp).then_some(path);
            let check = HealthCheck { protocol, port, path };
            prop_assert_eq!(check.to_string().parse::<HealthCheck>(), Ok(check));
        }
    }
}
