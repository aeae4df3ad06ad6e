//! A journal written by hand: what a report is made of, always the same.

use std::fmt::Write;
use std::path::PathBuf;

use command_stand::Stand;

/// One run: its operation, when it began, its resources as JSON, from which state to which.
pub(crate) struct Run<'a> {
    pub(crate) operation: &'a str,
    pub(crate) began: &'a str,
    pub(crate) states: [&'a str; 2],
    pub(crate) resources: &'a [String],
}

/// A task of 4 vCPUs and 8 GB with a public address, charged from and until then.
pub(crate) fn task(id: &str, from: &str, until: Option<&str>) -> String {
    resource(
        "task",
        id,
        from,
        until,
        "\"cpu_units\": 4096, \"memory_mib\": 8192, \"storage_gib\": 20, \"architecture\": \"x86_64\", \"public_addresses\": 1",
    )
}

/// A load balancer in two zones.
pub(crate) fn balancer(id: &str, from: &str, until: Option<&str>) -> String {
    resource(
        "load balancer",
        id,
        from,
        until,
        "\"balancer\": \"network\", \"public_addresses\": 2",
    )
}

fn resource(kind: &str, id: &str, from: &str, until: Option<&str>, charged: &str) -> String {
    let until = until.map_or_else(|| "null".to_owned(), |until| format!("\"{until}\""));
    format!(
        "{{\"kind\": \"{kind}\", \"name\": \"{id}\", \"arn\": \"arn:{id}\", \"created_at\": \"{from}\", \
         \"deleted_at\": {until}, \"charged\": {{\"from\": \"{from}\", {charged}}}}}"
    )
}

/// The folder of the journal of this machine.
pub(crate) fn folder(stand: &Stand) -> PathBuf {
    stand.folder("sandbox.json.ops/journal")
}

/// Writes the entry of a run by `maria@laptop` that lasted five minutes.
pub(crate) fn write(stand: &Stand, run: &Run<'_>) {
    let stamp: String = run.began.chars().filter(|c| !"-:".contains(*c)).collect();
    let id = format!("{stamp}-0a1b");
    let ended = run.began.replace(":00Z", ":30Z");
    let [from, to] = run.states;
    let mut text = String::new();
    let _ = write!(
        text,
        "{{\"schema\": \"jitsi-ops/journal/v1\", \"id\": \"{id}\", \"nonce\": \"0a1b\", \"operation\": \"{}\", \
         \"profile\": null, \"account\": \"123456789012\", \"region\": \"us-west-2\", \
         \"cluster\": \"jitsi-video-platform-cluster\", \"service\": \"jitsi-video-platform-service\", \
         \"who\": \"maria@laptop\", \"began\": \"{}\", \"ended\": \"{ended}\", \"outcome\": \"{}\", \
         \"from_state\": \"{from}\", \"to_state\": \"{to}\", \"problem\": null, \"resources\": [{}]}}",
        run.operation,
        run.began,
        if to == "active" { "up" } else { "down" },
        run.resources.join(", ")
    );
    std::fs::write(folder(stand).join(format!("{id}.json")), text).unwrap();
}

/// December 2025: an evening of two hours and a half, a weekend on which the load balancer was forgotten, a session of fourteen
/// hours; before it, one evening in November.
pub(crate) fn december(stand: &Stand) {
    let sessions = [
        ("2025-11-20T18:00:00Z", "2025-11-20T20:00:00Z", "2025-11-20T20:00:00Z"),
        ("2025-12-03T18:00:00Z", "2025-12-03T20:30:00Z", "2025-12-03T20:30:00Z"),
        ("2025-12-12T17:00:00Z", "2025-12-12T20:00:00Z", "2025-12-14T20:00:00Z"),
        ("2025-12-20T08:00:00Z", "2025-12-20T22:00:00Z", "2025-12-20T22:00:00Z"),
    ];
    for (n, (from, task_until, until)) in sessions.into_iter().enumerate() {
        let (task_id, balancer_id) = (format!("task{n}"), format!("nlb{n}"));
        let up = [task(&task_id, from, None), balancer(&balancer_id, from, None)];
        write(
            stand,
            &Run {
                operation: "scale-up",
                began: from,
                states: ["standby", "active"],
                resources: &up,
            },
        );
        let down = [
            task(&task_id, from, Some(task_until)),
            balancer(&balancer_id, from, Some(until)),
        ];
        write(
            stand,
            &Run {
                operation: "scale-down",
                began: until,
                states: ["active", "standby"],
                resources: &down,
            },
        );
    }
}
