//! Object literals.

use super::tokens::Token;
use super::{Path, Reader, TooDeep, Value};

impl Reader {
    /// `{ a: 'x', 'b': { ... }, c }`, of which the next token is the brace.
    pub(super) fn object(&mut self, path: Path) -> Result<(), TooDeep> {
        self.at += 1;
        self.script.set(path.clone(), Value::Object);
        while self.peek().is_some() && !self.take("}") {
            if !self.take(",") {
                self.member(&path)?;
            }
        }
        // An object of which something is asked, such as `{ ... }.a`, is not kept as it is.
        if !self.is_over() {
            self.skip_expression(true);
            self.script.doubt(&path);
        }
        Ok(())
    }

    fn member(&mut self, object: &Path) -> Result<(), TooDeep> {
        let start = self.at;
        let key = match self.peek() {
            Some(Token::Word { word, .. }) => Some(word.clone()),
            Some(Token::Text { text, .. }) => Some(text.clone()),
            _ => None,
        };
        let Some(key) = key else {
            // A number, a computed key, or the members of another object.
            self.pass_member(start);
            self.script.doubt(object);
            return Ok(());
        };
        self.at += 1;
        let mut path = object.clone();
        path.push(key.clone());
        if self.take(":") {
            return self.assign(path);
        }
        let shorthand = self.peek().is_some_and(|it| it.is_mark(",") || it.is_mark("}"));
        if shorthand {
            let value = self.script.look_up(&[key]).cloned();
            self.script.set(path, value.unwrap_or(Value::Unknown));
            return Ok(());
        }
        // A method; or a word before one, such as `get`, after which any key may come.
        let method = self.peek().is_some_and(|it| it.is_mark("("));
        self.pass_member(start);
        self.script.doubt(if method { &path } else { object });
        Ok(())
    }

    fn pass_member(&mut self, start: usize) {
        self.at = start;
        self.skip_until_comma();
        self.at = self.at.max(start + 1);
    }
}
