//! One HTTP/1.1 exchange over plain TCP, for which there is a deadline and a size: whatever the other side does, it is
//! over by then and has not taken more memory than that. Redirects are answers like others; nothing is retried.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::endpoint::Endpoint;
use crate::framing::{self, Framing};

/// The head of an answer may be this long, its chunks' size lines and trailers too.
pub(crate) const MAX_HEAD: usize = 16 * 1024;

/// Why there was no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection, as the operating system says.
    #[error("no connection: {}", words(*.0))]
    Connect(io::ErrorKind),
    /// The deadline passed before the whole answer was there.
    #[error("no whole answer in time")]
    TimedOut,
    /// The other side ended the connection too early.
    #[error("the connection ended in the middle of the exchange")]
    Dropped,
    /// More than it may be.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// No HTTP/1 answer, or one that says two things about its length.
    #[error("the answer is no valid HTTP: {0}")]
    Malformed(&'static str),
}

impl Error {
    /// The same for errors of the same kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Connect(_) => "no connection",
            Self::TimedOut => "timed out",
            Self::Dropped => "dropped",
            Self::TooLong(_) => "too long",
            Self::Malformed(_) => "malformed",
        }
    }
}

fn words(kind: io::ErrorKind) -> String {
    kind.to_string()
}

/// An answer whose head was understood. The body may still be missing: the status alone says something.
#[derive(Debug)]
pub struct Answer {
    /// 100 to 999.
    pub status: u16,
    /// The whole body, without its chunks.
    pub body: Result<Vec<u8>, Error>,
}

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `GET` or `PUT`.
    pub method: &'a str,
    /// Whom and what for.
    pub endpoint: &'a Endpoint,
    /// JSON to send along.
    pub json: Option<&'a str>,
    /// The body of the answer may be this long, in bytes.
    pub limit: usize,
}

impl Request<'_> {
    /// Sends it over a connection of its own and reads the answer, all before the deadline.
    ///
    /// # Errors
    /// When no head of an answer came, or none that is HTTP/1.
    pub fn send(&self, deadline: Instant) -> Result<Answer, Error> {
        let stream =
            TcpStream::connect_timeout(&self.endpoint.address, left(deadline)?).map_err(|e| match e.kind() {
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Error::TimedOut,
                kind => Error::Connect(kind),
            })?;
        let mut wire = Wire {
            stream,
            deadline,
            unread: Vec::new(),
        };
        wire.write(self.bytes().as_bytes())?;
        let (status, framing) = head(&mut wire)?;
        let body = framing::body(&mut wire, framing, self.limit);
        Ok(Answer { status, body })
    }

    fn bytes(&self) -> String {
        let Endpoint { host, path, .. } = self.endpoint;
        let mut text = format!(
            "{} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: meeting-sentinel\r\nAccept: application/json\r\n\
             Connection: close\r\n",
            self.method
        );
        match self.json {
            Some(json) => {
                text += &format!(
                    "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
                    json.len()
                );
            }
            None => text += "\r\n",
        }
        text
    }
}

/// What is left until the deadline, never zero (which would mean "for ever" to a socket).
fn left(deadline: Instant) -> Result<Duration, Error> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(Error::TimedOut) } else { Ok(left) }
}

/// A connection with a deadline, and what was read from it but not used yet.
pub(crate) struct Wire {
    stream: TcpStream,
    deadline: Instant,
    pub(crate) unread: Vec<u8>,
}

impl Wire {
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            self.stream
                .set_write_timeout(Some(left(self.deadline)?))
                .map_err(|_| Error::Dropped)?;
            match self.stream.write(bytes) {
                Ok(0) => return Err(Error::Dropped),
                Ok(n) => bytes = &bytes[n..],
                Err(e) => failed(&e)?,
            }
        }
        Ok(())
    }

    /// Reads some more, at most 8 KiB; false at the end of the stream.
    pub(crate) fn fill(&mut self) -> Result<bool, Error> {
        let mut piece = [0; 8 * 1024];
        loop {
            self.stream
                .set_read_timeout(Some(left(self.deadline)?))
                .map_err(|_| Error::Dropped)?;
            match self.stream.read(&mut piece) {
                Ok(0) => return Ok(false),
                Ok(n) => {
                    self.unread.extend_from_slice(&piece[..n]);
                    return Ok(true);
                }
                Err(e) => failed(&e)?,
            }
        }
    }
}

fn failed(error: &io::Error) -> Result<(), Error> {
    match error.kind() {
        io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Err(Error::TimedOut),
        _ => Err(Error::Dropped),
    }
}

/// Reads the head; what has come of the body stays in the wire.
fn head(wire: &mut Wire) -> Result<(u16, Framing), Error> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        match response.parse(&wire.unread) {
            Ok(httparse::Status::Complete(length)) => {
                let status = response.code.unwrap_or_default();
                if status < 200 {
                    return Err(Error::Malformed("an interim answer that was not asked for"));
                }
                let framing = framing::of(response.headers)?;
                wire.unread.drain(..length);
                return Ok((status, framing));
            }
            Ok(httparse::Status::Partial) => {}
            Err(_) => return Err(Error::Malformed("its head")),
        }
        if wire.unread.len() > MAX_HEAD {
            return Err(Error::Malformed("its head is too long"));
        }
        if !wire.fill()? {
            return Err(Error::Dropped);
        }
    }
}
