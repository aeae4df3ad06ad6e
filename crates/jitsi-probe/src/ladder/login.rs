//! L3: a session at the XMPP server, as lib-jitsi-meet gets one: SASL `ANONYMOUS`, with or without a token.

use crate::ladder::signalling::websocket;
use crate::ladder::site::Site;
use crate::ladder::{Climb, Evidence, Outcome, RungFault, Step, StreamFailure};
use crate::text::Foreign;
use crate::xmpp::{Element, XmppStream, ns};

/// How it ended.
pub(super) enum Login {
    In(Box<XmppStream>),
    /// A stranger was kept out.
    Closed,
    Failed,
}

/// Logs in at this domain.
pub(super) async fn climb(site: Site<'_>, climb: &Climb, domain: &str) -> (Outcome, Login) {
    let with = Some((&climb.room, climb.token.as_ref()));
    let socket = match websocket(site, with).await {
        Ok(socket) => socket,
        Err(fault) => return (Outcome::Failed(vec![fault]), Login::Failed),
    };
    let mut stream = XmppStream::over(socket);
    match enter(&mut stream, site, domain, climb.token.is_some()).await {
        Ok(evidence @ Evidence::ClosedToStrangers { .. }) => {
            stream.leave(site.patience).await;
            (Outcome::Passed(evidence), Login::Closed)
        }
        Ok(evidence) => (Outcome::Passed(evidence), Login::In(Box::new(stream))),
        Err(fault) => {
            stream.leave(site.patience).await;
            (Outcome::Failed(vec![fault]), Login::Failed)
        }
    }
}

async fn enter(stream: &mut XmppStream, site: Site<'_>, domain: &str, token: bool) -> Result<Evidence, RungFault> {
    let at = |step| move |cause| RungFault::Stream { step, cause };
    let features = stream.open(domain, site.patience).await.map_err(at(Step::Open))?;
    let offered = mechanisms(&features);
    if !offered.contains(&"ANONYMOUS") {
        let offered = offered.into_iter().map(Foreign::new).collect();
        return Err(RungFault::AnonymousNotOffered { offered });
    }
    let login = format!("<auth xmlns='{}' mechanism='ANONYMOUS'/>", ns::SASL);
    stream.send(login, site.patience).await.map_err(at(Step::Login))?;
    let answers = |it: &Element| it.is("success", ns::SASL) || it.is("failure", ns::SASL);
    let answer = stream.expect(site.patience, answers).await.map_err(at(Step::Login))?;
    if answer.name == "failure" {
        let (condition, text) = answer.condition(ns::SASL);
        let kept_out = matches!(condition.as_str(), "not-allowed" | "not-authorized");
        return match kept_out && !token {
            true => Ok(Evidence::ClosedToStrangers { condition }),
            false => Err(RungFault::LoginRefused { condition, text, token }),
        };
    }
    stream.open(domain, site.patience).await.map_err(at(Step::Reopen))?;
    let jid = bind(stream, site).await?;
    Ok(Evidence::Session {
        domain: Foreign::new(domain),
        jid,
        token,
    })
}

fn mechanisms(features: &Element) -> Vec<&str> {
    let mechanisms = features
        .child("mechanisms", ns::SASL)
        .map_or(&[][..], Element::children);
    let mechanisms = mechanisms.iter().filter(|it| it.is("mechanism", ns::SASL));
    mechanisms.map(Element::text).collect()
}

async fn bind(stream: &mut XmppStream, site: Site<'_>) -> Result<Foreign, RungFault> {
    let failed = |cause| RungFault::Stream {
        step: Step::Bind,
        cause,
    };
    let request = format!(
        "<iq xmlns='{}' type='set' id='bind'><bind xmlns='{}'/></iq>",
        ns::CLIENT,
        ns::BIND
    );
    let answer = stream.ask("bind", request, site.patience).await.map_err(failed)?;
    if answer.attribute("type") == Some("error") {
        let error = answer.child("error", ns::CLIENT).unwrap_or(&answer);
        let (condition, text) = error.condition(ns::STANZA_ERRORS);
        return Err(RungFault::NoSession { condition, text });
    }
    let jid = answer.child("bind", ns::BIND).and_then(|it| it.child("jid", ns::BIND));
    let jid = jid.map(Element::text).filter(|jid| !jid.is_empty());
    jid.map(Foreign::new).ok_or_else(|| {
        let element = Foreign::new("iq");
        failed(StreamFailure::Unexpected { element })
    })
}
