//! A platform whose lock several runs want.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use jitsi_ops::access::Aws;
use jitsi_ops::clock::between;
use jitsi_ops::identity::{PlatformKey, Who};
use jitsi_ops::lock::{Lock, LockError, LockRequest, Place, acquire};
use jitsi_ops::problem::{Problem, ProblemKind};

use crate::stage::{ACCOUNT, Stage};

/// As long as a call may take.
pub(crate) const CALL: Duration = Duration::from_secs(45);

pub(crate) const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A stage on which runs compete for the lock of one platform.
pub(crate) struct Ring {
    pub(crate) stage: Stage,
    pub(crate) aws: Aws,
    s3: aws_sdk_s3::Client,
}

impl Ring {
    pub(crate) async fn new() -> Self {
        let stage = Stage::new();
        Self {
            aws: stage.aws_as(ACCOUNT).await.unwrap(),
            s3: aws_sdk_s3::Client::new(&stage.sdk(ACCOUNT, "us-west-2")),
            stage,
        }
    }

    pub(crate) fn platform(&self) -> PlatformKey {
        PlatformKey {
            account: ACCOUNT.to_owned(),
            region: self.stage.wanted.region.clone(),
            cluster: self.stage.wanted.cluster.clone(),
            service: self.stage.wanted.service.clone(),
        }
    }

    /// A request of `user`, who waits for two minutes.
    pub(crate) fn request(&self, user: &str) -> LockRequest {
        LockRequest {
            place: Place::Bucket {
                bucket: self.stage.spec.bucket_name(),
                platform: self.platform(),
            },
            operation: "scale-up",
            who: Who {
                user: user.to_owned(),
                host: "laptop".to_owned(),
            },
            nonce: format!("nonce-of-{user}"),
            wait: seconds(120),
            only_from_the_dead: false,
            unlocked_on_transport_failure: false,
        }
    }

    pub(crate) async fn acquire(&self, request: &LockRequest) -> Result<Lock, LockError> {
        acquire(&self.aws, request, &self.stage.clock(), |_, _| {}).await
    }

    fn key(&self) -> String {
        format!("ops-lock/{}.json", self.platform().path())
    }

    /// What stands in the bucket.
    pub(crate) async fn body(&self) -> Option<String> {
        let bucket = self.stage.spec.bucket_name();
        let got = self.s3.get_object().bucket(bucket).key(self.key()).send().await.ok()?;
        Some(String::from_utf8(got.body.collect().await.unwrap().to_vec()).unwrap())
    }

    pub(crate) async fn overwrite(&self, text: &str) {
        let body = ByteStream::from(text.as_bytes().to_vec());
        let bucket = self.stage.spec.bucket_name();
        let put = self.s3.put_object().bucket(bucket).key(self.key()).body(body);
        put.send().await.unwrap();
    }

    pub(crate) async fn remove(&self) {
        let bucket = self.stage.spec.bucket_name();
        let delete = self.s3.delete_object().bucket(bucket).key(self.key());
        delete.send().await.unwrap();
    }

    /// Seconds since `began`.
    pub(crate) fn since(&self, began: jiff::Timestamp) -> f64 {
        between(began, self.stage.sandbox.now()).as_secs_f64()
    }

    /// Holds the lock for so long, renewing it, and then gives it back.
    pub(crate) async fn work(&self, mut lock: Lock, length: Duration) {
        let clock = self.stage.clock();
        let began = clock.now();
        while between(began, clock.now()) < length {
            clock.sleep(lock.renewal_in(clock.now()).unwrap()).await;
            lock.renew(&self.aws, &clock).await.unwrap();
        }
        lock.release(&self.aws, &clock).await.unwrap();
    }
}

/// All that the operator is told.
pub(crate) fn told(error: LockError) -> (ProblemKind, String) {
    let problem = Problem::from(error);
    let text = format!("{problem} | {}", problem.hints.join(" | "));
    (problem.kind, text)
}
