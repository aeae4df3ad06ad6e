//! What is wrong with a rung.

use std::fmt;

use serde::Serialize;

use crate::fault::Fault;
use crate::http::HttpFailure;
use crate::ladder::conversation::{Step, StreamFailure, words};
use crate::page::PageFailure;
use crate::text::Foreign;

/// One thing that is wrong with a rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum RungFault {
    /// There is no way to the site: DNS, TCP or TLS.
    #[error("there is no way to {target}: {cause}")]
    Unreached {
        /// What was asked for.
        target: Target,
        /// Why not.
        cause: Fault,
    },
    /// There is no answer to the request.
    #[error("nothing comes of the request for {target}: {cause}")]
    NoAnswer {
        /// What was asked for.
        target: Target,
        /// Why not.
        cause: HttpFailure,
    },
    /// The answer has another status than the one that is wanted.
    #[error("{target} is answered with status {status}{}", sent(location))]
    Status {
        /// What was asked for.
        target: Target,
        /// The status.
        status: u16,
        /// Where the visitor is sent instead.
        location: Option<Foreign>,
    },
    /// What came cannot be read to its end.
    #[error("{target} cannot be read: {}", unread(cause))]
    Unread {
        /// What was asked for.
        target: Target,
        /// Why not.
        cause: PageFailure,
    },
    /// What came is no JavaScript, by its own word. A browser does not run it.
    #[error("{target} is not said to be JavaScript, but {}", said(content_type))]
    NoScript {
        /// What was asked for.
        target: Target,
        /// What it says that it is.
        content_type: Option<Foreign>,
    },
    /// A page came in place of a script, with status 200.
    #[error("a page comes in place of {target}")]
    PageInstead {
        /// What was asked for.
        target: Target,
    },
    /// It is too small to be what it is called.
    #[error("{target} has only {bytes} bytes; none of Jitsi's has less than {least}")]
    TooSmall {
        /// What was asked for.
        target: Target,
        /// Its size.
        bytes: u64,
        /// What it has at least.
        least: u64,
    },
    /// The page is not Jitsi's, or not whole.
    #[error("{cause}")]
    Page {
        /// What it is instead.
        cause: Fault,
    },
    /// `config.js` is not understood at all.
    #[error("{target} is not understood: {told}", target = Target::Config)]
    ConfigNotUnderstood {
        /// Why not.
        told: String,
    },
    /// `config.js` leaves something out.
    #[error("{target} does not set {setting}", target = Target::Config)]
    Unset {
        /// What.
        setting: Setting,
    },
    /// `config.js` sets something to what cannot be told without running it.
    #[error("what {target} sets {setting} to cannot be told without running it", target = Target::Config)]
    Untold {
        /// What.
        setting: Setting,
    },
    /// What should be a host name is none.
    #[error("{setting} is `{value}`, which is no host name")]
    NoName {
        /// What is set.
        setting: Setting,
        /// What it is set to.
        value: Foreign,
    },
    /// What should be an address of the site is none that browsers go to from a page over TLS.
    #[error("{setting} is `{value}`, to where no browser goes from this page")]
    NoAddress {
        /// What is set.
        setting: Setting,
        /// What it is set to.
        value: Foreign,
    },
    /// Clients are sent to another host than the one that they visit.
    #[error("{setting} sends clients to `{host}` instead of `{wanted}`")]
    OtherHost {
        /// What is set.
        setting: Setting,
        /// To where it sends clients.
        host: Foreign,
        /// The site that was visited.
        wanted: String,
    },
    /// The script for pages that embed a meeting is another one.
    #[error("{target} does not have `JitsiMeetExternalAPI` in it", target = Target::ExternalApi)]
    NoExternalApi,
    /// Somebody else than the XMPP server answers for BOSH.
    #[error("{target} is answered, but not by the XMPP server: `{said}`", target = Target::Bosh)]
    NotProsody {
        /// The beginning of what was said.
        said: Foreign,
    },
    /// The connection does not become a websocket.
    #[error("{target} becomes no websocket: the status is {status}{}", sent(location), target = Target::Websocket)]
    NoUpgrade {
        /// The status, which should be 101.
        status: u16,
        /// Where the visitor is sent instead.
        location: Option<Foreign>,
    },
    /// The websocket is for another protocol than XMPP.
    #[error("the websocket is not for `xmpp` but {}", protocol(got))]
    Subprotocol {
        /// What it is for.
        got: Option<Foreign>,
    },
    /// The upgrade to a websocket is not what the standard asks for.
    #[error("the upgrade to a websocket is not sound: {told}")]
    UpgradeNotSound {
        /// What is wrong with it.
        told: String,
    },
    /// A token is shown to nobody whose certificate is not good.
    #[error("the token was not shown, because {}", all(causes))]
    Exposed {
        /// What is wrong with the certificate.
        causes: Vec<Fault>,
    },
    /// The conversation with the XMPP server has broken off, or took a wrong turn.
    #[error("{step} has failed: {cause}")]
    Stream {
        /// How far it was.
        step: Step,
        /// Why.
        cause: StreamFailure,
    },
    /// The XMPP server lets nobody in without a name, with or without a token.
    #[error("the XMPP server does not offer to log in anonymously, but {}", listed(offered))]
    AnonymousNotOffered {
        /// What it offers instead.
        offered: Vec<Foreign>,
    },
    /// The XMPP server does not let the visitor in.
    #[error("the XMPP server refuses {}: `{condition}`{}", bearer(*token), words(text))]
    LoginRefused {
        /// Why, in XMPP's words.
        condition: Foreign,
        /// Why, in its own words.
        text: Option<Foreign>,
        /// Whether a token was shown.
        token: bool,
    },
    /// The XMPP server lets the visitor in, and then gives no session.
    #[error("the XMPP server gives no session: `{condition}`{}", words(text))]
    NoSession {
        /// Why, in XMPP's words.
        condition: Foreign,
        /// Why, in its own words.
        text: Option<Foreign>,
    },
    /// jicofo is not connected to the XMPP server.
    #[error("jicofo is not connected to the XMPP server: `{condition}`")]
    FocusAbsent {
        /// Why, in XMPP's words.
        condition: Foreign,
    },
    /// jicofo does not get the room ready.
    #[error("jicofo does not have the room ready, asked {asked} times")]
    FocusNotReady {
        /// How often it was asked.
        asked: u32,
    },
    /// jicofo does not open the room.
    #[error("jicofo does not open the room: `{condition}`{}", words(text))]
    RoomRefused {
        /// Why, in XMPP's words.
        condition: Foreign,
        /// Why, in its own words.
        text: Option<Foreign>,
    },
    /// What jicofo answers makes no sense.
    #[error("jicofo's answer is not understood: {told}")]
    FocusNotUnderstood {
        /// What is wrong with it.
        told: String,
    },
    /// Strangers may open rooms, though they are to be kept out.
    #[error("a stranger may open a room, though the configuration says that the platform is closed to strangers")]
    OpenToStrangers,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The page itself.
    Page,
    /// The script `libs/lib-jitsi-meet.min.js`.
    Library,
    /// The script `libs/app.bundle.min.js`.
    App,
    /// What clients are told.
    Config,
    /// The script for pages that embed a meeting.
    ExternalApi,
    /// XMPP over HTTP.
    Bosh,
    /// XMPP over websocket.
    Websocket,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Page => "the page",
            Self::Library => "`libs/lib-jitsi-meet.min.js`",
            Self::App => "`libs/app.bundle.min.js`",
            Self::Config => "`/config.js`",
            Self::ExternalApi => "`/external_api.js`",
            Self::Bosh => "`/http-bind`",
            Self::Websocket => "`/xmpp-websocket`",
        })
    }
}

/// Something that `config.js` sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// `config.hosts.domain`
    Domain,
    /// `config.hosts.muc`
    Muc,
    /// `config.hosts.anonymousdomain`
    AnonymousDomain,
    /// `config.bosh`
    Bosh,
    /// `config.websocket`
    Websocket,
}

impl Setting {
    /// As a script writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Domain => "config.hosts.domain",
            Self::Muc => "config.hosts.muc",
            Self::AnonymousDomain => "config.hosts.anonymousdomain",
            Self::Bosh => "config.bosh",
            Self::Websocket => "config.websocket",
        }
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.as_str())
    }
}

fn sent(location: &Option<Foreign>) -> String {
    let location = location.as_ref();
    location.map_or_else(String::new, |it| format!(", and sends visitors to `{it}`"))
}

fn said(content_type: &Option<Foreign>) -> String {
    let nothing = || "nothing at all".to_owned();
    content_type.as_ref().map_or_else(nothing, |it| format!("`{it}`"))
}

fn protocol(got: &Option<Foreign>) -> String {
    let nothing = || "for no protocol".to_owned();
    got.as_ref().map_or_else(nothing, |it| format!("for `{it}`"))
}

fn bearer(token: bool) -> &'static str {
    if token { "the token" } else { "a stranger" }
}

fn listed(offered: &[Foreign]) -> String {
    let names: Vec<String> = offered.iter().map(|it| format!("`{it}`")).collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

fn all(causes: &[Fault]) -> String {
    let causes: Vec<String> = causes.iter().map(Fault::to_string).collect();
    causes.join(", and ")
}

fn unread(cause: &PageFailure) -> String {
    match cause {
        PageFailure::TooLong { limit } => format!("it is longer than {limit} bytes"),
        PageFailure::CutOff => "the connection is closed in the middle".to_owned(),
        PageFailure::Timeout => "it does not come to its end".to_owned(),
        PageFailure::Encoded { encoding } => format!("it is encoded as `{encoding}`, which was not asked for"),
        PageFailure::Other { told } => told.clone(),
    }
}
