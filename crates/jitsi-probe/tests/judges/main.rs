//! The ladder before judges that this project did not write: nginx and prosody from Debian's packages, set up as
//! docker-jitsi-meet does it (`site/`). jicofo is a stand-in of a few lines, which prosody takes for a component.
//!
//! ```text
//! apt-get install --no-install-recommends nginx prosody
//! cargo test -p jitsi-probe --features judges --test judges
//! ```
//!
//! With the feature on, a missing program is a failure, never a skip. Each test has a site of its own, on a loopback address
//! of its own (Linux has them all), in real time, and needs no rights.
#![cfg(feature = "judges")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the visits sign in more ways")]
#[path = "../visits/authority.rs"]
mod authority;
mod faults;
mod jicofo;
mod process;
mod site;
mod strangers;

use jitsi_probe::{
    Bundle, Evidence, Foreign, Ladder, Level, Missing, Outcome, Page, Part, Plain, Reception, RungFault, Target,
};

use crate::site::Plan;

/// The faults of a rung.
fn faults(ladder: &Ladder, level: Level) -> &[RungFault] {
    match &ladder.rung(level).unwrap().outcome {
        Outcome::Failed(faults) => faults,
        other => panic!("{level}: {other:?}\n{}", ladder.summary()),
    }
}

/// What a rung has shown.
fn evidence(ladder: &Ladder, level: Level) -> &Evidence {
    match &ladder.rung(level).unwrap().outcome {
        Outcome::Passed(evidence) => evidence,
        other => panic!("{level}: {other:?}\n{}", ladder.summary()),
    }
}

/// These rungs hold, these fail, and the others are not tried because of one that has failed.
fn assert_rungs(ladder: &Ladder, passed: &[Level], failed: &[Level]) {
    for rung in &ladder.rungs {
        let as_it_should = match &rung.outcome {
            Outcome::Passed(_) => passed.contains(&rung.level),
            Outcome::Failed(_) => failed.contains(&rung.level),
            Outcome::NotTried { because, .. } => {
                !passed.contains(&rung.level) && !failed.contains(&rung.level) && *because == Missing::Failed
            }
        };
        assert!(as_it_should, "{}: {:?}\n{}", rung.level, rung.outcome, ladder.summary());
    }
    assert_eq!(ladder.passed(), failed.is_empty());
}

#[tokio::test]
async fn a_site_of_real_parts_is_climbed_to_the_top() {
    let site = Plan::good().start().await;
    let climb = site.climb();
    let ladder = site.climbed(&climb).await;
    assert_rungs(&ladder, &Level::ALL, &[]);
    let Evidence::Page { title, bundles } = evidence(&ladder, Level::Page) else {
        panic!("{ladder:?}");
    };
    assert_eq!(title.as_ref().unwrap().as_str(), "Jitsi Meet");
    assert!(
        matches!(
            bundles.as_slice(),
            [
                Bundle::Fetched {
                    script: Target::Library,
                    bytes: 900_000..
                },
                Bundle::Fetched {
                    script: Target::App,
                    bytes: 4_000_000..
                },
            ]
        ),
        "{bundles:?}"
    );
    let Evidence::Config { domain, muc, .. } = evidence(&ladder, Level::Config) else {
        panic!("{ladder:?}");
    };
    assert_eq!((domain.as_str(), muc.as_str()), ("meet.jitsi", "muc.meet.jitsi"));
    let Evidence::Session { domain, jid, token } = evidence(&ladder, Level::Login) else {
        panic!("{ladder:?}");
    };
    assert_eq!((domain.as_str(), *token), ("meet.jitsi", false));
    assert!(jid.as_str().contains("@meet.jitsi/"), "{jid}");
    let Evidence::Conference { focus, asked } = evidence(&ladder, Level::Conference) else {
        panic!("{ladder:?}");
    };
    assert_eq!((focus.as_str(), *asked), ("focus@auth.meet.jitsi", 1));
    assert_eq!(
        site.rooms(),
        [format!("{}@muc.meet.jitsi", climb.room)],
        "and nothing else was asked for"
    );
    site.written_down("closed: session closed").await;
    let logs = site.logs();
    assert!(
        !logs.contains("<stream:error>"),
        "prosody has nothing to complain of:\n{logs}"
    );
}

#[tokio::test]
async fn a_visit_of_the_same_site_sees_its_page_and_its_certificate_and_how_it_receives_visitors() {
    let site = Plan::good().start().await;
    let report = site.probed().await;
    assert_eq!(report.faults(), []);
    assert!(matches!(report.page.done(), Some(Page::JitsiMeet { .. })), "{report:?}");
    let noted = Reception {
        plain: Part::Done(Plain::Upgraded { status: 301 }),
        http2: Part::Done(true),
        hsts: Part::Done(Some(Foreign::new("max-age=63072000"))),
    };
    assert_eq!(site.received().await, noted);
}
