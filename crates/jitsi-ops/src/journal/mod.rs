//! The journal: what every run that changes something did, and which resources that cost money came and went with it.
//!
//! An entry is begun before the first change and closed at the end, first in a file of this machine, then in the
//! platform's bucket: `ops-journal/YYYY/MM/<id>.begun.json`, at the end `<id>.json` beside it, after which the first is
//! deleted. What could not be sent goes with the next run of this machine. An entry that a run did not live to close is
//! closed by the next run that holds the lock, from whichever machine. Every write can be repeated, and what a run says
//! of itself always replaces what others have guessed: so there is one entry for each run.
//!
//! Without a bucket the files of this machine are the journal.
//!
//! Nothing that goes wrong here stops a run: it becomes a [`Warning`].

mod charged;
mod entry;
mod history;
mod local;
mod month;
mod settle;

use std::io;
use std::path::Path;

use crate::access::Aws;
use crate::failure::{AwsFailure, FailureKind};
use crate::identity::PlatformKey;
use crate::objects::{self, Condition};
use crate::plan::Warning;

pub use charged::Charged;
pub use entry::{Entry, Outcome, Resource, Unreadable};
pub use history::History;
use local::Local;
pub use month::Entries;
pub use settle::{Settled, Settlement};

/// The journal of one platform, as one run uses it.
#[derive(Debug)]
pub struct Journal {
    local: Local,
    bucket: Option<String>,
    platform: PlatformKey,
    /// Whether it was told that the bucket may not be used; once is enough.
    told_denied: bool,
}

impl Journal {
    /// The journal of `platform` in the user's state folder, and in `bucket` if there is one.
    pub fn new(state_folder: &Path, bucket: Option<String>, platform: PlatformKey) -> Self {
        Self {
            local: Local::new(state_folder),
            bucket,
            platform,
            told_denied: false,
        }
    }

    /// Writes that a run begins. To be called before its first change, and again when `entry` has changed.
    pub async fn begin(&mut self, aws: &Aws, entry: &Entry) -> Vec<Warning> {
        let mut warnings = self.keep(entry);
        if let Some(bucket) = &self.bucket {
            let put = objects::put(aws, bucket, &begun_key(entry), entry.to_bytes(), Condition::Always).await;
            if let Err(failure) = put {
                warnings.extend(self.not_sent(aws, &failure));
            }
        }
        warnings
    }

    /// Writes how a run ended. To be called once, with `ended` and `outcome` set.
    pub async fn close(&mut self, aws: &Aws, entry: &Entry) -> Vec<Warning> {
        let mut warnings = self.keep(entry);
        if let Some(bucket) = &self.bucket {
            match send(aws, bucket, entry, Condition::Always).await {
                Ok(()) => warnings.extend(self.forget(entry.id())),
                Err(failure) => warnings.extend(self.not_sent(aws, &failure)),
            }
        }
        warnings
    }

    /// Writes an entry to this machine.
    fn keep(&self, entry: &Entry) -> Vec<Warning> {
        let unwritable = |error: io::Error| self.local_trouble("written", &error);
        self.local.write(entry).map_err(unwritable).err().into_iter().collect()
    }

    /// Removes an entry from this machine, for the bucket has it now.
    fn forget(&self, id: &str) -> Option<Warning> {
        let stays = |error: io::Error| self.local_trouble("cleared", &error);
        self.local.remove(id).map_err(stays).err()
    }

    fn local_trouble(&self, what: &str, error: &io::Error) -> Warning {
        let folder = self.local.folder().display();
        Warning {
            message: format!("the journal of this machine, `{folder}`, cannot be {what}: {error}"),
            hint: Some(format!("make `{folder}` readable and writable for yourself")),
        }
    }

    /// Tells that the bucket did not take something; that it may not be used is told once.
    fn not_sent(&mut self, aws: &Aws, failure: &AwsFailure) -> Option<Warning> {
        let denied = failure.kind == FailureKind::Denied;
        if denied && std::mem::replace(&mut self.told_denied, true) {
            return None;
        }
        let bucket = self.bucket.as_deref().unwrap_or_default();
        let problem = objects::problem(aws, bucket, "journal", failure);
        let kept = format!(
            "what could not be sent stays in `{}` and goes with the next run",
            self.local.folder().display()
        );
        let hint = if failure.may_pass() { None } else { problem.hints.last() };
        Some(Warning {
            message: problem.to_string(),
            hint: Some(hint.map_or_else(|| kept.clone(), |hint| format!("{hint}; {kept}"))),
        })
    }
}

/// Where the bucket has the entry of a run at work.
fn begun_key(entry: &Entry) -> String {
    format!("{}{}.begun.json", entry.month().prefix(), entry.id())
}

/// Puts a closed entry in its place, and removes the begun one.
async fn send(aws: &Aws, bucket: &str, entry: &Entry, condition: Condition<'_>) -> Result<(), AwsFailure> {
    let key = format!("{}{}.json", entry.month().prefix(), entry.id());
    match objects::put(aws, bucket, &key, entry.to_bytes(), condition).await {
        Ok(_) => {}
        // Its own run, or an attempt of this very call, was faster.
        Err(failure) if condition == Condition::Absent && objects::is_unmet(&failure) => {}
        Err(failure) => return Err(failure),
    }
    objects::delete(aws, bucket, &begun_key(entry), None).await
}
