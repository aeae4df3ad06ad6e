use proptest::prelude::*;

use super::*;

/// As docker-jitsi-meet renders it, with subdomains.
const DOCKER: &str = r#"
// Jitsi Meet configuration.
var config = {};

if (!config.hasOwnProperty('hosts')) config.hosts = {};

config.hosts.domain = 'meet.jitsi';
config.focusUserJid = 'focus@auth.meet.jitsi';

var subdir = '<!--# echo var="subdir" default="" -->';
var subdomain = '<!--# echo var="subdomain" default="" -->';
if (subdir.startsWith('<!--')) {
    subdir = '';
}
if (subdomain) {
    subdomain = subdomain.substr(0,subdomain.length-1).split('.').join('_').toLowerCase() + '.';
}
config.hosts.muc = 'muc.' + subdomain + 'meet.jitsi';

config.bosh = 'https://meet.example.org/' + subdir + 'http-bind';
config.websocket = 'wss://meet.example.org/' + subdir + 'xmpp-websocket';

// Video configuration.
if (!config.hasOwnProperty('constraints')) config.constraints = {};
if (!config.constraints.hasOwnProperty('video')) config.constraints.video = {};
config.resolution = 720;
config.constraints.video.height = { ideal: 720, max: 720, min: 180 };
"#;

/// The same after the web server has filled it in.
fn filled_in() -> String {
    DOCKER
        .replace(r#"<!--# echo var="subdir" default="" -->"#, "")
        .replace(r#"<!--# echo var="subdomain" default="" -->"#, "")
}

/// As upstream has it.
const UPSTREAM: &str = r#"
/* eslint-disable comma-dangle, no-unused-vars, no-var, prefer-template, vars-on-top */
var subdomain = '<!--# echo var="subdomain" default="" -->';

if (subdomain) {
    subdomain = `${subdomain.substr(0, subdomain.length - 1).split('.')
        .join('_')
        .toLowerCase()}.`;
}
var enableJaaS = false;
var config = {
    // Connection
    hosts: {
        // XMPP domain.
        domain: 'jitsi-meet.example.com',
        // anonymousdomain: 'guest.example.com',
        /* authdomain: 'jitsi-meet.example.com', */
        'muc': 'conference.' + subdomain + 'jitsi-meet.example.com', // MUC
    },
    bosh: 'https://jitsi-meet.example.com/' + subdir + 'http-bind',
    websocket: 'wss://jitsi-meet.example.com/xmpp-websocket',
    testing: { mobileXmppWsThreshold: 10, pattern: /[/'"]+/ },
    analytics: {},
    hook: function(a) { return a.b; },
    makeLinks(room) { return '//' + room; },
};
"#;

fn of(text: &str, path: &str) -> Set {
    Script::read(text).unwrap().value(path)
}

fn to(text: &str) -> Set {
    Set::To(text.to_owned())
}

#[test]
fn the_settings_of_docker_jitsi_meet_are_read() {
    for (path, value) in [
        ("config.hosts.domain", to("meet.jitsi")),
        ("config.hosts.muc", to("muc.meet.jitsi")),
        ("config.hosts.anonymousdomain", Set::Not),
        ("config.bosh", to("https://meet.example.org/http-bind")),
        ("config.websocket", to("wss://meet.example.org/xmpp-websocket")),
    ] {
        assert_eq!(of(&filled_in(), path), value, "{path}");
    }
    // Without the web server's help the script mends the first variable itself, and makes of the second what leads nowhere.
    assert_eq!(of(DOCKER, "config.bosh"), to("https://meet.example.org/http-bind"));
    assert_eq!(of(DOCKER, "config.hosts.muc"), Set::Untold);
    assert_eq!(of(DOCKER, "config.hosts.domain"), to("meet.jitsi"));
}

#[test]
fn the_settings_of_one_large_object_are_read() {
    let filled_in = UPSTREAM.replace(r#"<!--# echo var="subdomain" default="" -->"#, "");
    for (path, value) in [
        ("config.hosts.domain", to("jitsi-meet.example.com")),
        ("config.hosts.muc", to("conference.jitsi-meet.example.com")),
        ("config.hosts.anonymousdomain", Set::Not),
        ("config.hosts.authdomain", Set::Not),
        ("config.bosh", Set::Untold),
        ("config.websocket", to("wss://jitsi-meet.example.com/xmpp-websocket")),
    ] {
        assert_eq!(of(&filled_in, path), value, "{path}");
    }
    // What a browser makes of the variable without the web server's help leads nowhere.
    assert_eq!(of(UPSTREAM, "config.hosts.muc"), Set::Untold);
    let known = format!("var subdir = '';{UPSTREAM}");
    assert_eq!(
        of(&known, "config.bosh"),
        to("https://jitsi-meet.example.com/http-bind")
    );
}

#[test]
fn text_is_read_as_it_is_meant_and_comments_are_not() {
    for (text, value) in [
        ("config.a = 'x';", to("x")),
        ("config.a = \"x\"", to("x")),
        ("config.a = `x`", to("x")),
        ("config.a = 'it\\'s \\x41\\u0042\\n'", to("it's AB\n")),
        ("config.a = 'x' // + 'y'\n+ 'z';", to("xz")),
        ("config.a /* b */ = /* 'w' */ 'x'", to("x")),
        ("// config.a = 'w'\n", Set::Not),
        ("/* config.a = 'w'\n config.a = 'v' */", Set::Not),
        ("config.a = '// no comment'", to("// no comment")),
        ("config['a'] = 'x'", to("x")),
        ("window.config.a = 'x'", to("x")),
        ("config.a = 'w'; config.a = 'x'", to("x")),
        ("config.a = 'w'\nconfig.a = 'x'\n", to("x")),
        ("config = { a: 'w' }; config = { b: 'x' }", Set::Not),
        ("config = { 'a.b': 'w' }", Set::Not),
        ("config.a = undefined;", Set::Not),
        ("config.a = '';", Set::Not),
        ("var v = 'x', w = v + 'y'; config.a = w;", to("xy")),
        ("var a = 'x'; config = { a };", to("x")),
        ("\u{feff}config.a\u{a0}= 'x'", to("x")),
        ("config.b = 1 / 2; config.a = 'x'", to("x")),
        ("config.b = /'/; config.a = 'x'", to("x")),
        ("var v; config.a = 'x'", to("x")),
    ] {
        assert_eq!(of(&format!("var config = {{}};\n{text}"), "config.a"), value, "{text}");
    }
}

#[test]
fn a_condition_that_is_known_decides_and_another_one_leaves_a_doubt() {
    for (text, value) in [
        ("if (s) config.a = 'y'; else config.a = 'z'", to("z")),
        ("if (!s) { config.a = 'y'; }", to("y")),
        ("if (t) { if (t.startsWith('t')) { config.a = 'y' } }", to("y")),
        ("if (!config.hasOwnProperty('a')) config.a = 'y';", to("x")),
        ("if (config.hasOwnProperty('b')) { config.a = 'y'; }", to("x")),
        ("if (location.host === 'w') { config.a = 'y'; }", Set::Untold),
        ("if (location.host) config.b = 'y';", to("x")),
        ("if (w) { } else if (v) { config.a = 'y' }", Set::Untold),
        ("for (const k of ['a']) { config.a = k; }", Set::Untold),
        ("function f() { config.a = 'y'; }", Set::Untold),
        ("try { config.a = 'y' } catch (e) { }", Set::Untold),
        ("switch (v) { case 'w': config.a = 'y'; break; }", Set::Untold),
        ("v && (config.a = 'y');", Set::Untold),
        ("(() => { config.a = 'y' })();", Set::Untold),
    ] {
        let text = format!("var s = '', t = 't'; var config = {{ a: 'x' }};\n{text}");
        assert_eq!(of(&text, "config.a"), value, "{text}");
    }
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
    for text in [
        "config.a = b;",
        "config.a = 'x' + b;",
        "config.a = 'x'.concat('y');",
        "config.a = 'x' || 'y';",
        "config.a = b ? 'x' : 'y';",
        "config.a = `x${b}`;",
        "config.a = 'x' + 1;",
        "config.a = 'x'\n    + b;",
        "config.a = 'x'; config.a += 'y';",
        "config.a = 'x'; config.a ||= 'y';",
        "config.a = 'x'; delete config.a;",
        "config.a = 'x'; config[b] = 'y';",
        "config.a = 'x'; change(config);",
        "config.a = 'x'; Object.assign(config, { a: 'y' });",
        "config.a = 'x'; var alias = config; alias.a = 'y';",
        "config.a = config.b = 'x';",
        "config = { a: 'x', ...b };",
        "config = { a: 'x', [b]: 'y' };",
        "config = { get a() { return 'x'; } };",
        "config = { a() { return 'x'; } };",
        "config = make();",
        "config = { a: 'x' }.b;",
        "config.a = 'x' + (b);",
        "config.a = 'line\n';",
        "config.a = '\\1';",
        "config.a = { b: 'x' };",
    ] {
        let text = format!("var config = {{}};\n{text}");
        assert_eq!(of(&text, "config.a"), Set::Untold, "{text}");
    }
}

#[test]
fn a_script_that_nests_without_end_is_given_up() {
    let deep = format!("config = {}", "{ a: ".repeat(10_000));
    assert_eq!(Script::read(&deep).unwrap_err(), TooDeep);
    assert_eq!(Script::read(&"{".repeat(10_000)).unwrap_err(), TooDeep);
    assert_eq!(Script::read(&"if (a) ".repeat(10_000)).unwrap_err(), TooDeep);
    // Brackets that are only skipped cost nothing.
    assert_eq!(
        of(&format!("f({}); config.a = 'x'", "[".repeat(10_000)), "config.b"),
        Set::Not
    );
    let long = format!("var v = 'xxxxxxxx';{}config.a = v;", "v = v + v;".repeat(40));
    assert_eq!(of(&long, "config.a"), Set::Untold);
}

proptest! {
    #[test]
    fn any_text_is_read_to_its_end(text in "\\PC*", part in 0..2000_usize) {
        let _ = Script::read(&text);
        let cut: String = UPSTREAM.chars().take(part).chain(text.chars()).collect();
        let _ = Script::read(&cut);
    }

    #[test]
    fn any_order_of_what_scripts_are_made_of_is_read_to_its_end(parts in proptest::collection::vec(
        prop::sample::select(vec![
            "config", ".", "a", "=", "'x'", "{", "}", "(", ")", "[", "]", "if", "else", "var", ",", ";", "\n", "+", ":",
            "function", "...", "`", "/", "*", "'", "\\", "try", "do", "?", "window", "!", "hasOwnProperty",
        ]), 0..64,
    )) {
        let _ = Script::read(&parts.concat());
        let _ = Script::read(&parts.join(" "));
    }

    #[test]
    fn text_that_is_set_is_read_back(text in "[a-z0-9:/._-]{1,40}", more in "[a-z.]{0,10}") {
        let script = format!("var m = '{more}';\nvar config = {{ a: {{ b: \"{text}\" + m }} }};");
        prop_assert_eq!(of(&script, "config.a.b"), to(&format!("{text}{more}")));
    }
}
