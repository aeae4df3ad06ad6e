//! Conditions, and what hangs on them.

use super::tokens::Token;
use super::{Reader, TooDeep, Value};

impl Reader {
    /// What comes after `if`.
    pub(super) fn conditional(&mut self) -> Result<(), TooDeep> {
        let holds = self.condition();
        self.branch(holds)?;
        if self.take_word("else") {
            self.branch(holds.map(|it| !it))?;
        }
        Ok(())
    }

    fn branch(&mut self, run: Option<bool>) -> Result<(), TooDeep> {
        match run {
            Some(true) => self.statement(),
            Some(false) => self.skip_statement(false),
            None => self.skip_statement(true),
        }
    }

    /// A condition with its parentheses; `None`: it is not known.
    fn condition(&mut self) -> Option<bool> {
        let start = self.at;
        let known = self.known_condition();
        if known.is_none() {
            self.at = start;
            self.skip_group(true);
        }
        known
    }

    /// `(a)`, `(!a)`, `(a.startsWith('b'))`, `(a.hasOwnProperty('b'))`.
    fn known_condition(&mut self) -> Option<bool> {
        if !self.take("(") {
            return None;
        }
        let not = self.take("!");
        let mut path = self.path()?;
        let holds = if self.take("(") {
            let Some(Token::Text { text, .. }) = self.peek() else {
                return None;
            };
            let (text, asked) = (text.clone(), path.pop()?);
            self.at += 1;
            if !self.take(")") {
                return None;
            }
            match asked.as_str() {
                "startsWith" => match self.script.look_up(&path) {
                    Some(Value::Text(value)) => value.starts_with(&text),
                    _ => return None,
                },
                "hasOwnProperty" => {
                    path.push(text);
                    self.known(&path)?.is_some()
                }
                _ => return None,
            }
        } else {
            match self.known(&path)? {
                None | Some(Value::Nothing) => false,
                Some(Value::Text(text)) => !text.is_empty(),
                Some(_) => true,
            }
        };
        (self.take(")") && !self.script.given_away).then_some(holds != not)
    }

    /// `None`: not known. `Some(None)`: known to be none.
    fn known(&self, path: &[String]) -> Option<Option<&Value>> {
        let value = self.script.look_up(path);
        // A variable that was never seen is somebody else's.
        let ours = path.len() > 1 && self.script.values.contains_key(&path[..1]);
        match value {
            Some(Value::Unknown) => None,
            None if !ours => None,
            value => Some(value),
        }
    }
}
