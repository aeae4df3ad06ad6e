//! A visitor of the platform's site: over the internet, or within the sandbox.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use jitsi_ops::access::Aws;
use jitsi_ops::clock::Clock;
use jitsi_ops::observation::Observation;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::record::Record;
use jitsi_ops::survey::{Survey, survey};
use jitsi_ops::wanted::Wanted;
use jitsi_probe::{
    Addresses, Climb, Internet, Ladder, Network, Part, ProbeRoom, Reception, Report, ResolveError, Roots, Timeouts,
    Token, Visit, climb, probe, reception,
};
use sandbox_site::Site;

use crate::context::Context;

/// How long each part of a rung may take, and a rung.
const CLIMBING: Timeouts = Timeouts {
    part: Duration::from_secs(20),
    overall: Duration::from_secs(60),
};

/// Somebody who can visit sites.
pub struct Visitor {
    network: Box<dyn Network>,
    roots: Roots,
}

/// What a visit has found.
#[derive(Debug)]
pub struct Visited {
    /// DNS, TLS, certificate, HTTP, page.
    pub report: Report,
    /// The addresses of the platform's load balancer, by the same resolver.
    pub balancer: Result<Addresses, ResolveError>,
}

impl Visitor {
    /// The visitor of `context`. `ca_file`: certificates of authorities that are trusted beside this machine's.
    ///
    /// # Errors
    /// The file cannot be used, this machine has no root certificates, or no name servers.
    pub fn new(context: &Context, ca_file: Option<&Path>) -> Result<Self, Problem> {
        let failed = |error: &dyn std::error::Error| {
            Problem::new(ProblemKind::Failed, "the site cannot be visited").because(error.to_string())
        };
        let (network, roots): (Box<dyn Network>, Roots) = match &context.sandbox {
            Some(sandbox) => {
                let site = Site::of(sandbox.clone()).map_err(|error| failed(&error))?;
                let roots = Roots::none().with_certificate(site.authority());
                (Box::new(site), roots.map_err(|error| failed(&error))?)
            }
            None => {
                let native = match (Roots::native(), ca_file) {
                    (Ok(roots), _) => roots,
                    (Err(_), Some(_)) => Roots::none(),
                    (Err(error), None) => {
                        return Err(
                            failed(&error).hint("install your system's ca-certificates, or name a file with --ca-file")
                        );
                    }
                };
                let internet = Internet::new().map_err(|error| failed(&error))?;
                (Box::new(internet), native)
            }
        };
        let roots = match ca_file {
            Some(file) => roots.with_file(file).map_err(|error| {
                Problem::new(ProblemKind::Usage, error.to_string()).hint("--ca-file takes a file of PEM certificates")
            })?,
            None => roots,
        };
        Ok(Self { network, roots })
    }

    /// Visits the platform's front page, as of `now`.
    pub async fn visit(&self, wanted: &Wanted, seen: &Observation, now: Timestamp) -> Visited {
        let visit = self.of(wanted, now);
        let balancer = async {
            match seen.load_balancer.here() {
                Some(balancer) => self.network.resolve(&balancer.dns_name).await,
                None => Err(ResolveError::NoSuchName),
            }
        };
        let (report, balancer) = tokio::join!(probe(self.network.as_ref(), &visit), balancer);
        Visited { report, balancer }
    }

    /// Looks at how the platform's site receives visitors, as of `now`.
    pub async fn reception(&self, wanted: &Wanted, now: Timestamp) -> Reception {
        reception(self.network.as_ref(), &self.of(wanted, now)).await
    }

    /// Goes as far as a visitor gets on the way to a conference, as of `now`. `closed`: without a token nobody is meant to
    /// open a room.
    pub async fn climb(
        &self,
        wanted: &Wanted,
        now: Timestamp,
        room: ProbeRoom,
        token: Option<Token>,
        closed: bool,
    ) -> Ladder {
        // The scripts are megabytes, and lines can be slow.
        let visit = Visit {
            timeouts: CLIMBING,
            ..self.of(wanted, now)
        };
        let climbed = Climb {
            visit,
            room,
            token,
            closed,
        };
        climb(self.network.as_ref(), &climbed).await
    }

    fn of(&self, wanted: &Wanted, now: Timestamp) -> Visit {
        Visit::of(wanted.domain.as_str(), self.roots.clone(), now)
    }
}

impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Visitor").finish_non_exhaustive()
    }
}

impl Visited {
    /// Whether the name leads to the load balancer and nowhere else; `None`: not known.
    pub fn leads_to_the_load_balancer(&self) -> Option<bool> {
        let found = match &self.report.addresses {
            Part::Done(found) => found,
            Part::Failed(cause) if cause.is_known() => return Some(false),
            _ => return None,
        };
        let of_balancer: &[IpAddr] = &self.balancer.as_ref().ok()?.found;
        Some(found.found.iter().all(|address| of_balancer.contains(address)))
    }
}

/// A platform as it is inside, by AWS, and outside, as a visitor meets it.
#[derive(Debug)]
pub struct Inspection {
    /// By AWS.
    pub survey: Survey,
    /// From outside.
    pub visit: Visiting,
}

/// Whether the site was visited.
#[derive(Debug)]
pub enum Visiting {
    /// It was, and this was found.
    Done(Box<Visited>),
    /// It was not, and why.
    Not(&'static str),
}

impl Visiting {
    /// What was found, if the site was visited.
    pub fn done(&self) -> Option<&Visited> {
        match self {
            Self::Done(visited) => Some(visited),
            Self::Not(_) => None,
        }
    }
}

/// Looks at the platform from inside and, with a visitor, from outside. `state_folder` is the user's.
pub async fn inspect(
    aws: &Aws,
    wanted: &Wanted,
    state_folder: &Path,
    clock: &Clock,
    visitor: Option<&Visitor>,
) -> Inspection {
    let survey = survey(aws, wanted, state_folder, clock).await;
    let visit = match (visitor, no_visit(wanted, &survey.seen)) {
        (None, _) => Visiting::Not("no visit was asked for"),
        (Some(_), Some(why)) => Visiting::Not(why),
        (Some(visitor), None) => {
            let now = survey.seen.aws_at.unwrap_or(survey.seen.at);
            Visiting::Done(Box::new(visitor.visit(wanted, &survey.seen, now).await))
        }
    };
    Inspection { survey, visit }
}

/// Why nobody visits the site now; `None`: a visit tells something. A resolver that is asked for a name which does not exist yet
/// remembers for minutes that it does not.
fn no_visit(wanted: &Wanted, seen: &Observation) -> Option<&'static str> {
    let leads = |seen: &Observation| {
        let records = seen.records.here();
        records.is_some_and(|records| records.iter().any(Record::leads_visitors))
    };
    if seen.load_balancer.is_absent() {
        Some("there is no load balancer")
    } else if seen.load_balancer.here().is_some_and(|b| b.state == "provisioning") {
        Some("the load balancer is not active yet")
    } else if wanted.dns.is_some() && seen.records.is_known() && !leads(seen) {
        Some("there is no record that leads to it")
    } else {
        None
    }
}
