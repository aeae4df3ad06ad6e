//! Reading all of the journal, month after month, without fetching anything twice: what a run has said of itself does not
//! change any more, so a copy of it is kept on this machine.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use futures_util::stream::{self, StreamExt};

use crate::access::Aws;
use crate::failure::AwsFailure;
use crate::objects;
use crate::plan::Warning;
use crate::problem::{Problem, ProblemKind};

use super::Journal;
use super::entry::{Entry, JOURNAL, Month, Outcome};
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

impl Journal {
    /// Gives every entry of this platform, one for each run, in no order. Copies of what was fetched are kept in the folder
    /// `copies`, and not fetched again.
    ///
    /// # Errors
    /// When the bucket, the folder of this machine or the copies cannot be read: a part of the journal is none.
    pub async fn history(&self, aws: &Aws, copies: &Path, mut give: impl FnMut(Entry)) -> Result<History, Problem> {
        let mut history = History::default();
        // What this machine has kept and the bucket does not have: the run's own word, which counts most.
        let mut own: Vec<(Month, String)> = Vec::new();
        let ours = self.platform.clone();
        let unlisted = |error: io::Error| {
            let folder = self.local.folder().display();
            let what = format!("the journal of this machine, `{folder}`, cannot be read");
            Problem::new(ProblemKind::Failed, what).because(error.to_string())
        };
        let mut begun: BTreeMap<String, Entry> = BTreeMap::new();
        let read = self.local.each(|path, entry| match entry {
            Ok(entry) if !entry.is_closed() && self.bucket.is_some() => {
                begun.insert(entry.id().to_owned(), entry);
            }
            Ok(entry) => {
                if self.bucket.is_some() {
                    own.push((entry.month(), entry.id().to_owned()));
                }
                if entry.platform == ours {
                    history.entries += 1;
                    give(entry);
                }
            }
            Err(why) => history.unreadable.push(unreadable(&path.display().to_string(), &why)),
        });
        read.map_err(unlisted)?;
        let Some(bucket) = &self.bucket else {
            return Ok(history);
        };
        let failed = |failure: AwsFailure| objects::problem(aws, bucket, "journal", &failure);
        let mut months = list(aws, bucket).await.map_err(failed)?;
        for (month, id) in &own {
            if let Some(listing) = months.get_mut(month) {
                listing.remove(id);
            }
        }
        let kept = Copies(copies.join(format!("{bucket}.jsonl")));
        let mut take = |history: &mut History, entry: Entry| {
            begun.remove(entry.id());
            if entry.platform == ours {
                history.entries += 1;
                give(entry);
            }
        };
        let copied = kept.each(|entry| {
            let listed = months.get_mut(&entry.month());
            let closed = listed.and_then(|listing| Some((listing.get(entry.id())?.closed, listing)));
            if let Some((true, listing)) = closed {
                listing.remove(entry.id());
                take(&mut history, entry);
            }
        });
        if let Err(error) = copied {
            history.not_kept = Some(no_copies(&kept.0, &error));
        }
        let missing = months
            .iter()
            .flat_map(|(month, listing)| listing.iter().map(|(id, stands)| (*month, id, *stands)));
        let mut reads = stream::iter(missing)
            .map(
                |(month, id, stands)| async move { (month, id, month::standing(aws, bucket, month, id, stands).await) },
            )
            .buffer_unordered(AT_ONCE);
        let mut new = Vec::new();
        let mut failure = None;
        while let Some((month, id, entry)) = reads.next().await {
            match entry {
                Ok(Some(Ok(entry))) => {
                    history.fetched += 1;
                    if matches!(entry.outcome, Outcome::Ended(_)) {
                        new.push(entry.clone());
                    }
                    take(&mut history, entry);
                }
                Ok(Some(Err(why))) => history
                    .unreadable
                    .push(unreadable(&format!("{bucket}/{}{id}", month.prefix()), &why)),
                Ok(None) => {}
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        // What was fetched before a failure is not fetched again.
        if let Err(error) = kept.add(&new) {
            history.not_kept = Some(no_copies(&kept.0, &error));
        }
        if let Some(failure) = failure {
            return Err(failed(failure));
        }
        // Runs at work, or dead, of which only this machine knows.
        for entry in begun.into_values().filter(|entry| entry.platform == ours) {
            history.entries += 1;
            give(entry);
        }
        Ok(history)
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
