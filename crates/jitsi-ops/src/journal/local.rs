//! The entries that this machine keeps: all that the bucket does not have yet, or that no bucket is there for.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::entry::{Entry, Unreadable};

/// `<state folder>/journal`.
#[derive(Clone, Debug)]
pub(super) struct Local(PathBuf);

/// What a file of the folder holds.
pub(super) type Kept = (PathBuf, Result<Entry, Unreadable>);

impl Local {
    pub(super) fn new(state_folder: &Path) -> Self {
        Self(state_folder.join("journal"))
    }

    pub(super) fn folder(&self) -> &Path {
        &self.0
    }

    /// Writes an entry in one piece: whoever reads, or is killed, meanwhile, finds the old one or the new one.
    pub(super) fn write(&self, entry: &Entry) -> io::Result<()> {
        fs::create_dir_all(&self.0)?;
        let part = self.0.join(format!("{}.part", entry.id()));
        let mut file = File::create(&part)?;
        file.write_all(&entry.to_bytes())?;
        file.sync_all()?;
        fs::rename(part, self.path(entry.id()))
    }

    pub(super) fn remove(&self, id: &str) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// All entries, the oldest first; those of other platforms too.
    pub(super) fn all(&self) -> io::Result<Vec<Kept>> {
        let mut kept = Vec::new();
        self.each(|path, entry| kept.push((path, entry)))?;
        kept.sort_by(|one: &Kept, other| one.0.cmp(&other.0));
        Ok(kept)
    }

    /// Gives all entries, one after the other, in no order; those of other platforms too.
    pub(super) fn each(&self, mut give: impl FnMut(PathBuf, Result<Entry, Unreadable>)) -> io::Result<()> {
        let files = match fs::read_dir(&self.0) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for file in files {
            let path = file?.path();
            let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let entry = match fs::read(&path) {
                Ok(bytes) => Entry::read(id, &bytes),
                // Another run on this machine has just sent it.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => Err(Unreadable::Damaged(error.to_string())),
            };
            give(path, entry);
        }
        Ok(())
    }

    fn path(&self, id: &str) -> PathBuf {
        self.0.join(format!("{id}.json"))
    }
}
