//! How a site receives visitors who come the old way or may speak a newer one. Noted, and not judged.

use http::header::STRICT_TRANSPORT_SECURITY;
use serde::Serialize;
use tokio::join;
use url::Url;

use crate::fault::Fault;
use crate::http::{Ask, Fetched, fetch, header};
use crate::network::{Network, Stream};
use crate::part::Part;
use crate::probe::{approach, dial};
use crate::report::Report;
use crate::text::Foreign;
use crate::tls::{HTTP_1, HTTP_2_OR_1};
use crate::visit::{Patience, Visit};

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

/// Looks at how a site receives visitors: three visits at the same time, each with the visit's timeouts. That nobody answers at
/// port 80 is no fault; many sites have closed it.
pub async fn reception(network: &dyn Network, visit: &Visit) -> Reception {
    let (plain, http2, hsts) = join!(plain(network, visit), http2(network, visit), hsts(network, visit));
    Reception {
        plain: plain.into(),
        http2: http2.into(),
        hsts: hsts.into(),
    }
}

async fn plain(network: &dyn Network, visit: &Visit) -> Result<Plain, Fault> {
    let patience = Patience::begin(visit.timeouts);
    let mut report = Report::untried(visit);
    let stream = dial(network, visit, 80, patience, &mut report).await;
    let stream = stream.ok_or_else(|| report.way_fault())?;
    let Fetched { answer, .. } = ask(stream, visit, &visit.domain, patience).await?;
    let status = answer.status;
    Ok(match answer.location {
        None => Plain::Answered { status },
        Some(location) if upgrades(visit, location.as_str()) => Plain::Upgraded { status },
        Some(location) => Plain::SentElsewhere { status, location },
    })
}

/// Whether a redirect from port 80 leads to the same host over TLS.
fn upgrades(visit: &Visit, location: &str) -> bool {
    let base = Url::parse(&format!("http://{}/", visit.domain));
    let there = base.and_then(|base| Ok((base.join(location)?, base)));
    there.is_ok_and(|(there, base)| {
        let port = there.port_or_known_default() == Some(visit.port);
        there.scheme() == "https" && there.host_str() == base.host_str() && port
    })
}

async fn http2(network: &dyn Network, visit: &Visit) -> Result<bool, Fault> {
    let patience = Patience::begin(visit.timeouts);
    let mut report = Report::untried(visit);
    let stream = approach(network, visit, HTTP_2_OR_1, patience, &mut report).await;
    let stream = stream.ok_or_else(|| report.way_fault())?;
    Ok(stream.get_ref().1.alpn_protocol() == Some(b"h2"))
}

async fn hsts(network: &dyn Network, visit: &Visit) -> Result<Option<Foreign>, Fault> {
    let patience = Patience::begin(visit.timeouts);
    let mut report = Report::untried(visit);
    let stream = approach(network, visit, HTTP_1, patience, &mut report).await;
    let stream = stream.ok_or_else(|| report.way_fault())?;
    let Fetched { headers, .. } = ask(stream, visit, &visit.host(), patience).await?;
    Ok(header(&headers, &STRICT_TRANSPORT_SECURITY))
}

/// Asks for the visited page. Only the head of the answer counts.
async fn ask(stream: impl Stream + 'static, visit: &Visit, host: &str, patience: Patience) -> Result<Fetched, Fault> {
    let ask = Ask {
        host,
        path: &visit.path,
        accept: "text/html",
        limit: 0,
        keep: 0,
    };
    let fetched = fetch(stream, &ask, patience).await;
    fetched.map_err(|cause| Fault::Http { cause })
}
