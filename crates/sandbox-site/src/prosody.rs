//! The XMPP server of a site, as one visitor over a websocket meets it (RFC 6120, RFC 7395): it lets anybody in without an
//! account, gives them an address, and hands requests for a conference to jicofo. Everything else that is asked for is not
//! available; presence and messages lead nowhere.

use aws_sandbox::SiteFault;

use crate::iq::{self, error, result};
use crate::stanza::{Element, Malformed};

/// The domain of visitors. It is a name within the platform, whatever its site is called.
pub(crate) const DOMAIN: &str = "meet.jitsi";
/// The domain of rooms.
pub(crate) const MUC: &str = "muc.meet.jitsi";
/// The domain of the platform's own users.
pub(crate) const AUTH_DOMAIN: &str = "auth.meet.jitsi";

const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
pub(crate) const CLIENT: &str = "jabber:client";
const STREAMS: &str = "http://etherx.jabber.org/streams";
const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
pub(crate) const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";

/// The longest name of a visitor's own choice for a connection.
const LONGEST_RESOURCE: usize = 64;

/// One visitor.
#[derive(Debug)]
pub(crate) struct Session {
    fault: Option<SiteFault>,
    /// Whether the visitor has shown a token; whose it is does not matter here.
    token: bool,
    stage: Stage,
}

/// How far a visitor has come.
#[derive(Debug)]
enum Stage {
    Connected,
    Opened,
    /// Logged in as this address, which waits for a new stream.
    LoggedIn(String),
    Reopened(String),
    /// The full address.
    Bound(String),
}

/// What is answered to a frame.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) frames: Vec<String>,
    pub(crate) then: Then,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// It goes on.
    GoesOn,
    /// It is closed in good order.
    Closes,
    /// It breaks, as there is nobody any more at its other end.
    Breaks,
}

impl Reply {
    pub(crate) fn of(frames: impl IntoIterator<Item = String>) -> Self {
        Self {
            frames: frames.into_iter().collect(),
            then: Then::GoesOn,
        }
    }

    /// The stream ends with an error. Where there was none yet, it begins for that.
    fn error(stage: &Stage, condition: &str) -> Self {
        let opening = matches!(stage, Stage::Connected).then(open);
        let error = format!(
            "<stream:error xmlns='{CLIENT}' xmlns:stream='{STREAMS}'><{condition} xmlns='{STREAM_ERRORS}'/></stream:error>"
        );
        Self {
            frames: opening.into_iter().chain([error, close()]).collect(),
            then: Then::Closes,
        }
    }
}

fn open() -> String {
    format!(
        "<open xmlns='{FRAMING}' from='{DOMAIN}' id='{}' version='1.0' xml:lang='en'/>",
        token()
    )
}

fn close() -> String {
    format!("<close xmlns='{FRAMING}'/>")
}

fn features(offered: &str) -> String {
    format!("<stream:features xmlns='{CLIENT}' xmlns:stream='{STREAMS}'>{offered}</stream:features>")
}

fn failure(condition: &str, told: &str) -> String {
    format!("<failure xmlns='{SASL}'><{condition}/>{told}</failure>")
}

/// A name that nobody has chosen.
fn token() -> String {
    format!("{:016x}", fastrand::u64(..))
}

impl Session {
    pub(crate) fn new(fault: Option<SiteFault>, token: bool) -> Self {
        Self {
            fault,
            token,
            stage: Stage::Connected,
        }
    }

    /// A frame has come. `counts` is told of a conference that is asked for, and says whether there is anybody to count it.
    pub(crate) fn hears(&mut self, frame: &str, counts: impl FnOnce() -> bool) -> Reply {
        match Element::of_frame(frame) {
            Ok(element) if element.is("close", FRAMING) => Reply {
                frames: vec![close()],
                then: Then::Closes,
            },
            Ok(element) if element.is("open", FRAMING) => self.opens(&element),
            Ok(element) => self.takes(&element, counts),
            Err(malformed) => Reply::error(&self.stage, Malformed::condition(malformed)),
        }
    }

    /// More was sent at once than any stanza has.
    pub(crate) fn hears_too_much(&self) -> Reply {
        Reply::error(&self.stage, "policy-violation")
    }

    /// A stream begins: the first one, or the one after the login.
    fn opens(&mut self, asked: &Element) -> Reply {
        let condition = match (asked.attribute("to"), asked.attribute("version")) {
            (None, _) => Some("improper-addressing"),
            (Some(to), _) if !to.eq_ignore_ascii_case(DOMAIN) => Some("host-unknown"),
            (Some(_), Some("1.0")) => None,
            (Some(_), _) => Some("unsupported-version"),
        };
        if let Some(condition) = condition {
            return Reply::error(&self.stage, condition);
        }
        let (next, offered) = match &self.stage {
            Stage::Connected => (Stage::Opened, self.mechanisms()),
            Stage::LoggedIn(user) => {
                let offered =
                    format!("<bind xmlns='{BIND}'><required/></bind><session xmlns='{SESSION}'><optional/></session>");
                (Stage::Reopened(user.clone()), offered)
            }
            stage => return Reply::error(stage, "bad-format"),
        };
        self.stage = next;
        Reply::of([open(), features(&offered)])
    }

    fn mechanisms(&self) -> String {
        let offered: &[&str] = match self.fault {
            Some(SiteFault::NoAnonymous) => &["SCRAM-SHA-1", "PLAIN"],
            _ => &["ANONYMOUS"],
        };
        let offered: String = offered
            .iter()
            .map(|it| format!("<mechanism>{it}</mechanism>"))
            .collect();
        format!("<mechanisms xmlns='{SASL}'>{offered}</mechanisms>")
    }

    fn takes(&mut self, element: &Element, counts: impl FnOnce() -> bool) -> Reply {
        match &self.stage {
            Stage::Opened if element.is("auth", SASL) => self.logs_in(element),
            Stage::Reopened(user) if element.is("iq", CLIENT) => {
                let user = user.clone();
                self.binds(element, &user)
            }
            Stage::Bound(address) if element.namespace == CLIENT => match element.name.as_str() {
                "iq" => iq::answer(element, address, self.fault, counts),
                "presence" | "message" => Reply::of([]),
                _ => Reply::error(&self.stage, "unsupported-stanza-type"),
            },
            stage if element.namespace.is_empty() || element.name == "open" => Reply::error(stage, "invalid-namespace"),
            Stage::Bound(_) => Reply::error(&self.stage, "unsupported-stanza-type"),
            stage => Reply::error(stage, "not-authorized"),
        }
    }

    fn logs_in(&mut self, asked: &Element) -> Reply {
        let refused = match (self.fault, asked.attribute("mechanism")) {
            (Some(SiteFault::NoAnonymous), Some("PLAIN" | "SCRAM-SHA-1")) => Some(failure("not-authorized", "")),
            (Some(SiteFault::NoAnonymous), _) => Some(failure("invalid-mechanism", "")),
            (Some(SiteFault::Closed), Some("ANONYMOUS")) if !self.token => {
                Some(failure("not-allowed", "<text>token required</text>"))
            }
            (_, Some("ANONYMOUS")) => None,
            (_, _) => Some(failure("invalid-mechanism", "")),
        };
        if let Some(refused) = refused {
            return Reply::of([refused]);
        }
        self.stage = Stage::LoggedIn(format!("{}@{DOMAIN}", token()));
        Reply::of([format!("<success xmlns='{SASL}'/>")])
    }

    /// The first thing that a visitor who has logged in must ask for is an address.
    fn binds(&mut self, iq: &Element, user: &str) -> Reply {
        let bind = iq.children.first().filter(|it| it.is("bind", BIND));
        let (Some(bind), Some("set")) = (bind, iq.attribute("type")) else {
            return Reply::of([error(iq, user, "auth", "not-authorized")]);
        };
        let wanted = bind.children.iter().find(|it| it.is("resource", BIND));
        let resource = match wanted.map(|it| it.text.as_str()) {
            Some(wanted) if is_resource(wanted) => wanted.to_owned(),
            Some(wanted) if !wanted.is_empty() => return Reply::of([error(iq, user, "modify", "bad-request")]),
            _ => token(),
        };
        let address = format!("{user}/{resource}");
        let bound = format!("<bind xmlns='{BIND}'><jid>{address}</jid></bind>");
        let answer = result(iq, &address, &bound);
        self.stage = Stage::Bound(address);
        Reply::of([answer])
    }
}

fn is_resource(name: &str) -> bool {
    (1..=LONGEST_RESOURCE).contains(&name.len())
        && name
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='meet.jitsi' version='1.0'/>";
    const AUTH: &str = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>";
    const ASK_BIND: &str =
        "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";

    fn say(session: &mut Session, frame: &str) -> Vec<Element> {
        let reply = session.hears(frame, || panic!("no conference is asked for"));
        assert_eq!(reply.then, Then::GoesOn, "{reply:?}");
        elements(&reply)
    }

    fn elements(reply: &Reply) -> Vec<Element> {
        reply.frames.iter().map(|it| Element::of_frame(it).unwrap()).collect()
    }

    /// The condition with which a stream ends.
    fn ends(session: &mut Session, frame: &str) -> String {
        let reply = session.hears(frame, || panic!("no conference is asked for"));
        assert_eq!(reply.then, Then::Closes, "{reply:?}");
        let frames = elements(&reply);
        let [.., error, close] = &frames[..] else {
            panic!("{frames:?}");
        };
        assert!(error.is("error", STREAMS) && close.is("close", FRAMING), "{frames:?}");
        assert_eq!(frames.len() == 3, frames[0].is("open", FRAMING), "{frames:?}");
        error.children[0].name.clone()
    }

    fn session(fault: Option<SiteFault>, frames: &[&str]) -> Session {
        let mut session = Session::new(fault, false);
        for frame in frames {
            say(&mut session, frame);
        }
        session
    }

    fn offered(features: &Element) -> Vec<&str> {
        assert!(features.is("features", STREAMS), "{features:?}");
        let mechanisms = &features.children[0];
        assert!(mechanisms.is("mechanisms", SASL));
        mechanisms.children.iter().map(|it| it.text.as_str()).collect()
    }

    #[test]
    fn a_stranger_logs_in_binds_an_address_and_is_let_go() {
        let mut session = Session::new(None, false);
        let opened = say(&mut session, OPEN);
        assert!(opened[0].is("open", FRAMING) && opened[0].attribute("from") == Some(DOMAIN));
        assert_eq!(offered(&opened[1]), ["ANONYMOUS"]);
        assert!(say(&mut session, AUTH)[0].is("success", SASL));
        let features = say(&mut session, OPEN).remove(1);
        assert!(features.children[0].is("bind", BIND), "{features:?}");
        let bound = say(&mut session, ASK_BIND).remove(0);
        assert_eq!(
            (bound.attribute("type"), bound.attribute("id")),
            (Some("result"), Some("b"))
        );
        let address = &bound.children[0].children[0].text;
        assert!(address.contains("@meet.jitsi/"), "{address}");
        assert_eq!(say(&mut session, "<presence xmlns='jabber:client'/>"), []);
        let reply = session.hears("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", || false);
        assert_eq!(
            (elements(&reply)[0].is("close", FRAMING), reply.then),
            (true, Then::Closes)
        );
    }

    #[test]
    fn an_address_is_the_visitors_own_choice_if_it_is_decent() {
        for (wanted, bound) in [
            ("<resource>my-1</resource>", "result"),
            ("<resource/>", "result"),
            ("<resource>a b</resource>", "error"),
        ] {
            let mut session = session(None, &[OPEN, AUTH, OPEN]);
            let iq = ASK_BIND.replace("-bind'/>", &format!("-bind'>{wanted}</bind>"));
            let told = say(&mut session, &iq).remove(0);
            assert_eq!(told.attribute("type"), Some(bound), "{wanted}");
            if wanted.contains("my") {
                assert!(told.children[0].children[0].text.ends_with("@meet.jitsi/my-1"));
            }
        }
    }

    #[test]
    fn a_stream_to_another_host_or_out_of_turn_ends_with_its_error() {
        let connected: &[&str] = &[];
        for (before, frame, condition) in [
            (
                connected,
                &*OPEN.replace("meet.jitsi", "meet.example.org"),
                "host-unknown",
            ),
            (connected, &OPEN.replace("to=", "from="), "improper-addressing"),
            (connected, &OPEN.replace("1.0", "0.9"), "unsupported-version"),
            (connected, &OPEN.replace(FRAMING, "urn:x"), "invalid-namespace"),
            (connected, "<stream:stream", "not-well-formed"),
            (connected, AUTH, "not-authorized"),
            (&[OPEN], OPEN, "bad-format"),
            (&[OPEN], ASK_BIND, "not-authorized"),
            (&[OPEN], "<auth/>", "invalid-namespace"),
            (&[OPEN, AUTH], ASK_BIND, "not-authorized"),
            (&[OPEN, AUTH, OPEN], AUTH, "not-authorized"),
            (
                &[OPEN, AUTH, OPEN, ASK_BIND],
                "<iq type='get' id='1'/>",
                "invalid-namespace",
            ),
            (&[OPEN, AUTH, OPEN, ASK_BIND], AUTH, "unsupported-stanza-type"),
            (
                &[OPEN, AUTH, OPEN, ASK_BIND],
                "<x xmlns='jabber:client'/>",
                "unsupported-stanza-type",
            ),
        ] {
            assert_eq!(ends(&mut session(None, before), frame), condition, "{frame}");
        }
        assert_eq!(session(None, &[OPEN]).hears_too_much().then, Then::Closes);
    }

    #[test]
    fn who_may_log_in_is_told_and_kept_to() {
        let login = |fault, token, auth: &str| {
            let mut session = Session::new(fault, token);
            let opened = say(&mut session, OPEN);
            let offered = offered(&opened[1]).join(" ");
            let told = say(&mut session, auth).remove(0);
            let condition = told.children.first().map(|it| it.name.clone());
            (offered, condition.unwrap_or(told.name))
        };
        let is = |offered: &str, told: &str| (offered.to_owned(), told.to_owned());
        let plain = AUTH.replace("ANONYMOUS", "PLAIN");
        assert_eq!(login(None, false, &plain), is("ANONYMOUS", "invalid-mechanism"));
        let none = Some(SiteFault::NoAnonymous);
        assert_eq!(login(none, true, AUTH), is("SCRAM-SHA-1 PLAIN", "invalid-mechanism"));
        assert_eq!(login(none, true, &plain), is("SCRAM-SHA-1 PLAIN", "not-authorized"));
        let closed = Some(SiteFault::Closed);
        assert_eq!(login(closed, false, AUTH), is("ANONYMOUS", "not-allowed"));
        assert_eq!(login(closed, true, AUTH), is("ANONYMOUS", "success"));
    }
}
