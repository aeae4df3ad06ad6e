//! Layers of values, and the settling of which value counts.
//!
//! Values are still texts here, but each has passed the check of its key; [`crate::platform`] makes the typed platform.

use std::collections::BTreeMap;
use std::fmt;

use crate::key::{Key, Otherwise, Shape};
use crate::keys::KEYS;
use crate::origin::{Origin, Origins, Shown};
use crate::problem::Problem;
use crate::surroundings::Surroundings;

/// A value that passed the check of its key, or a reason why there is none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Flag(bool),
    List(Vec<Item>),
    Absent,
    /// It was given, but was wrong, which has been reported; nothing weaker takes its place.
    Bad,
}

/// One text of a list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// The line in the file; `None` for built-in lists.
    pub(crate) line: Option<usize>,
    pub(crate) text: String,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Setting {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// What one source says: not every key is there.
pub(crate) type Layer = BTreeMap<&'static str, Setting>;

/// The table of the file that is being settled, for messages about what it lacks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Subject {
    /// `profiles.ops`, `defaults`, or empty for a flat file.
    pub(crate) table: String,
    /// The line of its header.
    pub(crate) line: Option<usize>,
}

impl Subject {
    /// The full name of a key: `profiles.ops.domain`.
    pub(crate) fn key(&self, path: &str) -> String {
        if self.table.is_empty() {
            path.to_owned()
        } else {
            format!("{}.{path}", self.table)
        }
    }
}

/// The value that counts, of every key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    values: BTreeMap<&'static str, Setting>,
    /// What was found wrong while settling.
    pub(crate) problems: Vec<Problem>,
}

impl Settings {
    /// Takes each key from the first of the layers that has it, then from the AWS CLI's variables, then what is built in.
    pub(crate) fn settle(layers: &[&Layer], surroundings: &Surroundings, subject: &Subject) -> Self {
        let mut settings = Self {
            values: BTreeMap::new(),
            problems: Vec::new(),
        };
        for key in KEYS {
            let given = layers.iter().find_map(|layer| layer.get(key.path)).cloned();
            let setting = given
                .or_else(|| settings.of_sdk_variables(key, surroundings))
                .unwrap_or_else(|| settings.otherwise(key, subject));
            settings.values.insert(key.path, setting);
        }
        settings
    }

    pub(crate) fn get(&self, path: &'static str) -> &Setting {
        const NONE: &Setting = &Setting {
            value: Value::Absent,
            origin: Origin::BuiltIn,
        };
        self.values.get(path).unwrap_or(NONE)
    }

    /// The text of a key, where it has a good one.
    pub(crate) fn text(&self, path: &'static str) -> Option<&str> {
        match &self.get(path).value {
            Value::Text(text) => Some(text),
            Value::Flag(_) | Value::List(_) | Value::Absent | Value::Bad => None,
        }
    }

    /// Every key with its value as text.
    pub(crate) fn origins(&self) -> Origins {
        let shown = |key: &Key| {
            let Setting { value, origin } = self.get(key.path);
            let value = match value {
                Value::Absent | Value::Bad => None,
                value => Some(value.to_string()),
            };
            Shown {
                key: key.path,
                value,
                origin: origin.clone(),
            }
        };
        Origins(KEYS.iter().map(shown).collect())
    }

    fn of_sdk_variables(&mut self, key: &'static Key, surroundings: &Surroundings) -> Option<Setting> {
        let set = |variable: &&'static str| Some((*variable, surroundings.variable(variable)?));
        let (variable, text) = key.sdk_variables.iter().find_map(set)?;
        let (value, problem) = checked_text(key, variable, text);
        self.problems.extend(problem);
        Some(Setting {
            value,
            origin: Origin::Environment(variable),
        })
    }

    fn otherwise(&mut self, key: &'static Key, subject: &Subject) -> Setting {
        let value = match key.otherwise {
            Otherwise::Absent => Value::Absent,
            Otherwise::Text(text) => Value::Text(text.to_owned()),
            Otherwise::Flag(flag) => Value::Flag(flag),
            Otherwise::List(items) => Value::List(
                items
                    .iter()
                    .map(|text| Item {
                        line: None,
                        text: (*text).to_owned(),
                    })
                    .collect(),
            ),
            Otherwise::Required => {
                let name = subject.key(key.path);
                let hint = Some(format!("set {}", key.about));
                self.problems
                    .push(Problem::key_that(subject.line, &name, "is missing", hint));
                Value::Bad
            }
            Otherwise::Derived { from, make } => {
                let value = self.text(from).map_or(Value::Bad, |text| Value::Text(make(text)));
                return Setting {
                    value,
                    origin: Origin::Derived { from },
                };
            }
        };
        Setting {
            value,
            origin: Origin::BuiltIn,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{}", if index > 0 { ", " } else { "" }, item.text)?;
                }
                Ok(())
            }
            Self::Absent | Self::Bad => Ok(()),
        }
    }
}

/// Checks a text that a flag or a variable gave to a key.
pub(crate) fn checked_text(key: &Key, source: &str, text: &str) -> (Value, Option<Problem>) {
    let Shape::Text(check) = key.shape else {
        return (Value::Bad, None);
    };
    match check(text) {
        Ok(text) => (Value::Text(text), None),
        Err(wrong) => (Value::Bad, Some(Problem::malformed(None, source, text, wrong))),
    }
}
