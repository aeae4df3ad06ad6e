//! What is wrong behind the front page, and what is not taken from a visitor.

use aws_sandbox::SiteFault;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::stage::{DOMAIN, Stage, TLS, stage};
use crate::visitor::{AUTH, CONFERENCE, OPEN};

/// How far a visitor comes on each of the ways behind the front page.
#[derive(Debug, Default, PartialEq, Eq)]
struct Way {
    bundles: bool,
    config: bool,
    bosh: bool,
    websocket: bool,
    login: bool,
    conference: bool,
}

const ALL: Way = Way {
    bundles: true,
    config: true,
    bosh: true,
    websocket: true,
    login: true,
    conference: true,
};

/// Walks all of them, with this query at the websocket.
async fn walk(stage: &Stage, query: &str) -> Way {
    assert_eq!(stage.visit().await.faults(), [], "the front page is as it was");
    let mut bundles = true;
    for bundle in ["/libs/lib-jitsi-meet.min.js", "/libs/app.bundle.min.js"] {
        let head = stage.get(bundle).await.head;
        bundles &= head.contains("content-type: application/javascript");
    }
    let bosh = stage.get("/http-bind").await;
    let mut way = Way {
        bundles,
        config: stage.get("/config.js").await.body.contains(&format!("wss://{DOMAIN}/")),
        bosh: bosh.status == 200 && bosh.body.contains("It works!"),
        ..Way::default()
    };
    let Ok(mut talk) = stage.websocket(query, Some("xmpp")).await else {
        return way;
    };
    way.websocket = true;
    let offered = talk.exchange(OPEN, 2).await.remove(1);
    let told = talk.exchange(AUTH, 1).await.remove(0);
    if !offered.contains("ANONYMOUS") || !told.starts_with("<success") {
        return way;
    }
    let mut talk = stage.talk(query).await;
    talk.log_in().await;
    way.login = true;
    let told = talk.exchange(CONFERENCE, 1).await.remove(0);
    way.conference = told.contains("ready='true'");
    way
}

#[tokio::test(start_paused = true)]
async fn each_fault_behind_the_front_page_is_met_on_its_own_way_and_what_needs_it() {
    let stage = stage();
    stage.up(TLS).await;
    assert_eq!(walk(&stage, "").await, ALL);
    let no_login = || Way {
        login: false,
        conference: false,
        ..ALL
    };
    let no_websocket = || Way {
        websocket: false,
        ..no_login()
    };
    for (fault, way) in [
        (SiteFault::ConfigHost, Way { config: false, ..ALL }),
        (SiteFault::NoBundles, Way { bundles: false, ..ALL }),
        (
            SiteFault::NoProsody,
            Way {
                bosh: false,
                ..no_websocket()
            },
        ),
        (SiteFault::NoWebsocket, no_websocket()),
        (SiteFault::WrongSubprotocol, no_websocket()),
        (SiteFault::NoAnonymous, no_login()),
        (SiteFault::Closed, no_login()),
        (
            SiteFault::NoJicofo,
            Way {
                conference: false,
                ..ALL
            },
        ),
    ] {
        stage.plant(Some(fault));
        assert_eq!(walk(&stage, "").await, way, "{fault:?}");
    }
    stage.plant(None);
    assert_eq!(walk(&stage, "").await, ALL);
}

#[tokio::test(start_paused = true)]
async fn a_websocket_that_is_not_there_is_told_from_one_that_speaks_another_protocol() {
    let stage = stage();
    stage.up(TLS).await;
    for (fault, status) in [
        (SiteFault::NoProsody, Some(502)),
        (SiteFault::NoWebsocket, Some(200)),
        (SiteFault::WrongSubprotocol, None),
    ] {
        stage.plant(Some(fault));
        match (stage.websocket("", Some("xmpp")).await, status) {
            (Err(Error::Http(answer)), Some(status)) => assert_eq!(answer.status(), status),
            (Err(Error::Protocol(told)), None) => assert!(told.to_string().contains("subprotocol"), "{told}"),
            (met, _) => panic!("{fault:?}: {:?}", met.map(|_| ())),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_closed_platform_lets_those_in_who_show_a_token_and_says_so_to_others() {
    let stage = stage();
    stage.up(TLS).await;
    stage.plant(Some(SiteFault::Closed));
    for (query, let_in) in [
        ("?room=probe-1&token=ey.J.x", true),
        ("?room=probe-1&token=", false),
        ("?room=x", false),
    ] {
        let mut talk = stage.talk(query).await;
        talk.exchange(OPEN, 2).await;
        let told = talk.exchange(AUTH, 1).await.remove(0);
        assert_eq!(told.starts_with("<success"), let_in, "{query}: {told}");
        assert_eq!(told.contains("<not-allowed/>"), !let_in, "{query}: {told}");
    }
    assert_eq!(walk(&stage, "?token=x").await, ALL);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_xmpp_or_too_much_of_it_ends_the_conversation() {
    let stage = stage();
    stage.up(TLS).await;
    for (said, code) in [
        (Message::binary(OPEN.as_bytes().to_vec()), CloseCode::Unsupported),
        (Message::text("GET / HTTP/1.1"), CloseCode::Invalid),
        (Message::text(" <open/>"), CloseCode::Invalid),
    ] {
        let mut talk = stage.talk("").await;
        talk.0.send(said).await.unwrap();
        match talk.0.next().await {
            Some(Ok(Message::Close(Some(frame)))) => assert_eq!(frame.code, code),
            other => panic!("{other:?}"),
        }
    }
    for (said, condition) in [
        ("<open".to_owned(), "not-well-formed"),
        (OPEN.replace("meet.jitsi", DOMAIN), "host-unknown"),
        (format!("<a>{}</a>", "x".repeat(300 * 1024)), "policy-violation"),
    ] {
        let mut talk = stage.talk("").await;
        let heard = talk.exchange(&said, 3).await;
        assert!(
            heard[1].contains(condition) && heard[2].starts_with("<close"),
            "{heard:?}"
        );
        assert_eq!(talk.hear().await, None);
    }
}
