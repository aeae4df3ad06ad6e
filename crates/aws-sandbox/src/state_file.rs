//! A world in a file, shared by processes.
//!
//! Every use takes the lock, reads, lets time pass, acts, writes a new file in place of the old one, and lets go of the
//! lock: a process that is killed at any moment leaves a whole file behind.
//!
//! The clock runs while a process has the sandbox open, and stands still otherwise. Each of them holds a shared lock on
//! the session file; who finds it free starts the clock again from where it stood, the others join in. The speed is that
//! of the one who started it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::clock::Ms;
use crate::world::{FORMAT, World};

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Reading, writing or locking failed.
    #[error("cannot {doing} the sandbox's state `{path}`: {source}")]
    Io {
        /// Such as `read`.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is not a state file, or one of another format.
    #[error("the sandbox's state `{path}` cannot be used: {reason}; `aws-sandbox reset --force` starts afresh")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// `AWS_SANDBOX_SPEED` or `--speed` is no number, or out of range.
    #[error("the sandbox's speed (`AWS_SANDBOX_SPEED` or --speed) must be a number from 0.1 to 100000, not `{given}`")]
    Speed {
        /// What was given.
        given: String,
    },
    /// There is no state file of this name.
    #[error("there is no sandbox state `{path}`; a command with --sandbox makes it")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It would delete what may be somebody's work.
    #[error("`{path}` is not a sandbox's state, so it is not deleted; if it is a damaged one, use --force")]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// There is no state folder for this user.
    #[error("no folder for the sandbox's state is known: set `AWS_SANDBOX_STATE` to a file")]
    NoFolder,
}

/// The environment variable that names the state file.
const STATE_VARIABLE: &str = "AWS_SANDBOX_STATE";
/// The environment variable that sets the speed.
const SPEED_VARIABLE: &str = "AWS_SANDBOX_SPEED";
/// How much faster than real time the clock of a state file runs.
pub const DEFAULT_SPEED: f64 = 60.0;

/// The state file of this user: `AWS_SANDBOX_STATE`, else `jitsi-ops/aws-sandbox.json` in the user's state folder.
///
/// # Errors
/// When there is no such folder.
pub fn default_state_path() -> Result<PathBuf, StateError> {
    if let Some(given) = std::env::var_os(STATE_VARIABLE).filter(|given| !given.is_empty()) {
        return Ok(PathBuf::from(given));
    }
    let folders = etcetera::choose_base_strategy().map_err(|_| StateError::NoFolder)?;
    let folder = folders.state_dir().unwrap_or_else(|| folders.data_dir());
    Ok(folder.join("jitsi-ops").join("aws-sandbox.json"))
}

/// The speed of this user's sandbox: `AWS_SANDBOX_SPEED`, else [`DEFAULT_SPEED`].
///
/// # Errors
/// When it is no number from 0.1 to 100000.
pub fn speed_from_env() -> Result<f64, StateError> {
    match std::env::var(SPEED_VARIABLE) {
        Ok(given) if !given.is_empty() => parse_speed(&given),
        Err(std::env::VarError::NotUnicode(given)) => Err(StateError::Speed {
            given: given.to_string_lossy().into_owned(),
        }),
        _ => Ok(DEFAULT_SPEED),
    }
}

/// A speed: how many simulated seconds pass in one.
///
/// # Errors
/// When it is no number from 0.1 to 100000.
pub fn parse_speed(given: &str) -> Result<f64, StateError> {
    let speed = given
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|speed| (0.1..=100_000.0).contains(speed));
    speed.ok_or_else(|| StateError::Speed {
        given: given.to_owned(),
    })
}

/// The call log beside a state file.
pub(crate) fn log_path(state: &Path) -> PathBuf {
    beside(state, "calls.jsonl")
}

fn beside(state: &Path, extension: &str) -> PathBuf {
    let mut name = state.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(extension);
    state.with_file_name(name)
}

/// Deletes a state file and what lies beside it, and says what was deleted. The lock files stay: others may hold them.
///
/// # Errors
/// When a file is there and cannot be deleted, or, without `force`, does not look like a sandbox's state.
pub fn reset(state: &Path, force: bool) -> Result<Vec<PathBuf>, StateError> {
    if !force && !looks_like_a_state(state) {
        return Err(StateError::NotOurs { path: state.to_owned() });
    }
    let mut deleted = Vec::new();
    for path in [state.to_owned(), log_path(state)] {
        match std::fs::remove_file(&path) {
            Ok(()) => deleted.push(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(StateError::Io {
                    doing: "delete",
                    path,
                    source,
                });
            }
        }
    }
    Ok(deleted)
}

/// Whether it is absent, or begins as every state file does, of whatever format.
fn looks_like_a_state(path: &Path) -> bool {
    let mut beginning = [0; BEGINNING.len()];
    match std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut beginning)) {
        Ok(()) => beginning == *BEGINNING,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// How every state file begins, because its format is its first member.
const BEGINNING: &[u8; 10] = b"{\"format\":";

/// What stands in the file.
#[derive(Serialize, Deserialize)]
struct Saved {
    format: u32,
    /// Real time of the save, in milliseconds since the epoch; the simulated time is the world's.
    wall: Ms,
    speed: f64,
    world: World,
}

/// The same, as it is written.
#[derive(Serialize)]
struct Saving<'a> {
    format: u32,
    wall: Ms,
    speed: f64,
    world: &'a World,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// An open state file. When it is closed, the clock stops.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    lock: File,
    /// Held shared as long as this process has the sandbox open.
    _session: File,
    opened: Instant,
    opened_wall: Ms,
    speed: f64,
}

impl StateFile {
    /// Opens a state file, making it from `fresh` where there is none.
    ///
    /// # Errors
    /// When it cannot be read or written, or is not one of this format.
    pub(crate) fn open(path: &Path, speed: f64, fresh: impl FnOnce() -> World) -> Result<Self, StateError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let problem = |source| StateError::Io {
                doing: "make the folder of",
                path: path.to_owned(),
                source,
            };
            std::fs::create_dir_all(folder).map_err(problem)?;
        }
        let open = |extension: &str| {
            let path = beside(path, extension);
            let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
            opened.map_err(|source| StateError::Io {
                doing: "lock",
                path,
                source,
            })
        };
        let (lock, session) = (open("lock")?, open("session")?);
        let problem = |source| StateError::Io {
            doing: "lock",
            path: path.to_owned(),
            source,
        };
        lock.lock().map_err(problem)?;
        // Nobody else opens while the lock is held, so asking for the session and then sharing it cannot be overtaken.
        let alone = match session.try_lock() {
            Ok(()) => {
                session.unlock().map_err(problem)?;
                true
            }
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(source)) => return Err(problem(source)),
        };
        session.lock_shared().map_err(problem)?;
        let opened_wall = jiff::Timestamp::now().as_millisecond();
        let mut file = Self {
            path: path.to_owned(),
            lock,
            _session: session,
            opened: Instant::now(),
            opened_wall,
            speed,
        };
        let saved = file.read();
        let opened = match saved {
            Ok(Some(saved)) if !alone => {
                file.speed = saved.speed;
                Ok(())
            }
            Ok(Some(saved)) => file.write(&saved.world),
            Ok(None) => file.write(&fresh()),
            Err(error) => Err(error),
        };
        file.lock.unlock().map_err(problem)?;
        opened.map(|()| file)
    }

    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    /// Real time: it never goes back, and follows tokio's clock.
    fn wall(&self) -> Ms {
        self.opened_wall + self.opened.elapsed().as_millis() as Ms
    }

    /// Lets `act` use the world, advanced to now, and saves it. Where the file cannot be read, `act` sees a fresh world;
    /// then, and where it cannot be written, nothing is kept, and the second value says why.
    pub(crate) fn with<R>(
        &mut self,
        fresh: impl FnOnce() -> World,
        act: impl FnOnce(&mut World) -> R,
    ) -> (R, Result<(), StateError>) {
        let locked = self.lock.lock();
        let read = match locked {
            Ok(()) => self.read(),
            Err(source) => Err(StateError::Io {
                doing: "lock",
                path: self.path.clone(),
                source,
            }),
        };
        let (mut world, usable) = match read {
            Ok(Some(saved)) => {
                self.speed = saved.speed;
                let passed = (self.wall() - saved.wall).max(0) as f64 * saved.speed;
                let mut world = saved.world;
                world.advance_to(world.now_ms() + passed as Ms);
                (world, Ok(()))
            }
            Ok(None) => (fresh(), Ok(())),
            Err(error) => (fresh(), Err(error)),
        };
        let result = act(&mut world);
        let kept = usable.and_then(|()| self.write(&world));
        // An error here would leave the lock to the end of the process, where it goes in any case.
        let _ = self.lock.unlock();
        (result, kept)
    }

    fn read(&self) -> Result<Option<Saved>, StateError> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => {
                return Err(StateError::Io {
                    doing: "read",
                    path: self.path.clone(),
                    source,
                });
            }
        };
        let unusable = |reason: String| StateError::Unusable {
            path: self.path.clone(),
            reason,
        };
        let format = serde_json::from_slice::<Format>(&text)
            .map_err(|error| unusable(format!("it is not a state of the sandbox ({error})")))?
            .format;
        if format != FORMAT {
            return Err(unusable(format!(
                "it has format {format}, and this program knows format {FORMAT}"
            )));
        }
        let saved = serde_json::from_slice(&text).map_err(|error| unusable(format!("it is damaged ({error})")))?;
        Ok(Some(saved))
    }

    fn write(&self, world: &World) -> Result<(), StateError> {
        let problem = |source| StateError::Io {
            doing: "write",
            path: self.path.clone(),
            source,
        };
        let saving = Saving {
            format: world.format(),
            wall: self.wall(),
            speed: self.speed,
            world,
        };
        let text = serde_json::to_vec(&saving).map_err(|error| problem(io::Error::other(error)))?;
        let new = beside(&self.path, "new");
        let mut file = File::create(&new).map_err(problem)?;
        file.write_all(&text).map_err(problem)?;
        std::fs::rename(&new, &self.path).map_err(problem)
    }
}

impl Drop for StateFile {
    fn drop(&mut self) {
        // A kill loses no more than the time since the last call. A state that was reset meanwhile stays so.
        if self.path.exists() {
            let _ = self.with(World::new, |_| ());
        }
    }
}
