//! A sum that says whether it is one.

use std::fmt;

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::usd::Usd;

/// Hours of an average month: 365 days of 24 hours, divided by 12. AWS's calculator takes the same; a month of 30 days, as
/// some calculate, has 720.
pub const HOURS_PER_MONTH: u32 = 730;

/// A sum of costs, some of which may be unknown.
///
/// In JSON `{"usd": 0.235, "complete": true}`. With `"complete": false` the amount is the least that it costs, or `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Total {
    /// All of it.
    Exactly(Usd),
    /// What is known of it; the rest comes on top.
    AtLeast(Usd),
    /// Something costs money, and nothing is known of how much.
    Unknown,
}

impl Total {
    /// The sum of `known` and of as many `unknown` parts.
    pub(crate) fn of(known: &[Usd], unknown: usize) -> Self {
        let sum = known.iter().copied().sum();
        match (known.len(), unknown) {
            (_, 0) => Self::Exactly(sum),
            (0, _) => Self::Unknown,
            (..) => Self::AtLeast(sum),
        }
    }

    /// The two together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let sum = match (self.known(), other.known()) {
            (None, None) => return Self::Unknown,
            (one, other) => [one, other].into_iter().flatten().sum(),
        };
        match self.is_complete() && other.is_complete() {
            true => Self::Exactly(sum),
            false => Self::AtLeast(sum),
        }
    }

    /// What is known of it; `None`: nothing.
    #[must_use]
    pub fn known(self) -> Option<Usd> {
        match self {
            Self::Exactly(usd) | Self::AtLeast(usd) => Some(usd),
            Self::Unknown => None,
        }
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Exactly(_))
    }

    /// The same for so many times as long.
    #[must_use]
    pub fn times(self, hours: u32) -> Self {
        match self {
            Self::Exactly(usd) => Self::Exactly(usd * hours),
            Self::AtLeast(usd) => Self::AtLeast(usd * hours),
            Self::Unknown => Self::Unknown,
        }
    }

    /// As an amount per hour is shown: `$0.2350`, `at least $0.2350`, `unknown`.
    #[must_use]
    pub fn hourly_text(self) -> String {
        self.text(Usd::hourly_text)
    }

    /// As an amount per month is shown: `$171.54`, `at least $171.54`, `unknown`.
    #[must_use]
    pub fn monthly_text(self) -> String {
        self.text(Usd::monthly_text)
    }

    fn text(self, show: impl Fn(Usd) -> String) -> String {
        match self {
            Self::Exactly(usd) => show(usd),
            Self::AtLeast(usd) => format!("at least {}", show(usd)),
            Self::Unknown => "unknown".to_owned(),
        }
    }
}

/// With all digits.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text(|usd| usd.to_string()))
    }
}

impl Serialize for Total {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Total", 2)?;
        fields.serialize_field("usd", &self.known())?;
        fields.serialize_field("complete", &self.is_complete())?;
        fields.end()
    }
}
