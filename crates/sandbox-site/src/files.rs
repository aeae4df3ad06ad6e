//! What the web server has, or gives in its own name.

use std::sync::LazyLock;

use bytes::Bytes;
use http::StatusCode;

use crate::prosody::{AUTH_DOMAIN, DOMAIN, MUC};

/// What of Jitsi's `index.html` matters to a browser that has not run its scripts.
pub(crate) const FRONT: &str = r#"<!DOCTYPE html>
<html lang="en" class="desktop-browser">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1.0">
    <base href="/" />
    <title>Jitsi Meet</title>
    <meta property="og:title" content="Jitsi Meet"/>
    <link rel="stylesheet" href="css/all.css?v=11146">
    <script>var config = {}; config.hosts = { domain: 'meet.jitsi', muc: 'muc.meet.jitsi' };</script>
    <script>var interfaceConfig = {};</script>
    <script src="libs/lib-jitsi-meet.min.js?v=11146"></script>
    <script src="libs/app.bundle.min.js?v=11146"></script>
  </head>
  <body>
    <noscript aria-hidden="true"><div>JavaScript is disabled. For this site to work you have to enable JavaScript.</div></noscript>
    <div id="react" role="main"></div>
  </body>
</html>
"#;

/// The page of a web server that nobody has set up.
pub(crate) const OTHER: &str = "<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head>\
    <body><h1>Welcome to nginx!</h1></body></html>\n";

/// The start of what other pages include to show a meeting.
pub(crate) const EXTERNAL_API: &str = "!function(e,t){\"object\"==typeof exports&&\"object\"==typeof module?\
    module.exports=t():e.JitsiMeetExternalAPI=t()}(self,(()=>class JitsiMeetExternalAPI{\
    constructor(e,t={}){this._url=`https://${e}/${t.roomName}`}}));\n";

/// At least so many bytes has each of Jitsi's two large scripts here; the real ones have a few times as many.
const BUNDLE: usize = 256 * 1024;

static LIBRARY: LazyLock<Bytes> = LazyLock::new(|| bundle("lib-jitsi-meet", "var JitsiMeetJS={};"));
static APP: LazyLock<Bytes> = LazyLock::new(|| bundle("app.bundle", "var APP={};"));

/// `lib-jitsi-meet.min.js`.
pub(crate) fn library() -> Bytes {
    LIBRARY.clone()
}

/// `app.bundle.min.js`.
pub(crate) fn app() -> Bytes {
    APP.clone()
}

/// A script that does nothing at length.
fn bundle(name: &str, code: &str) -> Bytes {
    let mut script = format!("/*! For license information please see {name}.min.js.LICENSE.txt */\n{code}\n");
    let padding = "/* what a browser would run stands here */\n";
    script.push_str(&padding.repeat(BUNDLE / padding.len() + 1));
    Bytes::from(script)
}

/// `config.js`: what docker-jitsi-meet writes when a container starts, for the host that it is told then.
pub(crate) fn config(host: &str) -> String {
    let room = MUC.split('.').next().unwrap_or_default();
    format!(
        "// Jitsi Meet configuration.\nvar config = {{}};\n\nif (!config.hasOwnProperty('hosts')) config.hosts = {{}};\n\n\
        config.hosts.domain = '{DOMAIN}';\nconfig.focusUserJid = 'focus@{AUTH_DOMAIN}';\n\n\
        var subdir = '';\nvar subdomain = '';\nif (subdir.startsWith('<!--')) {{\n    subdir = '';\n}}\n\
        if (subdomain) {{\n    subdomain = subdomain.substr(0,subdomain.length-1).split('.').join('_').toLowerCase() + '.';\n}}\n\
        config.hosts.muc = '{room}.' + subdomain + '{DOMAIN}';\n\n\
        config.bosh = 'https://{host}/' + subdir + 'http-bind';\n\
        config.websocket = 'wss://{host}/' + subdir + 'xmpp-websocket';\n\n\
        // Video configuration.\nif (!config.hasOwnProperty('constraints')) config.constraints = {{}};\n"
    )
}

/// A page of prosody's.
pub(crate) fn of_prosody(title: &str, told: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n<body>\n\
        <h1>{title}</h1>\n<p>{told}</p>\n</body>\n</html>\n"
    )
}

/// A page for a status, as nginx writes it.
pub(crate) fn of_status(status: StatusCode) -> String {
    format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_name_the_host_that_they_are_for_and_the_names_within() {
        let config = config("meet.example.org");
        for line in [
            "config.hosts.domain = 'meet.jitsi';",
            "var subdir = '';",
            "config.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';",
            "config.bosh = 'https://meet.example.org/' + subdir + 'http-bind';",
            "config.websocket = 'wss://meet.example.org/' + subdir + 'xmpp-websocket';",
        ] {
            assert!(config.lines().any(|it| it == line), "{line} is not in {config}");
        }
        assert!(!config.contains("<!--#"), "nginx has filled it in");
    }

    #[test]
    fn the_scripts_are_of_a_credible_size_and_differ() {
        assert!(library().len() > 200 * 1024 && app().len() > 200 * 1024);
        assert_ne!(library(), app());
        assert!(EXTERNAL_API.contains("JitsiMeetExternalAPI"));
    }
}
