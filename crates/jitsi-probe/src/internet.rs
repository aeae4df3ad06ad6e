//! The real network: the system's name servers, and TCP.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join};
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, RecordType};
use hickory_resolver::{ResolverBuilder, TokioResolver};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::network::{Addresses, Network, ResolveError, Stream};

/// The internet. Each name is asked for anew: nothing is remembered, and the machine's `hosts` file, which no visitor has,
/// is not read. Names are taken as they are; no search domain is tried.
pub struct Internet {
    resolver: TokioResolver,
}

/// It is not known which name servers to ask.
#[derive(Clone, Debug, thiserror::Error)]
#[error("this machine's name servers are not known: {told}")]
pub struct NoNameServers {
    /// What is wrong with the system's configuration.
    pub told: String,
}

impl Internet {
    /// With the system's name servers (on Unix those of `/etc/resolv.conf`).
    ///
    /// # Errors
    /// When they are not known.
    pub fn new() -> Result<Self, NoNameServers> {
        Self::over(TokioResolver::builder_tokio())
    }

    /// With these name servers instead, over UDP and, where an answer does not fit, TCP.
    ///
    /// # Errors
    /// When there are none.
    pub fn asking(servers: &[SocketAddr]) -> Result<Self, NoNameServers> {
        if servers.is_empty() {
            let told = "none was given".to_owned();
            return Err(NoNameServers { told });
        }
        let servers = servers.iter().map(name_server).collect();
        let config = ResolverConfig::from_name_servers(servers);
        Self::over(Ok(TokioResolver::builder_with_config(config, Default::default())))
    }

    fn over(builder: Result<ResolverBuilder<Provider>, NetError>) -> Result<Self, NoNameServers> {
        let mut builder = builder.map_err(NoNameServers::of)?;
        forget(builder.options_mut());
        let resolver = builder.build().map_err(NoNameServers::of)?;
        Ok(Self { resolver })
    }

    /// The addresses of one family.
    async fn addresses(&self, name: Name, kind: RecordType) -> Result<Vec<IpAddr>, ResolveError> {
        let found = in_time(self.resolver.lookup(name, kind)).await?;
        let answers = found.answers().iter();
        let addresses: Vec<IpAddr> = answers.filter_map(|record| address(&record.data)).collect();
        match (addresses.is_empty(), found.message().response_code) {
            (false, _) => Ok(addresses),
            // A name that leads on to one that does not exist.
            (true, ResponseCode::NXDomain) => Err(ResolveError::NoSuchName),
            (true, _) => Err(ResolveError::NoAddress),
        }
    }
}

/// So long a question may take, all tries together. It is less than a part of a visit, so that one family's silent name server
/// does not hide the addresses of the other.
const QUESTION: Duration = Duration::from_secs(4);

/// A question's answer, if it comes in time.
async fn in_time<T>(question: impl Future<Output = Result<T, NetError>>) -> Result<T, ResolveError> {
    match timeout(QUESTION, question).await {
        Ok(answered) => answered.map_err(|error| cause(&error)),
        Err(_) => Err(ResolveError::NoAnswer),
    }
}

type Provider = hickory_resolver::net::runtime::TokioRuntimeProvider;

impl NoNameServers {
    fn of(error: NetError) -> Self {
        Self {
            told: error.to_string(),
        }
    }
}

fn forget(options: &mut ResolverOpts) {
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    // Two tries end before the question does.
    options.timeout = QUESTION.mul_f64(0.45);
    options.attempts = 1;
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let mut ways = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
    for way in &mut ways {
        way.port = address.port();
    }
    NameServerConfig::new(address.ip(), true, ways.into())
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(address.0.into()),
        RData::AAAA(address) => Some(address.0.into()),
        _ => None,
    }
}

fn cause(error: &NetError) -> ResolveError {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) if none.response_code == ResponseCode::NXDomain => {
            ResolveError::NoSuchName
        }
        NetError::Dns(DnsError::NoRecordsFound(_)) => ResolveError::NoAddress,
        NetError::Dns(DnsError::ResponseCode(code)) => ResolveError::ServerFailed { code: told(*code) },
        NetError::Timeout => ResolveError::NoAnswer,
        NetError::Io(_) | NetError::NoConnections | NetError::Busy => ResolveError::Unreachable {
            told: error.to_string(),
        },
        _ => ResolveError::NotUnderstood {
            told: error.to_string(),
        },
    }
}

/// The code by the name that other tools give it.
fn told(code: ResponseCode) -> String {
    match code {
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        other => format!("RCODE {}", u16::from(other)),
    }
}

/// What two questions tell together. A name that does not exist has no address of either family; an answer that is not known
/// is never taken for none.
fn together(
    v6: Result<Vec<IpAddr>, ResolveError>,
    v4: Result<Vec<IpAddr>, ResolveError>,
) -> Result<Addresses, ResolveError> {
    let unknown = |error: ResolveError| Some(error).filter(|error| !error.is_known());
    match (v6, v4) {
        (Ok(mut found), Ok(others)) => {
            found.extend(others);
            Ok(Addresses { found, unknown: None })
        }
        (Ok(found), Err(error)) | (Err(error), Ok(found)) => Ok(Addresses {
            found,
            unknown: unknown(error),
        }),
        (Err(ResolveError::NoSuchName), Err(_)) | (Err(_), Err(ResolveError::NoSuchName)) => {
            Err(ResolveError::NoSuchName)
        }
        (Err(one), Err(other)) => Err(if one.is_known() { other } else { one }),
    }
}

impl Network for Internet {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Addresses, ResolveError>> {
        async move {
            let absolute = format!("{}.", name.trim_end_matches('.'));
            let name = Name::from_ascii(absolute).map_err(|_| ResolveError::InvalidName)?;
            let v6 = self.addresses(name.clone(), RecordType::AAAA);
            let (v6, v4) = join(v6, self.addresses(name, RecordType::A)).await;
            together(v6, v4)
        }
        .boxed()
    }

    fn connect(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Stream>>> {
        async move {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use ResolveError::{NoAddress, NoAnswer, NoSuchName};

    use super::*;

    #[test]
    fn an_answer_that_is_not_known_is_never_taken_for_none() {
        let failed = || ResolveError::ServerFailed {
            code: "SERVFAIL".to_owned(),
        };
        let address = || vec![IpAddr::from([192, 0, 2, 1])];
        let known = Addresses {
            found: address(),
            unknown: None,
        };
        assert_eq!(together(Err(NoAddress), Ok(address())), Ok(known));
        let half = Addresses {
            found: address(),
            unknown: Some(failed()),
        };
        assert_eq!(together(Ok(address()), Err(failed())), Ok(half));
        assert_eq!(together(Err(NoAddress), Err(NoAddress)), Err(NoAddress));
        assert_eq!(together(Err(NoAddress), Err(failed())), Err(failed()));
        assert_eq!(together(Err(NoAnswer), Err(NoAddress)), Err(NoAnswer));
        assert_eq!(together(Err(NoAnswer), Err(NoSuchName)), Err(NoSuchName));
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_that_nobody_answers_leaves_time_for_the_rest_of_the_part() {
        let started = tokio::time::Instant::now();
        let answered = in_time(std::future::pending::<Result<(), NetError>>()).await;
        assert_eq!((answered, started.elapsed()), (Err(NoAnswer), QUESTION));
        assert!(QUESTION < crate::Timeouts::default().part);
    }
}
