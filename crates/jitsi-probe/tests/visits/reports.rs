//! A report as JSON, which others read.

use jitsi_probe::{Report, ResolveError};
use serde_json::{Value, json};

use crate::authority::{Authority, hours, now};
use crate::scene::{FRONT, Scene, page};

/// What does not depend on the speed of the machine.
fn timeless(report: &Report) -> Value {
    let mut value = serde_json::to_value(report).unwrap();
    for (part, field) in [
        ("connection", "connect_seconds"),
        ("tls", "handshake_seconds"),
        ("http", "first_byte_seconds"),
    ] {
        if let Some(took) = value.pointer_mut(&format!("/{part}/done/{field}")) {
            assert!(took.is_f64());
            *took = Value::Null;
        }
    }
    value
}

#[tokio::test(start_paused = true)]
async fn a_report_is_data_part_by_part() {
    let authority = Authority::new();
    let report = Scene::saying(authority.good(), page(FRONT))
        .visit(authority.roots())
        .await;
    assert_eq!(
        timeless(&report),
        json!({
            "domain": "meet.example.org",
            "port": 443,
            "path": "/",
            "addresses": { "done": { "found": ["192.0.2.1"], "unknown": null } },
            "connection": { "done": { "address": "192.0.2.1:443", "connect_seconds": null, "failed": [] } },
            "tls": { "done": { "version": "1.3", "handshake_seconds": null } },
            "certificate": { "done": {
                "subject": "CN=meet.example.org",
                "issuer": "CN=Test Root",
                "names": ["meet.example.org"],
                "not_before": hours(-24).to_string(),
                "not_after": hours(720).to_string(),
                "days_left": 30,
                "validity": "valid",
                "covers_name": true,
                "trust": { "kind": "trusted" },
                "sent": 1,
            } },
            "http": { "done": { "status": 200, "first_byte_seconds": null, "content_type": "text/html", "location": null } },
            "page": { "done": { "kind": "jitsi-meet", "title": "Jitsi Meet" } },
            "elapsed_seconds": 0.0,
        })
    );
    assert_eq!(hours(0), now());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_and_what_was_not_tried_stand_in_a_report_as_such() {
    let code = "SERVFAIL".to_owned();
    let report = Scene::failing(ResolveError::ServerFailed { code })
        .visit(Authority::new().roots())
        .await;
    let told = timeless(&report);
    assert_eq!(
        told["addresses"],
        json!({ "failed": { "kind": "server-failed", "code": "SERVFAIL" } })
    );
    for part in ["connection", "tls", "certificate", "http", "page"] {
        assert_eq!(told[part], "not-tried");
    }
    assert_eq!(
        serde_json::to_value(report.faults()).unwrap(),
        json!([{ "fault": "name", "cause": { "kind": "server-failed", "code": "SERVFAIL" } }])
    );
}
