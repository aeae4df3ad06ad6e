//! What every phase works with.

use std::sync::Arc;

use jitsi_cli::progress::Display;
use jitsi_cli::visitor::{Inspection, Visiting, Visitor, inspect};
use jitsi_config::Jwt;
use jitsi_ops::access::Aws;
use jitsi_ops::clock::Clock;
use jitsi_ops::custody::Desk;
use jitsi_ops::event::Event;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::scale_up::Interrupts;
use jitsi_ops::survey::{Survey, survey};
use jitsi_ops::wanted::Wanted;

/// The platform, the way to it, and whoever looks on.
pub(crate) struct Rig {
    pub(crate) aws: Aws,
    pub(crate) wanted: Wanted,
    pub(crate) desk: Desk,
    pub(crate) clock: Clock,
    pub(crate) display: Arc<Display>,
    pub(crate) visitor: Visitor,
    /// How tokens for rooms are made, where strangers open none.
    pub(crate) jwt: Option<Jwt>,
    pub(crate) interrupts: Interrupts,
}

impl Rig {
    /// The platform with as many tasks as there are asked for, at least one.
    pub(crate) fn wanted_with(&self, desired: u32) -> Wanted {
        Wanted {
            count: desired.max(1),
            ..self.wanted.clone()
        }
    }

    /// # Errors
    /// The credentials are for another account than the configured one.
    pub(crate) fn right_account(&self, survey: &Survey) -> Result<(), Problem> {
        match (survey.seen.account(), self.wanted.account_id.as_deref()) {
            (Some(account), Some(ours)) if account != ours => {
                let what = format!("the credentials are for account {account}, the configuration names {ours}");
                Err(Problem::new(ProblemKind::Refused, what).hint("choose other credentials with --aws-profile"))
            }
            _ => Ok(()),
        }
    }

    /// Looks at the platform by AWS alone.
    pub(crate) async fn survey(&self) -> Survey {
        survey(&self.aws, &self.wanted, &self.desk.state_folder, &self.clock).await
    }

    /// Looks at the platform from inside and outside.
    pub(crate) async fn inspect(&self) -> Inspection {
        let (aws, wanted, folder) = (&self.aws, &self.wanted, &self.desk.state_folder);
        inspect(aws, wanted, folder, &self.clock, Some(&self.visitor)).await
    }

    /// As of AWS's own time, which certificates are judged by: a laptop's may be wrong.
    pub(crate) fn time_at_aws(&self) -> jiff::Timestamp {
        let now = self.clock.awake_or_asleep();
        self.aws.time_at_aws(now).unwrap_or(now)
    }

    pub(crate) fn show(&self, event: Event) {
        self.display.show(event);
    }
}

/// A survey without a visit, for checks that need none.
pub(crate) fn without_a_visit(survey: Survey) -> Inspection {
    Inspection {
        survey,
        visit: Visiting::Not("no visit was asked for"),
    }
}
