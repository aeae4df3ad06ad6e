//! Rooms that are a probe's, so that nobody meets one by chance and whoever counts meetings can leave them out.

use std::fmt;

use serde::Serialize;

/// A room that only probes ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ProbeRoom(String);

/// What cannot be part of a probe's room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a room of a probe has 1 to {longest} lower-case letters, digits and hyphens after its prefix", longest = ProbeRoom::LONGEST)]
pub struct NoRoom;

impl ProbeRoom {
    /// How all of them begin, and no other room may.
    pub const PREFIX: &'static str = "jitsi-ops-probe-";

    /// So long is what comes after the prefix at most.
    const LONGEST: usize = 32;

    /// The room with this after the prefix.
    ///
    /// # Errors
    /// When it is empty, too long, or has other characters than lower-case letters, digits and hyphens.
    pub fn new(suffix: &str) -> Result<Self, NoRoom> {
        let fits = (1..=Self::LONGEST).contains(&suffix.len());
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(fits && suffix.bytes().all(plain)) {
            return Err(NoRoom);
        }
        Ok(Self(format!("{}{suffix}", Self::PREFIX)))
    }

    /// A room that no other probe asks for at the same time.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{}{:016x}", Self::PREFIX, fastrand::u64(..)))
    }

    /// Whether a room is a probe's.
    #[must_use]
    pub fn is_probes(room: &str) -> bool {
        room.starts_with(Self::PREFIX)
    }

    /// Its whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProbeRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_of_a_probe_has_its_prefix_and_only_what_every_server_takes() {
        let room = ProbeRoom::new("1a2b-3c").unwrap();
        assert_eq!(room.as_str(), "jitsi-ops-probe-1a2b-3c");
        assert!(ProbeRoom::is_probes(room.as_str()) && !ProbeRoom::is_probes("standup"));
        for suffix in ["", "A", "a b", "a/b", "é", "a_b", &"x".repeat(33)] {
            assert_eq!(ProbeRoom::new(suffix), Err(NoRoom), "{suffix}");
        }
        let (one, other) = (ProbeRoom::random(), ProbeRoom::random());
        assert_ne!(one, other);
        let suffix = one.as_str().strip_prefix(ProbeRoom::PREFIX).unwrap();
        assert_eq!(ProbeRoom::new(suffix), Ok(one.clone()));
    }
}
