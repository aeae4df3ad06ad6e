//! Where the statistics are that tell whether a meeting is on: jicofo's `/stats`, or the bridge's `/colibri/stats`.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::domain::is_label;
use crate::listener::parse_port;
use crate::problem::Malformed;
use crate::text_type::text_type;

text_type! {
    /// An `http` or `https` URL with host and path, perhaps with port and query; scheme and host are kept in lower case. The
    /// host is a name of labels as RFC 1123 has them, one label included, or an address (IPv6 in brackets). At most 8000
    /// characters, which RFC 9110 asks every recipient to take. No credentials, because every value of the configuration is
    /// shown, and no fragment, because none is ever sent.
    StatsUrl, check
}

const LONGEST: usize = 8000;

fn check(text: &str) -> Result<String, Malformed> {
    const EXPECTED: &str = "an http or https URL with host and path, without credentials or fragment, such as \
                            `http://jicofo.internal:8888/stats`";
    canonical(text).ok_or_else(|| Malformed::hinting(EXPECTED, hint(text)))
}

fn canonical(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let (authority, target) = rest.split_at(rest.find('/')?);
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let legal = text.len() <= LONGEST
        && matches!(scheme.as_str(), "http" | "https")
        && is_authority(&authority)
        && is_target(target);
    legal.then(|| format!("{scheme}://{authority}{target}"))
}

/// A host, perhaps with a port: no user.
fn is_authority(authority: &str) -> bool {
    let port_after = |rest: &str| rest.is_empty() || rest.strip_prefix(':').and_then(parse_port).is_some();
    if let Some(bracketed) = authority.strip_prefix('[') {
        return bracketed
            .split_once(']')
            .is_some_and(|(address, rest)| address.parse::<Ipv6Addr>().is_ok() && port_after(rest));
    }
    let (host, rest) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
    is_host(host) && port_after(rest)
}

fn is_host(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    // A name that ends in a number would be taken for an address.
    if last.bytes().all(|b| b.is_ascii_digit()) {
        return host.parse::<Ipv4Addr>().is_ok();
    }
    host.len() <= 253 && host.split('.').all(is_label)
}

/// Path and query in the characters of RFC 3986.
fn is_target(target: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&b);
    let escaped = |after: &str| after.len() >= 2 && after.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    target.bytes().all(legal) && target.split('%').skip(1).all(escaped)
}

fn hint(text: &str) -> Option<String> {
    let write = |text: &str| canonical(text).map(|right| format!("write `{right}`"));
    let Some((_, rest)) = text.split_once("://") else {
        return write(&format!("http://{text}"));
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("leave user and password out: what is configured is shown".to_owned());
    }
    if let Some((before, _)) = text.split_once('#') {
        return write(before);
    }
    let lacks_path = rest == authority && canonical(&format!("{text}/")).is_some();
    lacks_path.then(|| "add the path: `/stats` of jicofo, `/colibri/stats` of the bridge".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parsed(text: &str) -> Result<String, Option<String>> {
        text.parse::<StatsUrl>()
            .map(|url| url.to_string())
            .map_err(|wrong| wrong.hint)
    }

    #[test]
    fn a_stats_url_has_host_and_path() {
        for good in [
            "http://localhost:8888/stats",
            "https://stats.example.org/colibri/stats",
            "http://192.0.2.7:8080/colibri/stats",
            "http://[2001:db8::7]:8888/stats",
            "http://[::1]/",
            "https://stats.example.org/a%20b/~c?room=x&y=@",
        ] {
            assert_eq!(parsed(good), Ok(good.to_owned()));
        }
        assert_eq!(
            parsed("HTTP://Jicofo.Internal:8888/Stats"),
            Ok("http://jicofo.internal:8888/Stats".to_owned())
        );
        let long_label = format!("http://{}.org/stats", "a".repeat(64));
        let too_long = format!("http://localhost/{}", "a".repeat(LONGEST));
        let bad = [
            "",
            "stats",
            "/stats",
            "ftp://localhost/stats",
            "http:/localhost/stats",
            "http:///stats",
            "http://:8888/stats",
            "http://local host/stats",
            "http://-a/stats",
            "http://192.0.2.256/stats",
            "http://localhost:/stats",
            "http://localhost:0/stats",
            "http://localhost:65536/stats",
            "http://localhost:8888:9/stats",
            "http://[::1/stats",
            "http://[::g]/stats",
            "http://[::1]8888/stats",
            "http://localhost/a b",
            "http://localhost/a\\b",
            "http://localhost/a%2",
            "http://localhost/a%2g",
            "http://localhost/\u{e4}",
            "http://localhost/a\r\nHost:b",
            "http://localhost?x",
            &long_label,
            &too_long,
        ];
        for bad in bad {
            assert_eq!(parsed(bad), Err(None), "{bad}");
        }
    }

    #[test]
    fn a_stats_url_that_is_nearly_right_is_answered_with_what_to_change() {
        let hints = [
            ("localhost:8888/stats", "write `http://localhost:8888/stats`"),
            ("http://localhost:8888/stats#now", "write `http://localhost:8888/stats`"),
            (
                "http://localhost:8888",
                "add the path: `/stats` of jicofo, `/colibri/stats` of the bridge",
            ),
        ];
        for (text, hint) in hints {
            assert_eq!(parsed(text), Err(Some(hint.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_stats_url_holds_no_credentials_and_the_hint_does_not_repeat_them() {
        for text in [
            "http://user:secret@localhost/stats",
            "https://secret@localhost/stats#x",
            "http://@localhost/stats",
        ] {
            let hint = parsed(text).unwrap_err().unwrap();
            assert_eq!(
                hint, "leave user and password out: what is configured is shown",
                "{text}"
            );
        }
        assert!(
            parsed("http://localhost/stats?to=user@example.org").is_ok(),
            "behind the host it is no user"
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic_and_what_passes_stays_as_it_is(text in "(https?://)?.{0,40}|https?://[a-z\\[\\]:@.%/#?0-9]{0,20}") {
            if let Ok(url) = parsed(&text) {
                prop_assert_eq!(parsed(&url), Ok(url));
            }
        }
    }
}
