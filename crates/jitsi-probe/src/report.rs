//! What a visit has found.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::certificate::{Certificate, Unreadable};
use crate::connection::{ConnectFailure, Connection};
use crate::http::{Answer, HttpFailure};
use crate::network::{Addresses, ResolveError};
use crate::page::{Page, PageFailure};
use crate::part::Part;
use crate::tls::{Tls, TlsFailure};
use crate::visit::Visit;

/// What a visit has found, part by part. It is data: [`Report::faults`] says what of it is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The name that was visited.
    pub domain: String,
    /// The port.
    pub port: u16,
    /// The path.
    pub path: String,
    /// DNS.
    pub addresses: Part<Addresses, ResolveError>,
    /// TCP.
    pub connection: Part<Connection, ConnectFailure>,
    /// The handshake, whatever the certificate is worth.
    pub tls: Part<Tls, TlsFailure>,
    /// The certificate; known also where the handshake failed after it.
    pub certificate: Part<Certificate, Unreadable>,
    /// The head of the answer.
    pub http: Part<Answer, HttpFailure>,
    /// The page; tried only where the status is 200.
    pub page: Part<Page, PageFailure>,
    /// How long all of it took.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub took: Duration,
}

impl Report {
    /// Nothing was tried yet.
    pub(crate) fn untried(visit: &Visit) -> Self {
        Self {
            domain: visit.domain.clone(),
            port: visit.port,
            path: visit.path.clone(),
            addresses: Part::NotTried,
            connection: Part::NotTried,
            tls: Part::NotTried,
            certificate: Part::NotTried,
            http: Part::NotTried,
            page: Part::NotTried,
            took: Duration::ZERO,
        }
    }
}

/// Seconds with three decimals.
pub(crate) fn seconds<S: Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((span.as_secs_f64() * 1000.0).round() / 1000.0)
}
