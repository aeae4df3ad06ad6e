//! The rungs by name, and what each of them proves.

use std::fmt;

use serde::{Serialize, Serializer};

/// A rung of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// L0: the page and its two scripts.
    Page,
    /// L1: what the site tells a client about itself.
    Config,
    /// L2: the two ways to the XMPP server.
    Signalling,
    /// L3: a session at the XMPP server.
    Login,
    /// L4: a room that is ready for a conference.
    Conference,
}

impl Level {
    /// All of them, from the lowest.
    pub const ALL: [Self; 5] = [
        Self::Page,
        Self::Config,
        Self::Signalling,
        Self::Login,
        Self::Conference,
    ];

    /// `L0` to `L4`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "L0",
            Self::Config => "L1",
            Self::Signalling => "L2",
            Self::Login => "L3",
            Self::Conference => "L4",
        }
    }

    /// Its name in a word.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Config => "config",
            Self::Signalling => "signalling",
            Self::Login => "login",
            Self::Conference => "conference",
        }
    }

    /// What it proves when it holds.
    #[must_use]
    pub fn proves(self) -> &'static str {
        match self {
            Self::Page => "the web server serves Jitsi's page and the scripts that it loads",
            Self::Config => "clients are told the XMPP server's names, and to come to this very domain",
            Self::Signalling => "the web server leads to the XMPP server, over BOSH and over websocket",
            Self::Login => "the XMPP server gives a visitor a session, or keeps strangers out",
            Self::Conference => "jicofo is connected to the XMPP server and opens rooms, or keeps strangers from it",
        }
    }

    /// What it does not prove, even so.
    #[must_use]
    pub fn does_not_prove(self) -> &'static str {
        match self {
            Self::Page => "that anything answers behind the page",
            Self::Config => "that the names and addresses in it lead anywhere",
            Self::Signalling => "that the XMPP server lets anybody in",
            Self::Login => "that a room can be opened",
            Self::Conference => "that a video bridge is there, or that media get through to it",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rung_says_what_it_proves_and_what_not() {
        let names = Level::ALL.map(Level::as_str);
        assert_eq!(names, ["L0", "L1", "L2", "L3", "L4"]);
        assert!(Level::ALL.is_sorted());
        assert!(Level::Conference.does_not_prove().contains("video bridge"));
        assert!(Level::Signalling.proves().contains("XMPP server"));
        assert_eq!(format!("{:>3} {}", Level::Page, Level::Login.title()), " L0 login");
    }
}
