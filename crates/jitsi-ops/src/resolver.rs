//! To which addresses a name leads: asked of the machine's resolver, or of one within the process.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use crate::failure::{AwsFailure, Call};

/// How long the machine's resolver may take. It has timeouts of its own, which add up to more.
const PATIENCE: Duration = Duration::from_secs(10);

/// A resolver within the process: the sandbox's names are known nowhere else.
#[derive(Clone)]
pub struct Resolver(Arc<Answer>);

/// The addresses of a name; none where there is no such name.
type Answer = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Resolver {
    /// One that answers what `answer` says; nothing where there is no such name.
    pub fn new(answer: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        Self(Arc::new(answer))
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

/// The IPv4 addresses of `name`, in order. That there are none is an answer too.
pub(crate) async fn addresses(within: Option<&Resolver>, name: &str) -> Result<Vec<String>, AwsFailure> {
    let found: Vec<IpAddr> = match within {
        Some(resolver) => resolver.0(name),
        None => of_the_machine(name).await?,
    };
    let found: BTreeSet<IpAddr> = found.into_iter().filter(IpAddr::is_ipv4).collect();
    Ok(found.iter().map(ToString::to_string).collect())
}

async fn of_the_machine(name: &str) -> Result<Vec<IpAddr>, AwsFailure> {
    let call = || Call::new("DNS", "lookup", name);
    // The port is asked for by the interface, and means nothing.
    match tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, 0))).await {
        Ok(Ok(found)) => Ok(found.map(|address: SocketAddr| address.ip()).collect()),
        Ok(Err(error)) => Err(AwsFailure::unanswered(call(), error.to_string())),
        Err(_) => Err(AwsFailure::unanswered(
            call(),
            format!("no answer in {} s", PATIENCE.as_secs()),
        )),
    }
}
