//! The world outside, as small as a visit needs it: names lead to addresses, and addresses can be connected to.
//!
//! [`crate::Internet`] is the real one. The same probe runs over any other, such as one in memory.

use std::io;
use std::net::{IpAddr, SocketAddr};

use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Where visits take place.
pub trait Network: Send + Sync {
    /// The addresses that a name leads to, at least one.
    ///
    /// # Errors
    /// When there are none, or when that cannot be told: see [`ResolveError`].
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Addresses, ResolveError>>;

    /// Connects to an address. Whoever calls limits the time.
    ///
    /// # Errors
    /// When nobody takes the connection; the kind of the error counts.
    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Stream>>>;
}

/// To where a name leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addresses {
    /// In the order in which they are tried: IPv6 first, as browsers do (RFC 6724).
    pub found: Vec<IpAddr>,
    /// Why the addresses of the other family are not known. IPv4 and IPv6 are two questions; this is set when one of them
    /// was answered with addresses and the other one not at all.
    pub unknown: Option<ResolveError>,
}

impl From<Vec<IpAddr>> for Addresses {
    fn from(mut found: Vec<IpAddr>) -> Self {
        found.sort_by_key(IpAddr::is_ipv4);
        Self { found, unknown: None }
    }
}

/// Why a name leads to no address. Only the first three say something about the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ResolveError {
    /// It cannot be a host name.
    #[error("it is no host name")]
    InvalidName,
    /// NXDOMAIN: the name does not exist.
    #[error("there is no such name")]
    NoSuchName,
    /// The name exists, but has no address, neither IPv4 nor IPv6.
    #[error("the name has no address")]
    NoAddress,
    /// The name server has failed, or refuses.
    #[error("the name server answers {code}")]
    ServerFailed {
        /// Such as `SERVFAIL` or `REFUSED`.
        code: String,
    },
    /// No name server has answered in time.
    #[error("no name server answers")]
    NoAnswer,
    /// No name server can be reached.
    #[error("no name server can be reached: {told}")]
    Unreachable {
        /// What the system said.
        told: String,
    },
    /// What the name server answers makes no sense.
    #[error("the name server's answer is not understood: {told}")]
    NotUnderstood {
        /// What is wrong with it.
        told: String,
    },
}

impl ResolveError {
    /// Whether it is known that the name has no address, rather than that nothing is known of it.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::InvalidName | Self::NoSuchName | Self::NoAddress)
    }
}
