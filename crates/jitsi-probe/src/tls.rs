//! The TLS handshake, as a probe makes it: every certificate passes, and is described.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, Error, ProtocolVersion};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::network::Stream;
use crate::report::seconds;
use crate::witness::Witness;

/// A handshake that was completed, whatever the certificate is worth.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tls {
    /// The version that both speak.
    pub version: TlsVersion,
    /// How long the handshake took.
    #[serde(rename = "handshake_seconds", serialize_with = "seconds")]
    pub took: Duration,
}

/// A version of TLS. Older ones are not spoken here, nor by browsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TlsVersion {
    /// TLS 1.2.
    #[serde(rename = "1.2")]
    V1_2,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    V1_3,
}

/// Why there was no handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TlsFailure {
    /// What came back is no TLS; plain HTTP, for example.
    #[error("what answers speaks no TLS")]
    NotTls,
    /// The server refuses.
    #[error("the server refuses the handshake ({alert})")]
    Refused {
        /// The alert by its name in the TLS standard, such as `HandshakeFailure`.
        alert: String,
    },
    /// The two have no version or algorithm in common.
    #[error("the server speaks no TLS that browsers speak ({told})")]
    NothingInCommon {
        /// What is missing.
        told: String,
    },
    /// The server does not show that the certificate is its own.
    #[error("the server does not show that the certificate is its own ({told})")]
    Unproven {
        /// What is wrong.
        told: String,
    },
    /// The connection was closed in the middle.
    #[error("the connection is closed during the handshake")]
    CutOff,
    /// The server has not answered in time.
    #[error("there is no answer to the handshake")]
    Timeout,
    /// Anything else.
    #[error("{told}")]
    Other {
        /// What was said.
        told: String,
    },
}

/// What a handshake has shown.
pub(crate) struct Handshake {
    /// The certificates that were sent, also where the handshake failed afterwards.
    pub(crate) certificates: Option<Vec<CertificateDer<'static>>>,
    pub(crate) outcome: Result<(Tls, TlsStream<Box<dyn Stream>>), TlsFailure>,
}

/// What is offered by those who speak no newer HTTP.
pub(crate) const HTTP_1: &[&[u8]] = &[b"http/1.1"];

/// What browsers offer.
pub(crate) const HTTP_2_OR_1: &[&[u8]] = &[b"h2", b"http/1.1"];

/// Makes a handshake for a name that is asked for by SNI. `protocols` are offered by ALPN.
pub(crate) async fn handshake(
    provider: &Arc<CryptoProvider>,
    name: &ServerName<'static>,
    protocols: &[&[u8]],
    stream: Box<dyn Stream>,
    deadline: Instant,
) -> Handshake {
    let witness = Arc::new(Witness::new(provider.signature_verification_algorithms));
    let outcome = match config(provider, protocols, &witness) {
        Ok(config) => greet(config, name, stream, deadline, &witness).await,
        Err(error) => Err(TlsFailure::of(&error, false)),
    };
    Handshake {
        certificates: witness.seen().map(<[_]>::to_vec),
        outcome,
    }
}

fn config(provider: &Arc<CryptoProvider>, protocols: &[&[u8]], witness: &Arc<Witness>) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(witness) as _)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
    // Each visit is a first one.
    config.resumption = Resumption::disabled();
    Ok(config)
}

async fn greet(
    config: ClientConfig,
    name: &ServerName<'static>,
    stream: Box<dyn Stream>,
    deadline: Instant,
    witness: &Witness,
) -> Result<(Tls, TlsStream<Box<dyn Stream>>), TlsFailure> {
    let started = Instant::now();
    let connector = TlsConnector::from(Arc::new(config));
    let connected = timeout_at(deadline, connector.connect(name.clone(), stream)).await;
    let stream = connected
        .map_err(|_| TlsFailure::Timeout)?
        .map_err(|error| TlsFailure::of_io(&error, witness.seen().is_some()))?;
    let version = match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => TlsVersion::V1_3,
        _ => TlsVersion::V1_2,
    };
    let took = started.elapsed();
    Ok((Tls { version, took }, stream))
}

impl TlsFailure {
    fn of_io(error: &io::Error, far: bool) -> Self {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        match inner {
            Some(error) => Self::of(error, far),
            None if is_cut_off(error) => Self::CutOff,
            None => Self::Other {
                told: error.to_string(),
            },
        }
    }

    /// `far`: certificates had been seen, so it was TLS.
    fn of(error: &Error, far: bool) -> Self {
        let told = error.to_string();
        match error {
            Error::InvalidMessage(_) if !far => Self::NotTls,
            Error::AlertReceived(alert) => Self::Refused {
                alert: format!("{alert:?}"),
            },
            Error::PeerIncompatible(_) => Self::NothingInCommon { told },
            Error::InvalidCertificate(_) => Self::Unproven { told },
            _ => Self::Other { told },
        }
    }
}

/// Whether the other side has closed the connection.
pub(crate) fn is_cut_off(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
    )
}

/// The system's error in a chain of causes, if there is one.
pub(crate) fn io_cause<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e io::Error> {
    let mut current = Some(error);
    while let Some(error) = current {
        if let Some(found) = error.downcast_ref::<io::Error>() {
            return Some(found);
        }
        current = error.source();
    }
    None
}
