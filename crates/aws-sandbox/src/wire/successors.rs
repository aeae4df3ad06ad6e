//! The protocols that CloudWatch speaks beside the query protocol, awsJson1.0 and CBOR: what they have in common. Callers
//! who once spoke query find the old code of an error in a header.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::node::{Node, map};
use super::{Answer, ApiError, Protocol, Request, cbor};
use crate::clock::epoch_seconds;

/// Reads the body of a request.
///
/// # Errors
/// `SerializationException`.
pub(crate) fn input(protocol: Protocol, request: &Request) -> Result<Node, ApiError> {
    if protocol == Protocol::Cbor {
        return cbor::input(request);
    }
    let body = if request.body.is_empty() {
        b"{}"
    } else {
        &request.body[..]
    };
    let malformed = |what: String| ApiError::client("SerializationException", what);
    let value: Value = serde_json::from_slice(body).map_err(|error| malformed(error.to_string()))?;
    match of_json(value) {
        Some(node @ Node::Map(_)) => Ok(node),
        _ => Err(malformed("the body must be an object".to_owned())),
    }
}

/// `None` for null, which to AWS is a member that was not given. A time is a number here; so are numbers that are none,
/// as words.
fn of_json(value: Value) -> Option<Node> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => Node::Bool(flag),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Node::Integer(number),
            None => Node::Number(number.as_f64()?),
        },
        Value::String(text) => Node::Text(text),
        Value::Array(items) => Node::List(items.into_iter().filter_map(of_json).collect()),
        Value::Object(members) => {
            let members = members
                .into_iter()
                .filter_map(|(name, member)| Some((name, of_json(member)?)));
            Node::Map(members.collect::<BTreeMap<_, _>>())
        }
    })
}

fn to_json(node: &Node) -> Value {
    match node {
        Node::Text(text) => text.as_str().into(),
        Node::Integer(number) => (*number).into(),
        Node::Number(number) => (*number).into(),
        Node::Bool(flag) => (*flag).into(),
        Node::Time(at) => epoch_seconds(*at).into(),
        Node::List(items) => items.iter().map(to_json).collect(),
        Node::Map(members) => json!(
            members
                .iter()
                .map(|(name, node)| (name, to_json(node)))
                .collect::<BTreeMap<_, _>>()
        ),
    }
}

/// `output` is `None` for operations that answer nothing.
pub(crate) fn success(protocol: Protocol, output: Option<&Node>, request_id: &str) -> Answer {
    Answer {
        status: 200,
        headers: headers(protocol, request_id),
        body: match (output, protocol) {
            (Some(output), _) => written(protocol, output),
            (None, Protocol::Cbor) => Vec::new(),
            (None, _) => b"{}".to_vec(),
        },
        error: None,
    }
}

/// An error carries its shape in the body, and in a header the code that it has in the query protocol.
pub(crate) fn failure(protocol: Protocol, error: &ApiError, request_id: &str) -> Answer {
    let shape = format!("com.amazonaws.cloudwatch#{}", shape_of(&error.code));
    let body = map([
        ("__type", shape.as_str().into()),
        ("message", error.message.as_str().into()),
    ]);
    let who = if error.status < 500 { "Sender" } else { "Receiver" };
    let mut headers = headers(protocol, request_id);
    headers.push(("x-amzn-query-error".to_owned(), format!("{};{who}", error.code)));
    headers.extend(error.headers.iter().cloned());
    Answer {
        status: error.status,
        headers,
        body: written(protocol, &body),
        error: Some(error.code.clone()),
    }
}

fn written(protocol: Protocol, node: &Node) -> Vec<u8> {
    if protocol == Protocol::Cbor {
        cbor::encode(node)
    } else {
        to_json(node).to_string().into_bytes()
    }
}

/// The name of an error's shape: that of the model where it has one.
fn shape_of(code: &str) -> String {
    match code {
        "MissingParameter" => "MissingRequiredParameterException".to_owned(),
        "InternalServiceError" => "InternalServiceFault".to_owned(),
        "InvalidNextToken" | "ValidationError" => code.to_owned(),
        _ if code.ends_with("Exception") => code.to_owned(),
        _ => format!("{code}Exception"),
    }
}

fn headers(protocol: Protocol, request_id: &str) -> Vec<(String, String)> {
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![header("x-amzn-RequestId", request_id)];
    if protocol == Protocol::Cbor {
        headers.push(header("smithy-protocol", "rpc-v2-cbor"));
        headers.push(header("Content-Type", "application/cbor"));
    } else {
        headers.push(header("Content-Type", "application/x-amz-json-1.0"));
    }
    headers
}
