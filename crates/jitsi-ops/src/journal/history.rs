//! Reading all of the journal, month after month, without fetching anything twice: what a run has said of itself does not
//! change any more, so a copy of it is kept on this machine.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use futures_util::stream::{self, StreamExt};

use crate::access::Aws;
use crate::failure::AwsFailure;
use crate::identity::PlatformKey;
use crate::objects;
use crate::plan::Warning;
use crate::problem::{Problem, ProblemKind};

use super::Journal;
use super::entry::{Entry, JOURNAL, Month, Outcome};
use super::local::Local;
use super::month::{self, Listing, unreadable};

/// How many entries are fetched at the same time.
const AT_ONCE: usize = 16;

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Entries of this platform.
    pub entries: usize,
    /// How many of all were fetched, because no copy was there.
    pub fetched: usize,
    /// What could not be read as an entry: of any platform, for nobody can say of which.
    pub unreadable: Vec<Warning>,
    /// Why no copy was kept.
    pub not_kept: Option<Warning>,
}

/// Copies of closed entries: a line of JSON for each.
struct Copies(PathBuf);

impl Copies {
    /// Gives every entry of which there is a copy. A line that is none, as a crash leaves it, is passed over: the entry is
    /// fetched again.
    fn each(&self, mut give: impl FnMut(Entry)) -> io::Result<()> {
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        let mut lines = BufReader::with_capacity(1 << 16, file);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            if let Ok(entry) = Entry::of_copy(&line) {
                give(entry);
            }
            line.clear();
        }
        Ok(())
    }

    /// Adds a copy of each.
    fn add(&self, entries: &[Entry]) -> io::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut to = BufWriter::new(File::options().create(true).append(true).open(&self.0)?);
        for entry in entries {
            // What a crash has cut off ends here.
            to.write_all(b"\n")?;
            to.write_all(&entry.to_copy())?;
        }
        to.write_all(b"\n")?;
        to.flush()
    }
}

/// Gives entries on, and remembers what was given.
struct Giver<'a, G> {
    ours: &'a PlatformKey,
    give: G,
    history: History,
    /// Runs at work, or dead, of which this machine knows; the bucket may know better.
    begun: BTreeMap<String, Entry>,
}

impl<G: FnMut(Entry)> Giver<'_, G> {
    fn give(&mut self, entry: Entry) {
        self.begun.remove(entry.id());
        if entry.platform == *self.ours {
            self.history.entries += 1;
            (self.give)(entry);
        }
    }

    /// Gives what this machine has kept. Where there is a bucket, that is what a run has said of itself and could not send:
    /// it counts most, and is returned. What was only begun waits for what the bucket says.
    fn machine(&mut self, local: &Local, is_all: bool) -> io::Result<Vec<(Month, String)>> {
        let mut given = Vec::new();
        local.each(|path, entry| match entry {
            Ok(entry) if is_all || entry.is_closed() => {
                if !is_all {
                    given.push((entry.month(), entry.id().to_owned()));
                }
                self.give(entry);
            }
            Ok(entry) => {
                self.begun.insert(entry.id().to_owned(), entry);
            }
            Err(why) => self
                .history
                .unreadable
                .push(unreadable(&path.display().to_string(), &why)),
        })?;
        Ok(given)
    }

    /// Gives those of `months` of which there is a copy, and takes them out of the listing.
    fn copies(&mut self, kept: &Copies, months: &mut BTreeMap<Month, Listing>) {
        let read = kept.each(|entry| {
            let Some(listing) = months.get_mut(&entry.month()) else {
                return;
            };
            if listing.get(entry.id()).is_some_and(|stands| stands.closed) {
                listing.remove(entry.id());
                self.give(entry);
            }
        });
        self.history.not_kept = read.err().map(|error| no_copies(&kept.0, &error));
    }

    /// Fetches and gives what `months` list. What was fetched is kept, also where a call fails in the end.
    async fn fetch(
        &mut self,
        aws: &Aws,
        bucket: &str,
        months: &BTreeMap<Month, Listing>,
        kept: &Copies,
    ) -> Result<(), AwsFailure> {
        let of_month = |(month, listing): (&Month, &'_ Listing)| {
            let month = *month;
            let ids = listing.iter().map(move |(id, stands)| (month, id.clone(), *stands));
            ids.collect::<Vec<_>>()
        };
        let mut reads = stream::iter(months.iter().flat_map(of_month))
            .map(|(month, id, stands)| async move {
                let entry = month::standing(aws, bucket, month, &id, stands).await;
                (month, id, entry)
            })
            .buffer_unordered(AT_ONCE);
        let mut new = Vec::new();
        let mut result = Ok(());
        while let Some((month, id, entry)) = reads.next().await {
            match entry {
                Ok(Some(Ok(entry))) => {
                    self.history.fetched += 1;
                    // A guess of another run may still be replaced by the run's own word.
                    if matches!(entry.outcome, Outcome::Ended(_)) {
                        new.push(entry.clone());
                    }
                    self.give(entry);
                }
                Ok(Some(Err(why))) => {
                    let place = format!("{bucket}/{}{id}", month.prefix());
                    self.history.unreadable.push(unreadable(&place, &why));
                }
                Ok(None) => {}
                Err(failure) => {
                    result = Err(failure);
                    break;
                }
            }
        }
        if let Err(error) = kept.add(&new) {
            self.history.not_kept = Some(no_copies(&kept.0, &error));
        }
        result
    }
}

impl Journal {
    /// Gives every entry of this platform, one for each run, in no order. Copies of what was fetched are kept in the folder
    /// `copies`, and not fetched again.
    ///
    /// # Errors
    /// When the bucket or the folder of this machine cannot be read: a part of the journal is none.
    pub async fn history(&self, aws: &Aws, copies: &Path, give: impl FnMut(Entry)) -> Result<History, Problem> {
        let mut giver = Giver {
            ours: &self.platform,
            give,
            history: History::default(),
            begun: BTreeMap::new(),
        };
        let own = giver.machine(&self.local, self.bucket.is_none()).map_err(|error| {
            let folder = self.local.folder().display();
            let what = format!("the journal of this machine, `{folder}`, cannot be read");
            Problem::new(ProblemKind::Failed, what).because(error.to_string())
        })?;
        if let Some(bucket) = &self.bucket {
            let failed = |failure: AwsFailure| objects::problem(aws, bucket, "journal", &failure);
            let mut months = list(aws, bucket).await.map_err(failed)?;
            for (month, id) in &own {
                if let Some(listing) = months.get_mut(month) {
                    listing.remove(id);
                }
            }
            let kept = Copies(copies.join(format!("{bucket}.jsonl")));
            giver.copies(&kept, &mut months);
            giver.fetch(aws, bucket, &months, &kept).await.map_err(failed)?;
        }
        for (_, entry) in std::mem::take(&mut giver.begun) {
            giver.give(entry);
        }
        Ok(giver.history)
    }
}

/// Lists all months of the bucket. What has another name than an entry is nobody's business.
async fn list(aws: &Aws, bucket: &str) -> Result<BTreeMap<Month, Listing>, AwsFailure> {
    let keys = objects::list(aws, bucket, JOURNAL, None).await?;
    let mut names: BTreeMap<Month, Vec<&str>> = BTreeMap::new();
    for (month, name) in keys.iter().filter_map(|key| Month::of_key(key)) {
        names.entry(month).or_default().push(name);
    }
    Ok(names
        .into_iter()
        .map(|(month, names)| (month, month::names(names.into_iter())))
        .collect())
}

fn no_copies(file: &Path, error: &io::Error) -> Warning {
    Warning {
        message: format!("copies of the journal cannot be kept in `{}`: {error}", file.display()),
        hint: Some("without them all of it is fetched each time".to_owned()),
    }
}
