//! A network in memory: what names lead to, and who takes connections.

use std::collections::BTreeMap;
use std::future::pending;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jitsi_probe::{Addresses, Network, Report, ResolveError, Roots, Stream, Visit, probe};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::authority::{Authority, Chain, DOMAIN, now};

pub(crate) const ADDRESS: &str = "192.0.2.1";

/// Jitsi's front page, as short as it can be.
pub(crate) const FRONT: &str = "<!doctype html><html><head><title>Jitsi Meet</title>\
    <script src=\"libs/lib-jitsi-meet.min.js?v=1\"></script><script src=\"libs/app.bundle.min.js?v=1\"></script></head>\
    <body><div id=\"react\"></div></body></html>";

/// What becomes of a connection.
type Server = Arc<dyn Fn(DuplexStream) -> BoxFuture<'static, ()> + Send + Sync>;

#[derive(Clone)]
pub(crate) enum Taker {
    Serves(Server),
    Fails(io::ErrorKind),
    /// Nobody answers.
    Silent,
}

pub(crate) struct Scene {
    /// `None`: no answer ever comes.
    pub(crate) resolved: Option<Result<Addresses, ResolveError>>,
    pub(crate) takers: BTreeMap<IpAddr, Taker>,
    /// At port 80 of every address, if it is another one there.
    pub(crate) plain: Option<Taker>,
    /// Before a name is answered, and before a connection is taken.
    pub(crate) lag: Duration,
    /// What was asked for: names and addresses.
    pub(crate) asked: Mutex<Vec<String>>,
}

impl Scene {
    pub(crate) fn of(takers: &[(&str, Taker)]) -> Self {
        let takers: Vec<(IpAddr, Taker)> = takers.iter().map(|(it, taker)| (ip(it), taker.clone())).collect();
        let addresses: Vec<IpAddr> = takers.iter().map(|(address, _)| *address).collect();
        Self {
            resolved: Some(Ok(Addresses::from(addresses))),
            takers: takers.into_iter().collect(),
            plain: None,
            lag: Duration::ZERO,
            asked: Mutex::default(),
        }
    }

    /// One address, at which this server is.
    pub(crate) fn with<F: Future<Output = ()> + Send + 'static>(
        serve: impl Fn(DuplexStream) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::of(&[(ADDRESS, served(serve))])
    }

    /// One address, at which this comes after a handshake and a request.
    pub(crate) fn saying(chain: Chain, answer: impl Into<Vec<u8>>) -> Self {
        let (acceptor, answer) = (acceptor(chain), answer.into());
        Self::with(move |stream| say(acceptor.clone(), stream, answer.clone()))
    }

    pub(crate) fn failing(cause: ResolveError) -> Self {
        let mut scene = Self::of(&[]);
        scene.resolved = Some(Err(cause));
        scene
    }

    pub(crate) async fn visit(&self, roots: Roots) -> Report {
        probe(self, &Visit::of(DOMAIN, roots, now())).await
    }
}

impl Network for Scene {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Addresses, ResolveError>> {
        async move {
            self.asked.lock().unwrap().push(name.to_owned());
            tokio::time::sleep(self.lag).await;
            match &self.resolved {
                Some(resolved) => resolved.clone(),
                None => pending().await,
            }
        }
        .boxed()
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        async move {
            self.asked.lock().unwrap().push(address.to_string());
            tokio::time::sleep(self.lag).await;
            let plain = self.plain.as_ref().filter(|_| address.port() == 80);
            match plain.unwrap_or(&self.takers[&address.ip()]) {
                Taker::Serves(serve) => {
                    let (here, there) = tokio::io::duplex(1 << 14);
                    tokio::spawn(serve(there));
                    Ok(Box::new(here) as Box<dyn Stream>)
                }
                Taker::Fails(kind) => Err((*kind).into()),
                Taker::Silent => pending().await,
            }
        }
        .boxed()
    }
}

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(crate) fn served<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(DuplexStream) -> F + Send + Sync + 'static,
) -> Taker {
    Taker::Serves(Arc::new(move |stream| serve(stream).boxed()))
}

/// The front of a Jitsi Meet with this certificate.
pub(crate) fn front(chain: Chain) -> Taker {
    let (acceptor, answer) = (acceptor(chain), page(FRONT));
    served(move |stream| say(acceptor.clone(), stream, answer.clone()))
}

pub(crate) fn config(chain: Chain) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    builder
        .with_no_client_auth()
        .with_single_cert(chain.certificates, chain.key)
        .unwrap()
}

pub(crate) fn acceptor(chain: Chain) -> TlsAcceptor {
    TlsAcceptor::from(Arc::new(config(chain)))
}

/// A page with status 200.
pub(crate) fn page(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

/// After the handshake, and the whole head of a request, which is given too.
pub(crate) async fn asked(acceptor: TlsAcceptor, stream: DuplexStream) -> Option<(TlsStream<DuplexStream>, String)> {
    let mut stream = acceptor.accept(stream).await.ok()?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    Some((stream, String::from_utf8(request).ok()?))
}

async fn say(acceptor: TlsAcceptor, stream: DuplexStream, answer: Vec<u8>) {
    if let Some((mut stream, _)) = asked(acceptor, stream).await {
        let _ = stream.write_all(&answer).await;
        let _ = stream.shutdown().await;
    }
}

/// A visit of a site with a good certificate that says this.
pub(crate) async fn told(answer: impl Into<Vec<u8>>) -> Report {
    let authority = Authority::new();
    Scene::saying(authority.good(), answer).visit(authority.roots()).await
}

/// A visit of a site with a good certificate that does this after the request.
pub(crate) async fn done<F: Future<Output = ()> + Send + 'static>(
    act: impl Fn(TlsStream<DuplexStream>) -> F + Copy + Send + Sync + 'static,
) -> Report {
    let authority = Authority::new();
    let acceptor = acceptor(authority.good());
    let scene = Scene::with(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Some((stream, _)) = asked(acceptor, stream).await {
                act(stream).await;
            }
        }
    });
    scene.visit(authority.roots()).await
}
