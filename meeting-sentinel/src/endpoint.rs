//! Where to send a request: a plain `http://` address without a name that would have to be looked up, because a look-up
//! has no time limit of its own.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// A `http://` URL whose host is an IP address or `localhost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where to connect to; `localhost` is 127.0.0.1, where jicofo listens.
    pub address: SocketAddr,
    /// The `Host` header.
    pub host: String,
    /// Path and query, beginning with `/`.
    pub path: String,
}

/// What a URL must look like, for messages.
pub const ALLOWED: &str = "http://, an IP address or `localhost`, and a path, like `http://127.0.0.1:8888/stats`";

impl Endpoint {
    /// Reads a URL; `None` for anything but [`ALLOWED`].
    pub fn parse(url: &str) -> Option<Self> {
        let rest = url.strip_prefix("http://")?;
        if !rest.bytes().all(|b| b.is_ascii_graphic()) || rest.contains(['#', '@', '\\']) {
            return None;
        }
        let slash = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(slash);
        Some(Self {
            address: address(host)?,
            host: host.to_owned(),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
        })
    }

    /// A port of this task.
    pub fn local(port: u16, path: &str) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Self {
            address,
            host: address.to_string(),
            path: path.to_owned(),
        }
    }

    /// The same host, another path.
    pub fn with_path(&self, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            ..self.clone()
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.host, self.path)
    }
}

fn address(host: &str) -> Option<SocketAddr> {
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if host == "localhost" {
        return Some(SocketAddr::new(local, 80));
    }
    if let Some(port) = host.strip_prefix("localhost:") {
        return Some(SocketAddr::new(local, port.parse().ok()?));
    }
    let address = host.parse().ok().or_else(|| {
        let v6 = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let ip = match v6 {
            Some(v6) => IpAddr::V6(v6.parse::<Ipv6Addr>().ok()?),
            None => IpAddr::V4(host.parse::<Ipv4Addr>().ok()?),
        };
        Some(SocketAddr::new(ip, 80))
    })?;
    (address.port() != 0).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_jicofo_and_of_the_agent_are_read() {
        let read = |url: &str| Endpoint::parse(url).map(|e| (e.address.to_string(), e.host, e.path));
        let some = |a: &str, h: &str, p: &str| Some((a.to_owned(), h.to_owned(), p.to_owned()));
        assert_eq!(
            read("http://127.0.0.1:8888/stats"),
            some("127.0.0.1:8888", "127.0.0.1:8888", "/stats")
        );
        assert_eq!(
            read("http://localhost:8888/stats?full=true"),
            some("127.0.0.1:8888", "localhost:8888", "/stats?full=true")
        );
        assert_eq!(
            read("http://169.254.170.2/api/0123abcd-1"),
            some("169.254.170.2:80", "169.254.170.2", "/api/0123abcd-1")
        );
        assert_eq!(
            read("http://[fd00:ec2::172:1]"),
            some("[fd00:ec2::172:1]:80", "[fd00:ec2::172:1]", "/")
        );
        assert_eq!(read("http://[::1]:81/x"), some("[::1]:81", "[::1]:81", "/x"));
    }

    #[test]
    fn what_would_need_tls_a_look_up_or_a_guess_is_refused() {
        for url in [
            "",
            "127.0.0.1:8888/stats",
            "https://127.0.0.1/",
            "HTTP://127.0.0.1/",
            "http://",
            "http:///stats",
            "http://jicofo:8888/stats",
            "http://localhost:/stats",
            "http://localhost:99999/stats",
            "http://127.0.0.1:0/",
            "http://127.0.0.1/a b",
            "http://127.0.0.1/a\r\nX: y",
            "http://user@127.0.0.1/",
            "http://127.0.0.1/#x",
            "http://127.1/",
            "http://fd00::1/",
        ] {
            assert_eq!(Endpoint::parse(url), None, "{url}");
        }
    }
}
