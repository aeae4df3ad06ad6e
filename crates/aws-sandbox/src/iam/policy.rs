//! A policy document: its grammar, as far as identity policies have it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::condition::Condition;
use super::demand::{Context, Resource};
use super::pattern::{matches, matches_action};

/// A policy that was attached.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Policy(Vec<Statement>);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Statement {
    pub(super) effect: Effect,
    actions: Patterns,
    resources: Patterns,
    conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// What the policies say in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    Denied,
    /// Nobody said anything, which is a no.
    Silent,
}

/// What is meant: these, or all but these.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Patterns {
    patterns: Vec<String>,
    all_but: bool,
}

impl Patterns {
    fn cover(&self, matches: impl Fn(&str) -> bool) -> bool {
        self.patterns.iter().any(|pattern| matches(pattern)) != self.all_but
    }
}

/// Why a policy is not attached.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is no JSON.
    #[error("the policy is no JSON: {0}")]
    Syntax(String),
    /// AWS would refuse it as malformed.
    #[error("the policy is malformed: {0}")]
    Malformed(String),
    /// A managed policy has at most 6,144 characters, white space not counted.
    #[error("the policy has {0} characters, and a managed policy has at most 6144")]
    TooLong(usize),
    /// AWS may know it; the sandbox does not, and will not guess.
    #[error("the sandbox does not implement {0}")]
    NotImplemented(String),
}

const LONGEST: usize = 6_144;

fn malformed(what: impl Into<String>) -> PolicyError {
    PolicyError::Malformed(what.into())
}

/// A string, or a list of strings.
pub(super) fn texts(value: &Value, what: &str) -> Result<Vec<String>, PolicyError> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        _ => Err(malformed(format!("`{what}` must be a string or a list of strings"))),
    };
    match value {
        Value::Array(items) if items.is_empty() => Err(malformed(format!("`{what}` is empty"))),
        Value::Array(items) => items.iter().map(text).collect(),
        other => Ok(vec![text(other)?]),
    }
}

impl Policy {
    /// # Errors
    /// See [`PolicyError`].
    pub(super) fn parse(text: &str) -> Result<Self, PolicyError> {
        let length = text.chars().filter(|letter| !letter.is_whitespace()).count();
        if length > LONGEST {
            return Err(PolicyError::TooLong(length));
        }
        let document: Value = serde_json::from_str(text).map_err(|error| PolicyError::Syntax(error.to_string()))?;
        let document = document.as_object().ok_or_else(|| malformed("it must be an object"))?;
        if let Some(unknown) = document
            .keys()
            .find(|key| !["Version", "Id", "Statement"].contains(&key.as_str()))
        {
            return Err(malformed(format!("`{unknown}` is not an element of policies")));
        }
        if document.get("Version").and_then(Value::as_str) != Some("2012-10-17") {
            return Err(malformed("`Version` must be `2012-10-17`"));
        }
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            _ => return Err(malformed("there is no `Statement`")),
        };
        let mut names = Vec::new();
        let mut parsed = Vec::new();
        for statement in statements {
            let statement = statement
                .as_object()
                .ok_or_else(|| malformed("a statement must be an object"))?;
            if let Some(name) = statement.get("Sid") {
                let name = name.as_str().ok_or_else(|| malformed("`Sid` must be a string"))?;
                if !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) || names.contains(&name) {
                    return Err(malformed(format!(
                        "the `Sid` `{name}` must be unique, of letters and digits"
                    )));
                }
                names.push(name);
            }
            parsed.push(Statement::parse(statement)?);
        }
        Ok(Self(parsed))
    }

    pub(super) fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.0.iter()
    }
}

const ELEMENTS: &[&str] = &[
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Statement {
    fn parse(statement: &Map<String, Value>) -> Result<Self, PolicyError> {
        if let Some(unknown) = statement.keys().find(|key| !ELEMENTS.contains(&key.as_str())) {
            return Err(malformed(format!("`{unknown}` is not an element of identity policies")));
        }
        let effect = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err(malformed("`Effect` must be `Allow` or `Deny`")),
        };
        let actions = patterns(statement, "Action", "NotAction")?;
        for action in &actions.patterns {
            let parts = action.split_once(':');
            let well_formed = parts.is_some_and(|(service, name)| {
                !name.is_empty()
                    && !service.is_empty()
                    && service.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
            });
            if action != "*" && !well_formed {
                return Err(malformed(format!("`{action}` is no action: it must be `service:Name`")));
            }
        }
        let resources = patterns(statement, "Resource", "NotResource")?;
        for resource in &resources.patterns {
            if resource != "*" && resource.splitn(6, ':').count() != 6 {
                return Err(malformed(format!("`{resource}` is no ARN, nor `*`")));
            }
            if resource.contains("${") {
                return Err(PolicyError::NotImplemented(format!(
                    "the policy variable in `{resource}`"
                )));
            }
        }
        let conditions = match statement.get("Condition") {
            None => Vec::new(),
            Some(Value::Object(conditions)) => Condition::parse_all(conditions)?,
            Some(_) => return Err(malformed("`Condition` must be an object")),
        };
        Ok(Self {
            effect,
            actions,
            resources,
            conditions,
        })
    }

    /// Whether it says anything of an action on a resource.
    pub(super) fn covers(&self, action: &str, resource: &Resource, context: &Context) -> bool {
        self.actions.cover(|pattern| matches_action(pattern, action))
            && self.resources.cover(|pattern| matches(pattern, &resource.arn))
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(resource, context))
    }
}

fn patterns(statement: &Map<String, Value>, these: &str, all_but: &str) -> Result<Patterns, PolicyError> {
    let (value, name) = match (statement.get(these), statement.get(all_but)) {
        (Some(value), None) => (value, these),
        (None, Some(value)) => (value, all_but),
        _ => {
            return Err(malformed(format!(
                "a statement needs `{these}` or `{all_but}`, not both"
            )));
        }
    };
    Ok(Patterns {
        patterns: texts(value, name)?,
        all_but: name == all_but,
    })
}
