//! awsQuery: ELBv2 and STS. Forms in, XML out.

use std::collections::BTreeMap;

use percent_encoding::percent_decode;

use super::xml::{Element, element, text};
use super::{Answer, ApiError, Service};

/// The parameters of a request, or of one structure within it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters(BTreeMap<String, String>);

/// Decodes `a=1&b=two%20words`. What is no UTF-8 is replaced.
pub(crate) fn parse_form(form: &[u8]) -> BTreeMap<String, String> {
    let decode = |bytes: &[u8]| {
        let spaced: Vec<u8> = bytes
            .iter()
            .map(|byte| if *byte == b'+' { b' ' } else { *byte })
            .collect();
        percent_decode(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=');
            let (name, value) = at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
            (decode(name), decode(value))
        })
        .collect()
}

impl Parameters {
    pub(crate) fn new(form: BTreeMap<String, String>) -> Self {
        Self(form)
    }

    /// A value that was given and is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A value that must be given.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name)
            .ok_or_else(|| validation(format!("A {name} must be specified")))
    }

    /// A whole number within a range.
    ///
    /// # Errors
    /// `ValidationError`.
    pub(crate) fn number(&self, name: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        let Some(given) = self.text(name) else { return Ok(None) };
        match given.parse() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            Ok(number) => Err(validation(format!(
                "{name} '{number}' must be between '{}' and '{}'",
                range.start(),
                range.end()
            ))),
            Err(_) => Err(ApiError::client(
                "MalformedInput",
                format!("{name} '{given}' is not a number"),
            )),
        }
    }

    /// `Names.member.1`, `Names.member.2`, ...
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        (1..)
            .map_while(|index| self.0.get(&format!("{name}.member.{index}")).cloned())
            .collect()
    }

    /// `Targets.member.1.Id`, `Targets.member.1.Port`, ...: one set of parameters for each member.
    pub(crate) fn structures(&self, name: &str) -> Vec<Self> {
        let member = |index: u32| {
            let fields = self.within(&format!("{name}.member.{index}."));
            (!fields.0.is_empty()).then_some(fields)
        };
        (1..).map_while(member).collect()
    }

    /// The parameters whose name begins with `prefix`, without it.
    pub(crate) fn within(&self, prefix: &str) -> Self {
        let range = self
            .0
            .range(prefix.to_owned()..)
            .take_while(|(name, _)| name.starts_with(prefix));
        Self(
            range
                .map(|(name, value)| (name[prefix.len()..].to_owned(), value.clone()))
                .collect(),
        )
    }

    /// Whether any parameter of this name, or of a list of this name, was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name) || !self.within(&format!("{name}.")).0.is_empty()
    }
}

/// `ValidationError`, HTTP 400.
pub(crate) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::client("ValidationError", message)
}

pub(crate) fn success(service: Service, operation: &str, result: Vec<Element>, request_id: &str) -> Answer {
    let result = element(&format!("{operation}Result"), result);
    let metadata = element("ResponseMetadata", [text("RequestId", request_id)]);
    let response = element(&format!("{operation}Response"), [result, metadata]).in_namespace(service.namespace());
    Answer {
        status: 200,
        headers: headers(request_id),
        body: response.document(),
        error: None,
    }
}

pub(crate) fn failure(service: Service, error: &ApiError, request_id: &str) -> Answer {
    let who = if error.status < 500 { "Sender" } else { "Receiver" };
    let details = element(
        "Error",
        [
            text("Type", who),
            text("Code", &error.code),
            text("Message", &error.message),
        ],
    );
    let response = element("ErrorResponse", [details, text("RequestId", request_id)]).in_namespace(service.namespace());
    let mut headers = headers(request_id);
    headers.extend(error.headers.iter().cloned());
    Answer {
        status: error.status,
        headers,
        body: response.document(),
        error: Some(error.code.clone()),
    }
}

/// The headers of an answer in XML.
pub(crate) fn headers(request_id: &str) -> Vec<(String, String)> {
    vec![
        ("Content-Type".to_owned(), "text/xml".to_owned()),
        ("x-amzn-RequestId".to_owned(), request_id.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_structures_are_read_from_a_form() {
        let form =
            parse_form(b"Names.member.1=a&Names.member.2=b+c&Targets.member.1.Id=10.0.0.1&Targets.member.1.Port=80&X=");
        let parameters = Parameters::new(form);
        assert_eq!(parameters.list("Names"), ["a", "b c"]);
        let targets = parameters.structures("Targets");
        assert_eq!(
            (targets.len(), targets[0].text("Id"), targets[0].text("Port")),
            (1, Some("10.0.0.1"), Some("80"))
        );
        assert!(parameters.has("Targets") && !parameters.has("Name"));
        assert_eq!(parameters.text("X"), None);
    }

    #[test]
    fn eleven_members_are_read_in_the_order_of_their_numbers() {
        let form: Vec<String> = (1..=11).map(|index| format!("N.member.{index}={index}")).collect();
        let numbers = Parameters::new(parse_form(form.join("&").as_bytes())).list("N");
        assert_eq!(numbers.last().map(String::as_str), Some("11"));
        assert_eq!(numbers.len(), 11);
    }

    #[test]
    fn a_number_out_of_range_is_a_validation_error() {
        let parameters = Parameters::new(parse_form(b"Port=70000&Word=x"));
        assert_eq!(
            parameters.number("Port", 1..=65535).unwrap_err().code,
            "ValidationError"
        );
        assert!(parameters.number("Word", 1..=2).is_err());
        assert_eq!(parameters.number("None", 1..=2).unwrap(), None);
    }
}
