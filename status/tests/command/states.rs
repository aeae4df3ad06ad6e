//! Each state, as people and as programs see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sandbox::PlatformSpec;
use command_stand::{Stand, both, code, filters, json, stdout};
use insta::Settings;

use crate::COMMAND;
use crate::schema::assert_valid;

/// What differs from run to run.
pub(crate) fn steady() -> Settings {
    let mut settings = Settings::clone_current();
    let mut all = vec![
        (r"HTTP 200 in [0-9.]+ s", "HTTP 200 in [seconds] s"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "[minute]"),
        (r"\((\d+ h )?(\d+ min )?(\d+ s)?\)", "([span])"),
        (r"\b(\d+ h )?\d+ min( \d\d s)?\b", "[span]"),
        (r"\b\d+ s( ago)?\b", "[span]"),
        (r"\b198\.18\.\d+\.\d+", "[public address]"),
        (r"by [a-z0-9 ]+@[\w.-]+", "by [who]"),
        (r#""who": "[^"]+""#, r#""who": "[who]""#),
        (r"of `[a-z0-9 ]+@[\w.-]+`", "of `[who]`"),
        (r#"_seconds": [0-9.]+"#, r#"_seconds": "[seconds]""#),
        (r#""days_left": \d+"#, r#""days_left": "[days]""#),
        (r"\d+ days left", "[days] days left"),
    ];
    all.extend(filters());
    for (pattern, with) in all {
        settings.add_filter(pattern, with);
    }
    settings
}

/// The view in both forms; the state is as it should be.
fn shown(stand: &Stand, state: &str, name: &str) {
    let before = stand.mutating_calls();
    // Hardly any of the sandbox's time passes while it looks.
    let look = |flags: &[&str]| {
        let mut command = stand.command(flags);
        command.env("AWS_SANDBOX_SPEED", "1");
        command.output().unwrap()
    };
    let text = look(&["--sandbox"]);
    assert_eq!(code(&text), 0, "{}", both(&text));
    let document = look(&["--sandbox", "--output", "json"]);
    assert_eq!(code(&document), 0, "{}", both(&document));
    assert_eq!(stand.mutating_calls(), before, "it has changed something");
    let value = json(&document);
    assert_eq!(value["state"], state);
    assert!(stdout(&text).starts_with(&format!("{state}: ")), "{}", both(&text));
    assert_valid(&value);
    steady().bind(|| {
        insta::assert_snapshot!(format!("{name}-text"), stdout(&text));
        insta::assert_snapshot!(format!("{name}-json"), stdout(&document));
    });
}

#[test]
fn at_zero_it_is_standby() {
    shown(&Stand::of(COMMAND), "standby", "zero");
}

#[test]
fn up_it_is_active_with_all_that_a_visitor_meets() {
    shown(&Stand::up(COMMAND), "active", "up");
}

#[test]
fn during_a_scale_up_it_is_transitional() {
    let stand = Stand::raising(COMMAND, 30);
    shown(&stand, "transitional", "raising");
}

#[test]
fn with_an_unhealthy_target_it_is_degraded_and_names_the_target() {
    let stand = Stand::up(COMMAND);
    stand.world(|world| world.health_checks_reach_tasks(false));
    stand.advance(600);
    shown(&stand, "degraded", "degraded");
}

#[test]
fn a_load_balancer_without_tasks_is_orphaned_and_the_way_out_is_named() {
    let stand = Stand::up(COMMAND);
    stand.scale_to_zero_by_hand();
    stand.advance(600);
    shown(&stand, "orphaned", "orphaned");
}

#[test]
fn where_the_service_cannot_be_read_it_is_unknown_and_the_rest_is_shown() {
    let stand = Stand::up(COMMAND);
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"ecs:DescribeServices","Resource":"*"}]}"#;
    let account = PlatformSpec::default().account;
    stand.world(|world| world.attach_policy(&account, policy)).unwrap();
    shown(&stand, "unknown", "unknown");
}
