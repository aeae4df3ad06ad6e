//! What a rung that holds has shown.

use std::fmt;

use serde::Serialize;

use crate::ladder::Target;
use crate::text::Foreign;

/// What a rung that holds has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Evidence {
    /// L0: it is Jitsi's page, and its scripts are there.
    Page {
        /// The page's title.
        title: Option<Foreign>,
        /// The two scripts.
        bundles: Vec<Bundle>,
    },
    /// L1: what the site tells its clients.
    Config {
        /// `config.hosts.domain`.
        domain: Foreign,
        /// `config.hosts.muc`.
        muc: Foreign,
        /// `config.hosts.anonymousdomain`: where strangers log in.
        anonymous_domain: Option<Foreign>,
        /// `config.bosh`.
        bosh: Option<Foreign>,
        /// `config.websocket`.
        websocket: Option<Foreign>,
    },
    /// L2: the XMPP server answers over BOSH and takes a websocket.
    Signalling,
    /// L3: the XMPP server has given a session.
    Session {
        /// At which of its domains.
        domain: Foreign,
        /// The address that it has given.
        jid: Foreign,
        /// Whether a token was shown.
        token: bool,
    },
    /// L3: a stranger is not let in. That is good.
    ClosedToStrangers {
        /// The server's word for it, such as `not-allowed`.
        condition: Foreign,
    },
    /// L4: the room is ready.
    Conference {
        /// Who leads it.
        focus: Foreign,
        /// How often it was asked for until it was.
        asked: u32,
    },
    /// L4: jicofo answers, and lets a stranger open no room. That is good.
    RoomsClosedToStrangers {
        /// Its word for it, such as `not-authorized`.
        condition: Foreign,
    },
}

/// A script that the page loads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Bundle {
    /// It came.
    Fetched {
        /// Which one.
        script: Target,
        /// Its size.
        bytes: u64,
    },
    /// It comes from another host, and was not fetched.
    Elsewhere {
        /// Which one.
        script: Target,
        /// From where.
        source: Foreign,
    },
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page { bundles, .. } => {
                f.write_str("the page is Jitsi's")?;
                bundles.iter().try_for_each(|bundle| write!(f, ", {bundle}"))
            }
            Self::Config { domain, muc, .. } => {
                write!(f, "clients are told the XMPP domain `{domain}` and its rooms `{muc}`")
            }
            Self::Signalling => f.write_str("the XMPP server answers over BOSH and takes a websocket"),
            Self::Session { domain, token, .. } => {
                let whom = if *token { "the token's bearer" } else { "a stranger" };
                write!(f, "`{domain}` has given {whom} a session")
            }
            Self::ClosedToStrangers { condition } => {
                write!(
                    f,
                    "the platform is closed to strangers (`{condition}`), as it should be where tokens are wanted"
                )
            }
            Self::Conference { focus, .. } => write!(f, "`{focus}` has the room ready"),
            Self::RoomsClosedToStrangers { condition } => {
                write!(f, "jicofo answers; strangers may not open rooms (`{condition}`)")
            }
        }
    }
}

impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetched { script, bytes } => write!(f, "{script} is there ({bytes} bytes)"),
            Self::Elsewhere { script, source } => {
                write!(f, "{script} comes from elsewhere and was not fetched (`{source}`)")
            }
        }
    }
}
