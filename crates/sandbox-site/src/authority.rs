//! The sandbox's own authority, and the certificates that it makes on the spot.

use std::sync::Arc;
use std::time::Duration;

use aws_sandbox::SiteFault;
use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SigningKey};

/// No certificate can be made.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A key or a certificate is refused by the library that makes it.
    #[error("no certificate can be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A key that was made cannot be used.
    #[error("no key can be made: {0}")]
    Key(#[from] rustls::Error),
}

/// The name of a certificate where no other fits: where none is asked for, or a load balancer's own, for which nobody gets one.
const NO_NAME: &str = "site.invalid";
/// Whose certificate is shown when it is the wrong one, and who is named where the settings are another site's.
pub(crate) const ANOTHER_NAME: &str = "another-site.example";

const DAY: i64 = 86_400;
/// How long a certificate is valid for: so many days of them are over when it is shown, and one that has expired did so a day
/// before.
const VALID_DAYS: i64 = 90;
const DAYS_OVER: i64 = 30;

/// An authority that no one knows unless told.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The key of all certificates that it makes.
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
}

impl Authority {
    /// A new one. It is valid at any time that a sandbox reaches.
    pub(crate) fn new() -> Result<Self, AuthorityError> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name = named("aws-sandbox authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2200, 1, 1);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing = aws_lc_rs::sign::any_supported_type(&private)?;
        Ok(Self { issuer, key, signing })
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// What a server shows to whoever asks for this name (by SNI) at this time.
    pub(crate) fn issue(
        &self,
        asked: Option<&str>,
        now: Timestamp,
        fault: Option<SiteFault>,
    ) -> Result<CertifiedKey, AuthorityError> {
        let own = asked
            .filter(|name| !name.ends_with(".amazonaws.com"))
            .unwrap_or(NO_NAME);
        let name = if fault == Some(SiteFault::WrongName) {
            ANOTHER_NAME
        } else {
            own
        };
        let ends = match fault {
            Some(SiteFault::Expired) => now.as_second() - DAY,
            _ => now.as_second() + (VALID_DAYS - DAYS_OVER) * DAY,
        };
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        params.distinguished_name = named(name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let epoch = date_time_ymd(1970, 1, 1);
        params.not_before = epoch + seconds(ends - VALID_DAYS * DAY);
        params.not_after = epoch + seconds(ends);
        let certificate = params.signed_by(&self.key, &self.issuer)?;
        Ok(CertifiedKey::new(
            vec![certificate.der().clone()],
            Arc::clone(&self.signing),
        ))
    }
}

/// The common name must not be longer than 64 characters; browsers do not look at it.
fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    if name.len() <= 64 {
        distinguished.push(DnType::CommonName, name);
    }
    distinguished
}

fn seconds(count: i64) -> Duration {
    Duration::from_secs(u64::try_from(count).unwrap_or(0))
}
