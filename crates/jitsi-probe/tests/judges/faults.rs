//! One fault at a time, planted where it would be: it fails its own rung and only what stands on it.

use jitsi_probe::{Fault, Level, RungFault, Setting, Step, StreamFailure, Target, Validity};

use crate::jicofo::{NO_ROOM, NOT_READY};
use crate::site::Plan;
use crate::{assert_rungs, faults};

const PAGE: Level = Level::Page;
const CONFIG: Level = Level::Config;
const SIGNALLING: Level = Level::Signalling;
const LOGIN: Level = Level::Login;
const CONFERENCE: Level = Level::Conference;

/// Where nginx leads to prosody.
const BOSH: &str = "location = /http-bind {";
const WEBSOCKET: &str = "location = /xmpp-websocket {";

#[tokio::test]
async fn a_config_that_sends_clients_to_another_host_fails_by_itself() {
    let plan = Plan::good().with("config.js", "://SITE/", "://old.example.org/");
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, SIGNALLING, LOGIN, CONFERENCE], &[CONFIG]);
    let found = faults(&ladder, CONFIG);
    let sent: Vec<(Setting, &str)> = found
        .iter()
        .map(|fault| match fault {
            RungFault::OtherHost { setting, host, .. } => (*setting, host.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        sent,
        [
            (Setting::Bosh, "old.example.org"),
            (Setting::Websocket, "old.example.org")
        ]
    );
}

#[tokio::test]
async fn the_page_of_another_site_fails_by_itself() {
    let page = include_str!("site/web/index.html");
    let plan = Plan::good().with(
        "web/index.html",
        page,
        "<!doctype html><title>Jitsi Meet</title><h1>Welcome</h1>",
    );
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[CONFIG, SIGNALLING, LOGIN, CONFERENCE], &[PAGE]);
    let found = faults(&ladder, PAGE);
    assert!(
        matches!(
            found,
            [
                RungFault::Page {
                    cause: Fault::OtherSite { .. }
                },
                ..
            ]
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn an_nginx_that_fills_nothing_in_breaks_the_page_and_the_name_of_the_rooms() {
    let plan = Plan::good().with("nginx.conf", "ssi on;", "ssi off;");
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[SIGNALLING, LOGIN], &[PAGE, CONFIG]);
    let page = RungFault::Page {
        cause: Fault::NotFilledIn,
    };
    assert_eq!(faults(&ladder, PAGE), [page]);
    let setting = Setting::Muc;
    assert_eq!(faults(&ladder, CONFIG), [RungFault::Untold { setting }]);
}

#[tokio::test]
async fn a_script_that_is_not_there_is_missed_though_a_page_may_come_in_its_place() {
    let app = "libs/app.bundle.min.js";
    let plan = Plan::good().with("web/index.html", app, "libs/old/libs/app.bundle.min.js");
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[CONFIG, SIGNALLING, LOGIN, CONFERENCE], &[PAGE]);
    let found = faults(&ladder, PAGE);
    let [RungFault::Status { target, status, .. }] = found else {
        panic!("{found:?}");
    };
    assert_eq!((*target, *status), (Target::App, 404));

    let plan = Plan::good().with("web/index.html", app, "libs/old/libs/app.bundle.min.js");
    let plan = plan.with("nginx.conf", "ssi on;", "ssi on;\n    error_page 404 =200 /index.html;");
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[CONFIG, SIGNALLING, LOGIN, CONFERENCE], &[PAGE]);
    let found = faults(&ladder, PAGE);
    let [RungFault::PageInstead { target }] = found else {
        panic!("{found:?}");
    };
    assert_eq!(*target, Target::App);
}

#[tokio::test]
async fn without_prosody_signalling_fails_and_nobody_logs_in() {
    let ladder = Plan::good()
        .without_prosody()
        .start()
        .await
        .climbed_by_a_stranger()
        .await;
    assert_rungs(&ladder, &[PAGE, CONFIG], &[SIGNALLING]);
    let found = faults(&ladder, SIGNALLING);
    assert!(
        matches!(
            found,
            [
                RungFault::Status {
                    target: Target::Bosh,
                    status: 502,
                    ..
                },
                RungFault::NoUpgrade { status: 502, .. }
            ]
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_way_that_nginx_does_not_know_leads_to_the_page_which_is_not_taken_for_prosody() {
    let plan = Plan::good().with("nginx.conf", BOSH, "location = /elsewhere {");
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG, LOGIN, CONFERENCE], &[SIGNALLING]);
    let found = faults(&ladder, SIGNALLING);
    assert!(matches!(found, [RungFault::NotProsody { .. }]), "{found:?}");

    let plan = Plan::good().with("nginx.conf", WEBSOCKET, "location = /elsewhere {");
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG], &[SIGNALLING]);
    let found = faults(&ladder, SIGNALLING);
    assert!(matches!(found, [RungFault::NoUpgrade { status: 200, .. }]), "{found:?}");
}

#[tokio::test]
async fn a_websocket_for_another_protocol_is_told_from_one_that_prosody_refuses() {
    let other = "location = /xmpp-websocket {\n    proxy_hide_header Sec-WebSocket-Protocol;\n    \
                 add_header Sec-WebSocket-Protocol chat always;";
    let plan = Plan::good().with("nginx.conf", WEBSOCKET, other);
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG], &[SIGNALLING]);
    let found = faults(&ladder, SIGNALLING);
    assert!(
        matches!(found, [RungFault::Subprotocol { got: Some(got) }] if got.as_str() == "chat"),
        "{found:?}"
    );

    let unasked = "location = /xmpp-websocket {\n    proxy_set_header Sec-WebSocket-Protocol \"\";";
    let plan = Plan::good().with("nginx.conf", WEBSOCKET, unasked);
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG], &[SIGNALLING]);
    let found = faults(&ladder, SIGNALLING);
    assert!(matches!(found, [RungFault::NoUpgrade { status: 501, .. }]), "{found:?}");
}

#[tokio::test]
async fn a_domain_that_prosody_does_not_serve_fails_the_login() {
    let plan = Plan::good().with(
        "config.js",
        "config.hosts.domain = 'meet.jitsi'",
        "config.hosts.domain = 'old.jitsi'",
    );
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG, SIGNALLING], &[LOGIN]);
    let found = faults(&ladder, LOGIN);
    let [
        RungFault::Stream {
            step: Step::Open,
            cause: StreamFailure::StreamError { condition, .. },
        },
    ] = found
    else {
        panic!("{found:?}");
    };
    assert_eq!(condition.as_str(), "host-unknown");
}

#[tokio::test]
async fn without_anonymous_login_nobody_asks_for_a_room() {
    let plan = Plan::good().login("\"internal_hashed\"");
    let site = plan.start().await;
    let ladder = site.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG, SIGNALLING], &[LOGIN]);
    let found = faults(&ladder, LOGIN);
    let [RungFault::AnonymousNotOffered { offered }] = found else {
        panic!("{found:?}");
    };
    assert!(offered.iter().any(|it| it.as_str() == "SCRAM-SHA-1"), "{found:?}");
    assert_eq!(site.rooms(), [""; 0]);
}

#[tokio::test]
async fn without_jicofo_only_the_conference_fails() {
    let ladder = Plan::good().jicofo(None).start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG, SIGNALLING, LOGIN], &[CONFERENCE]);
    let found = faults(&ladder, CONFERENCE);
    let [RungFault::FocusAbsent { condition }] = found else {
        panic!("{found:?}");
    };
    assert_eq!(condition.as_str(), "remote-server-timeout");
}

#[tokio::test]
async fn a_prosody_that_does_not_know_jicofo_at_all_is_not_taken_for_one_that_keeps_strangers_out() {
    let plan = Plan::good().jicofo(None);
    let plan = plan.with(
        "prosody.cfg.lua",
        "Component \"focus.meet.jitsi\"",
        "Component \"other.meet.jitsi\"",
    );
    let site = plan.start().await;
    for closed in [false, true] {
        let mut climb = site.climb();
        climb.closed = closed;
        let ladder = site.climbed(&climb).await;
        let found = faults(&ladder, CONFERENCE);
        assert!(matches!(found, [RungFault::FocusAbsent { .. }]), "{closed} {found:?}");
    }
}

#[tokio::test]
async fn a_jicofo_that_is_not_ready_or_has_no_room_to_give_fails_the_conference() {
    let site = Plan::good().jicofo(Some(NOT_READY)).start().await;
    let ladder = site.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG, SIGNALLING, LOGIN], &[CONFERENCE]);
    let found = faults(&ladder, CONFERENCE);
    assert!(
        matches!(found, [RungFault::FocusNotReady { asked }] if *asked as usize == site.rooms().len()),
        "{found:?}"
    );

    let plan = Plan::good().jicofo(Some(NO_ROOM));
    let ladder = plan.start().await.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &[PAGE, CONFIG, SIGNALLING, LOGIN], &[CONFERENCE]);
    let found = faults(&ladder, CONFERENCE);
    let [RungFault::RoomRefused { condition, .. }] = found else {
        panic!("{found:?}");
    };
    assert_eq!(condition.as_str(), "resource-constraint");
}

#[tokio::test]
async fn an_expired_certificate_is_told_by_the_visit_and_does_not_end_a_strangers_climb() {
    let site = Plan::good().expired().start().await;
    let report = site.probed().await;
    assert_eq!(report.faults(), [Fault::Expired]);
    assert_eq!(report.certificate.done().unwrap().validity, Validity::Expired);
    let ladder = site.climbed_by_a_stranger().await;
    assert_rungs(&ladder, &Level::ALL, &[]);
}
