//! Domain names as Route 53 keeps them: lower case, with a dot at the end, and with octal escapes (`\052` for a star).

/// A name in Route 53's form.
///
/// # Errors
/// What AWS says of a name that is none, without the name itself.
pub(super) fn normal(given: &str) -> Result<String, String> {
    let problem = |code: &str, words: &str| Err(format!("FATAL problem: {code} ({words}) encountered with '{given}'"));
    let bare = given.strip_suffix('.').unwrap_or(given);
    if bare.is_empty() {
        return problem("DomainNameEmpty", "Domain name is empty");
    }
    let mut name = String::new();
    // A name has at most 255 bytes on the wire: of each label its length and its bytes, and of the root one more.
    let mut bytes = 1;
    for label in bare.split('.') {
        let Some(label) = unescaped(label) else {
            return problem("InvalidEscapeSequence", "Value contains an invalid escape sequence");
        };
        match label.len() {
            0 => return problem("DomainLabelEmpty", "Domain label is empty"),
            1..=63 => bytes += label.len() + 1,
            _ => return problem("DomainLabelTooLong", "Domain label is too long"),
        }
        for byte in label {
            match byte.to_ascii_lowercase() {
                plain @ (b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') => name.push(char::from(plain)),
                other => name += &format!("\\{other:03o}"),
            }
        }
        name.push('.');
    }
    if bytes > 255 {
        return problem("DomainNameTooLong", "Domain name is too long");
    }
    Ok(name)
}

/// The bytes of a label, its escapes (a backslash and three octal digits) resolved.
fn unescaped(label: &str) -> Option<Vec<u8>> {
    let mut rest = label.as_bytes();
    let mut bytes = Vec::new();
    while let [first, after @ ..] = rest {
        if *first != b'\\' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let digits = std::str::from_utf8(after.get(..3)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 8).ok()?);
        rest = &after[3..];
    }
    Some(bytes)
}

/// What names are sorted by: their labels from right to left, with a dot at the end.
pub(super) fn sort_key(name: &str) -> String {
    let labels: Vec<&str> = name.trim_end_matches('.').rsplit('.').collect();
    labels.join(".") + "."
}

/// Whether a name is the zone's own, or lies below it.
pub(super) fn within(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_brought_into_route_53s_form() {
        for (given, name) in [
            ("Meet.Example.ORG", "meet.example.org."),
            ("*.example.org.", "\\052.example.org."),
            ("\\052.example.org", "\\052.example.org."),
            ("a\\056b.example.org", "a\\056b.example.org."),
            ("_acme-challenge.b\u{fc}ro.org", "_acme-challenge.b\\303\\274ro.org."),
            ("\\101.org", "a.org."),
        ] {
            assert_eq!(normal(given).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_is_no_name_is_told_in_awss_words() {
        let long_label = "a".repeat(64) + ".org";
        let long_name = "abc.".repeat(64);
        for (given, code) in [
            ("", "DomainNameEmpty"),
            (".", "DomainNameEmpty"),
            ("a..org", "DomainLabelEmpty"),
            (&long_label, "DomainLabelTooLong"),
            (&long_name, "DomainNameTooLong"),
            ("\\9.org", "InvalidEscapeSequence"),
            ("\\777.org", "InvalidEscapeSequence"),
            ("a\\1\u{fc}.org", "InvalidEscapeSequence"),
        ] {
            let problem = normal(given).unwrap_err();
            assert!(problem.contains(&format!("FATAL problem: {code} (")), "{problem}");
        }
    }

    #[test]
    fn names_are_sorted_from_the_right_and_a_zone_holds_what_ends_with_it() {
        let mut names = [
            "www.example.org.",
            "example.org.",
            "a.www.example.org.",
            "\\052.example.org.",
            "b.example.org.",
        ];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(
            names,
            [
                "example.org.",
                "\\052.example.org.",
                "b.example.org.",
                "www.example.org.",
                "a.www.example.org."
            ]
        );
        assert!(within("example.org.", "example.org.") && within("a.example.org.", "example.org."));
        assert!(!within("anexample.org.", "example.org.") && !within("org.", "example.org."));
    }
}
