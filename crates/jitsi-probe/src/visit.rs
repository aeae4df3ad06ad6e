//! What is visited, and how long a visitor waits.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::roots::Roots;

/// What is visited.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The host name, as a visitor types it.
    pub domain: String,
    /// The port, 443 unless set.
    pub port: u16,
    /// The path, `/` unless set.
    pub path: String,
    /// Whom the visitor trusts.
    pub roots: Roots,
    /// How long the visitor waits.
    pub timeouts: Timeouts,
    /// The time by which certificates are judged.
    pub now: Timestamp,
}

impl Visit {
    /// The front page of a domain.
    pub fn of(domain: impl Into<String>, roots: Roots, now: Timestamp) -> Self {
        Self {
            domain: domain.into(),
            port: 443,
            path: "/".to_owned(),
            roots,
            timeouts: Timeouts::default(),
            now,
        }
    }

    /// The host as a browser names it to the server.
    pub(crate) fn host(&self) -> String {
        match self.port {
            443 => self.domain.clone(),
            port => format!("{}:{port}", self.domain),
        }
    }
}

/// How long a visitor waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For each part.
    pub part: Duration,
    /// For all of them together.
    pub overall: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            part: Duration::from_secs(5),
            overall: Duration::from_secs(15),
        }
    }
}

/// A visit that is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    part: Duration,
    end: Instant,
}

impl Patience {
    pub(crate) fn begin(timeouts: Timeouts) -> Self {
        Self {
            part: timeouts.part,
            end: after(timeouts.overall),
        }
    }

    /// When a part that begins now has to be done.
    pub(crate) fn deadline(&self) -> Instant {
        after(self.part).min(self.end)
    }

    /// Whether there is no time left.
    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }
}

/// Longer than this is for ever.
const FOR_EVER: Duration = Duration::from_secs(86_400);

fn after(span: Duration) -> Instant {
    Instant::now() + span.min(FOR_EVER)
}
