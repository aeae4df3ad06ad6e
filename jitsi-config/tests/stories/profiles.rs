//! Which profile is meant, and profiles that would work on the same resources.

use crate::scene::Scene;

const TWO: &str = r#"
[profiles.ops]
domain = "meet.example.org"

[profiles.test]
domain = "test.example.org"
project_name = "test"
"#;

#[test]
fn one_profile_alone_needs_no_naming() {
    let configuration = Scene::toml("[profiles.ops]\ndomain = \"meet.example.org\"\n")
        .load()
        .unwrap();
    assert_eq!(configuration.platform.profile.as_deref(), Some("ops"));
    assert_eq!(configuration.profiles, ["ops"]);
}

#[test]
fn a_profile_is_named_by_the_flag_or_by_the_variable_and_the_flag_counts_more() {
    let chosen = |scene: Scene| scene.platform().domain.to_string();
    assert_eq!(chosen(Scene::toml(TWO).profile("ops")), "meet.example.org");
    assert_eq!(
        chosen(Scene::toml(TWO).variable("JITSI_PROFILE", "test")),
        "test.example.org"
    );
    assert_eq!(
        chosen(Scene::toml(TWO).variable("JITSI_PROFILE", "test").profile("ops")),
        "meet.example.org"
    );
}

#[test]
fn several_profiles_and_none_named_is_told_with_their_names() {
    insta::assert_snapshot!(Scene::toml(TWO).told(), @r"
        there are several profiles and none is named: `ops`, `test`
          hint: name one with `--profile` or `JITSI_PROFILE`
        ");
    insta::assert_snapshot!(Scene::toml(TWO).variable("JITSI_PROFILE", "").told(), @r"
        there are several profiles and none is named: `ops`, `test`
          hint: name one with `--profile` or `JITSI_PROFILE`
        ");
}

#[test]
fn an_unknown_profile_is_told_with_those_there_are() {
    insta::assert_snapshot!(Scene::toml(TWO).profile("tests").told(), @r"
        `--profile` names profile `tests`, but there are only `ops`, `test`
          hint: did you mean `test`?
        ");
    insta::assert_snapshot!(Scene::toml(TWO).variable("JITSI_PROFILE", "production").told(), @"`JITSI_PROFILE` names profile `production`, but there are only `ops`, `test`");
    insta::assert_snapshot!(Scene::toml(TWO).profile("").told(), @"`--profile` names profile ``, but there are only `ops`, `test`");
}

#[test]
fn naming_a_profile_where_there_are_none_is_a_mistake() {
    let toml = Scene::toml("[defaults]\ndomain = \"meet.example.org\"\n").profile("ops");
    insta::assert_snapshot!(toml.told(), @r"
        `--profile` names profile `ops`, but `/repos/jitsi-video-hosting-ops/jitsi.toml` has no profiles
          hint: leave the profile out, or write a `jitsi.toml` with a `[profiles.NAME]`
        ");
    let json = Scene::json(r#"{"domain": "meet.example.org", "aws_profile": "a"}"#).variable("JITSI_PROFILE", "ops");
    insta::assert_snapshot!(json.told(), @r"
        `JITSI_PROFILE` names profile `ops`, but `/repos/jitsi-video-hosting-ops/config.json` has no profiles
          hint: leave the profile out, or write a `jitsi.toml` with a `[profiles.NAME]`
        ");
    let nothing = Scene::new().variable("JITSI_DOMAIN", "meet.example.org").profile("ops");
    insta::assert_snapshot!(nothing.told(), @r"
        `--profile` names profile `ops`, but no configuration file was found
          hint: leave the profile out, or write a `jitsi.toml` with a `[profiles.NAME]`
        ");
}

#[test]
fn a_domain_in_the_defaults_is_for_a_file_without_profiles() {
    let text = "[defaults]\ndomain = \"meet.example.org\"\n";
    assert_eq!(Scene::toml(text).platform().domain.as_str(), "meet.example.org");
    insta::assert_snapshot!(Scene::toml(&format!("{text}\n[profiles.ops]\n")).told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:2: `defaults.domain` belongs into the profiles
          hint: in a file with profiles each of them names its own domain
        ");
}

#[test]
fn of_another_profile_wrong_keys_are_told_but_not_what_it_lacks() {
    let lacking = "[profiles.ops]\ndomain = \"meet.example.org\"\n[profiles.later]\nproject_name = \"later\"\nnlb.listeners = [\"tls:443\"]\n";
    assert!(Scene::toml(lacking).profile("ops").load().is_ok());
    let wrong = format!("{lacking}colour = \"red\"\naws_region = 7\naccount_id = \"12\"\n");
    insta::assert_snapshot!(Scene::toml(&wrong).profile("ops").told(), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `profiles.later.colour` is not a known key
          hint: known here are `domain`, `aws_profile`, `aws_region`, `account_id`, `project_name`, `environment`, `cluster_name`, `service_name`, `nlb_name`, `bucket`, `allow_multiple_tasks`, `nlb.listeners`, `nlb.health_check`, `nlb.subnets`, `nlb.eip_allocations`, `nlb.certificate_arn`, `nlb.advertise`, `dns.hosted_zone_id`, `dns.record`, `dns.aws_profile`, `dns.on_down`, `guard.source`, `guard.reporter`, `guard.stats_url`, `guard.cloudwatch_namespace`, `guard.cloudwatch_metric`, `guard.cloudwatch_dimensions`, `jwt.app_id`, `jwt.audience`, `jwt.secret_parameter`, `cost.budget`, `cost.storage_gb`, `cost.log_gb`, `cost.secrets`
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `profiles.later.aws_region`: expected a text in quotes, found the number `7`
          hint: write `"7"`
        /repos/jitsi-video-hosting-ops/jitsi.toml:8: `profiles.later.account_id`: expected an AWS account id of 12 digits, found `12`
        "#);
}

#[test]
fn two_profiles_with_the_same_names_in_one_account_and_region_are_refused() {
    let scene = Scene::toml("[profiles.a]\ndomain = \"a.example.org\"\n\n[profiles.b]\ndomain = \"b.example.org\"\n");
    insta::assert_snapshot!(scene.profile("a").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:4: `profiles.b`: profiles `a` and `b` would both use load balancer `jitsi-video-platform-jvb-nlb`, target group `jitsi-video-platform-jvb-udp-tg` and service `jitsi-video-platform-service` of cluster `jitsi-video-platform-cluster`, in one account and `us-west-2`
          hint: give `b` a `project_name` of its own, and other names where they are set; or tell the accounts apart with `account_id`
        ");
}

#[test]
fn profiles_that_do_not_meet_are_no_collision() {
    let with = |a: &str, b: &str| {
        let text =
            format!("[profiles.a]\ndomain = \"a.example.org\"\n{a}\n[profiles.b]\ndomain = \"b.example.org\"\n{b}\n");
        Scene::toml(&text).profile("a").load().is_ok()
    };
    let (one, other) = ("account_id = \"111111111111\"", "account_id = \"222222222222\"");
    assert!(with(one, other), "two accounts");
    assert!(with("aws_profile = \"a\"", "aws_profile = \"b\""), "two AWS profiles");
    assert!(
        with("aws_region = \"eu-west-1\"", "aws_region = \"eu-west-2\""),
        "two regions"
    );
    assert!(with("project_name = \"a\"", "project_name = \"b\""), "two projects");

    assert!(!with(one, one), "the same account");
    assert!(
        !with(
            &format!("{one}\naws_profile = \"a\""),
            &format!("{one}\naws_profile = \"b\"")
        ),
        "it has two AWS profiles"
    );
    assert!(!with(one, ""), "the default chain for both");
    assert!(
        !with("aws_profile = \"a\"", &format!("{one}\naws_profile = \"a\"")),
        "the same AWS profile"
    );
    assert!(!with("aws_region = \"us-west-2\"", ""), "the region that is built in");
    assert!(
        !with("project_name = \"a\"\nnlb_name = \"b-jvb-nlb\"", "project_name = \"b\""),
        "a derived name met by a given one"
    );
}

#[test]
fn each_of_the_shared_resources_alone_is_a_collision() {
    let told = |a: &str, b: &str| {
        let text =
            format!("[profiles.a]\ndomain = \"a.example.org\"\n{a}\n[profiles.b]\ndomain = \"b.example.org\"\n{b}\n");
        Scene::toml(&text)
            .profile("a")
            .told()
            .lines()
            .next()
            .unwrap()
            .to_owned()
    };
    insta::assert_snapshot!(told("project_name = \"a\"\nnlb_name = \"x\"", "project_name = \"b\"\nnlb_name = \"x\""), @"/repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.b`: profiles `a` and `b` would both use load balancer `x`, in one account and `us-west-2`");
    insta::assert_snapshot!(
        told(
            "project_name = \"a\"\ncluster_name = \"c\"\nservice_name = \"s\"",
            "project_name = \"b\"\ncluster_name = \"c\"\nservice_name = \"s\""
        ),
        @"/repos/jitsi-video-hosting-ops/jitsi.toml:6: `profiles.b`: profiles `a` and `b` would both use service `s` of cluster `c`, in one account and `us-west-2`"
    );
    insta::assert_snapshot!(
        told("nlb_name = \"a\"\nservice_name = \"a\"", "nlb_name = \"b\"\nnlb.listeners = [\"tcp:4443\"]"),
        @"/repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.b`: profiles `a` and `b` would both use target group `jitsi-video-platform-jvb-tcp-tg`, in one account and `us-west-2`"
    );
}

#[test]
fn where_account_or_aws_profile_is_malformed_that_alone_is_told() {
    for wrong in ["account_id = \"12\"", "aws_profile = \"\""] {
        let text = format!(
            "[defaults]\n{wrong}\n[profiles.a]\ndomain = \"a.example.org\"\n[profiles.b]\ndomain = \"b.example.org\"\n"
        );
        let error = Scene::toml(&text).profile("a").load().unwrap_err();
        assert_eq!(error.problems.len(), 1, "{error}");
    }
}

#[test]
fn flags_and_variables_speak_of_the_chosen_profile_only() {
    let mut scene = Scene::toml(TWO).profile("ops").variable("JITSI_PROJECT", "third");
    scene.flags.region = Some("eu-west-1".to_owned());
    assert_eq!(scene.platform().project_name.as_str(), "third");
}

#[test]
fn a_shared_cluster_with_two_services_is_no_collision() {
    let text = "[defaults]\ncluster_name = \"shared\"\n[profiles.a]\ndomain = \"a.example.org\"\nproject_name = \"a\"\n\
                [profiles.b]\ndomain = \"b.example.org\"\nproject_name = \"b\"\n";
    assert!(Scene::toml(text).profile("a").load().is_ok());
}

#[test]
fn a_flag_that_makes_the_chosen_profile_work_on_another_s_resources_is_refused() {
    let text = "[profiles.west]\ndomain = \"west.example.org\"\naws_region = \"us-west-2\"\n\
                [profiles.east]\ndomain = \"east.example.org\"\naws_region = \"us-east-1\"\n";
    let mut scene = Scene::toml(text).profile("west");
    assert!(scene.load().is_ok());
    scene.flags.region = Some("us-east-1".to_owned());
    insta::assert_snapshot!(scene.told(), @r"
        with `--region` profiles `west` and `east` would both use load balancer `jitsi-video-platform-jvb-nlb`, target group `jitsi-video-platform-jvb-udp-tg` and service `jitsi-video-platform-service` of cluster `jitsi-video-platform-cluster`, in one account and `us-east-1`
          hint: leave out `--region`, or choose the other profile
        ");
}

#[test]
fn all_profiles_are_resolved_in_the_order_of_the_file() {
    let scene = Scene::toml(&TWO.replace("profiles.ops", "profiles.zoo"));
    let all = scene.load_all().unwrap();
    let seen: Vec<_> = all
        .platforms
        .iter()
        .map(|p| (p.profile.as_deref().unwrap(), p.project_name.as_str()))
        .collect();
    assert_eq!(seen, [("zoo", "jitsi-video-platform"), ("test", "test")]);
    assert_eq!(all.file, Some(scene.path("repos/jitsi-video-hosting-ops/jitsi.toml")));
}

#[test]
fn of_all_profiles_also_what_one_lacks_is_told() {
    let scene = Scene::toml("[profiles.a]\ndomain = \"a.example.org\"\n[profiles.b]\nproject_name = \"b\"\n");
    insta::assert_snapshot!(scene.load_all().unwrap_err().problems[0].message, @"`profiles.b.domain` is missing");
}

#[test]
fn for_all_profiles_flags_hold_but_variables_that_speak_of_one_platform_are_left_out() {
    let mut scene = Scene::toml(TWO)
        .variable("JITSI_DOMAIN", "x.example.org")
        .variable("JITSI_PROFILE", "ops");
    scene.flags.region = Some("eu-west-1".to_owned());
    let all = scene.load_all().unwrap();
    let seen: Vec<_> = all
        .platforms
        .iter()
        .map(|p| (p.domain.as_str(), p.region.as_str()))
        .collect();
    assert_eq!(
        seen,
        [("meet.example.org", "eu-west-1"), ("test.example.org", "eu-west-1")]
    );
    assert_eq!(all.warnings.len(), 1);
    insta::assert_snapshot!(all.warnings[0].message, @"there are several profiles, so `JITSI_DOMAIN` is left out");
}

#[test]
fn what_all_profiles_have_in_common_is_told_once() {
    let text = "[defaults]\nnlb.listeners = [\"tls:443->80\"]\n[profiles.a]\ndomain = \"a.example.org\"\n\
                [profiles.b]\ndomain = \"b.example.org\"\nproject_name = \"b\"\n";
    let scene = Scene::toml(text).variable("AWS_REGION", "oregon");
    insta::assert_snapshot!(scene.plain(&scene.load_all().unwrap_err().to_string()), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:2: `defaults.nlb.listeners`: `tls:443->80` needs a certificate, and there is no `nlb.certificate_arn`
          hint: set `nlb.certificate_arn` to a certificate of ACM in the platform's region
        `AWS_REGION`: expected an AWS region such as `us-west-2`, found `oregon`
        "#);
}
