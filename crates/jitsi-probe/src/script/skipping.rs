//! Passing what is not understood. What is assigned in it may be anything afterwards.

use super::tokens::Token;
use super::{Reader, TooDeep};

/// How far is skipped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// To where an expression ends: before a comma, a semicolon, a closing bracket, or a line that begins anew.
    Expression,
    /// The same, but commas belong to it, and a semicolon too.
    Statement,
    /// To the next member of an object, over lines.
    Comma,
    /// Over one pair of brackets.
    Group,
}

impl Reader {
    /// Passes one statement. `run`: it may be run.
    pub(super) fn skip_statement(&mut self, run: bool) -> Result<(), TooDeep> {
        self.within(|reader| {
            let is_block = |reader: &Self| reader.peek().is_some_and(|it| it.is_mark("{"));
            if is_block(reader) {
                reader.skip_group(run);
            } else if reader.take_word("if") {
                reader.skip_group(run);
                reader.skip_statement(run)?;
                if reader.take_word("else") {
                    reader.skip_statement(run)?;
                }
            } else if ["for", "while", "switch", "with"]
                .iter()
                .any(|word| reader.take_word(word))
            {
                reader.skip_group(run);
                reader.skip_statement(run)?;
            } else if reader.take_word("try") {
                reader.skip_group(run);
                while reader.take_word("catch") || reader.take_word("finally") {
                    if !is_block(reader) {
                        reader.skip_group(run);
                    }
                    reader.skip_group(run);
                }
            } else if reader.take_word("function") {
                if matches!(reader.peek(), Some(Token::Word { .. })) {
                    reader.at += 1;
                }
                reader.skip_group(run);
                reader.skip_group(run);
            } else if reader.take_word("do") {
                reader.skip_statement(run)?;
            } else {
                reader.skip(run, Until::Statement);
            }
            Ok(())
        })
    }

    pub(super) fn skip_expression(&mut self, run: bool) {
        self.skip(run, Until::Expression);
    }

    pub(super) fn skip_until_comma(&mut self) {
        self.skip(true, Until::Comma);
    }

    /// Passes a pair of brackets with what is in it, if one is there.
    pub(super) fn skip_group(&mut self, run: bool) {
        if self.peek().is_some_and(Token::opens) {
            self.skip(run, Until::Group);
        }
    }

    fn skip(&mut self, run: bool, until: Until) {
        let (mut open, start) = (0_usize, self.at);
        while let Some(token) = self.peek() {
            if open == 0 && self.ends(token, start, until) {
                break;
            }
            let (opens, closes, semicolon) = (token.opens(), token.closes(), token.is_mark(";"));
            open = (open + usize::from(opens)).saturating_sub(usize::from(closes));
            if run && matches!(token, Token::Word { .. }) {
                self.pass_name();
            } else {
                self.at += 1;
            }
            let done = match until {
                Until::Group => closes && open == 0,
                Until::Statement => semicolon && open == 0,
                Until::Expression | Until::Comma => false,
            };
            if done {
                break;
            }
        }
    }

    /// Whether what is skipped ends before this token, outside of all brackets.
    fn ends(&self, token: &Token, start: usize, until: Until) -> bool {
        let anew = |reader: &Self| {
            let before = self.tokens[start..reader.at].last();
            token.begins_line() && !token.is_any_mark() && before.is_some_and(Token::completes)
        };
        match until {
            Until::Group => false,
            Until::Comma => token.is_mark(",") || token.closes(),
            Until::Statement => token.closes() || anew(self),
            Until::Expression => token.closes() || token.is_mark(",") || token.is_mark(";") || anew(self),
        }
    }

    /// A name in what is skipped: what is assigned to it is not known, and whoever gets the whole object may change it.
    fn pass_name(&mut self) {
        let start = self.at;
        let before = start.checked_sub(1).and_then(|at| self.tokens.get(at)).cloned();
        let before = |test: &dyn Fn(&Token) -> bool| before.as_ref().is_some_and(test);
        let path = self.path();
        self.at = self.at.max(start + 1);
        let Some(path) = path else {
            return;
        };
        let member = before(&|it| it.is_mark(".") || it.is_mark("?."));
        let assigned =
            self.peek().is_some_and(Token::assigns) || before(&Token::steps) || before(&|it| it.is_word("delete"));
        let bracket = self.peek().is_some_and(|it| it.is_mark("["));
        let key = self.peek().is_some_and(|it| it.is_mark(":")) && before(&|it| it.is_mark("{") || it.is_mark(","));
        if member {
            return;
        }
        if assigned || (bracket && self.is_config(&path)) {
            self.script.doubt(&path);
        } else if self.is_config(&path) && !key && !before(&|it| it.is_word("typeof")) {
            self.script.given_away = true;
        }
    }
}
