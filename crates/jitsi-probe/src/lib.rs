//! DNS, TLS and HTTP as a visitor of a Jitsi site meets them.
//!
//! [`probe()`] makes one [`Visit`] over a [`Network`] and gives a [`Report`]: data, part by part, in which each part is done,
//! failed for a typed reason, or not tried because an earlier one failed. [`Report::faults`] says what is wrong in it.
//! [`Internet`] is the real network; a simulated one runs the same code.
//!
//! [`climb()`] goes further, rung by rung: the page and its scripts, what clients are told, the ways to the XMPP server, a session
//! there, and a room that is ready. Its [`Ladder`] says what was proven, and what was not. [`reception()`] notes what a site says
//! to those who come to port 80 or offer HTTP/2.
//!
//! A certificate that is expired, of another name or of an unknown authority is described and does not end the visit. That is
//! right for a probe only: the connection is not one to which anything secret may be given, and nothing is but requests that
//! strangers make. The one secret, a [`Token`], is shown only over a connection whose certificate is good in all respects.
//!
//! What this does not do: follow redirects, run what a page loads (what only running a `config.js` would tell is said to be
//! unknown), enter a room, look at the video bridge or the path of media, or show anything.

mod certificate;
mod connection;
mod fault;
mod http;
mod internet;
mod ladder;
mod network;
mod page;
mod part;
mod probe;
mod reception;
mod report;
mod room;
mod roots;
mod script;
mod text;
mod tls;
mod token;
mod visit;
mod websocket;
mod witness;
mod xmpp;

pub use rustls::pki_types::CertificateDer;

pub use crate::certificate::{Certificate, Trust, Unreadable, Validity};
pub use crate::connection::{Attempt, ConnectCause, ConnectFailure, Connection};
pub use crate::fault::Fault;
pub use crate::http::{Answer, HttpFailure, LONGEST_PAGE};
pub use crate::internet::{Internet, NoNameServers};
pub use crate::ladder::{
    Bundle, Climb, Evidence, Ladder, Level, Missing, Outcome, Rung, RungFault, SMALLEST_BUNDLE, Setting, Step,
    StreamFailure, Target, climb,
};
pub use crate::network::{Addresses, Network, ResolveError, Stream};
pub use crate::page::{Mark, Page, PageFailure};
pub use crate::part::Part;
pub use crate::probe::probe;
pub use crate::reception::{Plain, Reception, reception};
pub use crate::report::Report;
pub use crate::room::{NoRoom, ProbeRoom};
pub use crate::roots::{Roots, RootsError};
pub use crate::text::Foreign;
pub use crate::tls::{Tls, TlsFailure, TlsVersion};
pub use crate::token::{Issuer, NoToken, Secret, Token};
pub use crate::visit::{Timeouts, Visit};
