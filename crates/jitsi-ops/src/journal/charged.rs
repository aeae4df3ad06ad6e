//! What AWS charges for a resource, as far as a run has seen it: since when, and of what size it is.

use jiff::Timestamp;
use jitsi_cost::{Architecture, LoadBalancer, LoadBalancerKind, Task};
use serde::{Deserialize, Serialize};

use crate::observation;

/// Since when, and for how much. Part of the journal's contract; entries of earlier versions have none of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Charged {
    /// Since when: a task from the pull of its images on, a load balancer once a run has seen it become active. `None`: nobody
    /// has seen it; it is not before it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// CPU units of a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_units: Option<u32>,
    /// Memory of a task in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// Storage of a task in GiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_gib: Option<u32>,
    /// `x86_64` or `arm64`, of a task.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// How many public IPv4 addresses it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_addresses: Option<u32>,
    /// `network`, `application`, of a load balancer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balancer: Option<String>,
}

impl Charged {
    /// For a task; `public`: whether the service gives its tasks public addresses.
    pub(crate) fn of_task(task: &observation::Task, public: Option<bool>) -> Self {
        Self {
            from: task.pull_started_at,
            cpu_units: task.cpu_units,
            memory_mib: task.memory_mib,
            storage_gib: task.storage_gib,
            architecture: task.architecture.clone(),
            public_addresses: public.map(u32::from),
            balancer: None,
        }
    }

    /// For a load balancer, of which AWS does not tell since when it is active.
    pub(crate) fn of_balancer(balancer: &observation::LoadBalancer) -> Self {
        let LoadBalancer { public_addresses, .. } = crate::survey::load_balancer(balancer);
        Self {
            public_addresses,
            balancer: Some(balancer.kind.clone()),
            ..Self::default()
        }
    }

    /// Whether nothing of it is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what is not yet known.
    pub fn complete(&mut self, new: &Self) {
        self.from = self.from.into_iter().chain(new.from).min();
        self.cpu_units = self.cpu_units.or(new.cpu_units);
        self.memory_mib = self.memory_mib.or(new.memory_mib);
        self.storage_gib = self.storage_gib.or(new.storage_gib);
        self.architecture = self.architecture.take().or_else(|| new.architecture.clone());
        self.public_addresses = self.public_addresses.or(new.public_addresses);
        self.balancer = self.balancer.take().or_else(|| new.balancer.clone());
    }

    /// As a task that the price book takes.
    pub fn task(&self, name: &str) -> Task {
        Task {
            name: name.to_owned(),
            cpu_units: self.cpu_units,
            memory_mib: self.memory_mib,
            architecture: match self.architecture.as_deref() {
                Some("x86_64") => Some(Architecture::X86),
                Some("arm64") => Some(Architecture::Arm),
                _ => None,
            },
            storage_gib: self.storage_gib,
            public_address: self.public_addresses.map(|n| n > 0),
        }
    }

    /// As a load balancer that the price book takes; the tools make network ones only.
    pub fn load_balancer(&self, name: &str) -> LoadBalancer {
        LoadBalancer {
            name: name.to_owned(),
            kind: match self.balancer.as_deref() {
                None | Some("network") => LoadBalancerKind::Network,
                Some(other) => LoadBalancerKind::Other(other.to_owned()),
            },
            public_addresses: self.public_addresses,
        }
    }
}
