//! `aws-sandbox task`, on a state file.

use aws_sandbox::Sandbox;
use serde_json::json;

use crate::command::{folder, run};
use crate::wire::{CLUSTER, SERVICE, ecs, scale};

#[tokio::test]
async fn every_running_task_can_be_replaced_by_command() {
    let (_folder, state) = folder();
    let sandbox = Sandbox::open(&state, 60.0).unwrap();
    let (code, out, err) = run(&state, &["task", "replace"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(
        err,
        format!("error: no task of `{SERVICE}` is RUNNING, so there is none to replace\n")
    );
    scale(&sandbox, 2).await;
    run(&state, &["advance", "5m"]);
    let tasks = async || ecs(&sandbox, "ListTasks", json!({ "cluster": CLUSTER })).await.1["taskArns"].clone();
    let before = tasks().await;
    let (code, out, _) = run(&state, &["task", "replace", "--service", SERVICE]);
    assert_eq!(
        (code, out),
        (0, format!("2 tasks of `{SERVICE}` stop, and others take their place\n"))
    );
    run(&state, &["advance", "5m"]);
    let after = tasks().await;
    let list = |tasks: &serde_json::Value| tasks.as_array().cloned().unwrap_or_default();
    assert_eq!((list(&before).len(), list(&after).len()), (2, 2));
    assert!(!list(&before).iter().any(|task| list(&after).contains(task)));
    let (code, _, err) = run(&state, &["task", "replace", "--service", "other"]);
    assert!(
        code == 1 && err.contains("there is no service `other` in the sandbox"),
        "{err}"
    );
    assert_eq!(run(&state, &["task"]).0, 2);
}
