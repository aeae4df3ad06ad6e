//! Writing a hold, or taking it away. Needs no lock: a hold that comes late still counts for a scale-down that is at work.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::access::Aws;
use crate::clock::Clock;
use crate::custody::{Desk, Operation};
use crate::event::Observer;
use crate::keep::{self, Term};
use crate::observe::Thoroughness;
use crate::plan;
use crate::problem::{Problem, ProblemKind};
use crate::scale_up::Interrupts;
use crate::session::{End, Session, deadline_passed};
use crate::state::State;
use crate::wanted::Wanted;

/// How long writing a tag may take.
const TIMEOUT: SignedDuration = SignedDuration::from_secs(120);

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// The account, if it is known.
    pub account: Option<String>,
    /// The hold as it was read last; `None`: there is none, or it could not be read.
    pub hold: Option<Term>,
    /// The lease, likewise.
    pub lease: Option<Term>,
    /// The platform's state.
    pub state: State,
    /// Why it failed.
    pub problem: Option<Problem>,
}

/// Holds the platform, or releases it, as `wanted.hold` says.
pub async fn hold(
    aws: &Aws,
    wanted: &Wanted,
    desk: &Desk,
    clock: Clock,
    observer: Observer<'_>,
    interrupts: &Interrupts,
) -> Report {
    let operation = Operation {
        name: "hold",
        unlocked_on_transport_failure: true,
        settles: false,
        lets_go: None,
    };
    let mut session = Session::new(aws, wanted, clock, observer, desk, operation, 0);
    session.turn(Thoroughness::WayDown);
    let deadline = session.clock.now().saturating_add(TIMEOUT).unwrap_or(Timestamp::MAX);
    let problem = match session.drive(plan::hold, deadline, &interrupts.first).await {
        End::Reached => None,
        End::Stopped(problem) => Some(problem),
        End::Deadline(waiting) => {
            let time = Duration::try_from(TIMEOUT).unwrap_or_default();
            Some(deadline_passed(time, &waiting))
        }
        End::Interrupted | End::Held(_) => Some(Problem::new(ProblemKind::Interrupted, "interrupted")),
    };
    let tags = session
        .seen
        .service
        .here()
        .map(|service| service.tags.clone())
        .unwrap_or_default();
    Report {
        account: session.seen.identity.here().map(|identity| identity.account.clone()),
        hold: keep::hold(&tags),
        lease: keep::lease(&tags),
        state: State::of(wanted, &session.seen),
        problem,
    }
}
