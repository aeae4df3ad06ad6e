//! The lock of a platform without a bucket: a file of this machine, which the kernel frees when its holder dies.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::{Clock, between};
use crate::identity::PlatformKey;
use crate::problem::{Problem, ProblemKind};

use super::holder::{Body, Holder};
use super::{LockError, LockRequest};

/// From one try to the next: it costs nothing here.
const POLL: Duration = Duration::from_secs(1);

/// A locked file. The kernel frees it when it is dropped, however that comes about.
#[derive(Debug)]
pub(super) struct MachineLock {
    file: File,
    /// Who holds it, for those who have to wait.
    body: PathBuf,
}

pub(super) async fn acquire(
    request: &LockRequest,
    folder: &Path,
    platform: &PlatformKey,
    clock: &Clock,
    mut waiting: impl FnMut(&Holder, Option<Duration>),
) -> Result<MachineLock, LockError> {
    let began = clock.now();
    let path = folder.join("locks").join(format!("{}.lock", platform.path()));
    let body = path.with_extension("json");
    let file = open(&path).map_err(|error| unusable(&path, &error))?;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(unusable(&path, &error)),
        }
        let holder = Holder::of(&fs::read(&body).unwrap_or_default());
        let left = request.wait.saturating_sub(between(began, clock.now()));
        if left.is_zero() {
            return Err(LockError::Busy {
                service: platform.service.clone(),
                holder,
                takeover_in: None,
            });
        }
        waiting(&holder, None);
        clock.sleep(POLL.min(left)).await;
    }
    let mut content = Body::new(&request.who, request.operation, &request.nonce);
    content.since = clock.now();
    // Without it the holder is unknown to others; the lock holds all the same.
    let _ = fs::write(&body, content.to_bytes());
    Ok(MachineLock { file, body })
}

/// Who holds the lock of a folder now; `None`: nobody does.
pub(super) fn holder(folder: &Path, platform: &PlatformKey) -> std::io::Result<Option<Holder>> {
    let path = folder.join("locks").join(format!("{}.lock", platform.path()));
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match file.try_lock_shared() {
        // Freed again with the file.
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => {
            let body = fs::read(path.with_extension("json")).unwrap_or_default();
            Ok(Some(Holder::of(&body)))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The file is never deleted: somebody could have it open, and lock it, while a third makes a new one.
fn open(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

fn unusable(path: &Path, error: &std::io::Error) -> LockError {
    let what = format!("the lock file `{}` cannot be used", path.display());
    let problem = Problem::new(ProblemKind::Failed, what).because(error.to_string());
    LockError::Failed(problem.hint("make its folder writable, or name a bucket with `bucket` in the configuration"))
}

impl MachineLock {
    /// Frees it; the name goes first, so that nobody reads ours under another's lock.
    pub(super) fn release(self) {
        let _ = fs::remove_file(&self.body);
        let _ = self.file.unlock();
    }
}
