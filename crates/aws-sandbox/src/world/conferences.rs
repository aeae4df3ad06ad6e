//! Conferences that were asked for and that nobody has joined. jicofo counts one for a while, so whoever looks from outside
//! takes it for a meeting; nobody is in it, and nobody can be cut off.

use super::{Event, Unknown, World};
use crate::clock::Ms;
use crate::ecs;

/// Controls.
impl World {
    /// Somebody asks the RUNNING tasks of the service for a conference now, and does not come: each of them looks as if a
    /// meeting were on until jicofo gives up ([`TimeProfile::conference_initial`](super::TimeProfile::conference_initial)).
    /// It is none, and [`World::meetings`] does not have it. How many tasks there were is the answer.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn request_conference(&mut self, service: &str) -> Result<usize, Unknown> {
        let (place, cluster, name) = self.address_of(service)?;
        let until = self.now_ms().saturating_add(self.profile.conference_initial);
        let tasks = ecs::running_tasks(self, &place, &cluster, &name);
        for task in &tasks {
            let counted = self.conferences.entry(task.clone()).or_insert(until);
            *counted = until.max(*counted);
            let (service, task) = (service.to_owned(), task.clone());
            ecs::people_moved(self, &place, &cluster, &task);
            self.queue.push(until, Event::ConferencesExpire { service, task });
        }
        Ok(tasks.len())
    }

    /// jicofo gives up the conferences of a task whose time is over.
    pub(super) fn conferences_expire(&mut self, service: &str, task: &str) {
        let now = self.now_ms();
        self.conferences.retain(|id, until| id != task || *until > now);
        if let Ok((place, cluster, _)) = self.address_of(service) {
            ecs::people_moved(self, &place, &cluster, task);
        }
    }

    /// A task ends.
    pub(super) fn forget_conferences(&mut self, task: &str) {
        self.conferences.remove(task);
    }
}

/// What the services tell.
impl World {
    /// Whether jicofo counts a conference of a task that was asked for.
    pub(crate) fn conference_counts(&self, task: &str) -> bool {
        let until: Option<&Ms> = self.conferences.get(task);
        until.is_some_and(|until| *until > self.now_ms())
    }
}
