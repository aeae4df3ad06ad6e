//! A place to run the real command in: its own folders, its own sandbox, nothing of the machine's.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{PlatformSpec, Sandbox, World};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use jitsi_cli::desk::desk;
use jitsi_ops::access::{AccessSettings, Aws, Transport};
use jitsi_ops::clock::Clock;
use jitsi_ops::scale_up::{Interrupts, Outcome, ScaleUp, nothing_has_run, scale_up};
use jitsi_ops::wanted::Wanted;
use serde_json::Value;
use tempfile::TempDir;

/// How many times faster than real time the sandbox runs in these tests.
const SPEED: f64 = 100.0;
/// Likewise, to prepare what the command will find.
const FAST: f64 = 200.0;

/// A temporary folder with everything that a run may read or write.
pub(crate) struct Stand {
    folder: TempDir,
}

impl Stand {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// With the platform up for an hour: as scale-up leaves it, its sentinel quiet.
    pub(crate) fn up() -> Self {
        let stand = Self::new();
        stand.raise();
        stand.in_runtime(|sandbox| sandbox.advance(3_600_000)).unwrap();
        stand
    }

    /// Brings the platform up, as `scale-up --sandbox` does.
    fn raise(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let sandbox = Sandbox::open(&self.state(), FAST).unwrap();
            sandbox.world(|world| world.add_platform(&PlatformSpec::default()));
            let credentials = Credentials::new("123456789012", "secret", None, None, "stand");
            let settings = AccessSettings {
                region: "us-west-2".to_owned(),
                aws_profile: None,
                endpoint_url: None,
                transport: Some(Transport {
                    http_client: sandbox.http_client(),
                    sleep: sandbox.sdk_sleep(),
                    credentials: SharedCredentialsProvider::new(credentials),
                    speed: FAST,
                    wall_clock: SharedTimeSource::new(SystemTimeSource::new()),
                }),
                steady_retries: true,
            };
            let aws = Aws::connect(&settings).await.unwrap();
            let text = "[profiles.sandbox]\ndomain = \"meet.sandbox.example\"\n";
            let platform = jitsi_config::load_text("stand.toml".as_ref(), text, None)
                .unwrap()
                .platform;
            let request = ScaleUp {
                timeout: Duration::from_secs(1200),
                rollback: Some(nothing_has_run),
                desk: desk(Duration::ZERO, Some(&self.state())).unwrap(),
                seed: 7,
            };
            let clock = Clock::starting_at(sandbox.now(), FAST);
            let wanted = Wanted::of(&platform, 1, false);
            let report = scale_up(&aws, &wanted, &request, clock, &|_| {}, &Interrupts::default()).await;
            assert_eq!(report.outcome, Outcome::Up, "{:?}", report.problem);
        });
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("sandbox.json")
    }

    /// The command with `flags`, in an environment that is all its own.
    pub(crate) fn command<I: AsRef<OsStr>>(&self, flags: impl IntoIterator<Item = I>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scale-down"));
        command
            .args(flags)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("USER", "maria")
            .env("TZ", "UTC")
            .env("AWS_SANDBOX_STATE", self.state())
            .env("AWS_SANDBOX_SPEED", SPEED.to_string());
        command
    }

    pub(crate) fn scale_down<I: AsRef<OsStr>>(&self, flags: impl IntoIterator<Item = I>) -> Output {
        self.command(flags).output().unwrap()
    }

    /// How many calls have changed something, by the sandbox's own log.
    pub(crate) fn mutating_calls(&self) -> usize {
        self.in_runtime(|sandbox| sandbox.calls().iter().filter(|call| call.mutating).count())
    }

    /// Kinds of what costs money now, by the sandbox's own bill.
    pub(crate) fn still_billing(&self) -> Vec<String> {
        let kind = |item: &&aws_sandbox::BillItem| item.kind.to_string();
        self.in_runtime(|sandbox| sandbox.bill().still_billing().iter().map(kind).collect())
    }

    pub(crate) fn world<R>(&self, ask: impl FnOnce(&mut World) -> R) -> R {
        self.in_runtime(|sandbox| sandbox.world(ask))
    }

    /// The sandbox's clock is tokio's.
    pub(crate) fn in_runtime<R>(&self, ask: impl FnOnce(&Sandbox) -> R) -> R {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { ask(&Sandbox::open(&self.state(), 1.0).unwrap()) })
    }
}

#[track_caller]
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", both(output)))
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn both(output: &Output) -> String {
    format!(
        "exit {:?}\n{}\n{}",
        output.status.code(),
        stdout(output),
        stderr(output)
    )
}

/// What differs from run to run: times, ids, addresses.
pub(crate) fn filters() -> Vec<(&'static str, &'static str)> {
    vec![
        (r"\d{4}-\d\d-\d\dT[0-9:.]+Z", "[time]"),
        (r#""(elapsed_seconds|hours)": [0-9.]+"#, r#""$1": [number]"#),
        (r"\b[0-9a-f]{32}\b", "[task id]"),
        (r"\b[0-9a-f]{16,17}\b", "[id]"),
        (r"\b[0-9a-f]{8}\b", "[short id]"),
        (r"\b172\.31\.\d+\.\d+\b", "[address]"),
    ]
}
