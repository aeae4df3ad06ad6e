//! PutParameter and DeleteParameter.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{DEFAULT_KEY, Parameter, Version, validation};
use crate::wire::{ApiError, Caller, json};
use crate::world::World;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct PutParameter {
    name: String,
    value: String,
    r#type: Option<String>,
    overwrite: bool,
    description: Option<String>,
    key_id: Option<String>,
    data_type: Option<String>,
    tags: Vec<Value>,
}

const DATA_TYPES: &[&str] = &["text", "aws:ec2:image", "aws:ssm:integration"];

/// What a value of the standard tier may have.
const LONGEST_VALUE: usize = 4_096;

/// PutParameter: a new version each time.
pub(super) fn put(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: PutParameter = json::input(body)?;
    check_name(&input.name)?;
    if input.value.is_empty() {
        return Err(validation(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length \
             greater than or equal to 1.",
        ));
    }
    if input.value.len() > LONGEST_VALUE {
        return Err(validation(
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger \
             parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see \
             https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
        ));
    }
    if input.overwrite && !input.tags.is_empty() {
        return Err(validation(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
             overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
             RemoveTagsFromResource.",
        ));
    }
    if let Some(kind) = input
        .r#type
        .as_deref()
        .filter(|kind| !["String", "StringList", "SecureString"].contains(kind))
    {
        return Err(validation(format!(
            "1 validation error detected: Value '{kind}' at 'type' failed to satisfy constraint: Member must satisfy enum \
             value set: [SecureString, StringList, String]"
        )));
    }
    if let Some(data_type) = input.data_type.as_deref().filter(|it| !DATA_TYPES.contains(it)) {
        return Err(validation(format!(
            "The following data type is not supported: {data_type} (Data type names are all lowercase.)"
        )));
    }
    let modified_by = format!("arn:aws:iam::{}:user/{}", caller.place.account, caller.access_key);
    let parameters = &mut world.region(&caller.place).ssm.parameters;
    let existing = parameters.get(&input.name);
    if existing.is_some() && !input.overwrite {
        return Err(ApiError::client(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    let kind = input.r#type.or_else(|| existing.map(|it| it.kind.clone()));
    let kind = kind.ok_or_else(|| validation("A parameter type is required when you create a parameter."))?;
    let key_id = input
        .key_id
        .or_else(|| (kind == "SecureString").then(|| DEFAULT_KEY.to_owned()));
    let parameter = parameters.entry(input.name).or_insert_with(|| Parameter {
        kind: kind.clone(),
        description: None,
        data_type: "text".to_owned(),
        key_id: None,
        versions: Vec::new(),
        modified_by: String::new(),
    });
    parameter.kind = kind;
    parameter.key_id = key_id;
    parameter.modified_by = modified_by;
    parameter.description = input.description.or(parameter.description.take());
    if let Some(data_type) = input.data_type {
        parameter.data_type = data_type;
    }
    parameter.versions.push(Version {
        value: input.value,
        modified_at: caller.now,
    });
    Ok(json!({ "Version": parameter.versions.len(), "Tier": "Standard" }))
}

fn check_name(name: &str) -> Result<(), ApiError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    let first = name
        .strip_prefix('/')
        .unwrap_or(name)
        .split('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let reserved = first.starts_with("aws") || first.starts_with("ssm");
    if reserved && name.starts_with('/') {
        return Err(ApiError::client(
            "AccessDeniedException",
            format!("No access to reserved parameter name: {name}."),
        ));
    }
    if reserved {
        let message = "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).";
        return Err(validation(message));
    }
    if name.is_empty() || name.len() > 1_011 || !name.bytes().all(legal) || name.ends_with('/') {
        return Err(validation(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
             sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the \
             following 3 symbols .-_",
        ));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(validation("Parameter name must be a fully qualified name."));
    }
    Ok(())
}

/// DeleteParameter.
pub(super) fn delete(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    #[derive(Deserialize, Default)]
    #[serde(rename_all = "PascalCase", default)]
    struct DeleteParameter {
        name: String,
    }
    let input: DeleteParameter = json::input(body)?;
    let gone = world.region(&caller.place).ssm.parameters.remove(&input.name);
    let not_found = || ApiError::client("ParameterNotFound", "");
    gone.map(|_| json!({})).ok_or_else(not_found)
}
