//! The wire protocols: what a request asks for, and how answers and errors are written.

pub(crate) mod cbor;
pub(crate) mod document;
pub(crate) mod json;
pub(crate) mod node;
pub(crate) mod query;
mod route;
pub(crate) mod successors;
pub(crate) mod xml;
mod zone_path;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::Ms;
use crate::world::Place;

pub(crate) use route::{Protocol, Route, Service, route};

/// An HTTP request, as plain data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// Such as `POST`.
    pub method: String,
    /// The path as it was sent, percent-encoded.
    pub path: String,
    /// The query string, without the question mark; may be empty.
    pub query: String,
    /// Header names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it was sent.
    #[serde(with = "body_as_text")]
    pub body: Vec<u8>,
}

impl Request {
    /// A header's value, or an empty string. The name is given in lower case.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Query parameters, decoded; a name without `=` has an empty value.
    pub(crate) fn query_parameters(&self) -> BTreeMap<String, String> {
        query::parse_form(self.query.as_bytes())
    }
}

/// An HTTP response, as plain data.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers, without `Date` and `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// AWS's code, where it is an error.
    pub error: Option<String>,
}

/// What AWS answers instead of a result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    /// Headers that belong to the error, such as S3's `x-amz-bucket-region`.
    pub(crate) headers: Vec<(String, String)>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
            headers: Vec::new(),
        }
    }

    /// HTTP 400.
    pub(crate) fn client(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Who calls, where and when.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) access_key: String,
    pub(crate) place: Place,
    pub(crate) now: Ms,
    pub(crate) request_id: String,
    /// The call's number in the call log, where it is in one.
    pub(crate) call: Option<u64>,
}

/// Bodies in the state file: as text where they are text.
pub(crate) mod body_as_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Body {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub(crate) fn serialize<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(body) {
            Ok(text) => Body::Text(text.to_owned()),
            Err(_) => Body::Bytes(body.to_vec()),
        }
        .serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        Ok(match Body::deserialize(deserializer)? {
            Body::Text(text) => text.into_bytes(),
            Body::Bytes(bytes) => bytes,
        })
    }
}
