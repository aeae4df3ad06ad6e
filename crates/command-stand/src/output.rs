//! What a command has printed, and what in it differs from run to run.

use std::process::Output;

use serde_json::Value;

/// The JSON document on standard output.
#[track_caller]
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", both(output)))
}

/// The exit code.
#[track_caller]
pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Standard output.
pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Standard error.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// All of it, for the message of a test that fails.
pub fn both(output: &Output) -> String {
    format!(
        "exit {:?}\n{}\n{}",
        output.status.code(),
        stdout(output),
        stderr(output)
    )
}

/// What differs from run to run: times, ids, addresses.
pub fn filters() -> Vec<(&'static str, &'static str)> {
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
