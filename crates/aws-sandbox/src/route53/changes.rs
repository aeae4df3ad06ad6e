//! Who has changed which record, and when: tools that share a zone with others are judged by it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::HostedZone;
use super::records::RecordSet;
use crate::clock::{Ms, timestamp};

/// What one change has made of one record set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordChange {
    /// When.
    pub at: Timestamp,
    /// The access key of the call; `None`: somebody else, by a control.
    pub by: Option<String>,
    /// The number of the call in the call log, where it has one.
    pub call: Option<u64>,
    /// What was there; `None`: nothing.
    pub before: Option<RecordSet>,
    /// What is there now; `None`: nothing.
    pub after: Option<RecordSet>,
}

impl RecordChange {
    /// The record set that it is about, as it is now or was.
    pub fn record(&self) -> Option<&RecordSet> {
        self.after.as_ref().or(self.before.as_ref())
    }
}

impl HostedZone {
    /// Takes note of all that is not as it was in `before`.
    pub(crate) fn note(&mut self, before: &[RecordSet], by: Option<&str>, call: Option<u64>, now: Ms) {
        let of = |all: &[RecordSet], like: &RecordSet| all.iter().find(|it| it.key() == like.key()).cloned();
        let gone = before.iter().filter(|was| of(&self.records, was).is_none());
        let here = self.records.iter();
        let changed: Vec<RecordChange> = gone
            .map(|was| (Some(was.clone()), None))
            .chain(here.map(|is| (of(before, is), Some(is.clone()))))
            .filter(|(was, is)| was != is)
            .map(|(before, after)| RecordChange {
                at: timestamp(now),
                by: by.map(str::to_owned),
                call,
                before,
                after,
            })
            .collect();
        self.history.extend(changed);
    }

    /// All changes since it was made, oldest first.
    pub(crate) fn history(&self) -> &[RecordChange] {
        &self.history
    }
}
