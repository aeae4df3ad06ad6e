//! How a site receives visitors who come to port 80 or offer HTTP/2.

use std::io::ErrorKind;
use std::sync::Arc;

use jitsi_probe::{ConnectCause, Fault, Foreign, Part, Plain, Reception, Visit, reception};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;

use crate::authority::{Authority, DOMAIN, now};
use crate::scene::{Scene, Taker, asked, config, served};

/// The reception of a site that says this at each port; both are at one address.
async fn received(plain: Option<&'static str>, head: &'static str, protocols: &[&[u8]]) -> Reception {
    let authority = Authority::new();
    let mut config = config(authority.good());
    config.alpn_protocols = protocols.iter().map(|it| it.to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let secure = served(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Some((mut stream, _)) = asked(acceptor, stream).await {
                let _ = stream.write_all(head.as_bytes()).await;
            }
        }
    });
    let mut scene = Scene::of(&[("192.0.2.1", secure)]);
    let plain = plain.map_or(Taker::Fails(ErrorKind::ConnectionRefused), |plain| {
        served(async move |mut stream: DuplexStream| {
            let _ = stream.read_u8().await;
            let _ = stream.write_all(plain.as_bytes()).await;
        })
    });
    scene.plain = Some(plain);
    reception(&scene, &Visit::of(DOMAIN, authority.roots(), now())).await
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn how_a_site_receives_visitors_is_noted_and_not_judged() {
    let redirect = "HTTP/1.1 301 x\r\nLocation: https://MEET.example.org:443/\r\n\r\n";
    let strict = "HTTP/1.1 200 OK\r\nStrict-Transport-Security: max-age=63072000\r\nContent-Length: 0\r\n\r\n";
    let noted = received(Some(redirect), strict, &[b"h2", b"http/1.1"]).await;
    assert_eq!(
        noted,
        Reception {
            plain: Part::Done(Plain::Upgraded { status: 301 }),
            http2: Part::Done(true),
            hsts: Part::Done(Some(Foreign::new("max-age=63072000"))),
        }
    );
    let noted = received(Some(OK), OK, &[b"http/1.1"]).await;
    assert_eq!(noted.plain, Part::Done(Plain::Answered { status: 200 }));
    assert_eq!((noted.http2, noted.hsts), (Part::Done(false), Part::Done(None)));
    for elsewhere in [
        "https://other.example.org/",
        "http://meet.example.org/",
        "https://meet.example.org:8443/",
        "/x",
    ] {
        let redirect: &'static str = format!("HTTP/1.1 302 x\r\nLocation: {elsewhere}\r\n\r\n").leak();
        let (status, location) = (302, Foreign::new(elsewhere));
        let noted = received(Some(redirect), OK, &[]).await;
        assert_eq!(noted.plain, Part::Done(Plain::SentElsewhere { status, location }));
    }
    let noted = received(None, OK, &[]).await;
    let Part::Failed(Fault::Connection { cause }) = &noted.plain else {
        panic!("{noted:?}");
    };
    assert_eq!(cause.attempts[0].cause, ConnectCause::Refused);
    assert_eq!(noted.hsts, Part::Done(None));
}
