//! The command `aws-sandbox`.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use aws_sandbox::Sandbox;
use serde_json::Value;
use tempfile::TempDir;

use crate::wire::{scale, service};

pub(crate) fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("sandbox.json");
    (folder, state)
}

fn command(state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_aws-sandbox"));
    command
        .args(arguments)
        .env("AWS_SANDBOX_STATE", state)
        .env_remove("AWS_SANDBOX_SPEED");
    command
}

/// Exit code, stdout, stderr.
pub(crate) fn run(state: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = command(state, arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_bill_says_what_existed_and_whether_anything_still_bills() {
    let (_folder, state) = folder();
    let (code, out, err) = run(&state, &["bill", "--check"]);
    assert_eq!(
        (code, out.as_str()),
        (1, ""),
        "a slip in the name must not look like an empty world"
    );
    assert!(err.contains("there is no sandbox state"), "{err}");
    assert!(!state.exists());

    drop(Sandbox::open(&state, 60.0).unwrap());
    let (code, text, _) = run(&state, &["bill"]);
    assert_eq!((code, text.lines().count()), (0, 1));
    assert!(text.starts_with("nothing bills any more"), "{text}");

    scale(&Sandbox::open(&state, 60.0).unwrap(), 1).await;
    let (code, text, _) = run(&state, &["advance", "1h30m"]);
    assert_eq!(code, 0);
    assert!(text.starts_with("it is 2026-01-15T19:3"), "{text}");
    let (code, text, _) = run(&state, &["bill", "--check"]);
    assert_eq!(code, 3);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(
        lines[0].starts_with("fargate-task") && lines[0].contains("to now"),
        "{text}"
    );
    assert!(lines[2].starts_with("2 still bill: fargate-task `"), "{text}");
    assert_eq!(run(&state, &["bill"]).0, 0);

    scale(&Sandbox::open(&state, 60.0).unwrap(), 0).await;
    run(&state, &["advance", "90s"]);
    let (code, text, _) = run(&state, &["bill", "--check", "--output", "json"]);
    assert_eq!(code, 0);
    let bill: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (bill["schema"].as_str(), bill["still_billing"].as_u64()),
        (Some("aws-sandbox/bill/v1"), Some(0))
    );
    assert_eq!(bill["items"].as_array().unwrap().len(), 2);
    assert!(bill["items"][0]["until"].is_string() && bill["items"][0]["from"].is_string());
}

#[tokio::test]
async fn the_log_shows_the_calls_and_reset_deletes_it() {
    let (_folder, state) = folder();
    let sandbox = Sandbox::open(&state, 100_000.0).unwrap();
    service(&sandbox).await;
    scale(&sandbox, 1).await;
    drop(sandbox);
    let (_, text, _) = run(&state, &["log"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("200 ecs:DescribeServices"), "{text}");
    let (_, text, _) = run(&state, &["log", "--mutating", "--output", "json"]);
    let call: Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(
        (call["number"].as_u64(), call["operation"].as_str()),
        (Some(2), Some("UpdateService"))
    );
    let (code, text, _) = run(&state, &["reset"]);
    assert_eq!((code, text.lines().count()), (0, 2));
    assert!(
        text.contains("sandbox.json\n") && text.contains("sandbox.json.calls.jsonl\n"),
        "{text}"
    );
    assert_eq!(run(&state, &["log"]).1, "");
    let (code, text, _) = run(&state, &["reset"]);
    assert!(code == 0 && text.starts_with("nothing to delete"), "{text}");
}

#[tokio::test]
async fn mistakes_are_told_on_stderr_with_their_exit_code() {
    let (_folder, state) = folder();
    for arguments in [
        &["advance", "soon"][..],
        &["advance", "-1h"],
        &["dance"],
        &["serve", "--speed", "0"],
        &[],
    ] {
        let (code, out, err) = run(&state, arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}");
        assert!(!err.is_empty());
    }
    std::fs::write(&state, "{").unwrap();
    let (code, out, err) = run(&state, &["bill"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with("error: ") && err.contains("aws-sandbox reset"), "{err}");
    std::fs::remove_file(&state).unwrap();
    drop(Sandbox::open(&state, 60.0));
    let nonsense = command(&state, &["bill"])
        .env("AWS_SANDBOX_SPEED", "fast")
        .output()
        .unwrap();
    assert_eq!(nonsense.status.code(), Some(1));
    assert!(
        String::from_utf8(nonsense.stderr)
            .unwrap()
            .contains("`AWS_SANDBOX_SPEED`")
    );
}

#[test]
fn the_state_folder_of_the_user_is_the_default() {
    let (folder, state) = folder();
    let mut command = command(&state, &["reset"]);
    let output = command
        .env_remove("AWS_SANDBOX_STATE")
        .env("XDG_STATE_HOME", folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let expected = folder.path().join("jitsi-ops").join("aws-sandbox.json");
    assert_eq!(text.trim(), format!("nothing to delete at {}", expected.display()));
}

#[tokio::test]
async fn a_closed_pipe_is_no_reason_to_complain() {
    let (_folder, state) = folder();
    let sandbox = Sandbox::open(&state, 100_000.0).unwrap();
    for _ in 0..300 {
        service(&sandbox).await;
    }
    let mut child = command(&state, &["log"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""));
}

#[test]
fn serve_prints_its_url_first_and_ends_with_sigterm() {
    let (_folder, state) = folder();
    let mut child = command(&state, &["serve", "--empty"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut url = String::new();
    out.read_line(&mut url).unwrap();
    let address = url.trim().strip_prefix("http://").unwrap();
    assert!(address.starts_with("127.0.0.1:"), "loopback only: {url}");
    std::net::TcpStream::connect(address).unwrap();
    let killed = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(err.contains("clock at 60x") && err.contains("subnet-"), "{err}");
    assert!(!state.exists(), "without --state nothing is kept");
}

#[test]
fn reset_deletes_nothing_that_is_no_state_unless_it_is_told_to() {
    let (_folder, state) = folder();
    std::fs::write(&state, "precious").unwrap();
    let (code, _, err) = run(&state, &["reset"]);
    assert_eq!(code, 1);
    assert!(err.contains("is not a sandbox's state"), "{err}");
    assert_eq!(std::fs::read_to_string(&state).unwrap(), "precious");
    assert_eq!(run(&state, &["reset", "--force"]).0, 0);
    assert!(!state.exists());
}
