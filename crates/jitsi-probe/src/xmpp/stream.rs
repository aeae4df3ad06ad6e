//! An XMPP stream over a websocket: one element in each message (RFC 7395).

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::ladder::StreamFailure;
use crate::text::Foreign;
use crate::visit::Patience;
use crate::websocket::Socket;
use crate::xmpp::{Element, escaped, ns};

/// So many other messages may come before the one that is waited for.
const MOST_OTHERS: usize = 32;

/// So long a farewell may take.
const FAREWELL: Duration = Duration::from_secs(1);

/// A stream.
pub(crate) struct XmppStream {
    socket: Socket,
    /// Whether it was opened; if not, there is none to close.
    opened: bool,
}

impl XmppStream {
    pub(crate) fn over(socket: Socket) -> Self {
        Self { socket, opened: false }
    }

    /// Opens the stream for a domain, for the first time or anew, and waits for the features that it has.
    pub(crate) async fn open(&mut self, domain: &str, patience: Patience) -> Result<Element, StreamFailure> {
        let open = format!("<open xmlns='{}' to='{}' version='1.0'/>", ns::FRAMING, escaped(domain));
        self.opened = true;
        self.send(open, patience).await?;
        self.expect(patience, |it| it.is("open", ns::FRAMING)).await?;
        self.expect(patience, |it| it.is("features", ns::STREAMS)).await
    }

    pub(crate) async fn send(&mut self, element: String, patience: Patience) -> Result<(), StreamFailure> {
        let sent = timeout_at(patience.deadline(), self.socket.send(Message::text(element))).await;
        match sent {
            Ok(sent) => sent.map_err(|error| failure(&error)),
            Err(_) => Err(StreamFailure::Timeout),
        }
    }

    /// The next element, which has to be this one.
    pub(crate) async fn expect(
        &mut self,
        patience: Patience,
        wanted: impl Fn(&Element) -> bool,
    ) -> Result<Element, StreamFailure> {
        let element = self.next(patience).await?;
        if wanted(&element) {
            return Ok(element);
        }
        let element = Foreign::new(element.name);
        Err(StreamFailure::Unexpected { element })
    }

    /// Sends a request, and waits for what answers it.
    pub(crate) async fn ask(
        &mut self,
        id: &str,
        request: String,
        patience: Patience,
    ) -> Result<Element, StreamFailure> {
        self.send(request, patience).await?;
        // However much comes meanwhile, the time of the answer does not begin anew.
        let deadline = patience.deadline();
        for _ in 0..=MOST_OTHERS {
            let next = timeout_at(deadline, self.next(patience)).await;
            let element = next.unwrap_or(Err(StreamFailure::Timeout))?;
            let answers = matches!(element.attribute("type"), Some("result" | "error"));
            if element.is("iq", ns::CLIENT) && answers && element.attribute("id") == Some(id) {
                return Ok(element);
            }
        }
        Err(StreamFailure::TooMany { count: MOST_OTHERS + 1 })
    }

    /// The next element; an error of the stream or its end are failures.
    async fn next(&mut self, patience: Patience) -> Result<Element, StreamFailure> {
        let message = timeout_at(patience.deadline(), self.message()).await;
        let element = message.unwrap_or(Err(StreamFailure::Timeout))?;
        if element.is("error", ns::STREAMS) {
            let (condition, text) = element.condition(ns::STREAM_ERRORS);
            return Err(StreamFailure::StreamError { condition, text });
        }
        if element.is("close", ns::FRAMING) {
            return Err(StreamFailure::Closed);
        }
        Ok(element)
    }

    async fn message(&mut self) -> Result<Element, StreamFailure> {
        loop {
            let message = self.socket.next().await.ok_or(StreamFailure::Closed)?;
            match message.map_err(|error| failure(&error))? {
                Message::Text(text) => {
                    return Element::read(&text).map_err(|told| StreamFailure::NotXml {
                        told: Foreign::new(told),
                    });
                }
                Message::Close(_) => return Err(StreamFailure::Closed),
                Message::Ping(_) | Message::Pong(_) => {}
                Message::Binary(_) | Message::Frame(_) => {
                    let told = Foreign::new("it is no text");
                    return Err(StreamFailure::NotXml { told });
                }
            }
        }
    }

    /// Leaves as it should be done, and waits a moment until the server has heard it. If it does not, that does not matter.
    pub(crate) async fn leave(mut self, patience: Patience) {
        let moment = (Instant::now() + FAREWELL).min(patience.deadline());
        if self.opened {
            let _ = timeout_at(moment, self.close()).await;
        }
        let left = async {
            self.socket.close(None).await?;
            for _ in 0..MOST_OTHERS {
                if !matches!(self.socket.next().await, Some(Ok(_))) {
                    break;
                }
            }
            Ok::<_, Error>(())
        };
        let _ = timeout_at(moment, left).await;
    }

    /// Closes the stream, and waits for the server to do the same: it would still be writing to the websocket.
    async fn close(&mut self) -> Result<(), StreamFailure> {
        let close = Message::text(format!("<close xmlns='{}'/>", ns::FRAMING));
        self.socket.send(close).await.map_err(|error| failure(&error))?;
        for _ in 0..MOST_OTHERS {
            if self.message().await?.is("close", ns::FRAMING) {
                break;
            }
        }
        Ok(())
    }
}

fn failure(error: &Error) -> StreamFailure {
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed | Error::Io(_) => StreamFailure::Closed,
        Error::Capacity(_) => StreamFailure::TooLong,
        Error::Utf8(_) => StreamFailure::NotXml {
            told: Foreign::new("it is no UTF-8"),
        },
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => StreamFailure::Closed,
        error => StreamFailure::Other {
            told: error.to_string(),
        },
    }
}
