//! The command beside a live meeting.

use aws_sandbox::PlatformSpec;

use command_stand::{Stand, both, code, json, stderr};

use crate::COMMAND;

fn with_a_meeting() -> Stand {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand.world(|world| world.begin_meeting(&service)).unwrap();
    stand.advance(60);
    stand
}

#[test]
fn a_live_meeting_exits_with_5_and_says_until_when_it_is_protected() {
    let stand = with_a_meeting();
    let before = stand.mutating_calls();
    let output = stand.run(["--sandbox"]);
    assert_eq!(code(&output), 5, "{}", both(&output));
    let said = stderr(&output);
    assert!(
        said.contains("is protected until") && said.contains("--wait-idle"),
        "{said}"
    );
    assert_eq!(stand.mutating_calls(), before);
}

#[test]
fn the_guards_verdict_is_in_the_result() {
    let stand = with_a_meeting();
    let output = stand.run(["--sandbox", "--output", "json"]);
    let result = json(&output);
    assert_eq!(result["outcome"], "refused");
    assert_eq!(result["state"], "active");
    assert_eq!(result["guard"]["verdict"], "busy");
    assert_eq!(result["error"]["kind"], "refused");
}

#[test]
fn force_ends_it() {
    let stand = with_a_meeting();
    let output = stand.run(["--sandbox", "--force"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert_eq!(stand.still_billing(), Vec::<String>::new());
}

#[test]
fn nobody_is_asked_without_a_terminal() {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand.world(|world| world.stop_sentinel(&service)).unwrap();
    stand.advance(600);
    let output = stand.run(["--sandbox"]);
    assert_eq!(code(&output), 5, "{}", both(&output));
    assert!(stderr(&output).contains("cannot be told"), "{}", both(&output));
}
