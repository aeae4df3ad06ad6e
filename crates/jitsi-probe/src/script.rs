//! What a `config.js` sets, as far as that can be told without running it.
//!
//! It is a script, and each site may have its own. Two forms are usual: docker-jitsi-meet's, with an assignment for each
//! setting, and upstream's, with one large object. Of both the reader follows assignments, objects, text, `+`, variables
//! whose value it knows, and an `if` whose condition it knows. Everything else makes what is assigned there unknown, and
//! unknown is not guessed: [`Script::value`] says so.
//!
//! A variable that begins with `<!--` is one that the web server has not filled in. It is text like any other: where the script
//! does not look for that itself, a browser builds names of it that lead nowhere.

mod conditions;
mod objects;
mod skipping;
mod tokens;

use std::collections::BTreeMap;

use self::tokens::{Token, tokens};

/// Deeper than this nobody nests.
const DEEPEST: usize = 64;

/// No setting that is looked for is longer than this, in bytes.
const LONGEST_TEXT: usize = 4096;

/// The names that lead to something, such as `config`, `hosts`, `domain`.
type Path = Vec<String>;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    /// An object, whose members stand beside it.
    Object,
    /// `undefined`, `null` or `false`.
    Nothing,
    Unknown,
}

/// What a script sets something to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    To(String),
    /// Not at all, or to nothing.
    Not,
    /// Only running it would tell.
    Untold,
}

/// It is nested too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is nested too deeply")]
pub(crate) struct TooDeep;

/// What a script has set when it has come to its end.
#[derive(Debug, Default)]
pub(crate) struct Script {
    values: BTreeMap<Path, Value>,
    /// `config` was given to something that may have changed it in any way.
    given_away: bool,
}

impl Script {
    pub(crate) fn read(text: &str) -> Result<Self, TooDeep> {
        let mut reader = Reader {
            tokens: tokens(text),
            at: 0,
            depth: 0,
            script: Self::default(),
        };
        while reader.peek().is_some() {
            reader.statement()?;
        }
        Ok(reader.script)
    }

    /// What it sets this to; the names are separated by dots.
    pub(crate) fn value(&self, path: &str) -> Set {
        let path: Path = path.split('.').map(str::to_owned).collect();
        match self.look_up(&path) {
            _ if self.given_away => Set::Untold,
            None | Some(Value::Nothing) => Set::Not,
            Some(Value::Text(text)) if text.is_empty() => Set::Not,
            Some(Value::Text(text)) => Set::To(text.clone()),
            Some(Value::Object | Value::Unknown) => Set::Untold,
        }
    }

    /// `None`: it is known that there is none.
    fn look_up(&self, path: &[String]) -> Option<&Value> {
        if let Some(value) = self.values.get(path) {
            return Some(value);
        }
        let above = (1..path.len()).rev();
        let nearest = above.filter_map(|length| self.values.get(&path[..length])).next();
        nearest.filter(|value| **value == Value::Unknown)
    }

    fn set(&mut self, path: Path, value: Value) {
        self.forget_members(&path);
        let value = match value {
            Value::Text(text) if text.len() > LONGEST_TEXT => Value::Unknown,
            value => value,
        };
        self.values.insert(path, value);
    }

    /// From here on it may be anything.
    fn doubt(&mut self, path: &[String]) {
        self.set(path.to_vec(), Value::Unknown);
    }

    fn forget_members(&mut self, path: &[String]) {
        let from = self.values.range(path.to_vec()..);
        let members = from.take_while(|(it, _)| it.starts_with(path));
        let members: Vec<Path> = members.map(|(it, _)| it.clone()).collect();
        for member in members {
            self.values.remove(&member);
        }
    }
}

/// Goes through the tokens of a script.
struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    script: Script,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// Whether this mark comes next; then it is passed.
    fn take(&mut self, mark: &str) -> bool {
        let there = self.peek().is_some_and(|token| token.is_mark(mark));
        self.at += usize::from(there);
        there
    }

    /// The same of a word.
    fn take_word(&mut self, word: &str) -> bool {
        let there = self.peek().is_some_and(|token| token.is_word(word));
        self.at += usize::from(there);
        there
    }

    /// One level deeper.
    fn within<T>(&mut self, act: impl FnOnce(&mut Self) -> Result<T, TooDeep>) -> Result<T, TooDeep> {
        if self.depth == DEEPEST {
            return Err(TooDeep);
        }
        self.depth += 1;
        let done = act(self);
        self.depth -= 1;
        done
    }

    /// One statement that is surely run.
    fn statement(&mut self) -> Result<(), TooDeep> {
        self.within(|reader| {
            let before = reader.at;
            if reader.take("{") {
                while reader.peek().is_some() && !reader.take("}") {
                    reader.statement()?;
                }
            } else if reader.take_word("if") {
                reader.conditional()?;
            } else if ["var", "let", "const"].iter().any(|word| reader.take_word(word)) {
                reader.assignment()?;
                while reader.take(",") {
                    reader.assignment()?;
                }
            } else {
                reader.assignment()?;
            }
            // Whatever it is, it is passed.
            reader.at = reader.at.max(before + 1).min(reader.tokens.len());
            Ok(())
        })
    }

    /// `a`, `a.b = ...`, or anything else.
    fn assignment(&mut self) -> Result<(), TooDeep> {
        let start = self.at;
        match self.path() {
            Some(path) if self.take("=") => self.assign(path)?,
            Some(path) if path.len() == 1 && self.is_over() && !self.is_config(&path) => {}
            _ => {
                self.at = start;
                return self.skip_statement(true);
            }
        }
        self.take(";");
        Ok(())
    }

    /// What comes after `=` or `:`.
    fn assign(&mut self, path: Path) -> Result<(), TooDeep> {
        if self.peek().is_some_and(|token| token.is_mark("{")) {
            return self.within(|reader| reader.object(path));
        }
        let value = self.expression();
        self.script.set(path, value);
        Ok(())
    }

    /// Text and variables with `+` between them; anything else is passed, and is not known.
    fn expression(&mut self) -> Value {
        let start = self.at;
        let mut whole = match self.operand() {
            Some(Value::Nothing) if self.is_over() => return Value::Nothing,
            Some(Value::Text(text)) => text,
            _ => return self.give_up(start),
        };
        while self.take("+") {
            match self.operand() {
                Some(Value::Text(text)) if whole.len() <= LONGEST_TEXT => whole += &text,
                _ => return self.give_up(start),
            }
        }
        if !self.is_over() {
            return self.give_up(start);
        }
        Value::Text(whole)
    }

    fn give_up(&mut self, start: usize) -> Value {
        self.at = start;
        self.skip_expression(true);
        Value::Unknown
    }

    fn operand(&mut self) -> Option<Value> {
        if let Some(Token::Text { text, .. }) = self.peek() {
            let value = Value::Text(text.clone());
            self.at += 1;
            return Some(value);
        }
        let path = self.path()?;
        match path.first().map(String::as_str) {
            Some("undefined" | "null" | "false") if path.len() == 1 => Some(Value::Nothing),
            _ => self.script.look_up(&path).cloned(),
        }
    }

    /// A variable, or a member of one. What the browser has under `window` is a variable too.
    fn path(&mut self) -> Option<Path> {
        let mut path = Vec::new();
        loop {
            let Some(Token::Word { word, .. }) = self.peek() else {
                return None;
            };
            path.push(word.clone());
            self.at += 1;
            while let [bracket, Token::Text { text, .. }, end, ..] = &self.tokens[self.at..]
                && bracket.is_mark("[")
                && end.is_mark("]")
            {
                path.push(text.clone());
                self.at += 3;
            }
            if path.len() > DEEPEST {
                return None;
            }
            if !self.take(".") {
                break;
            }
        }
        if path.len() > 1 && matches!(path[0].as_str(), "window" | "globalThis" | "self") {
            path.remove(0);
        }
        Some(path)
    }

    /// Whether an expression may end here.
    fn is_over(&self) -> bool {
        let Some(token) = self.peek() else {
            return true;
        };
        let ends = [";", ",", "}", ")", "]"].iter().any(|mark| token.is_mark(mark));
        ends || (token.begins_line() && !token.is_any_mark())
    }

    /// Whether whoever has this can change what is looked for.
    fn is_config(&self, path: &[String]) -> bool {
        matches!(path, [one] if one == "config" || one == "window" || one == "globalThis")
            || matches!(path, [one, two] if one == "config" && two == "hosts")
    }
}

#[cfg(test)]
mod tests;
