//! How it begins, what it says, and how it ends.

use std::net::TcpListener;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::fake::{Asked, Fake, PROTECT, Reply, agent, dropped, jicofo, nobody};
use crate::process::{CALM, Sentinel};

/// With these, whatever hangs would hang for most of a minute.
const PATIENT: [(&str, &str); 3] = [
    ("SENTINEL_INTERVAL", "60s"),
    ("SENTINEL_TIMEOUT", "50s"),
    ("SENTINEL_AGENT_TIMEOUT", "50s"),
];
/// At once, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);

#[test]
fn it_protects_before_it_reads() {
    let (jicofo, agent) = (Fake::new(nobody()), Fake::new(agent));
    let sentinel = Sentinel::start(&jicofo, &agent, &[]);
    sentinel.says("protected: nothing was read yet");
    jicofo.wait_for_more("/stats", 1);
    let first = &agent.asked()[0];
    assert_eq!(first.body, PROTECT);
    assert_eq!(first.line, "PUT /api/0123/task-protection/v1/state HTTP/1.1");
    assert!(first.at < jicofo.asked()[0].at);
}

#[test]
fn it_reads_though_the_agent_hangs_and_protects_though_jicofo_hangs() {
    let (jicofo, agent) = (Fake::new(|_: &Asked| Reply::Hang), Fake::new(|_: &Asked| Reply::Hang));
    let _sentinel = Sentinel::start(&jicofo, &agent, &[]);
    jicofo.wait_for_more("/stats", 3);
    agent.wait_for_more("PUT", 3);
}

#[test]
fn each_change_is_one_line_and_a_cycle_without_one_is_none() {
    let (fake, agent) = (Fake::new(jicofo(1, 3, &[])), Fake::new(agent));
    let sentinel = Sentinel::start(&fake, &agent, &CALM);
    sentinel.says("protected: 3 people in 1 room");
    fake.wait_for_more("/stats", 3);
    fake.answer(nobody());
    sentinel.says("quiet: protection dropped");
    fake.wait_for_more("/stats", 3);
    let lines = sentinel.lines();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[0].starts_with("meeting-sentinel "));
    assert_eq!(
        lines[1..],
        [
            "protected: nothing was read yet",
            "protected: 3 people in 1 room",
            "quiet: protection dropped"
        ]
    );
}

#[test]
fn a_signal_ends_it_at_once_and_the_protection_is_left_to_run_out() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let (jicofo, agent) = (Fake::new(jicofo(1, 3, &[])), Fake::new(agent));
        let mut sentinel = Sentinel::start(&jicofo, &agent, &PATIENT);
        sentinel.says("protected: 3 people in 1 room");
        sentinel.signal(signal);
        assert_eq!(sentinel.ends(AT_ONCE).code(), Some(0));
        assert!(!dropped(&agent.asked()));
    }
}

#[test]
fn a_signal_ends_it_at_once_in_the_middle_of_a_request_that_hangs() {
    let (jicofo, hanging) = (Fake::new(|_: &Asked| Reply::Hang), Fake::new(agent));
    let mut sentinel = Sentinel::start(&jicofo, &hanging, &PATIENT);
    jicofo.wait_for_more("/stats", 1);
    sentinel.signal(Signal::SIGTERM);
    assert_eq!(sentinel.ends(AT_ONCE).code(), Some(0));

    let hanging = Fake::new(|_: &Asked| Reply::Stall("HTTP/1.1 200 OK\r\n".to_owned()));
    let mut sentinel = Sentinel::start(&jicofo, &hanging, &PATIENT);
    hanging.wait_for_more("PUT", 1);
    sentinel.signal(Signal::SIGTERM);
    assert_eq!(sentinel.ends(AT_ONCE).code(), Some(0));
}

#[test]
fn a_taken_health_port_does_not_keep_it_from_protecting() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (jicofo, agent) = (Fake::new(jicofo(1, 3, &[])), Fake::new(agent));
    let sentinel = Sentinel::start(&jicofo, &agent, &[("SENTINEL_HEALTH_ADDRESS", &address)]);
    sentinel.says("warning: `--healthy` will not work");
    sentinel.says("protected: 3 people in 1 room");
}
