//! A place to run the real command in: its own folders, its own sandbox, nothing of the machine's.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aws_sandbox::{PlatformSpec, Sandbox, World};
use serde_json::Value;
use tempfile::TempDir;

/// How many times faster than real time the sandbox runs in these tests.
const SPEED: f64 = 100.0;

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

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.path().join("sandbox.json")
    }

    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// The command with `flags`, in an environment that is all its own.
    pub(crate) fn command<I: AsRef<OsStr>>(&self, flags: impl IntoIterator<Item = I>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scale-up"));
        command
            .args(flags)
            .current_dir(self.folder("here"))
            .env_clear()
            .env("HOME", self.path())
            .env("AWS_SANDBOX_STATE", self.state())
            .env("AWS_SANDBOX_SPEED", SPEED.to_string())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", self.path().join("aws-config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.path().join("aws-credentials"))
            .env("AWS_ACCESS_KEY_ID", "123456789012")
            .env("AWS_SECRET_ACCESS_KEY", "secret");
        command
    }

    pub(crate) fn scale_up<I: AsRef<OsStr>>(&self, flags: impl IntoIterator<Item = I>) -> Output {
        self.command(flags).output().unwrap()
    }

    pub(crate) fn configuration(&self, text: &str) -> String {
        let path = self.path().join("jitsi.toml");
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// An AWS profile whose keys belong to `account`.
    pub(crate) fn aws_profile(&self, name: &str, account: &str) {
        let text = format!("[{name}]\naws_access_key_id = {account}\naws_secret_access_key = secret\n");
        std::fs::write(self.path().join("aws-credentials"), text).unwrap();
    }

    pub(crate) fn aws_config(&self, text: &str) {
        std::fs::write(self.path().join("aws-config"), text).unwrap();
    }

    #[track_caller]
    pub(crate) fn json(&self, output: &Output) -> Value {
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", both(output)))
    }

    fn sandbox(&self) -> Sandbox {
        Sandbox::open(&self.state(), 1.0).unwrap()
    }

    /// How many calls have changed something, by the sandbox's own log.
    pub(crate) fn mutating_calls(&self) -> usize {
        if !self.state().exists() {
            return 0;
        }
        self.in_runtime(|sandbox| sandbox.calls().iter().filter(|call| call.mutating).count())
    }

    /// Kinds of what costs money now, by the sandbox's own bill.
    pub(crate) fn still_billing(&self) -> Vec<String> {
        self.in_runtime(|sandbox| {
            sandbox
                .bill()
                .still_billing()
                .iter()
                .map(|item| item.kind.to_string())
                .collect()
        })
    }

    /// The sandbox's clock is tokio's.
    pub(crate) fn in_runtime<R>(&self, ask: impl FnOnce(&Sandbox) -> R) -> R {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async { ask(&self.sandbox()) })
    }

    /// A sandbox of its own behind a port, for as long as the test runs.
    pub(crate) fn serve(&self) -> Served {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let sandbox = Sandbox::with_speed(World::with_platform(&PlatformSpec::default()), SPEED);
                let server = aws_sandbox::serve(sandbox.clone(), ([127, 0, 0, 1], 0).into())
                    .await
                    .unwrap();
                tell.send(server.url().unwrap()).unwrap();
                server.run().await
            })
        });
        Served {
            url: told.recv().unwrap(),
        }
    }
}

/// A sandbox behind a port.
pub(crate) struct Served {
    pub(crate) url: String,
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
        (r#""elapsed_seconds": [0-9.]+"#, r#""elapsed_seconds": [seconds]"#),
        (r"after (\d+ min )?\d+ s\b", "after [time]"),
        (r"\b[0-9a-f]{32}\b", "[task id]"),
        (r"\b[0-9a-f]{16,17}\b", "[id]"),
        (r"\b[0-9a-f]{8}\b", "[short id]"),
        (r"\b172\.31\.\d+\.\d+\b", "[address]"),
        (r"us-west-2[abc]\b", "[zone]"),
        (r"[ \t]+\n", "\n"),
    ]
}
