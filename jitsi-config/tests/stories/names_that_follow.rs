//! Names that follow from the project, and the rules that bind several values together.

use jitsi_config::{Listener, Platform, Protocol};

use crate::scene::Scene;

fn platform(rest: &str) -> Platform {
    Scene::toml(&format!("[defaults]\ndomain = \"meet.example.org\"\n{rest}")).platform()
}

fn names(platform: &Platform) -> Vec<String> {
    let groups = platform
        .nlb
        .listeners
        .iter()
        .map(|listener| platform.target_group_name(listener));
    [
        platform.cluster_name.to_string(),
        platform.service_name.to_string(),
        platform.nlb_name.to_string(),
    ]
    .into_iter()
    .chain(groups)
    .chain([platform.ssm_prefix(), platform.bucket_prefix()])
    .collect()
}

#[test]
fn renaming_the_project_renames_everything_that_follows_from_it() {
    assert_eq!(
        names(&platform("")),
        [
            "jitsi-video-platform-cluster",
            "jitsi-video-platform-service",
            "jitsi-video-platform-jvb-nlb",
            "jitsi-video-platform-jvb-udp-tg",
            "jitsi-video-platform-jvb-tcp-tg",
            "/jitsi-video-platform/",
            "jitsi-video-platform-recordings-",
        ]
    );
    assert_eq!(
        names(&platform("project_name = \"Club\"\n")),
        [
            "Club-cluster",
            "Club-service",
            "Club-jvb-nlb",
            "Club-jvb-udp-tg",
            "Club-jvb-tcp-tg",
            "/Club/",
            "club-recordings-",
        ]
    );
}

#[test]
fn a_long_project_gets_shortened_but_telling_names_for_what_aws_limits_to_32_characters() {
    let listeners = "nlb.listeners = [\"udp:10000\", \"tcp:4443\", \"tcp_udp:3478\"]\n";
    let platform = platform(&format!(
        "project_name = \"video-meetings-of-the-allotment-society\"\n{listeners}"
    ));
    assert_eq!(
        names(&platform),
        [
            "video-meetings-of-the-allotment-society-cluster",
            "video-meetings-of-the-allotment-society-service",
            "video-meetings-of-d16b33-jvb-nlb",
            "video-meetings-3918b7-jvb-udp-tg",
            "video-meetings-702b13-jvb-tcp-tg",
            "video-meet-ab50e3-tcpudp-3478-tg",
            "/video-meetings-of-the-allotment-society/",
            "video-meetings-of-the-allotment-society-recordings-",
        ]
    );
}

#[test]
fn the_target_group_of_a_listener_speaks_what_aws_allows_behind_it() {
    let listeners =
        ["udp:10000", "tcp:4443", "tcp_udp:3478", "tls:443->80"].map(|text| text.parse::<Listener>().unwrap());
    let behind = listeners.map(|listener| listener.target_group_protocol());
    assert_eq!(behind, [Protocol::Udp, Protocol::Tcp, Protocol::TcpUdp, Protocol::Tcp]);
}

#[test]
fn a_load_balancer_name_that_is_too_long_is_refused_and_a_shorter_one_offered() {
    let scene = Scene::toml(
        "[defaults]\ndomain = \"meet.example.org\"\nnlb_name = \"the-video-platform-of-our-club-jvb-nlb\"\n",
    );
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:3: `defaults.nlb_name`: expected a load balancer name of 1 to 32 letters, digits and hyphens, no hyphen at either end, not beginning with `internal-`, found `the-video-platform-of-our-club-jvb-nlb`
          hint: `the-video-platfor-d9144c-jvb-nlb` would do
        ");
}

#[test]
fn a_tls_listener_needs_a_certificate() {
    let scene = Scene::toml(
        "[defaults]\ndomain = \"meet.example.org\"\n\n[defaults.nlb]\nlisteners = [\n  \"udp:10000\",\n  \"tls:443->80\",\n]\n",
    );
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `defaults.nlb.listeners`: `tls:443->80` needs a certificate, and there is no `nlb.certificate_arn`
          hint: set `nlb.certificate_arn` to a certificate of ACM in the platform's region
        ");
}

#[test]
fn a_certificate_is_of_the_platform_s_region_and_account() {
    let scene = Scene::toml(
        r#"[defaults]
domain = "meet.example.org"
account_id = "210987654321"

[defaults.nlb]
listeners = ["tls:443->80"]
certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
"#,
    );
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `defaults.nlb.certificate_arn`: the certificate is in `us-east-1`, but the platform in `us-west-2`
          hint: ask ACM for one in the platform's region
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `defaults.nlb.certificate_arn`: the certificate belongs to account `123456789012`, but `account_id` is `210987654321`
        ");
}

#[test]
fn a_certificate_that_no_listener_uses_is_a_warning() {
    let scene = Scene::toml(
        r#"[defaults]
domain = "meet.example.org"
nlb.certificate_arn = "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"
"#,
    );
    insta::assert_snapshot!(scene.warnings(), @r#"
        `nlb.certificate_arn` is set, but no listener uses it
          hint: add `"tls:443->80"` to `nlb.listeners`, or remove the certificate
        "#);
}
