//! What one look at jicofo has told. Plain values; nothing here reads anything.

use std::fmt;

use crate::http;

/// One look at jicofo. Only `Quiet` speaks for dropping the protection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// jicofo answered, understandably, and nobody but our own probes is in a room.
    Quiet,
    /// Somebody is, or may be, in a room.
    Busy(People),
    /// Nothing is known. This counts as busy.
    Unknown(Cause),
}

/// How many people are in how many rooms, as jicofo counts: a lone person who waits is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct People {
    /// `participants`, visitors included.
    pub people: u64,
    /// `conferences`.
    pub rooms: u64,
}

impl fmt::Display for People {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let people = if self.people == 1 { "person" } else { "people" };
        let rooms = if self.rooms == 1 { "room" } else { "rooms" };
        write!(f, "{} {people} in {} {rooms}", self.people, self.rooms)
    }
}

/// Why nothing is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// No whole answer came.
    #[error("jicofo did not answer: {0}")]
    NoAnswer(http::Error),
    /// An answer that is neither 200 nor followed: redirects are not followed.
    #[error("jicofo answered with status {0}")]
    Status(u16),
    /// Not the JSON that jicofo sends, or a number is absent or negative.
    #[error("jicofo's answer was not understood: {0}")]
    NotUnderstood(String),
    /// Nobody according to one number, somebody according to another.
    #[error("jicofo's answer contradicts itself: no conference and nobody in it, but `{0}` is {1}")]
    Contradiction(&'static str, u64),
    /// A count that only grows has become smaller: those who were in a room may be on their way back.
    #[error("jicofo was restarted")]
    Restarted,
}

impl Cause {
    /// The same for causes of the same kind: what is said once is not said again with other details.
    pub fn kind(&self) -> String {
        match self {
            Self::NoAnswer(error) => format!("no answer: {}", error.kind()),
            Self::Status(status) => format!("status {status}"),
            Self::NotUnderstood(_) => "not understood".to_owned(),
            Self::Contradiction(..) => "contradiction".to_owned(),
            Self::Restarted => "restarted".to_owned(),
        }
    }
}
