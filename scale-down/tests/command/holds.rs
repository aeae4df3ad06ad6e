//! Holds from the command line.

use command_stand::{Stand, both, code, json, stdout};

use crate::COMMAND;

#[test]
fn a_hold_keeps_it_up_and_can_be_released() {
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox", "--hold-until", "2099-01-01 01:00"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(
        stdout(&output).contains("before 2099-01-01T01:00:00Z"),
        "{}",
        both(&output)
    );

    let output = stand.run(["--sandbox", "--output", "json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let result = json(&output);
    assert_eq!(result["outcome"], "held");
    assert_eq!(result["state"], "active");
    assert!(
        result["held_because"]
            .as_str()
            .unwrap()
            .contains("its hold lasts until")
    );

    let output = stand.run(["--sandbox", "--release"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let output = stand.run(["--sandbox"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert_eq!(stand.still_billing(), Vec::<String>::new());
}

#[test]
fn a_hold_in_the_past_exits_with_2() {
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox", "--hold-until", "2020-01-01 01:00"]);
    assert_eq!(code(&output), 2, "{}", both(&output));
}
