//! Simulated time: a number of milliseconds since the epoch, and how it is written in answers.
//!
//! Simulated time appears in bodies only. The `Date` header of an answer is always the real time, because SDKs derive
//! a clock skew from it and sign later requests with it.

use jiff::Timestamp;

/// Simulated time, or a span of it, in milliseconds (since the epoch, where it is a point in time).
pub type Ms = i64;

/// Where the clock of a fresh world stands: 2026-01-15T18:00:00Z. Fixed, so that runs give the same output.
pub const START: Ms = 1_768_500_000_000;

/// One second.
pub const SECOND: Ms = 1_000;
/// One minute.
pub const MINUTE: Ms = 60 * SECOND;
/// One hour.
pub const HOUR: Ms = 60 * MINUTE;

/// The point in time as a `jiff` value. What lies outside its range becomes the epoch.
pub fn timestamp(ms: Ms) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

/// As query and REST services write it: `2026-01-15T18:00:00.000Z`.
pub(crate) fn iso8601(ms: Ms) -> String {
    timestamp(ms).strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// As JSON services write it: seconds since the epoch, with a fraction.
pub(crate) fn epoch_seconds(ms: Ms) -> f64 {
    ms as f64 / 1000.0
}

/// As HTTP headers write it: `Thu, 15 Jan 2026 18:00:00 GMT`.
pub(crate) fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_starts_at_a_fixed_instant() {
        assert_eq!(iso8601(START), "2026-01-15T18:00:00.000Z");
        assert_eq!(http_date(timestamp(START)), "Thu, 15 Jan 2026 18:00:00 GMT");
        assert_eq!(epoch_seconds(START + 123), 1_768_500_000.123);
    }
}
