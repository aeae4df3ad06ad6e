//! Which AWS, which account, which names: rehearsal, endpoint, credentials.

use serde_json::Value;

use command_stand::{self as stand, Stand};

use crate::COMMAND;

#[test]
fn a_rehearsal_takes_the_profiles_names() {
    let stand = Stand::of(COMMAND);
    let config = stand.configuration(
        "[defaults]\nproject_name = \"choir\"\naws_region = \"eu-west-1\"\n\n[profiles.event]\ndomain = \"choir.example.org\"\naccount_id = \"210987654321\"\naws_profile = \"not-on-this-machine\"\n",
    );
    let output = stand.run([
        "--sandbox",
        "--config",
        &config,
        "--profile",
        "event",
        "--output",
        "json",
    ]);
    let document = stand::json(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stand::both(&output));
    assert_eq!(document["account"], "210987654321");
    assert_eq!(document["region"], "eu-west-1");
    assert_eq!(document["load_balancer"]["name"], "choir-jvb-nlb");
}

#[test]
fn scale_up_against_a_served_sandbox_with_a_legacy_configuration() {
    let stand = Stand::of(COMMAND);
    let served = stand.serve();
    let ops = stand.folder("jitsi-video-hosting-ops");
    std::fs::write(
        ops.join("config.json"),
        r#"{"domain": "meet.example.org", "aws_profile": "hosting"}"#,
    )
    .unwrap();
    stand.aws_profile("hosting", "123456789012");
    let output = stand.run([
        "--ops-dir",
        ops.to_str().unwrap(),
        "--endpoint-url",
        &served,
        "--output",
        "json",
    ]);
    let document = stand::json(&output);
    assert_eq!(output.status.code(), Some(0), "{}", stand::both(&output));
    assert_eq!(
        (&document["state"], &document["domain"]),
        (&Value::from("active"), &Value::from("meet.example.org"))
    );
}

#[test]
fn keys_of_another_account_beside_a_configured_profile_are_not_used() {
    let stand = Stand::of(COMMAND);
    let served = stand.serve();
    let config = stand.configuration(
        "[profiles.ops]\ndomain = \"meet.example.org\"\naws_profile = \"hosting\"\naccount_id = \"123456789012\"\n",
    );
    stand.aws_profile("hosting", "123456789012");
    let output = stand
        .command([
            "--config",
            &config,
            "--endpoint-url",
            &served,
            "--dry-run",
            "--output",
            "json",
        ])
        .env("AWS_ACCESS_KEY_ID", "999999999999")
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stand::both(&output));
    assert_eq!(stand::json(&output)["account"], "123456789012");
    assert!(stand::stderr(&output).contains("AWS_ACCESS_KEY_ID is set but not used"));
}

#[test]
fn without_credentials_it_says_so_and_how_to_get_them() {
    let stand = Stand::of(COMMAND);
    let config = stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\naws_profile = \"not-there\"\n");
    let output = stand.run(["--config", &config, "--endpoint-url", "http://127.0.0.1:9"]);
    assert_eq!(output.status.code(), Some(1), "{}", stand::both(&output));
    let text = stand::stderr(&output);
    assert!(text.contains("not-there") && text.contains("--aws-profile"), "{text}");
    let config = stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\n");
    let mut command = stand.command(["--config", &config, "--endpoint-url", "http://127.0.0.1:9"]);
    let output = command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stand::both(&output));
    assert!(
        stand::stderr(&output).contains("AWS_ACCESS_KEY_ID"),
        "{}",
        stand::stderr(&output)
    );
}

#[test]
fn an_expired_sso_login_names_the_command() {
    let stand = Stand::of(COMMAND);
    let config = stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\naws_profile = \"hosting\"\n");
    // The name of a cached login is the SHA-1 of its session's name.
    let cache = stand.folder(".aws/sso/cache");
    std::fs::write(
        cache.join("e9933e8a75563f507ee1a1985a89fb80bb0e6522.json"),
        r#"{"accessToken": "old", "expiresAt": "2026-01-01T00:00:00Z", "region": "us-west-2", "startUrl": "https://example.awsapps.com/start"}"#,
    )
    .unwrap();
    stand.aws_config(
        "[profile hosting]\nsso_session = club\nsso_account_id = 123456789012\nsso_role_name = ops\n\n[sso-session club]\nsso_region = us-west-2\nsso_start_url = https://example.awsapps.com/start\n",
    );
    let output = stand.run(["--config", &config, "--endpoint-url", "http://127.0.0.1:9"]);
    assert_eq!(output.status.code(), Some(1), "{}", stand::both(&output));
    assert!(
        stand::stderr(&output).contains("aws sso login --profile hosting"),
        "{}",
        stand::stderr(&output)
    );
}

#[test]
fn a_profile_with_a_role_assumes_it() {
    let stand = Stand::of(COMMAND);
    let served = stand.serve();
    let config = stand.configuration(
        "[profiles.ops]\ndomain = \"meet.example.org\"\naws_profile = \"hosting\"\naccount_id = \"123456789012\"\n",
    );
    stand.aws_profile("base", "999999999999");
    stand.aws_config("[profile hosting]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = base\n");
    let output = stand
        .command([
            "--config",
            &config,
            "--endpoint-url",
            &served,
            "--dry-run",
            "--output",
            "json",
        ])
        .env("AWS_ENDPOINT_URL_STS", &served)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stand::both(&output));
    assert_eq!(stand::json(&output)["account"], "123456789012");
}
