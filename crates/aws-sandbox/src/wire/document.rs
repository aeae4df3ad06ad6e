//! XML documents of requests, read into a small tree. Namespaces and attributes do not matter to the services that are
//! spoken to in XML.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// An element: its children, and the text between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Branch {
    pub(crate) name: String,
    text: String,
    children: Vec<Branch>,
}

/// More levels than any request has: deeper documents are refused.
const DEEPEST: usize = 16;

impl Branch {
    /// Reads a document; `None` where it is not well-formed.
    pub(crate) fn of_document(body: &[u8]) -> Option<Self> {
        let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
        // The document itself is the first of the open elements.
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    if open.len() > DEEPEST {
                        return None;
                    }
                    open.push(Self::named(start.local_name().as_ref()));
                }
                Event::Empty(start) => {
                    let empty = Self::named(start.local_name().as_ref());
                    open.last_mut()?.children.push(empty);
                }
                Event::End(_) => {
                    let done = open.pop()?;
                    open.last_mut()?.children.push(done);
                }
                Event::Text(text) => open.last_mut()?.text += &text,
                Event::CData(text) => open.last_mut()?.text += &text,
                Event::GeneralRef(entity) => {
                    let open = open.last_mut()?;
                    match entity.resolve_char_ref().ok()? {
                        Some(letter) => open.text.push(letter),
                        None => open.text += resolve_predefined_entity(&entity)?,
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        let document = open.pop().filter(|_| open.is_empty())?;
        let mut roots = document.children.into_iter();
        roots.next().filter(|_| roots.next().is_none())
    }

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first child of this name, as it was given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str())
    }

    /// All children of a list's child of this name: of `<Names><Name/><Name/></Names>` the latter two.
    pub(crate) fn list(&self, name: &str) -> &[Self] {
        self.child(name).map_or(&[], |list| &list.children[..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_with_its_lists_and_escaped_text() {
        let body = br#"<?xml version="1.0"?><A xmlns="n"><L><I><V>&quot;a &amp; b&#x21;&quot;</V></I><I/></L><E/></A>"#;
        let read = Branch::of_document(body).unwrap();
        assert_eq!((read.name.as_str(), read.list("L").len()), ("A", 2));
        assert_eq!(read.list("L")[0].text("V"), Some("\"a & b!\""));
        assert_eq!((read.text("E"), read.text("F")), (Some(""), None));
    }

    #[test]
    fn what_is_no_document_or_too_deep_is_none() {
        let deep = "<a>".repeat(20) + &"</a>".repeat(20);
        for body in ["", "<a>", "<a></b>", "<a/><b/>", "no", "<a>&nothing;</a>", &deep] {
            assert_eq!(Branch::of_document(body.as_bytes()), None, "{body}");
        }
        assert_eq!(Branch::of_document(&[b'<', 0xff]), None);
    }
}
