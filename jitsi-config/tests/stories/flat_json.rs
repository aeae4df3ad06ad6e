//! The original's flat `config.json`, which keeps working as it is.

use crate::scene::Scene;

const ORIGINAL: &str = r#"{
  "_comment": "our platform",
  "$schema": "https://example.org/schema.json",
  "domain": "meet.example.org",
  "aws_profile": "jitsi-hosting",
  "aws_region": "eu-west-1",
  "project_name": "club",
  "environment": "prod",
  "cluster_name": "club-cluster",
  "service_name": "club-service",
  "nlb_name": "club-nlb"
}
"#;

#[test]
fn a_flat_file_of_the_original_is_one_unnamed_profile() {
    let scene = Scene::json(ORIGINAL);
    let configuration = scene.load().unwrap();
    assert_eq!(configuration.profiles, Vec::<String>::new());
    assert_eq!(configuration.warnings, []);
    let platform = configuration.platform;
    assert_eq!(platform.profile, None);
    assert_eq!(platform.domain.as_str(), "meet.example.org");
    assert_eq!(platform.nlb_name.as_str(), "club-nlb");
    assert_eq!(
        scene.origin("nlb_name"),
        "/repos/jitsi-video-hosting-ops/config.json:11"
    );
    assert_eq!(scene.origin("nlb.listeners"), "built in");
    assert_eq!(scene.load_all().unwrap().platforms, [platform]);
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let scene = Scene::json(&format!("\u{feff}{ORIGINAL}"));
    assert_eq!(scene.origin("domain"), "/repos/jitsi-video-hosting-ops/config.json:4");
}

#[test]
fn jitsi_config_json_is_read_likewise() {
    let scene = Scene::new();
    scene.file("repos/jitsi-video-hosting-ops/jitsi-config.json", ORIGINAL);
    assert_eq!(scene.platform().domain.as_str(), "meet.example.org");
}

#[test]
fn the_environment_still_counts_more_than_the_flat_file() {
    let scene = Scene::json(ORIGINAL)
        .variable("JITSI_PROJECT", "other")
        .variable("JITSI_AWS_REGION", "us-east-1");
    let platform = scene.platform();
    assert_eq!(platform.project_name.as_str(), "other");
    assert_eq!(platform.region.as_str(), "us-east-1");
    assert_eq!(platform.cluster_name.as_str(), "club-cluster");
}

#[test]
fn the_other_plain_keys_may_stand_in_it_too() {
    let text = r#"{"domain": "meet.example.org", "aws_profile": "a", "account_id": "123456789012", "bucket": "recordings",
                   "allow_multiple_tasks": true, "environment": null}"#;
    let scene = Scene::json(text);
    let platform = scene.platform();
    assert_eq!(platform.account_id.unwrap().as_str(), "123456789012");
    assert_eq!(platform.bucket.unwrap().as_str(), "recordings");
    assert!(platform.allow_multiple_tasks);
    assert_eq!(platform.environment.as_str(), "prod");
    assert_eq!(scene.warnings(), "");
}

#[test]
fn unknown_keys_of_it_are_warnings_because_a_file_that_worked_keeps_working() {
    let scene = Scene::json(
        r#"{
  "domain": "meet.example.org",
  "aws_profile": "a",
  "aws_regoin": "eu-west-1",
  "owner": "Alice",
  "nlb": {"listeners": ["udp:10000"]},
  "nlb.listeners": ["udp:10000"]
}"#,
    );
    assert_eq!(scene.platform().region.as_str(), "us-west-2");
    insta::assert_snapshot!(scene.warnings(), @r"
        /repos/jitsi-video-hosting-ops/config.json:4: `aws_regoin` is not a known key and is ignored
          hint: did you mean `aws_region`?
        /repos/jitsi-video-hosting-ops/config.json:5: `owner` is not a known key and is ignored
        /repos/jitsi-video-hosting-ops/config.json:6: `nlb` is not a known key and is ignored
          hint: only a `jitsi.toml` can set it; `jitsi-config init` writes one
        /repos/jitsi-video-hosting-ops/config.json:7: `nlb.listeners` is not a known key and is ignored
          hint: only a `jitsi.toml` can set it; `jitsi-config init` writes one
        ");
}

#[test]
fn names_that_follow_from_a_renamed_project_are_a_warning_because_the_original_kept_its_own() {
    let scene = Scene::json(
        r#"{"domain": "meet.example.org", "aws_profile": "a", "project_name": "club", "nlb_name": "club-nlb"}"#,
    );
    insta::assert_snapshot!(scene.warnings(), @r#"
        /repos/jitsi-video-hosting-ops/config.json: names follow from `project_name`: `cluster_name` is `club-cluster`, not `jitsi-video-platform-cluster`; `service_name` is `club-service`, not `jitsi-video-platform-service`
          hint: the original kept its own names; set them in the file if they are still meant
        "#);
}

#[test]
fn domain_and_aws_profile_are_required_in_it() {
    let mut scene = Scene::json("{\n}\n");
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/config.json:1: `aws_profile` is missing
          hint: set it there, with `--aws-profile` or with `JITSI_AWS_PROFILE`; a `jitsi.toml` may leave it out
        /repos/jitsi-video-hosting-ops/config.json:1: `domain` is missing
          hint: set the domain under which people reach the meetings
        ");
    scene.flags.aws_profile = Some("by-flag".to_owned());
    let scene = scene.variable("JITSI_DOMAIN", "meet.example.org");
    assert_eq!(scene.platform().aws_profile.unwrap().as_str(), "by-flag");
    let scene = Scene::json(r#"{"domain": "meet.example.org"}"#).variable("JITSI_AWS_PROFILE", "by-variable");
    assert_eq!(scene.platform().aws_profile.unwrap().as_str(), "by-variable");
}

#[test]
fn wrong_values_of_it_are_told_with_their_lines() {
    let scene = Scene::json(
        r#"{
  "domain": "https://meet.example.org",
  "aws_profile": "",
  "aws_region":
    "oregon",
  "nlb_name": ["a"],
  "account_id": 123456789012
}"#,
    );
    insta::assert_snapshot!(scene.told(), @r#"
        /repos/jitsi-video-hosting-ops/config.json:2: `domain`: expected a domain name such as `meet.example.org`, found `https://meet.example.org`
          hint: only the host name: `meet.example.org`
        /repos/jitsi-video-hosting-ops/config.json:3: `aws_profile` is empty
          hint: leave the key out where there is nothing to say
        /repos/jitsi-video-hosting-ops/config.json:4: `aws_region`: expected an AWS region such as `us-west-2`, found `oregon`
        /repos/jitsi-video-hosting-ops/config.json:6: `nlb_name`: expected a text in quotes, found a list
        /repos/jitsi-video-hosting-ops/config.json:7: `account_id`: expected a text in quotes, found the number `123456789012`
          hint: write `"123456789012"`
        "#);
}

#[test]
fn a_flat_file_that_is_not_json_is_told_with_line_and_column() {
    insta::assert_snapshot!(Scene::json("{\n  \"domain\": \"meet.example.org\"\n  \"aws_profile\": \"a\"\n}").told(), @"/repos/jitsi-video-hosting-ops/config.json:3: not valid JSON at column 3: expected `,` or `}`");
    insta::assert_snapshot!(Scene::json("\"meet.example.org\"").told(), @"/repos/jitsi-video-hosting-ops/config.json:1: expected a JSON object with the keys of the configuration");
}

#[test]
fn a_named_file_is_flat_json_by_its_extension() {
    let mut scene = Scene::new();
    scene.flags.config = Some(scene.file("club.JSON", ORIGINAL));
    assert_eq!(scene.platform().project_name.as_str(), "club");
}
