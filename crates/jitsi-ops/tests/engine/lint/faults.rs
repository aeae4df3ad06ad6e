//! Every fault that the lint knows.

use jitsi_ops::observation::Port;

use super::platform::{Platform, check, secret, wanted, web_only};

/// A fault, the code that it must give, and a part of what is said.
pub(super) type Fault = (&'static str, &'static str, fn(&mut Platform));

pub(super) const FAULTS: &[Fault] = &[
    ("image-floating", "`ghcr.io/jitsi/jvb:stable`", |p| {
        p.of("jvb").image = "ghcr.io/jitsi/jvb:stable".to_owned()
    }),
    ("image-floating", "meeting-sentinel:latest`", |p| {
        p.of("meeting-sentinel").image = "ghcr.io/example/meeting-sentinel:latest".to_owned();
    }),
    ("image-floating", "`ghcr.io/jitsi/prosody`", |p| {
        p.of("prosody").image = "ghcr.io/jitsi/prosody".to_owned()
    }),
    ("image-releases-differ", "`jvb:stable-11146-1`", |p| {
        p.of("jvb").image = "ghcr.io/jitsi/jvb:stable-11146-1".to_owned();
    }),
    (
        "image-registry-frozen",
        "`docker.io/jitsi/jicofo:stable-11146-2`",
        |p| {
            p.of("jicofo").image = "docker.io/jitsi/jicofo:stable-11146-2".to_owned();
        },
    ),
    ("image-registry-frozen", "`jitsi/prosody@sha256:0a`", |p| {
        p.of("prosody").image = "jitsi/prosody@sha256:0a".to_owned()
    }),
    ("web-port", "container `jitsi-web` declares port 80", |p| {
        p.of("jitsi-web").ports[0].number = 80
    }),
    ("web-port", "health check of container `jitsi-web` asks port 443", |p| {
        p.of("jitsi-web").health_check = check("curl -kf https://localhost/");
    }),
    ("web-port", "listener `tls:443` forwards to port 80", |p| {
        p.wanted = web_only(80)
    }),
    (
        "variable-without-effect",
        "`JVB_TCP_HARVESTER_DISABLED=true` of `jvb`",
        |p| {
            p.set("jvb", "JVB_TCP_HARVESTER_DISABLED", "true");
        },
    ),
    ("variable-without-effect", "`JVB_TCP_PORT=4443`", |p| {
        p.set("jvb", "JVB_TCP_PORT", "4443")
    }),
    ("variable-without-effect", "`JVB_TCP_MAPPED_PORT=4443`", |p| {
        p.set("jvb", "JVB_TCP_MAPPED_PORT", "4443")
    }),
    ("variable-without-effect", "`JVB_ENABLE_APIS=rest,colibri`", |p| {
        p.set("jvb", "JVB_ENABLE_APIS", "rest,colibri")
    }),
    ("variable-without-effect", "no release has ever read it", |p| {
        p.set("jvb", "JVB_WS_ENABLED", "true")
    }),
    ("variable-without-effect", "`JVB_WS_DOMAIN=meet.example.org`", |p| {
        p.set("jvb", "JVB_WS_DOMAIN", "meet.example.org")
    }),
    ("variable-without-effect", "`JVB_WS_SERVER_ID=jvb1`", |p| {
        p.set("jvb", "JVB_WS_SERVER_ID", "jvb1")
    }),
    ("variable-without-effect", "`JVB_WS_TLS=true`", |p| {
        p.set("jvb", "JVB_WS_TLS", "true")
    }),
    (
        "variable-without-effect",
        "`ENABLE_COLIBRI_WEBSOCKET=1` of `jitsi-web`",
        |p| {
            p.set("jitsi-web", "ENABLE_COLIBRI_WEBSOCKET", "1");
        },
    ),
    ("variable-without-effect", "`COLIBRI_WEBSOCKET_PORT=9090`", |p| {
        p.set("jitsi-web", "COLIBRI_WEBSOCKET_PORT", "9090")
    }),
    ("variable-without-effect", "`ENABLE_SCTP=1`", |p| {
        p.set("jvb", "ENABLE_SCTP", "1")
    }),
    ("variable-without-effect", "`ENABLE_OCTO_SCTP=1`", |p| {
        p.set("jvb", "ENABLE_OCTO_SCTP", "1")
    }),
    (
        "variable-without-effect",
        "`JICOFO_AUTH_USER=focus` of `prosody` and `jicofo`",
        |p| {
            p.set("prosody", "JICOFO_AUTH_USER", "focus");
            p.set("jicofo", "JICOFO_AUTH_USER", "focus");
        },
    ),
    (
        "variable-without-effect",
        "`DOCKER_HOST_ADDRESS=198.51.100.7` of `jvb` does nothing",
        |p| {
            p.set("jvb", "JVB_ADVERTISE_IPS", "198.51.100.7");
            p.set("jvb", "DOCKER_HOST_ADDRESS", "198.51.100.7");
        },
    ),
    (
        "variable-deprecated",
        "`DOCKER_HOST_ADDRESS=198.51.100.7` of `jvb` is deprecated",
        |p| {
            p.set("jvb", "DOCKER_HOST_ADDRESS", "198.51.100.7");
        },
    ),
    ("advertised-address", "`JVB_ADVERTISE_IPS=AUTO` of `jvb`", |p| {
        p.set("jvb", "JVB_ADVERTISE_IPS", "AUTO")
    }),
    ("advertised-address", "`meet.example.org` is no address", |p| {
        p.set("jvb", "JVB_ADVERTISE_IPS", "198.51.100.7#10000, meet.example.org");
    }),
    ("media-not-through-nlb", "`udp:10000` carries no media", |p| {
        p.wanted = wanted("nlb.listeners = [\"udp:10000\"]")
    }),
    ("media-not-through-nlb", "nobody gets media", |p| {
        p.wanted = wanted("nlb.listeners = [\"tcp_udp:10000\"]");
        p.service.public_ip = Some(false);
    }),
    ("tcp-4443", "`tcp:4443` reaches nothing", |p| {
        p.wanted = wanted("nlb.listeners = [\"tcp:4443\"]")
    }),
    ("tcp-4443", "`jvb 4443/tcp` reaches nothing", |p| {
        p.of("jvb").ports.push(Port {
            number: 4443,
            protocol: "tcp".to_owned(),
        });
    }),
    ("bridge-unchecked", "container `jvb` has no health check", |p| {
        p.of("jvb").health_check = None
    }),
    ("health-only-nginx", "only `jitsi-web` is essential and checked", |p| {
        p.of("prosody").health_check = None;
        p.of("jicofo").health_check = None;
        p.of("jvb").essential = false;
    }),
    ("secret-unused", "`JICOFO_COMPONENT_SECRET` of `jicofo`", |p| {
        p.of("jicofo").secrets.push(secret("JICOFO_COMPONENT_SECRET"))
    }),
    (
        "secret-unused",
        "where `/jitsi/jvb_component_secret` does not resolve",
        |p| {
            p.of("prosody").secrets.push(secret("JVB_COMPONENT_SECRET"));
        },
    ),
    (
        "secret-misplaced",
        "container `jitsi-web` is given secrets that it does not use: `JVB_AUTH_PASSWORD`",
        |p| {
            p.of("jitsi-web").secrets.push(secret("JVB_AUTH_PASSWORD"));
        },
    ),
    (
        "secret-in-plain-text",
        "`environment` of container `prosody` holds secrets: `LDAP_BINDPW`",
        |p| {
            p.set("prosody", "LDAP_BINDPW", "hush");
        },
    ),
    (
        "deployment-overlap",
        "runs 2 tasks where 1 is wanted (minimumHealthyPercent 0, maximumPercent 200)",
        |p| {
            p.service.maximum_percent = Some(200);
        },
    ),
    ("zone-rebalancing", "ENABLED", |p| {
        p.service.zone_rebalancing = Some("ENABLED".to_owned())
    }),
    ("auth-not-enabled", "`AUTH_TYPE=jwt` of `prosody` does nothing", |p| {
        p.unset("prosody", "ENABLE_AUTH")
    }),
    (
        "auth-not-enabled",
        "`AUTH_TYPE=jwt` of `jitsi-web`, `prosody` and `jicofo`",
        |p| {
            for name in ["jitsi-web", "prosody", "jicofo"] {
                p.set(name, "ENABLE_AUTH", "0");
            }
        },
    ),
    ("heap-beyond-memory", "VIDEOBRIDGE_MAX_MEMORY of `jvb` is 4096m;", |p| {
        p.set("jvb", "VIDEOBRIDGE_MAX_MEMORY", "4g")
    }),
    (
        "heap-beyond-memory",
        "JICOFO_MAX_MEMORY of `jicofo` is 3072m, the default",
        |p| p.unset("jicofo", "JICOFO_MAX_MEMORY"),
    ),
    ("heap-beyond-memory", "the 1024 of container `jvb`", |p| {
        p.of("jvb").memory = Some(1024)
    }),
];
