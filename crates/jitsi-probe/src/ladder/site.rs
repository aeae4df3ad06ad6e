//! Files of the visited site, each over a connection of its own.

use tokio_rustls::client::TlsStream;
use url::Url;

use crate::certificate::Unreadable;
use crate::fault::Fault;
use crate::http::{Ask, Body, Fetched, fetch};
use crate::ladder::{RungFault, Target};
use crate::network::{Network, Stream};
use crate::part::Part;
use crate::probe::approach;
use crate::report::Report;
use crate::text::Foreign;
use crate::tls::HTTP_1;
use crate::visit::{Patience, Visit};

/// What a browser calls JavaScript (WHATWG, MIME Sniffing) and servers do.
const SCRIPTS: [&str; 5] = [
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "application/ecmascript",
    "text/ecmascript",
];

/// The site, as one rung visits it.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) network: &'a dyn Network,
    pub(super) visit: &'a Visit,
    pub(super) patience: Patience,
}

/// How much of a file is read.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    /// So many bytes at most.
    pub(super) limit: usize,
    /// So many of them are kept.
    pub(super) keep: usize,
}

impl<'a> Site<'a> {
    /// For a rung that begins now.
    pub(super) fn now(network: &'a dyn Network, visit: &'a Visit) -> Self {
        let patience = Patience::begin(visit.timeouts);
        Self {
            network,
            visit,
            patience,
        }
    }

    /// A connection to the site, and what is wrong with its certificate.
    pub(super) async fn reach(&self, target: Target) -> Result<(TlsStream<Box<dyn Stream>>, Vec<Fault>), RungFault> {
        let mut report = Report::untried(self.visit);
        let stream = approach(self.network, self.visit, HTTP_1, self.patience, &mut report).await;
        let stream = stream.ok_or_else(|| {
            let cause = report.way_fault();
            RungFault::Unreached { target, cause }
        })?;
        let mut certificate = report.certificate_faults();
        if report.certificate == Part::NotTried {
            let told = "none was shown".to_owned();
            let cause = Unreadable { told };
            certificate.push(Fault::Certificate { cause });
        }
        Ok((stream, certificate))
    }

    /// A file, with status 200 and read to its end.
    pub(super) async fn file(
        &self,
        target: Target,
        path: &str,
        extent: Extent,
    ) -> Result<(Option<Foreign>, Body), RungFault> {
        let (stream, _) = self.reach(target).await?;
        let page = target == Target::Page;
        let ask = Ask {
            host: &self.visit.host(),
            path,
            accept: if page { "text/html" } else { "*/*" },
            limit: extent.limit,
            keep: extent.keep,
        };
        let fetched = fetch(stream, &ask, self.patience).await;
        let Fetched { answer, body, .. } = fetched.map_err(|cause| RungFault::NoAnswer { target, cause })?;
        match body {
            Part::Done(body) => Ok((answer.content_type, body)),
            Part::Failed(cause) => Err(RungFault::Unread { target, cause }),
            Part::NotTried => Err(RungFault::Status {
                target,
                status: answer.status,
                location: answer.location,
            }),
        }
    }

    /// The same of a script. Jitsi's web server, and many others, answer with a page for what they do not have.
    pub(super) async fn script(&self, target: Target, path: &str, extent: Extent) -> Result<Body, RungFault> {
        let (content_type, body) = self.file(target, path, extent).await?;
        if is_page(&body.start) {
            return Err(RungFault::PageInstead { target });
        }
        if !content_type.as_ref().is_some_and(|it| is_script(it.as_str())) {
            return Err(RungFault::NoScript { target, content_type });
        }
        Ok(body)
    }

    /// The address of the page itself.
    pub(super) fn address(&self) -> Option<Url> {
        let root = Url::parse(&format!("https://{}/", self.visit.host())).ok()?;
        root.join(&self.visit.path).ok()
    }
}

/// Whether both are the same host and port.
pub(super) fn same_host(one: &Url, other: &Url) -> bool {
    one.host_str() == other.host_str() && one.port_or_known_default() == other.port_or_known_default()
}

/// No script begins like a page.
fn is_page(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.trim_ascii_start().starts_with(b"<")
}

fn is_script(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    SCRIPTS.iter().any(|script| kind.eq_ignore_ascii_case(script))
}
