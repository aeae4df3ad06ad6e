//! A stand-in for jicofo: an external component of prosody's (XEP-0114) that answers requests for a conference.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// What `prosody.cfg.lua` says.
const SECRET: &str = "jicofo-and-prosody-know-it";

/// The conference is there.
pub(crate) const READY: &str = "<conference xmlns='http://jitsi.org/protocol/focus' room='ROOM' ready='true' \
    focusjid='focus@auth.meet.jitsi'><property name='authentication' value='false'/></conference>";

/// The conference is not there, and nothing is wrong either.
pub(crate) const NOT_READY: &str = "<conference xmlns='http://jitsi.org/protocol/focus' room='ROOM' ready='false' \
    focusjid='focus@auth.meet.jitsi'/>";

/// Rooms are made only for those who have logged in.
pub(crate) const NOT_AUTHORIZED: &str = "<error type='auth'><not-authorized \
    xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

/// There is no room to give to anybody.
pub(crate) const NO_ROOM: &str = "<error type='wait'><resource-constraint \
    xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";

/// It is there until this value goes.
pub(crate) struct Jicofo {
    rooms: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Jicofo {
    /// Connects to prosody, and answers this from then on.
    pub(crate) async fn connect(prosody: SocketAddr, answer: &'static str) -> Self {
        let mut stream = TcpStream::connect(prosody).await.unwrap();
        let open = "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' \
                    to='focus.meet.jitsi'>";
        stream.write_all(open.as_bytes()).await.unwrap();
        let header = read_until(&mut stream, &["id=", ">"]).await;
        let id = attribute(&elements(&header)[0], "id");
        let digest = Sha1::digest(format!("{id}{SECRET}"));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let handshake = format!("<handshake>{digest}</handshake>");
        stream.write_all(handshake.as_bytes()).await.unwrap();
        let welcome = read_until(&mut stream, &[">"]).await;
        assert!(welcome.contains("<handshake/>"), "{welcome}");
        let rooms = Arc::default();
        let task = tokio::spawn(answer_all(stream, answer, Arc::clone(&rooms)));
        Self { rooms, task }
    }

    /// The rooms for which a conference was asked, each time.
    pub(crate) fn rooms(&self) -> Vec<String> {
        self.rooms.lock().unwrap().clone()
    }
}

impl Drop for Jicofo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer_all(mut stream: TcpStream, answer: &str, rooms: Arc<Mutex<Vec<String>>>) {
    loop {
        let iq = read_until(&mut stream, &["<iq", "</iq>"]).await;
        let elements = elements(&iq);
        let room = attribute(&elements[1], "room");
        let (from, id) = (attribute(&elements[0], "from"), attribute(&elements[0], "id"));
        rooms.lock().unwrap().push(room.clone());
        let kind = if answer.starts_with("<error") {
            "error"
        } else {
            "result"
        };
        let answer = answer.replace("ROOM", &room);
        let iq = format!("<iq type='{kind}' from='focus.meet.jitsi' to='{from}' id='{id}'>{answer}</iq>");
        stream.write_all(iq.as_bytes()).await.unwrap();
    }
}

/// What comes until these have come, one after the other.
async fn read_until(stream: &mut TcpStream, marks: &[&str]) -> String {
    let mut text = String::new();
    let come = |text: &str| {
        marks
            .iter()
            .try_fold(text, |rest, mark| Some(rest.split_once(mark)?.1))
            .is_some()
    };
    while !come(&text) {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "prosody hangs up on its component after `{text}`");
        text.push_str(std::str::from_utf8(&chunk[..read]).unwrap());
    }
    text
}

/// The elements of a text in the order in which they begin.
fn elements(text: &str) -> Vec<BytesStart<'static>> {
    let mut reader = Reader::from_str(text);
    let mut elements = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => elements.push(element.into_owned()),
            Event::Eof => return elements,
            _ => {}
        }
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    let found = element.try_get_attribute(name).unwrap();
    let found = found.unwrap_or_else(|| panic!("there is no `{name}` in {element:?}"));
    found.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned()
}
