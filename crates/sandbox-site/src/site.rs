//! The network of a sandbox: its names, its load balancers, and the site behind them.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_sandbox::{Sandbox, Serving, SiteFault};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jitsi_probe::{Addresses, CertificateDer, Network, ResolveError, Stream};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{DuplexStream, duplex};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, AuthorityError};
use crate::front::{self, Front};
use crate::jicofo::Jicofo;

/// After so much simulated time without an answer the system gives a connection up, as Linux does.
const GIVES_UP: Duration = Duration::from_secs(127);

/// So many bytes are under way at once in each direction.
const WINDOW: usize = 1 << 16;

/// What a visitor of a sandbox's platform meets. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    sandbox: Sandbox,
    authority: Arc<Authority>,
}

impl Site {
    /// The site of a sandbox, with a new authority.
    ///
    /// # Errors
    /// When no key or certificate can be made.
    pub fn of(sandbox: Sandbox) -> Result<Self, AuthorityError> {
        let authority = Arc::new(Authority::new()?);
        Ok(Self { sandbox, authority })
    }

    /// The certificate of the authority that has signed the site's: a visitor's root. It is another one for each [`Site::of`].
    pub fn authority(&self) -> CertificateDer<'static> {
        self.authority.certificate()
    }

    /// The same as PEM, as a file of authorities has it.
    pub fn authority_pem(&self) -> String {
        self.authority.pem()
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").finish_non_exhaustive()
    }
}

impl Network for Site {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Addresses, ResolveError>> {
        async move {
            let asked = self
                .sandbox
                .try_world(|world| (world.resolve(name), world.has_name(name)));
            match asked {
                Ok((found, _)) if !found.is_empty() => Ok(Addresses::from(found)),
                Ok((_, true)) => Err(ResolveError::NoAddress),
                Ok((_, false)) => Err(ResolveError::NoSuchName),
                Err(error) => Err(ResolveError::Unreachable {
                    told: error.to_string(),
                }),
            }
        }
        .boxed()
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        async move {
            let asked = self
                .sandbox
                .try_world(|world| world.serves(address.ip(), address.port()));
            match asked.map_err(io::Error::other)? {
                Serving::Silence => {
                    sleep(GIVES_UP.div_f64(self.sandbox.speed())).await;
                    Err(io::ErrorKind::TimedOut.into())
                }
                Serving::Refusal => Err(io::ErrorKind::ConnectionRefused.into()),
                Serving::Site {
                    service,
                    tls,
                    tls_by_task,
                    fault,
                } => {
                    let (here, there) = duplex(WINDOW);
                    let jicofo = Jicofo::of(self.sandbox.clone(), service);
                    let front = Front {
                        fault,
                        tls: tls_by_task,
                        jicofo,
                    };
                    if tls {
                        let acceptor = self.acceptor(fault).map_err(io::Error::other)?;
                        tokio::spawn(serve_tls(acceptor, there, front));
                    } else {
                        tokio::spawn(front::serve(there, front));
                    }
                    Ok(Box::new(here) as Box<dyn Stream>)
                }
            }
        }
        .boxed()
    }
}

impl Site {
    fn acceptor(&self, fault: Option<SiteFault>) -> Result<TlsAcceptor, rustls::Error> {
        let shown = Shown {
            authority: Arc::clone(&self.authority),
            now: self.sandbox.now(),
            fault,
        };
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(shown));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

async fn serve_tls(acceptor: TlsAcceptor, stream: DuplexStream, front: Front) {
    // A handshake that fails is told to the other side, which is the one that wants to know.
    if let Ok(stream) = acceptor.accept(stream).await {
        front::serve(stream, front).await;
    }
}

/// Makes the certificate that fits what is asked for.
struct Shown {
    authority: Arc<Authority>,
    now: Timestamp,
    fault: Option<SiteFault>,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown")
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Shown {
    /// Without a certificate the handshake is refused.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let made = self.authority.issue(hello.server_name(), self.now, self.fault);
        made.ok().map(Arc::new)
    }
}
