//! awsJson1.1: ECS, SSM and Cost Explorer.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Answer, ApiError};
use crate::clock::{Ms, epoch_seconds};

/// Reads the body of a request into the input of an operation.
///
/// # Errors
/// `SerializationException` when the body is no JSON object or a member has the wrong type.
pub(crate) fn input<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body = if body.is_empty() { b"{}" } else { body };
    let malformed = |error: serde_json::Error| ApiError::client("SerializationException", error.to_string());
    let mut value: Value = serde_json::from_slice(body).map_err(malformed)?;
    if !value.is_object() {
        return Err(ApiError::client("SerializationException", "the body must be an object"));
    }
    forget_nulls(&mut value);
    T::deserialize(value).map_err(malformed)
}

/// To AWS, a member that is null was not given.
fn forget_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(forget_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_nulls),
        _ => {}
    }
}

pub(crate) fn success(output: &Value, request_id: &str) -> Answer {
    let body = if output.is_null() {
        Vec::new()
    } else {
        output.to_string().into_bytes()
    };
    Answer {
        status: 200,
        headers: headers(request_id),
        body,
        error: None,
    }
}

pub(crate) fn failure(error: &ApiError, request_id: &str) -> Answer {
    let mut body = serde_json::json!({ "__type": error.code });
    if !error.message.is_empty() {
        body["message"] = error.message.as_str().into();
    }
    let mut headers = headers(request_id);
    headers.extend(error.headers.iter().cloned());
    let code = Some(error.code.clone());
    Answer {
        status: error.status,
        headers,
        body: body.to_string().into_bytes(),
        error: code,
    }
}

fn headers(request_id: &str) -> Vec<(String, String)> {
    vec![
        ("Content-Type".to_owned(), "application/x-amz-json-1.1".to_owned()),
        ("x-amzn-RequestId".to_owned(), request_id.to_owned()),
    ]
}

/// Adds a timestamp where there is one: AWS leaves out what has not happened.
pub(crate) fn put_time(output: &mut Map<String, Value>, name: &str, at: Option<Ms>) {
    if let Some(at) = at {
        output.insert(name.to_owned(), epoch_seconds(at).into());
    }
}

/// Adds a member where there is a value.
pub(crate) fn put<T: Into<Value>>(output: &mut Map<String, Value>, name: &str, value: Option<T>) {
    if let Some(value) = value {
        output.insert(name.to_owned(), value.into());
    }
}

/// An opaque token for the page after the item with this key.
pub(crate) fn token_of(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The key in a token; `None` when the token is not one of ours.
pub(crate) fn token_key(token: &str) -> Option<String> {
    let digits = token.as_bytes().chunks(2);
    let bytes = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(bytes.collect::<Option<Vec<u8>>>()?).ok()
}
