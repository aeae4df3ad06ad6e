//! What the cost of a month is worked out from: the journal, and what the platform looks like when it is up.

use std::collections::BTreeSet;
use std::path::Path;

use aws_sdk_ecs::types::DesiredStatus;
use futures_util::{FutureExt, join};
use jitsi_cost::{Architecture, INCLUDED_STORAGE_GIB, LoadBalancer, LoadBalancerKind, Running, Task, Unknown};

use super::{account, books, definition, identity};
use crate::access::Aws;
use crate::failure::AwsFailure;
use crate::identity::PlatformKey;
use crate::journal::Journal;
use crate::observe::{ecs, elbv2};
use crate::problem::{Problem, ProblemKind};
use crate::wanted::Wanted;

/// Journal and shape of a platform.
#[derive(Debug)]
pub struct Ledger {
    /// Its journal, or why it cannot be found.
    pub journal: Result<Journal, Problem>,
    /// What it looks like when it is up.
    pub shape: Shape,
    /// ARNs of the service's tasks and of the account's load balancers that exist now; `None`: that could not be read.
    pub alive: Option<BTreeSet<String>>,
    /// Buckets among which it cannot be told which is the platform's, so that the journal is this machine's.
    pub ambiguous: Vec<String>,
}

/// What a platform looks like when it is up: one task and one load balancer, by service and task definition.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Its task.
    pub task: Task,
    /// Its load balancer.
    pub balancer: LoadBalancer,
    /// Why a part of it is not known.
    pub unread: Option<AwsFailure>,
}

impl Shape {
    /// What there is while it is up.
    #[must_use]
    pub fn running(&self) -> Running {
        let unseen = self.unread.iter().map(|failure| Unknown {
            what: "what runs when it is up".to_owned(),
            reason: format!("{failure}: {}", failure.in_short()),
        });
        Running {
            tasks: vec![self.task.clone()],
            load_balancers: vec![self.balancer.clone()],
            unseen: unseen.collect(),
        }
    }
}

/// Looks for the journal, and at service and task definition. `state_folder` is the user's.
pub async fn ledger(aws: &Aws, wanted: &Wanted, state_folder: &Path) -> Ledger {
    let service = ecs::service(aws, wanted).shared();
    let identity = identity(aws, service.clone()).shared();
    let account = account(wanted, service.clone(), identity.clone());
    let (service, identity, definition, buckets, account, alive) = join!(
        service.clone(),
        identity.clone(),
        definition(aws, service.clone()),
        books::buckets(aws, wanted),
        account,
        alive(aws, wanted),
    );
    let (bucket, ambiguous) = match buckets {
        Ok(buckets) if buckets.len() > 1 => (Ok(None), buckets),
        buckets => (buckets.map(|mut buckets| buckets.pop()), Vec::new()),
    };
    let failures = [service.failure(), definition.failure(), identity.failure()];
    let unread = failures.into_iter().flatten().next().cloned();
    let journal = match (bucket, account) {
        (Err(failure), _) => Err(wanted.problem(&failure)),
        (Ok(_), None) => {
            let what = "the account is not known, by which the journal is kept";
            Err(unread.as_ref().map_or_else(
                || Problem::new(ProblemKind::Failed, what),
                |failure| wanted.problem(failure),
            ))
        }
        (Ok(bucket), Some(account)) => {
            let platform = PlatformKey {
                account,
                region: wanted.region.clone(),
                cluster: wanted.cluster.clone(),
                service: wanted.service.clone(),
            };
            Ok(Journal::new(state_folder, bucket, platform))
        }
    };
    let public = service.here().and_then(|service| service.public_ip);
    // One subnet for each zone.
    let subnets = match wanted.subnets.len() {
        0 => service.here().map(|service| service.subnets.len()),
        configured => Some(configured),
    };
    let seen = definition.here();
    let architecture = |arm: bool| if arm { Architecture::Arm } else { Architecture::X86 };
    Ledger {
        journal,
        shape: Shape {
            task: Task {
                name: "of the task definition".to_owned(),
                cpu_units: seen.and_then(|definition| definition.cpu),
                memory_mib: seen.and_then(|definition| definition.memory),
                architecture: seen.map(|definition| architecture(definition.arm)),
                storage_gib: seen.map(|definition| definition.storage_gib.unwrap_or(INCLUDED_STORAGE_GIB)),
                public_address: public,
            },
            balancer: LoadBalancer {
                name: wanted.load_balancer.clone(),
                kind: LoadBalancerKind::Network,
                public_addresses: subnets.and_then(|zones| u32::try_from(zones).ok()),
            },
            unread,
        },
        alive,
        ambiguous,
    }
}

/// What exists now. `None`: a call failed.
async fn alive(aws: &Aws, wanted: &Wanted) -> Option<BTreeSet<String>> {
    let (tasks, balancers) = join!(
        ecs::list(aws, wanted, DesiredStatus::Running),
        elbv2::all_load_balancers(aws),
    );
    let balancers = balancers.ok()?.into_iter().map(|balancer| balancer.arn);
    Some(tasks.ok()?.into_iter().chain(balancers).collect())
}
