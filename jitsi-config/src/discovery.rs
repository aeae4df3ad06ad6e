//! Finding the configuration file: which places are looked at, in which order.
//!
//! Nothing is read or judged here, see [`crate::safety`].

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::problem::{Problem, Warning};
use crate::surroundings::{Flags, Surroundings};

/// The folder of the private repository that holds a community's configuration.
const OPS_REPOSITORY: &str = "jitsi-video-hosting-ops";
/// The folder inside the user's configuration folder.
const USER_FOLDER: &str = "jitsi-ops";
/// In a folder, the first of these counts. The two JSON names are the original's, in its order.
const FILE_NAMES: [&str; 3] = ["jitsi.toml", "config.json", "jitsi-config.json"];

/// What the search gave.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    File {
        path: PathBuf,
        warning: Option<Warning>,
    },
    /// No configuration file in any of these folders.
    Nothing {
        looked_in: Vec<PathBuf>,
    },
}

/// Looks for the configuration file.
///
/// # Errors
/// A named file or folder that is not there, or a place that cannot be looked at: that is not the same as nothing there.
pub(crate) fn discover(flags: &Flags, surroundings: &Surroundings) -> Result<Found, Problem> {
    let here = &surroundings.current_dir;
    if let Some(file) = &flags.config {
        return named_file(&here.join(file));
    }
    let from_variable = || {
        surroundings
            .variable("JITSI_OPS_DIR")
            .map(|folder| (Path::new(folder), "JITSI_OPS_DIR"))
    };
    let named = flags
        .ops_dir
        .as_deref()
        .map(|folder| (folder, "--ops-dir"))
        .or_else(from_variable);
    if let Some((folder, source)) = named {
        return named_folder(&here.join(folder), source);
    }
    let mut looked_in: Vec<PathBuf> = Vec::new();
    for folder in usual_folders(surroundings)? {
        if looked_in.contains(&folder) {
            continue;
        }
        if let Some(found) = in_folder(&folder)? {
            return Ok(found);
        }
        looked_in.push(folder);
    }
    Ok(Found::Nothing { looked_in })
}

fn named_file(path: &Path) -> Result<Found, Problem> {
    if exists(path)? {
        return Ok(Found::File {
            path: path.to_owned(),
            warning: None,
        });
    }
    let message = format!("`--config` names `{}`, which does not exist", path.display());
    let hint = "`jitsi-config init` writes a starter file".to_owned();
    Err(Problem {
        key: Some("--config".to_owned()),
        ..Problem::new(message, Some(hint))
    })
}

fn named_folder(folder: &Path, source: &str) -> Result<Found, Problem> {
    let problem = |what: &str| {
        let message = format!("`{source}` names `{}`, {what}", folder.display());
        let hint = "`jitsi-config init` writes a starter `jitsi.toml`".to_owned();
        Problem {
            key: Some(source.to_owned()),
            ..Problem::new(message, Some(hint))
        }
    };
    if !exists(folder)? {
        return Err(problem("which does not exist"));
    }
    if !folder.is_dir() {
        return Err(problem("which is not a folder"));
    }
    in_folder(folder)?.ok_or_else(|| problem("which holds no `jitsi.toml`, `config.json` or `jitsi-config.json`"))
}

/// The folders that are looked at when nothing is named: the ops repository beside the current git repository, one and two
/// levels up, then beside the current folder, likewise, as the original did; then the user's own.
fn usual_folders(surroundings: &Surroundings) -> Result<Vec<PathBuf>, Problem> {
    let here = surroundings.current_dir.as_path();
    let mut folders = Vec::new();
    for start in repository_root(here)?.into_iter().chain([here]) {
        folders.extend(
            start
                .ancestors()
                .skip(1)
                .take(2)
                .map(|above| above.join(OPS_REPOSITORY)),
        );
    }
    folders.extend(surroundings.config_home.iter().map(|home| home.join(USER_FOLDER)));
    Ok(folders)
}

/// The nearest folder upwards that holds `.git`: a folder, or a file where it is a worktree or a submodule.
fn repository_root(here: &Path) -> Result<Option<&Path>, Problem> {
    for folder in here.ancestors() {
        if exists(&folder.join(".git"))? {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

fn in_folder(folder: &Path) -> Result<Option<Found>, Problem> {
    let mut present = Vec::new();
    for name in FILE_NAMES {
        if exists(&folder.join(name))? {
            present.push(name);
        }
    }
    let Some((first, others)) = present.split_first() else {
        return Ok(None);
    };
    let warning = (!others.is_empty()).then(|| {
        let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
        let others = others.join(" and ");
        Warning {
            message: format!("`{first}` is used and {others} ignored in `{}`", folder.display()),
            hint: Some(format!("remove {others}, so that nobody edits a file in vain")),
        }
    });
    Ok(Some(Found::File {
        path: folder.join(first),
        warning,
    }))
}

/// A link that leads nowhere exists: it was meant, and reading it will say what is wrong.
fn exists(path: &Path) -> Result<bool, Problem> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(Problem::new(
            format!("cannot look at `{}`: {error}", path.display()),
            None,
        )),
    }
}
