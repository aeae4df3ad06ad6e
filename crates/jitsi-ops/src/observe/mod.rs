//! Looks at AWS: reads what the goal still needs to know, and what has become old, into the observation.
//!
//! A look goes in rounds. Each round makes all calls whose inputs are known, at the same time; the next round makes
//! those that needed an answer of the one before.

mod addresses;
pub(crate) mod ecs;
pub(crate) mod elbv2;
mod fleet;
pub(crate) mod guard;
pub(crate) mod preflight;
pub(crate) mod route53;
mod schedule;
mod statistics;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::access::Aws;
use crate::clock::Clock;
use crate::guard::GuardReading;
use crate::memory::{self, Memory};
use crate::observation::{
    Addresses, Attributes, Bucket, Fleet, Identity, Listener, LoadBalancer, Observation, Service, Tags, Target,
    TargetGroup, Task, TaskDefinition,
};
use crate::plan::orphans;
use crate::reading::Reading;
use crate::record::{Change, Record};
use crate::wanted::Wanted;

pub(crate) use route53::LIST_RECORDS;
pub use schedule::{Facet, Schedule, Thoroughness};

/// The answer to one read, with the place where it belongs.
#[derive(Debug)]
enum Seen {
    Identity(Reading<Identity>),
    Cluster(Reading<String>),
    Service(Box<Reading<Service>>),
    TaskDefinition(Reading<TaskDefinition>),
    Parameters(Reading<Vec<String>>),
    Bucket(Reading<Bucket>),
    Tasks(Reading<Vec<Task>>),
    LoadBalancer(Box<Reading<LoadBalancer>>),
    TargetGroups(Vec<(String, Reading<TargetGroup>)>),
    Listeners(Reading<Vec<Listener>>),
    Tags(Vec<(String, Reading<Tags>)>),
    Attributes(Vec<(String, Reading<Attributes>)>),
    Targets(Vec<(String, Reading<Vec<Target>>)>),
    Guard(Option<GuardReading>),
    Fleet(Reading<Fleet>),
    Addresses(Reading<Addresses>),
    Records(Reading<Vec<Record>>),
    Change(Reading<Change>),
}

/// Whether a resource was found so late in a look that its tags were not read any more.
pub(crate) fn lacks_tags(seen: &Observation) -> bool {
    !schedule::untagged(seen).is_empty()
}

/// Reads all that is due into `seen`, and lets `memory` take note.
pub async fn look(
    aws: &Aws,
    wanted: &Wanted,
    clock: &Clock,
    schedule: &mut Schedule,
    seen: &mut Observation,
    memory: &mut Memory,
) {
    let mut done: Vec<Facet> = Vec::new();
    let mut stopping_listed = false;
    loop {
        let mut due: Vec<Facet> = schedule
            .due(seen, memory, wanted, clock.now())
            .into_iter()
            .filter(|f| !done.contains(f))
            .collect();
        if due.is_empty() {
            break;
        }
        // The guard asks about the tasks that there are now, and holds are read again with each of its readings.
        if due.contains(&Facet::Guard) {
            let first: Vec<Facet> = [Facet::Service, Facet::Tasks]
                .into_iter()
                .filter(|facet| !done.contains(facet))
                .collect();
            if !first.is_empty() {
                due.retain(|facet| *facet != Facet::Guard && !first.contains(facet));
                due.extend(first);
            }
        }
        let begun = clock.awake_or_asleep();
        if due.contains(&Facet::Tasks) {
            stopping_listed = schedule.lists_stopping_tasks(seen, wanted);
        }
        let answers = join_all(
            due.iter()
                .map(|facet| read(*facet, aws, wanted, clock, seen, stopping_listed)),
        )
        .await;
        let at = clock.now();
        if due.contains(&Facet::Tasks) {
            seen.tasks_at = begun;
        }
        for (facet, answer) in due.into_iter().zip(answers) {
            take(answer, at, wanted, seen, memory);
            schedule.was_read(facet, at);
            done.push(facet);
        }
        // Only now it shows that tasks which are stopping matter.
        if done.contains(&Facet::Tasks) && !stopping_listed && schedule.lists_stopping_tasks(seen, wanted) {
            done.retain(|facet| *facet != Facet::Tasks);
            schedule.force(Facet::Tasks);
        }
        seen.at = at;
        seen.aws_at = aws.time_at_aws(clock.awake_or_asleep());
        memory.take_note(seen, wanted);
    }
    if done.contains(&Facet::Tasks) && done.contains(&Facet::Targets) {
        memory.note_strays(seen, wanted);
    }
}

/// `stopping`: whether tasks that are stopping are listed too.
async fn read(facet: Facet, aws: &Aws, wanted: &Wanted, clock: &Clock, seen: &Observation, stopping: bool) -> Seen {
    match facet {
        Facet::Identity => Seen::Identity(preflight::identity(aws).await),
        Facet::Cluster => Seen::Cluster(ecs::cluster(aws, wanted).await),
        Facet::Service => Seen::Service(Box::new(ecs::service(aws, wanted).await)),
        Facet::TaskDefinition => Seen::TaskDefinition(preflight::task_definition(aws, seen).await),
        Facet::Parameters => Seen::Parameters(preflight::missing_parameters(aws, seen).await),
        Facet::Bucket => Seen::Bucket(preflight::bucket(aws, wanted).await),
        Facet::Tasks => Seen::Tasks(ecs::tasks(aws, wanted, seen, stopping).await),
        Facet::LoadBalancer => Seen::LoadBalancer(Box::new(elbv2::load_balancer(aws, wanted).await)),
        Facet::TargetGroups => Seen::TargetGroups(elbv2::target_groups(aws, wanted, seen).await),
        Facet::Listeners => Seen::Listeners(elbv2::listeners(aws, seen).await),
        Facet::Tags => Seen::Tags(elbv2::tags(aws, schedule::untagged(seen)).await),
        Facet::Attributes => Seen::Attributes(elbv2::attributes(aws, seen).await),
        Facet::Targets => Seen::Targets(elbv2::targets(aws, wanted, seen).await),
        Facet::Guard => Seen::Guard(guard::guard(aws, wanted, clock, seen).await),
        Facet::Fleet => Seen::Fleet(fleet::fleet(aws).await),
        Facet::Addresses => Seen::Addresses(addresses::of_the_load_balancer(aws, seen).await),
        Facet::Records => Seen::Records(route53::records(aws, wanted).await),
        Facet::Change => Seen::Change(route53::change(aws, seen).await),
    }
}

/// Puts an answer where it belongs. What was there and is missing now counts as gone only when missed twice.
fn take(answer: Seen, at: Timestamp, wanted: &Wanted, seen: &mut Observation, memory: &mut Memory) {
    if answered(&answer) {
        memory.answered_at = Some(at);
    }
    match answer {
        Seen::Identity(reading) => seen.identity = reading,
        Seen::Cluster(reading) => seen.cluster = reading,
        Seen::Service(reading) => seen.service = memory.settle("service", &seen.service, *reading, at),
        Seen::TaskDefinition(reading) => seen.task_definition = reading,
        Seen::Parameters(reading) => seen.missing_parameters = reading,
        Seen::Bucket(reading) => seen.bucket = reading,
        Seen::Tasks(reading) => seen.tasks = reading,
        Seen::LoadBalancer(reading) => {
            let key = memory::balancer_key(&wanted.load_balancer);
            seen.load_balancer = memory.settle(&key, &seen.load_balancer, *reading, at);
            if seen.load_balancer.is_absent() {
                seen.listeners = Reading::NotRead;
            }
        }
        Seen::TargetGroups(readings) => {
            for (name, reading) in readings {
                let before = seen.target_groups.remove(&name).unwrap_or_default();
                let settled = memory.settle(&memory::group_key(&name), &before, reading, at);
                if settled.is_absent() {
                    seen.targets.remove(&name);
                }
                seen.target_groups.insert(name, settled);
            }
        }
        Seen::Listeners(reading) => seen.listeners = reading,
        Seen::Tags(readings) => seen.tags.extend(readings),
        Seen::Attributes(readings) => seen.attributes.extend(readings),
        Seen::Targets(readings) => seen.targets.extend(readings),
        Seen::Addresses(reading) => seen.addresses = reading,
        Seen::Records(reading) => {
            memory.note_records(&reading, at);
            seen.records = reading;
        }
        Seen::Change(reading) => seen.change = reading,
        Seen::Guard(reading) => {
            seen.guard = reading;
            memory.note_guard(seen, wanted);
        }
        Seen::Fleet(reading) => {
            if let (Reading::Here(fleet), Some(service)) = (&reading, seen.service.here()) {
                let (balancers, groups) = orphans::of_ours(fleet, wanted, service);
                memory.note_orphans(balancers.is_empty() && groups.is_empty(), at);
            }
            seen.fleet = reading;
        }
    }
}

/// Whether AWS said anything at all, be it no.
fn answered(answer: &Seen) -> bool {
    fn of<T>(reading: &Reading<T>) -> bool {
        reading.is_known() || reading.failure().is_some_and(|f| !f.is_silence())
    }
    match answer {
        Seen::Identity(reading) => of(reading),
        Seen::Service(reading) => of(reading),
        Seen::LoadBalancer(reading) => of(reading),
        Seen::Tasks(reading) => of(reading),
        _ => false,
    }
}
