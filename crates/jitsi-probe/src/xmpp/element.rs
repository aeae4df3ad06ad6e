//! XML as XMPP has it (RFC 6120, 11): elements with namespaces. What XMPP forbids in it is refused: DTDs, processing
//! instructions, comments, entities other than the five.

use quick_xml::NsReader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use crate::text::Foreign;

/// More levels than any answer has that is waited for.
const DEEPEST: usize = 16;

/// An element: its children, and the text between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) namespace: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a message, which is one whole element.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(message: &str) -> Result<Self, String> {
        let mut reader = NsReader::from_str(message);
        // The message itself is the first of the open elements.
        let mut open = vec![Self::default()];
        let unbalanced = || "its elements do not fit into each other".to_owned();
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
            let namespace = match namespace {
                ResolveResult::Bound(namespace) => namespace.0.to_owned(),
                ResolveResult::Unbound => String::new(),
                ResolveResult::Unknown(_) => return Err("a prefix of it has no namespace".to_owned()),
            };
            match event {
                Event::Start(start) => {
                    if open.len() > DEEPEST {
                        return Err("it is nested too deeply".to_owned());
                    }
                    open.push(Self::begun(namespace, &start)?);
                }
                Event::Empty(start) => {
                    let empty = Self::begun(namespace, &start)?;
                    open.last_mut().ok_or_else(unbalanced)?.children.push(empty);
                }
                Event::End(_) => {
                    let done = open.pop().ok_or_else(unbalanced)?;
                    open.last_mut().ok_or_else(unbalanced)?.children.push(done);
                }
                Event::Text(text) => open.last_mut().ok_or_else(unbalanced)?.text += &text,
                Event::CData(text) => open.last_mut().ok_or_else(unbalanced)?.text += &text,
                Event::GeneralRef(entity) => {
                    let open = open.last_mut().ok_or_else(unbalanced)?;
                    match entity.resolve_char_ref().map_err(|error| error.to_string())? {
                        Some(letter) => open.text.push(letter),
                        None => {
                            let known = resolve_predefined_entity(&entity);
                            open.text += known.ok_or("it has an entity that XMPP does not have")?;
                        }
                    }
                }
                Event::Decl(_) => {}
                Event::DocType(_) => return Err("it has a document type, which XMPP forbids".to_owned()),
                Event::PI(_) => return Err("it has a processing instruction, which XMPP forbids".to_owned()),
                Event::Comment(_) => return Err("it has a comment, which XMPP forbids".to_owned()),
                Event::Eof => break,
            }
        }
        let message = open.pop().filter(|_| open.is_empty()).ok_or_else(unbalanced)?;
        if !message.text.trim().is_empty() {
            return Err("it is text and no element".to_owned());
        }
        let mut roots = message.children.into_iter();
        let root = roots.next().ok_or("it is empty")?;
        match roots.next() {
            None => Ok(root),
            Some(_) => Err("it is more than one element".to_owned()),
        }
    }

    fn begun(namespace: String, start: &BytesStart<'_>) -> Result<Self, String> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let value = value.map_err(|error| error.to_string())?.into_owned();
            attributes.push((attribute.key.0.to_owned(), value));
        }
        Ok(Self {
            name: start.local_name().as_ref().to_owned(),
            namespace,
            attributes,
            ..Self::default()
        })
    }

    pub(crate) fn is(&self, name: &str, namespace: &str) -> bool {
        self.name == name && self.namespace == namespace
    }

    /// An attribute that belongs to no namespace.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn child(&self, name: &str, namespace: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.is(name, namespace))
    }

    pub(crate) fn children(&self) -> &[Self] {
        &self.children
    }

    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// An error's condition and text, which are children of it in this namespace.
    pub(crate) fn condition(&self, namespace: &str) -> (Foreign, Option<Foreign>) {
        let mut conditions = self
            .children
            .iter()
            .filter(|it| it.namespace == namespace && it.name != "text");
        let condition = conditions.next().map_or("undefined-condition", |it| &it.name);
        let text = self.child("text", namespace).map(Self::text);
        let text = text.filter(|text| !text.is_empty()).map(Foreign::new);
        (Foreign::new(condition), text)
    }
}

/// Text as it stands in an attribute.
pub(crate) fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_known_by_its_namespace_and_not_by_its_prefix() {
        let one = "<s:features xmlns:s='urn:a' xmlns='urn:b'><m a='1 &amp; &#x32;'>x &lt; y</m><m xmlns='urn:c'/></s:features>";
        let read = Element::read(one).unwrap();
        assert!(read.is("features", "urn:a") && !read.is("features", "urn:b"));
        let child = read.child("m", "urn:b").unwrap();
        assert_eq!((child.attribute("a"), child.text()), (Some("1 & 2"), "x < y"));
        assert!(read.child("m", "urn:c").is_some() && read.child("m", "urn:a").is_none());
        assert_eq!(read.children().len(), 2);
        assert!(Element::read(" <?xml version='1.0'?> <a/> ").is_ok());
    }

    #[test]
    fn what_xmpp_forbids_or_does_not_close_is_no_element() {
        for text in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>b",
            "<p:a/>",
            "<a b='1' b='2'/>",
            "<a>&unknown;</a>",
            "<a b='&unknown;'/>",
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
            "<!-- a --><a/>",
            "<?php a ?><a/>",
            &"<a>".repeat(100),
        ] {
            assert!(Element::read(text).is_err(), "{text}");
        }
    }
}
