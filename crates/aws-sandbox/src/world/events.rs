//! What happens by itself, and when. Events at the same millisecond happen in the order in which they were planned.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Place, World};
use crate::clock::Ms;
use crate::wire::Request;
use crate::{ecs, elbv2};

/// One thing that will happen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Event {
    /// The service scheduler compares what is desired with what runs.
    Reconcile {
        place: Place,
        cluster: String,
        service: String,
    },
    /// A task goes on to its next state.
    TaskStep {
        place: Place,
        cluster: String,
        task: String,
        step: ecs::TaskStep,
    },
    /// A load balancer has been set up.
    LoadBalancerReady { place: Place, arn: String },
    /// The registration of a target has gone through.
    TargetRegistered {
        place: Place,
        target_group: String,
        target: elbv2::TargetKey,
        generation: u64,
    },
    /// A health check of a target.
    HealthCheck {
        place: Place,
        target_group: String,
        target: elbv2::TargetKey,
        generation: u64,
    },
    /// A target has been drained.
    Drained {
        place: Place,
        target_group: String,
        target: elbv2::TargetKey,
        generation: u64,
    },
    /// People join every running task of a service, and leave after so long.
    MeetingBegins { service: String, lasting: Ms },
    /// The people of these meetings leave.
    MeetingsEnd { meetings: Vec<usize> },
    /// Conferences that were asked for in a task are given up, as nobody has come.
    ConferencesExpire { service: String, task: String },
    /// A call that was answered before it took effect: what its ids are drawn from, and its number in the call log.
    LateCall { request: Request, number: u64, call: u64 },
}

impl Event {
    /// Carries the event out, at the world's present time.
    pub(super) fn happen(self, world: &mut World) {
        match self {
            Self::Reconcile {
                place,
                cluster,
                service,
            } => ecs::reconcile(world, &place, &cluster, &service),
            Self::TaskStep {
                place,
                cluster,
                task,
                step,
            } => ecs::task_step(world, &place, &cluster, &task, step),
            Self::LoadBalancerReady { place, arn } => elbv2::load_balancer_ready(world, &place, &arn),
            Self::TargetRegistered {
                place,
                target_group,
                target,
                generation,
            } => {
                elbv2::target_registered(world, &place, &target_group, &target, generation);
            }
            Self::HealthCheck {
                place,
                target_group,
                target,
                generation,
            } => {
                elbv2::health_check(world, &place, &target_group, &target, generation);
            }
            Self::Drained {
                place,
                target_group,
                target,
                generation,
            } => {
                elbv2::drained(world, &place, &target_group, &target, generation);
            }
            Self::MeetingBegins { service, lasting } => world.scheduled_meeting(&service, lasting),
            Self::MeetingsEnd { meetings } => world.people_leave(&meetings),
            Self::ConferencesExpire { service, task } => world.conferences_expire(&service, &task),
            Self::LateCall { request, number, call } => {
                world.carry_out(&request, number, Some(call));
            }
        }
    }
}

/// The events to come.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Planned", into = "Planned")]
pub(crate) struct Queue {
    planned: u64,
    events: BTreeMap<(Ms, u64), Event>,
}

/// A queue as it is saved: JSON has no maps with such keys.
#[derive(Serialize, Deserialize)]
struct Planned {
    planned: u64,
    events: Vec<(Ms, u64, Event)>,
}

impl Queue {
    /// Plans an event.
    pub(crate) fn push(&mut self, at: Ms, event: Event) {
        self.planned += 1;
        self.events.insert((at, self.planned), event);
    }

    pub(super) fn next(&self) -> Option<Ms> {
        self.events.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn pop_due(&mut self, now: Ms) -> Option<(Ms, u64, Event)> {
        let entry = self.events.first_entry()?;
        if entry.key().0 > now {
            return None;
        }
        let ((at, number), event) = entry.remove_entry();
        Some((at, number, event))
    }
}

impl From<Planned> for Queue {
    fn from(saved: Planned) -> Self {
        let events = saved
            .events
            .into_iter()
            .map(|(at, number, event)| ((at, number), event))
            .collect();
        Self {
            planned: saved.planned,
            events,
        }
    }
}

impl From<Queue> for Planned {
    fn from(queue: Queue) -> Self {
        let events = queue
            .events
            .into_iter()
            .map(|((at, number), event)| (at, number, event))
            .collect();
        Self {
            planned: queue.planned,
            events,
        }
    }
}
