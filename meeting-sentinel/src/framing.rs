//! Where the body of an HTTP/1 answer ends: by its length, by its chunks, or with the connection.

use crate::http::{Error, MAX_HEAD, Wire};

/// How an answer says where its body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length(u64),
    Chunked,
    UntilClosed,
}

/// Reads the headers. Two different statements are an error: whoever sends them is not to be believed.
pub(crate) fn of(headers: &[httparse::Header<'_>]) -> Result<Framing, Error> {
    let (mut length, mut chunked) = (None, false);
    for header in headers {
        let value = header.value.trim_ascii();
        if header.name.eq_ignore_ascii_case("content-length") {
            let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
            let given = str::from_utf8(value).ok().and_then(|text| text.parse::<u64>().ok());
            match given.filter(|_| digits) {
                Some(given) if length.is_none_or(|before| before == given) => length = Some(given),
                _ => return Err(Error::Malformed("its length")),
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            if chunked || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Error::Malformed("its transfer encoding"));
            }
            chunked = true;
        }
    }
    match (length, chunked) {
        (Some(_), true) => Err(Error::Malformed("a length and chunks")),
        (Some(length), false) => Ok(Framing::Length(length)),
        (None, true) => Ok(Framing::Chunked),
        (None, false) => Ok(Framing::UntilClosed),
    }
}

/// Reads the whole body, which may be `limit` bytes long.
pub(crate) fn body(wire: &mut Wire, framing: Framing, limit: usize) -> Result<Vec<u8>, Error> {
    match framing {
        Framing::Length(length) => {
            let length = within(length, 0, limit)?;
            need(wire, length)?;
            Ok(wire.unread.drain(..length).collect())
        }
        Framing::Chunked => chunks(wire, limit),
        Framing::UntilClosed => {
            while wire.unread.len() <= limit {
                if !wire.fill()? {
                    return Ok(std::mem::take(&mut wire.unread));
                }
            }
            Err(Error::TooLong(limit))
        }
    }
}

fn chunks(wire: &mut Wire, limit: usize) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    loop {
        let size = chunk_size(wire)?;
        if size == 0 {
            trailers(wire)?;
            return Ok(body);
        }
        let size = within(size, body.len(), limit)?;
        need(wire, size + 2)?;
        if wire.unread[size..size + 2] != *b"\r\n" {
            return Err(Error::Malformed("its chunks"));
        }
        body.extend(wire.unread.drain(..size));
        wire.unread.drain(..2);
    }
}

fn chunk_size(wire: &mut Wire) -> Result<u64, Error> {
    loop {
        match httparse::parse_chunk_size(&wire.unread) {
            Ok(httparse::Status::Complete((used, size))) => {
                wire.unread.drain(..used);
                return Ok(size);
            }
            Ok(httparse::Status::Partial) if wire.unread.len() <= MAX_HEAD => more(wire)?,
            _ => return Err(Error::Malformed("its chunks")),
        }
    }
}

/// Reads what may stand after the last chunk, up to an empty line, and forgets it.
fn trailers(wire: &mut Wire) -> Result<(), Error> {
    loop {
        if let Some(end) = wire.unread.windows(2).position(|pair| pair == b"\r\n") {
            wire.unread.drain(..end + 2);
            if end == 0 {
                return Ok(());
            }
        } else if wire.unread.len() > MAX_HEAD {
            return Err(Error::Malformed("its chunks"));
        } else {
            more(wire)?;
        }
    }
}

fn need(wire: &mut Wire, length: usize) -> Result<(), Error> {
    while wire.unread.len() < length {
        more(wire)?;
    }
    Ok(())
}

fn more(wire: &mut Wire) -> Result<(), Error> {
    if wire.fill()? { Ok(()) } else { Err(Error::Dropped) }
}

/// `length` bytes more than the `before` that are there already, if that is not too much.
fn within(length: u64, before: usize, limit: usize) -> Result<usize, Error> {
    usize::try_from(length)
        .ok()
        .filter(|length| *length <= limit.saturating_sub(before))
        .ok_or(Error::TooLong(limit))
}
