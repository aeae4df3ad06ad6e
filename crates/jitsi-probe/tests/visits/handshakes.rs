//! TLS handshakes that fail, each for its own reason.

use std::sync::Arc;
use std::time::Duration;

use jitsi_probe::{Fault, Part, Report, Roots, TlsFailure, TlsVersion};
use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::TLS12;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, Chain};
use crate::scene::{Scene, acceptor, config};

async fn failure(scene: Scene) -> (TlsFailure, Report) {
    let report = scene.visit(Roots::none()).await;
    let cause = report.tls.failed().cloned().unwrap();
    assert_eq!(report.http, Part::NotTried);
    assert_eq!(report.faults()[0], Fault::Tls { cause: cause.clone() });
    (cause, report)
}

/// Says this to whoever has said something.
fn saying(answer: &'static [u8]) -> Scene {
    Scene::with(async |mut stream: DuplexStream| {
        let _ = stream.read_u8().await;
        let _ = stream.write_all(answer).await;
    })
}

async fn shake(acceptor: TlsAcceptor, stream: DuplexStream) {
    if let Ok(mut stream) = acceptor.accept(stream).await {
        let _ = stream.read_u8().await;
    }
}

fn shaking(config: ServerConfig) -> Scene {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Scene::with(move |stream| shake(acceptor.clone(), stream))
}

#[tokio::test(start_paused = true)]
async fn what_speaks_no_tls_is_told_from_what_says_nothing_or_hangs_up() {
    let (cause, report) = failure(saying(b"HTTP/1.1 400 Bad Request\r\n\r\n")).await;
    assert_eq!((cause, report.certificate), (TlsFailure::NotTls, Part::NotTried));
    let (cause, _) = failure(Scene::with(async |_: DuplexStream| {})).await;
    assert_eq!(cause, TlsFailure::CutOff);
    let (cause, report) = failure(Scene::with(async |stream: DuplexStream| {
        let _stream = stream;
        std::future::pending().await
    }))
    .await;
    assert_eq!((cause, report.took), (TlsFailure::Timeout, Duration::from_secs(5)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_refuses_is_told_with_its_alert() {
    let mut picky = config(Authority::new().good());
    picky.alpn_protocols = vec![b"acme-tls/1".to_vec()];
    let (cause, _) = failure(shaking(picky)).await;
    let alert = "NoApplicationProtocol".to_owned();
    assert_eq!(cause, TlsFailure::Refused { alert });
    // A fatal alert of a server that knows no such name.
    let (cause, _) = failure(saying(&[21, 3, 3, 0, 2, 2, 112])).await;
    let alert = "UnrecognisedName".to_owned();
    assert_eq!(cause, TlsFailure::Refused { alert });
}

/// Shows a certificate whose key it does not have.
#[derive(Debug)]
struct Thief(Arc<CertifiedKey>);

impl ResolvesServerCert for Thief {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_without_the_certificates_key_is_not_talked_to_though_its_certificate_is_told() {
    let authority = Authority::new();
    let (shown, own): (Chain, Chain) = (authority.good(), authority.good());
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let key = provider.key_provider.load_private_key(own.key).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::new(provider));
    let builder = builder
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    let thief = Thief(Arc::new(CertifiedKey::new(shown.certificates, key)));
    let (cause, report) = failure(shaking(builder.with_cert_resolver(Arc::new(thief)))).await;
    assert!(matches!(cause, TlsFailure::Unproven { .. }), "{cause:?}");
    assert!(report.certificate.done().unwrap().covers_name);
}

#[tokio::test(start_paused = true)]
async fn both_versions_that_browsers_speak_are_spoken() {
    let authority = Authority::new();
    let chain = authority.good();
    let builder = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let older = builder.with_protocol_versions(&[&TLS12]).unwrap().with_no_client_auth();
    let older = older.with_single_cert(chain.certificates, chain.key).unwrap();
    let newer = acceptor(authority.good());
    for (scene, version) in [
        (shaking(older), TlsVersion::V1_2),
        (
            Scene::with(move |stream| shake(newer.clone(), stream)),
            TlsVersion::V1_3,
        ),
    ] {
        let report = scene.visit(authority.roots()).await;
        assert_eq!(report.tls.done().unwrap().version, version);
    }
}
