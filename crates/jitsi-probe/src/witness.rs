//! A verifier that lets every certificate pass, and keeps it.
//!
//! A probe describes a certificate that is expired or of another name, instead of refusing it, and looks at what is behind.
//! So nothing secret may ever be sent over such a connection: this crate sends requests that strangers make, and a token
//! only where [`crate::certificate`], which judges the certificate, has found it good in all respects. What is still
//! verified here is the handshake itself, that the server has the certificate's key.

use std::sync::OnceLock;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

/// Sees the certificates of one handshake.
#[derive(Debug)]
pub(crate) struct Witness {
    algorithms: WebPkiSupportedAlgorithms,
    seen: OnceLock<Vec<CertificateDer<'static>>>,
}

impl Witness {
    pub(crate) fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self {
            algorithms,
            seen: OnceLock::new(),
        }
    }

    /// The certificates that the server sent, its own first; none if the handshake did not get that far.
    pub(crate) fn seen(&self) -> Option<&[CertificateDer<'static>]> {
        self.seen.get().map(Vec::as_slice)
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let own = std::iter::once(end_entity);
        let all = own.chain(intermediates).map(|it| it.clone().into_owned());
        // A connection has one handshake with certificates: rustls does not renegotiate.
        let _ = self.seen.set(all.collect());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
