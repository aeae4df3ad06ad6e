//! An authority that signs whatever a test wants.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};
use jitsi_probe::{CertificateDer, Roots};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;

/// The visited name of nearly all tests.
pub(crate) const DOMAIN: &str = "meet.example.org";

/// When all visits take place.
pub(crate) fn now() -> Timestamp {
    "2026-01-15T18:00:00Z".parse().unwrap()
}

/// So many hours from the visit.
pub(crate) fn hours(count: i64) -> Timestamp {
    now() + count.hours()
}

/// Certificates with the key of the first one.
pub(crate) struct Chain {
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// What a server has to send beside its own certificate.
    between: Vec<CertificateDer<'static>>,
}

fn params(name: &str, names: &[&str], from: Timestamp, until: Timestamp) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(from.as_second() as u64);
    params.not_after = epoch + Duration::from_secs(until.as_second() as u64);
    params
}

fn authority_params(name: &str, until: Timestamp) -> CertificateParams {
    let mut params = params(name, &[], hours(-90_000), until);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("Test Root")
    }

    pub(crate) fn named(name: &str) -> Self {
        let params = authority_params(name, hours(90_000));
        Self {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap(),
            between: Vec::new(),
        }
    }

    /// An authority below this one, whose own certificate is valid until then.
    pub(crate) fn below(&self, until: Timestamp) -> Self {
        let params = authority_params("Test Intermediate", until);
        let issuer = CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.issuer).unwrap();
        let between = vec![issuer.der().clone()];
        Self { issuer, between }
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots::none().with_certificate(self.issuer.der().clone()).unwrap()
    }

    pub(crate) fn issue(&self, names: &[&str], from: Timestamp, until: Timestamp) -> Chain {
        let key = KeyPair::generate().unwrap();
        let own = params(names[0], names, from, until)
            .signed_by(&key, &self.issuer)
            .unwrap();
        let mut certificates = vec![own.der().clone()];
        certificates.extend(self.between.iter().cloned());
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        Chain { certificates, key }
    }

    /// For [`DOMAIN`], with 30 days left.
    pub(crate) fn good(&self) -> Chain {
        self.issue(&[DOMAIN], hours(-24), hours(30 * 24))
    }
}

/// A certificate that has signed itself.
pub(crate) fn self_signed() -> Chain {
    let key = KeyPair::generate().unwrap();
    let own = params(DOMAIN, &[DOMAIN], hours(-24), hours(24))
        .self_signed(&key)
        .unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    Chain {
        certificates: vec![own.der().clone()],
        key,
    }
}
