//! Reading the configuration file, if nobody else can have written it: it decides which account is changed.

use std::fs::{self, File, Metadata};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::assignments::shell_quote;
use crate::problem::{Problem, Warning};

/// No configuration comes near this; a log or a disk image that was named by mistake does not get read whole.
const LARGEST: u64 = 1024 * 1024;

const OTHERS_WRITE: u32 = 0o002;
const GROUP_WRITES: u32 = 0o020;
const STICKY: u32 = 0o1000;
const ROOT: u32 = 0;

/// The file's text, and warnings about its permissions.
///
/// # Errors
/// It cannot be read, is no plain file, is not UTF-8 or is larger than 1 MiB; it is world-writable, or owned by neither
/// `uid` nor root; its folder (also that of the link, if it is one) lets anyone replace it.
pub(crate) fn read(path: &Path, uid: u32) -> Result<(String, Vec<Warning>), Vec<Problem>> {
    let unreadable =
        |error: std::io::Error| vec![Problem::new(format!("cannot read `{}`: {error}", path.display()), None)];
    let real = fs::canonicalize(path).map_err(unreadable)?;
    // Asked before it is opened, because opening a named pipe waits for a writer.
    if !fs::metadata(&real).map_err(unreadable)?.is_file() {
        return Err(vec![Problem::new(
            format!("`{}` is not a plain file", path.display()),
            None,
        )]);
    }
    let file = File::open(&real).map_err(unreadable)?;
    // Of what was opened, not of the path: in between it can have become another file.
    let metadata = file.metadata().map_err(unreadable)?;
    let mut problems = owner_and_mode(&real, &metadata, uid);
    problems.extend(folders(path, &real).map_err(unreadable)?);
    if metadata.len() > LARGEST {
        let message = format!(
            "`{}` has {} bytes; a configuration has at most {LARGEST}",
            path.display(),
            metadata.len()
        );
        problems.push(Problem::new(message, None));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes).map_err(unreadable)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| vec![Problem::new(format!("`{}` is not UTF-8 text", path.display()), None)])?;
    Ok((text, group_warning(&real, &metadata).into_iter().collect()))
}

fn owner_and_mode(real: &Path, metadata: &Metadata, uid: u32) -> Vec<Problem> {
    let (shown, command) = (real.display(), shell_quote(&real.to_string_lossy()));
    let mut problems = Vec::new();
    if metadata.mode() & OTHERS_WRITE != 0 {
        let message = format!("`{shown}` is writable by everyone, so anyone could choose the account that is changed");
        problems.push(Problem::new(
            message,
            Some(format!("check what it says, then: chmod o-w {command}")),
        ));
    }
    if metadata.uid() != uid && metadata.uid() != ROOT {
        let message = format!(
            "`{shown}` belongs to user {}, neither to you (user {uid}) nor to root",
            metadata.uid()
        );
        problems.push(Problem::new(
            message,
            Some(format!("check what it says, then: sudo chown {uid} {command}")),
        ));
    }
    problems
}

/// The folder of the real file and, where the path goes through a link, the folder of the path.
fn folders(path: &Path, real: &Path) -> std::io::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    let named = path.parent().map(fs::canonicalize).transpose()?;
    let mut folders: Vec<&Path> = real.parent().into_iter().chain(named.as_deref()).collect();
    folders.dedup();
    for folder in folders {
        let mode = fs::metadata(folder)?.mode();
        if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
            let message = format!(
                "the folder `{}` is writable by everyone, so anyone could replace the file",
                folder.display()
            );
            let hint = format!(
                "check what the file says, then: chmod o-w {}",
                shell_quote(&folder.to_string_lossy())
            );
            problems.push(Problem::new(message, Some(hint)));
        }
    }
    Ok(problems)
}

fn group_warning(real: &Path, metadata: &Metadata) -> Option<Warning> {
    (metadata.mode() & GROUP_WRITES != 0).then(|| Warning {
        message: format!(
            "`{}` is writable by its group, whose members can choose the account that is changed",
            real.display()
        ),
        hint: Some(format!("chmod g-w {}", shell_quote(&real.to_string_lossy()))),
    })
}
