//! A month of UTC, by which AWS bills.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jitsi_cost::Span;
use rust_decimal::Decimal;

/// A month of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month(Date);

impl Month {
    /// The month in which `time` lies.
    pub(crate) fn of(time: Timestamp) -> Self {
        Self(time.to_zoned(TimeZone::UTC).date().first_of_month())
    }

    pub(crate) fn before(self) -> Self {
        Self(self.0.yesterday().map_or(self.0, Date::first_of_month))
    }

    pub(crate) fn next(self) -> Self {
        Self(self.0.last_of_month().tomorrow().unwrap_or(self.0))
    }

    fn begin(self) -> Timestamp {
        self.0
            .to_zoned(TimeZone::UTC)
            .map_or(Timestamp::MAX, |begin| begin.timestamp())
    }

    /// All of it.
    pub(crate) fn span(self) -> Span {
        Span {
            from: self.begin(),
            until: self.next().begin(),
        }
    }

    /// Each day of it with its number, from 1.
    pub(crate) fn days(self) -> impl Iterator<Item = (i8, Span)> {
        let begin = move |day: i8| {
            let date = if day > self.0.days_in_month() {
                self.next().0
            } else {
                Date::new(self.0.year(), self.0.month(), day).unwrap_or(self.0)
            };
            Self::begin(Self(date))
        };
        (1..=self.0.days_in_month()).map(move |day| {
            let (from, until) = (begin(day), begin(day + 1));
            (day, Span { from, until })
        })
    }

    /// Its first day, and the day after its last, or after that of `now`.
    pub(crate) fn dates(self, now: Timestamp) -> (Date, Date) {
        let today = now.to_zoned(TimeZone::UTC).date();
        let tomorrow = today.tomorrow().unwrap_or(today);
        (self.0, self.next().0.min(tomorrow))
    }

    /// How many hours it has.
    pub(crate) fn hours(self) -> Decimal {
        Decimal::from(i64::from(self.0.days_in_month()) * 24)
    }
}

impl FromStr for Month {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "expected a month like 2026-10".to_owned();
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let (year, month) = (year.parse().map_err(|_| wrong())?, month.parse().map_err(|_| wrong())?);
        Date::new(year, month, 1).map(Self).map_err(|_| wrong())
    }
}

/// `2026-10`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.strftime("%Y-%m").to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_of_utc_and_follow_each_other() {
        let month: Month = "2026-01".parse().unwrap();
        assert_eq!(Month::of("2026-01-31T23:59:59Z".parse().unwrap()), month);
        assert_eq!(month.before().to_string(), "2025-12");
        assert_eq!(month.next().span().from, month.span().until);
        assert_eq!(month.hours(), Decimal::from(744));
        let days: Vec<_> = month.days().collect();
        assert_eq!(days.len(), 31);
        assert_eq!(
            (days[0].1.from, days[30].1.until),
            (month.span().from, month.span().until)
        );
    }

    #[test]
    fn a_month_that_is_not_over_ends_with_today() {
        let month: Month = "2026-02".parse().unwrap();
        let dates = |now: &str| {
            let (from, until) = month.dates(now.parse().unwrap());
            format!("{from} {until}")
        };
        assert_eq!(dates("2026-02-01T00:00:00Z"), "2026-02-01 2026-02-02");
        assert_eq!(dates("2026-02-28T23:59:59Z"), "2026-02-01 2026-03-01");
        assert_eq!(dates("2026-07-01T00:00:00Z"), "2026-02-01 2026-03-01");
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in [
            "2026",
            "2026-13",
            "2026-00",
            "26-01",
            "2026-1",
            "October",
            "2026-10-01",
            "",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
