//! Connecting: the addresses of a name are tried in turn, until one of them is there.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::network::{Network, Stream};
use crate::report::seconds;

/// An address that took the connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Connection {
    /// The one that is visited.
    pub address: SocketAddr,
    /// How long it took to connect to it.
    #[serde(rename = "connect_seconds", serialize_with = "seconds")]
    pub took: Duration,
    /// Those that were tried before it, in vain. Some visitors meet them too.
    pub failed: Vec<Attempt>,
}

/// An address that did not take the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The address.
    pub address: SocketAddr,
    /// Why not.
    pub cause: ConnectCause,
}

/// Why an address does not take a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ConnectCause {
    /// Somebody is there, and nobody listens on the port.
    #[error("the connection is refused")]
    Refused,
    /// There is no way to it from this machine.
    #[error("there is no way to it from here")]
    Unreachable,
    /// No answer.
    #[error("there is no answer")]
    Timeout,
    /// Anything else.
    #[error("{told}")]
    Other {
        /// What the system said.
        told: String,
    },
}

/// No address has taken the connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConnectFailure {
    /// All of them, in the order in which they were tried.
    pub attempts: Vec<Attempt>,
}

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Attempt { address, cause }) in self.attempts.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}`{address}`: {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConnectFailure {}

impl From<&io::Error> for ConnectCause {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::AddrNotAvailable => {
                Self::Unreachable
            }
            io::ErrorKind::TimedOut => Self::Timeout,
            _ => Self::Other {
                told: error.to_string(),
            },
        }
    }
}

/// Tries the addresses in turn. Each may take its share of the time that is left, so that one that swallows everything does
/// not hide the next.
pub(crate) async fn connect(
    network: &dyn Network,
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
) -> Result<(Connection, Box<dyn Stream>), ConnectFailure> {
    let mut failed = Vec::new();
    for (tried, address) in addresses.iter().enumerate() {
        let address = SocketAddr::new(*address, port);
        let started = Instant::now();
        let share = deadline.saturating_duration_since(started) / u32::try_from(addresses.len() - tried).unwrap_or(1);
        let cause = match timeout_at(started + share, network.connect(address)).await {
            Ok(Ok(stream)) => {
                let took = started.elapsed();
                return Ok((Connection { address, took, failed }, stream));
            }
            Ok(Err(error)) => ConnectCause::from(&error),
            Err(_) => ConnectCause::Timeout,
        };
        failed.push(Attempt { address, cause });
    }
    Err(ConnectFailure { attempts: failed })
}
