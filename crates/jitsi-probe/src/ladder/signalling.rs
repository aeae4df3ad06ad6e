//! L2: the two ways to the XMPP server, BOSH and websocket.

use tokio::join;

use crate::ladder::site::{Extent, Site};
use crate::ladder::{Evidence, Outcome, RungFault, Target};
use crate::room::ProbeRoom;
use crate::text::Foreign;
use crate::token::Token;
use crate::websocket::{Socket, upgrade};
use crate::xmpp::XmppStream;

/// Prosody's answer has a few hundred bytes.
const LONGEST_ANSWER: usize = 1 << 16;

/// So many characters of another answer are kept.
const BEGINNING: usize = 512;

/// What was found, and whether there is a websocket.
pub(super) async fn climb(site: Site<'_>) -> (Outcome, bool) {
    let (bosh, socket) = join!(bosh(site), websocket(site, None));
    let websocket = socket.is_ok();
    let mut faults: Vec<RungFault> = bosh.err().into_iter().collect();
    match socket {
        Ok(socket) => XmppStream::over(socket).leave(site.patience).await,
        Err(fault) => faults.push(fault),
    }
    let outcome = match faults.is_empty() {
        true => Outcome::Passed(Evidence::Signalling),
        false => Outcome::Failed(faults),
    };
    (outcome, websocket)
}

/// Prosody says the same to everybody who comes without a session: `It works! Now point your BOSH client to this URL to connect
/// to Prosody.`
async fn bosh(site: Site<'_>) -> Result<(), RungFault> {
    let extent = Extent {
        limit: LONGEST_ANSWER,
        keep: LONGEST_ANSWER,
    };
    let (_, body) = site.file(Target::Bosh, "/http-bind", extent).await?;
    let text = String::from_utf8_lossy(&body.start);
    let theirs = text.contains("It works!") && (text.contains("BOSH client") || text.contains("Prosody"));
    theirs.then_some(()).ok_or_else(|| RungFault::NotProsody {
        said: Foreign::new(text.chars().take(BEGINNING).collect::<String>()),
    })
}

/// A websocket; `with` names the room as browsers do, and shows the token.
pub(super) async fn websocket(site: Site<'_>, with: Option<(&ProbeRoom, Option<&Token>)>) -> Result<Socket, RungFault> {
    let (stream, certificate) = site.reach(Target::Websocket).await?;
    let path = match with {
        None => "/xmpp-websocket".to_owned(),
        Some((room, None)) => format!("/xmpp-websocket?room={room}"),
        // A token opens the room to whoever sees it.
        Some((_, Some(_))) if !certificate.is_empty() => return Err(RungFault::Exposed { causes: certificate }),
        Some((room, Some(token))) => format!("/xmpp-websocket?room={room}&token={}", token.reveal()),
    };
    upgrade(stream, &site.visit.host(), &path, site.patience).await
}
