//! The site's web server: what Jitsi's answers, as far as a visitor of the front page sees it.

use std::convert::Infallible;

use aws_sandbox::SiteFault;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jitsi_probe::Stream;

/// What of Jitsi's `index.html` matters to a browser that has not run its scripts.
const FRONT: &str = r#"<!DOCTYPE html>
<html lang="en" class="desktop-browser">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
    <base href="/" />
    <title>Jitsi Meet</title>
    <meta property="og:title" content="Jitsi Meet"/>
    <link rel="stylesheet" href="css/all.css?v=11146">
    <script>var config = {}; config.hosts = { domain: 'meet.jitsi', muc: 'muc.meet.jitsi' };</script>
    <script>var interfaceConfig = {};</script>
    <script src="libs/lib-jitsi-meet.min.js?v=11146"></script>
    <script src="libs/app.bundle.min.js?v=11146"></script>
  </head>
  <body>
    <noscript aria-hidden="true"><div>JavaScript is disabled. For this site to work you have to enable JavaScript.</div></noscript>
    <div id="react" role="main"></div>
  </body>
</html>
"#;

/// The page of a web server that nobody has set up.
const OTHER: &str = "<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head>\
    <body><h1>Welcome to nginx!</h1></body></html>\n";

/// Answers the requests of one connection, until it is closed.
pub(crate) async fn serve(stream: impl Stream + 'static, fault: Option<SiteFault>) {
    let answer = service_fn(async |request| Ok::<_, Infallible>(answer(&request, fault)));
    // Whoever hangs up has seen enough.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

fn answer<B>(request: &Request<B>, fault: Option<SiteFault>) -> Response<Full<Bytes>> {
    if fault == Some(SiteFault::BadGateway) {
        return page(StatusCode::BAD_GATEWAY, &status_page(StatusCode::BAD_GATEWAY));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return page(status, &status_page(status));
    }
    match (is_page(request.uri().path()), fault) {
        (false, _) => page(StatusCode::NOT_FOUND, &status_page(StatusCode::NOT_FOUND)),
        (true, Some(SiteFault::OtherSite)) => page(StatusCode::OK, OTHER),
        (true, _) => page(StatusCode::OK, FRONT),
    }
}

/// The front page and every room: Jitsi's server gives the same page for both, and looks for files elsewhere.
fn is_page(path: &str) -> bool {
    let room = path.trim_start_matches('/');
    !room.contains(['/', '.'])
}

fn page(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(text.as_bytes())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    response
}

/// As nginx writes it.
fn status_page(status: StatusCode) -> String {
    format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: Method, path: &str, fault: Option<SiteFault>) -> u16 {
        let request = Request::builder().method(method).uri(path).body(()).unwrap();
        answer(&request, fault).status().as_u16()
    }

    #[test]
    fn the_front_page_and_rooms_are_there_and_files_are_not() {
        for (path, expected) in [("/", 200), ("/room?x=1", 200), ("/config.js", 404), ("/a/b", 404)] {
            assert_eq!(status(Method::GET, path, None), expected, "{path}");
        }
        assert_eq!(status(Method::POST, "/", None), 405);
        assert_eq!(status(Method::GET, "/config.js", Some(SiteFault::BadGateway)), 502);
    }
}
