//! Where each value came from.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from; from the strongest to the weakest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag, as it is written: `--region`.
    Flag(&'static str),
    /// An environment variable: `JITSI_DOMAIN`, or for the region also `AWS_REGION` and `AWS_DEFAULT_REGION`.
    Environment(&'static str),
    /// The profile's table in a `jitsi.toml`, or the original's flat file.
    Profile {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The `[defaults]` of a `jitsi.toml`.
    Defaults {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Nobody said anything, and this is what the tools take then.
    BuiltIn,
    /// It follows from another key's value.
    Derived {
        /// That key.
        from: &'static str,
    },
}

impl Origin {
    /// The line in the configuration file, if it came from there.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Profile { line, .. } | Self::Defaults { line, .. } => Some(*line),
            Self::Flag(_) | Self::Environment(_) | Self::BuiltIn | Self::Derived { .. } => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Environment(variable) => f.write_str(variable),
            Self::Profile { file, line } => write!(f, "{}:{line}", file.display()),
            Self::Defaults { file, line } => write!(f, "{}:{line} [defaults]", file.display()),
            Self::BuiltIn => f.write_str("built in"),
            Self::Derived { from } => write!(f, "from {from}"),
        }
    }
}

/// One line of `show`: a key, its value as text, and where that came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The path of the key, `nlb.listeners`.
    pub key: &'static str,
    /// The value in use; a list is joined with `, `. `None`: not set, and nothing stands in for it.
    pub value: Option<String>,
    /// Where the value (or its absence) came from.
    pub origin: Origin,
}

/// Every key with its value and origin, in the order of [`crate::KEYS`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins(pub(crate) Vec<Shown>);

impl Origins {
    /// All of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Shown> {
        self.0.iter()
    }

    /// One key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Shown> {
        self.0.iter().find(|shown| shown.key == key)
    }
}

impl<'o> IntoIterator for &'o Origins {
    type Item = &'o Shown;
    type IntoIter = std::slice::Iter<'o, Shown>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
