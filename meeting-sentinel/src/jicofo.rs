//! Is anybody in a room? Asked of jicofo, whose numbers include a lone person who waits; the bridge knows of a
//! conference only when the second has come.
//!
//! `GET /stats` recomputes its numbers for each request and has no names (jicofo, `JicofoServices.getStats`). While it
//! counts a conference, `GET /debug/conferences` is asked too: the addresses of all rooms as a JSON array, served on the
//! same port unless `jicofo.rest.debug.enabled` is off (jicofo, `ktor/Application.kt`). It is only used to leave out our
//! own probes; whatever is wrong with it, the conferences count as people's.

use std::time::Instant;

use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::http::Request;
use crate::reading::{Cause, People, Reading};

/// `/stats` is some 3 KB.
const MAX_STATS: usize = 64 * 1024;
/// Ten thousand rooms.
const MAX_ROOMS: usize = 1024 * 1024;
/// Where jicofo lists its rooms.
pub const ROOMS_PATH: &str = "/debug/conferences";

/// What is read of `/stats`. The first two must be there; jicofo has had them in every version. None may be negative.
#[derive(Debug, Clone, Default, Deserialize)]
struct Stats {
    conferences: u64,
    participants: u64,
    #[serde(default)]
    largest_conference: u64,
    #[serde(default)]
    visitors: u64,
    total_conferences_created: Option<u64>,
}

/// jicofo, and what it said last.
#[derive(Debug)]
pub struct Jicofo {
    stats: Endpoint,
    rooms: Endpoint,
    probe_prefix: String,
    created: Option<u64>,
}

impl Jicofo {
    /// `stats` is the URL of `/stats`. Rooms whose names begin with `probe_prefix` do not count.
    pub fn new(stats: &Endpoint, probe_prefix: &str) -> Self {
        Self {
            stats: stats.clone(),
            rooms: stats.with_path(ROOMS_PATH),
            probe_prefix: probe_prefix.to_owned(),
            created: None,
        }
    }

    /// One look, over by the deadline.
    pub fn read(&mut self, deadline: Instant) -> Reading {
        let stats = match self.stats(deadline) {
            Ok(stats) => stats,
            Err(cause) => return Reading::Unknown(cause),
        };
        if stats.conferences == 0 {
            return judge(&stats, None, &self.probe_prefix);
        }
        judge(&stats, self.rooms(deadline).as_deref(), &self.probe_prefix)
    }

    fn stats(&mut self, deadline: Instant) -> Result<Stats, Cause> {
        let answer = get(&self.stats, MAX_STATS).send(deadline).map_err(Cause::NoAnswer)?;
        if answer.status != 200 {
            return Err(Cause::Status(answer.status));
        }
        let body = answer.body.map_err(Cause::NoAnswer)?;
        let stats = understand(&body)?;
        let before = std::mem::replace(&mut self.created, stats.total_conferences_created);
        match (before, stats.total_conferences_created) {
            (Some(before), Some(now)) if now < before => Err(Cause::Restarted),
            _ => Ok(stats),
        }
    }

    /// The addresses of all rooms, `name@muc.meet.jitsi`, if they can be had.
    fn rooms(&self, deadline: Instant) -> Option<Vec<String>> {
        let answer = get(&self.rooms, MAX_ROOMS).send(deadline).ok()?;
        let body = answer.body.ok().filter(|_| answer.status == 200)?;
        serde_json::from_slice(&body).ok()
    }
}

fn get(endpoint: &Endpoint, limit: usize) -> Request<'_> {
    Request {
        method: "GET",
        endpoint,
        json: None,
        limit,
    }
}

fn understand(body: &[u8]) -> Result<Stats, Cause> {
    // serde would also take an array for a struct.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Cause::NotUnderstood("it is no JSON object".to_owned()));
    }
    serde_json::from_slice(body).map_err(|e| Cause::NotUnderstood(e.to_string()))
}

/// Nobody is there when all numbers say so, or when each conference that is counted is a probe. jicofo's own health-check
/// rooms are listed but not counted; beside a probe they make it busy, for a moment and on the safe side.
fn judge(stats: &Stats, rooms: Option<&[String]>, probe_prefix: &str) -> Reading {
    let busy = Reading::Busy(People {
        people: stats.participants,
        rooms: stats.conferences,
    });
    if stats.conferences == 0 && stats.participants == 0 {
        return match (stats.largest_conference, stats.visitors) {
            (0, 0) => Reading::Quiet,
            (0, visitors) => Reading::Unknown(Cause::Contradiction("visitors", visitors)),
            (largest, _) => Reading::Unknown(Cause::Contradiction("largest_conference", largest)),
        };
    }
    match rooms {
        Some(rooms)
            if rooms.len() as u64 == stats.conferences && rooms.iter().all(|room| is_probe(room, probe_prefix)) =>
        {
            Reading::Quiet
        }
        _ => busy,
    }
}

/// Whether the name before the `@` is the prefix and something after it.
fn is_probe(room: &str, prefix: &str) -> bool {
    room.split_once('@')
        .and_then(|(name, _)| name.strip_prefix(prefix))
        .is_some_and(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PREFIX: &str = "jitsi-ops-probe-";

    fn reading(stats: &str, rooms: Option<&[&str]>) -> Reading {
        let rooms = rooms.map(|rooms| rooms.iter().map(|&r| r.to_owned()).collect::<Vec<_>>());
        match understand(stats.as_bytes()) {
            Ok(stats) => judge(&stats, rooms.as_deref(), PREFIX),
            Err(cause) => Reading::Unknown(cause),
        }
    }

    fn busy(people: u64, rooms: u64) -> Reading {
        Reading::Busy(People { people, rooms })
    }

    #[test]
    fn nobody_anywhere_is_quiet() {
        let whole = r#"{"total_participants":7,"total_conferences_created":3,"conferences":0,"conferences_with_visitors":0,
            "bridge_failures":{"participants_moved":0},"largest_conference":0,"participants":0,"visitors":0,
            "conference_sizes":[0,0,0],"jibri":{"recording_active":0},"healthy":true}"#;
        assert_eq!(reading(whole, None), Reading::Quiet);
        assert_eq!(reading(r#"{"conferences":0,"participants":0}"#, None), Reading::Quiet);
    }

    #[test]
    fn a_lone_person_a_conference_without_people_and_people_without_a_conference_are_busy() {
        assert_eq!(reading(r#"{"conferences":1,"participants":1}"#, None), busy(1, 1));
        assert_eq!(reading(r#"{"conferences":1,"participants":0}"#, None), busy(0, 1));
        assert_eq!(reading(r#"{"conferences":0,"participants":2}"#, None), busy(2, 0));
    }

    #[test]
    fn what_is_absent_negative_or_no_number_is_unknown() {
        for stats in [
            "",
            "{}",
            "null",
            "[]",
            "[0,0]",
            "0",
            "\u{feff}{}",
            "<html>",
            r#"{"conferences":0}"#,
            r#"{"participants":0}"#,
            r#"{"conferences":-1,"participants":0}"#,
            r#"{"conferences":0,"participants":-1}"#,
            r#"{"conferences":0.0,"participants":0}"#,
            r#"{"conferences":"0","participants":0}"#,
            r#"{"conferences":null,"participants":0}"#,
            r#"{"conferences":0,"participants":0,"visitors":-1}"#,
            r#"{"conferences":0,"participants":0,"largest_conference":"none"}"#,
            r#"{"conferences":0,"conferences":3,"participants":0}"#,
            r#"{"conferences":0,"participants":0"#,
            r#"{"conferences":0,"participants":0}}"#,
            r#"{"Conferences":0,"Participants":0}"#,
        ] {
            let read = reading(stats, None);
            assert!(
                matches!(read, Reading::Unknown(Cause::NotUnderstood(_))),
                "{stats}: {read:?}"
            );
        }
    }

    #[test]
    fn numbers_that_contradict_each_other_are_unknown() {
        let read = reading(r#"{"conferences":0,"participants":0,"largest_conference":3}"#, None);
        assert_eq!(read, Reading::Unknown(Cause::Contradiction("largest_conference", 3)));
        let read = reading(r#"{"conferences":0,"participants":0,"visitors":9}"#, None);
        assert_eq!(read, Reading::Unknown(Cause::Contradiction("visitors", 9)));
    }

    #[test]
    fn probe_rooms_alone_are_quiet() {
        let one = r#"{"conferences":1,"participants":2,"largest_conference":2}"#;
        let two = r#"{"conferences":2,"participants":3,"largest_conference":2}"#;
        let probe = "jitsi-ops-probe-1a2b@muc.meet.jitsi";
        assert_eq!(reading(one, Some(&[probe])), Reading::Quiet);
        assert_eq!(
            reading(two, Some(&[probe, "jitsi-ops-probe-2@muc.meet.jitsi"])),
            Reading::Quiet
        );
    }

    #[test]
    fn whatever_is_not_surely_a_probe_counts_as_people() {
        let one = r#"{"conferences":1,"participants":2}"#;
        let two = r#"{"conferences":2,"participants":3}"#;
        let probe = "jitsi-ops-probe-1a2b@muc.meet.jitsi";
        let person = "choir@muc.meet.jitsi";
        for (stats, rooms, expected) in [
            (one, None, busy(2, 1)),
            (one, Some(&[][..]), busy(2, 1)),
            (one, Some(&[person][..]), busy(2, 1)),
            (one, Some(&[probe, person][..]), busy(2, 1)),
            (one, Some(&[probe, probe][..]), busy(2, 1)),
            (
                one,
                Some(&[probe, "__jicofo-health-check-5@muc.meet.jitsi"][..]),
                busy(2, 1),
            ),
            (two, Some(&[probe, person][..]), busy(3, 2)),
            (two, Some(&[probe][..]), busy(3, 2)),
            (one, Some(&["jitsi-ops-probe-@muc.meet.jitsi"][..]), busy(2, 1)),
            (one, Some(&["jitsi-ops-probe-1"][..]), busy(2, 1)),
            (one, Some(&["Jitsi-Ops-Probe-1@muc.meet.jitsi"][..]), busy(2, 1)),
            (one, Some(&["[team]jitsi-ops-probe-1@muc.meet.jitsi"][..]), busy(2, 1)),
            (one, Some(&["choir@jitsi-ops-probe-1.meet.jitsi"][..]), busy(2, 1)),
        ] {
            assert_eq!(reading(stats, rooms), expected, "{stats} {rooms:?}");
        }
    }
}
