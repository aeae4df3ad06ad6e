//! The lint on the platform that the Perl original deploys.

use jitsi_ops::lint::Severity;
use jitsi_ops::observation::TaskDefinition;

use super::platform::{Platform, check, container, service, wanted};

/// Task definition and service of the original, as AWS describes them today.
fn original() -> Platform {
    let web = [
        ("DISABLE_HTTPS", "1"),
        ("XMPP_BOSH_URL_BASE", "http://localhost:5280"),
        ("ENABLE_COLIBRI_WEBSOCKET", "1"),
    ];
    let prosody = [
        ("AUTH_TYPE", "internal"),
        ("ENABLE_GUESTS", "1"),
        ("JICOFO_AUTH_USER", "focus"),
        ("JVB_AUTH_USER", "jvb"),
    ];
    let jicofo = [
        ("XMPP_SERVER", "localhost"),
        ("JICOFO_AUTH_USER", "focus"),
        ("JICOFO_ENABLE_BRIDGE_HEALTH_CHECKS", "true"),
    ];
    let jvb = [
        ("XMPP_SERVER", "localhost"),
        ("JVB_PORT", "10000"),
        ("JVB_TCP_PORT", "4443"),
        ("JVB_TCP_HARVESTER_DISABLED", "false"),
        ("JVB_TCP_MAPPED_PORT", "4443"),
        ("DOCKER_HOST_ADDRESS", "AUTO"),
        ("JVB_ADVERTISE_IPS", "AUTO"),
        ("JVB_ADVERTISE_PRIVATE_CANDIDATES", "false"),
        ("JVB_STUN_SERVERS", "stun.l.google.com:19302"),
        ("JVB_ENABLE_APIS", "rest,colibri"),
        ("JVB_WS_DOMAIN", "meet.example.org"),
        ("JVB_WS_SERVER_ID", "jvb1"),
        ("JVB_WS_TLS", "true"),
        ("JVB_WS_ENABLED", "true"),
        ("COLIBRI_REST_ENABLED", "true"),
        ("SHUTDOWN_REST_ENABLED", "true"),
    ];
    let secrets = [
        "JICOFO_COMPONENT_SECRET",
        "JICOFO_AUTH_PASSWORD",
        "JVB_COMPONENT_SECRET",
        "JVB_AUTH_PASSWORD",
        "JIGASI_XMPP_PASSWORD",
    ];
    let mut front = container(
        "jitsi-web",
        "jitsi/web:stable",
        &[(80, "tcp"), (443, "tcp")],
        &web,
        &secrets[..4],
    );
    front.health_check = check("curl -f http://localhost:80/ || exit 1");
    let bridge_ports = [(10000, "udp"), (4443, "tcp")];
    let mut service = service();
    // Not set there: these are the defaults of AWS.
    service.minimum_healthy_percent = Some(100);
    service.maximum_percent = Some(200);
    service.zone_rebalancing = Some("ENABLED".to_owned());
    Platform {
        definition: TaskDefinition {
            name: "jitsi-video-platform-task:1".to_owned(),
            cpu: Some(4096),
            memory: Some(8192),
            containers: vec![
                front,
                container("prosody", "jitsi/prosody:stable", &[], &prosody, &secrets),
                container("jicofo", "jitsi/jicofo:stable", &[], &jicofo, &secrets[..2]),
                container("jvb", "jitsi/jvb:stable", &bridge_ports, &jvb, &secrets[2..4]),
            ],
            ..TaskDefinition::default()
        },
        service,
        // udp:10000 and tcp:4443
        wanted: wanted(""),
    }
}

#[test]
fn the_originals_platform_gives_the_list_that_its_readers_expect() {
    let findings = original().findings();
    let told = findings.iter().map(|finding| {
        let Some(named) = finding.sentence.split('`').nth(1) else {
            return finding.code.to_owned();
        };
        format!("{} {named}", finding.code)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "auth-not-enabled AUTH_TYPE=internal",
            "image-floating jitsi/web:stable",
            "image-registry-frozen jitsi/web:stable",
            "variable-without-effect JICOFO_AUTH_USER=focus",
            "variable-without-effect JVB_ENABLE_APIS=rest,colibri",
            "variable-without-effect JVB_TCP_HARVESTER_DISABLED=false",
            "variable-without-effect JVB_TCP_MAPPED_PORT=4443",
            "variable-without-effect JVB_TCP_PORT=4443",
            "variable-without-effect JVB_WS_ENABLED=true",
            "variable-without-effect DOCKER_HOST_ADDRESS=AUTO",
            "advertised-address JVB_ADVERTISE_IPS=AUTO",
            "bridge-unchecked jvb",
            "health-only-nginx jitsi-web",
            "secret-unused JICOFO_COMPONENT_SECRET",
            "secret-unused JVB_COMPONENT_SECRET",
            "secret-misplaced jitsi-web",
            "deployment-overlap",
            "zone-rebalancing",
            "media-not-through-nlb udp:10000",
            "tcp-4443 tcp:4443",
        ],
        "{findings:#?}"
    );
    assert_eq!(findings[0].severity, Severity::Error);
}

#[test]
fn the_successors_four_gigabytes_do_not_hold_two_default_heaps() {
    let mut platform = original();
    let before = platform.codes();
    platform.definition.memory = Some(4096);
    let codes = platform.codes();
    assert!(
        codes.contains(&"heap-beyond-memory") && codes.len() == before.len() + 1,
        "{codes:?}"
    );
}
