//! The platform lint: a correct platform gives nothing, each fault alone gives its code and no other.

mod faults;
mod original;
mod platform;
mod story;

use std::collections::BTreeSet;

use jitsi_ops::lint::Severity;

use faults::FAULTS;
use platform::{new, old, secret, wanted, web_only};

#[test]
fn a_correct_platform_gives_no_finding() {
    assert_eq!(new().findings(), []);
    assert_eq!(old().findings(), []);
}

#[test]
fn each_fault_alone_gives_its_code_and_no_other() {
    for (n, (code, part, plant)) in FAULTS.iter().enumerate() {
        let mut platform = new();
        plant(&mut platform);
        let findings = platform.findings();
        assert_eq!(platform.codes(), [*code], "fault {n}: {findings:#?}");
        let finding = &findings[0];
        assert!(
            finding.sentence.contains(part),
            "`{part}` is not in: {}",
            finding.sentence
        );
        assert!(!finding.fix.is_empty() && !finding.source.is_empty());
    }
}

#[test]
fn every_code_is_explained_in_the_documentation_and_shown_by_a_fault() {
    let page = include_str!("../../../../../docs/platform-lint.md");
    let explained: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let shown: BTreeSet<&str> = FAULTS.iter().map(|(code, ..)| *code).collect();
    assert_eq!(explained, shown);
}

#[test]
fn what_the_old_generation_still_reads_is_no_finding_there() {
    let mut platform = old();
    platform.set("jvb", "JVB_WS_DOMAIN", "meet.example.org");
    platform.set("jvb", "JVB_WS_SERVER_ID", "jvb1");
    platform.set("jitsi-web", "ENABLE_COLIBRI_WEBSOCKET", "1");
    assert_eq!(platform.findings(), []);
    platform.of("jitsi-web").ports[0].number = 8000;
    assert_eq!(platform.codes(), ["web-port"]);
    let mut platform = old();
    platform.images(|name| format!("example.org/jitsi/{name}:stable-6000"));
    platform.set("jvb", "JVB_TCP_PORT", "4443");
    platform.set("jvb", "JVB_ENABLE_APIS", "rest");
    platform.set("jicofo", "JICOFO_AUTH_USER", "focus");
    platform.wanted = wanted("nlb.listeners = [\"tcp:4443\"]");
    assert_eq!(platform.findings(), []);
}

#[test]
fn what_cannot_be_told_is_no_finding() {
    let unknown: [fn(&str) -> String; 2] = [
        |name| format!("ghcr.io/jitsi/{name}@sha256:0a"),
        |name| format!("example.org/jitsi/{name}:ours-{}", name.len()),
    ];
    for image in unknown {
        let mut platform = new();
        platform.images(image);
        platform.of("jitsi-web").ports[0].number = 80;
        platform.set("jvb", "JVB_TCP_PORT", "4443");
        platform.set("jvb", "JVB_WS_DOMAIN", "meet.example.org");
        platform.of("prosody").secrets.push(secret("JVB_COMPONENT_SECRET"));
        platform.wanted = wanted("nlb.listeners = [\"tcp:4443\"]");
        assert_eq!(platform.findings(), []);
    }

    let mut platform = new();
    platform.wanted = wanted("nlb.listeners = [\"udp:10000\"]");
    platform.of("jvb").environment.clear();
    platform.of("jvb").other_environment = true;
    platform.of("prosody").other_environment = true;
    platform.unset("prosody", "ENABLE_AUTH");
    platform.service.maximum_percent = None;
    platform.service.zone_rebalancing = None;
    platform.definition.memory = None;
    assert_eq!(platform.findings(), [], "variables may come from an environment file");

    let mut platform = new();
    platform.definition.containers.clear();
    assert_eq!(platform.findings(), [], "no container of Jitsi's is known");
}

#[test]
fn a_bridge_that_advertises_the_load_balancer_uses_its_listener() {
    let udp = "nlb.listeners = [\"udp:10000\"]";
    let mut platform = new();
    platform.wanted = wanted(udp);
    platform.set("jvb", "JVB_ADVERTISE_IPS", "198.51.100.7,198.51.100.8#10000");
    assert_eq!(platform.findings(), []);
}

#[test]
fn two_tasks_in_a_deployment_are_found_by_the_rounding_of_ecs() {
    for (count, maximum, found) in [
        (1, 199, false),
        (1, 200, true),
        (2, 149, false),
        (2, 150, true),
        (0, 200, true),
    ] {
        let mut platform = new();
        platform.wanted.count = count;
        platform.service.maximum_percent = Some(maximum);
        assert_eq!(
            platform.codes().contains(&"deployment-overlap"),
            found,
            "{count} at {maximum} %"
        );
    }
}

#[test]
fn only_the_server_decides_who_may_open_rooms() {
    let mut platform = new();
    platform.set("jvb", "AUTH_TYPE", "jwt");
    platform.unset("jitsi-web", "ENABLE_AUTH");
    assert_eq!(platform.findings(), []);
}

#[test]
fn a_listener_for_a_port_that_another_container_serves_is_not_for_web() {
    let mut platform = new();
    platform.wanted = web_only(80);
    let mut port = platform.of("jitsi-web").ports[0].clone();
    port.number = 80;
    platform.of("jicofo").ports.push(port);
    assert_eq!(platform.findings(), []);
}

#[test]
fn values_in_a_sentence_are_short_and_cannot_drive_a_terminal() {
    let mut platform = new();
    platform.set("jvb", "JVB_TCP_PORT", &format!("\u{1b}[2J{}", "x".repeat(500)));
    let sentence = platform.findings().remove(0).sentence;
    assert!(!sentence.contains('\u{1b}') && sentence.len() < 200, "{sentence}");
}

#[test]
fn findings_are_serialisable_and_the_worst_comes_first() {
    let mut platform = new();
    platform.wanted = wanted("nlb.listeners = [\"tcp:4443\"]");
    platform.of("jvb").health_check = None;
    platform.unset("prosody", "ENABLE_AUTH");
    let findings = platform.findings();
    let severities: Vec<Severity> = findings.iter().map(|f| f.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning, Severity::Note]);
    let json = serde_json::to_value(&findings).unwrap();
    assert_eq!(json[0]["code"], "auth-not-enabled");
    assert_eq!(json[0]["severity"], "error");
    assert!(json[2]["sentence"].is_string() && json[2]["fix"].is_string() && json[2]["source"].is_string());
}
