//! One run in the journal. The JSON form is a contract: other commands and other versions read it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::charged::Charged;
use crate::identity::{PlatformKey, Who};

/// The schema of an entry.
const SCHEMA: &str = "jitsi-ops/journal/v1";

/// What one run did, or is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    schema: String,
    id: String,
    /// The random value of the run, the same as in its lock.
    pub nonce: String,
    /// `scale-up`, `scale-down`, ...
    pub operation: String,
    /// The profile that was asked for, if it has a name.
    pub profile: Option<String>,
    /// The platform that was worked on.
    #[serde(flatten)]
    pub platform: PlatformKey,
    /// `user@host`.
    pub who: String,
    /// When it began, by the run's clock.
    pub began: Timestamp,
    /// When it ended; `None` while it is at work, and where nobody knows.
    pub ended: Option<Timestamp>,
    /// How it ended.
    pub outcome: Outcome,
    /// The platform's state when it began, in a word (`standby`), if it was known.
    pub from_state: Option<String>,
    /// The platform's state when it ended, or when its entry was closed by another run.
    pub to_state: Option<String>,
    /// Why it did not end well, in one line.
    pub problem: Option<String>,
    /// What the run has made, deleted or found that costs money by the hour.
    pub resources: Vec<Resource>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Outcome {
    /// It is at work, or died at it.
    Begun,
    /// It died, and another run has closed its entry.
    Unknown,
    /// What it said of itself, in its operation's own word: `up`, `rolled-back`.
    Ended(String),
}

impl From<String> for Outcome {
    fn from(word: String) -> Self {
        match word.as_str() {
            "begun" => Self::Begun,
            "unknown" => Self::Unknown,
            _ => Self::Ended(word),
        }
    }
}

impl From<Outcome> for String {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Begun => "begun".to_owned(),
            Outcome::Unknown => "unknown".to_owned(),
            Outcome::Ended(word) => word,
        }
    }
}

/// Something that costs money by the hour, with the times that AWS has told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// `load balancer`, `task`.
    pub kind: String,
    /// Its name or id.
    pub name: String,
    /// Its ARN, if AWS has told it.
    pub arn: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was deleted or stopped; `None` while it exists, and where nobody knows.
    pub deleted_at: Option<Timestamp>,
    /// What AWS charges for it.
    #[serde(default, skip_serializing_if = "Charged::is_unknown")]
    pub charged: Charged,
}

impl Resource {
    /// Whether `other` is the same thing: by ARN, or by kind and name where one of the two has none.
    fn is(&self, other: &Self) -> bool {
        match (&self.arn, &other.arn) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => self.kind == other.kind && self.name == other.name,
        }
    }
}

/// Why something in the journal is no entry that this version can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It has another schema.
    #[error("it has the schema `{0}`, this version knows `{SCHEMA}`")]
    Schema(String),
    /// It is no entry at all, or a part of one.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// It stands under another name than its own.
    #[error("it calls itself `{0}`")]
    Misnamed(String),
}

impl Entry {
    /// The entry of a run that begins. `began` is by the run's clock; it decides in which month the entry stands.
    pub fn begun(
        operation: &str,
        platform: PlatformKey,
        profile: Option<String>,
        who: &Who,
        nonce: &str,
        began: Timestamp,
    ) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            id: format!("{}-{nonce}", began.strftime("%Y%m%dT%H%M%SZ")),
            nonce: nonce.to_owned(),
            operation: operation.to_owned(),
            profile,
            platform,
            who: who.to_string(),
            began,
            ended: None,
            outcome: Outcome::Begun,
            from_state: None,
            to_state: None,
            problem: None,
            resources: Vec::new(),
        }
    }

    /// Its name: when the run began, and its nonce.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether its run has ended, as far as anybody knows.
    pub fn is_closed(&self) -> bool {
        self.outcome != Outcome::Begun
    }

    /// Adds what is not yet in it, and the times that were not known.
    pub fn add_resources(&mut self, resources: &[Resource]) {
        for new in resources {
            match self.resources.iter_mut().find(|known| known.is(new)) {
                Some(known) => {
                    known.arn = known.arn.take().or_else(|| new.arn.clone());
                    known.created_at = known.created_at.or(new.created_at);
                    known.deleted_at = known.deleted_at.or(new.deleted_at);
                    known.charged.complete(&new.charged);
                }
                None => self.resources.push(new.clone()),
            }
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// In one line, for a copy.
    pub(super) fn to_copy(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a copy.
    pub(super) fn of_copy(line: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(line)
    }

    /// Reads the entry that stands under the name `id`.
    pub(super) fn read(id: &str, bytes: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let damaged = |error: serde_json::Error| Unreadable::Damaged(error.to_string());
        let Head { schema } = serde_json::from_slice(bytes).map_err(damaged)?;
        if schema != SCHEMA {
            return Err(Unreadable::Schema(
                schema.chars().filter(|c| !c.is_control()).take(80).collect(),
            ));
        }
        let entry: Self = serde_json::from_slice(bytes).map_err(damaged)?;
        if entry.id == id {
            Ok(entry)
        } else {
            Err(Unreadable::Misnamed(
                entry.id.chars().filter(|c| !c.is_control()).take(80).collect(),
            ))
        }
    }

    /// The month in which it stands.
    pub(super) fn month(&self) -> Month {
        Month::of(self.began)
    }
}

/// How the keys of all entries begin.
pub(super) const JOURNAL: &str = "ops-journal/";

/// A month in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month {
    pub(super) year: i16,
    /// 1 to 12.
    pub(super) month: i8,
}

impl Month {
    pub(super) fn of(time: Timestamp) -> Self {
        let date = time.to_zoned(TimeZone::UTC);
        Self {
            year: date.year(),
            month: date.month(),
        }
    }

    /// The month that a key `ops-journal/2026/10/...` belongs to, and the rest of the key.
    pub(super) fn of_key(key: &str) -> Option<(Self, &str)> {
        let mut parts = key.strip_prefix(JOURNAL)?.splitn(3, '/');
        let (year, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let month = Self { year, month };
        let rest = parts.next()?;
        ((1..=12).contains(&month.month) && key.len() == month.prefix().len() + rest.len()).then_some((month, rest))
    }

    pub(super) fn before(self) -> Self {
        match self.month {
            1 => Self {
                year: self.year - 1,
                month: 12,
            },
            month => Self {
                year: self.year,
                month: month - 1,
            },
        }
    }

    /// How the keys of its entries begin.
    pub(super) fn prefix(self) -> String {
        format!("{JOURNAL}{:04}/{:02}/", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let platform = PlatformKey {
            account: "123456789012".to_owned(),
            region: "us-west-2".to_owned(),
            cluster: "jitsi-cluster".to_owned(),
            service: "jitsi-service".to_owned(),
        };
        let who = Who {
            user: "maria".to_owned(),
            host: "laptop".to_owned(),
        };
        let began = "2026-01-15T18:00:00.25Z".parse().unwrap();
        Entry::begun("scale-up", platform, Some("ops".to_owned()), &who, "6f1e", began)
    }

    fn balancer(arn: Option<&str>) -> Resource {
        Resource {
            kind: "load balancer".to_owned(),
            name: "jitsi-nlb".to_owned(),
            arn: arn.map(str::to_owned),
            created_at: None,
            deleted_at: None,
            charged: Charged::default(),
        }
    }

    #[test]
    fn the_json_of_an_entry_is_a_contract() {
        let mut entry = entry();
        entry.ended = Some("2026-01-15T18:05:30Z".parse().unwrap());
        entry.outcome = Outcome::Ended("up".to_owned());
        entry.from_state = Some("standby".to_owned());
        entry.to_state = Some("active".to_owned());
        entry.add_resources(&[Resource {
            created_at: Some("2026-01-15T18:00:02Z".parse().unwrap()),
            ..balancer(Some("arn:lb"))
        }]);
        insta::assert_snapshot!(String::from_utf8(entry.to_bytes()).unwrap(), @r#"
        {
          "schema": "jitsi-ops/journal/v1",
          "id": "20260115T180000Z-6f1e",
          "nonce": "6f1e",
          "operation": "scale-up",
          "profile": "ops",
          "account": "123456789012",
          "region": "us-west-2",
          "cluster": "jitsi-cluster",
          "service": "jitsi-service",
          "who": "maria@laptop",
          "began": "2026-01-15T18:00:00.25Z",
          "ended": "2026-01-15T18:05:30Z",
          "outcome": "up",
          "from_state": "standby",
          "to_state": "active",
          "problem": null,
          "resources": [
            {
              "kind": "load balancer",
              "name": "jitsi-nlb",
              "arn": "arn:lb",
              "created_at": "2026-01-15T18:00:02Z",
              "deleted_at": null
            }
          ]
        }
        "#);
    }

    #[test]
    fn an_entry_of_an_earlier_version_is_read() {
        let mut entry = entry();
        entry.add_resources(&[balancer(Some("arn:lb"))]);
        let text = String::from_utf8(entry.to_bytes()).unwrap();
        assert!(!text.contains("charged"), "what is not known is left out: {text}");
        assert_eq!(Entry::read(entry.id(), text.as_bytes()), Ok(entry.clone()));
        entry.resources[0].charged = Charged {
            from: Some("2026-01-15T18:02:32Z".parse().unwrap()),
            public_addresses: Some(2),
            ..Charged::default()
        };
        insta::assert_snapshot!(serde_json::to_string(&entry.resources[0].charged).unwrap(), @r#"{"from":"2026-01-15T18:02:32Z","public_addresses":2}"#);
        assert_eq!(Entry::read(entry.id(), &entry.to_bytes()), Ok(entry));
    }

    #[test]
    fn an_entry_survives_its_way() {
        let entry = entry();
        assert_eq!(Entry::read(entry.id(), &entry.to_bytes()), Ok(entry.clone()));
        assert!(!entry.is_closed());
    }

    #[test]
    fn what_this_version_cannot_read_says_why() {
        let entry = entry();
        let text = String::from_utf8(entry.to_bytes()).unwrap();
        let newer = text.replace("journal/v1", "journal/v2");
        let why = |id: &str, text: &str| Entry::read(id, text.as_bytes()).unwrap_err();
        assert_eq!(
            why(entry.id(), &newer),
            Unreadable::Schema("jitsi-ops/journal/v2".to_owned())
        );
        assert!(matches!(why(entry.id(), &text[..60]), Unreadable::Damaged(_)));
        assert!(matches!(why(entry.id(), "{}"), Unreadable::Damaged(_)));
        assert_eq!(why("other", &text), Unreadable::Misnamed(entry.id().to_owned()));
    }

    #[test]
    fn what_is_learned_of_a_resource_later_completes_it() {
        let mut entry = entry();
        entry.add_resources(&[balancer(None)]);
        let made = Some("2026-01-15T18:00:02Z".parse().unwrap());
        let again = Resource {
            created_at: made,
            ..balancer(Some("arn:1"))
        };
        entry.add_resources(&[again.clone(), balancer(Some("arn:2"))]);
        assert_eq!(entry.resources, [again, balancer(Some("arn:2"))]);
    }

    #[test]
    fn the_month_before_january_is_december() {
        let month = Month::of("2026-01-31T23:59:59Z".parse().unwrap());
        assert_eq!(month.prefix(), "ops-journal/2026/01/");
        assert_eq!(month.before().prefix(), "ops-journal/2025/12/");
        assert_eq!(month.before().before().prefix(), "ops-journal/2025/11/");
    }

    #[test]
    fn a_key_tells_its_month() {
        let month = Month { year: 2026, month: 1 };
        assert_eq!(Month::of_key("ops-journal/2026/01/a.json"), Some((month, "a.json")));
        for other in [
            "ops-journal/2026/13/a.json",
            "ops-journal/a.json",
            "ops-journal/2026/1/a.json",
            "a/2026/01/a.json",
        ] {
            assert_eq!(Month::of_key(other), None, "{other}");
        }
    }
}
