//! The domain under which people reach the meetings.

use crate::problem::Malformed;
use crate::text_type::text_type;

text_type! {
    /// A host name with at least two labels, such as `meet.example.org`; kept in lower case. RFC 1123: labels of 1 to 63
    /// letters, digits and hyphens, no hyphen at either end; 253 characters in all. No scheme, port, path or address.
    Domain, check
}

const EXPECTED: &str = "a domain name such as `meet.example.org`";

fn check(text: &str) -> Result<String, Malformed> {
    if is_domain(text) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Malformed::hinting(EXPECTED, hint(text)))
}

fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let numeric_end = labels
        .last()
        .is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    text.len() <= 253 && labels.len() >= 2 && labels.iter().all(|label| is_label(label)) && !numeric_end
}

pub(crate) fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn hint(text: &str) -> Option<String> {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = host
        .split(['/', ':'])
        .next()
        .unwrap_or_default()
        .trim()
        .trim_end_matches('.');
    if host != text && is_domain(host) {
        return Some(format!("only the host name: `{host}`"));
    }
    (!text.is_ascii()).then(|| "write its ASCII form, with `xn--`".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, Option<String>> {
        text.parse::<Domain>()
            .map(|domain| domain.to_string())
            .map_err(|wrong| wrong.hint)
    }

    #[test]
    fn a_domain_is_a_host_name_of_two_labels_or_more() {
        for good in [
            "meet.example.org",
            "a.b",
            "xn--bcher-kva.example",
            "4.meet.example.org",
            "m-e.example.org",
        ] {
            assert_eq!(parsed(good), Ok(good.to_owned()));
        }
        assert_eq!(parsed("Meet.Example.ORG"), Ok("meet.example.org".to_owned()));
        let long_label = format!("{}.org", "a".repeat(64));
        let long_name = format!("{}org", "a.".repeat(126));
        let bad = [
            "",
            "localhost",
            "meet..org",
            ".org",
            "-a.org",
            "a-.org",
            "a b.org",
            "me_et.org",
            "*.example.org",
            "192.0.2.1",
            "meet.123",
            &long_label,
            &long_name,
        ];
        for bad in bad {
            assert_eq!(parsed(bad), Err(None), "{bad}");
        }
    }

    #[test]
    fn an_address_of_a_page_is_answered_with_its_host_name() {
        let wanted = Err(Some("only the host name: `meet.example.org`".to_owned()));
        for text in [
            "https://meet.example.org/room",
            "meet.example.org:443",
            "meet.example.org.",
            " meet.example.org",
            "//x",
        ] {
            let wanted = if text == "//x" { Err(None) } else { wanted.clone() };
            assert_eq!(parsed(text), wanted, "{text}");
        }
        assert_eq!(
            parsed("bücher.example"),
            Err(Some("write its ASCII form, with `xn--`".to_owned()))
        );
    }
}
