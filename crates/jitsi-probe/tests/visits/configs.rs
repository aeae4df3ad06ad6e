//! The ladder's second rung: what clients are told.

use jitsi_probe::{Foreign, Level, Missing, Outcome, PageFailure, RungFault, Setting, Target};

use crate::authority::DOMAIN;
use crate::jitsi::{CONFIG, Jitsi, STRANGER, climbed, faults, letters, script};
use crate::scene::{FRONT, page};

fn foreign(text: &str) -> Foreign {
    Foreign::new(text)
}

/// The faults of L1 with this instead of `config.js`, and the letters of all rungs.
async fn config_faults(config: Vec<u8>) -> (Vec<RungFault>, String) {
    let ladder = climbed(&Jitsi::new().with("/config.js", config), STRANGER).await;
    (faults(&ladder, Level::Config), letters(&ladder))
}

#[tokio::test(start_paused = true)]
async fn clients_that_are_sent_to_another_host_are_told_and_the_rest_is_climbed() {
    let wanted = DOMAIN.to_owned();
    let other = CONFIG.replace("wss://meet.example.org", "wss://old.example.org");
    let host = foreign("old.example.org");
    let setting = Setting::Websocket;
    let fault = RungFault::OtherHost {
        setting,
        host,
        wanted: wanted.clone(),
    };
    assert_eq!(
        fault.to_string(),
        "`config.websocket` sends clients to `old.example.org` instead of `meet.example.org`"
    );
    assert!(fault.hint().unwrap().contains("PUBLIC_URL"));
    assert_eq!(config_faults(script(&other)).await, (vec![fault], "pfppp".to_owned()));
    let other = CONFIG.replace("https://meet.example.org", "https://meet.example.org:8443");
    let (setting, host) = (Setting::Bosh, foreign("meet.example.org:8443"));
    let fault = RungFault::OtherHost { setting, host, wanted };
    assert_eq!(config_faults(script(&other)).await, (vec![fault], "pfppp".to_owned()));
    let plain = CONFIG.replace("wss://", "ws://");
    let (setting, value) = (Setting::Websocket, foreign("ws://meet.example.org/xmpp-websocket"));
    let fault = RungFault::NoAddress { setting, value };
    assert_eq!(config_faults(script(&plain)).await, (vec![fault], "pfppp".to_owned()));
    for here in ["'//MEET.example.org/", "'/", "'https://meet.example.org:443/"] {
        let config = CONFIG.replace("'https://meet.example.org/", here);
        let ladder = climbed(&Jitsi::new().with("/config.js", script(&config)), STRANGER).await;
        assert!(ladder.passed(), "{here}: {ladder:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_config_js_does_not_tell_is_a_fault_and_only_what_needs_it_is_not_tried() {
    let unset = |setting| RungFault::Unset { setting };
    let untold = |setting| RungFault::Untold { setting };
    for (was, is, fault, expected) in [
        (
            "config.hosts.domain = 'meet.jitsi'",
            "",
            unset(Setting::Domain),
            "pfp--",
        ),
        (
            "'meet.jitsi';\nconfig.hosts.muc",
            "name();\nconfig.hosts.muc",
            untold(Setting::Domain),
            "pfp--",
        ),
        ("config.hosts.muc", "config.hosts.xyz", unset(Setting::Muc), "pfpp-"),
        ("+ subdomain", "+ tenant", untold(Setting::Muc), "pfpp-"),
        (
            "config.hosts.domain",
            "config.hosts.anonymousdomain = x();config.hosts.domain",
            untold(Setting::AnonymousDomain),
            "pfp--",
        ),
        ("+ subdir + 'http", "+ path + 'http", untold(Setting::Bosh), "pfppp"),
    ] {
        let config = CONFIG.replacen(was, is, 1);
        assert_ne!(config, CONFIG);
        assert_eq!(
            config_faults(script(&config)).await,
            (vec![fault], expected.to_owned()),
            "{is}"
        );
    }
    let (setting, value) = (Setting::Muc, foreign("muc. meet.jitsi"));
    let fault = RungFault::NoName { setting, value };
    let config = CONFIG.replace("'muc.'", "'muc. '");
    assert_eq!(config_faults(script(&config)).await, (vec![fault], "pfpp-".to_owned()));
    let config = CONFIG
        .replace("config.bosh", "config.a")
        .replace("config.websocket", "config.b");
    assert_eq!(config_faults(script(&config)).await.0, [unset(Setting::Websocket)]);
    let (target, told) = (Target::Config, "it is nested too deeply".to_owned());
    for (answer, fault) in [
        (page(FRONT), RungFault::PageInstead { target }),
        (script(&"{".repeat(1_000)), RungFault::ConfigNotUnderstood { told }),
        (
            script(&" ".repeat(1 << 19)),
            RungFault::Unread {
                target,
                cause: PageFailure::TooLong { limit: 1 << 18 },
            },
        ),
    ] {
        assert_eq!(config_faults(answer).await, (vec![fault], "pfp--".to_owned()));
    }
    let ladder = climbed(&Jitsi::new().without("/config.js"), STRANGER).await;
    let (needs, because) = (Level::Config, Missing::Failed);
    assert_eq!(
        ladder.rung(Level::Login).unwrap().outcome,
        Outcome::NotTried { needs, because }
    );
}

#[tokio::test(start_paused = true)]
async fn those_who_embed_a_meeting_need_a_script_of_their_own() {
    let (target, status, location) = (Target::ExternalApi, 404, None);
    let gone = climbed(&Jitsi::new().without("/external_api.js"), STRANGER).await;
    assert_eq!(
        faults(&gone, Level::Config),
        [RungFault::Status {
            target,
            status,
            location
        }]
    );
    let other = climbed(&Jitsi::new().with("/external_api.js", script("x()")), STRANGER).await;
    assert_eq!(faults(&other, Level::Config), [RungFault::NoExternalApi]);
    assert_eq!((letters(&gone).as_str(), letters(&other).as_str()), ("pfppp", "pfppp"));
}
