//! A visitor who goes behind the front page: requests for any path, and XMPP over the websocket.

use std::net::SocketAddr;
use std::sync::Arc;

use aws_sandbox::SiteFault;
use futures_util::{SinkExt, StreamExt};
use jitsi_probe::{Network, Stream};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::stage::{DOMAIN, Stage};

pub(crate) const OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>";
pub(crate) const AUTH: &str = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>";
pub(crate) const BIND: &str =
    "<iq xmlns='jabber:client' type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";
pub(crate) const CONFERENCE: &str = "<iq xmlns='jabber:client' type='set' id='2' to='focus.meet.jitsi'>\
    <conference xmlns='http://jitsi.org/protocol/focus' room='probe-1@muc.meet.jitsi' machine-uid='m'/></iq>";

/// The clock of the sandbox.
#[derive(Debug)]
struct Now(UnixTime);

impl TimeProvider for Now {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

/// What is answered to a request.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

type Tls = TlsStream<Box<dyn Stream>>;

/// XMPP over the websocket.
pub(crate) struct Talk(pub(crate) WebSocketStream<Tls>);

impl Stage {
    pub(crate) fn plant(&self, fault: Option<SiteFault>) {
        let service = self.spec.service_arn();
        self.sandbox
            .world(|world| world.set_site_fault(&service, fault))
            .unwrap();
    }

    /// A connection to the domain, over TLS.
    async fn connected(&self) -> Tls {
        let mut roots = RootCertStore::empty();
        roots.add(self.site.authority()).unwrap();
        let second = u64::try_from(self.sandbox.now().as_second()).unwrap();
        let now = Now(UnixTime::since_unix_epoch(std::time::Duration::from_secs(second)));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_details(provider, Arc::new(now))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let addresses = self.site.resolve(DOMAIN).await.unwrap();
        let stream = self
            .site
            .connect(SocketAddr::new(addresses.found[0], 443))
            .await
            .unwrap();
        let name = ServerName::try_from(DOMAIN).unwrap();
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
            .unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        let mut stream = self.connected().await;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).await.unwrap();
        let all = String::from_utf8(all).unwrap();
        let (head, body) = all.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answered {
            status,
            head: head.to_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Asks for the websocket, and for this subprotocol.
    pub(crate) async fn websocket(&self, query: &str, protocol: Option<&str>) -> Result<Talk, Error> {
        let uri = format!("wss://{DOMAIN}/xmpp-websocket{query}").parse().unwrap();
        let mut request = ClientRequestBuilder::new(uri);
        if let Some(protocol) = protocol {
            request = request.with_sub_protocol(protocol);
        }
        let (socket, _) = client_async(request, self.connected().await).await?;
        Ok(Talk(socket))
    }

    /// Someone who talks XMPP.
    pub(crate) async fn talk(&self, query: &str) -> Talk {
        self.websocket(query, Some("xmpp")).await.unwrap()
    }
}

impl Talk {
    pub(crate) async fn say(&mut self, frame: &str) {
        self.0.send(Message::text(frame)).await.unwrap();
    }

    /// The next frame; `None` where the conversation is over.
    pub(crate) async fn hear(&mut self) -> Option<String> {
        match self.0.next().await {
            Some(Ok(Message::Text(text))) => Some(text.to_string()),
            Some(Ok(Message::Close(_)) | Err(_)) | None => None,
            other => panic!("{other:?}"),
        }
    }

    /// Says this, and hears so many frames.
    pub(crate) async fn exchange(&mut self, frame: &str, frames: usize) -> Vec<String> {
        self.say(frame).await;
        let mut heard = Vec::new();
        for _ in 0..frames {
            heard.push(self.hear().await.unwrap());
        }
        heard
    }

    /// Logs in and binds an address, which is the answer.
    pub(crate) async fn log_in(&mut self) -> String {
        let offered = self.exchange(OPEN, 2).await.remove(1);
        assert!(offered.contains("<mechanism>ANONYMOUS</mechanism>"), "{offered}");
        let told = self.exchange(AUTH, 1).await.remove(0);
        assert!(told.starts_with("<success"), "{told}");
        let offered = self.exchange(OPEN, 2).await.remove(1);
        assert!(offered.contains("urn:ietf:params:xml:ns:xmpp-bind"), "{offered}");
        let bound = self.exchange(BIND, 1).await.remove(0);
        let (_, rest) = bound.split_once("<jid>").unwrap();
        rest.split_once("</jid>").unwrap().0.to_owned()
    }
}
