//! Days and months of UTC.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::validation;
use crate::clock::{Ms, timestamp};
use crate::wire::ApiError;

/// From the begin of a day to that of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) start: Date,
    /// Not included.
    pub(super) end: Date,
}

/// The begin of a day.
fn begin(date: Date) -> Ms {
    date.to_zoned(TimeZone::UTC)
        .map_or(Ms::MAX, |begin| begin.timestamp().as_millisecond())
}

/// The first day of the month after that of `date`.
fn next_month(date: Date) -> Date {
    date.last_of_month().tomorrow().unwrap_or(date)
}

impl Period {
    /// Reads a period that is asked about at `now`.
    ///
    /// # Errors
    /// `ValidationException`, as AWS has it.
    pub(super) fn of(start: &str, end: &str, now: Ms) -> Result<Self, ApiError> {
        let day = |text: &str| {
            let wrong = |_| validation(format!("'{text}' is no date like 2026-01-31"));
            text.parse::<Date>().map_err(wrong)
        };
        let (start, end) = (day(start)?, day(end)?);
        if start >= end {
            return Err(validation("Start date (and hour) should be before end date (and hour)"));
        }
        let today = timestamp(now).to_zoned(TimeZone::UTC).date();
        if end > next_month(today) {
            return Err(validation("end date past the beginning of next month"));
        }
        Ok(Self { start, end })
    }

    /// Its begin and its end.
    pub(super) fn times(self) -> (Ms, Ms) {
        (begin(self.start), begin(self.end))
    }

    /// Its parts: days, or months as far as they lie within it.
    pub(super) fn parts(self, daily: bool) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let end = match daily {
                true => start.tomorrow().unwrap_or(self.end),
                false => next_month(start),
            };
            let end = end.min(self.end);
            parts.push(Self { start, end });
            start = end;
        }
        parts
    }

    /// How many months begin within it, by `now`.
    pub(super) fn months_begun(self, now: Ms) -> i128 {
        let days = self.parts(true);
        let first = |day: &&Self| day.start.day() == 1 && begin(day.start) <= now;
        days.iter().filter(first).count() as i128
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::START;

    fn period(start: &str, end: &str) -> Result<Period, ApiError> {
        Period::of(start, end, START)
    }

    #[test]
    fn a_period_that_ends_before_it_begins_or_in_another_month_to_come_is_refused() {
        // It is 2026-01-15.
        for (start, end) in [
            ("2026-01-10", "2026-01-10"),
            ("2026-01-11", "2026-01-10"),
            ("2026-01-01", "2026-02-02"),
            ("2026-01-32", "2026-02-01"),
            ("", ""),
        ] {
            assert_eq!(period(start, end).unwrap_err().code, "ValidationException");
        }
        assert!(period("2026-01-01", "2026-02-01").is_ok());
    }

    #[test]
    fn a_period_falls_into_months_or_days() {
        let period = period("2025-11-15", "2026-01-02").unwrap();
        let months: Vec<String> = period.parts(false).iter().map(|part| part.start.to_string()).collect();
        assert_eq!(months, ["2025-11-15", "2025-12-01", "2026-01-01"]);
        assert_eq!(period.parts(true).len(), 16 + 31 + 1);
        assert_eq!(period.months_begun(START), 2);
    }
}
