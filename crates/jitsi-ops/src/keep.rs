//! Holds and leases: until when a platform is to stay up. Kept as tags on the ECS service, so that every machine sees
//! them.
//!
//! A lease says when the platform may end (`scale-up --for`); a hold keeps it up against a schedule. What cannot be read is
//! taken for a reason to stay. Times are compared with AWS's clock, not with the laptop's.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Serialize;

use crate::observation::Tags;

/// The tag of a lease.
pub const LEASE_TAG: &str = "jitsi-ops:lease-until";
/// The tag of a hold.
pub const HOLD_TAG: &str = "jitsi-ops:hold-until";

/// What a tag says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// Until then.
    Until(Timestamp),
    /// Something that is no time.
    Unreadable(String),
}

impl Term {
    fn of(tags: &Tags, key: &str) -> Option<Self> {
        let text = tags.get(key)?;
        Some(match text.parse() {
            Ok(at) => Self::Until(at),
            Err(_) => Self::Unreadable(text.clone()),
        })
    }
}

/// What is to become of the hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Wish {
    /// Hold until then.
    Until(Moment),
    /// Hold no longer.
    Release,
}

/// A point in time as people say it.
#[derive(Clone, Debug, PartialEq)]
pub enum Moment {
    /// With its zone.
    At(Timestamp),
    /// By the clock on the wall of this zone: the next time that it shows this.
    WallClock(Time, TimeZone),
    /// By calendar and clock of this zone.
    Civil(DateTime, TimeZone),
}

impl Moment {
    /// Reads `23:30`, `2026-11-23 01:00` (both in `zone`), or `2026-11-23T01:00Z` with an offset or zone of its own.
    pub fn parse(text: &str, zone: TimeZone) -> Option<Self> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(Self::At(at));
        }
        if let Ok(zoned) = text.parse::<Zoned>() {
            return Some(Self::At(zoned.timestamp()));
        }
        if let Ok(time) = text.parse::<Time>()
            && text.len() <= "23:30:00".len()
        {
            return Some(Self::WallClock(time, zone));
        }
        // A day alone is no moment.
        let civil = text.parse::<DateTime>().ok().filter(|_| text.contains(':'))?;
        Some(Self::Civil(civil, zone))
    }

    /// When it is, for somebody who says it at `now`.
    pub fn after(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::Civil(civil, zone) => zone.to_timestamp(*civil).ok(),
            Self::WallClock(time, zone) => {
                let today = zone.to_datetime(now).date();
                let at = |day: Date| zone.to_timestamp(day.to_datetime(*time)).ok();
                at(today).filter(|at| *at > now).or_else(|| at(today.tomorrow().ok()?))
            }
        }
    }
}

/// The lease, if there is one.
pub fn lease(tags: &Tags) -> Option<Term> {
    Term::of(tags, LEASE_TAG)
}

/// The hold, if there is one.
pub fn hold(tags: &Tags) -> Option<Term> {
    Term::of(tags, HOLD_TAG)
}

/// A time as it is written into a tag: to the second, in UTC.
pub fn value(at: Timestamp) -> String {
    // A second more: nobody loses by what rounding takes.
    let whole = at.saturating_add(SignedDuration::from_millis(999)).unwrap_or(at);
    whole.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Why a platform whose service has these tags stays up at `now`, AWS's time (`None`: not known).
///
/// `only_expired`: a lease that has run out is the only ground for taking it down (`--expired`).
pub fn reason_to_stay(tags: &Tags, now: Option<Timestamp>, only_expired: bool) -> Option<String> {
    let stays = |name: &str, term: Term| match (term, now) {
        (Term::Unreadable(text), _) => Some(format!("its {name} cannot be read: `{text}`")),
        (Term::Until(until), None) => Some(format!("its {name} lasts until {until}, and AWS's time is not known")),
        (Term::Until(until), Some(now)) => (until > now).then(|| format!("its {name} lasts until {until}")),
    };
    if let Some(reason) = hold(tags).and_then(|term| stays("hold", term)) {
        return Some(reason);
    }
    match lease(tags) {
        Some(term) => stays("lease", term),
        None => only_expired.then(|| "it has no lease".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_lease_or_hold_that_has_run_out_is_no_reason_to_stay() {
        let now = Some(at("2026-01-15T20:00:00Z"));
        let past = [(LEASE_TAG, "2026-01-15T19:59:59Z"), (HOLD_TAG, "2026-01-15T20:00:00Z")];
        assert_eq!(reason_to_stay(&tags(&past), now, false), None);
        assert_eq!(reason_to_stay(&tags(&past), now, true), None);
    }

    #[test]
    fn what_lasts_or_cannot_be_read_is_a_reason_to_stay() {
        let now = Some(at("2026-01-15T20:00:00Z"));
        let lasts = tags(&[(LEASE_TAG, "2026-01-15T20:00:01Z")]);
        assert_eq!(
            reason_to_stay(&lasts, now, false).as_deref(),
            Some("its lease lasts until 2026-01-15T20:00:01Z")
        );
        let held = tags(&[(LEASE_TAG, "2026-01-15T19:00:00Z"), (HOLD_TAG, "tomorrow")]);
        assert_eq!(
            reason_to_stay(&held, now, true).as_deref(),
            Some("its hold cannot be read: `tomorrow`")
        );
        let old = tags(&[(LEASE_TAG, "2026-01-15T19:00:00Z")]);
        assert!(reason_to_stay(&old, None, false).is_some(), "AWS's time is not known");
    }

    #[test]
    fn without_a_lease_only_a_run_that_waits_for_one_stays_its_hand() {
        let now = Some(at("2026-01-15T20:00:00Z"));
        assert_eq!(reason_to_stay(&Tags::new(), now, false), None);
        assert_eq!(
            reason_to_stay(&Tags::new(), now, true).as_deref(),
            Some("it has no lease")
        );
    }

    #[test]
    fn a_moment_is_read_as_people_say_it() {
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        let now = at("2026-01-15T21:00:00Z");
        let when = |text: &str| Moment::parse(text, zone.clone()).and_then(|moment| moment.after(now));
        assert_eq!(when("23:30"), Some(at("2026-01-15T22:30:00Z")));
        assert_eq!(when("07:15"), Some(at("2026-01-16T06:15:00Z")), "tomorrow morning");
        assert_eq!(when("2026-01-17 01:00"), Some(at("2026-01-17T00:00:00Z")));
        assert_eq!(when("2026-01-15T23:30:00Z"), Some(at("2026-01-15T23:30:00Z")));
        assert_eq!(when("2026-01-15T23:30:00-05:00"), Some(at("2026-01-16T04:30:00Z")));
        for text in ["", "soon", "25:00", "2026-01-17", "2h"] {
            assert_eq!(when(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_written_to_the_second_and_never_too_early() {
        assert_eq!(value(at("2026-01-15T20:00:00.2Z")), "2026-01-15T20:00:01Z");
        assert_eq!(value(at("2026-01-15T20:00:00Z")), "2026-01-15T20:00:00Z");
    }
}
