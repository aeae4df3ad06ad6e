//! Meetings as ground truth: who sat in which task from when to when, and what took a task from under them. A tool is
//! judged by this, not by what it believes.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Event, Place, Unknown, World};
use crate::clock::{Ms, timestamp};
use crate::ecs;

/// One meeting in one task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Meeting {
    /// The ARN of the task's service.
    pub service: String,
    /// The task's id: 32 hex digits.
    pub task: String,
    /// When people joined.
    pub began: Timestamp,
    /// When people left, or their task was told to stop or died; `None`: they are still there.
    pub ended: Option<Timestamp>,
    /// The first thing that took something away which the meeting needed while it was live. A task that dies of itself
    /// is nobody's doing.
    pub cut_off: Option<CutOff>,
}

/// How a live meeting was cut off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CutOff {
    /// When.
    pub at: Timestamp,
    /// What did it.
    pub by: CutOffBy,
    /// The number in the call log of the call that caused it, where it was one: for a task that the scheduler stops, the
    /// call that lowered the desired count or began the deployment.
    pub call: Option<u64>,
}

/// What cuts a live meeting off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum CutOffBy {
    /// Its task was stopped because fewer are desired, or the service was deleted.
    DesiredCount,
    /// Its task was stopped because a newer deployment replaces it.
    Deployment,
    /// Its protection expired while fewer tasks were desired.
    ProtectionExpired,
    /// Its protection was lifted by UpdateTaskProtection while fewer tasks were desired.
    ProtectionLifted,
    /// StopTask.
    StopTask,
    /// Its task was deregistered from a target group.
    TargetDeregistered,
    /// A listener was deleted, or forwards elsewhere now, whose target group had its task.
    ListenerDeleted,
    /// A load balancer was deleted, of a target group that had its task.
    LoadBalancerDeleted,
    /// A target group was deleted that had its task.
    TargetGroupDeleted,
}

/// Controls.
impl World {
    /// All meetings that there were, oldest first.
    pub fn meetings(&self) -> Vec<Meeting> {
        self.meetings.clone()
    }

    /// People join every RUNNING task of the service now, one meeting in each. How many tasks there were is the answer.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn begin_meeting(&mut self, service: &str) -> Result<usize, Unknown> {
        self.people_join(service).map(|meetings| meetings.len())
    }

    /// The people of every meeting in the service leave. How many meetings were on is the answer.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn end_meeting(&mut self, service: &str) -> Result<usize, Unknown> {
        self.address_of(service)?;
        let live = |(_, it): &(usize, &Meeting)| it.service == service && it.ended.is_none();
        let live: Vec<usize> = self
            .meetings
            .iter()
            .enumerate()
            .filter(live)
            .map(|(index, _)| index)
            .collect();
        self.people_leave(&live);
        Ok(live.len())
    }

    /// After `from` (simulated time from now) people join every task of the service that is RUNNING then, and leave
    /// after `lasting`. Where none is, nothing happens.
    ///
    /// # Errors
    /// When there is no such service.
    pub fn schedule_meeting(&mut self, service: &str, from: Duration, lasting: Duration) -> Result<(), Unknown> {
        self.address_of(service)?;
        let (service, lasting) = (service.to_owned(), milliseconds(lasting));
        let at = self.now_ms().saturating_add(milliseconds(from));
        self.queue.push(at, Event::MeetingBegins { service, lasting });
        Ok(())
    }

    fn people_join(&mut self, service: &str) -> Result<Vec<usize>, Unknown> {
        let (place, cluster, name) = self.address_of(service)?;
        let began = timestamp(self.now_ms());
        let first = self.meetings.len();
        for task in ecs::running_tasks(self, &place, &cluster, &name) {
            self.meetings.push(Meeting {
                service: service.to_owned(),
                task: task.clone(),
                began,
                ended: None,
                cut_off: None,
            });
            ecs::people_moved(self, &place, &cluster, &task);
        }
        Ok((first..self.meetings.len()).collect())
    }

    /// A scheduled meeting begins, if it can.
    pub(super) fn scheduled_meeting(&mut self, service: &str, lasting: Ms) {
        let meetings = self.people_join(service).unwrap_or_default();
        if !meetings.is_empty() {
            let at = self.now_ms().saturating_add(lasting);
            self.queue.push(at, Event::MeetingsEnd { meetings });
        }
    }

    /// The people of these meetings leave, where they are still there.
    pub(super) fn people_leave(&mut self, meetings: &[usize]) {
        let now = timestamp(self.now_ms());
        for index in meetings {
            let Some(meeting) = self.meetings.get_mut(*index).filter(|it| it.ended.is_none()) else {
                continue;
            };
            meeting.ended = Some(now);
            let (service, task) = (meeting.service.clone(), meeting.task.clone());
            if let Ok((place, cluster, _)) = self.address_of(&service) {
                ecs::people_moved(self, &place, &cluster, &task);
            }
        }
    }
}

/// What the services tell.
impl World {
    /// Whether somebody is in a room of a task.
    pub(crate) fn meeting_is_on(&self, task: &str) -> bool {
        self.meetings.iter().any(|it| it.task == task && it.ended.is_none())
    }

    /// Something is taken away from these tasks. Only the first of such things counts.
    pub(crate) fn cut_off(&mut self, tasks: &[String], by: CutOffBy, call: Option<u64>) {
        let at = timestamp(self.now_ms());
        let live = self
            .meetings
            .iter_mut()
            .filter(|it| it.ended.is_none() && tasks.contains(&it.task));
        for meeting in live {
            meeting.cut_off.get_or_insert(CutOff { at, by, call });
        }
    }

    /// The same, for the tasks with these addresses.
    pub(crate) fn cut_off_at(&mut self, place: &Place, addresses: &[String], by: CutOffBy, call: Option<u64>) {
        if self.meetings.iter().any(|it| it.ended.is_none()) {
            let tasks = ecs::tasks_at(self.region(place), addresses);
            self.cut_off(&tasks, by, call);
        }
    }

    /// A task ends, and whoever was in it is out.
    pub(crate) fn task_is_left(&mut self, task: &str) {
        let now = timestamp(self.now_ms());
        for meeting in self.meetings.iter_mut().filter(|it| it.task == task) {
            meeting.ended.get_or_insert(now);
        }
        self.forget_conferences(task);
    }
}

fn milliseconds(span: Duration) -> Ms {
    Ms::try_from(span.as_millis()).unwrap_or(Ms::MAX)
}
