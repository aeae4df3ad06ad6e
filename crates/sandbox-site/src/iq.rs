//! Questions of XMPP (`iq`): what prosody itself answers to whoever is logged in, and what jicofo does.

use aws_sandbox::SiteFault;
use quick_xml::escape::escape;

use crate::prosody::{AUTH_DOMAIN, CLIENT, DOMAIN, MUC, Reply, SESSION, Then};
use crate::stanza::Element;

/// Who is asked for conferences.
const FOCUS: &str = "focus.meet.jitsi";

const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
const PING: &str = "urn:xmpp:ping";
const CONFERENCE: &str = "http://jitsi.org/protocol/focus";

/// Answers what somebody asks who has this address. `counts` is told of a conference that is asked for, and says whether there
/// is anybody to count it.
pub(crate) fn answer(iq: &Element, address: &str, fault: Option<SiteFault>, counts: impl FnOnce() -> bool) -> Reply {
    let refused = |kind, condition| Reply::of([error(iq, address, kind, condition)]);
    match (iq.attribute("type"), iq.attribute("id")) {
        (Some("result" | "error"), _) => return Reply::of([]),
        (Some("get" | "set"), Some(_)) if iq.children.len() == 1 => {}
        _ => return refused("modify", "bad-request"),
    }
    let own = iq.attribute("to").is_none_or(|to| to == DOMAIN);
    match (iq.attribute("to"), iq.children.first()) {
        (_, Some(asked)) if own && (asked.is("session", SESSION) || asked.is("ping", PING)) => {
            Reply::of([result(iq, address, "")])
        }
        (Some(FOCUS), Some(asked)) if asked.is("conference", CONFERENCE) => match fault {
            Some(SiteFault::NoJicofo) => refused("wait", "service-unavailable"),
            _ => conference(iq, asked, address, counts),
        },
        _ => refused("cancel", "service-unavailable"),
    }
}

/// jicofo's answer.
fn conference(iq: &Element, asked: &Element, address: &str, counts: impl FnOnce() -> bool) -> Reply {
    let room = asked.attribute("room").filter(|room| is_room(room));
    let (Some(room), Some("set")) = (room, iq.attribute("type")) else {
        return Reply::of([error(iq, address, "modify", "bad-request")]);
    };
    if !counts() {
        return Reply {
            frames: Vec::new(),
            then: Then::Breaks,
        };
    }
    let room = escape(room);
    let ready = format!(
        "<conference xmlns='{CONFERENCE}' room='{room}' ready='true' focusjid='focus@{AUTH_DOMAIN}/focus'>\
        <property name='authentication' value='false'/></conference>"
    );
    Reply::of([result(iq, address, &ready)])
}

/// Whether it is the address of a room of this platform.
fn is_room(address: &str) -> bool {
    let room = address.split_once('@').filter(|(_, domain)| *domain == MUC);
    room.is_some_and(|(name, _)| !name.is_empty() && !name.contains(|it: char| it.is_whitespace() || it == '/'))
}

/// An answer, from whom it was asked of.
pub(crate) fn result(iq: &Element, address: &str, answer: &str) -> String {
    format!("<iq {} type='result'>{answer}</iq>", envelope(iq, address))
}

pub(crate) fn error(iq: &Element, address: &str, kind: &str, condition: &str) -> String {
    let envelope = envelope(iq, address);
    format!("<iq {envelope} type='error'><error type='{kind}'><{condition} xmlns='{STANZA_ERRORS}'/></error></iq>")
}

fn envelope(iq: &Element, address: &str) -> String {
    let mut envelope = format!("xmlns='{CLIENT}'");
    let back = [
        ("from", iq.attribute("to")),
        ("id", iq.attribute("id")),
        ("to", Some(address)),
    ];
    for (name, value) in back {
        if let Some(value) = value {
            envelope += &format!(" {name}='{}'", escape(value));
        }
    }
    envelope
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: &str = "me@meet.jitsi/1";

    fn asked(iq: &str, fault: Option<SiteFault>, counts: impl FnOnce() -> bool) -> Reply {
        answer(&Element::of_frame(iq).unwrap(), ME, fault, counts)
    }

    /// Type of the answer, and its error's condition or its only child.
    fn told(iq: &str, fault: Option<SiteFault>) -> (String, String) {
        let reply = asked(iq, fault, || panic!("no conference is asked for"));
        assert_eq!((reply.frames.len(), reply.then), (1, Then::GoesOn), "{reply:?}");
        let iq = Element::of_frame(&reply.frames[0]).unwrap();
        assert!(iq.is("iq", CLIENT) && iq.attribute("to") == Some(ME), "{iq:?}");
        let child = match iq.children.first() {
            Some(error) if error.name == "error" => error.children.first(),
            child => child,
        };
        let kind = iq.attribute("type").unwrap().to_owned();
        (kind, child.map(|it| it.name.clone()).unwrap_or_default())
    }

    fn refused(condition: &str) -> (String, String) {
        ("error".to_owned(), condition.to_owned())
    }

    #[test]
    fn what_is_asked_for_and_not_there_is_an_error_and_answers_are_not_answered() {
        let iq = |kind: &str, rest: &str| format!("<iq xmlns='jabber:client' type='{kind}' {rest}</iq>");
        for to in ["", "to='meet.jitsi'", "to='focus.meet.jitsi'", "to='example.org'"] {
            let roster = iq("get", &format!("id='1' {to}><query xmlns='jabber:iq:roster'/>"));
            assert_eq!(told(&roster, None), refused("service-unavailable"), "{to}");
        }
        let ping = iq("get", "id='1' to='meet.jitsi'><ping xmlns='urn:xmpp:ping'/>");
        assert_eq!(told(&ping, None), ("result".to_owned(), String::new()));
        for wrong in [
            iq("get", "><a/>"),
            iq("get", "id='1'>"),
            iq("ask", "id='1'><a/>"),
            iq("set", "id='1'><a/><b/>"),
        ] {
            assert_eq!(told(&wrong, None), refused("bad-request"), "{wrong}");
        }
        for silent in [iq("result", "id='1'>"), iq("error", "id='1'>")] {
            assert_eq!(asked(&silent, None, || false), Reply::of([]));
        }
    }

    #[test]
    fn a_conference_is_counted_and_ready_and_where_nobody_is_left_the_connection_breaks() {
        let ask = |room: &str, kind: &str| {
            format!(
                "<iq xmlns='jabber:client' type='{kind}' id='c&amp;1' to='focus.meet.jitsi'>\
                <conference xmlns='http://jitsi.org/protocol/focus' room='{room}' machine-uid='x'/></iq>"
            )
        };
        let good = ask("probe-1@muc.meet.jitsi", "set");
        let mut counted = 0;
        let reply = asked(&good, None, || {
            counted += 1;
            true
        });
        let iq = Element::of_frame(&reply.frames[0]).unwrap();
        assert_eq!(
            (counted, iq.attribute("type"), iq.attribute("id")),
            (1, Some("result"), Some("c&1"))
        );
        assert_eq!(iq.attribute("from"), Some("focus.meet.jitsi"));
        let conference = &iq.children[0];
        assert!(conference.is("conference", CONFERENCE));
        let said = ["room", "ready", "focusjid"].map(|it| conference.attribute(it).unwrap());
        assert_eq!(said, ["probe-1@muc.meet.jitsi", "true", "focus@auth.meet.jitsi/focus"]);
        for wrong in [
            ask("x@muc.example.org", "set"),
            ask("muc.meet.jitsi", "set"),
            ask("@muc.meet.jitsi", "set"),
            ask("a@muc.meet.jitsi", "get"),
        ] {
            assert_eq!(told(&wrong, None), refused("bad-request"), "{wrong}");
        }
        let reply = asked(&good, None, || false);
        assert_eq!((reply.frames.len(), reply.then), (0, Then::Breaks));
        let without = Some(SiteFault::NoJicofo);
        assert_eq!(told(&good, without), refused("service-unavailable"));
    }
}
