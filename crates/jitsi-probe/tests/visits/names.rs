//! DNS, as far as a visit has to do with it.

use std::time::Duration;

use jitsi_probe::{Addresses, Fault, Part, ResolveError, Roots, Visit, probe};

use crate::authority::{Authority, DOMAIN, now};
use crate::scene::{ADDRESS, Scene, front, ip};

#[tokio::test(start_paused = true)]
async fn without_an_address_nothing_else_is_tried() {
    for cause in [
        ResolveError::NoSuchName,
        ResolveError::NoAddress,
        ResolveError::ServerFailed {
            code: "SERVFAIL".to_owned(),
        },
    ] {
        let report = Scene::failing(cause.clone()).visit(Roots::none()).await;
        assert_eq!(report.addresses, Part::Failed(cause.clone()));
        assert_eq!(report.connection, Part::NotTried);
        assert_eq!(report.tls, Part::NotTried);
        assert_eq!(report.certificate, Part::NotTried);
        assert_eq!(report.http, Part::NotTried);
        assert_eq!(report.page, Part::NotTried);
        assert_eq!(report.faults(), [Fault::Name { cause }]);
    }
    let nothing = Scene::of(&[]).visit(Roots::none()).await;
    assert_eq!(nothing.addresses, Part::Failed(ResolveError::NoAddress));
}

#[tokio::test(start_paused = true)]
async fn a_name_server_that_does_not_answer_costs_one_part_and_tells_nothing_of_the_name() {
    let mut scene = Scene::of(&[]);
    scene.resolved = None;
    let report = scene.visit(Roots::none()).await;
    assert_eq!(report.addresses, Part::Failed(ResolveError::NoAnswer));
    assert!(!ResolveError::NoAnswer.is_known() && ResolveError::NoSuchName.is_known());
    assert_eq!(report.took, Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_host_name_is_not_asked_for() {
    for domain in [
        "",
        "meet example.org",
        "-.org",
        "meet..org",
        "192.0.2.1",
        "https://meet.example.org",
    ] {
        let scene = Scene::of(&[]);
        let report = probe(&scene, &Visit::of(domain, Roots::none(), now())).await;
        assert_eq!(report.addresses, Part::Failed(ResolveError::InvalidName), "{domain}");
        assert!(scene.asked.lock().unwrap().is_empty(), "{domain}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_family_that_is_not_known_does_not_keep_a_visitor_from_the_other() {
    let authority = Authority::new();
    let mut scene = Scene::of(&[(ADDRESS, front(authority.good()))]);
    let addresses = Addresses {
        found: vec![ip(ADDRESS)],
        unknown: Some(ResolveError::NoAnswer),
    };
    scene.resolved = Some(Ok(addresses.clone()));
    let report = scene.visit(authority.roots()).await;
    assert_eq!(report.addresses, Part::Done(addresses));
    assert_eq!(report.faults(), []);
    assert_eq!(*scene.asked.lock().unwrap(), [DOMAIN, "192.0.2.1:443"]);
}
