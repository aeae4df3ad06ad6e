//! Switches that change how the simulated AWS behaves: what tests turn to see bad weather.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::SiteFault;
use crate::clock::{Ms, SECOND};

/// What becomes of a task. Decided when the scheduler creates it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub enum TaskFate {
    /// It starts, and its application answers.
    #[default]
    Starts,
    /// It stops before it reaches RUNNING.
    StopsWhileStarting {
        /// Such as `TaskFailedToStart`.
        stop_code: String,
        /// The `stoppedReason`, verbatim.
        reason: String,
        /// The container that exited, and its code, where one did.
        container_exit: Option<(String, i32)>,
        /// Seconds from its creation to the decision to stop it.
        after_seconds: u32,
    },
    /// RUNNING, but health checks never pass.
    NeverAnswers,
    /// An essential container exits.
    Exits {
        /// Seconds from RUNNING.
        after_running_seconds: u32,
        /// The container's exit code.
        code: i32,
    },
    /// RUNNING, and its container health checks fail: UNHEALTHY, then replaced by the scheduler. Without a container
    /// health check in its definition ECS cannot know, and it is like [`TaskFate::NeverAnswers`].
    Unhealthy,
}

/// The switches.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Behaviour {
    /// Protected tasks survive a desired count of 0. What AWS does there is not proven; both must be safe.
    pub(crate) protection_honoured_at_zero: bool,
    pub(crate) health_checks_reach_tasks: bool,
    pub(crate) token_buckets: bool,
    pub(crate) next_load_balancer_fails: bool,
    /// Only these certificates exist; `None`: every well-formed one of the account and region.
    pub(crate) certificates: Option<BTreeSet<String>>,
    /// How likely a read is answered from an older state, and from how old a one at most.
    pub(crate) stale_reads: Option<(f64, Ms)>,
    /// By service ARN.
    pub(crate) fates: BTreeMap<String, TaskFate>,
    /// By service ARN: of the next tasks, one each.
    pub(crate) next_fates: BTreeMap<String, Vec<TaskFate>>,
    /// Service ARNs for whose tasks there is no capacity.
    pub(crate) no_capacity: BTreeSet<String>,
    /// Service ARNs of whose tasks GetTaskProtection tells nothing.
    pub(crate) protection_unreadable: BTreeSet<String>,
    /// Answers take this long instead, by operation.
    pub(crate) latencies: BTreeMap<String, Ms>,
    /// What is wrong with sites, by service ARN. A state file of before there were any has none.
    #[serde(default)]
    pub(crate) site_faults: BTreeMap<String, SiteFault>,
    /// How many groups a page of Cost Explorer has; `None`: all of them.
    #[serde(default)]
    pub(crate) cost_page: Option<usize>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            protection_honoured_at_zero: true,
            health_checks_reach_tasks: true,
            token_buckets: true,
            next_load_balancer_fails: false,
            certificates: None,
            stale_reads: None,
            fates: BTreeMap::new(),
            next_fates: BTreeMap::new(),
            no_capacity: BTreeSet::new(),
            protection_unreadable: BTreeSet::new(),
            latencies: BTreeMap::new(),
            site_faults: BTreeMap::new(),
            cost_page: None,
        }
    }
}

impl Behaviour {
    /// The oldest state that a random stale read shows: AWS's reads lag by up to three seconds.
    pub(crate) const STALE_AT_MOST: Ms = 3 * SECOND;

    /// The fate of the next task of a service.
    pub(crate) fn draw_fate(&mut self, service_arn: &str) -> TaskFate {
        if let Some(next) = self.next_fates.get_mut(service_arn)
            && !next.is_empty()
        {
            return next.remove(0);
        }
        self.fates.get(service_arn).cloned().unwrap_or_default()
    }
}
