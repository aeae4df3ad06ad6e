//! The whole ladder, from the page to a room that is ready, over the site.

use aws_sandbox::SiteFault;
use jitsi_probe::{Climb, Evidence, Ladder, Level, Missing, Outcome, ProbeRoom, Token, Visit, climb};
use serde_json::Value;

use crate::stage::{DOMAIN, Stage, TLS, stage};

async fn climbed(stage: &Stage, token: Option<Token>, closed: bool) -> Ladder {
    let visit = Visit::of(DOMAIN, stage.roots(), stage.sandbox.now());
    let room = ProbeRoom::new("1a2b3c4d").unwrap();
    let asked = Climb {
        visit,
        room,
        token,
        closed,
    };
    climb(&stage.site, &asked).await
}

/// What came of each rung: that it passed, the kinds of its faults, or the rung that it needs.
fn outcomes(ladder: &Ladder) -> Vec<String> {
    let told = |outcome: &Outcome| match outcome {
        Outcome::Passed(_) => "passed".to_owned(),
        Outcome::Failed(faults) => {
            let kind = |fault: &Value| fault["fault"].as_str().unwrap().to_owned();
            let faults = serde_json::to_value(faults).unwrap();
            let kinds: Vec<String> = faults.as_array().unwrap().iter().map(kind).collect();
            kinds.join(" ")
        }
        Outcome::NotTried { needs, because } => match because {
            Missing::Failed => format!("needs {needs}"),
            Missing::ClosedToStrangers => format!("closed at {needs}"),
        },
    };
    ladder.rungs.iter().map(|rung| told(&rung.outcome)).collect()
}

#[tokio::test(start_paused = true)]
async fn the_whole_ladder_is_climbed_and_leaves_no_meeting() {
    let stage = stage();
    stage.up(TLS).await;
    let ladder = climbed(&stage, None, false).await;
    assert_eq!(outcomes(&ladder), ["passed"; 5], "{ladder:?}");
    let conference = &ladder.rung(Level::Conference).unwrap().outcome;
    let Outcome::Passed(Evidence::Conference { focus, asked }) = conference else {
        panic!("{conference:?}");
    };
    assert_eq!((focus.as_str(), *asked), ("focus@auth.meet.jitsi/focus", 1));
    assert!(ladder.took.as_secs() < 5, "{:?}", ladder.took);
    assert_eq!(stage.sandbox.world(|world| world.meetings()), []);
}

#[tokio::test(start_paused = true)]
async fn each_fault_behind_the_front_page_fails_its_own_rung_and_what_stands_on_it() {
    let stage = stage();
    stage.up(TLS).await;
    let (passed, no_websocket, no_login) = ("passed", "needs L2", "needs L3");
    for (fault, rungs) in [
        (
            SiteFault::NoBundles,
            ["page-instead page-instead", passed, passed, passed, passed],
        ),
        (
            SiteFault::ConfigHost,
            [passed, "other-host other-host", passed, passed, passed],
        ),
        (
            SiteFault::NoProsody,
            [passed, passed, "status no-upgrade", no_websocket, no_login],
        ),
        (
            SiteFault::NoWebsocket,
            [passed, passed, "no-upgrade", no_websocket, no_login],
        ),
        (
            SiteFault::WrongSubprotocol,
            [passed, passed, "subprotocol", no_websocket, no_login],
        ),
        (
            SiteFault::NoAnonymous,
            [passed, passed, passed, "anonymous-not-offered", no_login],
        ),
        (SiteFault::Closed, [passed, passed, passed, passed, "closed at L3"]),
        (SiteFault::NoJicofo, [passed, passed, passed, passed, "focus-absent"]),
    ] {
        stage.plant(Some(fault));
        assert_eq!(outcomes(&climbed(&stage, None, false).await), rungs, "{fault:?}");
    }
    stage.plant(None);
    assert!(climbed(&stage, None, false).await.passed());
}

#[tokio::test(start_paused = true)]
async fn a_closed_site_is_climbed_with_a_token_and_one_that_should_be_and_is_open_is_told() {
    let stage = stage();
    stage.up(TLS).await;
    let open = climbed(&stage, None, true).await;
    assert_eq!(outcomes(&open)[4], "open-to-strangers");
    stage.plant(Some(SiteFault::Closed));
    assert!(climbed(&stage, None, true).await.passed(), "strangers are kept out");
    let token = Token::new("ey.J.x").unwrap();
    assert_eq!(outcomes(&climbed(&stage, Some(token), true).await), ["passed"; 5]);
}
