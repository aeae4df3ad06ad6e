//! The ladder: how far a visitor gets, from the page to a room that is ready for a conference.
//!
//! Each rung proves something that the one below it does not, and says what it does not prove either. Nothing is proven of
//! the video bridge and of the path that media take.

mod conference;
mod config;
mod conversation;
mod evidence;
mod fault;
mod hint;
mod level;
mod login;
mod page;
mod signalling;
mod site;

use std::time::Duration;

use serde::Serialize;
use tokio::join;
use tokio::time::Instant;

use self::config::Names;
pub use self::conversation::{Step, StreamFailure};
pub use self::evidence::{Bundle, Evidence};
pub use self::fault::{RungFault, Setting, Target};
pub use self::level::Level;
use self::login::Login;
pub use self::page::SMALLEST_BUNDLE;
use self::site::Site;
use crate::network::Network;
use crate::report::seconds;
use crate::room::ProbeRoom;
use crate::token::Token;
use crate::visit::Visit;

/// What is climbed, and as whom.
#[derive(Clone, Debug)]
pub struct Climb {
    /// The site. Its overall timeout is that of each rung.
    pub visit: Visit,
    /// The room that is asked for.
    pub room: ProbeRoom,
    /// A token for that room only; `None`: climbed as a stranger.
    pub token: Option<Token>,
    /// The configuration says that strangers are to be kept out, so that it is a fault if one may open a room.
    pub closed: bool,
}

/// How far a visitor has got.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ladder {
    /// The name that was visited.
    pub domain: String,
    /// The room that was asked for, or would have been.
    pub room: String,
    /// One for each level, from the lowest.
    pub rungs: Vec<Rung>,
    /// How long all of it took.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub took: Duration,
}

/// One rung.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rung {
    /// Which one.
    pub level: Level,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    #[serde(rename = "elapsed_seconds", serialize_with = "seconds")]
    pub took: Duration,
}

/// What came of a rung.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds.
    Passed(Evidence),
    /// It does not; at least one fault.
    Failed(Vec<RungFault>),
    /// What it stands on was not there, so nothing is known of it.
    NotTried {
        /// What it stands on.
        needs: Level,
        /// What was the matter with that.
        because: Missing,
    },
}

/// Why a rung that another one stands on was not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// It has failed, or was not tried itself.
    Failed,
    /// It has ended well, at a door that is closed to strangers.
    ClosedToStrangers,
}

/// Climbs as far as there is a way, and never fails as a whole. The three lowest rungs, which do not stand on each other, are
/// tried at the same time.
pub async fn climb(network: &dyn Network, climb: &Climb) -> Ladder {
    let started = Instant::now();
    let visit = &climb.visit;
    let ((page, page_took), ((config, names), config_took), ((signalling, websocket), signalling_took)) = join!(
        timed(page::climb(Site::now(network, visit))),
        timed(config::climb(Site::now(network, visit))),
        timed(signalling::climb(Site::now(network, visit))),
    );
    let door = match (websocket, door(climb, &names)) {
        (false, _) => Err(Level::Signalling),
        (true, None) => Err(Level::Config),
        (true, Some(door)) => Ok(door),
    };
    let ((login, way), login_took) = match door {
        Ok(door) => timed(login::climb(Site::now(network, visit), climb, door)).await,
        Err(needs) => ((missing(needs), Login::Failed), Duration::ZERO),
    };
    let site = Site::now(network, visit);
    let (conference, conference_took) = match (way, &names.domain, &names.muc) {
        (Login::In(stream), Some(domain), Some(muc)) => {
            timed(conference::climb(site, climb, *stream, domain, muc)).await
        }
        (Login::In(stream), ..) => {
            stream.leave(site.patience).await;
            (missing(Level::Config), Duration::ZERO)
        }
        (Login::Failed, ..) => (missing(Level::Login), Duration::ZERO),
        (Login::Closed, ..) => {
            let (needs, because) = (Level::Login, Missing::ClosedToStrangers);
            (Outcome::NotTried { needs, because }, Duration::ZERO)
        }
    };
    let rungs = [
        (Level::Page, page, page_took),
        (Level::Config, config, config_took),
        (Level::Signalling, signalling, signalling_took),
        (Level::Login, login, login_took),
        (Level::Conference, conference, conference_took),
    ];
    let rungs = rungs.map(|(level, outcome, took)| Rung { level, outcome, took });
    Ladder {
        domain: visit.domain.clone(),
        room: climb.room.to_string(),
        rungs: rungs.into(),
        took: started.elapsed(),
    }
}

/// The domain at which to log in, if it is known. Like lib-jitsi-meet: strangers go where strangers log in, and who has a token
/// does not.
fn door<'a>(climb: &Climb, names: &'a Names) -> Option<&'a str> {
    let domain = names.domain.as_deref()?;
    match (&climb.token, names.anonymous.as_ref()?) {
        (None, Some(anonymous)) => Some(anonymous),
        _ => Some(domain),
    }
}

fn missing(needs: Level) -> Outcome {
    let because = Missing::Failed;
    Outcome::NotTried { needs, because }
}

async fn timed<T>(rung: impl Future<Output = T>) -> (T, Duration) {
    let started = Instant::now();
    let done = rung.await;
    (done, started.elapsed())
}

impl Ladder {
    /// Whether no rung has failed. A door that is closed to strangers is none that has.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.rungs.iter().all(|rung| match &rung.outcome {
            Outcome::Passed(_) => true,
            Outcome::Failed(_) => false,
            Outcome::NotTried { because, .. } => *because == Missing::ClosedToStrangers,
        })
    }

    /// The rung of a level.
    pub fn rung(&self, level: Level) -> Option<&Rung> {
        self.rungs.iter().find(|rung| rung.level == level)
    }

    /// In one line what was proven, and what not.
    #[must_use]
    pub fn summary(&self) -> String {
        let titles = |wanted: fn(&Outcome) -> bool| -> Vec<String> {
            let rungs = self.rungs.iter().filter(|rung| wanted(&rung.outcome));
            rungs
                .map(|rung| format!("{} ({})", rung.level, rung.level.title()))
                .collect()
        };
        let parts = [
            (titles(|it| matches!(it, Outcome::Passed(_))), "passed"),
            (titles(|it| matches!(it, Outcome::Failed(_))), "failed"),
            (titles(|it| matches!(it, Outcome::NotTried { .. })), "not tried"),
        ];
        let mut told: Vec<String> = parts
            .into_iter()
            .filter(|(titles, _)| !titles.is_empty())
            .map(|(titles, what)| format!("{what}: {}", titles.join(", ")))
            .collect();
        told.push("the video bridge and the path of media were not tested".to_owned());
        told.join("; ")
    }
}
