//! What a run has told, as the stories ask for it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Output;

use command_stand::{Stand, code, json};
use serde_json::Value;

/// A run that is over.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) code: i32,
    pub(crate) told: Value,
    pub(crate) said: String,
}

impl Story {
    /// Runs the command with `--sandbox --output json` and these flags.
    pub(crate) fn of(stand: &Stand, flags: &[&str]) -> Self {
        let all = ["--sandbox", "--output", "json"].iter().chain(flags);
        Self::told_by(&stand.run(all))
    }

    pub(crate) fn told_by(output: &Output) -> Self {
        Self {
            code: code(output),
            told: json(output),
            said: command_stand::stderr(output),
        }
    }

    /// The phases with this outcome.
    pub(crate) fn phases(&self, outcome: &str) -> Vec<&str> {
        let phases = self.told["phases"].as_array().unwrap().iter();
        let those = phases.filter(|phase| phase["outcome"] == outcome);
        those.map(|phase| phase["name"].as_str().unwrap()).collect()
    }

    pub(crate) fn phase(&self, name: &str) -> &Value {
        let mut phases = self.told["phases"].as_array().unwrap().iter();
        phases.find(|phase| phase["name"] == name).unwrap()
    }

    /// Name and outcome of the checks of a phase.
    pub(crate) fn checks(&self, phase: &str) -> Vec<(&str, &str)> {
        let checks = self.phase(phase)["checks"].as_array().unwrap().iter();
        checks
            .map(|check| (check["name"].as_str().unwrap(), check["outcome"].as_str().unwrap()))
            .collect()
    }

    /// What is said of a check.
    pub(crate) fn why(&self, phase: &str, check: &str) -> &str {
        let mut checks = self.phase(phase)["checks"].as_array().unwrap().iter();
        let found = checks.find(|it| it["name"] == check).unwrap();
        found["why"].as_str().unwrap()
    }

    /// All of it, for the message of a test that fails.
    pub(crate) fn whole(&self) -> String {
        format!("exit {}\n{:#}\n{}", self.code, self.told, self.said)
    }
}
