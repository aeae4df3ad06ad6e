//! When each part of the observation is read again: often while it is about to change, rarely when it is settled.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use jitsi_config::{Advertise, OnDown};

use crate::clock::between;
use crate::guard::asked_about;
use crate::memory::Memory;
use crate::observation::{Observation, Task};
use crate::reading::Reading;
use crate::wanted::Wanted;

/// A part of the observation that is read by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// GetCallerIdentity.
    Identity,
    /// DescribeClusters.
    Cluster,
    /// DescribeServices.
    Service,
    /// DescribeTaskDefinition.
    TaskDefinition,
    /// GetParameters.
    Parameters,
    /// HeadBucket, and ListBuckets where no bucket is named.
    Bucket,
    /// ListTasks and DescribeTasks.
    Tasks,
    /// DescribeLoadBalancers.
    LoadBalancer,
    /// DescribeTargetGroups.
    TargetGroups,
    /// DescribeListeners.
    Listeners,
    /// DescribeTags.
    Tags,
    /// DescribeLoadBalancerAttributes and DescribeTargetGroupAttributes.
    Attributes,
    /// DescribeTargetHealth.
    Targets,
    /// Whether a meeting is on; always read after service and tasks.
    Guard,
    /// Every load balancer and target group, with tags.
    Fleet,
    /// To which addresses the load balancer's name leads.
    Addresses,
    /// ListResourceRecordSets.
    Records,
    /// GetChange.
    Change,
}

impl Facet {
    const ALL: [Self; 18] = [
        Self::Identity,
        Self::Cluster,
        Self::Service,
        Self::TaskDefinition,
        Self::Parameters,
        Self::Bucket,
        Self::Tasks,
        Self::LoadBalancer,
        Self::TargetGroups,
        Self::Listeners,
        Self::Tags,
        Self::Attributes,
        Self::Targets,
        Self::Guard,
        Self::Fleet,
        Self::Addresses,
        Self::Records,
        Self::Change,
    ];

    /// Those that decide whether a goal is reached, and that change by themselves.
    const DECIDING: [Self; 8] = [
        Self::Service,
        Self::Tasks,
        Self::LoadBalancer,
        Self::TargetGroups,
        Self::Listeners,
        Self::Targets,
        Self::Fleet,
        Self::Records,
    ];
}

/// How much a goal needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoroughness {
    /// All of it, preflight included.
    WayUp,
    /// What going down needs: no secrets; but the guard, and what exists under other names.
    WayDown,
    /// What registering targets needs: tasks, target groups, targets, and whose they are.
    Targets,
}

/// What was read when, and what must be read again.
#[derive(Clone, Debug)]
pub struct Schedule {
    thoroughness: Thoroughness,
    read_at: BTreeMap<Facet, Timestamp>,
    forced: BTreeSet<Facet>,
}

/// A failed look is tried again after this.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Something that should be there already.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Something that changes within seconds.
const SOON: Duration = Duration::from_secs(3);
/// Something that changes within a minute.
const NEAR: Duration = Duration::from_secs(5);
/// A guard that has seen somebody, or could not tell.
const AGAIN: Duration = Duration::from_secs(15);
/// Something that takes minutes.
const FAR: Duration = Duration::from_secs(10);
/// Something that should not change any more.
const SETTLED: Duration = Duration::from_secs(30);
/// Something that only a person could change.
const CALM: Duration = Duration::from_secs(60);
/// Registration at AWS has never been seen to take less, counted from an active load balancer.
const SHORTEST_REGISTRATION: Duration = Duration::from_secs(60);

impl Schedule {
    /// A schedule by which nothing has been read yet.
    pub fn new(thoroughness: Thoroughness) -> Self {
        Self {
            thoroughness,
            read_at: BTreeMap::new(),
            forced: BTreeSet::new(),
        }
    }

    /// Remembers that `facet` was read at `at`.
    pub fn was_read(&mut self, facet: Facet, at: Timestamp) {
        self.read_at.insert(facet, at);
        self.forced.remove(&facet);
    }

    /// Has `facet` read again at the next look.
    pub fn force(&mut self, facet: Facet) {
        self.forced.insert(facet);
    }

    /// Has everything that decides read again at the next look.
    pub fn force_deciding(&mut self) {
        self.forced.extend(Facet::DECIDING);
    }

    /// What is to be read at `now` and can be read with what is known.
    pub fn due(&self, seen: &Observation, memory: &Memory, wanted: &Wanted, now: Timestamp) -> Vec<Facet> {
        let due = |facet: &Facet| self.next(*facet, seen, memory, wanted).is_some_and(|at| at <= now);
        Facet::ALL.into_iter().filter(due).collect()
    }

    /// When the next look is due.
    pub fn next_look(&self, seen: &Observation, memory: &Memory, wanted: &Wanted) -> Option<Timestamp> {
        Facet::ALL
            .into_iter()
            .filter_map(|facet| self.next(facet, seen, memory, wanted))
            .min()
    }

    /// Whether tasks that are stopping are to be listed too. Who only registers targets asks for them when some target is
    /// none of the other tasks.
    pub(super) fn lists_stopping_tasks(&self, seen: &Observation, wanted: &Wanted) -> bool {
        self.thoroughness != Thoroughness::Targets || has_unaccounted_targets(seen, wanted)
    }

    /// When `facet` is to be read next; `None` while that is not needed or not possible.
    fn next(&self, facet: Facet, seen: &Observation, memory: &Memory, wanted: &Wanted) -> Option<Timestamp> {
        if !(self.is_needed(facet, seen, wanted) && can_be_read(facet, seen)) {
            return None;
        }
        let Some(read_at) = self.read_at.get(&facet).filter(|_| !self.forced.contains(&facet)) else {
            return Some(Timestamp::MIN);
        };
        let count = match self.thoroughness {
            Thoroughness::WayUp | Thoroughness::WayDown => wanted.count,
            Thoroughness::Targets => seen.service.here().map_or(0, |service| service.desired),
        };
        interval(facet, seen, memory, count).map(|pause| *read_at + pause)
    }

    fn is_needed(&self, facet: Facet, seen: &Observation, wanted: &Wanted) -> bool {
        match (self.thoroughness, facet) {
            (Thoroughness::Targets, Facet::Identity | Facet::Service) => true,
            // A platform that is at zero has no targets, and most of the time it is at zero.
            (Thoroughness::Targets, Facet::Tasks) => seen.service.here().is_some(),
            (Thoroughness::Targets, Facet::LoadBalancer | Facet::TargetGroups | Facet::Tags | Facet::Targets) => {
                !(wanted.watch && is_at_zero(seen))
            }
            // The lock is kept in it, and it says itself whether the bucket can be reached.
            (Thoroughness::Targets, Facet::Bucket) => wanted.bucket.is_none(),
            (Thoroughness::Targets, _) => false,
            (thoroughness, Facet::Records) => wanted
                .dns
                .as_ref()
                .is_some_and(|dns| thoroughness == Thoroughness::WayUp || dns.on_down == OnDown::Remove),
            // Elastic addresses are told by AWS itself.
            (Thoroughness::WayUp, Facet::Addresses) => {
                wanted.advertise == Advertise::Nlb && wanted.eip_allocations.is_empty()
            }
            (Thoroughness::WayUp, facet) => !matches!(facet, Facet::Guard | Facet::Fleet),
            (Thoroughness::WayDown, facet) => !matches!(
                facet,
                Facet::Cluster
                    | Facet::TaskDefinition
                    | Facet::Parameters
                    | Facet::Attributes
                    | Facet::Listeners
                    | Facet::Addresses
                    | Facet::Change
            ),
        }
    }
}

fn can_be_read(facet: Facet, seen: &Observation) -> bool {
    match facet {
        Facet::TaskDefinition => seen.service.here().is_some(),
        Facet::Parameters => seen.task_definition.here().is_some_and(|d| !d.parameters.is_empty()),
        Facet::Listeners => seen.load_balancer.here().is_some(),
        Facet::Tags => !untagged(seen).is_empty(),
        Facet::Attributes => !unattributed(seen).is_empty(),
        Facet::Targets => seen.target_groups.values().any(|g| g.here().is_some()),
        // Where nothing has run there is nobody to ask about.
        Facet::Guard => asked_about(seen.tasks()).next().is_some(),
        Facet::Fleet => seen.service.here().is_some(),
        // A resolver that is asked too early remembers that there is no such name.
        Facet::Addresses => seen.load_balancer.here().is_some_and(|b| b.state.starts_with("active")),
        Facet::Change => seen.change_id.is_some(),
        _ => true,
    }
}

/// ARNs whose tags are not known.
pub(super) fn untagged(seen: &Observation) -> Vec<String> {
    let listeners = seen.listeners.here().into_iter().flatten().map(|l| l.arn.as_str());
    let arns = balancer_and_groups(seen).chain(listeners);
    arns.filter(|arn| seen.tags_of(arn).is_none())
        .map(str::to_owned)
        .collect()
}

/// ARNs whose attributes are not known.
pub(super) fn unattributed(seen: &Observation) -> Vec<String> {
    balancer_and_groups(seen)
        .filter(|arn| seen.attributes_of(arn).is_none())
        .map(str::to_owned)
        .collect()
}

fn balancer_and_groups(seen: &Observation) -> impl Iterator<Item = &str> {
    let balancer = seen.load_balancer.here().map(|b| b.arn.as_str());
    let groups = seen
        .target_groups
        .values()
        .filter_map(|g| g.here())
        .map(|g| g.arn.as_str());
    balancer.into_iter().chain(groups)
}

/// Whether the service is asked for nothing.
fn is_at_zero(seen: &Observation) -> bool {
    seen.service.here().is_some_and(|service| service.desired == 0)
}

/// Whether some registered target is none of the tasks that were seen.
fn has_unaccounted_targets(seen: &Observation, wanted: &Wanted) -> bool {
    let ours: BTreeSet<&str> = seen.tasks().iter().filter_map(|t| t.private_ip.as_deref()).collect();
    let mut targets = wanted
        .group_names()
        .flat_map(|name| seen.targets_in(name).unwrap_or_default());
    targets.any(|target| target.is_registered() && !ours.contains(target.id.as_str()))
}

fn interval(facet: Facet, seen: &Observation, memory: &Memory, count: u32) -> Option<Duration> {
    let once = |known: bool| if known { None } else { Some(AFTER_FAILURE) };
    match facet {
        Facet::Identity => once(seen.identity.is_known()),
        Facet::Cluster => once(seen.cluster.is_known()),
        Facet::TaskDefinition => match &seen.task_definition {
            // The service has taken up another one.
            Reading::Here(known) if seen.service.here().is_some_and(|s| s.task_definition != known.arn) => {
                Some(AT_ONCE)
            }
            reading => once(reading.is_known() || denied(reading)),
        },
        Facet::Parameters => once(seen.missing_parameters.is_known() || denied(&seen.missing_parameters)),
        Facet::Bucket => once(seen.bucket.is_known() || denied(&seen.bucket)),
        Facet::Listeners => once(seen.listeners.is_known()),
        // A missing one was created a moment ago, or AWS does not show it yet.
        Facet::Tags => Some(if seen.tags.values().any(failed) {
            AFTER_FAILURE
        } else {
            AT_ONCE
        }),
        Facet::Attributes => Some(if seen.attributes.values().any(failed) {
            AFTER_FAILURE
        } else {
            AT_ONCE
        }),
        Facet::Tasks | Facet::Targets if memory.has_strays() => Some(NEAR),
        Facet::Service | Facet::Tasks => Some(tasks_pause(facet, seen, count)),
        Facet::LoadBalancer => Some(match &seen.load_balancer {
            Reading::Here(balancer) if balancer.state == "active" => CALM,
            Reading::Here(_) => FAR,
            _ => NEAR,
        }),
        Facet::TargetGroups => Some(if seen.target_groups.values().all(|g| g.here().is_some()) {
            CALM
        } else {
            NEAR
        }),
        Facet::Targets => Some(targets_pause(seen, memory)),
        Facet::Guard => Some(guard_pause(seen, memory)),
        Facet::Fleet => Some(if seen.fleet.is_known() { NEAR } else { AFTER_FAILURE }),
        Facet::Addresses => (!has_all_addresses(seen)).then_some(NEAR),
        Facet::Records if denied(&seen.records) => None,
        Facet::Records => Some(if seen.records.is_known() { CALM } else { AFTER_FAILURE }),
        Facet::Change => match &seen.change {
            Reading::Here(change) if change.status == "INSYNC" => None,
            reading if denied(reading) => None,
            _ => Some(NEAR),
        },
    }
}

/// Whether the load balancer's name leads to an address in each of its zones.
fn has_all_addresses(seen: &Observation) -> bool {
    let (Some(balancer), Some(known)) = (seen.load_balancer.here(), seen.addresses.here()) else {
        return false;
    };
    known.name == balancer.dns_name && known.addresses.len() >= balancer.zones.len().max(1)
}

/// Before the desired count is lowered, as the readings ask for it; after that a meeting that has begun in the last moment
/// must be seen before its protection runs out.
fn guard_pause(seen: &Observation, memory: &Memory) -> Duration {
    let lowered = seen.service.here().is_some_and(|s| s.desired == 0);
    match &memory.quiet_run {
        _ if lowered => NEAR,
        Some(run) => run.pause(),
        None => AGAIN,
    }
}

fn failed<T>(reading: &Reading<T>) -> bool {
    reading.failure().is_some()
}

fn denied<T>(reading: &Reading<T>) -> bool {
    reading.failure().is_some_and(|f| !f.may_pass())
}

/// A task without an address holds up registration, so it is watched closely; one that starts less so.
fn tasks_pause(facet: Facet, seen: &Observation, count: u32) -> Duration {
    let Some(tasks) = seen.tasks.here() else {
        return AFTER_FAILURE;
    };
    let count = count as usize;
    let living = || tasks.iter().filter(|t| !t.is_ending());
    let ending = tasks.iter().any(|t| t.is_ending() && !t.is_stopped());
    // The load balancer waits, and bills, for the last of them.
    if seen.service.here().is_some_and(|s| s.desired == 0) && ending && facet == Facet::Tasks {
        let almost_over = |t: &Task| t.is_stopped() || t.last_status == "DEPROVISIONING";
        return if tasks.iter().all(almost_over) { AT_ONCE } else { SOON };
    }
    let addressed = living().filter(|t| t.private_ip.is_some()).count();
    let running = living().filter(|t| t.is_running()).count();
    if running >= count && !ending {
        SETTLED
    } else if facet == Facet::Tasks && (addressed < count || ending) {
        NEAR
    } else {
        FAR
    }
}

/// While the load balancer is being set up, no target can get healthy; then registration takes minutes; then the first
/// check decides within seconds.
fn targets_pause(seen: &Observation, memory: &Memory) -> Duration {
    if seen.targets.values().any(failed) {
        return AFTER_FAILURE;
    }
    let unsettled = || {
        seen.targets
            .values()
            .filter_map(Reading::here)
            .flatten()
            .filter(|t| !t.is_healthy())
    };
    let Some(active_since) = memory.active_since else {
        return SETTLED;
    };
    if unsettled().next().is_none() {
        SETTLED
    } else if !unsettled().all(|t| t.reason.as_deref() == Some("Elb.RegistrationInProgress")) {
        SOON
    } else if between(active_since, seen.at) < SHORTEST_REGISTRATION {
        FAR
    } else {
        NEAR
    }
}
