//! L4: a room that is ready for a conference. It is asked for as lib-jitsi-meet does, and not entered.

use std::time::Duration;

use tokio::time::sleep;

use crate::ladder::site::Site;
use crate::ladder::{Climb, Evidence, Outcome, RungFault, Step};
use crate::text::Foreign;
use crate::xmpp::{Element, XmppStream, escaped, ns};

/// So often a room is asked for that is not ready yet.
const MOST_ASKED: u32 = 5;

/// Before it is asked for again.
const PAUSE: Duration = Duration::from_secs(1);

/// Prosody's text for `not-allowed` where it knows of no such component, and takes jicofo's for the name of another server.
const NOT_HERE: &str = "Communication with remote domains is not enabled";

/// Asks for the room, and leaves.
pub(super) async fn climb(site: Site<'_>, climb: &Climb, mut stream: XmppStream, domain: &str, muc: &str) -> Outcome {
    let opened = open(&mut stream, site, climb, domain, muc).await;
    stream.leave(site.patience).await;
    match opened {
        Ok(Evidence::Conference { .. }) if climb.closed && climb.token.is_none() => {
            Outcome::Failed(vec![RungFault::OpenToStrangers])
        }
        Ok(evidence) => Outcome::Passed(evidence),
        Err(fault) => Outcome::Failed(vec![fault]),
    }
}

async fn open(
    stream: &mut XmppStream,
    site: Site<'_>,
    climb: &Climb,
    domain: &str,
    muc: &str,
) -> Result<Evidence, RungFault> {
    for asked in 1..=MOST_ASKED {
        if asked > 1 {
            sleep(PAUSE).await;
            if site.patience.is_over() {
                return Err(RungFault::FocusNotReady { asked: asked - 1 });
            }
        }
        let id = format!("conference-{asked}");
        let request = request(&id, climb, domain, muc);
        let answer = stream.ask(&id, request, site.patience).await;
        let answer = answer.map_err(|cause| RungFault::Stream {
            step: Step::Conference,
            cause,
        })?;
        if answer.attribute("type") == Some("error") {
            return refused(&answer, climb);
        }
        if let Some(focus) = ready(&answer)? {
            return Ok(Evidence::Conference { focus, asked });
        }
    }
    Err(RungFault::FocusNotReady { asked: MOST_ASKED })
}

fn request(id: &str, climb: &Climb, domain: &str, muc: &str) -> String {
    format!(
        "<iq xmlns='{}' type='set' id='{id}' to='focus.{domain}'><conference xmlns='{}' room='{room}@{muc}' machine-uid='{room}'/></iq>",
        ns::CLIENT,
        ns::FOCUS,
        domain = escaped(domain),
        room = climb.room,
        muc = escaped(muc),
    )
}

/// Who leads the room, if it is ready.
fn ready(answer: &Element) -> Result<Option<Foreign>, RungFault> {
    let not_understood = |told: &str| RungFault::FocusNotUnderstood { told: told.to_owned() };
    let conference = answer.child("conference", ns::FOCUS);
    let conference = conference.ok_or_else(|| not_understood("it says nothing of a conference"))?;
    if conference.attribute("ready") != Some("true") {
        return Ok(None);
    }
    let focus = conference.attribute("focusjid").filter(|it| !it.is_empty());
    let focus = focus.ok_or_else(|| not_understood("it does not say who leads the conference"))?;
    Ok(Some(Foreign::new(focus)))
}

fn refused(answer: &Element, climb: &Climb) -> Result<Evidence, RungFault> {
    let error = answer.child("error", ns::CLIENT).unwrap_or(answer);
    let (condition, text) = error.condition(ns::STANZA_ERRORS);
    match condition.as_str() {
        "service-unavailable" | "remote-server-not-found" | "remote-server-timeout" | "recipient-unavailable" => {
            Err(RungFault::FocusAbsent { condition })
        }
        "not-allowed" if text.as_ref().is_some_and(|text| text.as_str() == NOT_HERE) => {
            Err(RungFault::FocusAbsent { condition })
        }
        "not-authorized" if climb.token.is_none() => Ok(Evidence::RoomsClosedToStrangers { condition }),
        _ => Err(RungFault::RoomRefused { condition, text }),
    }
}
