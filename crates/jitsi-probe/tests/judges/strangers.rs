//! A site that keeps strangers out: who has a token for the room gets in, and nobody else.

use jitsi_probe::{Evidence, Fault, Issuer, Level, Missing, Outcome, ProbeRoom, RungFault, Secret, Token};

use crate::jicofo::NOT_AUTHORIZED;
use crate::site::{Plan, Site};
use crate::{assert_rungs, evidence, faults};

const ID: &str = "jitsi-ops";
const SECRET: &str = "a-secret-of-the-judges";

fn issuer(id: &str, secret: &str) -> Issuer {
    Issuer {
        id: id.to_owned(),
        audience: "jitsi".to_owned(),
        subject: "meet.jitsi".to_owned(),
        secret: Secret::new(secret),
    }
}

fn minted(site: &Site, id: &str, secret: &str, room: &ProbeRoom) -> Token {
    Token::mint(&issuer(id, secret), room, site.now()).unwrap()
}

#[tokio::test]
async fn prosody_takes_a_token_for_the_room_and_nginx_sees_it_only_at_the_login() {
    let site = Plan::good().closed(ID, SECRET).start().await;
    let room = ProbeRoom::random();
    let ladder = site.climbed_with(minted(&site, ID, SECRET, &room), room.clone()).await;
    assert_rungs(&ladder, &Level::ALL, &[]);
    assert!(
        matches!(evidence(&ladder, Level::Login), Evidence::Session { token: true, .. }),
        "{ladder:?}"
    );
    assert_eq!(site.rooms(), [format!("{room}@muc.meet.jitsi")]);
    site.written_down("closed: session closed").await;
    let requests = site.requests();
    let shown: Vec<&String> = requests.iter().filter(|it| it.contains("token=")).collect();
    assert!(
        matches!(shown.as_slice(), [one] if one.contains(&format!("GET /xmpp-websocket?room={room}&token="))),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_token_that_is_forged_or_for_another_room_or_issuer_is_refused() {
    let site = Plan::good().closed(ID, SECRET).start().await;
    let room = ProbeRoom::random();
    for (token, said) in [
        (minted(&site, ID, "another-secret", &room), "signature-mismatch"),
        (minted(&site, "another", SECRET, &room), "Invalid issuer ('iss' claim)"),
        (
            minted(&site, ID, SECRET, &ProbeRoom::random()),
            "it is for another room",
        ),
    ] {
        let ladder = site.climbed_with(token, room.clone()).await;
        assert_rungs(
            &ladder,
            &[Level::Page, Level::Config, Level::Signalling],
            &[Level::Login],
        );
        let found = faults(&ladder, Level::Login);
        let [
            RungFault::LoginRefused {
                condition,
                text: Some(text),
                token: true,
            },
        ] = found
        else {
            panic!("{found:?}");
        };
        assert_eq!((condition.as_str(), text.as_str()), ("not-allowed", said));
    }
    assert_eq!(site.rooms(), [""; 0]);
}

#[tokio::test]
async fn a_door_that_is_closed_to_strangers_is_no_fault_and_nobody_asks_for_a_room_behind_it() {
    let site = Plan::good().closed(ID, SECRET).start().await;
    for closed in [false, true] {
        let mut climb = site.climb();
        climb.closed = closed;
        let ladder = site.climbed(&climb).await;
        assert!(ladder.passed(), "{ladder:?}");
        let Evidence::ClosedToStrangers { condition } = evidence(&ladder, Level::Login) else {
            panic!("{ladder:?}");
        };
        assert_eq!(condition.as_str(), "not-allowed");
        assert_eq!(
            ladder.rung(Level::Conference).unwrap().outcome,
            Outcome::NotTried {
                needs: Level::Login,
                because: Missing::ClosedToStrangers
            }
        );
    }
    assert_eq!(site.rooms(), [""; 0]);
}

#[tokio::test]
async fn an_open_door_is_a_fault_if_it_is_to_be_closed() {
    let site = Plan::good().start().await;
    let mut climb = site.climb();
    climb.closed = true;
    let ladder = site.climbed(&climb).await;
    assert!(!ladder.passed(), "{ladder:?}");
    let open = ladder.rungs.iter().filter(|rung| match &rung.outcome {
        Outcome::Failed(faults) => faults.contains(&RungFault::OpenToStrangers),
        _ => false,
    });
    assert_eq!(open.count(), 1, "{ladder:?}");
}

#[tokio::test]
async fn strangers_log_in_where_the_config_sends_them_and_not_where_people_have_accounts() {
    let plan = Plan::good().login("\"internal_hashed\"");
    let guests = "config.hosts = {};\nconfig.hosts.anonymousdomain = 'guest.meet.jitsi';";
    let site = plan.with("config.js", "config.hosts = {};", guests).start().await;
    let climb = site.climb();
    let ladder = site.climbed(&climb).await;
    assert_rungs(&ladder, &Level::ALL, &[]);
    let shown = evidence(&ladder, Level::Login);
    assert!(
        matches!(shown, Evidence::Session { domain, jid, .. }
            if domain.as_str() == "guest.meet.jitsi" && jid.as_str().contains("@guest.meet.jitsi/")),
        "{shown:?}"
    );
    assert_eq!(site.rooms(), [format!("{}@muc.meet.jitsi", climb.room)]);
}

#[tokio::test]
async fn a_jicofo_that_opens_rooms_only_for_the_known_keeps_strangers_out_and_nobody_else() {
    let site = Plan::good().jicofo(Some(NOT_AUTHORIZED)).start().await;
    let mut climb = site.climb();
    climb.closed = true;
    let ladder = site.climbed(&climb).await;
    assert_rungs(&ladder, &Level::ALL, &[]);
    let shown = evidence(&ladder, Level::Conference);
    assert!(
        matches!(shown, Evidence::RoomsClosedToStrangers { condition } if condition.as_str() == "not-authorized"),
        "{shown:?}"
    );
    let room = ProbeRoom::random();
    let ladder = site.climbed_with(minted(&site, ID, SECRET, &room), room).await;
    assert_rungs(
        &ladder,
        &[Level::Page, Level::Config, Level::Signalling, Level::Login],
        &[Level::Conference],
    );
    let found = faults(&ladder, Level::Conference);
    assert!(
        matches!(found, [RungFault::RoomRefused { condition, .. }] if condition.as_str() == "not-authorized"),
        "who has a token is no stranger: {found:?}"
    );
}

#[tokio::test]
async fn behind_an_expired_certificate_no_token_is_shown_to_nginx_or_prosody() {
    let site = Plan::good().closed(ID, SECRET).expired().start().await;
    let room = ProbeRoom::random();
    let ladder = site.climbed_with(minted(&site, ID, SECRET, &room), room).await;
    assert_rungs(
        &ladder,
        &[Level::Page, Level::Config, Level::Signalling],
        &[Level::Login],
    );
    assert_eq!(
        faults(&ladder, Level::Login),
        [RungFault::Exposed {
            causes: vec![Fault::Expired]
        }]
    );
    let logs = site.logs();
    assert!(
        logs.contains("GET /http-bind"),
        "they do log what they are asked:\n{logs}"
    );
    assert!(!logs.contains("token="), "{logs}");
}
