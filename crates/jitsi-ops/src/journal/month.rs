//! Reading a month of the journal, from the bucket and from what this machine has not sent yet.

use std::collections::BTreeMap;
use std::io;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::access::Aws;
use crate::failure::AwsFailure;
use crate::objects;
use crate::plan::Warning;
use crate::problem::{Problem, ProblemKind};

use super::Journal;
use super::entry::{Entry, JOURNAL, Month, Unreadable};

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
    let mut listing = Listing::new();
    for key in keys {
        let Some(name) = key.strip_prefix(&prefix).and_then(|name| name.strip_suffix(".json")) else {
            continue;
        };
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

impl Journal {
    /// The runs of this platform that began in a month (of UTC; 1 is January), those that are not in the bucket yet
    /// included.
    ///
    /// # Errors
    /// When the bucket or the folder of this machine cannot be read: a part of a month is no month.
    pub async fn read_month(&self, aws: &Aws, year: i16, month: i8) -> Result<Entries, Problem> {
        let month = Month { year, month };
        let mut found: BTreeMap<String, Entry> = BTreeMap::new();
        let mut warnings = Vec::new();
        if let Some(bucket) = &self.bucket {
            let failed = |failure: AwsFailure| objects::problem(aws, bucket, "journal", &failure);
            let listing = list(aws, bucket, month).await.map_err(failed)?;
            let reads = listing.iter().map(async |(id, standing)| {
                let begun = !standing.closed;
                let entry = match read(aws, bucket, month, id, if begun { ".begun.json" } else { ".json" }).await? {
                    // It was closed since it was listed.
                    None if begun => read(aws, bucket, month, id, ".json").await?,
                    entry => entry,
                };
                Ok::<_, AwsFailure>((id, entry))
            });
            let read: Vec<_> = stream::iter(reads)
                .buffered(AT_ONCE)
                .try_collect()
                .await
                .map_err(failed)?;
            for (id, entry) in read {
                match entry {
                    Some(Ok(entry)) => {
                        found.insert(id.clone(), entry);
                    }
                    Some(Err(why)) => {
                        let place = format!("{bucket}/{}{id}", month.prefix());
                        warnings.push(unreadable(&place, &why));
                    }
                    None => {}
                }
            }
        }
        let unlisted = |error: io::Error| {
            Problem::new(
                ProblemKind::Failed,
                format!(
                    "the journal of this machine, `{}`, cannot be read",
                    self.local.folder().display()
                ),
            )
            .because(error.to_string())
        };
        for (path, entry) in self.local.all().map_err(unlisted)? {
            match entry {
                // What a run says of itself replaces what another has guessed.
                Ok(entry) if entry.month() == month && (entry.is_closed() || !found.contains_key(entry.id())) => {
                    found.insert(entry.id().to_owned(), entry);
                }
                Ok(_) => {}
                Err(why) => warnings.push(unreadable(&path.display().to_string(), &why)),
            }
        }
        let mut entries: Vec<Entry> = found
            .into_values()
            .filter(|entry| entry.platform == self.platform)
            .collect();
        entries.sort_by(|one, other| (one.began, one.id()).cmp(&(other.began, other.id())));
        Ok(Entries {
            entries,
            unreadable: warnings,
        })
    }
}
