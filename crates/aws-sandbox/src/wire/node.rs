//! Input and output of operations that are spoken in several protocols: a tree that is read from a form, JSON or CBOR,
//! and written as XML, JSON or CBOR.

use std::collections::BTreeMap;

use super::ApiError;
use super::xml::{Element, element, text};
use crate::clock::{Ms, iso8601};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Text(String),
    Integer(i64),
    Number(f64),
    Bool(bool),
    Time(Ms),
    List(Vec<Node>),
    Map(BTreeMap<String, Node>),
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A structure with these members.
pub(crate) fn map<const N: usize>(members: [(&str, Node); N]) -> Node {
    Node::Map(
        members
            .into_iter()
            .map(|(name, node)| (name.to_owned(), node))
            .collect(),
    )
}

fn malformed(name: &str, wanted: &str) -> ApiError {
    ApiError::client("MalformedInput", format!("{name} must be {wanted}"))
}

/// Members of a structure. What was not given is `None`; in a form everything is text.
impl Node {
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(members) => members.get(name),
            _ => None,
        }
    }

    /// # Errors
    /// `MalformedInput`.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.member(name) {
            None => Ok(None),
            Some(Self::Text(text)) if text.is_empty() => Ok(None),
            Some(Self::Text(text)) => Ok(Some(text)),
            Some(_) => Err(malformed(name, "a string")),
        }
    }

    /// # Errors
    /// `MalformedInput`.
    pub(crate) fn number(&self, name: &str) -> Result<Option<f64>, ApiError> {
        self.member(name).map(|node| node.as_number(name)).transpose()
    }

    /// # Errors
    /// `MalformedInput`.
    pub(crate) fn as_number(&self, name: &str) -> Result<f64, ApiError> {
        let number = match self {
            Self::Number(number) => Some(*number),
            Self::Integer(number) => Some(*number as f64),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| malformed(name, "a number"))
    }

    /// # Errors
    /// `MalformedInput`.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let read = |node: &Self| match node {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        };
        self.member(name)
            .map(|node| read(node).ok_or_else(|| malformed(name, "a whole number")))
            .transpose()
    }

    /// # Errors
    /// `MalformedInput`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        let read = |node: &Self| match node {
            Self::Bool(flag) => Some(*flag),
            Self::Text(text) => text.parse().ok(),
            _ => None,
        };
        self.member(name)
            .map(|node| read(node).ok_or_else(|| malformed(name, "true or false")))
            .transpose()
    }

    /// # Errors
    /// `MalformedInput`.
    pub(crate) fn time(&self, name: &str) -> Result<Option<Ms>, ApiError> {
        let read = |node: &Self| match node {
            Self::Time(at) => Some(*at),
            Self::Integer(seconds) => Some(seconds.saturating_mul(1_000)),
            Self::Number(seconds) => Some((seconds * 1_000.0).round() as Ms),
            Self::Text(text) => text.parse::<jiff::Timestamp>().ok().map(|at| at.as_millisecond()),
            _ => None,
        };
        self.member(name)
            .map(|node| read(node).ok_or_else(|| malformed(name, "a timestamp")))
            .transpose()
    }

    /// The items of a list; none where it was not given.
    ///
    /// # Errors
    /// `MalformedInput`.
    pub(crate) fn list(&self, name: &str) -> Result<&[Self], ApiError> {
        match self.member(name) {
            None => Ok(&[]),
            // A form says so of an empty list.
            Some(Self::Text(text)) if text.is_empty() => Ok(&[]),
            Some(Self::List(items)) => Ok(items),
            Some(_) => Err(malformed(name, "a list")),
        }
    }

    /// The children of an element that stands for this structure.
    pub(crate) fn elements(&self) -> Vec<Element> {
        match self {
            Self::Map(members) => members.iter().map(|(name, node)| node.element(name)).collect(),
            _ => Vec::new(),
        }
    }

    fn element(&self, name: &str) -> Element {
        match self {
            Self::Text(value) => text(name, value),
            Self::Integer(value) => text(name, value),
            Self::Number(value) => text(name, value),
            Self::Bool(value) => text(name, value),
            Self::Time(at) => text(name, iso8601(*at)),
            Self::List(items) => element(name, items.iter().map(|item| item.element("member"))),
            Self::Map(_) => element(name, self.elements()),
        }
    }

    /// Reads a form: `A.member.2.B=x` is the member `B` of the second item of the list `A`.
    pub(crate) fn of_form(form: &BTreeMap<String, String>) -> Self {
        let mut root = Self::Map(BTreeMap::new());
        for (name, value) in form {
            root.insert(name, value);
        }
        root.with_lists()
    }

    fn insert(&mut self, path: &str, value: &str) {
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(BTreeMap::new());
        }
        let Self::Map(members) = self else { return };
        match path.split_once('.') {
            None => {
                members.insert(path.to_owned(), value.into());
            }
            Some((first, rest)) => {
                let member = members.entry(first.to_owned());
                member.or_insert_with(|| Self::Map(BTreeMap::new())).insert(rest, value);
            }
        }
    }

    /// Turns maps with the only member `member` into lists, in the order of their numbers.
    fn with_lists(self) -> Self {
        let Self::Map(mut members) = self else { return self };
        if members.len() == 1
            && let Some(Self::Map(items)) = members.remove("member")
        {
            let numbered = items
                .into_iter()
                .map(|(number, node)| (number.parse().unwrap_or(u64::MAX), node));
            let mut items: Vec<(u64, Self)> = numbered.collect();
            items.sort_by_key(|(number, _)| *number);
            return Self::List(items.into_iter().map(|(_, node)| node.with_lists()).collect());
        }
        Self::Map(
            members
                .into_iter()
                .map(|(name, node)| (name, node.with_lists()))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::query::parse_form;

    #[test]
    fn a_form_is_read_as_a_tree_with_lists_in_the_order_of_their_numbers() {
        let form =
            parse_form(b"Period=60&D.member.10.N=j&D.member.2.N=b&D.member.2.V=w&E.member.1=x&T=2026-01-15T18:00:00Z");
        let node = Node::of_form(&form);
        let list = node.list("D").unwrap();
        assert_eq!(
            (list.len(), list[0].text("V").unwrap(), list[1].text("N").unwrap()),
            (2, Some("w"), Some("j"))
        );
        assert_eq!(node.list("E").unwrap(), [Node::from("x")]);
        assert_eq!(
            (node.integer("Period").unwrap(), node.number("Period").unwrap()),
            (Some(60), Some(60.0))
        );
        assert_eq!(node.time("T").unwrap(), Some(crate::clock::START));
        assert_eq!(
            (node.text("None").unwrap(), node.list("None").unwrap().len()),
            (None, 0)
        );
        for wrong in [
            node.integer("T").err(),
            node.flag("Period").err(),
            node.list("T").err().or(None),
        ] {
            assert_eq!(wrong.unwrap().code, "MalformedInput");
        }
    }

    #[test]
    fn members_that_contradict_each_other_do_no_harm() {
        let node = Node::of_form(&parse_form(b"A=1&A.b=2&A.member.x=3&member.1=4&.=5"));
        assert!(node.text("A").is_err());
    }
}
