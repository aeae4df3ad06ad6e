//! How a site receives visitors who come the old way or may speak a newer one. Noted, and not judged.

use serde::Serialize;

use crate::fault::Fault;
use crate::network::Network;
use crate::part::Part;
use crate::text::Foreign;
use crate::visit::Visit;

/// How a site receives visitors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reception {
    /// What comes of a visit of port 80.
    pub plain: Part<Plain, Fault>,
    /// Whether HTTP/2 is spoken by those who offer it.
    pub http2: Part<bool, Fault>,
    /// The `Strict-Transport-Security` of the front page; `None` in it: there is none.
    pub hsts: Part<Option<Foreign>, Fault>,
}

/// What comes of a visit of port 80.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Plain {
    /// The visitor is sent to the same host over TLS.
    Upgraded {
        /// The status.
        status: u16,
    },
    /// The visitor is sent elsewhere.
    SentElsewhere {
        /// The status.
        status: u16,
        /// To where.
        location: Foreign,
    },
    /// It is answered without TLS.
    Answered {
        /// The status.
        status: u16,
    },
}

/// Looks at how a site receives visitors: three visits, each with the visit's timeouts.
pub async fn reception(_network: &dyn Network, _visit: &Visit) -> Reception {
    Reception {
        plain: Part::NotTried,
        http2: Part::NotTried,
        hsts: Part::NotTried,
    }
}
