//! Everything that a run says, with the time, in a file of the user's state folder: for whoever asks afterwards.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::adapter::strip_str;
use jiff::Timestamp;

/// A log that is being written. A line that cannot be written is lost; the run goes on, and [`RunLog::is_whole`] says it.
#[derive(Debug)]
pub struct RunLog {
    path: PathBuf,
    file: File,
    lost: AtomicBool,
}

impl RunLog {
    /// Begins the log of a run of `command`: `<state folder>/<command>/<time>-<nonce>.log`.
    ///
    /// # Errors
    /// The folder or the file cannot be made.
    pub fn begin(state_folder: &Path, command: &str, now: Timestamp, nonce: &str) -> io::Result<Self> {
        let folder = state_folder.join(command);
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}-{nonce}.log", now.strftime("%Y-%m-%dT%H-%M-%SZ")));
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        let lost = AtomicBool::new(false);
        Ok(Self { path, file, lost })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what was said at `at`, line by line, without colours.
    pub fn write(&self, at: Timestamp, text: &str) {
        for line in strip_str(text).to_string().lines() {
            let line = format!("{at:.3} {line}\n");
            // One call for each line: a run that is killed leaves whole ones.
            if (&self.file).write_all(line.as_bytes()).is_err() {
                self.lost.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Whether every line has been written.
    pub fn is_whole(&self) -> bool {
        !self.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_stands_there_with_its_time_and_without_colours() {
        let folder = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-11-27T18:30:05.25Z".parse().unwrap();
        let log = RunLog::begin(folder.path(), "test-platform", now, "1a2b").unwrap();
        log.write(now, "\x1b[32mpassed\x1b[0m\n  two lines");
        let name = log.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(name, "2026-11-27T18-30-05Z-1a2b.log");
        let text = fs::read_to_string(log.path()).unwrap();
        assert_eq!(
            text,
            "2026-11-27T18:30:05.250Z passed\n2026-11-27T18:30:05.250Z   two lines\n"
        );
        assert!(log.is_whole());
    }

    #[test]
    fn a_log_never_takes_the_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        RunLog::begin(folder.path(), "test-platform", now, "1").unwrap();
        let again = RunLog::begin(folder.path(), "test-platform", now, "1").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    }
}
