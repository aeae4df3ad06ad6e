//! The real `jitsi-config`: what it prints and how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder with a configuration, and the command in an environment of its own.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new(configuration: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("jitsi.toml"), configuration).unwrap();
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("jitsi.toml")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jitsi-config"));
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path());
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut all = vec!["--ops-dir", self.folder.path().to_str().unwrap()];
        all.extend(words);
        self.command(&all).output().unwrap()
    }

    /// Text with the folder's name taken out.
    fn text(&self, bytes: &[u8]) -> String {
        let folder = self.folder.path().to_str().unwrap();
        String::from_utf8_lossy(bytes).replace(folder, "OPS")
    }
}

const TWO: &str = "[defaults]\nproject_name = \"choir\"\n\n[profiles.ops]\ndomain = \"meet.example.org\"\n\n[profiles.test]\ndomain = \"test.example.org\"\nproject_name = \"choir-test\"\n";

#[test]
fn show_prints_every_value_with_its_origin() {
    let desk = Desk::new(TWO);
    let output = desk.run(&["show", "--origin", "--profile", "ops"]);
    assert_eq!(output.status.code(), Some(0), "{}", desk.text(&output.stderr));
    insta::assert_snapshot!(desk.text(&output.stdout));
    let output = desk.run(&["show", "--profile", "ops", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], "jitsi-ops/config/v1");
    assert_eq!(document["profile"], "ops");
    let values = document["values"].as_array().unwrap();
    let cluster = values.iter().find(|v| v["key"] == "cluster_name").unwrap();
    assert_eq!(cluster["value"], "choir-cluster");
}

#[test]
fn check_reads_every_profile() {
    let desk = Desk::new(TWO);
    let output = desk.run(&["check"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(desk.text(&output.stdout), "ok: OPS/jitsi.toml (ops, test)\n");
    let broken = Desk::new(
        &TWO.replace("test.example.org", "not a domain")
            .replace("project_name = \"choir-test\"", "projct_name = \"x\""),
    );
    let output = broken.run(&["check"]);
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(broken.text(&output.stderr));
}

#[test]
fn a_profile_that_does_not_exist_is_told_with_those_that_do() {
    let desk = Desk::new(TWO);
    for words in [vec!["show", "--profile", "opps"], vec!["check", "--profile", "opps"]] {
        let output = desk.run(&words);
        assert_eq!(output.status.code(), Some(2));
        let text = desk.text(&output.stderr);
        assert!(
            text.contains("opps") && text.contains("ops") && text.contains("test"),
            "{text}"
        );
    }
}

#[test]
fn env_prints_what_a_shell_can_evaluate() {
    let desk = Desk::new(TWO);
    let output = desk.run(&["env", "--profile", "ops"]);
    let script = format!(
        "{}\nprintf %s \"$JITSI_DOMAIN $JITSI_CLUSTER\"",
        desk.text(&output.stdout)
    );
    let shell = Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&shell.stdout), "meet.example.org choir-cluster");
    let output = desk.run(&["env", "--terraform", "--profile", "ops"]);
    assert!(
        desk.text(&output.stdout).contains("export TF_VAR_project_name=choir\n"),
        "{}",
        desk.text(&output.stdout)
    );
}

#[test]
fn init_writes_a_starter_and_never_over_a_file() {
    let desk = Desk::new("");
    std::fs::remove_file(desk.file()).unwrap();
    let output = desk.run(&["init"]);
    assert_eq!(output.status.code(), Some(0), "{}", desk.text(&output.stderr));
    assert!(
        desk.text(&output.stdout).starts_with("written: OPS/jitsi.toml"),
        "{}",
        desk.text(&output.stdout)
    );
    assert_eq!(
        desk.run(&["check"]).status.code(),
        Some(0),
        "the starter is valid as it stands"
    );
    std::fs::write(desk.file(), "mine").unwrap();
    let output = desk.run(&["init"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(desk.file()).unwrap(), "mine");
    // Without any place named it goes where it is found again: the user's configuration folder.
    let output = desk.command(&["init"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", desk.text(&output.stderr));
    assert!(desk.folder.path().join(".config/jitsi-ops/jitsi.toml").exists());
}

#[test]
fn nothing_found_says_where_it_looked_and_what_to_do() {
    let desk = Desk::new(TWO);
    let elsewhere = tempfile::tempdir().unwrap();
    let output = desk.command(&["show"]).current_dir(elsewhere.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = desk.text(&output.stderr);
    assert!(
        text.contains("jitsi-video-hosting-ops") && text.contains("jitsi-config init"),
        "{text}"
    );
}
