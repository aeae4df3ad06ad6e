//! DescribeParameters: what there is, without values.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Parameter, arn, validation};
use crate::clock::epoch_seconds;
use crate::wire::json::{put, token_key, token_of};
use crate::wire::{ApiError, Caller, json};
use crate::world::World;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct DescribeParameters {
    filters: Vec<Filter>,
    parameter_filters: Vec<Filter>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Filter {
    key: String,
    option: Option<String>,
    values: Vec<String>,
}

/// DescribeParameters: at most fifty a page.
pub(super) fn describe(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let input: DescribeParameters = json::input(body)?;
    if !input.filters.is_empty() && !input.parameter_filters.is_empty() {
        return Err(validation(
            "You can use either Filters or ParameterFilters in a single request.",
        ));
    }
    let size = match input.max_results {
        None => 50,
        Some(size @ 1..=50) => size as usize,
        Some(size) => {
            return Err(validation(format!(
                "1 validation error detected: Value '{size}' at 'maxResults' failed to satisfy constraint: Member must \
                 have value less than or equal to 50"
            )));
        }
    };
    let after = match &input.next_token {
        None => None,
        Some(token) => {
            let invalid = || ApiError::client("InvalidNextToken", "The specified token isn't valid.");
            Some(token_key(token).ok_or_else(invalid)?)
        }
    };
    for (index, filter) in input.parameter_filters.iter().enumerate() {
        filter.check(index + 1)?;
    }
    let filters: Vec<&Filter> = input.filters.iter().chain(&input.parameter_filters).collect();
    let parameters = &world.region(&caller.place).ssm.parameters;
    let mut found = Vec::new();
    for (name, parameter) in parameters {
        let mut matches = after.as_ref().is_none_or(|after| name > after);
        for filter in &filters {
            matches = matches && filter.accepts(name, parameter)?;
        }
        if matches {
            found.push((name, parameter));
        }
    }
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|(name, _)| token_of(name));
    let views: Vec<Value> = found
        .iter()
        .map(|(name, parameter)| view(caller, name, parameter))
        .collect();
    let mut answer = json!({ "Parameters": views });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

impl Filter {
    /// Checks a filter of the newer kind, the `number`-th of the request.
    fn check(&self, number: usize) -> Result<(), ApiError> {
        let key = self.key.as_str();
        if !["Name", "Type", "KeyId", "Path", "Label", "Tier", "DataType"].contains(&key) && !key.starts_with("tag:") {
            return Err(validation(format!(
                "1 validation error detected: Value \"{key}\" at \"parameterFilters.{number}.member.key\" failed to \
                 satisfy constraint: Member must satisfy regular expression pattern: tag:.+|Name|Type|KeyId|Path|Label|Tier"
            )));
        }
        let allowed: &[&str] = match key {
            "Path" => &["OneLevel", "Recursive"],
            // AWS takes Contains too, and does not say so.
            "Name" => &["BeginsWith", "Equals", "Contains"],
            _ => &["BeginsWith", "Equals"],
        };
        match &self.option {
            Some(option) if !allowed.contains(&option.as_str()) => {
                let valid = if key == "Path" {
                    "OneLevel, Recursive"
                } else {
                    "BeginsWith, Equals"
                };
                let message =
                    format!("The following filter option is not valid: {option}. Valid options include: [{valid}].");
                Err(ApiError::client("InvalidFilterOption", message))
            }
            _ => Ok(()),
        }
    }

    fn accepts(&self, name: &str, parameter: &Parameter) -> Result<bool, ApiError> {
        let option = self.option.as_deref();
        let value = match self.key.as_str() {
            "Name" => name,
            "Type" => &parameter.kind,
            "KeyId" => parameter.key_id.as_deref().unwrap_or_default(),
            "DataType" => &parameter.data_type,
            "Tier" => "Standard",
            "Path" => {
                let deep = option == Some("Recursive");
                return Ok(self.values.iter().any(|path| lies_in(name, path, deep)));
            }
            other => {
                let message = format!(
                    "The following filter key is not valid: {other}. Valid filter keys include: [Type, KeyId, Name]."
                );
                return Err(ApiError::client("InvalidFilterKey", message));
            }
        };
        // The older kind of filter has no option, and looks at the beginning.
        Ok(self.values.iter().any(|wanted| match option {
            Some("Equals") => value == wanted,
            Some("Contains") => value.contains(wanted.as_str()),
            _ if self.key == "Name" => value.starts_with(wanted.as_str()),
            _ => value == wanted,
        }))
    }
}

/// Whether a name lies in a hierarchy: directly, or at any depth.
fn lies_in(name: &str, path: &str, deep: bool) -> bool {
    let rest = name
        .strip_prefix(path.trim_end_matches('/'))
        .and_then(|rest| rest.strip_prefix('/'));
    rest.is_some_and(|rest| deep || !rest.contains('/'))
}

fn view(caller: &Caller, name: &str, parameter: &Parameter) -> Value {
    let modified_at = parameter.versions.last().map_or(0, |version| version.modified_at);
    let members = json!({
        "Name": name,
        "ARN": arn(&caller.place, name),
        "Type": parameter.kind,
        "LastModifiedDate": epoch_seconds(modified_at),
        "LastModifiedUser": parameter.modified_by,
        "Version": parameter.versions.len(),
        "Tier": "Standard",
        "Policies": [],
        "DataType": parameter.data_type,
    });
    let Value::Object(mut view) = members else {
        return Value::Null;
    };
    put(&mut view, "KeyId", parameter.key_id.clone());
    put(&mut view, "Description", parameter.description.clone());
    Value::Object(view)
}
