//! Where journals are written: a bucket, and two machines.

use aws_sandbox::Fault;
use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;
use jitsi_ops::access::Aws;
use jitsi_ops::identity::Who;
use jitsi_ops::journal::{Charged, Entry, Journal, Outcome, Resource, Settled, Settlement};
use jitsi_ops::lock::Lock;
use tempfile::TempDir;

use crate::ring::Ring;
use crate::stage::ACCOUNT;

/// A bucket, and machines with state folders of their own.
pub(crate) struct Desk {
    pub(crate) ring: Ring,
    s3: aws_sdk_s3::Client,
    pub(crate) maria: TempDir,
    pub(crate) bob: TempDir,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        let ring = Ring::new().await;
        Self {
            s3: aws_sdk_s3::Client::new(&ring.stage.sdk(ACCOUNT, "us-west-2")),
            ring,
            maria: tempfile::tempdir().unwrap(),
            bob: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn aws(&self) -> &Aws {
        &self.ring.aws
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ring.stage.sandbox.now()
    }

    pub(crate) fn bucket(&self) -> String {
        self.ring.stage.spec.bucket_name()
    }

    pub(crate) fn journal(&self, machine: &TempDir) -> Journal {
        Journal::new(machine.path(), Some(self.bucket()), self.ring.platform())
    }

    pub(crate) fn entry(&self, user: &str, began: Timestamp) -> Entry {
        let who = who(user);
        let mut entry = Entry::begun(
            "scale-up",
            self.ring.platform(),
            Some("ops".to_owned()),
            &who,
            &format!("nonce-of-{user}"),
            began,
        );
        entry.from_state = Some("standby".to_owned());
        entry
    }

    /// Takes the lock as this user, from whoever holds it.
    pub(crate) async fn lock(&self, user: &str) -> Lock {
        self.ring.acquire(&self.ring.request(user)).await.unwrap()
    }

    /// Puts the journal in order as this user, at this time.
    pub(crate) async fn settle_at(&self, journal: &mut Journal, lock: &Lock, user: &str, now: Timestamp) -> Settled {
        let settlement = Settlement {
            nonce: &format!("nonce-of-{user}"),
            who: &who(user),
            now,
            state: Some("orphaned"),
            resources: vec![balancer()],
        };
        journal.settle(self.aws(), lock, &settlement).await
    }

    pub(crate) async fn settle(&self, journal: &mut Journal, lock: &Lock, user: &str) -> Settled {
        self.settle_at(journal, lock, user, self.now()).await
    }

    /// What this machine reads of January 2026.
    pub(crate) async fn january(&self, machine: &TempDir) -> Vec<Entry> {
        let read = self.journal(machine).read_month(self.aws(), 2026, 1).await.unwrap();
        assert_eq!(read.unreadable, []);
        read.entries
    }

    /// Keys in the bucket below `ops-journal/`.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let list = self.s3.list_objects_v2().bucket(self.bucket()).prefix("ops-journal/");
        let answer = list.send().await.unwrap();
        let short = |key: &str| key.trim_start_matches("ops-journal/").to_owned();
        answer
            .contents()
            .iter()
            .map(|object| short(object.key().unwrap()))
            .collect()
    }

    pub(crate) async fn write(&self, key: &str, text: &str) {
        let body = ByteStream::from(text.as_bytes().to_vec());
        let key = format!("ops-journal/{key}");
        self.s3
            .put_object()
            .bucket(self.bucket())
            .key(key)
            .body(body)
            .send()
            .await
            .unwrap();
    }

    pub(crate) async fn remove(&self, key: &str) {
        let key = format!("ops-journal/{key}");
        let removal = self.s3.delete_object().bucket(self.bucket()).key(key);
        removal.send().await.unwrap();
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.ring.stage.sandbox.inject(fault);
    }
}

pub(crate) fn who(user: &str) -> Who {
    Who {
        user: user.to_owned(),
        host: "laptop".to_owned(),
    }
}

pub(crate) fn balancer() -> Resource {
    Resource {
        kind: "load balancer".to_owned(),
        name: "jitsi-nlb".to_owned(),
        arn: Some("arn:lb".to_owned()),
        created_at: Some("2026-01-15T18:00:02Z".parse().unwrap()),
        deleted_at: None,
        charged: Charged::default(),
    }
}

/// The entry of a run that ended well.
pub(crate) fn ended(mut entry: Entry, now: Timestamp) -> Entry {
    entry.ended = Some(now);
    entry.outcome = Outcome::Ended("up".to_owned());
    entry.to_state = Some("active".to_owned());
    entry.add_resources(&[balancer()]);
    entry
}

/// Names of the files that a machine keeps.
pub(crate) fn kept(machine: &TempDir) -> Vec<String> {
    let Ok(files) = std::fs::read_dir(machine.path().join("journal")) else {
        return Vec::new();
    };
    let mut names: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(crate) fn outcomes(entries: &[Entry]) -> Vec<(&str, Outcome)> {
    entries
        .iter()
        .map(|entry| (entry.nonce.as_str(), entry.outcome.clone()))
        .collect()
}

pub(crate) fn up() -> Outcome {
    Outcome::Ended("up".to_owned())
}

pub(crate) fn text(entry: &Entry) -> String {
    serde_json::to_string(entry).unwrap()
}
