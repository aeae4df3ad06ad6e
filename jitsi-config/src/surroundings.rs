//! What the configuration depends on besides its file: flags, environment, folders, the user. Plain values, so that tests
//! need no process-global state.

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::BaseStrategy;

/// The flags that every command shares, as they were given on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--profile NAME`: a `[profiles.NAME]` of the configuration file.
    pub profile: Option<String>,
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--ops-dir DIR`.
    pub ops_dir: Option<PathBuf>,
    /// `--aws-profile NAME`: a profile of the AWS CLI's configuration.
    pub aws_profile: Option<String>,
    /// `--region REGION`.
    pub region: Option<String>,
}

/// The process and its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The environment variables.
    pub env: BTreeMap<String, String>,
    /// Where the command was started, absolute.
    pub current_dir: PathBuf,
    /// The user's configuration folder (`~/.config`), if there is one.
    pub config_home: Option<PathBuf>,
    /// The effective user id: whose files are believed, besides root's.
    pub uid: u32,
}

impl Surroundings {
    /// Reads them from this process. Bytes of variables that are not UTF-8 are replaced, so that such a value is refused where
    /// it is used instead of being overlooked; a current directory that was removed is `.`, beside which nothing is found.
    #[must_use]
    pub fn of_this_process() -> Self {
        let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self {
            env: std::env::vars_os()
                .map(|(name, value)| (lossy(name), lossy(value)))
                .collect(),
            current_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            config_home: etcetera::choose_base_strategy()
                .ok()
                .map(|folders| folders.config_dir()),
            uid: rustix::process::geteuid().as_raw(),
        }
    }

    /// An environment variable; an empty one counts as unset.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let env = [("JITSI_DOMAIN", ""), ("JITSI_PROJECT", "meet")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let surroundings = Surroundings {
            env,
            current_dir: PathBuf::from("/"),
            config_home: None,
            uid: 1,
        };
        assert_eq!(surroundings.variable("JITSI_DOMAIN"), None);
        assert_eq!(surroundings.variable("JITSI_PROJECT"), Some("meet"));
        assert_eq!(surroundings.variable("JITSI_CLUSTER"), None);
    }

    #[test]
    fn this_process_has_a_directory_and_a_path() {
        let surroundings = Surroundings::of_this_process();
        assert!(surroundings.current_dir.is_absolute());
        assert!(surroundings.variable("PATH").is_some());
    }
}
