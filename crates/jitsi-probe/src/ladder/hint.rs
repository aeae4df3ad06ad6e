//! What can be done about a fault.

use crate::fault::Fault;
use crate::ladder::{RungFault, Setting, Target};

impl RungFault {
    /// What to do, or where to look; `None` where the fault says all that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Status { target, status, .. } => status_hint(*target, *status),
            Self::NoUpgrade { status, .. } => upgrade_hint(*status),
            Self::NoScript { .. } | Self::PageInstead { .. } | Self::TooSmall { .. } => {
                Some("the web server answers for every path; look whether its files are those of jitsi/web")
            }
            Self::Page {
                cause: Fault::NotFilledIn,
            } => Some("switch server-side includes on in the web server (`ssi on`)"),
            Self::ConfigNotUnderstood { .. } | Self::Untold { .. } => {
                Some("write the setting as plain text in the configuration of the web container")
            }
            Self::Unset {
                setting: Setting::Bosh | Setting::Websocket,
            } => Some("set `PUBLIC_URL` and `ENABLE_XMPP_WEBSOCKET=1` for the web container"),
            Self::Unset { .. } | Self::NoName { .. } => {
                Some("look at `XMPP_DOMAIN`, `XMPP_MUC_DOMAIN` and `XMPP_GUEST_DOMAIN` of the web container")
            }
            Self::OtherHost { .. } | Self::NoAddress { .. } => {
                Some("set `PUBLIC_URL` of the web container to this domain and start the task anew")
            }
            Self::NotProsody { .. } => Some("the web server does not proxy `/http-bind`; look at `XMPP_BOSH_URL_BASE`"),
            Self::Subprotocol { .. } | Self::UpgradeNotSound { .. } => {
                Some("something else than prosody takes the websocket; look at what `/xmpp-websocket` is proxied to")
            }
            Self::Exposed { .. } => Some("renew or replace the certificate first"),
            Self::Stream { .. } => {
                Some("look at prosody's log; its `XMPP_DOMAIN` and that of the web container must be equal")
            }
            Self::AnonymousNotOffered { .. } => {
                Some("anonymous login is switched off; look at `AUTH_TYPE` and `ENABLE_GUESTS` of prosody")
            }
            Self::LoginRefused { token: true, .. } => Some(
                "compare the token's issuer, audience and secret with `JWT_APP_ID`, `JWT_ACCEPTED_AUDIENCES` and `JWT_APP_SECRET`",
            ),
            Self::LoginRefused { token: false, .. } | Self::NoSession { .. } => Some("look at prosody's log"),
            Self::FocusAbsent { .. } => {
                Some("look at jicofo's log; `JICOFO_AUTH_PASSWORD` must be the same for prosody and jicofo")
            }
            Self::FocusNotReady { .. } | Self::RoomRefused { .. } | Self::FocusNotUnderstood { .. } => {
                Some("look at jicofo's log")
            }
            Self::OpenToStrangers => Some("set `ENABLE_AUTH=1` and `AUTH_TYPE=jwt` for web, prosody and jicofo"),
            Self::Unreached { .. }
            | Self::NoAnswer { .. }
            | Self::Unread { .. }
            | Self::Page { .. }
            | Self::NoExternalApi => None,
        }
    }
}

fn status_hint(target: Target, status: u16) -> Option<&'static str> {
    match (target, status) {
        (Target::Bosh, 404) => Some("the web server does not proxy `/http-bind`"),
        (Target::Bosh, 502..=504) => {
            Some("the web server finds no prosody; look at `XMPP_BOSH_URL_BASE`, and whether prosody runs")
        }
        (_, 404) => Some("the file is not where jitsi/web has it"),
        (_, 502..=504) => Some(
            "there is nothing behind the load balancer, or another port; compare the target's port with the web server's",
        ),
        _ => None,
    }
}

fn upgrade_hint(status: u16) -> Option<&'static str> {
    Some(match status {
        200 => "the web server does not pass the upgrade on; look at its `Upgrade` and `Connection` headers",
        404 => "the web server does not proxy `/xmpp-websocket`; look at `ENABLE_XMPP_WEBSOCKET`",
        501 => "prosody does not see the subprotocol `xmpp`; look at what the web server passes on",
        502..=504 => "the web server finds no prosody; look at `XMPP_BOSH_URL_BASE`, and whether prosody runs",
        _ => return None,
    })
}
