//! How it is known whether a meeting is on.

use jitsi_config::GuardSource;

use crate::scene::Scene;

fn guarded(lines: &str) -> Scene {
    Scene::toml(&format!(
        "[profiles.ops]\ndomain = \"meet.example.org\"\n[profiles.ops.guard]\n{lines}\n"
    ))
}

#[test]
fn unless_it_is_said_otherwise_the_sentinel_protects_its_task() {
    let guard = Scene::toml("[defaults]\ndomain = \"meet.example.org\"\n")
        .platform()
        .guard;
    assert_eq!(guard.source, GuardSource::TaskProtection);
    assert_eq!(guard.reporter.as_str(), "meeting-sentinel");
    assert_eq!(guard.stats_url, None);
    assert_eq!(guard.cloudwatch.namespace.as_str(), "Jitsi/JVB");
    assert_eq!(guard.cloudwatch.metric.as_str(), "JVBConferenceCount");
    assert_eq!(guard.cloudwatch.dimensions, []);
}

#[test]
fn each_source_with_what_it_needs_is_accepted_without_a_word() {
    let cases = [
        (
            "source = \"task-protection\"\nreporter = \"watcher\"",
            GuardSource::TaskProtection,
        ),
        (
            "source = \"stats-url\"\nstats_url = \"http://localhost:8888/stats\"",
            GuardSource::StatsUrl,
        ),
        (
            "source = \"cloudwatch\"\ncloudwatch_namespace = \"Club\"\ncloudwatch_metric = \"Meetings\"\ncloudwatch_dimensions = [\"A=b\"]",
            GuardSource::Cloudwatch,
        ),
        ("source = \"cloudwatch\"", GuardSource::Cloudwatch),
        ("source = \"none\"", GuardSource::None),
    ];
    for (lines, source) in cases {
        let scene = guarded(lines);
        assert_eq!(scene.platform().guard.source, source);
        assert_eq!(scene.warnings(), "", "{lines}");
    }
}

#[test]
fn statistics_without_an_address_are_refused() {
    insta::assert_snapshot!(guarded("source = \"stats-url\"").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.ops.guard.source`: `stats-url` needs an address, and there is no `guard.stats_url`
          hint: set `guard.stats_url` to where jicofo's `/stats` or the bridge's `/colibri/stats` is answered
        ");
    let text = "[defaults.guard]\nsource = \"stats-url\"\n[profiles.ops]\ndomain = \"meet.example.org\"\n";
    insta::assert_snapshot!(Scene::toml(text).told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:2: `defaults.guard.source`: `stats-url` needs an address, and there is no `guard.stats_url`
          hint: set `guard.stats_url` to where jicofo's `/stats` or the bridge's `/colibri/stats` is answered
        ");
    let addressed = format!("{text}guard.stats_url = \"http://localhost:8888/stats\"\n");
    assert_eq!(Scene::toml(&addressed).platform().guard.source, GuardSource::StatsUrl);
}

#[test]
fn a_malformed_address_is_told_once_and_not_also_as_missing() {
    insta::assert_snapshot!(guarded("source = \"stats-url\"\nstats_url = \"localhost:8888/stats\"").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.ops.guard.stats_url`: expected an http or https URL with host and path, without credentials or fragment, such as `http://jicofo.internal:8888/stats`, found `localhost:8888/stats`
          hint: write `http://localhost:8888/stats`
        ");
}

#[test]
fn credentials_in_the_address_are_refused_and_not_repeated() {
    let told = guarded("source = \"stats-url\"\nstats_url = \"https://me:secret@stats.example.org/stats\"").told();
    assert!(!told.contains("secret"), "{told}");
    insta::assert_snapshot!(told, @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.ops.guard.stats_url`: expected an http or https URL with host and path, without credentials or fragment, such as `http://jicofo.internal:8888/stats`, found `https://***@stats.example.org/stats`
          hint: leave user and password out: what is configured is shown
        ");
}

#[test]
fn every_wrong_value_of_the_guard_is_told_with_its_line() {
    let scene = guarded(
        r#"source = "task_protection"
reporter = "example.org/sentinel:1"
stats_url = "http://localhost:8888"
cloudwatch_namespace = ":Jitsi"
cloudwatch_metric = ""
cloudwatch_dimensions = [
  "Stage=prod",
  "Stage=test",
  "Bridge",
]
url = "x""#,
    );
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.ops.guard.source`: expected `task-protection`, `stats-url`, `cloudwatch` or `none`, found `task_protection`
          hint: did you mean `task-protection`?
        /repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.ops.guard.reporter`: expected the name of a container in the task definition: 1 to 255 letters, digits, hyphens and underscores, found `example.org/sentinel:1`
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `profiles.ops.guard.stats_url`: expected an http or https URL with host and path, without credentials or fragment, such as `http://jicofo.internal:8888/stats`, found `http://localhost:8888`
          hint: add the path: `/stats` of jicofo, `/colibri/stats` of the bridge
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `profiles.ops.guard.cloudwatch_namespace`: expected a CloudWatch namespace such as `Jitsi/JVB`: 1 to 255 letters, digits, spaces and any of `.-_/#:`, not beginning with `:`, found `:Jitsi`
        /repos/jitsi-video-hosting-ops/jitsi.toml:8: `profiles.ops.guard.cloudwatch_metric` is empty
          hint: leave the key out where there is nothing to say
        /repos/jitsi-video-hosting-ops/jitsi.toml:11: `profiles.ops.guard.cloudwatch_dimensions`: the dimension `Stage` is listed twice
        /repos/jitsi-video-hosting-ops/jitsi.toml:12: `profiles.ops.guard.cloudwatch_dimensions`: expected a dimension such as `Stage=prod`: a name of 1 to 255 and a value of 1 to 1024 printable ASCII characters, the name not beginning with `:`, found `Bridge`
        /repos/jitsi-video-hosting-ops/jitsi.toml:14: `profiles.ops.guard.url` is not a known key
          hint: did you mean `guard.stats_url`?
        ");
}

#[test]
fn what_is_set_for_another_source_is_a_warning() {
    insta::assert_snapshot!(guarded("stats_url = \"http://localhost:8888/stats\"").warnings(), @r#"
        `guard.stats_url` is set, but `guard.source` is `task-protection`
          hint: set `guard.source = "stats-url"`, or remove `guard.stats_url`
        "#);
    let all = "stats_url = \"http://localhost:8888/stats\"\ncloudwatch_namespace = \"Jitsi/JVB\"\ncloudwatch_metric = \"A\"\n\
               cloudwatch_dimensions = [\"A=b\"]";
    insta::assert_snapshot!(guarded(&format!("source = \"none\"\n{all}")).warnings(), @r#"
        `guard.stats_url` is set, but `guard.source` is `none`
          hint: set `guard.source = "stats-url"`, or remove `guard.stats_url`
        `guard.cloudwatch_namespace` is set, but `guard.source` is `none`
          hint: set `guard.source = "cloudwatch"`, or remove `guard.cloudwatch_namespace`
        `guard.cloudwatch_metric` is set, but `guard.source` is `none`
          hint: set `guard.source = "cloudwatch"`, or remove `guard.cloudwatch_metric`
        `guard.cloudwatch_dimensions` is set, but `guard.source` is `none`
          hint: set `guard.source = "cloudwatch"`, or remove `guard.cloudwatch_dimensions`
        "#);
    insta::assert_snapshot!(guarded(&format!("source = \"stats-url\"\n{all}")).warnings(), @r#"
        `guard.cloudwatch_namespace` is set, but `guard.source` is `stats-url`
          hint: set `guard.source = "cloudwatch"`, or remove `guard.cloudwatch_namespace`
        `guard.cloudwatch_metric` is set, but `guard.source` is `stats-url`
          hint: set `guard.source = "cloudwatch"`, or remove `guard.cloudwatch_metric`
        `guard.cloudwatch_dimensions` is set, but `guard.source` is `stats-url`
          hint: set `guard.source = "cloudwatch"`, or remove `guard.cloudwatch_dimensions`
        "#);
    insta::assert_snapshot!(guarded(&format!("source = \"cloudwatch\"\n{all}")).warnings(), @r#"
        `guard.stats_url` is set, but `guard.source` is `cloudwatch`
          hint: set `guard.source = "stats-url"`, or remove `guard.stats_url`
        "#);
}

#[test]
fn a_warning_that_several_profiles_have_in_common_is_told_once() {
    let text = "[defaults.guard]\nstats_url = \"http://localhost:8888/stats\"\ncloudwatch_metric = \"A\"\n\
                [profiles.a]\ndomain = \"a.example.org\"\n[profiles.b]\ndomain = \"b.example.org\"\nproject_name = \"b\"\n";
    let warnings = Scene::toml(text).load_all().unwrap().warnings;
    let told: Vec<_> = warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "`guard.stats_url` is set, but `guard.source` is `task-protection`",
            "`guard.cloudwatch_metric` is set, but `guard.source` is `task-protection`",
        ]
    );
}
