//! The commented `jitsi.toml` with which a community begins.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A `jitsi.toml` that is valid as it stands and explains every key. Lines of the form `#key = value` are keys that are
/// switched off; other comments are prose.
pub const STARTER: &str = include_str!("starter.toml");

/// Why no starter file was written.
#[derive(Debug, thiserror::Error)]
pub enum StarterError {
    /// Something is there already. It is left as it is.
    #[error("`{}` exists already and is left as it is", .0.display())]
    Exists(PathBuf),
    /// The file or its folder could not be written.
    #[error("cannot write `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Writes [`STARTER`], readable by all and writable by its owner only, whatever the umask. Folders that are missing are made.
///
/// # Errors
/// There is something at `path` already, be it a link that leads nowhere; or the system refuses.
pub fn write_starter(path: &Path) -> Result<(), StarterError> {
    let io = |source| StarterError::Io {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(folder)
            .map_err(io)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .open(path)
        .map_err(|error| {
            if error.kind() == ErrorKind::AlreadyExists {
                StarterError::Exists(path.to_owned())
            } else {
                io(error)
            }
        })?;
    let written = file.write_all(STARTER.as_bytes()).and_then(|()| file.sync_all());
    written.map_err(|error| {
        // Half a file would be in the way of the next attempt; the write error is what counts.
        let _ = fs::remove_file(path);
        io(error)
    })
}
