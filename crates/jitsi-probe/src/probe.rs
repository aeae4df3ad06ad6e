//! A visit: each part builds on the one before it.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use tokio::time::{Instant, timeout_at};

use crate::certificate::Judge;
use crate::connection::connect;
use crate::http::get;
use crate::network::{Addresses, Network, ResolveError};
use crate::part::Part;
use crate::report::Report;
use crate::tls::handshake;
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
    let name = match ServerName::try_from(visit.domain.clone()) {
        Ok(name @ ServerName::DnsName(_)) => name,
        _ => {
            report.addresses = Part::Failed(ResolveError::InvalidName);
            return;
        }
    };
    let addresses = match resolve(network, visit, patience).await {
        Ok(addresses) => addresses,
        Err(cause) => {
            report.addresses = Part::Failed(cause);
            return;
        }
    };
    let connected = connect(network, &addresses.found, visit.port, patience.deadline()).await;
    report.addresses = Part::Done(addresses);
    let (connection, stream) = match connected {
        Ok(connected) => connected,
        Err(cause) => {
            report.connection = Part::Failed(cause);
            return;
        }
    };
    report.connection = Part::Done(connection);
    let provider = Arc::new(aws_lc_rs::default_provider());
    let shaken = handshake(&provider, &name, stream, patience.deadline()).await;
    let judge = Judge {
        name: &name,
        roots: &visit.roots,
        now: visit.now,
        algorithms: provider.signature_verification_algorithms,
    };
    if let Some(certificates) = shaken.certificates {
        report.certificate = judge.describe(&certificates).into();
    }
    let (tls, stream) = match shaken.outcome {
        Ok(done) => done,
        Err(cause) => {
            report.tls = Part::Failed(cause);
            return;
        }
    };
    report.tls = Part::Done(tls);
    (report.http, report.page) = get(stream, visit, patience).await;
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
