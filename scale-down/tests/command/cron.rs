//! The command as cron runs it: no terminal, `-q`, mail only when something is wrong.

use command_stand::{Stand, both, code, stderr, stdout};

use crate::COMMAND;

#[test]
fn with_q_it_prints_nothing_when_all_is_well() {
    let stand = Stand::up(COMMAND);
    for state in ["up", "at zero"] {
        let output = stand.run(["--sandbox", "-q"]);
        assert_eq!(code(&output), 0, "{state}: {}", both(&output));
        assert_eq!(stdout(&output) + &stderr(&output), "", "{state}");
    }
}

#[test]
fn with_q_an_expired_lease_that_is_not_there_is_no_news() {
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox", "--expired", "-q"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert_eq!(stdout(&output) + &stderr(&output), "");
    assert!(!stand.still_billing().is_empty());
}

#[test]
fn without_flags_there_is_one_line_on_standard_output() {
    let stand = Stand::up(COMMAND);
    let output = stand.run(["--sandbox"]);
    assert_eq!(stdout(&output).lines().count(), 1, "{}", both(&output));
    assert!(!both(&output).contains('\u{1b}'), "no colour without a terminal");
}
