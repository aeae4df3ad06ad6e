//! As much of jicofo as whoever asks for a conference meets, without coming to it.

use aws_sandbox::Sandbox;

/// The one of a service's tasks.
#[derive(Clone, Debug)]
pub(crate) struct Jicofo {
    sandbox: Sandbox,
    /// The ARN.
    service: String,
}

impl Jicofo {
    pub(crate) fn of(sandbox: Sandbox, service: String) -> Self {
        Self { sandbox, service }
    }

    /// Counts a conference that somebody asks for. `false`: the task is gone, or that is not known, so there is nobody any
    /// more who could answer.
    pub(crate) fn counts(&self) -> bool {
        let asked = self.sandbox.try_world(|world| world.request_conference(&self.service));
        matches!(asked, Ok(Ok(tasks)) if tasks > 0)
    }
}
