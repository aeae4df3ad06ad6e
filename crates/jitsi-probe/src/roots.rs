//! Whom a visitor trusts: the roots of this machine, and those that are added to them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls_native_certs::load_native_certs;

/// Certificates of authorities, by which chains are judged. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Roots {
    store: Arc<RootCertStore>,
}

/// Why roots cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RootsError {
    /// This machine has none; then every certificate would look untrusted.
    #[error("this machine has no root certificates ({told})")]
    NoneHere {
        /// What was tried, or went wrong.
        told: String,
    },
    /// A file of certificates cannot be read, or is no PEM.
    #[error("cannot read the certificates in `{}`: {told}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        told: String,
    },
    /// There is no certificate in it.
    #[error("there is no certificate in `{}`", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is no certificate that can be a root.
    #[error("it is no certificate of an authority: {told}")]
    Unusable {
        /// What is wrong with it.
        told: String,
    },
}

impl Roots {
    /// None at all: nobody is trusted until one is added.
    pub fn none() -> Self {
        Self {
            store: Arc::new(RootCertStore::empty()),
        }
    }

    /// Those of this machine; `SSL_CERT_FILE` and `SSL_CERT_DIR` count as they do for OpenSSL. Single ones that cannot be read
    /// are left out.
    ///
    /// # Errors
    /// When there are none.
    pub fn native() -> Result<Self, RootsError> {
        let loaded = load_native_certs();
        let mut store = RootCertStore::empty();
        let (added, _) = store.add_parsable_certificates(loaded.certs);
        if added == 0 {
            let errors: Vec<String> = loaded.errors.iter().map(ToString::to_string).collect();
            let told = if errors.is_empty() {
                "none were found".to_owned()
            } else {
                errors.join("; ")
            };
            return Err(RootsError::NoneHere { told });
        }
        Ok(Self { store: Arc::new(store) })
    }

    /// Adds all certificates of a PEM file.
    ///
    /// # Errors
    /// When the file cannot be read, has no certificate, or has one that cannot be a root.
    pub fn with_file(mut self, path: &Path) -> Result<Self, RootsError> {
        let failed = |error: pem::Error| RootsError::File {
            path: path.to_owned(),
            told: error.to_string(),
        };
        let mut empty = true;
        for certificate in CertificateDer::pem_file_iter(path).map_err(failed)? {
            self = self.with_certificate(certificate.map_err(failed)?)?;
            empty = false;
        }
        if empty {
            return Err(RootsError::Empty { path: path.to_owned() });
        }
        Ok(self)
    }

    /// Adds one certificate.
    ///
    /// # Errors
    /// When it cannot be a root.
    pub fn with_certificate(mut self, certificate: CertificateDer<'static>) -> Result<Self, RootsError> {
        let added = Arc::make_mut(&mut self.store).add(certificate);
        added.map_err(|error| RootsError::Unusable {
            told: error.to_string(),
        })?;
        Ok(self)
    }

    pub(crate) fn store(&self) -> &RootCertStore {
        &self.store
    }
}
