//! The certificate of a site, described and judged: each question on its own, so that one that is expired and of another name
//! is told to be both.
//!
//! Revocation is not looked up, as browsers mostly do not.

use std::net::IpAddr;

use jiff::Timestamp;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use serde::Serialize;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use crate::roots::Roots;
use crate::text::Foreign;

/// What a certificate says of itself, and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Whose it is, such as `CN=meet.example.org`. May be empty: browsers look only at `names`.
    pub subject: Foreign,
    /// Who has signed it.
    pub issuer: Foreign,
    /// The DNS names, and the addresses, that it is for.
    pub names: Vec<Foreign>,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
    /// Whole days from the time of the visit until `not_after`, rounded down: 0 on the last day, negative afterwards.
    pub days_left: i64,
    /// Whether the time of the visit lies between the two.
    pub validity: Validity,
    /// Whether one of `names` is the visited one; a wildcard stands for one label.
    pub covers_name: bool,
    /// Whether its chain leads to one of the visitor's roots. Its own validity is left out of account.
    pub trust: Trust,
    /// How many certificates the server sent, this one included. Public authorities need at least two.
    pub sent: usize,
}

/// Certificates with fewer days left are warned of; those of Let's Encrypt are renewed at 30.
const DAYS_LEFT: i64 = 21;

impl Certificate {
    /// Whether it should have been renewed by now.
    #[must_use]
    pub fn wants_renewal(&self) -> bool {
        self.days_left < DAYS_LEFT
    }
}

/// Where the time of the visit lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    /// Within the certificate's validity.
    Valid,
    /// Before it.
    NotYet,
    /// After it.
    Expired,
}

/// Whether a chain leads to one of the visitor's roots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Trust {
    /// It does.
    Trusted,
    /// It has signed itself, and is no root of the visitor's.
    SelfSigned,
    /// Its issuer is not known: no authority of the visitor's, or the server does not send the certificates in between.
    UnknownIssuer,
    /// Another certificate of the chain is out of its validity.
    ChainExpired,
    /// Something else is wrong with the chain.
    Refused {
        /// The verifier's words.
        told: String,
    },
}

/// It is no certificate that can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("the certificate cannot be read: {told}")]
pub struct Unreadable {
    /// What is wrong with it.
    pub told: String,
}

impl Unreadable {
    fn because(told: impl ToString) -> Self {
        Self { told: told.to_string() }
    }
}

/// By what certificates are judged.
pub(crate) struct Judge<'a> {
    pub(crate) name: &'a ServerName<'static>,
    pub(crate) roots: &'a Roots,
    pub(crate) now: Timestamp,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
}

impl Judge<'_> {
    /// Describes the first certificate of those that a server has sent.
    ///
    /// # Errors
    /// When it cannot be read, or there is none.
    pub(crate) fn describe(&self, sent: &[CertificateDer<'static>]) -> Result<Certificate, Unreadable> {
        let (own, others) = sent.split_first().ok_or_else(|| Unreadable::because("there is none"))?;
        let (_, fields) = X509Certificate::from_der(own).map_err(Unreadable::because)?;
        let parsed = ParsedCertificate::try_from(own).map_err(Unreadable::because)?;
        let not_before = instant(fields.validity().not_before)?;
        let not_after = instant(fields.validity().not_after)?;
        Ok(Certificate {
            subject: Foreign::new(fields.subject().to_string()),
            issuer: Foreign::new(fields.issuer().to_string()),
            names: names(&fields)?,
            not_before,
            not_after,
            days_left: (not_after.as_second() - self.now.as_second()).div_euclid(86_400),
            validity: match self.now {
                now if now < not_before => Validity::NotYet,
                now if now > not_after => Validity::Expired,
                _ => Validity::Valid,
            },
            covers_name: verify_server_name(&parsed, self.name).is_ok(),
            trust: self.trust(
                &fields,
                &parsed,
                others,
                self.now.clamp(not_before, not_after.max(not_before)),
            ),
            sent: sent.len(),
        })
    }

    /// The verifier's verdict at a time within the certificate's own validity, so that what it finds is about the chain.
    fn trust(
        &self,
        fields: &X509Certificate<'_>,
        parsed: &ParsedCertificate<'_>,
        others: &[CertificateDer<'_>],
        at: Timestamp,
    ) -> Trust {
        let at = u64::try_from(at.as_second()).unwrap_or(0);
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
        let roots = self.roots.store();
        let verdict = verify_server_cert_signed_by_trust_anchor(parsed, roots, others, at, self.algorithms.all);
        let Err(error) = verdict else {
            return Trust::Trusted;
        };
        if fields.subject().as_raw() == fields.issuer().as_raw() {
            return Trust::SelfSigned;
        }
        match &error {
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => Trust::UnknownIssuer,
            Error::InvalidCertificate(
                CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. },
            ) => Trust::ChainExpired,
            _ => Trust::Refused {
                told: error.to_string(),
            },
        }
    }
}

fn instant(time: ASN1Time) -> Result<Timestamp, Unreadable> {
    Timestamp::from_second(time.timestamp()).map_err(Unreadable::because)
}

fn names(fields: &X509Certificate<'_>) -> Result<Vec<Foreign>, Unreadable> {
    let extension = fields.subject_alternative_name().map_err(Unreadable::because)?;
    let names = extension.iter().flat_map(|it| &it.value.general_names);
    Ok(names.filter_map(name).collect())
}

fn name(name: &GeneralName<'_>) -> Option<Foreign> {
    match name {
        GeneralName::DNSName(name) => Some(Foreign::new(*name)),
        GeneralName::IPAddress(bytes) => {
            let v4 = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            let address = v4.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.ok().map(|address| Foreign::new(address.to_string()))
        }
        _ => None,
    }
}
