//! A visit: each part builds on the one before it.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;

use crate::certificate::Judge;
use crate::connection::connect;
use crate::http::get;
use crate::network::{Addresses, Network, ResolveError, Stream};
use crate::part::Part;
use crate::report::Report;
use crate::tls::{HTTP_1, handshake};
use crate::visit::{Patience, Visit};

/// Visits a page, and reports what a visitor would meet. It takes no longer than the visit's timeouts, and never fails as a
/// whole. A bad certificate does not end it; see [`Report::certificate`].
pub async fn probe(network: &dyn Network, visit: &Visit) -> Report {
    let started = Instant::now();
    let mut report = Report::untried(visit);
    walk(network, visit, &mut report).await;
    report.took = started.elapsed();
    report
}

/// Goes as far as there is a way, and fills in the report.
async fn walk(network: &dyn Network, visit: &Visit, report: &mut Report) {
    let patience = Patience::begin(visit.timeouts);
    if let Some(stream) = approach(network, visit, HTTP_1, patience, report).await {
        (report.http, report.page) = get(stream, visit, patience).await;
    }
}

/// Goes as far as the handshake, and fills in the report so far. `None`: it was not completed, and the report says why.
pub(crate) async fn approach(
    network: &dyn Network,
    visit: &Visit,
    protocols: &[&[u8]],
    patience: Patience,
    report: &mut Report,
) -> Option<TlsStream<Box<dyn Stream>>> {
    let name = match ServerName::try_from(visit.domain.clone()) {
        Ok(name @ ServerName::DnsName(_)) => name,
        _ => {
            report.addresses = Part::Failed(ResolveError::InvalidName);
            return None;
        }
    };
    let stream = dial(network, visit, visit.port, patience, report).await?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let shaken = handshake(&provider, &name, protocols, stream, patience.deadline()).await;
    let judge = Judge {
        name: &name,
        roots: &visit.roots,
        now: visit.now,
        algorithms: provider.signature_verification_algorithms,
    };
    if let Some(certificates) = shaken.certificates {
        report.certificate = judge.describe(&certificates).into();
    }
    match shaken.outcome {
        Ok((tls, stream)) => {
            report.tls = Part::Done(tls);
            Some(stream)
        }
        Err(cause) => {
            report.tls = Part::Failed(cause);
            None
        }
    }
}

/// Goes as far as the connection.
pub(crate) async fn dial(
    network: &dyn Network,
    visit: &Visit,
    port: u16,
    patience: Patience,
    report: &mut Report,
) -> Option<Box<dyn Stream>> {
    let addresses = match resolve(network, visit, patience).await {
        Ok(addresses) => addresses,
        Err(cause) => {
            report.addresses = Part::Failed(cause);
            return None;
        }
    };
    let connected = connect(network, &addresses.found, port, patience.deadline()).await;
    report.addresses = Part::Done(addresses);
    match connected {
        Ok((connection, stream)) => {
            report.connection = Part::Done(connection);
            Some(stream)
        }
        Err(cause) => {
            report.connection = Part::Failed(cause);
            None
        }
    }
}

/// The addresses of the visited name; no addresses are a failure, whatever the network says.
async fn resolve(network: &dyn Network, visit: &Visit, patience: Patience) -> Result<Addresses, ResolveError> {
    let answered = timeout_at(patience.deadline(), network.resolve(&visit.domain)).await;
    let addresses = answered.unwrap_or(Err(ResolveError::NoAnswer))?;
    if addresses.found.is_empty() {
        return Err(addresses.unknown.unwrap_or(ResolveError::NoAddress));
    }
    Ok(addresses)
}
