//! One look at everything that an operator asks about, made at once: `status` and `check-health` show it.
//!
//! Unlike [`look`](crate::observe::look) it does not wait for a round to end: each call goes out as soon as its inputs are
//! there. The longest chain is three calls: tasks are listed, described, and asked about their protection; the bucket is
//! searched, its journal listed, an entry read. What a listing tells already is not asked for again. What could not be
//! read is unknown with its cause, and the rest is there.

mod balancers;
mod books;
mod cost;
mod hours;
mod ledger;
mod tasks;

use std::path::Path;

use futures_util::{FutureExt, join};
use jiff::Timestamp;

use crate::access::Aws;
use crate::clock::Clock;
use crate::failure::AwsFailure;
use crate::journal::Entries;
use crate::lint::{Finding, lint};
use crate::lock::Sighting;
use crate::observation::{Identity, LoadBalancer, Observation, Service, TaskDefinition};
use crate::observe::{ecs, preflight, route53};
use crate::plan::orphans;
use crate::problem::Problem;
use crate::reading::Reading;
use crate::state::{Assessment, State};
use crate::wanted::Wanted;

pub(crate) use cost::load_balancer;
pub use cost::running;
pub use hours::{KEPT, RunningHour, running_hours};
pub use ledger::{Ledger, Shape, ledger};

/// How many entries of the journal are read.
pub const ENTRIES: usize = 3;

/// What was seen of a platform.
#[derive(Debug)]
pub struct Survey {
    /// What AWS runs, and how it is.
    pub seen: Observation,
    /// Load balancers that are this platform's by their tags and go by another name.
    pub others: Vec<LoadBalancer>,
    /// The platform's lock; absent: nobody holds it.
    pub lock: Reading<Sighting>,
    /// The bucket in which lock and journal are kept; `None`: this machine.
    pub bucket: Option<String>,
    /// The newest entries of the journal, the newest last.
    pub journal: Result<Entries, Problem>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What, for people: `the tasks`.
    pub what: String,
    /// Which call failed on what, and why.
    pub why: String,
    /// What to do about it.
    pub hints: Vec<String>,
}

/// Looks at the platform. `state_folder` is the user's: there this machine keeps its part of lock and journal.
pub async fn survey(aws: &Aws, wanted: &Wanted, state_folder: &Path, clock: &Clock) -> Survey {
    let service = ecs::service(aws, wanted).shared();
    let identity = identity(aws, service.clone()).shared();
    let account = account(wanted, service.clone(), identity.clone());
    let (service, identity, definition, tasks, balancers, records, books) = join!(
        service.clone(),
        identity.clone(),
        definition(aws, service.clone()),
        tasks::tasks(aws, wanted, clock, service.clone()),
        balancers::balancers(aws, wanted),
        route53::records(aws, wanted),
        books::books(aws, wanted, state_folder, clock, account),
    );
    let now = clock.now();
    let balancers::Balancers { mut seen, all } = balancers;
    seen.service = service;
    seen.identity = identity;
    seen.task_definition = definition;
    seen.tasks = tasks.tasks;
    seen.tasks_at = now;
    seen.guard = tasks.guard;
    seen.records = records;
    seen.at = now;
    seen.aws_at = aws.time_at_aws(clock.awake_or_asleep());
    let others = others(wanted, &seen, all);
    Survey {
        seen,
        others,
        lock: books.lock,
        bucket: books.bucket,
        journal: books.journal,
    }
}

/// Those of `all` that are this platform's under another name.
fn others(wanted: &Wanted, seen: &Observation, all: Vec<LoadBalancer>) -> Vec<LoadBalancer> {
    let (Some(service), Some(fleet)) = (seen.service.here(), seen.fleet.here()) else {
        return Vec::new();
    };
    let (found, _) = orphans::of_ours(fleet, wanted, service);
    let is_one = |balancer: &LoadBalancer| found.iter().any(|found| found.arn == balancer.arn);
    all.into_iter().filter(is_one).collect()
}

async fn definition(aws: &Aws, service: impl Future<Output = Reading<Service>>) -> Reading<TaskDefinition> {
    let part = Observation {
        service: service.await,
        ..Observation::default()
    };
    preflight::task_definition(aws, &part).await
}

/// Who is asking, where the service's ARN does not tell the account.
async fn identity(aws: &Aws, service: impl Future<Output = Reading<Service>>) -> Reading<Identity> {
    match service.await.here().and_then(Service::account) {
        Some(_) => Reading::NotRead,
        None => preflight::identity(aws).await,
    }
}

/// The account by which lock and journal are kept, as soon as it is known.
async fn account(
    wanted: &Wanted,
    service: impl Future<Output = Reading<Service>>,
    identity: impl Future<Output = Reading<Identity>>,
) -> Option<String> {
    if wanted.account_id.is_some() {
        return wanted.account_id.clone();
    }
    match service.await.here().and_then(Service::account) {
        Some(account) => Some(account.to_owned()),
        None => identity.await.here().map(|identity| identity.account.clone()),
    }
}

impl Survey {
    /// The state with its grounds. What is half made is no fault while a run is at work on it.
    pub fn assessment(&self, wanted: &Wanted) -> Assessment {
        let mut found = Assessment::of(wanted, &self.seen);
        let at_work = self.lock.here().filter(|lock| lock.is_alive(self.seen.aws_at));
        let half_made = matches!(found.state, State::Standby | State::Degraded | State::Orphaned);
        if let Some(lock) = at_work
            && (half_made || found.state == State::Transitional)
        {
            found.state = State::Transitional;
            found.because.insert(0, format!("at work: {}", lock.holder));
        }
        found
    }

    /// Since when the platform is in that state, as far as that can be told.
    pub fn since(&self, state: State) -> Option<Timestamp> {
        let tasks = self.seen.tasks();
        match state {
            State::Active => tasks
                .iter()
                .filter(|t| t.is_running())
                .filter_map(|t| t.started_at)
                .max(),
            State::Orphaned => self.seen.load_balancer.here().and_then(|b| b.created_at),
            State::Standby => {
                let stopped = tasks.iter().filter_map(|t| t.stopped_at).max();
                let ended = self.journal.as_ref().ok().and_then(|j| j.entries.last()?.ended);
                stopped.max(ended)
            }
            State::Transitional => tasks
                .iter()
                .filter(|t| !t.is_stopped() && !t.is_running())
                .filter_map(|t| t.created_at)
                .max(),
            State::Degraded | State::Unknown => None,
        }
    }

    /// What of the platform costs money by the hour now.
    pub fn running(&self, wanted: &Wanted) -> jitsi_cost::Running {
        let mut running = cost::under_its_name(wanted, &self.seen);
        running
            .load_balancers
            .extend(self.others.iter().map(cost::load_balancer));
        running
    }

    /// The lint's findings; `None` where the task definition could not be read.
    pub fn findings(&self, wanted: &Wanted) -> Option<Vec<Finding>> {
        let (service, definition) = (self.seen.service.here()?, self.seen.task_definition.here()?);
        Some(lint(definition, service, wanted))
    }

    /// What could not be read, each with its cause. What failed for want of something else is not listed.
    pub fn unread(&self, wanted: &Wanted) -> Vec<Unread> {
        let seen = &self.seen;
        let fixed = [
            ("the service", seen.service.failure()),
            ("the account", seen.identity.failure()),
            ("the task definition", seen.task_definition.failure()),
            ("the tasks", seen.tasks.failure()),
            ("the load balancer", seen.load_balancer.failure()),
            ("the listeners", seen.listeners.failure()),
            ("the record", seen.records.failure()),
            ("the lock", self.lock.failure()),
        ];
        let mut found: Vec<Unread> = fixed
            .into_iter()
            .filter_map(|(what, failure)| Some(unread(what, failure?, wanted)))
            .collect();
        let of_each = [
            (
                "the target groups",
                seen.target_groups.values().find_map(Reading::failure),
            ),
            ("the targets", seen.targets.values().find_map(Reading::failure)),
            ("the tags", seen.tags.values().find_map(Reading::failure)),
        ];
        found.extend(
            of_each
                .into_iter()
                .filter_map(|(what, f)| Some(unread(what, f?, wanted))),
        );
        // Where tags could not be read, or the load balancers could not be listed, that has been said.
        if found
            .iter()
            .all(|u| !["the load balancer", "the tags", "the target groups"].contains(&u.what.as_str()))
        {
            let fleet = seen.fleet.failure();
            found.extend(fleet.map(|failure| unread("load balancers under other names", failure, wanted)));
        }
        if let Err(problem) = &self.journal {
            found.push(Unread {
                what: "the journal".to_owned(),
                why: std::iter::once(&problem.what)
                    .chain(&problem.why)
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(": "),
                hints: problem.hints.clone(),
            });
        }
        found
    }
}

fn unread(what: &str, failure: &AwsFailure, wanted: &Wanted) -> Unread {
    Unread {
        what: what.to_owned(),
        why: format!("{failure}: {}", failure.reason()),
        hints: wanted.problem(failure).hints,
    }
}
