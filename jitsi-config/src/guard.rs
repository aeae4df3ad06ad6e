//! How it is known whether a meeting is on.
//!
//! Only what was configured; asking, and what an answer is worth, is the business of the engine.

use std::fmt;
use std::str::FromStr;

use crate::metric::GuardMetric;
use crate::names::ContainerName;
use crate::problem::Malformed;
use crate::stats_url::StatsUrl;
use crate::suggest::nearest;

/// Whom to ask whether a meeting is on, before anything is taken away from under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// Which of the following counts.
    pub source: GuardSource,
    /// The container that reports meetings by protecting its task; read for [`GuardSource::TaskProtection`].
    pub reporter: ContainerName,
    /// Where the statistics are; always there for [`GuardSource::StatsUrl`], and read for that alone.
    pub stats_url: Option<StatsUrl>,
    /// The metric that counts meetings; read for [`GuardSource::Cloudwatch`].
    pub cloudwatch: GuardMetric,
}

/// Where the answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardSource {
    /// `task-protection`: a container in every task keeps ECS's protection of its task up while a meeting is on.
    TaskProtection,
    /// `stats-url`: the statistics of jicofo or of the bridge, over HTTP.
    StatsUrl,
    /// `cloudwatch`: a metric that somebody publishes.
    Cloudwatch,
    /// `none`: nobody is asked; the operator has decided to be blind.
    None,
}

impl GuardSource {
    const ALL: [Self; 4] = [Self::TaskProtection, Self::StatsUrl, Self::Cloudwatch, Self::None];

    fn name(self) -> &'static str {
        match self {
            Self::TaskProtection => "task-protection",
            Self::StatsUrl => "stats-url",
            Self::Cloudwatch => "cloudwatch",
            Self::None => "none",
        }
    }
}

impl fmt::Display for GuardSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for GuardSource {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const EXPECTED: &str = "`task-protection`, `stats-url`, `cloudwatch` or `none`";
        let found = Self::ALL.into_iter().find(|known| known.name() == text);
        found.ok_or_else(|| {
            let near = nearest(text, Self::ALL.map(Self::name));
            Malformed::hinting(EXPECTED, near.map(|near| format!("did you mean `{near}`?")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_one_of_four_and_survives_being_written_and_read() {
        for source in GuardSource::ALL {
            assert_eq!(source.to_string().parse(), Ok(source));
        }
        for bad in ["", "off", "None", "task protection", "sentinel"] {
            assert!(bad.parse::<GuardSource>().is_err(), "{bad} was accepted");
        }
    }

    #[test]
    fn a_source_that_is_nearly_right_is_answered_with_the_right_one() {
        let hints = [
            ("task_protection", Some("did you mean `task-protection`?")),
            ("CloudWatch", Some("did you mean `cloudwatch`?")),
            ("stats", Some("did you mean `stats-url`?")),
            ("off", None),
        ];
        for (text, hint) in hints {
            let wrong = text.parse::<GuardSource>().unwrap_err();
            assert_eq!(wrong.hint.as_deref(), hint, "{text}");
        }
    }
}
