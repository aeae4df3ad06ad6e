//! L1: what the site tells its clients, and those that embed a meeting.

use tokio::join;
use url::Url;

use crate::ladder::site::{Extent, Site, same_host};
use crate::ladder::{Evidence, Outcome, RungFault, Setting, Target};
use crate::script::{Script, Set};
use crate::text::Foreign;

/// No more of `config.js` is read than this, in bytes. Upstream's, with all its comments, has a fifth of it.
const LONGEST_CONFIG: usize = 1 << 18;

/// The same of `external_api.js`.
const LONGEST_API: usize = 4 << 20;

/// The class that an embedding page makes one of.
const API: &[u8] = b"JitsiMeetExternalAPI";

/// The XMPP names that clients are told, as far as they are known; whether all else is well does not matter to them.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// `config.hosts.domain`
    pub(super) domain: Option<String>,
    /// `config.hosts.muc`
    pub(super) muc: Option<String>,
    /// `config.hosts.anonymousdomain`. The inner `None`: there is none.
    pub(super) anonymous: Option<Option<String>>,
}

pub(super) async fn climb(site: Site<'_>) -> (Outcome, Names) {
    let (config, api) = join!(config(site), api(site));
    let (mut read, mut faults) = match config {
        Ok(script) => examine(&script, site),
        Err(fault) => (Read::default(), vec![fault]),
    };
    faults.extend(api.err());
    let outcome = match (read.names.domain.clone(), read.names.muc.clone()) {
        (Some(domain), Some(muc)) if faults.is_empty() => {
            let foreign = |text: Option<String>| text.map(Foreign::new);
            Outcome::Passed(Evidence::Config {
                domain: Foreign::new(domain),
                muc: Foreign::new(muc),
                anonymous_domain: foreign(read.names.anonymous.clone().flatten()),
                bosh: foreign(read.bosh.take()),
                websocket: foreign(read.websocket.take()),
            })
        }
        _ => Outcome::Failed(faults),
    };
    (outcome, read.names)
}

/// What was read.
#[derive(Debug, Default)]
struct Read {
    names: Names,
    bosh: Option<String>,
    websocket: Option<String>,
}

async fn config(site: Site<'_>) -> Result<Script, RungFault> {
    let extent = Extent {
        limit: LONGEST_CONFIG,
        keep: LONGEST_CONFIG,
    };
    let body = site.script(Target::Config, "/config.js", extent).await?;
    let not_understood = |told: &dyn ToString| RungFault::ConfigNotUnderstood { told: told.to_string() };
    let text = std::str::from_utf8(&body.start).map_err(|error| not_understood(&error))?;
    Script::read(text).map_err(|error| not_understood(&error))
}

async fn api(site: Site<'_>) -> Result<(), RungFault> {
    let extent = Extent {
        limit: LONGEST_API,
        keep: LONGEST_API,
    };
    let body = site.script(Target::ExternalApi, "/external_api.js", extent).await?;
    let there = body.start.windows(API.len()).any(|window| window == API);
    there.then_some(()).ok_or(RungFault::NoExternalApi)
}

fn examine(script: &Script, site: Site<'_>) -> (Read, Vec<RungFault>) {
    let mut faults = Vec::new();
    let domain = required(script, Setting::Domain, &mut faults).flatten();
    let muc = required(script, Setting::Muc, &mut faults).flatten();
    let anonymous = name(script, Setting::AnonymousDomain, &mut faults);
    let bosh = address(script, Setting::Bosh, site, &mut faults);
    let websocket = address(script, Setting::Websocket, site, &mut faults);
    // Clients take the websocket where there is one, and BOSH otherwise.
    if (&bosh, &websocket) == (&Set::Not, &Set::Not) {
        let setting = Setting::Websocket;
        faults.push(RungFault::Unset { setting });
    }
    let text = |set| match set {
        Set::To(text) => Some(text),
        Set::Not | Set::Untold => None,
    };
    let names = Names { domain, muc, anonymous };
    let (bosh, websocket) = (text(bosh), text(websocket));
    let read = Read { names, bosh, websocket };
    (read, faults)
}

/// A host name that has to be set.
fn required(script: &Script, setting: Setting, faults: &mut Vec<RungFault>) -> Option<Option<String>> {
    let name = name(script, setting, faults);
    if name == Some(None) {
        faults.push(RungFault::Unset { setting });
    }
    name
}

/// A host name; `None`: it cannot be told, or is none. `Some(None)`: it is not set.
fn name(script: &Script, setting: Setting, faults: &mut Vec<RungFault>) -> Option<Option<String>> {
    match script.value(setting.as_str()) {
        Set::Not => Some(None),
        Set::Untold => {
            faults.push(RungFault::Untold { setting });
            None
        }
        Set::To(name) if is_name(&name) => Some(Some(name)),
        Set::To(value) => {
            let value = Foreign::new(value);
            faults.push(RungFault::NoName { setting, value });
            None
        }
    }
}

fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && (1..=63).contains(&label.len())
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// An address to which clients are sent, which has to be one of this site's.
fn address(script: &Script, setting: Setting, site: Site<'_>, faults: &mut Vec<RungFault>) -> Set {
    let set = script.value(setting.as_str());
    match &set {
        Set::Not => {}
        Set::Untold => faults.push(RungFault::Untold { setting }),
        Set::To(value) => faults.extend(astray(value, setting, site)),
    }
    set
}

/// What is wrong with an address to which clients are sent from the page.
fn astray(value: &str, setting: Setting, site: Site<'_>) -> Option<RungFault> {
    let no_address = || {
        let value = Foreign::new(value);
        Some(RungFault::NoAddress { setting, value })
    };
    let Some(here) = site.address() else {
        return no_address();
    };
    let Ok(there) = here.join(value) else {
        return no_address();
    };
    // lib-jitsi-meet makes a websocket of what is given without a scheme.
    let secure = match setting {
        Setting::Websocket => matches!(there.scheme(), "wss" | "https"),
        _ => there.scheme() == "https",
    };
    if !secure {
        return no_address();
    }
    (!same_host(&here, &there)).then(|| RungFault::OtherHost {
        setting,
        host: Foreign::new(host(&there)),
        wanted: host(&here),
    })
}

/// The host, with a port that is not the usual one.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
