//! Whatever jicofo does but answer well that nobody is there, the protection stays.

use std::thread;
use std::time::{Duration, Instant};

use crate::fake::{Asked, Fake, Reply, agent, dropped, jicofo, json, nobody, stats};
use crate::process::{CALM, Sentinel};

/// jicofo, which answers every second look honestly that nobody is there, and the others like this.
fn every_second(lie: Reply) -> impl Fn(&Asked) -> Reply {
    let honest = nobody();
    move |asked| match asked.nth % 2 {
        0 => honest(asked),
        _ => lie.clone(),
    }
}

fn raw(text: &str) -> Reply {
    Reply::Raw(text.as_bytes().to_vec())
}

/// Everything that is not a good answer, with a part of what is said of it.
fn lies() -> Vec<(Reply, &'static str)> {
    let quiet = stats(0, 0);
    let cut = json(200, &quiet)[..120].to_owned();
    let elsewhere = "HTTP/1.1 302 Found\r\nLocation: /stats\r\nContent-Length: 0\r\n\r\n";
    let two_lengths = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: {}\r\n\r\n{quiet}",
        quiet.len()
    );
    let smuggled = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n{quiet}",
        quiet.len()
    );
    let bad_chunk = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{quiet}XX0\r\n\r\n",
        quiet.len()
    );
    let cut_chunk = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{quiet}\r\n",
        quiet.len()
    );
    let length = 1_000_000_000;
    vec![
        (Reply::Hang, "no whole answer in time"),
        (
            Reply::Stall(json(200, &quiet)[..60].to_owned()),
            "no whole answer in time",
        ),
        (
            Reply::Stall("HTTP/1.1 200 OK\r\n".to_owned()),
            "no whole answer in time",
        ),
        (
            Reply::Drip(json(200, &quiet).into_bytes(), Duration::from_millis(5)),
            "no whole answer in time",
        ),
        (Reply::Raw(Vec::new()), "ended in the middle"),
        (raw(&cut), "ended in the middle"),
        (raw(&cut_chunk), "ended in the middle"),
        (raw("SSH-2.0-OpenSSH_9.9\r\n"), "no valid HTTP"),
        (raw("HTTP/2 200\r\n\r\n"), "no valid HTTP"),
        (raw("HTTP/1.1 103 Early Hints\r\n\r\n"), "no valid HTTP"),
        (raw(&two_lengths), "no valid HTTP"),
        (raw(&smuggled), "no valid HTTP"),
        (raw(&bad_chunk), "no valid HTTP"),
        (raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "no valid HTTP"),
        (
            raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
            "no valid HTTP",
        ),
        (
            Reply::Flood(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n")),
            "longer than 65536 bytes",
        ),
        (
            Reply::Flood("HTTP/1.1 200 OK\r\n\r\n".to_owned()),
            "longer than 65536 bytes",
        ),
        (
            Reply::Flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3B9ACA00\r\n".to_owned()),
            "longer than 65536 bytes",
        ),
        (Reply::Flood("HTTP/1.1 200 OK\r\nX: ".to_owned()), "no valid HTTP"),
        (raw(elsewhere), "answered with status 302"),
        (Reply::Json(503, quiet.clone()), "answered with status 503"),
        (Reply::Json(404, String::new()), "answered with status 404"),
        (Reply::Json(204, String::new()), "answered with status 204"),
        (Reply::Json(200, String::new()), "was not understood"),
        (
            Reply::Json(200, "<html>Start meeting</html>".to_owned()),
            "was not understood",
        ),
        (
            Reply::Json(200, r#"{"participants":0}"#.to_owned()),
            "was not understood",
        ),
        (
            Reply::Json(200, r#"{"conferences":-1,"participants":0}"#.to_owned()),
            "was not understood",
        ),
        (
            Reply::Json(
                200,
                r#"{"conferences":0,"participants":0,"largest_conference":4}"#.to_owned(),
            ),
            "contradicts itself",
        ),
    ]
}

#[test]
fn no_lie_between_quiet_readings_lets_the_protection_be_dropped() {
    thread::scope(|scope| {
        for (lie, said) in lies() {
            scope.spawn(move || {
                let (jicofo, agent) = (Fake::new(every_second(lie.clone())), Fake::new(agent));
                let sentinel = Sentinel::start(&jicofo, &agent, &[]);
                sentinel.says(said);
                jicofo.wait_for_more("/stats", 6);
                assert!(!dropped(&agent.asked()), "dropped in spite of {lie:?}");
                // The same sentinel would have dropped it, had it been quiet.
                jicofo.answer(nobody());
                sentinel.says("quiet: protection dropped");
            });
        }
    });
}

#[test]
fn a_gigabyte_does_not_get_into_memory() {
    let (jicofo, agent) = (Fake::new(nobody()), Fake::new(agent));
    let sentinel = Sentinel::start(&jicofo, &agent, &[]);
    for head in [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: ",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n",
    ] {
        jicofo.answer(move |_| Reply::Flood(head.to_owned()));
        jicofo.wait_for_more("/stats", 2);
    }
    assert!(sentinel.peak_memory() < 10 * 1024, "{} KiB", sentinel.peak_memory());
}

#[test]
fn quiet_is_understood_in_every_form_that_http_allows() {
    let quiet = stats(0, 0);
    let (first, second) = quiet.split_at(100);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n{:X};x=y\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\nX-T: 1\r\n\r\n",
        first.len(),
        second.len()
    );
    let until_closed = format!("HTTP/1.0 200 OK\r\n\r\n{quiet}");
    let slow = Reply::Drip(chunked.clone().into_bytes(), Duration::from_micros(1));
    for reply in [raw(&chunked), raw(&until_closed), slow] {
        let (jicofo, agent) = (Fake::new(move |_: &Asked| reply.clone()), Fake::new(agent));
        let sentinel = Sentinel::start(&jicofo, &agent, &CALM);
        sentinel.says("quiet: protection dropped");
    }
}

#[test]
fn people_keep_the_protection_and_their_leaving_drops_it() {
    let rooms = ["choir@muc.meet.jitsi"];
    let (fake, agent) = (Fake::new(jicofo(1, 3, &rooms)), Fake::new(agent));
    let sentinel = Sentinel::start(&fake, &agent, &[]);
    sentinel.says("protected: 3 people in 1 room");
    fake.answer(jicofo(1, 1, &rooms));
    fake.wait_for_more("/stats", 4);
    assert!(!dropped(&agent.asked()));
    fake.answer(nobody());
    sentinel.says("quiet: protection dropped");
    fake.answer(jicofo(1, 1, &rooms));
    sentinel.says("protected: 1 person in 1 room");
}

#[test]
fn our_probe_room_does_not_count_and_a_person_beside_it_does() {
    let probe = "jitsi-ops-probe-1a@muc.meet.jitsi";
    let (fake, agent) = (Fake::new(jicofo(1, 2, &[probe])), Fake::new(agent));
    let sentinel = Sentinel::start(&fake, &agent, &[]);
    sentinel.says("quiet: protection dropped");
    fake.answer(jicofo(2, 3, &[probe, "choir@muc.meet.jitsi"]));
    sentinel.says("protected: 3 people in 2 rooms");
}

#[test]
fn without_the_names_of_rooms_a_probe_counts_as_people() {
    let unlisted = [
        Reply::Json(404, String::new()),
        Reply::Hang,
        Reply::Json(200, "{}".to_owned()),
        Reply::Json(200, "[\"jitsi-ops-probe-1@muc.meet.jitsi\"".to_owned()),
        Reply::Flood("HTTP/1.1 200 OK\r\n\r\n".to_owned()),
    ];
    for reply in unlisted {
        let handler = move |asked: &Asked| match asked.line.contains("/debug/") {
            true => reply.clone(),
            false => Reply::Json(200, stats(1, 2)),
        };
        let (jicofo, agent) = (Fake::new(handler), Fake::new(agent));
        let sentinel = Sentinel::start(&jicofo, &agent, &[]);
        sentinel.says("protected: 2 people in 1 room");
        jicofo.wait_for_more("/stats", 4);
        assert!(!dropped(&agent.asked()));
    }
}

#[test]
fn a_restarted_jicofo_is_not_believed_before_people_had_time_to_come_back() {
    let (mut fake, agent) = (Fake::new(jicofo(1, 3, &[])), Fake::new(agent));
    let sentinel = Sentinel::start(&fake, &agent, &[("SENTINEL_SETTLE", "1s")]);
    sentinel.says("protected: 3 people in 1 room");
    fake.stop();
    sentinel.says("protected: not quiet: jicofo did not answer: no connection: connection refused");
    let unread = Instant::now();
    fake.answer(nobody());
    fake.start();
    sentinel.says("quiet: protection dropped");
    // Two quiet readings would have come within 300 ms.
    let kept = agent.asked().last().unwrap().at - unread;
    assert!(kept >= Duration::from_millis(600), "{kept:?}");
}

#[test]
fn a_restart_between_two_readings_is_seen_by_the_count_that_begins_anew() {
    let created = |n: u64| {
        move |_: &Asked| {
            Reply::Json(
                200,
                format!(r#"{{"conferences":0,"participants":0,"total_conferences_created":{n}}}"#),
            )
        }
    };
    let (jicofo, agent) = (Fake::new(created(4)), Fake::new(agent));
    let sentinel = Sentinel::start(&jicofo, &agent, &[("SENTINEL_QUIET_READINGS", "3")]);
    sentinel.says("quiet: protection dropped");
    jicofo.answer(created(0));
    sentinel.says("protected: not quiet: jicofo was restarted");
}
