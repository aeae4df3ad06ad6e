//! A row of the table of keys: where a value may come from, what it looks like, and what holds when there is none.

use crate::checks::Mistake;
use crate::problem::Malformed;
use crate::surroundings::Flags;

/// One key of a profile and of `[defaults]`.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its dotted path inside the profile: `domain`, `nlb.listeners`.
    pub path: &'static str,
    /// What it is for, in a sentence fragment.
    pub about: &'static str,
    /// The environment variable that overrides it; `env` prints it under this name. Only texts have one.
    pub variable: Option<&'static str>,
    /// Whether the original's flat JSON may carry it.
    pub in_flat_json: bool,
    pub(crate) shape: Shape,
    pub(crate) otherwise: Otherwise,
    /// The flag that overrides it. Only texts have one.
    pub(crate) flag: Option<Flag>,
    /// The AWS CLI's own variables, which count less than the file.
    pub(crate) sdk_variables: &'static [&'static str],
}

/// A flag, and where its value is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flag {
    pub(crate) name: &'static str,
    pub(crate) read: fn(&Flags) -> Option<&str>,
}

/// What a value looks like, and how it is checked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Gives the canonical form.
    Text(fn(&str) -> Result<String, Malformed>),
    Flag,
    /// A list of texts, each with its line; not empty.
    List(fn(&[(usize, &str)]) -> Vec<Mistake>),
}

/// What holds when nobody has set the key.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Otherwise {
    /// That is a mistake.
    Required,
    /// There is no value.
    Absent,
    Text(&'static str),
    Flag(bool),
    List(&'static [&'static str]),
    /// It follows from another text, whose row comes earlier.
    Derived {
        from: &'static str,
        make: fn(&str) -> String,
    },
}
