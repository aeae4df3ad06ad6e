//! The site's web server: what docker-jitsi-meet's gives, and what it passes on to prosody.

use std::convert::Infallible;

use aws_sandbox::SiteFault;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, STRICT_TRANSPORT_SECURITY};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jitsi_probe::Stream;

use crate::authority::ANOTHER_NAME;
use crate::files;
use crate::jicofo::Jicofo;
use crate::prosody::Session;
use crate::websocket::{self, Wanted};

/// What answers at the other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Front {
    pub(crate) fault: Option<SiteFault>,
    /// Whether the web server knows that the visitor has come over TLS.
    pub(crate) tls: bool,
    pub(crate) jicofo: Jicofo,
}

type Answer = Response<Full<Bytes>>;

const HTML: &str = "text/html";
const SCRIPT: &str = "application/javascript";

/// Answers the requests of one connection, until it is closed or handed over to a websocket.
pub(crate) async fn serve(stream: impl Stream + 'static, front: Front) {
    let answer = service_fn(async |request| Ok::<_, Infallible>(front.meet(request)));
    // Whoever hangs up has seen enough.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades()
        .await;
}

impl Front {
    /// Answers a request, and holds the conversation that it begins, if it does.
    fn meet(&self, mut request: Request<Incoming>) -> Answer {
        let answer = answer(&request, self.fault, self.tls);
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            let session = Session::new(self.fault, websocket::shows_token(request.uri().query()));
            let upgrade = hyper::upgrade::on(&mut request);
            tokio::spawn(websocket::converse(upgrade, session, self.jicofo.clone()));
        }
        answer
    }
}

fn answer<B>(request: &Request<B>, fault: Option<SiteFault>, tls: bool) -> Answer {
    let mut answer = routed(request, fault);
    // nginx has this in its server for TLS only, for answers of any status.
    if tls && fault != Some(SiteFault::OtherSite) {
        let two_years = HeaderValue::from_static("max-age=63072000");
        answer.headers_mut().insert(STRICT_TRANSPORT_SECURITY, two_years);
    }
    answer
}

fn routed<B>(request: &Request<B>, fault: Option<SiteFault>) -> Answer {
    if fault == Some(SiteFault::BadGateway) {
        return refusal(StatusCode::BAD_GATEWAY);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return refusal(StatusCode::METHOD_NOT_ALLOWED);
    }
    match (request.uri().path(), fault) {
        (path, Some(SiteFault::OtherSite)) if is_page(path) => given(HTML, files::OTHER),
        (_, Some(SiteFault::OtherSite)) => refusal(StatusCode::NOT_FOUND),
        ("/config.js", fault) => config(request, fault),
        ("/external_api.js", _) => given(SCRIPT, files::EXTERNAL_API),
        ("/libs/lib-jitsi-meet.min.js" | "/libs/app.bundle.min.js", Some(SiteFault::NoBundles)) => {
            given(HTML, files::FRONT)
        }
        ("/libs/lib-jitsi-meet.min.js", _) => given(SCRIPT, files::library()),
        ("/libs/app.bundle.min.js", _) => given(SCRIPT, files::app()),
        ("/http-bind" | "/xmpp-websocket", Some(SiteFault::NoProsody)) => refusal(StatusCode::BAD_GATEWAY),
        ("/http-bind", _) => {
            let told = "It works! Now point your BOSH client to this URL to connect to Prosody.";
            given(HTML, files::of_prosody("Prosody BOSH endpoint", told))
        }
        ("/xmpp-websocket", fault) if fault != Some(SiteFault::NoWebsocket) => upgraded(request, fault),
        (path, _) if is_page(path) => given(HTML, files::FRONT),
        _ => refusal(StatusCode::NOT_FOUND),
    }
}

/// The front page and every room: Jitsi's server gives the same page for both, and looks for files elsewhere.
fn is_page(path: &str) -> bool {
    let room = path.trim_start_matches('/');
    !room.contains(['/', '.'])
}

/// The settings, for the host that is asked for: the one that the platform was told of when it started.
fn config<B>(request: &Request<B>, fault: Option<SiteFault>) -> Answer {
    let host = request.headers().get(HOST).and_then(|it| it.to_str().ok());
    let is_host = |it: &&str| {
        !it.is_empty()
            && it
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || b"-.:[]".contains(&it))
    };
    match (host.filter(is_host), fault) {
        (None, _) => refusal(StatusCode::BAD_REQUEST),
        (Some(_), Some(SiteFault::ConfigHost)) => given(SCRIPT, files::config(ANOTHER_NAME)),
        (Some(host), _) => given(SCRIPT, files::config(host)),
    }
}

fn upgraded<B>(request: &Request<B>, fault: Option<SiteFault>) -> Answer {
    match Wanted::of(request) {
        Wanted::Page => {
            let told = "It works! Now point your WebSocket client to this URL to connect to Prosody.";
            given(HTML, files::of_prosody("Prosody WebSocket endpoint", told))
        }
        Wanted::OtherProtocol => refusal(StatusCode::NOT_IMPLEMENTED),
        Wanted::Websocket(accept) => websocket::agreed(&accept, fault),
    }
}

fn given(kind: &'static str, content: impl Into<Bytes>) -> Answer {
    let mut response = Response::new(Full::new(content.into()));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn refusal(status: StatusCode) -> Answer {
    let mut response = given(HTML, files::of_status(status));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use SiteFault::{BadGateway, ConfigHost, NoBundles, NoProsody, NoWebsocket, OtherSite};
    use http_body_util::BodyExt;

    use super::*;

    fn asked(method: Method, path: &str, fault: Option<SiteFault>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", "meet.example.org").body(()).unwrap();
        answer(&request, fault, false)
    }

    fn status(method: Method, path: &str, fault: Option<SiteFault>) -> u16 {
        asked(method, path, fault).status().as_u16()
    }

    /// The content type and the text.
    async fn got(path: &str, fault: Option<SiteFault>) -> (String, String) {
        let answer = asked(Method::GET, path, fault);
        assert_eq!(answer.status(), 200, "{path}");
        let kind = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (kind, String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn the_front_page_and_rooms_are_there_and_files_are_not() {
        for (path, expected) in [
            ("/", 200),
            ("/room?x=1", 200),
            ("/absent.js", 404),
            ("/a/b", 404),
            ("/libs/x.js", 404),
        ] {
            assert_eq!(status(Method::GET, path, None), expected, "{path}");
        }
        assert_eq!(status(Method::POST, "/", None), 405);
        assert_eq!(status(Method::GET, "/config.js", Some(BadGateway)), 502);
        for (path, expected) in [("/", 200), ("/http-bind", 200), ("/config.js", 404)] {
            assert_eq!(status(Method::GET, path, Some(OtherSite)), expected, "{path}");
        }
    }

    #[tokio::test]
    async fn scripts_settings_and_prosodys_pages_are_what_they_say() {
        for (path, kind, part) in [
            ("/", HTML, "<title>Jitsi Meet</title>"),
            ("/libs/lib-jitsi-meet.min.js?v=11146", SCRIPT, "JitsiMeetJS"),
            ("/libs/app.bundle.min.js", SCRIPT, "APP"),
            ("/config.js", SCRIPT, "'wss://meet.example.org/' + subdir"),
            ("/external_api.js", SCRIPT, "JitsiMeetExternalAPI"),
            (
                "/http-bind",
                HTML,
                "It works! Now point your BOSH client to this URL to connect to Prosody.",
            ),
            ("/xmpp-websocket", HTML, "Prosody WebSocket endpoint"),
        ] {
            let (told, text) = got(path, None).await;
            assert!(told == kind && text.contains(part), "{path}: {told}, {text}");
        }
    }

    #[tokio::test]
    async fn a_fault_of_one_part_leaves_the_others_as_they_are() {
        let front = got("/", None).await;
        for (fault, path) in [
            (NoBundles, "/libs/lib-jitsi-meet.min.js"),
            (NoBundles, "/libs/app.bundle.min.js"),
            (NoWebsocket, "/xmpp-websocket"),
        ] {
            assert_eq!(got(path, Some(fault)).await, front, "{fault:?}");
        }
        let (_, config) = got("/config.js", Some(ConfigHost)).await;
        assert!(config.contains("wss://another-site.example/") && !config.contains("meet.example.org"));
        for path in ["/http-bind", "/xmpp-websocket"] {
            assert_eq!(status(Method::GET, path, Some(NoProsody)), 502);
            for fault in [NoBundles, ConfigHost] {
                assert_eq!(got(path, Some(fault)).await, got(path, None).await, "{fault:?}");
            }
        }
        for fault in [NoBundles, NoProsody, NoWebsocket, ConfigHost] {
            assert_eq!(got("/", Some(fault)).await, front, "{fault:?}");
        }
    }

    #[test]
    fn a_host_that_is_none_gets_no_settings() {
        for host in ["", "a'b", "a b", "a/b", "<a>"] {
            let request = Request::builder()
                .uri("/config.js")
                .header("host", host)
                .body(())
                .unwrap();
            assert_eq!(answer(&request, None, false).status(), 400, "{host}");
        }
    }

    #[test]
    fn over_its_own_tls_the_web_server_asks_for_no_other() {
        let request = Request::builder().uri("/").body(()).unwrap();
        let asks = |tls| {
            answer(&request, None, tls)
                .headers()
                .contains_key(STRICT_TRANSPORT_SECURITY)
        };
        assert!(asks(true) && !asks(false));
    }
}
