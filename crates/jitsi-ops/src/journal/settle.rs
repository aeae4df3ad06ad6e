//! Putting the journal in order: sending what this machine has kept, and closing what nobody lived to close.

use jiff::Timestamp;

use crate::access::Aws;
use crate::failure::AwsFailure;
use crate::identity::Who;
use crate::lock::{Lock, LockKind};
use crate::objects::{self, Condition};
use crate::plan::Warning;

use super::entry::{Entry, Month, Outcome, Resource};
use super::month::{self, unreadable};
use super::{Journal, begun_key, send};

/// What the run that puts the journal in order knows.
#[derive(Clone, Debug)]
pub struct Settlement<'a> {
    /// Its own nonce: its own entry stays open.
    pub nonce: &'a str,
    /// Who it is, for the note in what it closes.
    pub who: &'a Who,
    /// The time, by its clock: this month and the one before are looked through.
    pub now: Timestamp,
    /// The platform's state in a word, if it has been read.
    pub state: Option<&'a str>,
    /// What of the platform exists now that costs money.
    pub resources: Vec<Resource>,
}

/// What was put in order.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// Entries of runs that had ended without closing them.
    pub closed: Vec<Entry>,
    /// Entries that earlier runs of this machine could not send.
    pub sent: Vec<Entry>,
    /// What went wrong.
    pub warnings: Vec<Warning>,
}

impl Journal {
    /// Sends what earlier runs of this machine could not, and closes the entries that nobody closed: whoever holds the
    /// platform's lock knows that no other run is at work. Without a lock, or with one that is not where the journal is,
    /// nothing is closed.
    pub async fn settle(&mut self, aws: &Aws, lock: &Lock, by: &Settlement<'_>) -> Settled {
        let mut settled = Settled::default();
        let may_close = match lock.kind() {
            LockKind::Bucket => self.bucket.is_some(),
            LockKind::Machine => self.bucket.is_none(),
            LockKind::Unlocked { .. } => false,
        };
        let result = match self.settle_this_machine(aws, may_close, by, &mut settled).await {
            Ok(()) if may_close => self.settle_bucket(aws, by, &mut settled).await,
            result => result,
        };
        if let Err(failure) = result {
            settled.warnings.extend(self.not_sent(aws, &failure));
        }
        settled
    }

    /// Goes through what this machine has kept. Stops at the first call that fails: the next will hardly do better.
    async fn settle_this_machine(
        &self,
        aws: &Aws,
        may_close: bool,
        by: &Settlement<'_>,
        settled: &mut Settled,
    ) -> Result<(), AwsFailure> {
        let kept = match self.local.all() {
            Ok(kept) => kept,
            Err(error) => {
                settled.warnings.push(self.local_trouble("read", &error));
                return Ok(());
            }
        };
        for (path, entry) in kept {
            let entry = match entry {
                Ok(entry) => entry,
                Err(why) => {
                    settled.warnings.push(unreadable(&path.display().to_string(), &why));
                    continue;
                }
            };
            if entry.platform != self.platform || entry.nonce == by.nonce {
                continue;
            }
            let (entry, was_closed) = match entry.is_closed() {
                true => (entry, true),
                false if may_close => (by.close(entry), false),
                false => continue,
            };
            if let Some(bucket) = &self.bucket {
                // What the run has said of itself replaces what another may have guessed; a guess replaces nothing.
                let condition = match entry.outcome {
                    Outcome::Ended(_) => Condition::Always,
                    Outcome::Begun | Outcome::Unknown => Condition::Absent,
                };
                send(aws, bucket, &entry, condition).await?;
                settled.warnings.extend(self.forget(entry.id()));
            } else if !was_closed {
                settled.warnings.extend(self.keep(&entry));
            }
            match (was_closed, &self.bucket) {
                (false, _) => settled.closed.push(entry),
                (true, Some(_)) => settled.sent.push(entry),
                (true, None) => {}
            }
        }
        Ok(())
    }

    /// Whether there is anything to [settle](Self::settle), as far as can be told without the lock.
    ///
    /// # Errors
    /// When the bucket cannot be read.
    pub async fn is_in_disorder(&self, aws: &Aws, nonce: &str, now: Timestamp) -> Result<bool, AwsFailure> {
        // What cannot be read is told by whoever settles.
        let kept = self.local.all().unwrap_or_default();
        let foreign = |entry: &Entry| entry.platform == self.platform && entry.nonce != nonce;
        let here = kept.into_iter().filter_map(|(_, entry)| entry.ok());
        let here = match &self.bucket {
            Some(_) => here.filter(foreign).count(),
            None => here.filter(|entry| foreign(entry) && !entry.is_closed()).count(),
        };
        Ok(here > 0 || !self.begun_by_others(aws, nonce, now, &mut Vec::new()).await?.is_empty())
    }

    /// The entries in the bucket that are begun, of this month and the one before, and whether each is closed all the same.
    async fn begun_by_others(
        &self,
        aws: &Aws,
        nonce: &str,
        now: Timestamp,
        warnings: &mut Vec<Warning>,
    ) -> Result<Vec<(Entry, bool)>, AwsFailure> {
        let Some(bucket) = &self.bucket else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for (month, listing) in month::list_with_the_one_before(aws, bucket, Month::of(now)).await? {
            for (id, standing) in listing {
                if !standing.begun {
                    continue;
                }
                match month::read(aws, bucket, month, &id, ".begun.json").await? {
                    Some(Ok(entry)) if entry.platform == self.platform && entry.nonce != nonce => {
                        found.push((entry, standing.closed));
                    }
                    Some(Err(why)) => {
                        let place = format!("{bucket}/{}{id}.begun.json", month.prefix());
                        warnings.push(unreadable(&place, &why));
                    }
                    Some(Ok(_)) | None => {}
                }
            }
        }
        Ok(found)
    }

    async fn settle_bucket(&self, aws: &Aws, by: &Settlement<'_>, settled: &mut Settled) -> Result<(), AwsFailure> {
        let Some(bucket) = &self.bucket else { return Ok(()) };
        let found = self
            .begun_by_others(aws, by.nonce, by.now, &mut settled.warnings)
            .await?;
        for (entry, closed) in found {
            if closed {
                objects::delete(aws, bucket, &begun_key(&entry), None).await?;
            } else {
                let entry = by.close(entry);
                send(aws, bucket, &entry, Condition::Absent).await?;
                settled.closed.push(entry);
            }
        }
        Ok(())
    }
}

impl Settlement<'_> {
    /// The entry of a run that died, as this run can close it.
    fn close(&self, mut entry: Entry) -> Entry {
        entry.outcome = Outcome::Unknown;
        entry.to_state = self.state.map(str::to_owned);
        let knowing = if self.state.is_some() {
            "with what existed then"
        } else {
            "without having looked what existed then"
        };
        entry.problem = Some(format!(
            "the run ended without closing its entry; `{}` closed it at {:.0} {knowing}",
            self.who, self.now
        ));
        entry.add_resources(&self.resources);
        entry
    }
}
