//! From the journal to lives: what was charged, from when to when.

use std::collections::hash_map::Entry as Place;
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};

use jiff::Timestamp;
use jitsi_cost::{Amounts, Span};
use jitsi_ops::journal::{Charged, Entry, Outcome};
use jitsi_ops::survey::Shape;
use serde::Serialize;

/// What a life is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Task,
    LoadBalancer,
}

/// How the end of a life is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EndKnown {
    /// AWS has told it, or a run has deleted it.
    Told,
    /// Nobody has seen it end; it was over when the platform was next seen at zero.
    AtStandby,
    /// It has not ended: it counts until now.
    NotEnded,
    /// It is not there any more, and nobody has written down when it ended: it counts until now, which is the most it can be.
    NotTold,
}

/// One task or load balancer.
#[derive(Clone, Debug)]
pub(crate) struct Life {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// When it was made; where nobody knows, when a run has first seen it.
    pub(crate) created: Timestamp,
    /// When it ended, as far as is known.
    pub(crate) until: Timestamp,
    pub(crate) end: EndKnown,
    pub(crate) charged: Charged,
}

impl Life {
    /// Since when it is charged, until its end.
    pub(crate) fn span(&self) -> Span {
        let charged = self.charged.from.filter(|from| *from >= self.created);
        Span {
            from: charged.unwrap_or(self.created),
            until: self.until,
        }
    }

    /// Adds what of it is charged within `window`. What the journal does not tell of its size is as the platform has it now.
    pub(crate) fn add_to(&self, amounts: &mut Amounts, window: Span, shape: &Shape) {
        match self.kind {
            Kind::Task => {
                let mut task = self.charged.task(&self.name);
                task.cpu_units = task.cpu_units.or(shape.task.cpu_units);
                task.memory_mib = task.memory_mib.or(shape.task.memory_mib);
                task.storage_gib = task.storage_gib.or(shape.task.storage_gib);
                task.architecture = task.architecture.or(shape.task.architecture);
                task.public_address = task.public_address.or(shape.task.public_address);
                amounts.add_task(&task, self.span(), window);
            }
            Kind::LoadBalancer => {
                let mut balancer = self.charged.load_balancer(&self.name);
                balancer.public_addresses = balancer.public_addresses.or(shape.balancer.public_addresses);
                amounts.add_balancer(&balancer, self.span(), window);
            }
        }
    }
}

/// A run, as much of it as says who brought the platform up, and when it was at zero.
#[derive(Clone, Debug)]
struct Run {
    began: Timestamp,
    /// When it ended with nothing left that bills.
    standby: Option<Timestamp>,
    /// Whether it began with nothing that bills.
    from_standby: bool,
    /// An index into the names.
    who: u32,
    /// An index into the words.
    outcome: u32,
    scales_up: bool,
}

/// A life of which nobody has told the end yet.
#[derive(Debug)]
struct Open {
    kind: Kind,
    name: String,
    created: Option<Timestamp>,
    /// When a run first told of it.
    seen: Timestamp,
    deleted: Option<Timestamp>,
    charged: Charged,
}

/// Takes the entries of a journal, in any order, and keeps of them what a bill is made of.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// By the ARN, or the name where there is none; hashed, because a journal is long.
    lives: HashMap<u64, Open>,
    runs: Vec<Run>,
    words: Words,
    hasher: RandomState,
}

/// Each word once.
#[derive(Debug, Default)]
struct Words {
    indices: HashMap<String, u32>,
    words: Vec<String>,
}

impl Words {
    fn index(&mut self, word: &str) -> u32 {
        if let Some(index) = self.indices.get(word) {
            return *index;
        }
        let index = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.indices.insert(word.to_owned(), index);
        self.words.push(word.to_owned());
        index
    }

    fn word(&self, index: u32) -> &str {
        self.words.get(index as usize).map_or("", String::as_str)
    }
}

/// Who brought the platform up, and how that went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Raised {
    pub(crate) who: String,
    pub(crate) outcome: String,
}

/// What the journal tells: lives, the earliest first, and who began them.
#[derive(Debug, Default)]
pub(crate) struct Lives {
    pub(crate) lives: Vec<Life>,
    /// In the order of time.
    runs: Vec<Run>,
    words: Words,
}

impl Reader {
    pub(crate) fn take(&mut self, entry: &Entry) {
        let outcome = match &entry.outcome {
            Outcome::Begun => "begun",
            Outcome::Unknown => "unknown",
            Outcome::Ended(word) => word,
        };
        let is_standby = |state: &Option<String>| state.as_deref() == Some("standby");
        self.runs.push(Run {
            began: entry.began,
            standby: entry.ended.filter(|_| is_standby(&entry.to_state)),
            from_standby: is_standby(&entry.from_state),
            who: self.words.index(&entry.who),
            outcome: self.words.index(outcome),
            scales_up: entry.operation == "scale-up",
        });
        for resource in &entry.resources {
            let kind = match resource.kind.as_str() {
                "task" => Kind::Task,
                "load balancer" => Kind::LoadBalancer,
                // Target groups cost nothing.
                _ => continue,
            };
            let identity = resource.arn.as_deref().unwrap_or(&resource.name);
            match self.lives.entry(self.hasher.hash_one(identity)) {
                Place::Vacant(place) => {
                    place.insert(Open {
                        kind,
                        name: resource.name.clone(),
                        created: resource.created_at,
                        seen: entry.began,
                        deleted: resource.deleted_at,
                        charged: resource.charged.clone(),
                    });
                }
                Place::Occupied(mut place) => {
                    let known = place.get_mut();
                    known.created = known.created.or(resource.created_at);
                    known.seen = known.seen.min(entry.began);
                    known.deleted = known.deleted.into_iter().chain(resource.deleted_at).min();
                    known.charged.complete(&resource.charged);
                }
            }
        }
    }

    /// What was charged until `now`.
    ///
    /// `alive`: ARNs of what exists now, where that could be read.
    pub(crate) fn lives(self, now: Timestamp, alive: Option<&BTreeSet<String>>) -> Lives {
        let Self {
            lives,
            mut runs,
            words,
            hasher,
        } = self;
        let alive: Option<BTreeSet<u64>> =
            alive.map(|arns| arns.iter().map(|arn| hasher.hash_one(arn.as_str())).collect());
        let is_gone = |identity: u64| alive.as_ref().is_some_and(|alive| !alive.contains(&identity));
        runs.sort_by_key(|run| run.began);
        let mut zeros: Vec<Timestamp> = runs
            .iter()
            .flat_map(|run| run.standby.into_iter().chain(run.from_standby.then_some(run.began)))
            .collect();
        zeros.sort_unstable();
        let ended = |(identity, open): (u64, Open)| {
            let created = open.created.unwrap_or(open.seen);
            let zero = zeros.get(zeros.partition_point(|zero| *zero <= created)).copied();
            let (until, end) = match (open.deleted, zero) {
                (Some(deleted), _) => (deleted, EndKnown::Told),
                (None, Some(zero)) => (zero, EndKnown::AtStandby),
                (None, None) if is_gone(identity) => (now, EndKnown::NotTold),
                (None, None) => (now, EndKnown::NotEnded),
            };
            Life {
                kind: open.kind,
                name: open.name,
                created,
                until,
                end,
                charged: open.charged,
            }
        };
        let mut lives: Vec<Life> = lives.into_iter().map(ended).collect();
        lives.sort_by(|one, other| (one.created, &one.name).cmp(&(other.created, &other.name)));
        Lives { lives, runs, words }
    }
}

impl Lives {
    /// When the first run began of which the journal tells.
    pub(crate) fn first(&self) -> Option<Timestamp> {
        self.runs.first().map(|run| run.began)
    }

    /// Who brought up what was made at `time`: the last run that had begun by then.
    pub(crate) fn raised(&self, time: Timestamp) -> Option<Raised> {
        let begun = self.runs.partition_point(|run| run.began <= time);
        let run = self.runs.get(..begun)?.last()?;
        run.scales_up.then(|| Raised {
            who: self.words.word(run.who).to_owned(),
            outcome: self.words.word(run.outcome).to_owned(),
        })
    }
}
