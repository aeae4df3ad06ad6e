//! prosody's websocket: who asks for it, and the conversation over it.

use std::time::Duration;

use aws_sandbox::SiteFault;
use futures_util::{SinkExt, StreamExt};
use http::header::{CONNECTION, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, copy, sink};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::jicofo::Jicofo;
use crate::prosody::{Reply, Session, Then};

/// No frame may be longer than this, in bytes.
const LONGEST_FRAME: usize = 256 * 1024;

/// So long the other side may take to close the connection.
const CLOSING: Duration = Duration::from_secs(5);

/// The subprotocol that is agreed to where it is the wrong one.
const ANOTHER_PROTOCOL: &str = "mqtt";

/// What a request to the websocket's path wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// To see what is there.
    Page,
    /// A websocket that does not speak XMPP.
    OtherProtocol,
    /// A websocket, with this answer to its key.
    Websocket(String),
}

impl Wanted {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let headers = request.headers();
        let upgrade = lists(headers, &UPGRADE, "websocket") && lists(headers, &CONNECTION, "upgrade");
        match headers.get(SEC_WEBSOCKET_KEY) {
            Some(key) if upgrade && *request.method() == Method::GET => {
                if lists(headers, &SEC_WEBSOCKET_PROTOCOL, "xmpp") {
                    Self::Websocket(derive_accept_key(key.as_bytes()))
                } else {
                    Self::OtherProtocol
                }
            }
            _ => Self::Page,
        }
    }
}

/// Whether a header has a word in its list.
fn lists(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|it| it.to_str().ok());
    let mut words = values.flat_map(|it| it.split(','));
    words.any(|word| word.trim().eq_ignore_ascii_case(wanted))
}

/// Agrees to a websocket.
pub(crate) fn agreed<B: Default>(accept: &str, fault: Option<SiteFault>) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let protocol = match fault {
        Some(SiteFault::WrongSubprotocol) => ANOTHER_PROTOCOL,
        _ => "xmpp",
    };
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    if let Ok(accept) = HeaderValue::from_str(accept) {
        headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    }
    response
}

/// Whether a token was shown, as jitsi-meet does: in the request's query.
pub(crate) fn shows_token(query: Option<&str>) -> bool {
    let mut fields = query.unwrap_or_default().split('&');
    fields.any(|field| field.strip_prefix("token=").is_some_and(|it| !it.is_empty()))
}

/// Holds the conversation, as soon as the connection is handed over.
pub(crate) async fn converse(upgrade: OnUpgrade, session: Session, jicofo: Jicofo) {
    let Ok(upgraded) = upgrade.await else {
        return;
    };
    let limits = WebSocketConfig::default()
        .max_frame_size(Some(LONGEST_FRAME))
        .max_message_size(Some(LONGEST_FRAME));
    let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(limits)).await;
    // Whoever hangs up has heard enough.
    let _ = speak(socket, session, &jicofo).await;
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    mut session: Session,
    jicofo: &Jicofo,
) -> Result<(), Error> {
    while let Some(heard) = socket.next().await {
        let Reply { frames, then } = match heard {
            Ok(Message::Text(text)) if text.starts_with('<') => session.hears(&text, || jicofo.counts()),
            Ok(Message::Text(_)) => return goodbye(socket, CloseCode::Invalid).await,
            Ok(Message::Binary(_)) => return goodbye(socket, CloseCode::Unsupported).await,
            Ok(_) => continue,
            Err(Error::Capacity(_)) => return too_much(socket, session.hears_too_much()).await,
            Err(error) => return Err(error),
        };
        for frame in frames {
            socket.send(Message::text(frame)).await?;
        }
        match then {
            Then::GoesOn => {}
            Then::Closes => return goodbye(socket, CloseCode::Normal).await,
            Then::Breaks => return Ok(()),
        }
    }
    Ok(())
}

/// Closes the websocket on somebody who is still sending, and lets them come to their end, so that they hear why.
async fn too_much<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    reply: Reply,
) -> Result<(), Error> {
    for frame in reply.frames {
        socket.send(Message::text(frame)).await?;
    }
    let (code, reason) = (CloseCode::Size, "".into());
    socket.close(Some(CloseFrame { code, reason })).await?;
    let mut rest = socket.into_inner();
    let _ = timeout(CLOSING, copy(&mut rest, &mut sink())).await;
    Ok(())
}

/// Closes the websocket, and waits a little for the other side to do the same.
async fn goodbye<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<S>,
    code: CloseCode,
) -> Result<(), Error> {
    let reason = "".into();
    socket.close(Some(CloseFrame { code, reason })).await?;
    let _ = timeout(CLOSING, async { while let Some(Ok(_)) = socket.next().await {} }).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(method: Method, headers: &[(&str, &str)]) -> Wanted {
        let mut request = Request::builder().method(method).uri("/xmpp-websocket");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Wanted::of(&request.body(()).unwrap())
    }

    #[test]
    fn a_websocket_is_agreed_to_for_xmpp_only() {
        // The key and its answer are those of RFC 6455.
        let upgrade = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let accept = Wanted::Websocket("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned());
        let with = |protocol| [&upgrade[..], &[("sec-websocket-protocol", protocol)]].concat();
        assert_eq!(wanted(Method::GET, &with("xmpp")), accept);
        assert_eq!(wanted(Method::GET, &with("chat, XMPP")), accept);
        assert_eq!(wanted(Method::GET, &with("xmpp2")), Wanted::OtherProtocol);
        assert_eq!(wanted(Method::GET, &upgrade), Wanted::OtherProtocol);
        assert_eq!(wanted(Method::GET, &[]), Wanted::Page);
        assert_eq!(wanted(Method::HEAD, &with("xmpp")), Wanted::Page);
        assert_eq!(wanted(Method::GET, &with("xmpp")[1..]), Wanted::Page);
    }

    #[test]
    fn a_token_is_shown_in_the_query_and_an_empty_one_is_none() {
        for (query, shown) in [
            (None, false),
            (Some("room=x"), false),
            (Some("token="), false),
            (Some("room=x&token=ey.J"), true),
            (Some("mytoken=1"), false),
        ] {
            assert_eq!(shows_token(query), shown, "{query:?}");
        }
    }
}
