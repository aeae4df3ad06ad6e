//! What the values of a record set must be like, by its type.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::names::normal;

/// The types that a set can have, and whether its values are checked here.
pub(super) const TYPES: &[&str] = &[
    "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB",
    "TLSA", "TXT",
];

/// What AWS says of the values of a set, where it would not take them.
pub(super) fn problems(kind: &str, values: &[String]) -> Vec<String> {
    let mut problems: Vec<String> = values.iter().filter_map(|value| problem(kind, value)).collect();
    for (index, value) in values.iter().enumerate() {
        if values[..index].contains(value) {
            problems.push(format!("Duplicate Resource Record: '{value}'"));
        }
    }
    if matches!(kind, "CNAME" | "SOA") && values.len() > 1 {
        problems.push(format!(
            "A resource record set of type {kind} must have exactly one value"
        ));
    }
    problems
}

fn problem(kind: &str, value: &str) -> Option<String> {
    let fatal = |code: &str, words: &str| {
        Some(format!(
            "Invalid Resource Record: 'FATAL problem: {code} ({words}) encountered with '{value}''"
        ))
    };
    let numbers = |parts: &[&str]| parts.iter().all(|part| part.parse::<u16>().is_ok());
    let parts: Vec<&str> = value.split_whitespace().collect();
    let host = |name: &str| name == "." || normal(name).is_ok();
    match kind {
        "A" if value.parse::<Ipv4Addr>().is_err() => {
            fatal("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address")
        }
        "AAAA" if value.parse::<Ipv6Addr>().is_err() => {
            fatal("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address")
        }
        "CNAME" | "NS" | "PTR" => match normal(value) {
            Ok(_) => None,
            Err(problem) => Some(format!("Invalid Resource Record: '{problem}'")),
        },
        "MX" if !matches!(parts[..], [preference, name] if numbers(&[preference]) && host(name)) => {
            fatal("MXRRDATANotTwoFields", "MX record doesn't have 2 fields")
        }
        "SRV" if !matches!(parts[..], [one, two, three, name] if numbers(&[one, two, three]) && host(name)) => {
            fatal("SRVRRDATANotFourFields", "SRV record doesn't have 4 fields")
        }
        "SOA" if parts.len() != 7 || !parts[2..].iter().all(|part| part.parse::<u32>().is_ok()) => {
            fatal("SOARRDATANotSevenFields", "SOA record doesn't have 7 fields")
        }
        "TXT" | "SPF" => quoted(value).and_then(|(code, words)| fatal(code, words)),
        _ if value.is_empty() => fatal("RRDATAEmpty", "Value is empty"),
        _ => None,
    }
}

/// What is wrong with a list of quoted strings of at most 255 characters each.
fn quoted(value: &str) -> Option<(&'static str, &'static str)> {
    const NOT_QUOTED: (&str, &str) = ("InvalidCharacterString", "Value should be enclosed in quotation marks");
    let mut rest = value.trim();
    if rest.is_empty() {
        return Some(NOT_QUOTED);
    }
    while !rest.is_empty() {
        let Some(inside) = rest.strip_prefix('"') else {
            return Some(NOT_QUOTED);
        };
        let mut escaped = false;
        let end = inside.bytes().position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(end) = end else { return Some(NOT_QUOTED) };
        if end > 255 {
            return Some(("CharacterStringTooLong", "Value is too long"));
        }
        rest = inside[end + 1..].trim_start();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_by_their_type() {
        let long = format!("\"{}\"", "x".repeat(256));
        for (kind, good, bad) in [
            ("A", "192.0.2.1", "192.0.2.256"),
            ("AAAA", "2001:db8::1", "192.0.2.1"),
            ("CNAME", "a.example.org", ""),
            ("MX", "10 mail.example.org.", "mail.example.org."),
            ("SRV", "1 10 5222 host.example.org.", "1 5222 host"),
            ("TXT", "\"a\" \"b \\\" c\"", "unquoted"),
            ("TXT", "\"\"", &long),
            ("TXT", "\"a\"", "\"open"),
            ("SOA", "a. b. 1 7200 900 1209600 86400", "a. b. 1"),
            ("CAA", "0 issue \"ca.example\"", ""),
        ] {
            assert!(problem(kind, good).is_none(), "{kind} {good}");
            assert!(
                problem(kind, bad).is_some_and(|it| it.contains("FATAL problem")),
                "{kind} {bad}"
            );
        }
        let twice = ["192.0.2.1".to_owned(), "192.0.2.1".to_owned()];
        assert_eq!(problems("A", &twice), ["Duplicate Resource Record: '192.0.2.1'"]);
        assert_eq!(problems("CNAME", &["a.b".to_owned(), "c.d".to_owned()]).len(), 1);
    }
}
