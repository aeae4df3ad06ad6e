//! One line per resource: how it is now. The display follows these.

use crate::memory::Memory;
use crate::observation::Observation;
use crate::reading::Reading;
use crate::wanted::Wanted;

/// A resource and its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `load balancer`, `service`, `task ID`, `target PROTOCOL IP:PORT`.
    pub name: String,
    /// Its state in AWS's words.
    pub state: String,
    /// Whether that is where it should end up on the way up.
    pub settled: bool,
}

/// The lines for what is known by now.
pub fn lines(wanted: &Wanted, seen: &Observation, memory: &Memory) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = |name: String, state: String, settled: bool| lines.push(Line { name, state, settled });
    if let Reading::Here(service) = &seen.service {
        let state = format!(
            "desired {}, running {}, pending {}",
            service.desired, service.running, service.pending
        );
        let settled = service.desired > 0 && service.running >= service.desired && service.pending == 0;
        line("service".to_owned(), state, settled);
    }
    if let Reading::Here(balancer) = &seen.load_balancer {
        let settled = balancer.state == "active";
        line("load balancer".to_owned(), balancer.state.clone(), settled);
    }
    for task in seen.tasks().iter().filter(|t| !memory.is_old(t) || !t.is_stopped()) {
        let health = if task.is_running() && task.health != "UNKNOWN" {
            format!(", {}", task.health)
        } else {
            String::new()
        };
        let settled = task.is_running() && task.health != "UNHEALTHY";
        line(
            format!("task {}", task.short_id()),
            format!("{}{health}", task.last_status),
            settled,
        );
    }
    for listener in &wanted.listeners {
        for target in seen.targets_in(&listener.group.name).unwrap_or_default() {
            let reason = target.reason.as_deref().map_or_else(String::new, |r| format!(" ({r})"));
            let name = format!("target {} {}:{}", listener.group.protocol, target.id, target.port);
            line(name, format!("{}{reason}", target.state), target.is_healthy());
        }
    }
    lines
}
