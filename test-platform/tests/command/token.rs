//! A platform that is closed to strangers, and a token for the test's own room.

use aws_sandbox::{PlatformSpec, SiteFault};
use command_stand::Stand;

use crate::COMMAND;
use crate::story::Story;

const SECRET: &str = "a-secret-that-nobody-sees";

/// A closed platform that is up, and the configuration of somebody who can make tokens for it.
fn closed() -> (Stand, String) {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand.world(|world| world.set_site_fault(&service, Some(SiteFault::Closed)).ok());
    let configuration = stand.configuration(
        "[profiles.sandbox]\ndomain = \"meet.sandbox.example\"\n[profiles.sandbox.nlb]\n\
         listeners = [\"udp:10000\", \"tls:443->8000\"]\n\
         certificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-000000000443\"\n\
         [profiles.sandbox.dns]\nhosted_zone_id = \"Z0SANDBOX\"\n\
         [profiles.sandbox.jwt]\napp_id = \"club\"\nsecret_parameter = \"/jitsi/jwt-secret\"\n",
    );
    (stand, configuration)
}

#[test]
fn with_a_token_the_test_gets_to_a_room_that_is_ready_and_shows_it_to_nobody() {
    let (stand, configuration) = closed();
    stand.put_secret("/jitsi/jwt-secret", SECRET);
    let story = Story::of(&stand, &["--config", &configuration, "--phase", "jitsi", "-v"]);
    assert_eq!(story.code, 0, "{}", story.whole());
    let rungs: Vec<&str> = story.checks("jitsi").into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(rungs, ["pass"; 5], "{}", story.whole());
    assert!(story.why("jitsi", "L3 login").contains("token"), "{}", story.whole());
    let log = story.told["log"].as_str().map(std::fs::read_to_string);
    let log = log.and_then(Result::ok).unwrap_or_default();
    assert!(log.contains("L3 login: pass"), "{log}");
    for text in [&log, &story.whole()] {
        assert!(!text.contains(SECRET) && !text.contains("eyJ"), "{text}");
    }
}

#[test]
fn a_secret_that_cannot_be_read_is_told_and_the_rest_is_tested() {
    let (stand, configuration) = closed();
    let story = Story::of(&stand, &["--config", &configuration, "--phase", "jitsi"]);
    assert_eq!(story.code, 3, "{}", story.whole());
    let checks = story.checks("jitsi");
    assert_eq!(checks.last(), Some(&("token", "unknown")), "{}", story.whole());
    assert!(
        story.why("jitsi", "token").contains("/jitsi/jwt-secret"),
        "{}",
        story.whole()
    );
    assert_eq!(checks.first(), Some(&("L0 page", "pass")), "{}", story.whole());
}

#[test]
fn a_platform_that_should_be_closed_and_is_open_fails() {
    let (stand, configuration) = closed();
    let service = PlatformSpec::default().service_arn();
    stand.world(|world| world.set_site_fault(&service, None).ok());
    let story = Story::of(&stand, &["--config", &configuration, "--phase", "jitsi"]);
    assert_eq!(story.code, 3, "{}", story.whole());
    assert!(
        story.checks("jitsi").contains(&("L4 conference", "fail")),
        "{}",
        story.whole()
    );
}
