//! A server on a loopback port that answers as a test wants, well or badly, and remembers what it was asked.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Nothing that is waited for takes so long, but on a very busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) body: String,
    pub(crate) at: Instant,
    /// The how many-th connection it came with, in the order in which they were made.
    pub(crate) nth: usize,
}

/// How to answer.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A good answer with this status.
    Json(u16, String),
    /// These bytes, then the connection ends.
    Raw(Vec<u8>),
    /// These bytes, one by one with a pause after each.
    Drip(Vec<u8>, Duration),
    /// These bytes, then up to a gigabyte of spaces.
    Flood(String),
    /// Nothing, until the other side gives up.
    Hang,
    /// These bytes, then nothing more, until the other side gives up.
    Stall(String),
}

type Handler = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<Asked>>,
    more: Condvar,
}

pub(crate) struct Fake {
    pub(crate) address: SocketAddr,
    handler: Arc<Mutex<Handler>>,
    seen: Arc<Seen>,
    down: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Fake {
    pub(crate) fn new(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut fake = Self {
            address: listener.local_addr().unwrap(),
            handler: Arc::new(Mutex::new(Arc::new(handler))),
            seen: Arc::default(),
            down: Arc::default(),
            accepting: None,
        };
        fake.accept(listener);
        fake
    }

    fn accept(&mut self, listener: TcpListener) {
        let (handler, seen, down) = (self.handler.clone(), self.seen.clone(), self.down.clone());
        self.accepting = Some(thread::spawn(move || {
            for (nth, stream) in listener.incoming().enumerate() {
                if down.load(Ordering::SeqCst) {
                    return;
                }
                let (handler, seen) = (handler.clone(), seen.clone());
                // Whoever gives up in the middle of an answer is what some tests are about.
                thread::spawn(move || stream.and_then(|stream| serve(stream, nth, &handler, &seen)));
            }
        }));
    }

    /// From now on it answers like this.
    pub(crate) fn answer(&self, handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        *self.handler.lock().unwrap() = Arc::new(handler);
    }

    /// Nobody listens any more.
    pub(crate) fn stop(&mut self) {
        self.down.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.accepting.take().unwrap().join().unwrap();
    }

    /// It listens again, on the same port.
    pub(crate) fn start(&mut self) {
        self.down.store(false, Ordering::SeqCst);
        self.accept(TcpListener::bind(self.address).unwrap());
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.seen.asked.lock().unwrap().clone()
    }

    /// Waits until the requests so far are as wanted.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&[Asked]) -> bool) {
        let until = Instant::now() + DEADLINE;
        let mut asked = self.seen.asked.lock().unwrap();
        while !wanted(&asked) {
            let left = until.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {what} in time: {asked:#?}");
            asked = self.seen.more.wait_timeout(asked, left).unwrap().0;
        }
    }

    /// Waits for so many more requests whose line contains `part`.
    pub(crate) fn wait_for_more(&self, part: &str, more: usize) {
        let count = |asked: &[Asked]| asked.iter().filter(|a| a.line.contains(part)).count();
        let before = count(&self.asked());
        self.wait(&format!("{more} more of {part}"), |asked| count(asked) >= before + more);
    }
}

fn serve(mut stream: TcpStream, nth: usize, handler: &Mutex<Handler>, seen: &Seen) -> std::io::Result<()> {
    let Some(asked) = request(&mut stream, nth)? else {
        return Ok(());
    };
    seen.asked.lock().unwrap().push(asked.clone());
    seen.more.notify_all();
    let handler = handler.lock().unwrap().clone();
    match handler(&asked) {
        Reply::Json(status, body) => stream.write_all(json(status, &body).as_bytes()),
        Reply::Raw(bytes) => stream.write_all(&bytes),
        Reply::Drip(bytes, pause) => {
            stream.set_nodelay(true)?;
            for byte in bytes {
                stream.write_all(&[byte])?;
                thread::sleep(pause);
            }
            Ok(())
        }
        Reply::Flood(head) => {
            stream.write_all(head.as_bytes())?;
            for _ in 0..1_000_000 {
                stream.write_all(&[b' '; 1000])?;
            }
            Ok(())
        }
        Reply::Hang => gone(&mut stream),
        Reply::Stall(head) => {
            stream.write_all(head.as_bytes())?;
            gone(&mut stream)
        }
    }?;
    stream.shutdown(Shutdown::Write)?;
    gone(&mut stream)
}

/// Waits until the other side has gone.
fn gone(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(DEADLINE * 2))?;
    std::io::copy(stream, &mut std::io::sink()).map(drop)
}

/// A good answer.
pub(crate) fn json(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn request(stream: &mut TcpStream, nth: usize) -> std::io::Result<Option<Asked>> {
    let mut text = String::new();
    let mut piece = [0; 1024];
    loop {
        let n = stream.read(&mut piece)?;
        if n == 0 {
            return Ok(None);
        }
        text += str::from_utf8(&piece[..n]).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
        if body.len() < length.map_or(0, |length| length.parse().unwrap()) {
            continue;
        }
        return Ok(Some(Asked {
            line: head.lines().next().unwrap().to_owned(),
            body: body.to_owned(),
            at: Instant::now(),
            nth,
        }));
    }
}

/// jicofo's statistics.
pub(crate) fn stats(conferences: u64, participants: u64) -> String {
    format!(
        r#"{{"total_participants":9,"total_conferences_created":4,"conferences":{conferences},"largest_conference":{},
        "participants":{participants},"visitors":0,"conference_sizes":[0,0,0],"healthy":true}}"#,
        participants.min(1)
    )
}

/// A jicofo in which so many conferences and people are, in rooms with these names.
pub(crate) fn jicofo(conferences: u64, participants: u64, rooms: &[&str]) -> impl Fn(&Asked) -> Reply + use<> {
    let rooms = format!("{rooms:?}");
    move |asked| {
        let body = match asked.line.as_str() {
            "GET /stats HTTP/1.1" => stats(conferences, participants),
            "GET /debug/conferences HTTP/1.1" => rooms.clone(),
            _ => return Reply::Json(404, String::new()),
        };
        Reply::Json(200, body)
    }
}

/// Nobody is in jicofo.
pub(crate) fn nobody() -> impl Fn(&Asked) -> Reply {
    jicofo(0, 0, &[])
}

/// The ECS agent that does as it is asked.
pub(crate) fn agent(asked: &Asked) -> Reply {
    if asked.line != "PUT /api/0123/task-protection/v1/state HTTP/1.1" {
        return Reply::Json(404, String::new());
    }
    let on = asked.body == PROTECT;
    assert!(on || asked.body == DROP, "not what the agent takes: {}", asked.body);
    let until = if on { r#""2026-11-22T20:00:00Z""# } else { "null" };
    Reply::Json(
        200,
        format!(
            r#"{{"protection":{{"ExpirationDate":{until},"ProtectionEnabled":{on},
            "TaskArn":"arn:aws:ecs:us-west-2:123456789012:task/jitsi/0123"}}}}"#
        ),
    )
}

pub(crate) const PROTECT: &str = r#"{"ProtectionEnabled":true,"ExpiresInMinutes":5}"#;
pub(crate) const DROP: &str = r#"{"ProtectionEnabled":false}"#;

/// Whether dropping the protection was ever asked for.
pub(crate) fn dropped(asked: &[Asked]) -> bool {
    asked.iter().any(|a| a.body == DROP)
}
