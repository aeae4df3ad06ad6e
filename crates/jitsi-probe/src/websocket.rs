//! The upgrade of a connection to a websocket (RFC 6455) for XMPP (RFC 7395).

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;

use http::header::{
    CONNECTION, HOST, HeaderName, LOCATION, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE, USER_AGENT,
};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::time::timeout_at;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::http::{AGENT, HttpFailure, client, header};
use crate::ladder::{RungFault, Target};
use crate::network::Stream;
use crate::text::Foreign;
use crate::visit::Patience;

/// The protocol that is spoken over it.
const PROTOCOL: &str = "xmpp";

/// No message is longer than so many bytes.
const LONGEST_MESSAGE: usize = 1 << 16;

/// A websocket at which XMPP is spoken.
pub(crate) type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// Makes a websocket of a connection. What is in `path` is shown to the server, and to nobody else: the caller sees to it
/// that the server may see it.
pub(crate) async fn upgrade(
    stream: impl Stream + 'static,
    host: &str,
    path: &str,
    patience: Patience,
) -> Result<Socket, RungFault> {
    let target = Target::Websocket;
    let no_answer = |cause| RungFault::NoAnswer { target, cause };
    let key = generate_key();
    let request = request(host, path, &key).map_err(|told| no_answer(HttpFailure::NoRequest { told }))?;
    let handshake = client().handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| no_answer(HttpFailure::of(&error)))?;
    let mut conversation = pin!(async {
        let _ = connection.with_upgrades().await;
        pending::<Infallible>().await
    });
    let asked = async {
        let response = sender.send_request(request).await;
        let response = response.map_err(|error| no_answer(HttpFailure::of(&error)))?;
        judge(response.status(), response.headers(), &key)?;
        let upgraded = hyper::upgrade::on(response).await;
        upgraded.map_err(|error| no_answer(HttpFailure::of(&error)))
    };
    let asked = tokio::select! {
        asked = timeout_at(patience.deadline(), asked) => asked,
        never = &mut conversation => match never {},
    };
    let upgraded = asked.unwrap_or(Err(no_answer(HttpFailure::Timeout)))?;
    let limits = WebSocketConfig::default()
        .max_message_size(Some(LONGEST_MESSAGE))
        .max_frame_size(Some(LONGEST_MESSAGE));
    Ok(WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, Some(limits)).await)
}

/// A browser's request, as lib-jitsi-meet makes it.
fn request(host: &str, path: &str, key: &str) -> Result<Request<Empty<Bytes>>, String> {
    let request = Request::get(path)
        .header(HOST, host)
        .header(USER_AGENT, AGENT)
        .header(ORIGIN, format!("https://{host}"))
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, key)
        .header(SEC_WEBSOCKET_PROTOCOL, PROTOCOL);
    // The error does not have the path in it, of which a token may be part.
    request.body(Empty::new()).map_err(|error| error.to_string())
}

/// A place without its query: the request's may be in it, and in that a token.
fn without_query(place: &Foreign) -> Foreign {
    let path = place.as_str().split(['?', '#']).next();
    Foreign::new(path.unwrap_or_default())
}

fn judge(status: StatusCode, headers: &HeaderMap, key: &str) -> Result<(), RungFault> {
    if status != StatusCode::SWITCHING_PROTOCOLS {
        return Err(RungFault::NoUpgrade {
            status: status.as_u16(),
            location: header(headers, &LOCATION).map(|it| without_query(&it)),
        });
    }
    let unsound = |told: &str| RungFault::UpgradeNotSound { told: told.to_owned() };
    let has = |name: &HeaderName, wanted: &str| {
        let values = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
        let mut words = values.flat_map(|it| it.split(','));
        words.any(|word| word.trim().eq_ignore_ascii_case(wanted))
    };
    if !has(&UPGRADE, "websocket") || !has(&CONNECTION, "upgrade") {
        return Err(unsound(
            "the answer does not name the websocket that the connection becomes",
        ));
    }
    let accept = headers.get(SEC_WEBSOCKET_ACCEPT).map(|it| it.as_bytes());
    if accept != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(unsound("`Sec-WebSocket-Accept` does not belong to the request"));
    }
    let got = header(headers, &SEC_WEBSOCKET_PROTOCOL);
    if got.as_ref().is_none_or(|got| got.as_str() != PROTOCOL) {
        return Err(RungFault::Subprotocol { got });
    }
    Ok(())
}
