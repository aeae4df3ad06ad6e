//! One request for a page, and what comes back. Nothing is followed, and nothing but the request is sent.

use std::convert::Infallible;
use std::error::Error;
use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use http::header::{ACCEPT, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, LOCATION, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::network::Stream;
use crate::page::{Page, PageFailure, judge};
use crate::part::Part;
use crate::report::seconds;
use crate::text::Foreign;
use crate::tls::{io_cause, is_cut_off};
use crate::visit::{Patience, Visit};

/// No more of a page is read than this, in bytes. The largest that upstream ships has a tenth of it.
pub const LONGEST_PAGE: usize = 1 << 20;

/// No more of a head is read than about this, in bytes.
const LONGEST_HEAD: usize = 1 << 16;

/// The head of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// From the request to the whole head of the answer.
    #[serde(rename = "first_byte_seconds", serialize_with = "seconds")]
    pub took: Duration,
    /// The `Content-Type`.
    pub content_type: Option<Foreign>,
    /// Where it sends the visitor instead. It is not followed.
    pub location: Option<Foreign>,
}

/// Why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum HttpFailure {
    /// What was to be asked for is no path, or no host.
    #[error("it cannot be asked for: {told}")]
    NoRequest {
        /// What is wrong with it.
        told: String,
    },
    /// What came back is no HTTP/1.1.
    #[error("what answers speaks no HTTP/1.1")]
    NotHttp,
    /// The head of the answer is longer than any that belongs to a page, or does not end.
    #[error("the head of the answer is too long")]
    TooLong,
    /// The connection was closed before the head was complete.
    #[error("the connection is closed before there is an answer")]
    CutOff,
    /// The server has not answered in time.
    #[error("there is no answer to the request")]
    Timeout,
    /// Anything else.
    #[error("{told}")]
    Other {
        /// What was said.
        told: String,
    },
}

/// Asks for the page, and judges it. Only a page with status 200 is read: with any other it is not what was asked for.
pub(crate) async fn get(
    stream: impl Stream + 'static,
    visit: &Visit,
    patience: Patience,
) -> (Part<Answer, HttpFailure>, Part<Page, PageFailure>) {
    let failed = |cause| (Part::Failed(cause), Part::NotTried);
    let request = match request(visit) {
        Ok(request) => request,
        Err(told) => return failed(HttpFailure::NoRequest { told }),
    };
    let mut client = http1::Builder::new();
    client.max_buf_size(LONGEST_HEAD);
    let (mut sender, connection) = match client.handshake(TokioIo::new(stream)).await {
        Ok(both) => both,
        Err(error) => return failed(HttpFailure::of(&error)),
    };
    // What goes wrong with the connection is told where the answer is waited for.
    let mut conversation = pin!(async {
        let _ = connection.await;
        pending::<Infallible>().await
    });
    let started = Instant::now();
    let answered = tokio::select! {
        answered = timeout_at(patience.deadline(), sender.send_request(request)) => answered,
        never = &mut conversation => match never {},
    };
    let response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return failed(HttpFailure::of(&error)),
        Err(_) => return failed(HttpFailure::Timeout),
    };
    let header = |name: HeaderName| {
        response
            .headers()
            .get(name)
            .map(|it| Foreign::from_bytes(it.as_bytes()))
    };
    let answer = Answer {
        status: response.status().as_u16(),
        took: started.elapsed(),
        content_type: header(CONTENT_TYPE),
        location: header(LOCATION),
    };
    if response.status() != StatusCode::OK {
        return (Part::Done(answer), Part::NotTried);
    }
    let encoding = header(CONTENT_ENCODING).filter(|it| !it.as_str().eq_ignore_ascii_case("identity"));
    if let Some(encoding) = encoding {
        return (Part::Done(answer), Part::Failed(PageFailure::Encoded { encoding }));
    }
    let body = tokio::select! {
        body = timeout_at(patience.deadline(), read(response.into_body())) => body,
        never = &mut conversation => match never {},
    };
    let body = body.unwrap_or(Err(PageFailure::Timeout));
    let page = body.map(|body| judge(answer.content_type.as_ref(), &body));
    (Part::Done(answer), page.into())
}

/// A visitor's request. It carries nothing that a stranger may not see: see [`crate::witness`].
fn request(visit: &Visit) -> Result<Request<Empty<Bytes>>, String> {
    let host = match visit.port {
        443 => visit.domain.clone(),
        port => format!("{}:{port}", visit.domain),
    };
    let request = Request::get(&visit.path)
        .header(HOST, host)
        .header(USER_AGENT, concat!("jitsi-probe/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "text/html")
        .header(CONNECTION, "close");
    request.body(Empty::new()).map_err(|error| error.to_string())
}

/// The whole body, if it is not too long.
async fn read(mut body: Incoming) -> Result<Vec<u8>, PageFailure> {
    let mut all = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| PageFailure::of(&error))?;
        all.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        if all.len() > LONGEST_PAGE {
            return Err(PageFailure::TooLong { limit: LONGEST_PAGE });
        }
    }
    Ok(all)
}

/// Whether the other side has closed the connection before it was done.
fn is_broken_off(error: &hyper::Error) -> bool {
    error.is_incomplete_message() || io_cause(error).is_some_and(is_cut_off)
}

impl HttpFailure {
    fn of(error: &hyper::Error) -> Self {
        match error {
            error if is_broken_off(error) => Self::CutOff,
            error if error.is_parse_too_large() => Self::TooLong,
            error if error.is_parse() => Self::NotHttp,
            error => Self::Other { told: chain(error) },
        }
    }
}

impl PageFailure {
    fn of(error: &hyper::Error) -> Self {
        if is_broken_off(error) {
            return Self::CutOff;
        }
        Self::Other { told: chain(error) }
    }
}

/// An error with its causes.
fn chain(error: &hyper::Error) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told += &format!(": {error}");
        cause = error.source();
    }
    told
}
