//! A place to run a real command in: its own folders, its own sandbox, nothing of the machine's. For tests only: what cannot
//! go on panics.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod by_hand;
mod month;
mod operate;
mod output;
mod running;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aws_sandbox::{PlatformSpec, Sandbox, World};
use tempfile::TempDir;

pub use crate::output::{both, code, filters, json, stderr, stdout};
pub use crate::running::{Ended, Running, Signal};

/// How many times faster than real time the sandbox runs.
const SPEED: f64 = 100.0;

/// A temporary folder with everything that a run may read or write.
#[derive(Debug)]
pub struct Stand {
    folder: TempDir,
    binary: &'static str,
}

impl Stand {
    /// For the command at this path, `env!("CARGO_BIN_EXE_...")`. Its sandbox begins with a platform at zero.
    pub fn of(binary: &'static str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            binary,
        }
    }

    /// With the platform up for an hour: as scale-up leaves it, its sentinel quiet.
    pub fn up(binary: &'static str) -> Self {
        let stand = Self::of(binary);
        stand.in_runtime(async || operate::raise(&stand.state()).await);
        stand.advance(3_600);
        stand
    }

    /// With a scale-up that has died after so many seconds of its sandbox's time, and left its lock.
    pub fn raising(binary: &'static str, seconds: u32) -> Self {
        let stand = Self::of(binary);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(operate::die_raising(&stand.state(), seconds));
        stand
    }

    /// With thirty sessions in February 2026, of which one was forgotten for two days, and a scale-up that died and left its load
    /// balancer for an hour.
    pub fn with_a_february(binary: &'static str) -> Self {
        let stand = Self::of(binary);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(month::february(&stand.state()));
        stand
    }

    /// Somebody sets the service's desired count to 0, and leaves the load balancer.
    pub fn scale_to_zero_by_hand(&self) {
        self.in_runtime(async || by_hand::scale(&self.open(), 0).await);
    }

    /// Somebody puts a tag on the service.
    pub fn tag_service(&self, key: &str, value: &str) {
        self.in_runtime(async || by_hand::tag_service(&self.open(), key, value).await);
    }

    /// Somebody makes a load balancer beside the platform's, and tags it with nothing.
    pub fn load_balancer_of_a_stranger(&self, name: &str) {
        self.in_runtime(async || by_hand::load_balancer(&self.open(), name).await);
    }

    /// Somebody asks for one task, and makes nothing else.
    pub fn scale_up_by_hand(&self) {
        self.in_runtime(async || by_hand::scale(&self.open(), 1).await);
    }

    /// Somebody deletes the platform's load balancer.
    pub fn delete_load_balancer(&self) {
        self.in_runtime(async || by_hand::delete_load_balancer(&self.open()).await);
    }

    /// Somebody keeps a secret in SSM.
    pub fn put_secret(&self, name: &str, value: &str) {
        self.in_runtime(async || by_hand::put_secret(&self.open(), name, value).await);
    }

    /// A scale-down, as the command makes it with `--sandbox`; it has to end well.
    pub fn lower(&self) {
        self.in_runtime(async || operate::lower(&self.state()).await);
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The sandbox's state file.
    pub fn state(&self) -> PathBuf {
        self.path().join("sandbox.json")
    }

    /// A folder below, which is made.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// The command with `flags`, in an environment that is all its own.
    pub fn command<I: AsRef<OsStr>>(&self, flags: impl IntoIterator<Item = I>) -> Command {
        let mut command = Command::new(self.binary);
        command
            .args(flags)
            .current_dir(self.folder("here"))
            .env_clear()
            .env("HOME", self.path())
            .env("USER", "maria")
            .env("TZ", "UTC")
            .env("AWS_SANDBOX_STATE", self.state())
            .env("AWS_SANDBOX_SPEED", SPEED.to_string())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", self.path().join("aws-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.path().join("aws-credentials"))
            .env("AWS_ACCESS_KEY_ID", "123456789012")
            .env("AWS_SECRET_ACCESS_KEY", "secret");
        command
    }

    /// Runs the command to its end.
    pub fn run<I: AsRef<OsStr>>(&self, flags: impl IntoIterator<Item = I>) -> Output {
        self.command(flags).output().unwrap()
    }

    /// Starts the command, with a sandbox that is `speed` times as fast as real time.
    pub fn start<I: AsRef<OsStr>>(&self, flags: impl IntoIterator<Item = I>, speed: u32) -> Running {
        let mut command = self.command(flags);
        command.env("AWS_SANDBOX_SPEED", speed.to_string());
        Running::start(command)
    }

    /// A configuration file with this text; its path.
    pub fn configuration(&self, text: &str) -> String {
        let path = self.path().join("jitsi.toml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// An AWS profile whose keys belong to `account`.
    pub fn aws_profile(&self, name: &str, account: &str) {
        let text = format!("[{name}]\naws_access_key_id = {account}\naws_secret_access_key = secret\n");
        std::fs::write(self.path().join("aws-credentials"), text).unwrap();
    }

    /// The AWS configuration file.
    pub fn aws_config(&self, text: &str) {
        std::fs::write(self.path().join("aws-config"), text).unwrap();
    }

    /// All calls, by the sandbox's own log.
    pub fn calls(&self) -> Vec<aws_sandbox::Call> {
        self.sandbox(Sandbox::calls)
    }

    /// How many calls have changed something, by the sandbox's own log.
    pub fn mutating_calls(&self) -> usize {
        if !self.state().exists() {
            return 0;
        }
        self.sandbox(|sandbox| sandbox.calls().iter().filter(|call| call.mutating).count())
    }

    /// Kinds of what costs money now, by the sandbox's own bill.
    pub fn still_billing(&self) -> Vec<String> {
        let kind = |item: &&aws_sandbox::BillItem| item.kind.to_string();
        self.sandbox(|sandbox| sandbox.bill().still_billing().iter().map(kind).collect())
    }

    /// Asks, or changes, the sandbox's world.
    pub fn world<R>(&self, ask: impl FnOnce(&mut World) -> R) -> R {
        self.sandbox(|sandbox| sandbox.world(ask))
    }

    /// Lets time pass in the sandbox.
    pub fn advance(&self, seconds: i64) {
        self.sandbox(|sandbox| sandbox.advance(seconds * 1_000)).unwrap();
    }

    fn sandbox<R>(&self, ask: impl FnOnce(&Sandbox) -> R) -> R {
        self.in_runtime(async || ask(&self.open()))
    }

    fn open(&self) -> Sandbox {
        Sandbox::open(&self.state(), 1.0).unwrap()
    }

    /// The sandbox's clock is tokio's.
    fn in_runtime<R>(&self, work: impl AsyncFnOnce() -> R) -> R {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(work())
    }

    /// A sandbox of its own behind a port of this machine, for as long as the test runs; its URL.
    pub fn serve(&self) -> String {
        let world = World::with_platform(&PlatformSpec::default());
        self.serve_sandbox(move || Sandbox::with_speed(world, SPEED)).0
    }

    /// A copy of this stand's sandbox behind a port of this machine, in real time and without a file; its URL, and the copy.
    pub fn serve_copy(&self) -> (String, Sandbox) {
        let world = self.world(|world| world.clone());
        self.serve_sandbox(move || Sandbox::new(world))
    }

    /// The sandbox's clock begins in the runtime that serves it.
    fn serve_sandbox(&self, open: impl FnOnce() -> Sandbox + Send + 'static) -> (String, Sandbox) {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let sandbox = open();
                let server = aws_sandbox::serve(sandbox.clone(), ([127, 0, 0, 1], 0).into())
                    .await
                    .unwrap();
                tell.send((server.url().unwrap(), sandbox)).unwrap();
                server.run().await
            })
        });
        told.recv().unwrap()
    }
}
