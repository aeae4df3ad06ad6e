//! The record that points at the load balancer.

use jitsi_config::OnDown;

use crate::scene::Scene;

const ZONE: &str = "hosted_zone_id = \"Z0123456789ABC\"";

fn recorded(lines: &str) -> Scene {
    Scene::toml(&format!(
        "[profiles.ops]\ndomain = \"meet.example.org\"\nnlb.listeners = [\"udp:10000\", \"tcp:443\"]\n[profiles.ops.dns]\n{lines}\n"
    ))
}

#[test]
fn a_zone_alone_puts_the_domain_on_record_while_the_platform_is_up() {
    let scene = recorded(ZONE);
    let dns = scene.platform().dns.unwrap();
    assert_eq!(dns.hosted_zone_id.as_str(), "Z0123456789ABC");
    assert_eq!(dns.record.as_str(), "meet.example.org");
    assert_eq!(dns.aws_profile, None);
    assert_eq!(dns.on_down, OnDown::Remove);
    assert_eq!(scene.origin("dns.record"), "from domain");
    assert_eq!(scene.warnings(), "");
}

#[test]
fn a_domain_given_by_a_variable_is_the_record_too() {
    let scene = recorded(ZONE).variable("JITSI_DOMAIN", "other.example.org");
    assert_eq!(scene.platform().dns.unwrap().record.as_str(), "other.example.org");
    assert_eq!(scene.origin("dns.record"), "from domain");
}

#[test]
fn neither_flags_nor_variables_speak_of_the_record() {
    let mut scene = recorded(&format!("{ZONE}\naws_profile = \"club-dns\""))
        .variable("JITSI_AWS_PROFILE", "club")
        .variable("JITSI_DNS_RECORD", "other.example.org")
        .variable("JITSI_DNS_AWS_PROFILE", "other");
    scene.flags.aws_profile = Some("flag".to_owned());
    let dns = scene.platform().dns.unwrap();
    assert_eq!(dns.record.as_str(), "meet.example.org");
    assert_eq!(dns.aws_profile.unwrap().as_str(), "club-dns");
}

#[test]
fn without_a_zone_there_is_no_record_and_what_is_said_of_one_is_a_warning() {
    let scene = recorded("record = \"club.example.org\"\naws_profile = \"club-dns\"\non_down = \"keep\"");
    assert_eq!(scene.platform().dns, None);
    insta::assert_snapshot!(scene.warnings(), @r"
        `dns.record` is set, but there is no `dns.hosted_zone_id`
          hint: set `dns.hosted_zone_id`, or remove `dns.record`
        `dns.aws_profile` is set, but there is no `dns.hosted_zone_id`
          hint: set `dns.hosted_zone_id`, or remove `dns.aws_profile`
        `dns.on_down` is set, but there is no `dns.hosted_zone_id`
          hint: set `dns.hosted_zone_id`, or remove `dns.on_down`
        ");
    let bare = recorded("");
    assert_eq!(bare.platform().dns, None);
    assert_eq!(bare.warnings(), "", "nobody has spoken of a record");
}

#[test]
fn every_wrong_value_of_the_record_is_told_with_its_line() {
    let scene = recorded(
        r#"hosted_zone_id = "example.org"
record = "https://meet.example.org/"
aws_profile = "club]"
on_down = "delete"
profile = "club""#,
    );
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.ops.dns.hosted_zone_id`: expected a Route 53 hosted zone id such as `Z0123456789ABCDEFGHIJ`, found `example.org`
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `profiles.ops.dns.record`: expected a domain name such as `meet.example.org`, found `https://meet.example.org/`
          hint: only the host name: `meet.example.org`
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `profiles.ops.dns.aws_profile`: expected the name of an AWS profile, as `aws configure list-profiles` prints it, found `club]`
        /repos/jitsi-video-hosting-ops/jitsi.toml:8: `profiles.ops.dns.on_down`: expected `remove` or `keep`, found `delete`
        /repos/jitsi-video-hosting-ops/jitsi.toml:9: `profiles.ops.dns.profile` is not a known key
          hint: did you mean `dns.aws_profile`?
        ");
}

#[test]
fn a_bad_domain_is_told_once_and_not_also_as_a_bad_record() {
    let text = format!("[profiles.ops]\ndomain = \"meet_example_org\"\nnlb.listeners = [\"tcp:443\"]\ndns.{ZONE}\n");
    let error = Scene::toml(&text).load().unwrap_err();
    assert_eq!(error.problems.len(), 1, "{error}");
}

#[test]
fn dns_needs_a_listener_on_443_that_a_browser_can_use() {
    let with = |listeners: &str| {
        Scene::toml(&format!(
            "[defaults]\ndomain = \"meet.example.org\"\nnlb.listeners = [{listeners}]\n\n[defaults.dns]\n{ZONE}\n"
        ))
    };
    assert!(with("\"tcp:443\"").load().is_ok());
    insta::assert_snapshot!(with("\"udp:10000\", \"tcp:4443\"").told(), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `defaults.dns.hosted_zone_id`: the record would point at a load balancer without a listener on port 443
          hint: add `"tls:443->80"` (or `"tcp:443"`) to `nlb.listeners`, or remove `dns`
        "#);
    assert!(with("\"udp:443\"").load().is_err());
}

/// Profiles `a` and `b` in two accounts.
fn two(a: &str, b: &str) -> Scene {
    let profile = |name: &str, account: &str, lines: &str| {
        format!("[profiles.{name}]\ndomain = \"{name}.example.org\"\naccount_id = \"{account}\"\n{lines}\n")
    };
    let text = "[defaults]\nnlb.listeners = [\"tcp:443\"]\n".to_owned()
        + &profile("a", "111111111111", a)
        + &profile("b", "222222222222", b);
    Scene::toml(&text).profile("a")
}

#[test]
fn two_profiles_with_the_same_record_in_one_zone_are_refused() {
    let zone = format!("dns.{ZONE}");
    assert!(two(&zone, &zone).load().is_ok(), "two records in one zone");
    let record = "dns.record = \"A.example.org\"";
    let other = format!("dns.hosted_zone_id = \"Z999\"\n{record}");
    assert!(two(&zone, &other).load().is_ok(), "the same name in two zones");
    assert!(two(&zone, record).load().is_ok(), "one of them has no zone");
    insta::assert_snapshot!(two(&zone, &format!("{zone}\n{record}")).told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `profiles.b`: profiles `a` and `b` would both use record `a.example.org` of hosted zone `Z0123456789ABC`
          hint: give `b` a `domain` of its own, or a `dns.record`
        ");
}

#[test]
fn a_variable_that_makes_the_chosen_profile_change_another_s_record_is_refused() {
    let zone = format!("dns.{ZONE}");
    let scene = two(&zone, &zone).variable("JITSI_DOMAIN", "b.example.org");
    insta::assert_snapshot!(scene.told(), @r"
        with `JITSI_DOMAIN` profiles `a` and `b` would both use record `b.example.org` of hosted zone `Z0123456789ABC`
          hint: leave out `JITSI_DOMAIN`, or choose the other profile
        ");
}
