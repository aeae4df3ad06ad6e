//! Conditions of statements: the operators and keys that are implemented, and no others.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::demand::{Context, Resource};
use super::pattern::matches;
use super::policy::{PolicyError, texts};

/// One key under one operator.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Condition {
    comparison: Comparison,
    /// `StringNotEquals`, `StringNotLike`.
    negated: bool,
    /// `...IfExists`: it holds where there is no such key.
    if_exists: bool,
    of_set: Option<OfSet>,
    /// In lower case: the names of keys are the same in either.
    key: String,
    wanted: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Comparison {
    Equals,
    Like,
    /// Each part of the ARN by itself.
    Arn,
}

/// How a key with several values is compared.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum OfSet {
    /// Each of its values, of which there may be none.
    All,
    /// At least one of them.
    Any,
}

/// The keys that calls have; those that end with a slash are followed by the key of a tag.
const KEYS: &[&str] = &[
    "aws:RequestedRegion",
    "aws:RequestTag/",
    "aws:ResourceTag/",
    "aws:TagKeys",
    "ecs:CreateAction",
    "ecs:cluster",
    "ecs:service",
    "elasticloadbalancing:CreateAction",
    "iam:AWSServiceName",
    "iam:PassedToService",
    "route53:ChangeResourceRecordSetsActions",
    "route53:ChangeResourceRecordSetsNormalizedRecordNames",
    "route53:ChangeResourceRecordSetsRecordTypes",
    "s3:prefix",
];

impl Condition {
    pub(super) fn parse_all(conditions: &Map<String, Value>) -> Result<Vec<Self>, PolicyError> {
        let mut parsed = Vec::new();
        for (operator, keys) in conditions {
            let keys = keys
                .as_object()
                .ok_or_else(|| PolicyError::Malformed(format!("`{operator}` must be an object")))?;
            for (key, wanted) in keys {
                parsed.push(Self::parse(operator, key, texts(wanted, key)?)?);
            }
        }
        Ok(parsed)
    }

    fn parse(operator: &str, key: &str, wanted: Vec<String>) -> Result<Self, PolicyError> {
        let unknown = || PolicyError::NotImplemented(format!("the condition operator `{operator}`"));
        let (of_set, rest) = match operator.split_once(':') {
            None => (None, operator),
            Some(("ForAllValues", rest)) => (Some(OfSet::All), rest),
            Some(("ForAnyValue", rest)) => (Some(OfSet::Any), rest),
            Some(_) => return Err(unknown()),
        };
        let (base, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |base| (base, true));
        let (comparison, negated) = match base {
            "StringEquals" => (Comparison::Equals, false),
            "StringNotEquals" => (Comparison::Equals, true),
            "StringLike" => (Comparison::Like, false),
            "StringNotLike" => (Comparison::Like, true),
            "ArnEquals" | "ArnLike" => (Comparison::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Comparison::Arn, true),
            _ => return Err(unknown()),
        };
        let lower = key.to_ascii_lowercase();
        let is_known = |known: &&str| {
            let known = known.to_ascii_lowercase();
            let tag = lower.strip_prefix(&known).filter(|_| known.ends_with('/'));
            tag.map_or(known == lower, |tag| !tag.is_empty())
        };
        if !KEYS.iter().any(is_known) {
            return Err(PolicyError::NotImplemented(format!("the condition key `{key}`")));
        }
        if let Some(variable) = wanted.iter().find(|wanted| wanted.contains("${")) {
            return Err(PolicyError::NotImplemented(format!(
                "the policy variable in `{variable}`"
            )));
        }
        Ok(Self {
            comparison,
            negated,
            if_exists,
            of_set,
            key: lower,
            wanted,
        })
    }

    /// Whether it holds. A key that the call does not have fits nothing, so only a negated comparison holds then.
    pub(super) fn holds(&self, resource: &Resource, context: &Context) -> bool {
        let values = match self.key.strip_prefix("aws:resourcetag/") {
            Some(tag) => resource.tag(tag).map(|value| vec![value.to_owned()]),
            None => context.get(&self.key).cloned(),
        };
        let fits = |value: &String| self.wanted.iter().any(|wanted| self.fits(wanted, value)) != self.negated;
        match (values, self.of_set) {
            (None, Some(OfSet::All)) => true,
            (None, Some(OfSet::Any)) => self.if_exists,
            (None, None) => self.if_exists || self.negated,
            (Some(values), Some(OfSet::All)) => values.iter().all(fits),
            (Some(values), Some(OfSet::Any)) => values.iter().any(fits),
            (Some(values), None) => matches!(&values[..], [value] if fits(value)),
        }
    }

    fn fits(&self, wanted: &str, value: &str) -> bool {
        match self.comparison {
            Comparison::Equals => wanted == value,
            Comparison::Like => matches(wanted, value),
            Comparison::Arn => {
                let parts = |arn: &str| arn.splitn(6, ':').map(str::to_owned).collect::<Vec<_>>();
                let (wanted, value) = (parts(wanted), parts(value));
                wanted.len() == 6
                    && value.len() == 6
                    && wanted.iter().zip(&value).all(|(one, other)| matches(one, other))
            }
        }
    }
}
