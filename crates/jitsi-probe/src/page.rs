//! What a page is: the front of a Jitsi Meet, a broken one, or something else.
//!
//! jitsi/web answers every path of one segment with status 200 and the same `index.html`, and so do many others with theirs;
//! a title can be changed by branding, or be about Jitsi. What the page cannot do without are the two scripts that it loads
//! and the element that they draw into (`index.html` of jitsi-meet), so these decide. They are looked for as a
//! browser would, among tags; text or a comment that has their names does not count. Room names, and whether
//! anything answers behind the page, are not judged here.

use std::fmt;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{HtmlString, Token, Tokenizer};
use serde::Serialize;

use crate::text::Foreign;

/// What a page is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Page {
    /// The front of a Jitsi Meet: all that it cannot do without is there.
    JitsiMeet {
        /// `Jitsi Meet`, unless it is branded.
        title: Option<Foreign>,
    },
    /// Jitsi's page as a template: nginx has not filled in its `<!--#include ... -->`, so a browser shows nothing.
    NotFilledIn {
        /// The title.
        title: Option<Foreign>,
    },
    /// Part of Jitsi's page: a browser shows nothing.
    Incomplete {
        /// The title.
        title: Option<Foreign>,
        /// What is not there.
        missing: Vec<Mark>,
    },
    /// A page that loads none of Jitsi's scripts.
    OtherSite {
        /// The title.
        title: Option<Foreign>,
    },
    /// No HTML.
    NoHtml {
        /// What it says that it is.
        content_type: Foreign,
    },
}

/// What Jitsi's page cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The script `libs/lib-jitsi-meet.min.js`.
    Library,
    /// The script `libs/app.bundle.min.js`.
    App,
    /// The element `<div id="react">`.
    Root,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library => write!(f, "`{LIBRARY}`"),
            Self::App => write!(f, "`{APP}`"),
            Self::Root => f.write_str("`<div id=\"react\">`"),
        }
    }
}

/// Why a page could not be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PageFailure {
    /// It is longer than any page of Jitsi's, or does not end.
    #[error("the page is longer than {limit} bytes")]
    TooLong {
        /// So much was read.
        limit: usize,
    },
    /// The connection was closed in the middle.
    #[error("the connection is closed in the middle of the page")]
    CutOff,
    /// It has not come to its end in time.
    #[error("the page does not come to its end")]
    Timeout,
    /// It is compressed, though that was not asked for.
    #[error("the page is encoded as `{encoding}`, which was not asked for")]
    Encoded {
        /// The `Content-Encoding`.
        encoding: Foreign,
    },
    /// Anything else.
    #[error("{told}")]
    Other {
        /// What was said.
        told: String,
    },
}

const LIBRARY: &str = "libs/lib-jitsi-meet.min.js";
const APP: &str = "libs/app.bundle.min.js";

/// What was found in a page.
#[derive(Debug, Default)]
struct Found {
    title: Option<Foreign>,
    sources: Sources,
    root: bool,
}

/// From where a page loads Jitsi's scripts, each as it stands in the page.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    /// What they are relative to, if that is not the page itself.
    pub(crate) base: Option<String>,
    pub(crate) library: Option<String>,
    pub(crate) app: Option<String>,
}

/// The sources of a page that was judged to be Jitsi's.
pub(crate) fn sources(body: &[u8]) -> Sources {
    let Found { sources, .. } = look(body);
    sources
}

/// Judges a page that came with status 200. Without a `Content-Type` it is taken for HTML, as browsers do.
pub(crate) fn judge(content_type: Option<&Foreign>, body: &[u8]) -> Page {
    if let Some(content_type) = content_type.filter(|it| !is_html(it.as_str())) {
        let content_type = content_type.clone();
        return Page::NoHtml { content_type };
    }
    let Found { title, sources, root } = look(body);
    let (library, app) = (sources.library.is_some(), sources.app.is_some());
    let marks = [(library, Mark::Library), (app, Mark::App), (root, Mark::Root)];
    let missing: Vec<Mark> = marks
        .into_iter()
        .filter_map(|(there, mark)| (!there).then_some(mark))
        .collect();
    let template = body.windows(5).any(|window| window == b"<!--#");
    match (library || app, template, missing.is_empty()) {
        (false, ..) => Page::OtherSite { title },
        (true, true, _) => Page::NotFilledIn { title },
        (true, false, true) => Page::JitsiMeet { title },
        (true, false, false) => Page::Incomplete { title, missing },
    }
}

fn is_html(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"]
        .iter()
        .any(|html| kind.eq_ignore_ascii_case(html))
}

fn look(body: &[u8]) -> Found {
    let mut emitter = DefaultEmitter::default();
    // What stands in scripts and titles is text.
    emitter.naively_switch_states(true);
    let mut found = Found::default();
    let mut title = None;
    for Ok(token) in Tokenizer::new_with_emitter(body, emitter) {
        match token {
            Token::StartTag(tag) => {
                let attribute = |name: &[u8]| tag.attributes.get(name).map(|it| it.value.as_slice());
                match tag.name.as_slice() {
                    b"title" if found.title.is_none() => title = Some(Vec::new()),
                    b"script" => {
                        let source = attribute(b"src").unwrap_or_default();
                        let sources = &mut found.sources;
                        for (file, kept) in [(LIBRARY, &mut sources.library), (APP, &mut sources.app)] {
                            if kept.is_none() && loads(source, file) {
                                *kept = Some(String::from_utf8_lossy(source).into_owned());
                            }
                        }
                    }
                    b"base" if found.sources.base.is_none() => {
                        found.sources.base = attribute(b"href").map(|it| String::from_utf8_lossy(it).into_owned());
                    }
                    b"div" => found.root |= attribute(b"id") == Some(b"react"),
                    _ => {}
                }
            }
            Token::String(text) => {
                if let Some(title) = &mut title {
                    title.extend_from_slice(&text.value);
                }
            }
            Token::EndTag(tag) if is(&tag.name, "title") => {
                found.title = found.title.or_else(|| title.take().map(|it| Foreign::from_bytes(&it)));
            }
            _ => {}
        }
    }
    found
}

fn is(name: &HtmlString, wanted: &str) -> bool {
    name.as_slice() == wanted.as_bytes()
}

/// Whether a script's source is this file, below whatever folder or host, of whatever version.
fn loads(source: &[u8], file: &str) -> bool {
    let end = source.iter().position(|byte| matches!(byte, b'?' | b'#'));
    let path = &source[..end.unwrap_or(source.len())];
    let folder = path.trim_ascii().strip_suffix(file.as_bytes());
    folder.is_some_and(|folder| folder.is_empty() || folder.ends_with(b"/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPTS: &str = r#"<script src="libs/lib-jitsi-meet.min.js?v=9"></script>
        <script src="libs/app.bundle.min.js?v=9"></script>"#;

    fn page(title: &str, head: &str, body: &str) -> Page {
        let text = format!("<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>");
        judge(Some(&Foreign::new("text/html; charset=utf-8")), text.as_bytes())
    }

    fn title(text: &str) -> Option<Foreign> {
        Some(Foreign::new(text))
    }

    #[test]
    fn a_jitsi_front_is_known_by_what_it_loads_whatever_its_title() {
        let root = r#"<div id="react" role="main"></div>"#;
        let front = |title| Page::JitsiMeet { title };
        assert_eq!(page("Jitsi Meet", SCRIPTS, root), front(title("Jitsi Meet")));
        assert_eq!(page("Verein &amp; Chor", SCRIPTS, root), front(title("Verein & Chor")));
        let elsewhere = SCRIPTS
            .replace("libs/", "https://cdn.example.org/v9/libs/")
            .to_uppercase();
        assert_eq!(
            page("x", &elsewhere, root),
            Page::OtherSite { title: title("x") },
            "files have their case"
        );
        let elsewhere = SCRIPTS.replace("libs/", "https://cdn.example.org/v9/libs/");
        assert_eq!(page("x", &elsewhere, root), front(title("x")));
        let untitled = format!("{SCRIPTS}{root}");
        assert_eq!(judge(None, untitled.as_bytes()), front(None));
    }

    #[test]
    fn a_page_that_only_speaks_of_jitsi_is_another_site() {
        let other = Page::OtherSite {
            title: title("Jitsi Meet"),
        };
        for text in [
            "Jitsi Meet",
            "libs/lib-jitsi-meet.min.js libs/app.bundle.min.js <div id='react'></div>",
            "<!-- <script src='libs/lib-jitsi-meet.min.js'></script><script src='libs/app.bundle.min.js'></script> -->",
            "<script>load('<script src=\"libs/app.bundle.min.js\">')</script>",
            "<img src='libs/app.bundle.min.js'><script src='mylibs/app.bundle.min.js'></script>",
            "<script src='libs/app.bundle.min.js.map'></script><script src='x?libs/app.bundle.min.js'></script>",
            "<!--#include virtual='x' -->",
        ] {
            assert_eq!(page("Jitsi Meet", "", text), other, "{text}");
        }
        assert_eq!(judge(None, b""), Page::OtherSite { title: None });
        assert_eq!(judge(None, b"\xff\xfe<title>\x80"), Page::OtherSite { title: None });
    }

    #[test]
    fn a_jitsi_page_that_is_a_template_or_incomplete_is_told() {
        let root = r#"<div id="react"></div>"#;
        let include = format!("<!--#include virtual=\"head.html\" -->{SCRIPTS}");
        let title = || Some(Foreign::new("Jitsi Meet"));
        assert_eq!(page("Jitsi Meet", &include, root), Page::NotFilledIn { title: title() });
        let within = format!("<script><!--#include virtual=\"/config.js\" --></script>{SCRIPTS}");
        assert_eq!(page("Jitsi Meet", &within, root), Page::NotFilledIn { title: title() });
        let missing = |head: &str, body: &str| match page("Jitsi Meet", head, body) {
            Page::Incomplete { missing, .. } => missing,
            other => panic!("{other:?}"),
        };
        assert_eq!(missing(SCRIPTS, ""), [Mark::Root]);
        let one = r#"<script src="/libs/app.bundle.min.js"></script>"#;
        assert_eq!(missing(one, root), [Mark::Library]);
        assert_eq!(missing(one, "<div id=reactor>"), [Mark::Library, Mark::Root]);
    }

    #[test]
    fn what_says_that_it_is_no_html_is_not_read_as_html() {
        let text = format!("{SCRIPTS}<div id=react>");
        for content_type in ["application/json", "text/plain", "", "text/htmlx"] {
            let content_type = Foreign::new(content_type);
            let judged = judge(Some(&content_type), text.as_bytes());
            assert_eq!(judged, Page::NoHtml { content_type });
        }
        for html in ["text/html", "TEXT/HTML;charset=utf-8", "application/xhtml+xml"] {
            let judged = judge(Some(&Foreign::new(html)), text.as_bytes());
            assert_eq!(judged, Page::JitsiMeet { title: None }, "{html}");
        }
    }

    #[test]
    fn the_first_title_counts_and_one_that_does_not_end_is_none() {
        let two = page("one<b>", "<title>two</title>", "<svg><title>three</title></svg>");
        assert_eq!(two, Page::OtherSite { title: title("one<b>") });
        assert_eq!(judge(None, b"<title>half"), Page::OtherSite { title: None });
    }
}
