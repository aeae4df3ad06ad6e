//! XMPP's XML. Over a websocket each frame is a document of its own (RFC 7395), with its own namespaces.

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::{NsReader, XmlVersion};

/// What a frame says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) namespace: String,
    attributes: Vec<(String, String)>,
    pub(crate) children: Vec<Element>,
    pub(crate) text: String,
}

/// Why a frame says nothing: the condition of the stream error (RFC 6120).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// It is no XML, or not one whole element.
    NotWellFormed,
    /// It has what XMPP does not allow: comments, instructions, document types, entities of its own.
    Restricted,
    /// It is deeper than anything that is meant well.
    TooDeep,
}

/// More levels than any stanza has.
const DEEPEST: usize = 16;

impl Malformed {
    pub(crate) fn condition(self) -> &'static str {
        match self {
            Self::NotWellFormed => "not-well-formed",
            Self::Restricted => "restricted-xml",
            Self::TooDeep => "policy-violation",
        }
    }
}

impl Element {
    /// Reads a frame.
    pub(crate) fn of_frame(frame: &str) -> Result<Self, Malformed> {
        let wrong = |_| Malformed::NotWellFormed;
        let mut reader = NsReader::from_str(frame);
        // The frame itself is the first of the open elements.
        let mut open = vec![Self::default()];
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(wrong)?;
            match event {
                Event::Start(start) => {
                    if open.len() > DEEPEST {
                        return Err(Malformed::TooDeep);
                    }
                    open.push(Self::begun(&namespace, &start)?);
                }
                Event::Empty(start) => {
                    let empty = Self::begun(&namespace, &start)?;
                    innermost(&mut open)?.children.push(empty);
                }
                Event::End(_) => {
                    let done = open.pop().ok_or(Malformed::NotWellFormed)?;
                    innermost(&mut open)?.children.push(done);
                }
                Event::Text(text) => innermost(&mut open)?.text += &text,
                Event::CData(text) => innermost(&mut open)?.text += &text,
                Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(wrong)? {
                    Some(letter) => innermost(&mut open)?.text.push(letter),
                    None => {
                        let known = quick_xml::escape::resolve_predefined_entity(&entity);
                        innermost(&mut open)?.text += known.ok_or(Malformed::Restricted)?;
                    }
                },
                Event::Decl(_) => {}
                Event::Comment(_) | Event::PI(_) | Event::DocType(_) => return Err(Malformed::Restricted),
                Event::Eof => break,
            }
        }
        let frame = open
            .pop()
            .filter(|frame| open.is_empty() && frame.text.trim().is_empty());
        let mut roots = frame.ok_or(Malformed::NotWellFormed)?.children.into_iter();
        let root = roots.next().filter(|_| roots.next().is_none());
        root.ok_or(Malformed::NotWellFormed)
    }

    fn begun(namespace: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<Self, Malformed> {
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.as_ref().to_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(_) => return Err(Malformed::NotWellFormed),
        };
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| Malformed::NotWellFormed)?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| Malformed::NotWellFormed)?;
            attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        Ok(Self {
            name: start.local_name().as_ref().to_owned(),
            namespace,
            attributes,
            ..Self::default()
        })
    }

    /// Whether it is this element of this namespace.
    pub(crate) fn is(&self, name: &str, namespace: &str) -> bool {
        self.name == name && self.namespace == namespace
    }

    /// An attribute without a namespace.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        attributes.find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

fn innermost(open: &mut [Element]) -> Result<&mut Element, Malformed> {
    open.last_mut().ok_or(Malformed::NotWellFormed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_with_its_namespaces_whatever_their_prefixes_and_quotes() {
        let plain =
            "<iq xmlns='jabber:client' id='1&amp;2'><bind xmlns='urn:b'><resource>a&lt;b</resource></bind></iq>";
        let other = "<?xml version=\"1.0\"?>\n<c:iq xmlns:c=\"jabber:client\" xmlns:b='urn:b' id=\"1&#38;2\" >\
            <b:bind ><b:resource><![CDATA[a<b]]></b:resource></b:bind></c:iq>";
        for frame in [plain, other] {
            let iq = Element::of_frame(frame).unwrap();
            assert!(
                iq.is("iq", "jabber:client") && iq.attribute("id") == Some("1&2"),
                "{iq:?}"
            );
            assert!(iq.children[0].is("bind", "urn:b"));
            let resource = &iq.children[0].children[0];
            assert!(
                resource.is("resource", "urn:b") && resource.text == "a<b",
                "{resource:?}"
            );
        }
        let bare = Element::of_frame("<a/>").unwrap();
        assert!(bare.is("a", "") && bare.attribute("b").is_none());
    }

    #[test]
    fn what_is_no_stanza_is_told_by_its_stream_error() {
        for (frame, condition) in [
            ("", "not-well-formed"),
            ("text", "not-well-formed"),
            ("<a>", "not-well-formed"),
            ("<a></b>", "not-well-formed"),
            ("</a>", "not-well-formed"),
            ("<a/><b/>", "not-well-formed"),
            ("<a/>text", "not-well-formed"),
            ("<a b='1' b='2'/>", "not-well-formed"),
            ("<x:a/>", "not-well-formed"),
            ("<a><!-- b --></a>", "restricted-xml"),
            ("<!DOCTYPE a><a/>", "restricted-xml"),
            ("<?b?><a/>", "restricted-xml"),
            ("<a>&b;</a>", "restricted-xml"),
        ] {
            let condition = (frame, Err(condition));
            assert_eq!(
                (frame, Element::of_frame(frame).map_err(Malformed::condition)),
                condition
            );
        }
        let deep = |levels| "<a>".repeat(levels) + &"</a>".repeat(levels);
        assert!(Element::of_frame(&deep(DEEPEST)).is_ok());
        assert_eq!(Element::of_frame(&deep(DEEPEST + 1)), Err(Malformed::TooDeep));
        assert_eq!(Element::of_frame(&deep(100_000)), Err(Malformed::TooDeep));
    }
}
