//! `meeting-sentinel --healthy`, as ECS runs it beside the sentinel.

use nix::sys::signal::Signal;

use crate::fake::{Asked, Fake, Reply, agent, jicofo, nobody};
use crate::process::{CALM, Sentinel, own_address, run};

#[test]
fn it_is_healthy_while_it_protects_whatever_jicofo_does() {
    for handler in [
        Reply::Json(200, r#"{"conferences":1,"participants":1}"#.to_owned()),
        Reply::Hang,
    ] {
        let (jicofo, agent) = (Fake::new(move |_: &Asked| handler.clone()), Fake::new(agent));
        let sentinel = Sentinel::start(&jicofo, &agent, &CALM);
        assert_eq!(sentinel.becomes(0), "");
    }
}

#[test]
fn it_is_healthy_when_the_protection_was_dropped() {
    let (jicofo, agent) = (Fake::new(nobody()), Fake::new(agent));
    let sentinel = Sentinel::start(&jicofo, &agent, &CALM);
    sentinel.says("quiet: protection dropped");
    assert_eq!(sentinel.becomes(0), "");
}

#[test]
fn it_is_not_healthy_while_the_protection_is_not_as_wanted_and_says_why() {
    let blocked = r#"{"failure":{"Arn":"arn","Reason":"DEPLOYMENT_BLOCKED","Detail":""}}"#;
    let fake = Fake::new(move |_: &Asked| Reply::Json(200, blocked.to_owned()));
    let jicofo = Fake::new(jicofo(1, 2, &[]));
    let sentinel = Sentinel::start(&jicofo, &fake, &CALM);
    sentinel.says("not protected");
    jicofo.wait_for_more("/stats", 2);
    let said = sentinel.becomes(1);
    assert_eq!(said.lines().count(), 1, "{said}");
    let start = "not healthy: not protected: the ECS agent says DEPLOYMENT_BLOCKED; wanted because ";
    assert!(said.starts_with(start), "{said}");
}

#[test]
fn without_a_sentinel_it_is_not_healthy() {
    let address = own_address().to_string();
    let (code, said) = run(&["--healthy"], &[("SENTINEL_HEALTH_ADDRESS", &address)]);
    assert_eq!(code, 1);
    assert_eq!(
        said,
        format!("not healthy: no sentinel answers at {address}: connection refused\n")
    );
}

#[test]
fn a_sentinel_that_stands_still_is_not_healthy() {
    let (jicofo, agent) = (Fake::new(nobody()), Fake::new(agent));
    let sentinel = Sentinel::start(&jicofo, &agent, &CALM);
    sentinel.becomes(0);
    sentinel.stand_still();
    let (code, said) = sentinel.healthy();
    assert_eq!((code, said.contains("timed out")), (1, true), "{said}");
    sentinel.signal(Signal::SIGCONT);
    sentinel.becomes(0);
}
