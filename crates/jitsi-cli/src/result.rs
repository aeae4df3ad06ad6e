//! Forms of a result: durations, tables, JSON.

use std::time::Duration;

use comfy_table::{Table, presets};
use serde::Serialize;

/// `8 s`, `4 min 30 s`, `1 h 05 min`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}

/// `0:08`, `4:30`, `1:05:00`: for lines that stand below each other.
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, m, s) => format!("{m}:{s:02}"),
        (h, m, s) => format!("{h}:{m:02}:{s:02}"),
    }
}

/// An empty table, as wide as its content: a terminal breaks long lines by itself, so that names can still be copied.
pub fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table
}

/// The document that `--output json` prints.
pub fn json(document: &impl Serialize) -> String {
    // Our documents are plain structs with text keys; there is nothing in them that JSON cannot hold.
    serde_json::to_string_pretty(document).unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}"))
}
