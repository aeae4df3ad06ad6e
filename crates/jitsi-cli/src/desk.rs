//! Who runs a command, and where this machine keeps its part of lock and journal.

use std::path::PathBuf;
use std::time::Duration;

use etcetera::{BaseStrategy, choose_base_strategy};
use jitsi_ops::custody::Desk;
use jitsi_ops::identity::Who;
use jitsi_ops::problem::{Problem, ProblemKind};

/// The desk of this process. `beside`: the sandbox's state file, beside which a rehearsal keeps its own.
///
/// # Errors
/// When the user has no home folder.
pub fn desk(lock_wait: Duration, beside: Option<&PathBuf>) -> Result<Desk, Problem> {
    let state_folder = match beside {
        Some(file) => {
            let mut name = file.clone().into_os_string();
            name.push(".ops");
            PathBuf::from(name)
        }
        None => user_state_folder()?,
    };
    Ok(Desk {
        who: who(),
        state_folder,
        lock_wait,
        nonce: format!("{:016x}", fastrand::u64(..)),
        tenure: None,
    })
}

/// `$XDG_STATE_HOME/jitsi-ops`, else `~/.local/state/jitsi-ops`.
fn user_state_folder() -> Result<PathBuf, Problem> {
    let strategy = choose_base_strategy().map_err(|error| {
        Problem::new(ProblemKind::Failed, "there is no place for the journal of this machine")
            .because(error.to_string())
            .hint("set HOME, or XDG_STATE_HOME")
    })?;
    let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(state.join("jitsi-ops"))
}

fn who() -> Who {
    let named = ["USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok());
    let user = named
        .filter(|user| !user.is_empty())
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Who { user, host }
}
