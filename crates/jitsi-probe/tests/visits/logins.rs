//! The ladder's upper rungs: a session at the XMPP server, and a room that is ready.

use std::time::Duration;

use jitsi_probe::{
    Evidence, Fault, Foreign, Issuer, Level, Missing, Outcome, ProbeRoom, RungFault, Secret, Step, StreamFailure, Token,
};

use crate::authority::{Authority, Chain, DOMAIN, hours, now, self_signed};
use crate::jitsi::{
    CONFIG, Climber, Jitsi, ROOM, Reply, STRANGER, climbed, climbed_with, conference, evidence, faults, letters,
    script, stanza_error, text,
};

fn foreign(text: &str) -> Foreign {
    Foreign::new(text)
}

fn bearer() -> Climber {
    let issuer = Issuer {
        id: "app".to_owned(),
        audience: "jitsi".to_owned(),
        subject: "*".to_owned(),
        secret: Secret::new("secret"),
    };
    let room = ProbeRoom::new("1a2b").unwrap();
    Climber {
        token: Some(Token::mint(&issuer, &room, now()).unwrap()),
        closed: true,
    }
}

fn refusing(condition: &str) -> Jitsi {
    let failure = format!(
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{condition}/><text>token required</text></failure>"
    );
    Jitsi::new().replying("<auth", &[text(&failure)])
}

#[tokio::test(start_paused = true)]
async fn a_stranger_who_is_not_let_in_has_found_the_platform_closed_and_that_is_well() {
    for condition in ["not-allowed", "not-authorized"] {
        let ladder = climbed(&refusing(condition), STRANGER).await;
        assert_eq!((letters(&ladder).as_str(), ladder.passed()), ("pppp-", true));
        let condition = foreign(condition);
        assert_eq!(
            evidence(&ladder, Level::Login),
            Evidence::ClosedToStrangers { condition }
        );
        let (needs, because) = (Level::Login, Missing::ClosedToStrangers);
        let outcome = Outcome::NotTried { needs, because };
        assert_eq!(ladder.rung(Level::Conference).unwrap().outcome, outcome);
    }
    let ladder = climbed(&refusing("temporary-auth-failure"), STRANGER).await;
    let (condition, text) = (foreign("temporary-auth-failure"), Some(foreign("token required")));
    let fault = RungFault::LoginRefused {
        condition,
        text,
        token: false,
    };
    assert_eq!(
        (letters(&ladder).as_str(), faults(&ladder, Level::Login)),
        ("pppf-", vec![fault])
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_is_a_fault_and_one_that_is_taken_opens_the_room() {
    let ladder = climbed(&refusing("not-allowed"), bearer()).await;
    let (condition, text) = (foreign("not-allowed"), Some(foreign("token required")));
    let fault = RungFault::LoginRefused {
        condition,
        text,
        token: true,
    };
    assert_eq!(
        fault.to_string(),
        "the XMPP server refuses the token: `not-allowed` (`token required`)"
    );
    assert_eq!(
        (letters(&ladder).as_str(), faults(&ladder, Level::Login)),
        ("pppf-", vec![fault])
    );
    let jitsi = Jitsi::new();
    let ladder = climbed(&jitsi, bearer()).await;
    assert!(ladder.passed(), "{ladder:?}");
    let seen = jitsi.seen();
    let with: Vec<&String> = seen.iter().filter(|it| it.contains("token=")).collect();
    assert_eq!(with.len(), 1, "{seen:?}");
    assert!(
        with[0].starts_with(&format!("/xmpp-websocket?room={ROOM}&token=eyJ")),
        "{seen:?}"
    );
    assert!(!serde_json::to_string(&ladder).unwrap().contains("eyJ") && !format!("{ladder:?}").contains("eyJ"));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_shown_to_nobody_whose_certificate_is_not_good() {
    let authority = Authority::new();
    let other = |names: &[&str]| authority.issue(names, hours(-24), hours(24));
    let chains: [(Chain, Fault); 3] = [
        (other(&["other.example.org"]), Fault::WrongName),
        (authority.issue(&[DOMAIN], hours(-24), hours(-1)), Fault::Expired),
        (
            self_signed(),
            Fault::Untrusted {
                cause: jitsi_probe::Trust::SelfSigned,
            },
        ),
    ];
    for (chain, fault) in chains {
        let jitsi = Jitsi::new();
        let ladder = climbed_with(&jitsi, bearer(), &authority, chain).await;
        let causes = vec![fault];
        assert_eq!(
            (letters(&ladder).as_str(), faults(&ladder, Level::Login)),
            ("pppf-", vec![RungFault::Exposed { causes }])
        );
        let seen = jitsi.seen();
        assert!(!seen.iter().any(|it| it.contains("token")), "{seen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn strangers_log_in_where_strangers_do_and_those_with_a_token_do_not() {
    let config = format!("{CONFIG}config.hosts.anonymousdomain = 'guest.meet.jitsi';");
    for (climber, domain) in [(STRANGER, "guest.meet.jitsi"), (bearer(), "meet.jitsi")] {
        let jitsi = Jitsi::new().with("/config.js", script(&config));
        let ladder = climbed(&jitsi, climber).await;
        assert!(ladder.passed(), "{ladder:?}");
        let seen = jitsi.seen();
        let opens: Vec<&String> = seen.iter().filter(|it| it.starts_with("<open ")).collect();
        assert!(
            opens.len() == 2 && opens.iter().all(|it| it.contains(&format!("to='{domain}'"))),
            "{seen:?}"
        );
        assert!(seen.iter().any(|it| it.contains("to='focus.meet.jitsi'")), "{seen:?}");
    }
}

/// The fault of L3 when this comes back for that.
async fn login_fault(to: &'static str, replies: &[Reply]) -> RungFault {
    let ladder = climbed(&Jitsi::new().replying(to, replies), STRANGER).await;
    assert_eq!(letters(&ladder), "pppf-", "{ladder:?}");
    let mut faults = faults(&ladder, Level::Login);
    assert_eq!(faults.len(), 1);
    faults.remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_takes_a_wrong_turn_is_told_by_where_and_why() {
    let error = "<stream:error xmlns:stream='http://etherx.jabber.org/streams'>\
        <host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
    let close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
    let condition = foreign("host-unknown");
    let unknown = StreamFailure::StreamError { condition, text: None };
    let unexpected = |element| StreamFailure::Unexpected {
        element: foreign(element),
    };
    for (to, replies, step, cause) in [
        ("<open", vec![text(open), text(error)], Step::Open, unknown.clone()),
        ("<open", vec![text(error)], Step::Open, unknown),
        ("<open", vec![text(close)], Step::Open, StreamFailure::Closed),
        ("<open", vec![Reply::HangUp], Step::Open, StreamFailure::Closed),
        ("<open", vec![], Step::Open, StreamFailure::Timeout),
        ("<open", vec![text("<open/>")], Step::Open, unexpected("open")),
        ("<auth", vec![], Step::Login, StreamFailure::Timeout),
        (
            "<auth",
            vec![text("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")],
            Step::Login,
            unexpected("proceed"),
        ),
        (
            "<auth",
            vec![text(&"<success>".repeat(10_000))],
            Step::Login,
            StreamFailure::TooLong,
        ),
        (
            "<bind",
            vec![Reply::Endless("<message xmlns='jabber:client'/>".to_owned())],
            Step::Bind,
            StreamFailure::TooMany { count: 33 },
        ),
        (
            "<bind",
            vec![text("<iq xmlns='jabber:client' type='result' id='bind'/>")],
            Step::Bind,
            unexpected("iq"),
        ),
    ] {
        let fault = login_fault(to, &replies).await;
        assert!(fault.hint().is_some());
        assert_eq!(fault, RungFault::Stream { step, cause });
    }
    for reply in [text("<a"), text("no XML"), text("<!DOCTYPE a []><a/>"), Reply::Binary] {
        let fault = login_fault("<auth", &[reply]).await;
        let told = matches!(
            &fault,
            RungFault::Stream {
                step: Step::Login,
                cause: StreamFailure::NotXml { .. }
            }
        );
        assert!(told, "{fault:?}");
    }
    let (condition, text) = (foreign("not-allowed"), None);
    let fault = login_fault("<bind", &[stanza_error("bind", "not-allowed")]).await;
    assert_eq!(fault, RungFault::NoSession { condition, text });
}

#[tokio::test(start_paused = true)]
async fn a_server_at_which_nobody_logs_in_without_a_name_is_not_called_closed() {
    let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
    let features = |mechanisms: &str| {
        text(&format!(
            "<s:features xmlns:s='http://etherx.jabber.org/streams'>\
             <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{mechanisms}</mechanisms></s:features>"
        ))
    };
    let plain = features("<mechanism>PLAIN</mechanism><mechanism xmlns='urn:other'>ANONYMOUS</mechanism>");
    let offered = vec![foreign("PLAIN")];
    assert_eq!(
        login_fault("<open", &[text(open), plain]).await,
        RungFault::AnonymousNotOffered { offered }
    );
    let offered = Vec::new();
    assert_eq!(
        login_fault("<open", &[text(open), features("")]).await,
        RungFault::AnonymousNotOffered { offered }
    );
}

/// The fault of L4 when this comes back.
async fn conference_fault(replies: &[Reply], climber: Climber) -> RungFault {
    let ladder = climbed(&Jitsi::new().replying("<conference", replies), climber).await;
    assert_eq!(letters(&ladder), "ppppf", "{ladder:?}");
    let mut faults = faults(&ladder, Level::Conference);
    assert_eq!(faults.len(), 1);
    faults.remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_jicofo_that_is_not_connected_is_told_from_one_that_refuses() {
    for absent in [
        "service-unavailable",
        "remote-server-not-found",
        "recipient-unavailable",
    ] {
        let fault = conference_fault(&[stanza_error("conference-1", absent)], STRANGER).await;
        assert!(fault.hint().unwrap().contains("JICOFO_AUTH_PASSWORD"));
        let condition = foreign(absent);
        assert_eq!(fault, RungFault::FocusAbsent { condition });
    }
    let unknown = text(
        "<iq xmlns='jabber:client' type='error' id='conference-1'><error type='cancel'>\
         <not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>\
         Communication with remote domains is not enabled</text></error></iq>",
    );
    let condition = foreign("not-allowed");
    let fault = conference_fault(&[unknown], STRANGER).await;
    assert_eq!(fault, RungFault::FocusAbsent { condition });
    let (condition, said) = (foreign("not-allowed"), None);
    let fault = conference_fault(&[stanza_error("conference-1", "not-allowed")], STRANGER).await;
    assert_eq!(fault, RungFault::RoomRefused { condition, text: said });
    let ladder = climbed(
        &Jitsi::new().replying("<conference", &[stanza_error("conference-1", "not-authorized")]),
        STRANGER,
    )
    .await;
    let condition = foreign("not-authorized");
    assert!(ladder.passed());
    assert_eq!(
        evidence(&ladder, Level::Conference),
        Evidence::RoomsClosedToStrangers { condition }
    );
    let (condition, text) = (foreign("not-authorized"), None);
    let fault = conference_fault(&[stanza_error("conference-1", "not-authorized")], bearer()).await;
    assert_eq!(fault, RungFault::RoomRefused { condition, text });
    let (condition, text) = (foreign("policy-violation"), None);
    let fault = conference_fault(&[stanza_error("conference-1", "policy-violation")], STRANGER).await;
    assert_eq!(fault, RungFault::RoomRefused { condition, text });
}

#[tokio::test(start_paused = true)]
async fn a_room_that_is_not_ready_is_asked_for_again_and_not_for_ever() {
    let later = Jitsi::new()
        .replying("'conference-1'", &[conference("conference-1", "false")])
        .replying("'conference-2'", &[conference("conference-2", "false")])
        .replying("'conference-3'", &[conference("conference-3", "true")]);
    let ladder = climbed(&later, STRANGER).await;
    let focus = foreign("focus@auth.meet.jitsi");
    assert_eq!(
        evidence(&ladder, Level::Conference),
        Evidence::Conference { focus, asked: 3 }
    );
    assert_eq!(ladder.rung(Level::Conference).unwrap().took, Duration::from_secs(2));
    let never: Vec<Reply> = (1..9)
        .map(|at| conference(&format!("conference-{at}"), "false"))
        .collect();
    assert_eq!(
        conference_fault(&never, STRANGER).await,
        RungFault::FocusNotReady { asked: 5 }
    );
    let result = |inner: &str| {
        text(&format!(
            "<iq xmlns='jabber:client' type='result' id='conference-1'>{inner}</iq>"
        ))
    };
    for strange in [
        result(""),
        result("<conference xmlns='urn:other' ready='true' focusjid='x'/>"),
        result("<conference xmlns='http://jitsi.org/protocol/focus' ready='true'/>"),
    ] {
        let fault = conference_fault(&[strange], STRANGER).await;
        assert!(matches!(fault, RungFault::FocusNotUnderstood { .. }), "{fault:?}");
    }
    let (step, cause) = (Step::Conference, StreamFailure::Timeout);
    assert_eq!(conference_fault(&[], STRANGER).await, RungFault::Stream { step, cause });
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_is_to_be_closed_and_opens_a_room_to_a_stranger_is_at_fault() {
    let closed = Climber {
        token: None,
        closed: true,
    };
    let ladder = climbed(&Jitsi::new(), closed).await;
    assert_eq!(
        (letters(&ladder).as_str(), faults(&ladder, Level::Conference)),
        ("ppppf", vec![RungFault::OpenToStrangers])
    );
}
