//! What is wrong, and where: the error of a whole configuration, its single problems, and warnings.
//!
//! Nothing here decides that something is wrong. The face of a command renders [`Problem`]s itself (`error: ...`,
//! `hint: ...`); the `Display` of [`ConfigError`] is for everything else that has to show one.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// Everything that is wrong with a configuration, found in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file that was read, where one was found.
    pub file: Option<PathBuf>,
    /// At least one; those with a line first, in the order of the file.
    pub problems: Vec<Problem>,
    /// What was noticed besides, and may be the reason.
    pub warnings: Vec<Warning>,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line in [`ConfigError::file`], from 1. `None`: the mistake is not in the file (a flag, the environment, the file's
    /// permissions), and the message names its place.
    pub line: Option<usize>,
    /// The key (`profiles.ops.domain`), environment variable (`JITSI_DOMAIN`) or flag (`--region`) that is meant.
    pub key: Option<String>,
    /// What was found and what is allowed: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do about it, in one line.
    pub hint: Option<String>,
}

/// Something that works, but that one should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What was found: a lower-case fragment without a full stop.
    pub message: String,
    /// What to do about it, in one line.
    pub hint: Option<String>,
}

/// A text that is not a value of the wanted type. Whoever parsed it knows the text, so it is not repeated here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}")]
pub struct Malformed {
    /// What is allowed: "an account id of 12 digits".
    pub expected: &'static str,
    /// What was probably meant, or what to write instead.
    pub hint: Option<String>,
}

impl Malformed {
    pub(crate) fn new(expected: &'static str) -> Self {
        Self { expected, hint: None }
    }

    pub(crate) fn hinting(expected: &'static str, hint: Option<String>) -> Self {
        Self { expected, hint }
    }
}

impl Problem {
    /// A mistake that is not at a line of the file.
    pub(crate) fn new(message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            line: None,
            key: None,
            message: message.into(),
            hint,
        }
    }

    /// A mistake in the value of a key; `line` is `None` for flags and environment variables.
    pub(crate) fn of_key(line: Option<usize>, key: &str, what: impl fmt::Display, hint: Option<String>) -> Self {
        let message = format!("{}: {what}", quoted(key));
        Self {
            line,
            key: Some(key.to_owned()),
            message,
            hint,
        }
    }

    /// A key that itself is the mistake: it `is missing`, it `is not a known key`.
    pub(crate) fn key_that(line: Option<usize>, key: &str, predicate: &str, hint: Option<String>) -> Self {
        let message = format!("{} {predicate}", quoted(key));
        Self {
            line,
            key: Some(key.to_owned()),
            message,
            hint,
        }
    }

    /// A value that does not parse.
    pub(crate) fn malformed(line: Option<usize>, key: &str, found: &str, wrong: Malformed) -> Self {
        let found = if found.is_empty() {
            "an empty text".to_owned()
        } else {
            quoted(found)
        };
        Self::of_key(
            line,
            key,
            format_args!("expected {}, found {found}", wrong.expected),
            wrong.hint,
        )
    }

    /// `path/jitsi.toml:12` where the mistake is in the file, to be printed before the message.
    #[must_use]
    pub fn place(&self, file: Option<&Path>) -> Option<String> {
        Some(format!("{}:{}", file?.display(), self.line?))
    }
}

impl ConfigError {
    /// Orders the problems: those in the file by line, then the others as they were found. What several profiles have in
    /// common is told once.
    pub(crate) fn new(file: Option<PathBuf>, found: Vec<Problem>) -> Self {
        let mut problems: Vec<Problem> = Vec::new();
        for problem in found {
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        problems.sort_by_key(|problem| problem.line.unwrap_or(usize::MAX));
        Self {
            file,
            problems,
            warnings: Vec::new(),
        }
    }

    /// As [`ConfigError::new`], with what was noticed besides.
    pub(crate) fn with_warnings(file: Option<PathBuf>, problems: Vec<Problem>, warnings: Vec<Warning>) -> Self {
        Self {
            warnings,
            ..Self::new(file, problems)
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            if let Some(place) = problem.place(self.file.as_deref()) {
                write!(f, "{place}: ")?;
            }
            write!(f, "{}", problem.message)?;
            if let Some(hint) = &problem.hint {
                write!(f, "\n  hint: {hint}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// A value as messages show it: in back quotes, control characters escaped, the user and the password of a URL left out, cut
/// where it would fill the screen.
pub(crate) fn quoted(value: &str) -> String {
    const LONGEST: usize = 100;
    let value = without_credentials(value);
    let mut shown: String = value.chars().take(LONGEST).flat_map(escape_control).collect();
    if value.chars().count() > LONGEST {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Rather too much is left out than too little: a password may hold anything, also what should end the host.
fn without_credentials(value: &str) -> Cow<'_, str> {
    let parts = value
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1)));
    parts.map_or(Cow::Borrowed(value), |(scheme, host)| {
        format!("{scheme}://***@{host}").into()
    })
}

fn escape_control(c: char) -> Vec<char> {
    if c.is_control() {
        c.escape_default().collect()
    } else {
        vec![c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_of_the_file_come_first_in_the_order_of_its_lines() {
        let at = |line, message| Problem {
            line,
            ..Problem::new(message, None)
        };
        let error = ConfigError::new(
            Some(PathBuf::from("ops/jitsi.toml")),
            vec![
                at(None, "flag"),
                at(Some(9), "nine"),
                at(Some(2), "two"),
                at(None, "environment"),
            ],
        );
        insta::assert_snapshot!(error, @r"
        ops/jitsi.toml:2: two
        ops/jitsi.toml:9: nine
        flag
        environment
        ");
    }

    #[test]
    fn a_found_value_cannot_forge_lines_or_flood_the_screen() {
        assert_eq!(quoted("a\nerror: b\u{1b}[0m"), r"`a\nerror: b\u{1b}[0m`");
        assert_eq!(quoted(&"x".repeat(5000)).chars().count(), 103);
        let problem = Problem::key_that(Some(1), "a\nerror: b", "is not a known key", None);
        assert_eq!(problem.message, r"`a\nerror: b` is not a known key");
    }
    #[test]
    fn a_found_value_does_not_spread_the_password_of_a_url() {
        for secret in [
            "http://me:pw@host/stats",
            "http://p/w@host/stats",
            "http://me:p@w@host/stats",
        ] {
            assert_eq!(quoted(secret), "`http://***@host/stats`");
        }
        assert_eq!(quoted("me@host"), "`me@host`");
    }
}
