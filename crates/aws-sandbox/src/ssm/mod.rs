//! AWS Systems Manager: the parameter store.
//!
//! A SecureString is kept as it is given; without decryption a made-up ciphertext is answered. KMS does not exist.

mod describe;
mod get;
mod put;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Ms;
use crate::wire::{ApiError, Caller};
use crate::world::{Place, World, hex_of};

/// The parameters of one region of an account, by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Ssm {
    parameters: BTreeMap<String, Parameter>,
}

/// A parameter with all its versions, the first at index 0.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Parameter {
    /// `String`, `StringList` or `SecureString`.
    kind: String,
    description: Option<String>,
    data_type: String,
    key_id: Option<String>,
    versions: Vec<Version>,
    modified_by: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Version {
    value: String,
    modified_at: Ms,
}

impl Ssm {
    /// Whether a parameter exists; the name may select a version.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.select(name).is_some()
    }

    /// A parameter and the index of the selected version (the latest, unless the name ends with `:version`).
    fn select(&self, name: &str) -> Option<(&str, &Parameter, usize)> {
        let (name, selector) = name
            .split_once(':')
            .map_or((name, None), |(name, selector)| (name, Some(selector)));
        let (name, parameter) = self.parameters.get_key_value(name)?;
        let index = match selector {
            None => parameter.versions.len() - 1,
            Some(version) => version.parse::<usize>().ok()?.checked_sub(1)?,
        };
        (index < parameter.versions.len()).then_some((name, parameter, index))
    }

    /// Puts a parameter in place unless there is one of this name.
    pub(crate) fn ensure(&mut self, name: &str, kind: &str, value: &str, now: Ms, by: &str) {
        self.parameters.entry(name.to_owned()).or_insert_with(|| Parameter {
            kind: kind.to_owned(),
            description: None,
            data_type: "text".to_owned(),
            key_id: (kind == "SecureString").then(|| DEFAULT_KEY.to_owned()),
            versions: vec![Version {
                value: value.to_owned(),
                modified_at: now,
            }],
            modified_by: by.to_owned(),
        });
    }
}

/// The key of SecureStrings that name none.
const DEFAULT_KEY: &str = "alias/aws/ssm";

/// Carries out an operation.
///
/// # Errors
/// What AWS would answer.
pub(crate) fn handle(world: &mut World, caller: &Caller, operation: &str, body: &[u8]) -> Result<Value, ApiError> {
    match operation {
        "GetParameter" => get::one(world, caller, body),
        "GetParameters" => get::several(world, caller, body),
        "PutParameter" => put::put(world, caller, body),
        "DeleteParameter" => put::delete(world, caller, body),
        "DescribeParameters" => describe::describe(world, caller, body),
        _ => Err(ApiError::client("UnknownOperationException", "")),
    }
}

/// `ValidationException`, HTTP 400.
fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationException", message)
}

/// The ARN of a parameter; the slash of a name in a hierarchy is not doubled.
fn arn(place: &Place, name: &str) -> String {
    let separator = if name.starts_with('/') { "" } else { "/" };
    format!(
        "arn:aws:ssm:{}:{}:parameter{separator}{name}",
        place.region, place.account
    )
}

/// What is shown of a SecureString without decryption.
fn ciphertext(name: &str, version: usize) -> String {
    let mut digits = String::from("AQICAHh");
    for part in 0..4 {
        digits.push_str(&hex_of(&["ciphertext", name, &version.to_string(), &part.to_string()]));
    }
    digits.push('=');
    digits
}
