//! Everything that can be wrong with a `jitsi.toml`, and how it is told.

use jitsi_config::Problem;

use crate::scene::Scene;

#[test]
fn all_mistakes_are_told_at_once_each_with_its_line() {
    let scene = Scene::toml(
        r#"[defaults]
aws_regoin = "us-west-2"
environment = ""

[profiles.ops]
account_id = 123456789012
project_name = "my_project"
allow_multiple_tasks = "true"
listeners = ["udp:10000"]
bucket = "My Bucket"

[profiles.ops.nlb]
listeners = [
  "udp:10000",
  "sctp:5000",
  10000,
]
health_check = "udp:10000"
advertise = "yes"
subnets = "subnet-0a1b2c3d"
certificate_arn = "meet"

[profiles.ops.dns]
hosted_zone_id = "/hostedzone/Z0123456789ABC"

[profils.other]
domain = "x.example.org"
"#,
    );
    insta::assert_snapshot!(scene.told(), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:2: `defaults.aws_regoin` is not a known key
          hint: did you mean `aws_region`?
        /repos/jitsi-video-hosting-ops/jitsi.toml:3: `defaults.environment` is empty
          hint: leave the key out where there is nothing to say
        /repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.ops.domain` is missing
          hint: set the domain under which people reach the meetings
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `profiles.ops.account_id`: expected a text in quotes, found the number `123456789012`
          hint: write `"123456789012"`
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `profiles.ops.project_name`: expected a project name of 1 to 100 letters, digits and hyphens, none at either end, found `my_project`
        /repos/jitsi-video-hosting-ops/jitsi.toml:8: `profiles.ops.allow_multiple_tasks`: expected `true` or `false`, found the text `true`
          hint: write `true` without quotes
        /repos/jitsi-video-hosting-ops/jitsi.toml:9: `profiles.ops.listeners` is not a known key
          hint: did you mean `nlb.listeners`?
        /repos/jitsi-video-hosting-ops/jitsi.toml:10: `profiles.ops.bucket`: expected an S3 bucket name: 3 to 63 lower-case letters, digits, hyphens and dots, found `My Bucket`
        /repos/jitsi-video-hosting-ops/jitsi.toml:15: `profiles.ops.nlb.listeners`: expected a listener such as `udp:10000`, `tcp:4443`, `tcp_udp:10000` or `tls:443->80`, found `sctp:5000`
        /repos/jitsi-video-hosting-ops/jitsi.toml:16: `profiles.ops.nlb.listeners`: expected a list of texts in quotes, found the number `10000` in it
        /repos/jitsi-video-hosting-ops/jitsi.toml:18: `profiles.ops.nlb.health_check`: expected a health check such as `http:8080/about/health`, `https:8443/` or `tcp:8080`, found `udp:10000`
          hint: a health check never uses UDP; ask the bridge over HTTP
        /repos/jitsi-video-hosting-ops/jitsi.toml:19: `profiles.ops.nlb.advertise`: expected `off` or `nlb`, found `yes`
        /repos/jitsi-video-hosting-ops/jitsi.toml:20: `profiles.ops.nlb.subnets`: expected a list of texts in quotes, found the text `subnet-0a1b2c3d`
          hint: write `subnets = ["subnet-0a1b2c3d"]`
        /repos/jitsi-video-hosting-ops/jitsi.toml:21: `profiles.ops.nlb.certificate_arn`: expected a certificate ARN such as `arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012`, found `meet`
        /repos/jitsi-video-hosting-ops/jitsi.toml:24: `profiles.ops.dns.hosted_zone_id`: expected a Route 53 hosted zone id such as `Z0123456789ABCDEFGHIJ`, found `/hostedzone/Z0123456789ABC`
          hint: only the id: `Z0123456789ABC`
        /repos/jitsi-video-hosting-ops/jitsi.toml:26: `profils` is not a known key
          hint: did you mean `profiles`?
        "#);
}

#[test]
fn a_problem_names_its_line_and_its_key_for_whoever_renders_it() {
    let scene = Scene::toml("[profiles.ops]\ndomain = \"meet.example.org\"\naws_region = \"us-west-2a\"\n");
    let error = scene.load().unwrap_err();
    assert_eq!(
        error.problems,
        [Problem {
            line: Some(3),
            key: Some("profiles.ops.aws_region".to_owned()),
            message: "`profiles.ops.aws_region`: expected an AWS region such as `us-west-2`, found `us-west-2a`"
                .to_owned(),
            hint: Some("`us-west-2a` is an availability zone; its region is `us-west-2`".to_owned()),
        }]
    );
    let file = scene.path("repos/jitsi-video-hosting-ops/jitsi.toml");
    assert_eq!(error.file.as_deref(), Some(file.as_path()));
    assert_eq!(
        error.problems[0].place(Some(&file)),
        Some(format!("{}:3", file.display()))
    );
}

#[test]
fn mistakes_of_syntax_are_told_with_line_and_column() {
    insta::assert_snapshot!(Scene::toml("[defaults]\ndomain = meet.example.org\n[profiles.ops\n").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:2: not valid TOML at column 10: string values must be quoted, expected literal string
        /repos/jitsi-video-hosting-ops/jitsi.toml:3: not valid TOML at column 14: unclosed table, expected `]`
        ");
}

#[test]
fn a_key_that_comes_twice_is_a_mistake_of_syntax() {
    insta::assert_snapshot!(
        Scene::toml("[defaults]\ndomain = \"a.example.org\"\ndomain = \"b.example.org\"\n").told(),
        @"/repos/jitsi-video-hosting-ops/jitsi.toml:3: not valid TOML at column 1: duplicate key"
    );
}

#[test]
fn a_profile_without_a_domain_is_told_at_its_header() {
    insta::assert_snapshot!(Scene::toml("[defaults]\n\n[profiles.ops]\naws_region = \"us-west-2\"\n").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:3: `profiles.ops.domain` is missing
          hint: set the domain under which people reach the meetings
        ");
    insta::assert_snapshot!(Scene::toml("[defaults]\naws_region = \"us-west-2\"\n").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:1: `defaults.domain` is missing
          hint: set the domain under which people reach the meetings
        ");
    insta::assert_snapshot!(Scene::toml("").told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:1: `defaults.domain` is missing
          hint: set the domain under which people reach the meetings
        ");
}

#[test]
fn a_bad_domain_is_told_once_and_not_also_as_missing() {
    insta::assert_snapshot!(Scene::toml("[profiles.ops]\ndomain = \"meet_example_org\"\n").told(), @"/repos/jitsi-video-hosting-ops/jitsi.toml:2: `profiles.ops.domain`: expected a domain name such as `meet.example.org`, found `meet_example_org`");
}

#[test]
fn a_table_where_a_value_belongs_and_a_value_where_a_table_belongs() {
    let scene = Scene::toml(
        r#"defaults = "none"
domain = "meet.example.org"

[profiles]
domain = "meet.example.org"
nlb = 1

[profiles.ops]
domain = { name = "meet.example.org" }
nlb = "x"
dns = { zone = "Z0123" }
"#,
    );
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:1: `defaults`: expected a table, found the text `none`
        /repos/jitsi-video-hosting-ops/jitsi.toml:2: `domain` is not a known key
          hint: it belongs into `[defaults]` or into a `[profiles.NAME]`
        /repos/jitsi-video-hosting-ops/jitsi.toml:5: `profiles.domain`: expected a table, found the text `meet.example.org`
          hint: `domain` belongs into a `[profiles.NAME]`
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `profiles.nlb`: expected a table, found the number `1`
        /repos/jitsi-video-hosting-ops/jitsi.toml:9: `profiles.ops.domain`: expected a text in quotes, found a table
        /repos/jitsi-video-hosting-ops/jitsi.toml:10: `profiles.ops.nlb`: expected a table, found the text `x`
        /repos/jitsi-video-hosting-ops/jitsi.toml:11: `profiles.ops.dns.zone` is not a known key
          hint: did you mean `dns.hosted_zone_id`?
        ");
}

#[test]
fn a_path_in_quotes_is_a_key_of_its_own_and_not_known() {
    let scene = Scene::toml("[defaults]\ndomain = \"meet.example.org\"\n\"nlb.advertise\" = \"off\"\n");
    insta::assert_snapshot!(scene.told(), @r#"
        /repos/jitsi-video-hosting-ops/jitsi.toml:3: `defaults.nlb.advertise` is not a known key
          hint: did you mean `nlb.advertise`?
        "#);
}

#[test]
fn listeners_are_judged_together() {
    let scene = Scene::toml(
        "[defaults]\ndomain = \"meet.example.org\"\n[defaults.nlb]\nlisteners = [\n\"udp:10000\",\n\"tcp:10000\",\n\"udp:10000\",\n]\n",
    );
    insta::assert_snapshot!(scene.told(), @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:6: `defaults.nlb.listeners`: `udp:10000` and `tcp:10000` share port 10000
          hint: UDP and TCP share a port only in one listener: `tcp_udp:10000`
        /repos/jitsi-video-hosting-ops/jitsi.toml:7: `defaults.nlb.listeners`: `udp:10000` is listed twice
        ");
    let many: Vec<String> = (1..=51).map(|port| format!("\"tcp:{port}\"")).collect();
    let text = format!(
        "[defaults]\ndomain = \"meet.example.org\"\nnlb.listeners = [{}]\n",
        many.join(", ")
    );
    insta::assert_snapshot!(Scene::toml(&text).told(), @"/repos/jitsi-video-hosting-ops/jitsi.toml:3: `defaults.nlb.listeners`: 51 listeners; a Network Load Balancer has at most 50");
    insta::assert_snapshot!(
        Scene::toml("[defaults]\ndomain = \"meet.example.org\"\nnlb.listeners = []\n").told(),
        @r"
        /repos/jitsi-video-hosting-ops/jitsi.toml:3: `defaults.nlb.listeners` is empty
          hint: leave the key out where there is nothing to say
        "
    );
}

#[test]
fn a_profile_has_a_name_that_can_be_typed() {
    insta::assert_snapshot!(Scene::toml("[profiles.\"my ops\"]\ndomain = \"meet.example.org\"\n").told(), @"/repos/jitsi-video-hosting-ops/jitsi.toml:1: `profiles.my ops`: expected a profile name of letters, digits, `-`, `_` and `.`");
}

#[test]
fn a_byte_order_mark_and_carriage_returns_do_no_harm() {
    let scene = Scene::toml("\u{feff}[defaults]\r\ndomain = \"meet.example.org\"\r\naws_region = \"oregon\"\r\n");
    assert_eq!(scene.load().unwrap_err().problems[0].line, Some(3));
}
