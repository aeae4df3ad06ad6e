//! Which value counts, and where it came from.

use jitsi_config::{Advertise, GuardSource, KEYS, OnDown};
use proptest::prelude::*;

use crate::scene::Scene;

const EVERYTHING: &str = r#"
[defaults]
aws_region = "eu-west-1"
project_name = "club"

[profiles.ops]
domain = "Meet.Example.org"
aws_profile = "jitsi hosting"
account_id = "123456789012"
bucket = "club-recordings-1a2b3c4d"
allow_multiple_tasks = true
cluster_name = "shared"

[profiles.ops.nlb]
advertise = "nlb"
listeners = [
    "udp:10000",
    "tls:443->80",
]
health_check = "tcp:8080"
subnets = ["subnet-0123456789abcdef0", "subnet-0a1b2c3d"]
eip_allocations = ["eipalloc-0123456789abcdef0", "eipalloc-0a1b2c3d"]
certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"

[profiles.ops.dns]
hosted_zone_id = "Z0123456789ABCDEFGHIJ"
record = "Club.Example.org"
aws_profile = "club dns"
on_down = "keep"

[profiles.ops.guard]
source = "stats-url"
reporter = "watcher_2"
stats_url = "http://Jicofo.internal:8888/stats"
cloudwatch_namespace = "Club/Meetings"
cloudwatch_metric = "Conferences"
cloudwatch_dimensions = [
    "Stage=prod",
    "Bridge=a=b",
]
"#;

fn everything() -> Scene {
    Scene::toml(EVERYTHING)
}

#[test]
fn every_key_of_the_file_reaches_the_platform() {
    let platform = everything().platform();
    assert_eq!(platform.profile.as_deref(), Some("ops"));
    assert_eq!(platform.domain.as_str(), "meet.example.org");
    assert_eq!(platform.aws_profile.unwrap().as_str(), "jitsi hosting");
    assert_eq!(platform.region.as_str(), "eu-west-1");
    assert_eq!(platform.account_id.unwrap().as_str(), "123456789012");
    assert_eq!(platform.project_name.as_str(), "club");
    assert_eq!(platform.environment.as_str(), "prod");
    assert_eq!(platform.cluster_name.as_str(), "shared");
    assert_eq!(platform.service_name.as_str(), "club-service");
    assert_eq!(platform.nlb_name.as_str(), "club-jvb-nlb");
    assert_eq!(platform.bucket.unwrap().as_str(), "club-recordings-1a2b3c4d");
    assert!(platform.allow_multiple_tasks);
    let listeners: Vec<_> = platform.nlb.listeners.iter().map(ToString::to_string).collect();
    assert_eq!(listeners, ["udp:10000", "tls:443->80"]);
    assert_eq!(platform.nlb.health_check.to_string(), "tcp:8080");
    let subnets: Vec<_> = platform.nlb.subnets.iter().map(|subnet| subnet.as_str()).collect();
    assert_eq!(subnets, ["subnet-0123456789abcdef0", "subnet-0a1b2c3d"]);
    let addresses: Vec<_> = platform.nlb.eip_allocations.iter().map(|id| id.as_str()).collect();
    assert_eq!(addresses, ["eipalloc-0123456789abcdef0", "eipalloc-0a1b2c3d"]);
    assert!(platform.nlb.certificate_arn.is_some());
    assert_eq!(platform.nlb.advertise, Advertise::Nlb);
    let dns = platform.dns.unwrap();
    assert_eq!(dns.hosted_zone_id.as_str(), "Z0123456789ABCDEFGHIJ");
    assert_eq!(dns.record.as_str(), "club.example.org");
    assert_eq!(dns.aws_profile.unwrap().as_str(), "club dns");
    assert_eq!(dns.on_down, OnDown::Keep);
    let guard = platform.guard;
    assert_eq!(guard.source, GuardSource::StatsUrl);
    assert_eq!(guard.reporter.as_str(), "watcher_2");
    assert_eq!(guard.stats_url.unwrap().as_str(), "http://jicofo.internal:8888/stats");
    assert_eq!(guard.cloudwatch.namespace.as_str(), "Club/Meetings");
    assert_eq!(guard.cloudwatch.metric.as_str(), "Conferences");
    let dimensions: Vec<_> = guard
        .cloudwatch
        .dimensions
        .iter()
        .map(|d| (d.name.as_str(), d.value.as_str()))
        .collect();
    assert_eq!(dimensions, [("Stage", "prod"), ("Bridge", "a=b")]);
}

#[test]
fn every_value_is_shown_with_the_place_it_came_from() {
    let scene = everything().variable("JITSI_ENVIRONMENT", "test");
    let platform = scene.platform();
    let lines: Vec<String> = platform
        .origins
        .iter()
        .map(|shown| {
            format!(
                "{} = {} ({})",
                shown.key,
                shown.value.as_deref().unwrap_or("-"),
                shown.origin
            )
        })
        .collect();
    insta::assert_snapshot!(scene.plain(&lines.join("\n")), @r"
        domain = meet.example.org (/repos/jitsi-video-hosting-ops/jitsi.toml:7)
        aws_profile = jitsi hosting (/repos/jitsi-video-hosting-ops/jitsi.toml:8)
        aws_region = eu-west-1 (/repos/jitsi-video-hosting-ops/jitsi.toml:3 [defaults])
        account_id = 123456789012 (/repos/jitsi-video-hosting-ops/jitsi.toml:9)
        project_name = club (/repos/jitsi-video-hosting-ops/jitsi.toml:4 [defaults])
        environment = test (JITSI_ENVIRONMENT)
        cluster_name = shared (/repos/jitsi-video-hosting-ops/jitsi.toml:12)
        service_name = club-service (from project_name)
        nlb_name = club-jvb-nlb (from project_name)
        bucket = club-recordings-1a2b3c4d (/repos/jitsi-video-hosting-ops/jitsi.toml:10)
        allow_multiple_tasks = true (/repos/jitsi-video-hosting-ops/jitsi.toml:11)
        nlb.listeners = udp:10000, tls:443->80 (/repos/jitsi-video-hosting-ops/jitsi.toml:16)
        nlb.health_check = tcp:8080 (/repos/jitsi-video-hosting-ops/jitsi.toml:20)
        nlb.subnets = subnet-0123456789abcdef0, subnet-0a1b2c3d (/repos/jitsi-video-hosting-ops/jitsi.toml:21)
        nlb.eip_allocations = eipalloc-0123456789abcdef0, eipalloc-0a1b2c3d (/repos/jitsi-video-hosting-ops/jitsi.toml:22)
        nlb.certificate_arn = arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012 (/repos/jitsi-video-hosting-ops/jitsi.toml:23)
        nlb.advertise = nlb (/repos/jitsi-video-hosting-ops/jitsi.toml:15)
        dns.hosted_zone_id = Z0123456789ABCDEFGHIJ (/repos/jitsi-video-hosting-ops/jitsi.toml:26)
        dns.record = club.example.org (/repos/jitsi-video-hosting-ops/jitsi.toml:27)
        dns.aws_profile = club dns (/repos/jitsi-video-hosting-ops/jitsi.toml:28)
        dns.on_down = keep (/repos/jitsi-video-hosting-ops/jitsi.toml:29)
        guard.source = stats-url (/repos/jitsi-video-hosting-ops/jitsi.toml:32)
        guard.reporter = watcher_2 (/repos/jitsi-video-hosting-ops/jitsi.toml:33)
        guard.stats_url = http://jicofo.internal:8888/stats (/repos/jitsi-video-hosting-ops/jitsi.toml:34)
        guard.cloudwatch_namespace = Club/Meetings (/repos/jitsi-video-hosting-ops/jitsi.toml:35)
        guard.cloudwatch_metric = Conferences (/repos/jitsi-video-hosting-ops/jitsi.toml:36)
        guard.cloudwatch_dimensions = Stage=prod, Bridge=a=b (/repos/jitsi-video-hosting-ops/jitsi.toml:37)
        jwt.app_id = - (built in)
        jwt.audience = - (built in)
        jwt.secret_parameter = - (built in)
        cost.budget = - (built in)
        cost.storage_gb = - (built in)
        cost.log_gb = - (built in)
        cost.secrets = - (built in)
        ");
    assert_eq!(lines.len(), KEYS.len());
}

#[test]
fn with_nothing_but_a_domain_the_original_s_names_and_settings_hold() {
    let scene = Scene::toml("[defaults]\ndomain = \"meet.example.org\"\n");
    let platform = scene.platform();
    let lines: Vec<String> = platform
        .origins
        .iter()
        .map(|shown| {
            format!(
                "{} = {} ({})",
                shown.key,
                shown.value.as_deref().unwrap_or("-"),
                shown.origin
            )
        })
        .collect();
    insta::assert_snapshot!(scene.plain(&lines.join("\n")), @r"
        domain = meet.example.org (/repos/jitsi-video-hosting-ops/jitsi.toml:2 [defaults])
        aws_profile = - (built in)
        aws_region = us-west-2 (built in)
        account_id = - (built in)
        project_name = jitsi-video-platform (built in)
        environment = prod (built in)
        cluster_name = jitsi-video-platform-cluster (from project_name)
        service_name = jitsi-video-platform-service (from project_name)
        nlb_name = jitsi-video-platform-jvb-nlb (from project_name)
        bucket = - (built in)
        allow_multiple_tasks = false (built in)
        nlb.listeners = udp:10000, tcp:4443 (built in)
        nlb.health_check = http:8080/about/health (built in)
        nlb.subnets = - (built in)
        nlb.eip_allocations = - (built in)
        nlb.certificate_arn = - (built in)
        nlb.advertise = off (built in)
        dns.hosted_zone_id = - (built in)
        dns.record = meet.example.org (from domain)
        dns.aws_profile = - (built in)
        dns.on_down = remove (built in)
        guard.source = task-protection (built in)
        guard.reporter = meeting-sentinel (built in)
        guard.stats_url = - (built in)
        guard.cloudwatch_namespace = Jitsi/JVB (built in)
        guard.cloudwatch_metric = JVBConferenceCount (built in)
        guard.cloudwatch_dimensions = - (built in)
        jwt.app_id = - (built in)
        jwt.audience = - (built in)
        jwt.secret_parameter = - (built in)
        cost.budget = - (built in)
        cost.storage_gb = - (built in)
        cost.log_gb = - (built in)
        cost.secrets = - (built in)
        ");
}

#[test]
fn an_empty_variable_overrides_nothing() {
    let scene = Scene::toml("[defaults]\ndomain = \"meet.example.org\"\nproject_name = \"club\"\n");
    let scene = scene
        .variable("JITSI_PROJECT", "")
        .variable("JITSI_DOMAIN", "")
        .variable("AWS_REGION", "");
    let platform = scene.platform();
    assert_eq!(platform.project_name.as_str(), "club");
    assert_eq!(platform.domain.as_str(), "meet.example.org");
    assert_eq!(platform.region.as_str(), "us-west-2");
}

#[test]
fn the_region_has_two_more_sources_below_the_file() {
    let mut scene =
        Scene::toml("[defaults]\ndomain = \"meet.example.org\"\n").variable("AWS_DEFAULT_REGION", "eu-west-1");
    let region = |scene: &Scene| (scene.platform().region.to_string(), scene.origin("aws_region"));
    assert_eq!(
        region(&scene),
        ("eu-west-1".to_owned(), "AWS_DEFAULT_REGION".to_owned())
    );
    scene = scene.variable("AWS_REGION", "eu-west-2");
    assert_eq!(region(&scene), ("eu-west-2".to_owned(), "AWS_REGION".to_owned()));
    scene.file(
        "repos/jitsi-video-hosting-ops/jitsi.toml",
        "[defaults]\ndomain = \"a.example\"\naws_region = \"eu-west-3\"\n",
    );
    let file = "/repos/jitsi-video-hosting-ops/jitsi.toml:3 [defaults]".to_owned();
    assert_eq!(region(&scene), ("eu-west-3".to_owned(), file));
    scene = scene.variable("JITSI_AWS_REGION", "eu-north-1");
    assert_eq!(region(&scene), ("eu-north-1".to_owned(), "JITSI_AWS_REGION".to_owned()));
    scene.flags.region = Some("eu-south-1".to_owned());
    assert_eq!(region(&scene), ("eu-south-1".to_owned(), "--region".to_owned()));
}

#[test]
fn a_bad_aws_region_variable_matters_only_where_it_would_be_used() {
    let scene = Scene::toml("[defaults]\ndomain = \"meet.example.org\"\n").variable("AWS_REGION", "oregon");
    insta::assert_snapshot!(scene.told(), @"`AWS_REGION`: expected an AWS region such as `us-west-2`, found `oregon`");
    let scene = scene.variable("JITSI_AWS_REGION", "us-west-2");
    assert_eq!(scene.platform().region.as_str(), "us-west-2");
}

#[test]
fn flags_and_variables_are_checked_like_the_file_and_named_in_the_message() {
    let mut scene = Scene::toml("[defaults]\ndomain = \"meet.example.org\"\n")
        .variable("JITSI_DOMAIN", "https://meet.example.org/")
        .variable("JITSI_PROJECT", "my_project")
        .variable("JITSI_NLB", "internal-balancer");
    scene.flags.region = Some("us-west-2b".to_owned());
    scene.flags.aws_profile = Some(String::new());
    insta::assert_snapshot!(scene.told(), @r"
        `--aws-profile`: expected the name of an AWS profile, as `aws configure list-profiles` prints it, found an empty text
        `--region`: expected an AWS region such as `us-west-2`, found `us-west-2b`
          hint: `us-west-2b` is an availability zone; its region is `us-west-2`
        `JITSI_DOMAIN`: expected a domain name such as `meet.example.org`, found `https://meet.example.org/`
          hint: only the host name: `meet.example.org`
        `JITSI_PROJECT`: expected a project name of 1 to 100 letters, digits and hyphens, none at either end, found `my_project`
        `JITSI_NLB`: expected a load balancer name of 1 to 32 letters, digits and hyphens, no hyphen at either end, not beginning with `internal-`, found `internal-balancer`
          hint: `balancer-1a7b37` would do
        ");
}

/// The texts that a variable can override, with a value for each layer. A domain has no place in the defaults of a file with
/// profiles.
const TEXTS: [(&str, &str, [&str; 3]); 8] = [
    (
        "domain",
        "JITSI_DOMAIN",
        ["variable.example.org", "profile.example.org", ""],
    ),
    ("aws_profile", "JITSI_AWS_PROFILE", ["variable", "profile", "defaults"]),
    (
        "aws_region",
        "JITSI_AWS_REGION",
        ["va-north-1", "pr-north-1", "de-north-1"],
    ),
    ("project_name", "JITSI_PROJECT", ["variable", "profile", "defaults"]),
    ("environment", "JITSI_ENVIRONMENT", ["variable", "profile", "defaults"]),
    ("cluster_name", "JITSI_CLUSTER", ["variable", "profile", "defaults"]),
    ("service_name", "JITSI_SERVICE", ["variable", "profile", "defaults"]),
    ("nlb_name", "JITSI_NLB", ["variable", "profile", "defaults"]),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn flag_beats_variable_beats_profile_beats_defaults_for_every_key(
        given in proptest::array::uniform8(proptest::array::uniform3(any::<bool>())),
        flags in proptest::array::uniform2(any::<bool>()),
    ) {
        let mut scene = Scene::new();
        let (mut profile, mut defaults) = ("[profiles.ops]\n".to_owned(), "[defaults]\n".to_owned());
        let mut wanted = Vec::new();
        for ((key, variable, values), mut given) in TEXTS.into_iter().zip(given) {
            given[2] &= !values[2].is_empty();
            // Something has to name the domain.
            given[1] |= key == "domain";
            if given[0] {
                scene = scene.variable(variable, values[0]);
            }
            if given[1] {
                profile += &format!("{key} = \"{}\"\n", values[1]);
            }
            if given[2] {
                defaults += &format!("{key} = \"{}\"\n", values[2]);
            }
            wanted.push((key, given.iter().position(|given| *given).map(|layer| values[layer].to_owned())));
        }
        scene.flags.aws_profile = flags[0].then(|| "flag".to_owned());
        scene.flags.region = flags[1].then(|| "fl-north-1".to_owned());
        for (key, flag) in [("aws_profile", &scene.flags.aws_profile), ("aws_region", &scene.flags.region)] {
            if flag.is_some() {
                wanted.retain(|(other, _)| *other != key);
                wanted.push((key, flag.clone()));
            }
        }
        scene.file("repos/jitsi-video-hosting-ops/jitsi.toml", &(defaults + &profile));
        let origins = scene.platform().origins;
        for (key, value) in wanted {
            let shown = origins.get(key).unwrap();
            if let Some(value) = value {
                prop_assert_eq!(shown.value.as_deref(), Some(value.as_str()), "{}", key);
            } else {
                prop_assert!(shown.origin.line().is_none(), "{} came from {}", key, shown.origin);
            }
        }
    }
}
