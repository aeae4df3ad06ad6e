//! The world: plain data, and the two ways in which it changes: time passes, and a request is carried out.
//!
//! Nothing here knows of tokio, sockets or files. A world is a pure function of its seed, the requests with their
//! times, and the controls that were used.

mod behaviour;
mod bill;
mod conferences;
mod controls;
mod credentials;
mod events;
mod ids;
mod limits;
mod meetings;
mod network;
mod profile;
mod resolution;
mod site;
mod zones;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::{Ms, START};
use crate::cloudwatch::CloudWatch;
use crate::ecs::Ecs;
use crate::elbv2::Elbv2;
use crate::iam::Policy;
use crate::route53::Route53;
use crate::s3::Bucket;
use crate::ssm::Ssm;

pub(crate) use behaviour::Behaviour;
pub use behaviour::TaskFate;
pub use bill::{Bill, BillItem};
pub(crate) use bill::{Billed, Ledger, Record, TaskSize};
pub use controls::Unknown;
pub(crate) use credentials::account_of;
pub use credentials::{CredentialState, DEFAULT_ACCOUNT, DEFAULT_REGION};
pub(crate) use events::{Event, Queue};
pub(crate) use ids::{hex_of, stable_hash};
pub(crate) use limits::{Limits, TokenBucket, take_token};
pub use meetings::{CutOff, CutOffBy, Meeting};
pub(crate) use network::Network;
pub use profile::TimeProfile;
pub use site::{Serving, SiteFault};

/// The format of a saved world. A state file with another number is not read.
pub(crate) const FORMAT: u32 = 3;

/// An account and a region: where regional resources live.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Twelve digits.
    pub account: String,
    /// Such as `us-west-2`.
    pub region: String,
}

/// All of the simulated AWS.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    format: u32,
    seed: u64,
    now: Ms,
    /// What ids are drawn from: the number of the call or event that is being carried out, and how many were drawn.
    draw: (u64, u64),
    requests: u64,
    rng: u64,
    pub(crate) calls: u64,
    /// How long things take.
    pub profile: TimeProfile,
    pub(crate) behaviour: Behaviour,
    pub(crate) limits: Limits,
    pub(crate) credentials: BTreeMap<String, CredentialState>,
    /// By access key.
    pub(crate) policies: BTreeMap<String, Vec<Policy>>,
    pub(crate) accounts: BTreeMap<String, Account>,
    pub(crate) queue: Queue,
    pub(crate) ledger: Ledger,
    /// In the order in which they began.
    meetings: Vec<Meeting>,
    /// Until when a conference counts that was asked for, by task. A state file of before there were any has none.
    #[serde(default)]
    conferences: BTreeMap<String, Ms>,
}

/// One account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) regions: BTreeMap<String, Region>,
    pub(crate) buckets: BTreeMap<String, Bucket>,
    pub(crate) dns: Route53,
}

/// What one account has in one region.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Region {
    pub(crate) network: Network,
    pub(crate) ecs: Ecs,
    pub(crate) elbv2: Elbv2,
    pub(crate) ssm: Ssm,
    pub(crate) cloudwatch: CloudWatch,
    pub(crate) token_buckets: BTreeMap<String, TokenBucket>,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world at [`START`]: accounts exist as soon as they are used, each with a default VPC.
    pub fn new() -> Self {
        Self::with_seed(1)
    }

    /// An empty world whose ids and random events follow from `seed`.
    pub fn with_seed(seed: u64) -> Self {
        Self {
            format: FORMAT,
            seed,
            now: START,
            draw: (0, 0),
            requests: 0,
            rng: stable_hash(&[&seed.to_string(), "rng"]),
            calls: 0,
            profile: TimeProfile::default(),
            behaviour: Behaviour::default(),
            limits: Limits::default(),
            credentials: BTreeMap::new(),
            policies: BTreeMap::new(),
            accounts: BTreeMap::new(),
            queue: Queue::default(),
            ledger: Ledger::default(),
            meetings: Vec::new(),
            conferences: BTreeMap::new(),
        }
    }

    /// The format number that this world was saved with.
    pub(crate) fn format(&self) -> u32 {
        self.format
    }

    /// Simulated time, in milliseconds since the epoch.
    pub fn now_ms(&self) -> Ms {
        self.now
    }

    /// When the next thing happens by itself, if anything does.
    pub fn next_event(&self) -> Option<Ms> {
        self.queue.next()
    }

    /// Lets time pass until `now`, with all that happens meanwhile, in order. Time does not run backwards: an earlier
    /// `now` changes nothing.
    pub fn advance_to(&mut self, now: Ms) {
        while let Some((at, number, event)) = self.queue.pop_due(now) {
            self.now = self.now.max(at);
            self.draw = (ids::EVENT | number, 0);
            event.happen(self);
        }
        self.now = self.now.max(now);
    }

    /// The regional part of an account, made on first use.
    pub(crate) fn region(&mut self, place: &Place) -> &mut Region {
        let account = self.accounts.entry(place.account.clone()).or_default();
        account.regions.entry(place.region.clone()).or_insert_with(|| Region {
            network: Network::default_of(place),
            ecs: Ecs::default(),
            elbv2: Elbv2::default(),
            ssm: Ssm::default(),
            cloudwatch: CloudWatch::default(),
            token_buckets: BTreeMap::new(),
        })
    }

    /// A number from 0 to 1 of the world's own random sequence.
    pub(crate) fn chance(&mut self) -> f64 {
        let mut rng = fastrand::Rng::with_seed(self.rng);
        let drawn = rng.f64();
        self.rng = rng.get_seed();
        drawn
    }
}
