//! Lock and journal, as they stand in the bucket or on this machine.

use std::path::Path;

use super::ENTRIES;
use crate::access::Aws;
use crate::clock::Clock;
use crate::failure::AwsFailure;
use crate::identity::PlatformKey;
use crate::journal::{Entries, Journal};
use crate::lock::{self, Place, Sighting};
use crate::observe::preflight;
use crate::problem::{Problem, ProblemKind};
use crate::reading::Reading;
use crate::wanted::Wanted;

pub(super) struct Books {
    pub(super) bucket: Option<String>,
    pub(super) lock: Reading<Sighting>,
    pub(super) journal: Result<Entries, Problem>,
}

/// They go by the account.
pub(super) async fn books(
    aws: &Aws,
    wanted: &Wanted,
    state_folder: &Path,
    clock: &Clock,
    account: impl Future<Output = Option<String>>,
) -> Books {
    let (bucket, account) = futures_util::join!(bucket(aws, wanted), account);
    // Where the bucket cannot be looked for, nobody knows who is at work.
    let bucket = match bucket {
        Ok(bucket) => bucket,
        Err(failure) => {
            return Books {
                bucket: None,
                journal: Err(wanted.problem(&failure)),
                lock: Reading::Unknown(failure),
            };
        }
    };
    let Some(account) = account else {
        let problem = Problem::new(
            ProblemKind::Failed,
            "the account is not known, by which the journal is kept",
        );
        return Books {
            bucket,
            lock: Reading::NotRead,
            journal: Err(problem),
        };
    };
    let platform = PlatformKey {
        account,
        region: wanted.region.clone(),
        cluster: wanted.cluster.clone(),
        service: wanted.service.clone(),
    };
    let place = match &bucket {
        Some(bucket) => Place::Bucket {
            bucket: bucket.clone(),
            platform: platform.clone(),
        },
        None => Place::Machine {
            folder: state_folder.to_owned(),
            platform: platform.clone(),
        },
    };
    let journal = Journal::new(state_folder, bucket.clone(), platform);
    let (lock, journal) = futures_util::join!(lock::peek(aws, &place), journal.read_newest(aws, clock.now(), ENTRIES));
    Books { bucket, lock, journal }
}

/// The bucket that is configured, else the only one of the project's name. None that can be found: this machine, as a
/// run would do it.
async fn bucket(aws: &Aws, wanted: &Wanted) -> Result<Option<String>, AwsFailure> {
    let mut names = buckets(aws, wanted).await?;
    let only = names.pop();
    Ok(only.filter(|_| names.is_empty()))
}

/// The bucket that is configured, else all of the project's name.
pub(super) async fn buckets(aws: &Aws, wanted: &Wanted) -> Result<Vec<String>, AwsFailure> {
    match &wanted.bucket {
        Some(bucket) => Ok(vec![bucket.clone()]),
        None => preflight::buckets_named(aws, &wanted.bucket_prefix).await,
    }
}
