//! A Jitsi in memory: its files, its two ways to the XMPP server, and as much of prosody and jicofo as a probe asks for. All of
//! it can be broken, one thing at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use jitsi_probe::{Climb, Evidence, Ladder, Level, Outcome, ProbeRoom, RungFault, Token, Visit, climb};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::authority::{Authority, Chain, DOMAIN, now};
use crate::scene::{FRONT, Scene, acceptor, asked, page};

/// As docker-jitsi-meet renders it.
pub(crate) const CONFIG: &str = "var config = {};\n\
    if (!config.hasOwnProperty('hosts')) config.hosts = {};\n\
    var subdir = ''; var subdomain = '';\n\
    config.hosts.domain = 'meet.jitsi';\n\
    config.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';\n\
    config.bosh = 'https://meet.example.org/' + subdir + 'http-bind';\n\
    config.websocket = 'wss://meet.example.org/' + subdir + 'xmpp-websocket';\n";

/// As prosody's `mod_bosh` has it.
const BOSH: &str = "<!DOCTYPE html><html><head><title>Prosody BOSH endpoint</title></head><body>\
    <p>It works! Now point your BOSH client to this URL to connect to Prosody.</p></body></html>";

pub(crate) const ROOM: &str = "jitsi-ops-probe-1a2b";

/// What becomes of the upgrade to a websocket.
#[derive(Clone)]
pub(crate) enum Upgrade {
    /// With these headers, beside the status; `{accept}` in them is the key that belongs there.
    To(&'static str),
    /// It does not come about; this is said instead.
    No(&'static str),
    /// Nothing is said.
    Silent,
}

pub(crate) const TO_XMPP: &str = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
    Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: xmpp\r\n";

/// What comes back for a message.
#[derive(Clone)]
pub(crate) enum Reply {
    Text(String),
    Binary,
    /// The same again and again.
    Endless(String),
    /// The connection is closed.
    HangUp,
}

#[derive(Clone)]
pub(crate) struct Jitsi {
    /// Whole answers, by path.
    files: BTreeMap<&'static str, Vec<u8>>,
    upgrade: Upgrade,
    /// What comes back for a message with this in it, instead of what prosody and jicofo say.
    replies: Vec<(&'static str, Vec<Reply>)>,
    /// Everything that came: request lines and messages.
    seen: Arc<Mutex<Vec<String>>>,
}

/// A file with status 200.
pub(crate) fn file(content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}

pub(crate) fn script(body: &str) -> Vec<u8> {
    file("application/javascript; charset=utf-8", body)
}

pub(crate) fn bundle() -> Vec<u8> {
    script(&"x();\n".repeat(10_000))
}

pub(crate) fn text(text: &str) -> Reply {
    Reply::Text(text.to_owned())
}

impl Jitsi {
    pub(crate) fn new() -> Self {
        let files = [
            ("/", page(FRONT)),
            ("/libs/lib-jitsi-meet.min.js", bundle()),
            ("/libs/app.bundle.min.js", bundle()),
            ("/config.js", script(CONFIG)),
            ("/external_api.js", script("window.JitsiMeetExternalAPI=function(){};")),
            ("/http-bind", file("text/html; charset=utf-8", BOSH)),
        ];
        Self {
            files: files.into(),
            upgrade: Upgrade::To(TO_XMPP),
            replies: Vec::new(),
            seen: Arc::default(),
        }
    }

    pub(crate) fn with(mut self, path: &'static str, answer: Vec<u8>) -> Self {
        self.files.insert(path, answer);
        self
    }

    pub(crate) fn without(mut self, path: &'static str) -> Self {
        self.files.remove(path);
        self
    }

    pub(crate) fn upgrading(mut self, upgrade: Upgrade) -> Self {
        self.upgrade = upgrade;
        self
    }

    pub(crate) fn replying(mut self, to: &'static str, replies: &[Reply]) -> Self {
        self.replies.push((to, replies.to_vec()));
        self
    }

    /// Everything that came, in the order in which it did.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    fn note(&self, what: &str) {
        self.seen.lock().unwrap().push(what.to_owned());
    }

    pub(crate) fn scene(&self, chain: Chain) -> Scene {
        let (acceptor, jitsi) = (acceptor(chain), self.clone());
        Scene::with(move |stream| jitsi.clone().serve(acceptor.clone(), stream))
    }

    async fn serve(self, acceptor: TlsAcceptor, stream: DuplexStream) {
        let Some((mut stream, request)) = asked(acceptor, stream).await else {
            return;
        };
        let target = request.split(' ').nth(1).unwrap_or_default();
        self.note(target);
        let path = target.split('?').next().unwrap_or_default();
        if path == "/xmpp-websocket" {
            return self.take(stream, &request).await;
        }
        let answer = self.files.get(path);
        let missing = || b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec();
        let _ = stream.write_all(&answer.cloned().unwrap_or_else(missing)).await;
        let _ = stream.shutdown().await;
    }

    async fn take(self, mut stream: TlsStream<DuplexStream>, request: &str) {
        assert!(request.contains("sec-websocket-protocol: xmpp\r\n"), "{request}");
        let key = request
            .lines()
            .find_map(|line| line.strip_prefix("sec-websocket-key: "));
        let accept = derive_accept_key(key.unwrap().as_bytes());
        let headers = match self.upgrade {
            Upgrade::To(headers) => headers,
            Upgrade::No(answer) => {
                let _ = stream.write_all(answer.as_bytes()).await;
                return;
            }
            Upgrade::Silent => return std::future::pending().await,
        };
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\n{}\r\n",
            headers.replace("{accept}", &accept)
        );
        let _ = stream.write_all(head.as_bytes()).await;
        let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
        let mut logged_in = false;
        while let Some(Ok(Message::Text(message))) = socket.next().await {
            self.note(&message);
            let planted = self.replies.iter().find(|(to, _)| message.contains(to));
            let replies = planted.map_or_else(|| usual(&message, logged_in), |(_, replies)| replies.clone());
            logged_in |= message.contains("<auth");
            for reply in replies {
                let sent = match reply {
                    Reply::Text(text) => socket.send(Message::text(text)).await,
                    Reply::Binary => socket.send(Message::binary(b"x".to_vec())).await,
                    Reply::Endless(text) => loop {
                        if let Err(error) = socket.send(Message::text(text.clone())).await {
                            break Err(error);
                        }
                    },
                    Reply::HangUp => return,
                };
                if sent.is_err() {
                    return;
                }
            }
        }
    }
}

/// What prosody says, and jicofo through it.
fn usual(message: &str, logged_in: bool) -> Vec<Reply> {
    let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='meet.jitsi' id='1' version='1.0'/>";
    let features = |features: &str| {
        text(&format!(
            "<stream:features xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client'>{features}</stream:features>"
        ))
    };
    let mechanisms =
        "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>ANONYMOUS</mechanism></mechanisms>";
    match message {
        it if it.contains("<open") && !logged_in => vec![text(open), features(mechanisms)],
        it if it.contains("<open") => vec![text(open), features("<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")],
        it if it.contains("<auth") => vec![text("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")],
        it if it.contains("<bind") => vec![text(
            "<iq xmlns='jabber:client' type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <jid>1a2b@meet.jitsi/x</jid></bind></iq>",
        )],
        it if it.contains("<conference") => vec![
            text("<iq xmlns='jabber:client' type='get' id='conference-1'><ping xmlns='urn:xmpp:ping'/></iq>"),
            text("<message xmlns='jabber:client' from='meet.jitsi'/>"),
            conference("conference-1", "true"),
        ],
        it if it.contains("<close") => vec![text("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>")],
        _ => Vec::new(),
    }
}

/// What jicofo says when it is asked for a room.
pub(crate) fn conference(id: &str, ready: &str) -> Reply {
    text(&format!(
        "<iq xmlns='jabber:client' type='result' id='{id}' from='focus.meet.jitsi'>\
         <conference xmlns='http://jitsi.org/protocol/focus' ready='{ready}' focusjid='focus@auth.meet.jitsi' \
         room='{ROOM}@muc.meet.jitsi'/></iq>"
    ))
}

/// An error in answer to a request.
pub(crate) fn stanza_error(id: &str, condition: &str) -> Reply {
    text(&format!(
        "<iq xmlns='jabber:client' type='error' id='{id}'><error type='cancel'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
    ))
}

/// As whom somebody climbs.
pub(crate) struct Climber {
    pub(crate) token: Option<Token>,
    pub(crate) closed: bool,
}

pub(crate) const STRANGER: Climber = Climber {
    token: None,
    closed: false,
};

pub(crate) async fn climbed(jitsi: &Jitsi, climber: Climber) -> Ladder {
    let authority = Authority::new();
    climbed_with(jitsi, climber, &authority, authority.good()).await
}

pub(crate) async fn climbed_with(jitsi: &Jitsi, climber: Climber, authority: &Authority, chain: Chain) -> Ladder {
    let visit = Visit::of(DOMAIN, authority.roots(), now());
    let Climber { token, closed } = climber;
    let room = ProbeRoom::new("1a2b").unwrap();
    let all = Climb {
        visit,
        room,
        token,
        closed,
    };
    climb(&jitsi.scene(chain), &all).await
}

/// One letter for each rung: passed, failed, not tried.
pub(crate) fn letters(ladder: &Ladder) -> String {
    let levels: Vec<Level> = ladder.rungs.iter().map(|rung| rung.level).collect();
    assert_eq!(levels, Level::ALL);
    let letter = |outcome: &Outcome| match outcome {
        Outcome::Passed(_) => 'p',
        Outcome::Failed(faults) => {
            assert!(!faults.is_empty());
            'f'
        }
        Outcome::NotTried { .. } => '-',
    };
    ladder.rungs.iter().map(|rung| letter(&rung.outcome)).collect()
}

pub(crate) fn faults(ladder: &Ladder, level: Level) -> Vec<RungFault> {
    match &ladder.rung(level).unwrap().outcome {
        Outcome::Failed(faults) => faults.clone(),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn evidence(ladder: &Ladder, level: Level) -> Evidence {
    match &ladder.rung(level).unwrap().outcome {
        Outcome::Passed(evidence) => evidence.clone(),
        other => panic!("{other:?}"),
    }
}
