//! Sessions: from when the platform began to cost until it cost nothing any more.

use jiff::Timestamp;
use jitsi_cost::{Amounts, Cost, PriceBook, Span};
use jitsi_ops::survey::Shape;
use serde::Serialize;

use crate::lives::{EndKnown, Kind, Life, Lives};

/// How long a session may be before that is told.
const LONG: i64 = 12 * 3600 * 1000;
/// How much longer than its tasks a load balancer may exist before that is told.
const FORGOTTEN: i64 = 2 * 3600 * 1000;

/// One session, the part of it that falls into a month.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Session {
    /// When its first resource was made, be it in an earlier month.
    pub(crate) from: Timestamp,
    /// When the last was gone; null: it has not ended, and counts until now.
    pub(crate) until: Option<Timestamp>,
    /// The part of it that falls into the month.
    pub(crate) within: Span,
    /// Who brought the platform up; null: no run of ours.
    pub(crate) who: Option<String>,
    /// How that ended, in the run's own word.
    pub(crate) outcome: Option<String>,
    /// What was charged from when to when.
    pub(crate) resources: Vec<Resource>,
    /// What is remarkable about it.
    pub(crate) remarks: Vec<String>,
    /// What it cost within the month.
    pub(crate) cost: Cost,
    #[serde(skip)]
    pub(crate) amounts: Amounts,
}

/// One resource of a session.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Resource {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// Since when it was charged.
    pub(crate) charged_from: Timestamp,
    pub(crate) until: Timestamp,
    pub(crate) end_known: EndKnown,
}

/// The sessions that fall into `window`, and what they cost there.
pub(crate) fn sessions(lives: &Lives, window: Span, shape: &Shape, book: &PriceBook, region: &str) -> Vec<Session> {
    clusters(&lives.lives)
        .into_iter()
        .filter(|cluster| cluster.iter().any(|life| touches(life, window)))
        .map(|cluster| session(cluster, lives, window, shape, book, region))
        .collect()
}

/// Whether some of it is charged within `window`.
fn touches(life: &Life, window: Span) -> bool {
    life.span().common(window).is_some()
}

/// Lives that overlap, directly or over others, are one session. `lives` are in the order of their beginnings.
fn clusters(lives: &[Life]) -> Vec<&[Life]> {
    let mut clusters = Vec::new();
    let (mut begin, mut end) = (0, Timestamp::MIN);
    for (index, life) in lives.iter().enumerate() {
        if life.created > end && index > begin {
            clusters.push(&lives[begin..index]);
            begin = index;
        }
        end = end.max(life.until);
    }
    if begin < lives.len() {
        clusters.push(&lives[begin..]);
    }
    clusters
}

fn session(cluster: &[Life], all: &Lives, window: Span, shape: &Shape, book: &PriceBook, region: &str) -> Session {
    let mut amounts = Amounts::default();
    for life in cluster {
        life.add_to(&mut amounts, window, shape);
    }
    let from = cluster.iter().map(|life| life.created).min().unwrap_or(window.from);
    let open = cluster
        .iter()
        .any(|life| matches!(life.end, EndKnown::NotEnded | EndKnown::NotTold));
    let until = cluster.iter().map(|life| life.until).max().filter(|_| !open);
    let raised = all.raised(from);
    let resource = |life: &Life| Resource {
        kind: life.kind,
        name: life.name.clone(),
        charged_from: life.span().from,
        until: life.until,
        end_known: life.end,
    };
    let all_of_it = Span {
        from,
        until: until.unwrap_or(window.until),
    };
    Session {
        from,
        until,
        within: all_of_it.common(window).unwrap_or(window),
        who: raised.as_ref().map(|raised| raised.who.clone()),
        outcome: raised.map(|raised| raised.outcome),
        resources: cluster.iter().map(resource).collect(),
        remarks: remarks(cluster),
        cost: book.cost(region, &amounts),
        amounts,
    }
}

/// What somebody should look at.
fn remarks(cluster: &[Life]) -> Vec<String> {
    let of = |kind: Kind| cluster.iter().filter(move |life| life.kind == kind);
    let longest = |kind: Kind| covered(of(kind).map(Life::span));
    let (balancers, tasks) = (longest(Kind::LoadBalancer), longest(Kind::Task));
    let mut remarks = Vec::new();
    let any = |end: EndKnown| cluster.iter().any(|life| life.end == end);
    if any(EndKnown::NotEnded) {
        remarks.push("it has not ended: it counts until now".to_owned());
    }
    if any(EndKnown::NotTold) {
        remarks.push(
            "it is not there any more, and nobody wrote down when it ended: it counts until now, which is the most it can be"
                .to_owned(),
        );
    }
    if of(Kind::Task).next().is_none() {
        remarks.push(format!(
            "the load balancer existed {}, and no task ran",
            hours(balancers)
        ));
    } else if balancers - tasks > FORGOTTEN {
        let (balancers, tasks) = (hours(balancers), hours(tasks));
        remarks.push(format!("the load balancer existed {balancers}, tasks ran {tasks}"));
    }
    if tasks > LONG {
        remarks.push(format!("tasks ran {}", hours(tasks)));
    }
    for life in cluster.iter().filter(|life| life.end == EndKnown::AtStandby) {
        let kind = match life.kind {
            Kind::Task => "task",
            Kind::LoadBalancer => "load balancer",
        };
        let name = life
            .name
            .get(..8)
            .filter(|_| life.kind == Kind::Task)
            .unwrap_or(&life.name);
        remarks.push(format!(
            "nobody saw {kind} `{name}` end: it counts until the platform was at zero"
        ));
    }
    remarks
}

/// How many milliseconds these cover together.
fn covered(spans: impl Iterator<Item = Span>) -> i64 {
    let mut spans: Vec<Span> = spans.collect();
    spans.sort_by_key(|span| span.from);
    let (mut sum, mut end) = (0, Timestamp::MIN);
    for span in spans {
        let from = span.from.max(end);
        sum += Span {
            from,
            until: span.until,
        }
        .milliseconds();
        end = end.max(span.until);
    }
    sum
}

/// `61 h`, `1.5 h`, `20 min`.
pub(crate) fn hours(milliseconds: i64) -> String {
    let minutes = milliseconds / 60_000;
    match minutes {
        0..60 => format!("{minutes} min"),
        60..600 if minutes % 60 >= 6 => format!("{}.{} h", minutes / 60, minutes % 60 / 6),
        _ => format!("{} h", (minutes + 30) / 60),
    }
}
