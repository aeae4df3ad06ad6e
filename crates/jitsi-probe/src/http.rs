//! One request for a page, and what comes back. Nothing is followed, and nothing but the request is sent.

use std::convert::Infallible;
use std::error::Error;
use std::future::pending;
use std::pin::pin;
use std::time::Duration;

use http::header::{ACCEPT, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderName, LOCATION, USER_AGENT};
use http::{HeaderMap, Request, StatusCode};
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

/// Who asks.
pub(crate) const AGENT: &str = concat!("jitsi-probe/", env!("CARGO_PKG_VERSION"));

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

/// What is asked for.
pub(crate) struct Ask<'a> {
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) accept: &'static str,
    /// No more is read than so many bytes.
    pub(crate) limit: usize,
    /// No more is kept than so many bytes from the beginning.
    pub(crate) keep: usize,
}

/// What came back.
pub(crate) struct Fetched {
    pub(crate) answer: Answer,
    pub(crate) headers: HeaderMap,
    /// Read only where the status is 200: with any other it is not what was asked for.
    pub(crate) body: Part<Body, PageFailure>,
}

/// A body that was read to its end.
pub(crate) struct Body {
    /// What was kept of it.
    pub(crate) start: Vec<u8>,
    /// Its size.
    pub(crate) bytes: u64,
}

/// Asks for the page, and judges it.
pub(crate) async fn get(
    stream: impl Stream + 'static,
    visit: &Visit,
    patience: Patience,
) -> (Part<Answer, HttpFailure>, Part<Page, PageFailure>) {
    let ask = Ask {
        host: &visit.host(),
        path: &visit.path,
        accept: "text/html",
        limit: LONGEST_PAGE,
        keep: LONGEST_PAGE,
    };
    match fetch(stream, &ask, patience).await {
        Err(cause) => (Part::Failed(cause), Part::NotTried),
        Ok(Fetched { answer, body, .. }) => {
            let page = match body {
                Part::Done(body) => Part::Done(judge(answer.content_type.as_ref(), &body.start)),
                Part::Failed(cause) => Part::Failed(cause),
                Part::NotTried => Part::NotTried,
            };
            (Part::Done(answer), page)
        }
    }
}

/// Makes one request over a connection of its own.
pub(crate) async fn fetch(
    stream: impl Stream + 'static,
    ask: &Ask<'_>,
    patience: Patience,
) -> Result<Fetched, HttpFailure> {
    let request = request(ask).map_err(|told| HttpFailure::NoRequest { told })?;
    let handshake = client().handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| HttpFailure::of(&error))?;
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
        Ok(Err(error)) => return Err(HttpFailure::of(&error)),
        Err(_) => return Err(HttpFailure::Timeout),
    };
    let (head, body) = response.into_parts();
    let answer = Answer {
        status: head.status.as_u16(),
        took: started.elapsed(),
        content_type: header(&head.headers, &CONTENT_TYPE),
        location: header(&head.headers, &LOCATION),
    };
    let encoding = header(&head.headers, &CONTENT_ENCODING).filter(|it| !it.as_str().eq_ignore_ascii_case("identity"));
    let body = match encoding {
        _ if head.status != StatusCode::OK => Part::NotTried,
        Some(encoding) => Part::Failed(PageFailure::Encoded { encoding }),
        None => {
            let read = tokio::select! {
                read = timeout_at(patience.deadline(), read(body, ask)) => read,
                never = &mut conversation => match never {},
            };
            read.unwrap_or(Err(PageFailure::Timeout)).into()
        }
    };
    Ok(Fetched {
        answer,
        headers: head.headers,
        body,
    })
}

/// A client that reads no endless head.
pub(crate) fn client() -> http1::Builder {
    let mut client = http1::Builder::new();
    client.max_buf_size(LONGEST_HEAD);
    client
}

/// A header as it came.
pub(crate) fn header(headers: &HeaderMap, name: &HeaderName) -> Option<Foreign> {
    headers.get(name).map(|it| Foreign::from_bytes(it.as_bytes()))
}

/// A visitor's request. It carries nothing that a stranger may not see: see [`crate::witness`].
fn request(ask: &Ask<'_>) -> Result<Request<Empty<Bytes>>, String> {
    let request = Request::get(ask.path)
        .header(HOST, ask.host)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, ask.accept)
        .header(CONNECTION, "close");
    request.body(Empty::new()).map_err(|error| error.to_string())
}

/// Reads the whole body, if it is not too long.
async fn read(mut body: Incoming, ask: &Ask<'_>) -> Result<Body, PageFailure> {
    let (mut start, mut bytes) = (Vec::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| PageFailure::of(&error))?;
        let data = frame.data_ref().map_or(&[][..], |data| data);
        bytes = bytes.saturating_add(data.len());
        if bytes > ask.limit {
            return Err(PageFailure::TooLong { limit: ask.limit });
        }
        let room = ask.keep.saturating_sub(start.len());
        start.extend_from_slice(&data[..data.len().min(room)]);
    }
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    Ok(Body { start, bytes })
}

/// Whether the other side has closed the connection before it was done.
fn is_broken_off(error: &hyper::Error) -> bool {
    error.is_incomplete_message() || io_cause(error).is_some_and(is_cut_off)
}

impl HttpFailure {
    pub(crate) fn of(error: &hyper::Error) -> Self {
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
