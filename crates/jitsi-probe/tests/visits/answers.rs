//! HTTP: what comes back, and what never ends.

use std::time::Duration;

use jitsi_probe::{Fault, HttpFailure, LONGEST_PAGE, Page, PageFailure, Part, Visit, probe};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::sleep;
use tokio_rustls::server::TlsStream;

use crate::authority::{Authority, DOMAIN, now};
use crate::scene::{FRONT, Scene, acceptor, asked, done, page, told};

type Connection = TlsStream<DuplexStream>;

#[tokio::test(start_paused = true)]
async fn a_redirect_is_told_and_not_followed() {
    let authority = Authority::new();
    let answer = "HTTP/1.1 301 Moved Permanently\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n";
    let scene = Scene::saying(authority.good(), answer);
    let report = scene.visit(authority.roots()).await;
    let http = report.http.done().unwrap();
    assert_eq!(http.status, 301);
    assert_eq!(http.location.as_ref().unwrap().as_str(), "https://elsewhere.example/");
    assert_eq!(report.page, Part::NotTried);
    let location = http.location.clone();
    assert_eq!(report.faults(), [Fault::Status { status: 301, location }]);
    assert_eq!(*scene.asked.lock().unwrap(), [DOMAIN, "192.0.2.1:443"]);
}

#[tokio::test(start_paused = true)]
async fn a_page_counts_only_with_status_200() {
    for status in [204, 206, 404, 502, 503] {
        let body = FRONT.len();
        let report = told(format!("HTTP/1.1 {status} x\r\nContent-Length: {body}\r\n\r\n{FRONT}")).await;
        assert_eq!(report.page, Part::NotTried, "{status}");
        let location = None;
        assert_eq!(report.faults(), [Fault::Status { status, location }]);
    }
    let chunked = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{FRONT}\r\n0\r\n\r\n",
        FRONT.len()
    );
    for answer in [format!("HTTP/1.0 200 OK\r\n\r\n{FRONT}"), chunked] {
        assert_eq!(told(answer).await.faults(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn the_request_is_a_visitors_and_carries_nothing_else() {
    let authority = Authority::new();
    let acceptor = acceptor(authority.good());
    let (sender, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let scene = Scene::with(move |stream| {
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        async move {
            if let Some((mut stream, request)) = asked(acceptor, stream).await {
                sender.send(request).unwrap();
                let _ = stream.write_all(&page(FRONT)).await;
            }
        }
    });
    let mut visit = Visit::of(DOMAIN, authority.roots(), now());
    visit.path = "/room?x=1".to_owned();
    visit.port = 8443;
    let report = probe(&scene, &visit).await;
    assert_eq!(report.faults(), []);
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        requests.recv().await.unwrap(),
        format!(
            "GET /room?x=1 HTTP/1.1\r\nhost: {DOMAIN}:8443\r\nuser-agent: jitsi-probe/{version}\r\n\
             accept: text/html\r\nconnection: close\r\n\r\n"
        )
    );
    visit.path = "no path".to_owned();
    let report = probe(&scene, &visit).await;
    assert!(
        matches!(report.http, Part::Failed(HttpFailure::NoRequest { .. })),
        "{:?}",
        report.http
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_no_answer_is_told_by_what_it_is() {
    let failure = |report: jitsi_probe::Report| {
        assert_eq!(report.page, Part::NotTried);
        let cause = report.http.failed().cloned().unwrap();
        assert_eq!(report.faults(), [Fault::Http { cause: cause.clone() }]);
        (cause, report.took.as_secs())
    };
    assert_eq!(
        failure(told("SSH-2.0-OpenSSH_9.9\r\n\r\n").await),
        (HttpFailure::NotHttp, 0)
    );
    assert_eq!(failure(told("").await), (HttpFailure::CutOff, 0));
    assert_eq!(
        failure(told("HTTP/1.1 200 OK\r\nConte").await),
        (HttpFailure::CutOff, 0)
    );
    let silent = done(async |stream: Connection| {
        let _stream = stream;
        std::future::pending().await
    });
    assert_eq!(failure(silent.await), (HttpFailure::Timeout, 5));
}

async fn forever(mut stream: Connection, beginning: &[u8], more: &[u8]) {
    let mut write = stream.write_all(beginning).await;
    while write.is_ok() {
        write = stream.write_all(more).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_that_does_not_end_is_given_up() {
    let one = done(async |stream: Connection| forever(stream, b"HTTP/1.1 200 OK\r\nx: ", &[b'x'; 4096]).await);
    assert_eq!(one.await.http, Part::Failed(HttpFailure::TooLong));
    let many = done(async |stream: Connection| forever(stream, b"HTTP/1.1 200 OK\r\n", b"x: y\r\n").await);
    assert_eq!(many.await.http, Part::Failed(HttpFailure::TooLong));
    let informed = done(async |mut stream: Connection| {
        while stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").await.is_ok() {
            let _ = stream.flush().await;
            sleep(Duration::from_millis(100)).await;
        }
    });
    assert_eq!(informed.await.http, Part::Failed(HttpFailure::Timeout));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_does_not_end_is_given_up() {
    let fault = |report: jitsi_probe::Report| {
        assert_eq!(report.http.done().unwrap().status, 200);
        let cause = report.page.failed().cloned().unwrap();
        assert_eq!(report.faults(), [Fault::Unjudged { cause: cause.clone() }]);
        (cause, report.took.as_secs())
    };
    let endless = done(async |stream: Connection| forever(stream, b"HTTP/1.1 200 OK\r\n\r\n", &[b' '; 4096]).await);
    let limit = LONGEST_PAGE;
    assert_eq!(fault(endless.await), (PageFailure::TooLong { limit }, 0));
    let trickling = done(async |mut stream: Connection| {
        let mut write = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while write.is_ok() {
            sleep(Duration::from_secs(1)).await;
            write = stream.write_all(b"<").await;
            let _ = stream.flush().await;
        }
    });
    assert_eq!(fault(trickling.await), (PageFailure::Timeout, 5));
    let short = told("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n<html>").await;
    assert_eq!(fault(short), (PageFailure::CutOff, 0));
    let squeezed = told("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx").await;
    let (cause, _) = fault(squeezed);
    assert!(
        matches!(&cause, PageFailure::Encoded { encoding } if encoding.as_str() == "gzip"),
        "{cause:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn all_parts_together_end_at_the_overall_timeout() {
    let authority = Authority::new();
    let acceptor = acceptor(authority.good());
    let mut scene = Scene::with(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            sleep(Duration::from_secs(4)).await;
            if let Some((mut stream, _)) = asked(acceptor, stream).await {
                sleep(Duration::from_secs(4)).await;
                let _ = stream.write_all(&page(FRONT)).await;
                let _ = stream.read_u8().await;
            }
        }
    });
    scene.lag = Duration::from_secs(4);
    let report = scene.visit(authority.roots()).await;
    assert_eq!(report.tls.done().unwrap().took, Duration::from_secs(4));
    assert_eq!(report.http, Part::Failed(HttpFailure::Timeout));
    assert_eq!(report.took, Duration::from_secs(15));
    let mut visit = Visit::of(DOMAIN, authority.roots(), now());
    visit.timeouts.overall = Duration::MAX;
    let report = probe(&scene, &visit).await;
    assert_eq!((report.faults(), report.took), (Vec::new(), Duration::from_secs(16)));
}

#[tokio::test(start_paused = true)]
async fn the_page_of_another_site_is_no_jitsi_whatever_its_title() {
    let report = told(page("<title>Jitsi Meet</title><h1>Jitsi Meet</h1>")).await;
    assert!(
        matches!(report.page, Part::Done(Page::OtherSite { .. })),
        "{:?}",
        report.page
    );
    let Page::OtherSite { title } = report.page.done().cloned().unwrap() else {
        panic!("{:?}", report.page);
    };
    assert_eq!(report.faults(), [Fault::OtherSite { title }]);
}
