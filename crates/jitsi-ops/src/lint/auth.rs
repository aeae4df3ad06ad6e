//! Who may open a room.

use super::parts::{Jitsi, Part, Role, Setting};
use super::{Finding, Severity, listed, shown};

/// An AUTH_TYPE that nothing asks for: without ENABLE_AUTH everybody may open rooms.
pub(super) fn open_server(jitsi: &Jitsi<'_>) -> Option<Finding> {
    let open = |part: &&Part<'_>| match part.setting("ENABLE_AUTH") {
        Setting::Unset => true,
        Setting::Is(value) => matches!(value.to_ascii_lowercase().as_str(), "0" | "f" | "false" | "no" | "off"),
        Setting::Unknown => false,
    };
    // The server decides; the bridge has no part in it, whatever it is told.
    if jitsi.get(Role::Prosody).is_some_and(|prosody| !open(&prosody)) {
        return None;
    }
    let asked = jitsi.parts.iter().filter(|part| part.role != Role::Jvb);
    let typed = asked.filter_map(|part| match part.setting("AUTH_TYPE") {
        Setting::Is(kind) => Some((part, kind)),
        Setting::Unset | Setting::Unknown => None,
    });
    let typed: Vec<(&Part<'_>, &str)> = typed.filter(|(part, _)| open(part)).collect();
    let (_, kind) = typed.first()?;
    Some(Finding {
        code: "auth-not-enabled",
        severity: Severity::Error,
        sentence: format!(
            "`AUTH_TYPE={}` of {} does nothing without ENABLE_AUTH=1: anybody may open rooms",
            shown(kind),
            listed(typed.iter().map(|(part, _)| part.name()))
        ),
        fix: "set ENABLE_AUTH=1 on web, prosody and jicofo; or remove AUTH_TYPE, if the server is to be open"
            .to_owned(),
        source: super::IMAGES,
    })
}
