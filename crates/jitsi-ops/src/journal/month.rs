//! Reading a month of the journal, from the bucket and from what this machine has not sent yet.

use std::collections::BTreeMap;
use std::io;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;

use crate::access::Aws;
use crate::failure::AwsFailure;
use crate::identity::PlatformKey;
use crate::objects;
use crate::plan::Warning;
use crate::problem::{Problem, ProblemKind};

use super::Journal;
use super::entry::{Entry, JOURNAL, Month, Unreadable};
use super::local::Local;

/// How many entries are read at the same time.
const AT_ONCE: usize = 8;

/// The entries of a month.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    /// One for each run, the oldest first.
    pub entries: Vec<Entry>,
    /// What could not be read as an entry: of any platform, for nobody can say of which.
    pub unreadable: Vec<Warning>,
}

/// The objects of a month: of each id, whether there is a closed and a begun one.
pub(super) type Listing = BTreeMap<String, Standing>;

/// What stands under an id.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    pub(super) closed: bool,
    pub(super) begun: bool,
}

/// Lists a month of the bucket.
pub(super) async fn list(aws: &Aws, bucket: &str, month: Month) -> Result<Listing, AwsFailure> {
    let keys = objects::list(aws, bucket, &month.prefix(), None).await?;
    Ok(listing(&keys, month))
}

/// Lists a month of the bucket and the one before, which comes first. The keys stand in the order of time, so both come
/// with one call.
pub(super) async fn list_with_the_one_before(
    aws: &Aws,
    bucket: &str,
    month: Month,
) -> Result<[(Month, Listing); 2], AwsFailure> {
    let before = month.before();
    let keys = objects::list(aws, bucket, JOURNAL, Some(&before.prefix())).await?;
    Ok([before, month].map(|month| (month, listing(&keys, month))))
}

/// What there is of a month. What has another name than an entry is nobody's business.
fn listing(keys: &[String], month: Month) -> Listing {
    let prefix = month.prefix();
    names(keys.iter().filter_map(|key| key.strip_prefix(&prefix)))
}

/// What stands under these names.
pub(super) fn names<'k>(names: impl Iterator<Item = &'k str>) -> Listing {
    let mut listing = Listing::new();
    for name in names.filter_map(|name| name.strip_suffix(".json")) {
        match name.strip_suffix(".begun") {
            Some(id) => listing.entry(id.to_owned()).or_default().begun = true,
            None => listing.entry(name.to_owned()).or_default().closed = true,
        }
    }
    listing
}

/// Reads an entry of the bucket: `<id>.json` or `<id>.begun.json`. `None` where it is not there (any more).
pub(super) async fn read(
    aws: &Aws,
    bucket: &str,
    month: Month,
    id: &str,
    suffix: &str,
) -> Result<Option<Result<Entry, Unreadable>>, AwsFailure> {
    let key = format!("{}{id}{suffix}", month.prefix());
    let object = objects::get(aws, bucket, &key).await?;
    Ok(object.map(|object| Entry::read(id, &object.body)))
}

/// An entry of which it cannot be said what it says.
pub(super) fn unreadable(place: &str, why: &Unreadable) -> Warning {
    Warning {
        message: format!("the journal entry `{place}` cannot be read: {why}"),
        hint: Some(
            "look at it, and remove it if it is of no use; a newer version of this tool may be able to read it"
                .to_owned(),
        ),
    }
}

/// Reads what stands under an id; `None` where it is not there any more.
pub(super) async fn standing(
    aws: &Aws,
    bucket: &str,
    month: Month,
    id: &str,
    standing: Standing,
) -> Result<Option<Result<Entry, Unreadable>>, AwsFailure> {
    let begun = !standing.closed;
    match read(aws, bucket, month, id, if begun { ".begun.json" } else { ".json" }).await? {
        // It was closed since it was listed.
        None if begun => read(aws, bucket, month, id, ".json").await,
        entry => Ok(entry),
    }
}

/// Entries by their ids, and what could not be read as one.
#[derive(Default)]
struct Gathered {
    found: BTreeMap<String, Entry>,
    unreadable: Vec<Warning>,
}

impl Gathered {
    /// Adds what the bucket has under these ids.
    async fn bucket(
        &mut self,
        aws: &Aws,
        bucket: &str,
        ids: impl Iterator<Item = (Month, &String, Standing)>,
    ) -> Result<(), AwsFailure> {
        let reads = ids.map(async |(month, id, stands)| {
            let entry = standing(aws, bucket, month, id, stands).await?;
            Ok::<_, AwsFailure>((month, id, entry))
        });
        let read: Vec<_> = stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
        for (month, id, entry) in read {
            match entry {
                Some(Ok(entry)) => {
                    self.found.insert(id.clone(), entry);
                }
                Some(Err(why)) => {
                    let place = format!("{bucket}/{}{id}", month.prefix());
                    self.unreadable.push(unreadable(&place, &why));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Adds what this machine has kept and `counts`. What a run says of itself replaces what another has guessed.
    fn machine(&mut self, local: &Local, counts: impl Fn(&Entry) -> bool) -> Result<(), Problem> {
        let unlisted = |error: io::Error| {
            let folder = local.folder().display();
            let what = format!("the journal of this machine, `{folder}`, cannot be read");
            Problem::new(ProblemKind::Failed, what).because(error.to_string())
        };
        for (path, entry) in local.all().map_err(unlisted)? {
            match entry {
                Ok(entry) if counts(&entry) && (entry.is_closed() || !self.found.contains_key(entry.id())) => {
                    self.found.insert(entry.id().to_owned(), entry);
                }
                Ok(_) => {}
                Err(why) => self.unreadable.push(unreadable(&path.display().to_string(), &why)),
            }
        }
        Ok(())
    }

    /// Those of a platform, the oldest first.
    fn of(self, platform: &PlatformKey) -> Entries {
        let all = self.found.into_values();
        let mut entries: Vec<Entry> = all.filter(|entry| entry.platform == *platform).collect();
        entries.sort_by(|one, other| (one.began, one.id()).cmp(&(other.began, other.id())));
        Entries {
            entries,
            unreadable: self.unreadable,
        }
    }
}

impl Journal {
    /// The runs of this platform that began in a month (of UTC; 1 is January), those that are not in the bucket yet
    /// included.
    ///
    /// # Errors
    /// When the bucket or the folder of this machine cannot be read: a part of a month is no month.
    pub async fn read_month(&self, aws: &Aws, year: i16, month: i8) -> Result<Entries, Problem> {
        let month = Month { year, month };
        let mut gathered = Gathered::default();
        if let Some(bucket) = &self.bucket {
            let failed = |failure: AwsFailure| objects::problem(aws, bucket, "journal", &failure);
            let listing = list(aws, bucket, month).await.map_err(failed)?;
            let ids = listing.iter().map(|(id, stands)| (month, id, *stands));
            gathered.bucket(aws, bucket, ids).await.map_err(failed)?;
        }
        gathered.machine(&self.local, |entry| entry.month() == month)?;
        Ok(gathered.of(&self.platform))
    }

    /// At most `count` runs of this platform, the newest last: those among the newest of bucket and machine, of the month
    /// of `now` and the one before.
    ///
    /// # Errors
    /// When the bucket or the folder of this machine cannot be read.
    pub async fn read_newest(&self, aws: &Aws, now: Timestamp, count: usize) -> Result<Entries, Problem> {
        let mut gathered = Gathered::default();
        if let Some(bucket) = &self.bucket {
            let failed = |failure: AwsFailure| objects::problem(aws, bucket, "journal", &failure);
            let months = list_with_the_one_before(aws, bucket, Month::of(now))
                .await
                .map_err(failed)?;
            let ids = months
                .iter()
                .flat_map(|(month, listing)| listing.iter().map(|(id, stands)| (*month, id, *stands)));
            let newest: Vec<_> = ids.collect::<Vec<_>>().into_iter().rev().take(count).collect();
            gathered.bucket(aws, bucket, newest.into_iter()).await.map_err(failed)?;
        }
        gathered.machine(&self.local, |_| true)?;
        let mut entries = gathered.of(&self.platform);
        let older = entries.entries.len().saturating_sub(count);
        entries.entries.drain(..older);
        Ok(entries)
    }
}
