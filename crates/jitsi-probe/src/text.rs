//! Text that somebody else has written: kept as it came, and shown so that it can do a terminal no harm.

use std::fmt;
use std::iter;

use serde::Serialize;

/// No more characters are shown than these.
const LONGEST: usize = 80;

/// What a server, a certificate or a page says. [`Foreign::as_str`] and its serialisation are what came; its `Display` is one
/// short line without control characters, and the only form that belongs on a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Foreign(String);

impl Foreign {
    /// Keeps what came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The same of bytes; what is no UTF-8 in them becomes U+FFFD.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into_owned())
    }

    /// As it came. Not for a terminal.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Words a single space apart; of them what is not printable (also what turns the direction of writing) is escaped.
    fn visible(&self) -> impl Iterator<Item = char> {
        let words = self.0.split_whitespace().enumerate();
        words.flat_map(|(at, word)| iter::repeat_n(' ', at.min(1)).chain(word.chars().flat_map(shown)))
    }
}

/// A character as it is shown. Quotes do no harm.
fn shown(character: char) -> impl Iterator<Item = char> {
    let quote = matches!(character, '\'' | '"');
    let escaped = (!quote).then(|| character.escape_debug());
    quote
        .then_some(character)
        .into_iter()
        .chain(escaped.into_iter().flatten())
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.visible();
        let mut line: String = characters.by_ref().take(LONGEST).collect();
        if characters.next().is_some() {
            line.push_str("...");
        }
        f.pad(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_have_written_is_kept_as_it_came_and_cannot_drive_a_terminal() {
        for (came, shown) in [
            ("Jitsi Meet", "Jitsi Meet"),
            ("  two\r\n\tlines ", "two lines"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("a\u{202e}b\u{7}\u{9b}c", "a\\u{202e}b\\u{7}\\u{9b}c"),
            ("\u{2028}para\u{85}graph", "para graph"),
            ("Zoë's \"Raum\" שלום", "Zoë's \"Raum\" שלום"),
            ("", ""),
        ] {
            let text = Foreign::new(came);
            assert_eq!((text.as_str(), text.to_string().as_str()), (came, shown));
            assert!(!text.to_string().contains(char::is_control));
            let kept: String = serde_json::from_str(&serde_json::to_string(&text).unwrap()).unwrap();
            assert_eq!(kept, came);
        }
        assert_eq!(Foreign::from_bytes(b"a\xffb").as_str(), "a\u{fffd}b");
    }

    #[test]
    fn what_others_have_written_is_shown_short() {
        let long = Foreign::new("x".repeat(100_000));
        assert_eq!(long.to_string(), "x".repeat(80) + "...");
        let exact = Foreign::new("y".repeat(80));
        assert_eq!(exact.to_string(), exact.as_str());
        assert!(Foreign::new("\u{1}".repeat(1_000)).to_string().len() < 100);
        assert_eq!(format!("{:>4}", Foreign::new("z")), "   z");
    }
}
