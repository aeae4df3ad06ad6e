//! The JSON document. What was not read is told as that, never as zero or as absent. Part of the contract:
//! `docs/schema/status-v1.json`.

use jiff::Timestamp;
use jitsi_cli::rows::BridgeRow;
use jitsi_cost::{HourlyCost, Total};
use jitsi_ops::guard::Verdict;
use jitsi_ops::keep::Term;
use jitsi_ops::lint::Finding;
use jitsi_ops::reading::Reading;
use jitsi_ops::state::State;
use jitsi_probe::{Addresses, Answer, Certificate, Connection, Page, Tls};
use serde::Serialize;

/// Name and version of the document.
pub(crate) const SCHEMA: &str = "jitsi-ops/status/v1";

/// Everything that is shown of a platform.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    pub(crate) schema: &'static str,
    pub(crate) profile: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
    pub(crate) region: &'a str,
    pub(crate) domain: &'a str,
    pub(crate) state: State,
    /// Why it is that state; empty for `active` and `standby`.
    pub(crate) because: Vec<String>,
    pub(crate) since: Option<Timestamp>,
    /// By AWS's clock, where AWS has told its time.
    pub(crate) at: Timestamp,
    pub(crate) service: Seen<ServiceView<'a>>,
    pub(crate) tasks: Seen<Tasks<'a>>,
    pub(crate) load_balancer: Seen<BalancerView<'a>>,
    pub(crate) target_groups: Vec<GroupView<'a>>,
    /// Load balancers that are this platform's by their tags and go by another name.
    pub(crate) others: Vec<&'a str>,
    /// Null where no hosted zone is configured.
    pub(crate) record: Option<Seen<RecordView>>,
    /// What the bridge tells browsers; null unless `nlb.advertise` is `nlb`, and the task definition could be read.
    pub(crate) bridge: Option<BridgeRow<'a>>,
    pub(crate) visit: VisitView<'a>,
    pub(crate) cost: Cost,
    pub(crate) guard: GuardView<'a>,
    pub(crate) hold: Option<Term>,
    pub(crate) lease: Option<Term>,
    pub(crate) lock: Seen<LockView>,
    pub(crate) journal: Seen<Journal<'a>>,
    /// Null where the task definition could not be read.
    pub(crate) lint: Option<Vec<Finding>>,
    /// What could not be read.
    pub(crate) unread: Vec<UnreadView>,
    pub(crate) elapsed_seconds: f64,
}

/// What a read said.
#[derive(Debug, Serialize)]
#[serde(tag = "reading", rename_all = "kebab-case")]
pub(crate) enum Seen<T> {
    /// It is there.
    Here(T),
    /// AWS answered, and it is not there.
    Absent,
    /// The read failed, or what it needs could not be read.
    Unknown {
        /// Why, where it was tried.
        why: Option<String>,
    },
}

impl<T> Seen<T> {
    pub(crate) fn of<'a, V>(reading: &'a Reading<V>, view: impl FnOnce(&'a V) -> T) -> Self {
        match reading {
            Reading::Here(value) => Self::Here(view(value)),
            Reading::Absent => Self::Absent,
            Reading::NotRead => Self::Unknown { why: None },
            Reading::Unknown(failure) => Self::Unknown {
                why: Some(format!("{failure}: {}", failure.reason())),
            },
        }
    }

    pub(crate) fn here(&self) -> Option<&T> {
        match self {
            Self::Here(value) => Some(value),
            _ => None,
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ServiceView<'a> {
    pub(crate) name: &'a str,
    pub(crate) cluster: &'a str,
    pub(crate) status: &'a str,
    pub(crate) desired: u32,
    pub(crate) running: u32,
    pub(crate) pending: u32,
    pub(crate) task_definition: &'a str,
    pub(crate) platform_version: Option<&'a str>,
    pub(crate) rollout: Option<&'a str>,
    /// The newest, newest first.
    pub(crate) events: Vec<EventView<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct EventView<'a> {
    pub(crate) at: Option<Timestamp>,
    pub(crate) message: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Tasks<'a> {
    pub(crate) list: Vec<TaskView<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct TaskView<'a> {
    pub(crate) id: &'a str,
    pub(crate) status: &'a str,
    pub(crate) desired_status: &'a str,
    pub(crate) health: &'a str,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) stopped_at: Option<Timestamp>,
    pub(crate) stop_code: Option<&'a str>,
    pub(crate) stopped_reason: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) zone: Option<&'a str>,
    pub(crate) platform_version: Option<&'a str>,
    pub(crate) cpu_units: Option<u32>,
    pub(crate) memory_mib: Option<u32>,
    pub(crate) containers: Vec<ContainerView<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ContainerView<'a> {
    pub(crate) name: &'a str,
    pub(crate) status: &'a str,
    pub(crate) health: &'a str,
    pub(crate) image: Option<&'a str>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) reason: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct BalancerView<'a> {
    pub(crate) name: &'a str,
    pub(crate) arn: &'a str,
    pub(crate) dns_name: &'a str,
    pub(crate) state: &'a str,
    pub(crate) state_reason: Option<&'a str>,
    pub(crate) kind: &'a str,
    pub(crate) scheme: &'a str,
    pub(crate) zones: &'a [String],
    pub(crate) created_at: Option<Timestamp>,
    /// Whether it carries this platform's tag; null where its tags could not be read.
    pub(crate) ours: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(crate) struct GroupView<'a> {
    pub(crate) name: &'a str,
    /// The port and protocol that people reach.
    pub(crate) listener: String,
    pub(crate) group: Seen<GroupHere>,
    pub(crate) targets: Seen<Targets<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct GroupHere {
    pub(crate) port: u16,
    pub(crate) protocol: String,
    /// Whether the platform's load balancer forwards to it.
    pub(crate) behind_the_load_balancer: bool,
    /// Whether ECS itself registers the service's tasks in it.
    pub(crate) attached_to_the_service: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Targets<'a> {
    pub(crate) list: Vec<TargetView<'a>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct TargetView<'a> {
    pub(crate) id: &'a str,
    pub(crate) port: u16,
    pub(crate) state: &'a str,
    pub(crate) reason: Option<&'a str>,
    pub(crate) description: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct RecordView {
    pub(crate) name: String,
    pub(crate) zone: String,
    /// What leads visitors somewhere: addresses and aliases.
    pub(crate) leads_to: Vec<String>,
    /// Whether one of them is the alias of the platform's load balancer; null where that is not known.
    pub(crate) to_the_load_balancer: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "visit", rename_all = "kebab-case")]
pub(crate) enum VisitView<'a> {
    /// The site was not visited.
    NotMade {
        /// Why.
        why: &'static str,
    },
    /// It was.
    Made {
        to_the_load_balancer: Option<bool>,
        addresses: PartView<&'a Addresses>,
        connection: PartView<&'a Connection>,
        tls: PartView<&'a Tls>,
        certificate: PartView<&'a Certificate>,
        http: PartView<&'a Answer>,
        page: PartView<&'a Page>,
        elapsed_seconds: f64,
    },
}

#[derive(Debug, Serialize)]
#[serde(tag = "part", content = "of", rename_all = "kebab-case")]
pub(crate) enum PartView<T> {
    Done(T),
    Failed { why: String },
    NotTried,
}

#[derive(Debug, Serialize)]
pub(crate) struct Cost {
    #[serde(flatten)]
    pub(crate) hourly: HourlyCost,
    /// If everything is left as it is.
    pub(crate) per_month: Total,
}

#[derive(Debug, Serialize)]
pub(crate) struct GuardView<'a> {
    pub(crate) source: String,
    /// Null where the tasks could not be read.
    pub(crate) verdict: Option<&'a Verdict>,
}

#[derive(Debug, Serialize)]
pub(crate) struct LockView {
    pub(crate) holder: String,
    pub(crate) renewed: Option<Timestamp>,
    /// Whether its holder is at work; otherwise it was left behind.
    pub(crate) alive: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Journal<'a> {
    /// The bucket; null: this machine.
    pub(crate) bucket: Option<&'a str>,
    /// The newest last.
    pub(crate) entries: Vec<EntryView<'a>>,
    pub(crate) unreadable: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct EntryView<'a> {
    pub(crate) operation: &'a str,
    pub(crate) who: &'a str,
    pub(crate) began: Timestamp,
    pub(crate) ended: Option<Timestamp>,
    pub(crate) outcome: String,
    pub(crate) problem: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(crate) struct UnreadView {
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) hints: Vec<String>,
}
