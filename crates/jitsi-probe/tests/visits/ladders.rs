//! The ladder as a whole, and its rungs for the page and for the ways to the XMPP server.

use std::time::Duration;

use jitsi_probe::{
    Bundle, Climb, ConnectCause, Evidence, Fault, Foreign, HttpFailure, Level, Mark, PageFailure, ProbeRoom, RungFault,
    SMALLEST_BUNDLE, Target, Visit, climb,
};
use serde_json::json;

use crate::authority::{Authority, DOMAIN, now, self_signed};
use crate::jitsi::{
    Climber, Jitsi, STRANGER, TO_XMPP, Upgrade, bundle, climbed, climbed_with, evidence, faults, file, letters, script,
};
use crate::scene::{FRONT, Scene, Taker, page};

const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";

fn foreign(text: &str) -> Foreign {
    Foreign::new(text)
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_is_well_is_climbed_to_the_top() {
    let jitsi = Jitsi::new();
    let ladder = climbed(&jitsi, STRANGER).await;
    assert_eq!(
        (letters(&ladder).as_str(), ladder.passed()),
        ("ppppp", true),
        "{ladder:?}"
    );
    let bytes = 50_000;
    let fetched = |script| Bundle::Fetched { script, bytes };
    assert_eq!(
        evidence(&ladder, Level::Page),
        Evidence::Page {
            title: Some(foreign("Jitsi Meet")),
            bundles: vec![fetched(Target::Library), fetched(Target::App)],
        }
    );
    assert_eq!(
        evidence(&ladder, Level::Config),
        Evidence::Config {
            domain: foreign("meet.jitsi"),
            muc: foreign("muc.meet.jitsi"),
            anonymous_domain: None,
            bosh: Some(foreign("https://meet.example.org/http-bind")),
            websocket: Some(foreign("wss://meet.example.org/xmpp-websocket")),
        }
    );
    assert_eq!(evidence(&ladder, Level::Signalling), Evidence::Signalling);
    let jid = foreign("1a2b@meet.jitsi/x");
    let (domain, token) = (foreign("meet.jitsi"), false);
    assert_eq!(
        evidence(&ladder, Level::Login),
        Evidence::Session { domain, jid, token }
    );
    let focus = foreign("focus@auth.meet.jitsi");
    assert_eq!(
        evidence(&ladder, Level::Conference),
        Evidence::Conference { focus, asked: 1 }
    );
    let summary = ladder.summary();
    assert!(summary.starts_with("passed: L0 (page), L1 (config), "), "{summary}");
    assert!(
        summary.ends_with("the video bridge and the path of media were not tested"),
        "{summary}"
    );
    let seen = jitsi.seen();
    assert!(seen.contains(&"/libs/app.bundle.min.js?v=1".to_owned()), "{seen:?}");
    assert!(seen.last().unwrap().starts_with("<close "), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_ladder_is_data_rung_by_rung() {
    let jitsi = Jitsi::new().without("/http-bind").upgrading(Upgrade::No(NOT_FOUND));
    let ladder = climbed(&jitsi, STRANGER).await;
    let told = serde_json::to_value(&ladder).unwrap();
    assert_eq!(
        (&told["domain"], &told["room"]),
        (&json!(DOMAIN), &json!("jitsi-ops-probe-1a2b"))
    );
    assert_eq!(told["rungs"][0]["outcome"]["passed"]["kind"], "page");
    assert_eq!(
        (&told["rungs"][2]["level"], &told["rungs"][2]["outcome"]),
        (
            &json!("L2"),
            &json!({ "failed": [
                { "fault": "status", "target": "bosh", "status": 404, "location": null },
                { "fault": "no-upgrade", "status": 404, "location": null },
            ] })
        )
    );
    let not_tried = json!({ "not-tried": { "needs": "L2", "because": "failed" } });
    assert_eq!(told["rungs"][3]["outcome"], not_tried);
    assert!(!ladder.passed());
}

/// The page's faults when one bundle, or the page, is another one. Nothing else fails.
async fn page_faults(path: &'static str, answer: Vec<u8>) -> Vec<RungFault> {
    let ladder = climbed(&Jitsi::new().with(path, answer), STRANGER).await;
    assert_eq!(letters(&ladder), "fpppp", "{ladder:?}");
    faults(&ladder, Level::Page)
}

#[tokio::test(start_paused = true)]
async fn a_page_whose_scripts_are_none_is_no_jitsi() {
    const APP: &str = "/libs/app.bundle.min.js";
    let (target, least) = (Target::App, SMALLEST_BUNDLE);
    let content_type = Some(foreign("text/plain"));
    assert_eq!(
        page_faults(APP, file("text/plain", &"x".repeat(50_000))).await,
        [RungFault::NoScript { target, content_type }]
    );
    for html in [page(FRONT), script(&format!("\u{feff} \n{FRONT}"))] {
        assert_eq!(page_faults(APP, html).await, [RungFault::PageInstead { target }]);
    }
    let bytes = SMALLEST_BUNDLE - 1;
    let small = script(&"x".repeat(usize::try_from(bytes).unwrap()));
    assert_eq!(
        page_faults(APP, small).await,
        [RungFault::TooSmall { target, bytes, least }]
    );
    let (status, location) = (404, None);
    let gone = page_faults("/libs/lib-jitsi-meet.min.js", NOT_FOUND.into()).await;
    let target = Target::Library;
    assert_eq!(
        gone,
        [RungFault::Status {
            target,
            status,
            location
        }]
    );
    let missing = vec![Mark::Root];
    let cause = Fault::Incomplete { missing };
    let rootless = FRONT.replace("react", "other");
    assert_eq!(page_faults("/", page(&rootless)).await, [RungFault::Page { cause }]);
    let template = format!("<!--#include virtual='x' -->{FRONT}");
    let cause = Fault::NotFilledIn;
    assert_eq!(page_faults("/", page(&template)).await, [RungFault::Page { cause }]);
}

#[tokio::test(start_paused = true)]
async fn scripts_are_fetched_from_where_the_page_says_and_not_from_other_hosts() {
    let front = FRONT
        .replace("<head>", "<head><base href='/v9/'>")
        .replace("libs/app", "//CDN.example.org/libs/app")
        .replace("libs/lib", "https://meet.example.org:443/v9/x/../libs/lib");
    let jitsi = Jitsi::new()
        .with("/", page(&front))
        .with("/v9/libs/lib-jitsi-meet.min.js", bundle());
    let ladder = climbed(&jitsi, STRANGER).await;
    let Evidence::Page { bundles, .. } = evidence(&ladder, Level::Page) else {
        panic!("{ladder:?}");
    };
    let (script, bytes) = (Target::Library, 50_000);
    let source = foreign("//CDN.example.org/libs/app.bundle.min.js?v=1");
    let elsewhere = Bundle::Elsewhere {
        script: Target::App,
        source,
    };
    assert_eq!(bundles, [Bundle::Fetched { script, bytes }, elsewhere]);
    assert!(
        evidence(&ladder, Level::Page)
            .to_string()
            .contains("comes from elsewhere and was not fetched")
    );
    let front = FRONT.replace("<head>", "<head><base href='/v9/'>");
    let ladder = climbed(&Jitsi::new().with("/", page(&front)), STRANGER).await;
    assert_eq!(
        (letters(&ladder).as_str(), faults(&ladder, Level::Page).len()),
        ("fpppp", 2)
    );
}

#[tokio::test(start_paused = true)]
async fn bosh_and_websocket_are_told_apart_and_only_the_websocket_is_climbed_on() {
    let (target, status, location) = (Target::Bosh, 404, None);
    let ladder = climbed(&Jitsi::new().without("/http-bind"), STRANGER).await;
    let fault = RungFault::Status {
        target,
        status,
        location,
    };
    assert!(fault.hint().is_some());
    assert_eq!(
        (letters(&ladder).as_str(), faults(&ladder, Level::Signalling)),
        ("ppfpp", vec![fault])
    );
    let ladder = climbed(&Jitsi::new().with("/http-bind", page(FRONT)), STRANGER).await;
    let said = foreign(FRONT);
    assert_eq!(faults(&ladder, Level::Signalling), [RungFault::NotProsody { said }]);
    let plain = file(
        "text/plain",
        "It works! Now point your BOSH client to this URL to connect to Prosody.",
    );
    assert!(
        climbed(&Jitsi::new().with("/http-bind", plain), STRANGER)
            .await
            .passed()
    );
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_is_none_for_xmpp_is_told_by_what_is_wrong_with_it() {
    let refused = |status| RungFault::NoUpgrade { status, location: None };
    let unsound = |told: &str| RungFault::UpgradeNotSound { told: told.to_owned() };
    let names = "the answer does not name the websocket that the connection becomes";
    let got = Some(foreign("chat"));
    let (target, cause) = (Target::Websocket, HttpFailure::Timeout);
    for (upgrade, fault) in [
        (Upgrade::No(NOT_FOUND), refused(404)),
        (
            Upgrade::No("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
            refused(200),
        ),
        (Upgrade::No("HTTP/1.1 501 x\r\n\r\n"), refused(501)),
        (Upgrade::No("HTTP/1.1 502 x\r\n\r\n"), refused(502)),
        (Upgrade::Silent, RungFault::NoAnswer { target, cause }),
        (
            Upgrade::To("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"),
            RungFault::Subprotocol { got: None },
        ),
        (
            Upgrade::To(
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: chat\r\n",
            ),
            RungFault::Subprotocol { got },
        ),
        (
            Upgrade::To(
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: xmpp\r\n",
            ),
            unsound("`Sec-WebSocket-Accept` does not belong to the request"),
        ),
        (Upgrade::To("Upgrade: h2c\r\nConnection: Upgrade\r\n"), unsound(names)),
    ] {
        let ladder = climbed(&Jitsi::new().upgrading(upgrade), STRANGER).await;
        assert_eq!(letters(&ladder), "ppf--", "{fault}");
        if let RungFault::NoUpgrade { .. } = fault {
            assert!(fault.hint().is_some());
        }
        assert_eq!(faults(&ladder, Level::Signalling), [fault]);
    }
    assert!(
        TO_XMPP.contains("keep-alive, Upgrade"),
        "a proxy may say more than one word"
    );
}

#[tokio::test(start_paused = true)]
async fn without_a_way_to_the_site_each_rung_that_needs_one_says_why() {
    let scene = Scene::of(&[("192.0.2.1", Taker::Fails(std::io::ErrorKind::ConnectionRefused))]);
    let all = Climb {
        visit: Visit::of(DOMAIN, Authority::new().roots(), now()),
        room: ProbeRoom::new("1a2b").unwrap(),
        token: None,
        closed: false,
    };
    let ladder = climb(&scene, &all).await;
    assert_eq!(letters(&ladder), "fff--");
    for (level, count) in [(Level::Page, 1), (Level::Config, 2), (Level::Signalling, 2)] {
        let faults = faults(&ladder, level);
        assert_eq!(faults.len(), count);
        for fault in faults {
            let RungFault::Unreached {
                cause: Fault::Connection { cause },
                ..
            } = &fault
            else {
                panic!("{fault:?}");
            };
            assert_eq!(cause.attempts[0].cause, ConnectCause::Refused);
            assert!(fault.to_string().starts_with("there is no way to "), "{fault}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_certificate_is_another_ones_to_judge_where_nothing_secret_is_sent() {
    let authority = Authority::new();
    let ladder = climbed_with(&Jitsi::new(), STRANGER, &authority, self_signed()).await;
    assert!(ladder.passed(), "{ladder:?}");
}

#[tokio::test(start_paused = true)]
async fn answers_that_do_not_end_or_do_not_come_cost_a_part_each() {
    let endless = b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 999999999\r\n\r\nx".to_vec();
    let jitsi = Jitsi::new()
        .with("/libs/app.bundle.min.js", endless.clone())
        .with("/config.js", endless);
    let ladder = climbed(
        &jitsi,
        Climber {
            token: None,
            closed: true,
        },
    )
    .await;
    assert_eq!(letters(&ladder), "ffp--");
    let (target, cause) = (Target::App, PageFailure::CutOff);
    assert_eq!(faults(&ladder, Level::Page), [RungFault::Unread { target, cause }]);
    let huge = "x".repeat(33 << 20);
    let ladder = climbed(&Jitsi::new().with("/libs/app.bundle.min.js", script(&huge)), STRANGER).await;
    let cause = PageFailure::TooLong { limit: 32 << 20 };
    assert_eq!(faults(&ladder, Level::Page), [RungFault::Unread { target, cause }]);
    let ladder = climbed(&Jitsi::new().upgrading(Upgrade::Silent), STRANGER).await;
    assert_eq!(ladder.took, Duration::from_secs(5));
}
