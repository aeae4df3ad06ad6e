//! XMPP as far as a probe speaks it: elements, and a stream over a websocket.

mod element;
mod stream;

pub(crate) use self::element::{Element, escaped};
pub(crate) use self::stream::XmppStream;

/// The namespaces that are spoken.
pub(crate) mod ns {
    pub(crate) const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
    pub(crate) const STREAMS: &str = "http://etherx.jabber.org/streams";
    pub(crate) const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
    pub(crate) const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
    pub(crate) const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
    pub(crate) const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
    pub(crate) const CLIENT: &str = "jabber:client";
    pub(crate) const FOCUS: &str = "http://jitsi.org/protocol/focus";
}
