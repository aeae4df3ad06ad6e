//! What a task definition must be like, and what AWS fills in.

use serde_json::{Map, Value, json};

use super::names::client;
use crate::wire::ApiError;

/// Checks a definition and fills in AWS's defaults.
pub(super) fn complete(fields: &mut Map<String, Value>) -> Result<(), ApiError> {
    let on_fargate = asks_for_fargate(fields);
    let Some(containers) = fields.get_mut("containerDefinitions").and_then(Value::as_array_mut) else {
        return Err(client("Container list cannot be empty."));
    };
    if containers.is_empty() {
        return Err(client("Container list cannot be empty."));
    }
    let mut names: Vec<String> = Vec::new();
    for container in containers {
        let Some(container) = container.as_object_mut() else {
            return Err(ApiError::client(
                "SerializationException",
                "a container definition must be an object",
            ));
        };
        complete_container(container, on_fargate, &mut names)?;
    }
    for (name, default) in [("volumes", json!([])), ("placementConstraints", json!([]))] {
        fields.entry(name).or_insert(default);
    }
    if on_fargate {
        check_fargate(fields)?;
    } else {
        check_memory(fields)?;
    }
    let compatibilities = if on_fargate {
        json!(["EC2", "FARGATE"])
    } else {
        json!(["EC2"])
    };
    fields.insert("compatibilities".to_owned(), compatibilities);
    Ok(())
}

fn complete_container(
    container: &mut Map<String, Value>,
    on_fargate: bool,
    names: &mut Vec<String>,
) -> Result<(), ApiError> {
    let text = |container: &Map<String, Value>, name: &str| {
        container
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let name = text(container, "name").ok_or_else(|| client("Container.name should not be null or empty."))?;
    text(container, "image").ok_or_else(|| client("Container.image should not be null or empty."))?;
    if names.contains(&name) {
        return Err(client(format!("Container.name must be unique: {name}")));
    }
    names.push(name);
    let stop_timeout = container.get("stopTimeout").and_then(Value::as_i64).unwrap_or(0);
    if on_fargate && !(0..=120).contains(&stop_timeout) {
        return Err(client("StopTimeout must be between 0 and 120 seconds on Fargate."));
    }
    let defaults = [
        ("cpu", json!(0)),
        ("essential", json!(true)),
        ("environment", json!([])),
        ("mountPoints", json!([])),
        ("volumesFrom", json!([])),
        ("portMappings", json!([])),
        ("systemControls", json!([])),
    ];
    for (name, default) in defaults {
        container.entry(name).or_insert(default);
    }
    let mappings = container.get_mut("portMappings").and_then(Value::as_array_mut);
    for mapping in mappings.into_iter().flatten().filter_map(Value::as_object_mut) {
        let port = mapping.get("containerPort").cloned().unwrap_or_default();
        mapping.entry("hostPort").or_insert(port);
        mapping.entry("protocol").or_insert(json!("tcp"));
    }
    Ok(())
}

fn asks_for_fargate(fields: &Map<String, Value>) -> bool {
    let asked = fields.get("requiresCompatibilities").and_then(Value::as_array);
    asked.is_some_and(|asked| asked.iter().any(|what| what == "FARGATE"))
}

/// Without Fargate, memory must be given for the task or for each container.
fn check_memory(fields: &Map<String, Value>) -> Result<(), ApiError> {
    if fields.contains_key("memory") {
        return Ok(());
    }
    let containers = fields.get("containerDefinitions").and_then(Value::as_array);
    let given = |container: &&Value| container["memory"].is_i64() || container["memoryReservation"].is_i64();
    match containers.into_iter().flatten().find(|container| !given(container)) {
        None => Ok(()),
        Some(container) => Err(client(format!(
            "Invalid setting for container '{}'. At least one of 'memory' or 'memoryReservation' must be specified.",
            container["name"].as_str().unwrap_or_default()
        ))),
    }
}

/// What Fargate asks for: network mode, PID mode, and its combinations of CPU units and MiB of memory.
fn check_fargate(fields: &Map<String, Value>) -> Result<(), ApiError> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    if text("networkMode") != Some("awsvpc") {
        return Err(client("Fargate only supports network mode 'awsvpc'."));
    }
    if let Some(mode) = text("pidMode").filter(|mode| *mode != "task") {
        return Err(client(format!(
            "Tasks using the Fargate launch type do not support pidMode '{mode}'. The supported value for pidMode is 'task'."
        )));
    }
    let cpu = text("cpu").ok_or_else(|| client("Fargate requires that 'cpu' be defined at the task level."))?;
    let memory =
        text("memory").ok_or_else(|| client("Fargate requires that 'memory' be defined at the task level."))?;
    let gib = |from: i64, to: i64, step: i64| {
        (from..=to)
            .step_by(step as usize)
            .map(|gib| gib * 1024)
            .collect::<Vec<_>>()
    };
    let allowed = match cpu.parse() {
        Ok(256) => vec![512, 1024, 2048],
        Ok(512) => gib(1, 4, 1),
        Ok(1024) => gib(2, 8, 1),
        Ok(2048) => gib(4, 16, 1),
        Ok(4096) => gib(8, 30, 1),
        Ok(8192) => gib(16, 60, 4),
        Ok(16384) => gib(32, 120, 8),
        Ok(_) | Err(_) => Vec::new(),
    };
    if memory.parse().is_ok_and(|memory: i64| allowed.contains(&memory)) {
        return Ok(());
    }
    Err(client(format!(
        "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS documentation for the valid values."
    )))
}
