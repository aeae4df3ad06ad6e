//! The words and marks of a script. Comments are no tokens; text that does not end, and all that is not looked at, is `Other`.

use std::iter::Peekable;
use std::str::Chars;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a keyword.
    Word { word: String, line: bool },
    /// Text in quotes, as it is meant.
    Text { text: String, line: bool },
    /// What stands between them.
    Mark { mark: &'static str, line: bool },
    /// Numbers, regular expressions, text with code in it.
    Other { line: bool },
}

/// Longer ones first.
const MARKS: [&str; 47] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=", "<=", ">=", "&&",
    "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "**", "{", "}", "(", ")",
    "[", "]", ";", ",", ".", "=", "+", ":", "!", "?",
];

/// Marks of one character that are only passed.
const OTHER_MARKS: &str = "-*/%&|^~<>@#\\";

impl Token {
    pub(super) fn is_mark(&self, wanted: &str) -> bool {
        matches!(self, Self::Mark { mark, .. } if *mark == wanted)
    }

    pub(super) fn is_any_mark(&self) -> bool {
        matches!(self, Self::Mark { .. })
    }

    pub(super) fn is_word(&self, wanted: &str) -> bool {
        matches!(self, Self::Word { word, .. } if word == wanted)
    }

    /// Whether it is the first one of its line.
    pub(super) fn begins_line(&self) -> bool {
        match self {
            Self::Word { line, .. } | Self::Text { line, .. } | Self::Mark { line, .. } | Self::Other { line } => *line,
        }
    }

    pub(super) fn opens(&self) -> bool {
        ["{", "(", "["].iter().any(|it| self.is_mark(it))
    }

    pub(super) fn closes(&self) -> bool {
        ["}", ")", "]"].iter().any(|it| self.is_mark(it))
    }

    /// Whether an expression may end with it.
    pub(super) fn completes(&self) -> bool {
        !self.is_any_mark() || self.closes() || self.steps()
    }

    /// Whether it changes what stands before it.
    pub(super) fn assigns(&self) -> bool {
        let Self::Mark { mark, .. } = self else {
            return false;
        };
        let compares = ["==", "===", "!=", "!==", "<=", ">="].contains(mark);
        (mark.ends_with('=') && !compares) || self.steps()
    }

    /// `++` or `--`.
    pub(super) fn steps(&self) -> bool {
        self.is_mark("++") || self.is_mark("--")
    }
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        rest: text,
        line: true,
        tokens: Vec::new(),
    };
    while let Some(first) = lexer.rest.chars().next() {
        lexer.token(first);
    }
    lexer.tokens
}

struct Lexer<'a> {
    rest: &'a str,
    /// No token was seen in this line yet.
    line: bool,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn token(&mut self, first: char) {
        if first.is_whitespace() || first == '\u{feff}' {
            self.line |= is_line_end(first);
            self.pass(first.len_utf8());
        } else if self.rest.starts_with("//") {
            self.pass(self.rest.find(is_line_end).unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            let end = self.rest[2..].find("*/").map_or(self.rest.len(), |at| at + 4);
            self.line |= self.rest[..end].contains(is_line_end);
            self.pass(end);
        } else if is_word(first) {
            let end = self.rest.find(|it| !is_word(it)).unwrap_or(self.rest.len());
            let word = self.rest[..end].to_owned();
            self.pass(end);
            let line = self.line;
            let number = first.is_ascii_digit();
            self.push(if number {
                Token::Other { line }
            } else {
                Token::Word { word, line }
            });
        } else if matches!(first, '"' | '\'' | '`') {
            self.quoted(first);
        } else if first == '/' && self.is_before_operand() {
            self.regular_expression();
        } else {
            self.mark(first);
        }
    }

    fn mark(&mut self, first: char) {
        let line = self.line;
        if let Some(mark) = MARKS.into_iter().find(|mark| self.rest.starts_with(mark)) {
            self.pass(mark.len());
            self.push(Token::Mark { mark, line });
            return;
        }
        self.pass(first.len_utf8());
        self.push(match OTHER_MARKS.find(first) {
            Some(at) => Token::Mark {
                mark: &OTHER_MARKS[at..at + first.len_utf8()],
                line,
            },
            None => Token::Other { line },
        });
    }

    fn quoted(&mut self, quote: char) {
        let mut rest = self.rest.chars();
        rest.next();
        let mut rest = rest.peekable();
        let text = text_until(quote, &mut rest);
        let left: usize = rest.map(char::len_utf8).sum();
        self.pass(self.rest.len() - left);
        let line = self.line;
        self.push(match text {
            Some(text) => Token::Text { text, line },
            None => Token::Other { line },
        });
    }

    /// To its end, or that of the line.
    fn regular_expression(&mut self) {
        let (mut class, mut escaped) = (false, false);
        let end = self.rest[1..].find(|it| {
            let end = (it == '/' && !class && !escaped) || is_line_end(it);
            class = !escaped && (it == '[' || (class && it != ']')) || (escaped && class);
            escaped = it == '\\' && !escaped;
            end
        });
        let end = end.map_or(self.rest.len(), |at| at + 1);
        let closed = self.rest[end..].starts_with('/');
        self.pass(end + usize::from(closed));
        let line = self.line;
        self.push(Token::Other { line });
    }

    /// Whether a slash begins a regular expression here, and does not divide.
    fn is_before_operand(&self) -> bool {
        match self.tokens.last() {
            None => true,
            Some(Token::Word { word, .. }) => matches!(word.as_str(), "return" | "typeof" | "case" | "in" | "of"),
            Some(token) => !token.completes(),
        }
    }

    fn pass(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    fn push(&mut self, token: Token) {
        self.tokens.push(token);
        self.line = false;
    }
}

/// What stands before the quote; `None` where there is code in it, or it does not end.
fn text_until(quote: char, rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let (mut text, mut plain) = (String::new(), true);
    while let Some(next) = rest.next() {
        match next {
            next if next == quote => return plain.then_some(text),
            '\\' => match escaped(rest) {
                Some(part) => text.push_str(&part),
                None => plain = false,
            },
            '$' if quote == '`' && rest.peek() == Some(&'{') => plain = false,
            '\n' | '\r' if quote != '`' => return None,
            next => text.push(next),
        }
    }
    None
}

/// What comes after a backslash; `None` where it is no escape, or one that scripts hardly have.
fn escaped(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let code = |rest: &mut Peekable<Chars<'_>>, digits: usize| {
        let mut code = 0;
        for _ in 0..digits {
            let digit = rest.peek()?.to_digit(16)?;
            rest.next();
            code = code * 16 + digit;
        }
        char::from_u32(code).map(String::from)
    };
    let plain = match rest.next()? {
        'n' => "\n".to_owned(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        'x' => code(rest, 2)?,
        'u' => code(rest, 4)?,
        '\n' => String::new(),
        'b' | 'f' | 'v' | '\r' | '0'..='9' => return None,
        other => other.to_string(),
    };
    Some(plain)
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}
