//! What stands in a lock, and who that is, for people.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::identity::Who;

/// The schema of a lock's body.
const SCHEMA: &str = "jitsi-ops/lock/v1";
/// The longest name from somebody else's body that is shown, in characters.
const LONGEST_NAME: usize = 80;

/// The body of a lock. Only the nonce and the counter decide anything: whether a run looks at its own writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Body {
    schema: String,
    owner: String,
    host: String,
    operation: String,
    pub(super) nonce: String,
    /// One more with each write, so that each has another ETag.
    pub(super) counter: u64,
    pub(super) since: Timestamp,
}

impl Body {
    pub(super) fn new(who: &Who, operation: &str, nonce: &str) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            owner: who.user.clone(),
            host: who.host.clone(),
            operation: operation.to_owned(),
            nonce: nonce.to_owned(),
            counter: 0,
            since: Timestamp::UNIX_EPOCH,
        }
    }

    /// The body as it is stored.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// A body of this schema; `None` for anything else.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let body: Self = serde_json::from_slice(bytes).ok()?;
        (body.schema == SCHEMA).then_some(body)
    }
}

/// Who holds a lock, by what they wrote into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A run of ours or a colleague's.
    Run {
        /// Who started it, and where.
        who: Who,
        /// What it does: `scale-up`.
        operation: String,
        /// Since when it holds the lock, by its own machine's clock.
        since: Timestamp,
    },
    /// Something that is no lock of this version stands there.
    Unknown,
}

impl Holder {
    /// The holder that a lock's body names.
    pub(super) fn of(bytes: &[u8]) -> Self {
        match Body::read(bytes) {
            Some(body) => Self::Run {
                who: Who {
                    user: plain(&body.owner),
                    host: plain(&body.host),
                },
                operation: plain(&body.operation),
                since: body.since,
            },
            None => Self::Unknown,
        }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { who, operation, since } => write!(f, "{operation} of `{who}`, since {since:.0}"),
            Self::Unknown => f.write_str("somebody whose entry this version cannot read"),
        }
    }
}

/// What somebody else wrote, fit for a terminal: one short line without control characters.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .take(LONGEST_NAME)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_survives_its_way_and_names_its_holder() {
        let who = Who {
            user: "maria".to_owned(),
            host: "laptop".to_owned(),
        };
        let body = Body::new(&who, "scale-up", "n1");
        assert_eq!(Body::read(&body.to_bytes()), Some(body.clone()));
        let holder = Holder::of(&body.to_bytes());
        assert_eq!(
            holder.to_string(),
            "scale-up of `maria@laptop`, since 1970-01-01T00:00:00Z"
        );
    }

    #[test]
    fn what_is_no_lock_of_this_version_has_an_unknown_holder() {
        let newer = br#"{"schema":"jitsi-ops/lock/v2","owner":"m","host":"h","operation":"o","nonce":"n","counter":1,"since":"2026-01-15T18:00:00Z"}"#;
        for bytes in [&b""[..], b"hello", b"{}", b"\xff\xfe", newer] {
            assert_eq!(Holder::of(bytes), Holder::Unknown, "{bytes:?}");
        }
    }

    #[test]
    fn a_holders_name_cannot_write_on_the_terminal() {
        assert_eq!(plain("ma\u{1b}[2Jria\n"), "ma?[2Jria?");
        assert_eq!(plain(&"x".repeat(500)).len(), LONGEST_NAME);
    }
}
