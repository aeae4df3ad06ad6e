//! The conversation with the XMPP server: how far it is, and why it goes no further.

use serde::Serialize;

use crate::text::Foreign;

/// A step of the conversation with the XMPP server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Opening the stream.
    #[error("opening the XMPP stream")]
    Open,
    /// Logging in.
    #[error("logging in")]
    Login,
    /// Opening it again, as the one who has logged in.
    #[error("opening the XMPP stream after the login")]
    Reopen,
    /// Getting an address.
    #[error("getting a session")]
    Bind,
    /// Asking jicofo for the room.
    #[error("asking jicofo for the room")]
    Conference,
}

/// Why a conversation with the XMPP server goes no further.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum StreamFailure {
    /// No answer in time.
    #[error("there is no answer")]
    Timeout,
    /// The server has closed the stream or the connection.
    #[error("the server closes the stream")]
    Closed,
    /// A message is longer than any that belongs here.
    #[error("the answer is too long")]
    TooLong,
    /// So many messages came, and the answer was not among them.
    #[error("{count} messages come, and the answer is not among them")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// It is no XML as XMPP has it.
    #[error("the answer is no XML of XMPP: {told}")]
    NotXml {
        /// What is wrong with it.
        told: Foreign,
    },
    /// Something came that does not belong here.
    #[error("`{element}` comes instead of an answer")]
    Unexpected {
        /// Its name.
        element: Foreign,
    },
    /// The server ends the stream with an error.
    #[error("the server says `{condition}`{}", words(text))]
    StreamError {
        /// Which one, such as `host-unknown`.
        condition: Foreign,
        /// The same in its own words.
        text: Option<Foreign>,
    },
    /// Anything else.
    #[error("{told}")]
    Other {
        /// What was said.
        told: String,
    },
}

/// What was said beside a condition.
pub(super) fn words(text: &Option<Foreign>) -> String {
    text.as_ref().map_or_else(String::new, |it| format!(" (`{it}`)"))
}
