//! GetParameter and GetParameters.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ssm, arn, ciphertext, validation};
use crate::clock::epoch_seconds;
use crate::wire::{ApiError, Caller, json};
use crate::world::World;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct GetParameters {
    names: Vec<String>,
    with_decryption: bool,
}

/// GetParameters: one to ten names. Unknown ones are `InvalidParameters` of a successful answer; the others come in the
/// order of their names.
pub(super) fn several(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: GetParameters = json::input(body)?;
    if input.names.is_empty() || input.names.len() > 10 {
        let bound = if input.names.is_empty() {
            "greater than or equal to 1"
        } else {
            "less than or equal to 10"
        };
        return Err(validation(format!(
            "1 validation error detected: Value '[{}]' at 'names' failed to satisfy constraint: Member must have length {bound}.",
            input.names.join(", ")
        )));
    }
    let ssm = &world.region(&caller.place).ssm;
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in &input.names {
        match view(ssm, caller, name, input.with_decryption) {
            Some(parameter) => found.push(parameter),
            None => invalid.push(name.clone()),
        }
    }
    found.sort_by_key(|parameter| parameter["Name"].as_str().unwrap_or_default().to_owned());
    Ok(json!({ "Parameters": found, "InvalidParameters": invalid }))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct GetParameter {
    name: String,
    with_decryption: bool,
}

/// GetParameter.
pub(super) fn one(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: GetParameter = json::input(body)?;
    let ssm = &world.region(&caller.place).ssm;
    let parameter = view(ssm, caller, &input.name, input.with_decryption);
    let parameter = parameter.ok_or_else(|| not_found(ssm, &input.name))?;
    Ok(json!({ "Parameter": parameter }))
}

/// Why a parameter is not found: there is none, or not this version of it.
fn not_found(ssm: &Ssm, given: &str) -> ApiError {
    match given.split_once(':') {
        Some((name, version)) if ssm.contains(name) => {
            let message = format!(
                "Systems Manager could not find version {version} of {name}. Verify the version and try again."
            );
            ApiError::client("ParameterVersionNotFound", message)
        }
        // AWS says nothing more.
        _ => ApiError::client("ParameterNotFound", ""),
    }
}

/// A parameter by name or ARN, with or without `:version`.
fn view(ssm: &Ssm, caller: &Caller, given: &str, decrypt: bool) -> Option<Value> {
    let (name, parameter, index) = match given.split_once(":parameter") {
        Some((_, path)) if given.starts_with("arn:") => ssm
            .select(path)
            .or_else(|| ssm.select(path.strip_prefix('/').unwrap_or(path))),
        _ => ssm.select(given),
    }?;
    let version = &parameter.versions[index];
    let hidden = parameter.kind == "SecureString" && !decrypt;
    let mut view = json!({
        "Name": name,
        "Type": parameter.kind,
        "Value": if hidden { ciphertext(name, index + 1) } else { version.value.clone() },
        "Version": index + 1,
        "LastModifiedDate": epoch_seconds(version.modified_at),
        "ARN": arn(&caller.place, name),
        "DataType": parameter.data_type,
    });
    if !given.starts_with("arn:")
        && let Some((_, selector)) = given.split_once(':')
    {
        view["Selector"] = format!(":{selector}").into();
    }
    Some(view)
}
