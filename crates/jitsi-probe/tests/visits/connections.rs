//! Connecting, with several addresses and with none that answers.

use std::io::ErrorKind;
use std::time::Duration;

use jitsi_probe::{Attempt, ConnectCause, ConnectFailure, Fault, Part, Roots};

use crate::authority::Authority;
use crate::scene::{Scene, Taker, front};

fn attempt(address: &str, cause: ConnectCause) -> Attempt {
    let address = address.parse().unwrap();
    Attempt { address, cause }
}

#[tokio::test(start_paused = true)]
async fn the_first_address_that_is_there_is_visited_and_those_before_it_are_told() {
    let authority = Authority::new();
    let scene = Scene::of(&[
        ("2001:db8::1", Taker::Fails(ErrorKind::NetworkUnreachable)),
        ("192.0.2.1", Taker::Fails(ErrorKind::ConnectionRefused)),
        ("192.0.2.2", Taker::Silent),
        ("192.0.2.3", front(authority.good())),
        ("192.0.2.4", Taker::Fails(ErrorKind::ConnectionRefused)),
    ]);
    let report = scene.visit(authority.roots()).await;
    let connection = report.connection.done().unwrap();
    assert_eq!(connection.address, "192.0.2.3:443".parse().unwrap());
    assert_eq!(
        connection.failed,
        [
            attempt("[2001:db8::1]:443", ConnectCause::Unreachable),
            attempt("192.0.2.1:443", ConnectCause::Refused),
            attempt("192.0.2.2:443", ConnectCause::Timeout),
        ]
    );
    assert_eq!(report.faults(), []);
    assert!(report.took < Duration::from_secs(5), "{:?}", report.took);
}

#[tokio::test(start_paused = true)]
async fn when_no_address_is_there_each_is_told_and_nothing_else_is_tried() {
    let scene = Scene::of(&[
        ("192.0.2.1", Taker::Silent),
        ("192.0.2.2", Taker::Fails(ErrorKind::ConnectionRefused)),
        ("192.0.2.3", Taker::Fails(ErrorKind::TimedOut)),
        ("192.0.2.4", Taker::Fails(ErrorKind::PermissionDenied)),
        ("192.0.2.5", Taker::Silent),
    ]);
    let report = scene.visit(Roots::none()).await;
    let cause = ConnectFailure {
        attempts: vec![
            attempt("192.0.2.1:443", ConnectCause::Timeout),
            attempt("192.0.2.2:443", ConnectCause::Refused),
            attempt("192.0.2.3:443", ConnectCause::Timeout),
            attempt(
                "192.0.2.4:443",
                ConnectCause::Other {
                    told: "permission denied".to_owned(),
                },
            ),
            attempt("192.0.2.5:443", ConnectCause::Timeout),
        ],
    };
    assert!(
        cause
            .to_string()
            .starts_with("`192.0.2.1:443`: there is no answer, `192.0.2.2:443`: ")
    );
    assert_eq!(report.connection, Part::Failed(cause.clone()));
    assert_eq!((&report.tls, &report.http), (&Part::NotTried, &Part::NotTried));
    assert_eq!(report.faults(), [Fault::Connection { cause }]);
    assert_eq!(
        report.took,
        Duration::from_secs(5),
        "all addresses share the time of one part"
    );
}
