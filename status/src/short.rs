//! The four lines of the original's `project-status.pl`, for whoever has a script that reads them.

use jitsi_ops::state::State;
use jitsi_ops::wanted::Wanted;

use crate::document::{Document, Seen};

pub(crate) fn text(document: &Document<'_>, wanted: &Wanted) -> String {
    let service = match &document.service {
        Seen::Here(service) => format!("{}/{} running", service.running, service.desired),
        Seen::Absent => "none".to_owned(),
        Seen::Unknown { .. } => "unknown".to_owned(),
    };
    let balancer = match &document.load_balancer {
        Seen::Here(balancer) => balancer.dns_name,
        Seen::Absent => "none",
        Seen::Unknown { .. } => "unknown",
    };
    format!(
        "Project:       {}\nService:       {service}\nLoad balancer: {balancer}\nState:         {}\n",
        wanted.project,
        words(document)
    )
}

/// The original's words; with what it could not see.
fn words(document: &Document<'_>) -> String {
    let counts = document.service.here().map(|s| (s.desired, s.running));
    let word = match (document.state, counts) {
        (State::Unknown, _) | (_, None) => return format!("Unknown: {}", document.because.join("; ")),
        (State::Orphaned, _) => return format!("Scaled to zero, but: {}", document.because.join("; ")),
        (_, Some((0, 0))) if document.state == State::Standby => "Scaled to zero",
        (_, Some((0, _))) => "Scaling down",
        (_, Some((_, 0))) => "Starting up",
        (_, Some((desired, running))) if running < desired => "Scaling up",
        _ => "Running",
    };
    match document.state {
        State::Degraded => format!("{word}, but: {}", document.because.join("; ")),
        _ => word.to_owned(),
    }
}
