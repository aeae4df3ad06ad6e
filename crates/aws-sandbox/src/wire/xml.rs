//! A small tree that is written as XML.

use quick_xml::escape::escape;

/// An element with text or with children.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element {
    name: String,
    namespace: Option<&'static str>,
    content: Content,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    Text(String),
    Children(Vec<Element>),
}

/// An element with children.
pub(crate) fn element(name: &str, children: impl IntoIterator<Item = Element>) -> Element {
    Element {
        name: name.to_owned(),
        namespace: None,
        content: Content::Children(children.into_iter().collect()),
    }
}

/// An element with text.
pub(crate) fn text(name: &str, value: impl ToString) -> Element {
    Element {
        name: name.to_owned(),
        namespace: None,
        content: Content::Text(value.to_string()),
    }
}

/// A list as query services write it: each item in a `member`.
pub(crate) fn members(name: &str, items: impl IntoIterator<Item = Vec<Element>>) -> Element {
    element(name, items.into_iter().map(|item| element("member", item)))
}

/// A list of plain values.
pub(crate) fn member_texts<T: ToString>(name: &str, items: impl IntoIterator<Item = T>) -> Element {
    element(name, items.into_iter().map(|item| text("member", item)))
}

impl Element {
    pub(crate) fn in_namespace(mut self, namespace: &'static str) -> Self {
        self.namespace = Some(namespace);
        self
    }

    /// The element as a document.
    pub(crate) fn document(&self) -> Vec<u8> {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        self.write(&mut out);
        out.into_bytes()
    }

    fn write(&self, out: &mut String) {
        let Self {
            name,
            namespace,
            content,
        } = self;
        let xmlns = namespace
            .map(|namespace| format!(" xmlns=\"{namespace}\""))
            .unwrap_or_default();
        match content {
            Content::Children(children) if children.is_empty() => *out += &format!("<{name}{xmlns}/>"),
            Content::Children(children) => {
                *out += &format!("<{name}{xmlns}>");
                for child in children {
                    child.write(out);
                }
                *out += &format!("</{name}>");
            }
            Content::Text(value) => *out += &format!("<{name}{xmlns}>{}</{name}>", escape(value.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_lists_have_members() {
        let tree = element(
            "A",
            [text("B", "1 < 2 & 3"), member_texts("C", ["x"]), members("D", [])],
        )
        .in_namespace("n");
        let document = String::from_utf8(tree.document()).unwrap();
        let expected = "<A xmlns=\"n\"><B>1 &lt; 2 &amp; 3</B><C><member>x</member></C><D/></A>";
        assert!(document.ends_with(expected), "{document}");
    }
}
