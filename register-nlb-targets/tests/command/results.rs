//! What the command says and with which code it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sandbox::PlatformSpec;
use command_stand::{Stand, both, code, filters, json, stderr, stdout};

use crate::COMMAND;

/// A platform whose task was just replaced.
fn with_a_replaced_task() -> Stand {
    let stand = Stand::up(COMMAND);
    let service = PlatformSpec::default().service_arn();
    stand.world(|world| world.replace_task(&service)).unwrap();
    stand
}

#[test]
fn after_a_replaced_task_the_new_address_is_healthy_and_the_old_one_gone() {
    let stand = with_a_replaced_task();
    let output = stand.run(["--sandbox", "--output", "json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let result = json(&output);
    assert_eq!(result["outcome"], "registered");
    insta::with_settings!({ filters => filters() }, {
        insta::assert_json_snapshot!(result, {
            ".steps" => insta::sorted_redaction(),
            ".elapsed_seconds" => "[number]",
            ".steps[].at" => "[time]",
            ".steps[].resource" => "[resource]",
        });
    });
}

#[test]
fn the_text_names_each_target_with_its_state() {
    let stand = with_a_replaced_task();
    let output = stand.run(["--sandbox"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    insta::with_settings!({ filters => filters() }, {
        insta::assert_snapshot!(stdout(&output));
    });
}

#[test]
fn a_second_run_changes_nothing() {
    let stand = Stand::up(COMMAND);
    let before = stand.mutating_calls();
    let output = stand.run(["--sandbox"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    assert!(stdout(&output).contains("nothing was changed"), "{}", both(&output));
    assert_eq!(stand.mutating_calls(), before);
}

#[test]
fn without_a_load_balancer_it_exits_with_3_and_the_command_that_makes_one() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox"]);
    assert_eq!(code(&output), 3, "{}", both(&output));
    assert!(stderr(&output).contains("scale-up --sandbox"), "{}", both(&output));
}

#[test]
fn a_dry_run_says_what_would_be_done_and_changes_nothing() {
    let stand = with_a_replaced_task();
    // The new task has an address by then.
    stand.advance(120);
    let before = stand.mutating_calls();
    let output = stand.run(["--sandbox", "--dry-run"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    for part in ["RegisterTargets", "DeregisterTargets", "nothing was changed"] {
        assert!(stdout(&output).contains(part), "{part}: {}", both(&output));
    }
    let output = stand.run(["--sandbox", "--dry-run", "--no-prune"]);
    assert!(!stdout(&output).contains("DeregisterTargets"), "{}", both(&output));
    assert_eq!(stand.mutating_calls(), before);
}

#[test]
fn wrong_usage_exits_with_2() {
    let stand = Stand::of(COMMAND);
    for flags in [
        vec!["--sandbox", "--batch-size", "0"],
        vec!["--sandbox", "--batch-size", "1001"],
        vec!["--sandbox", "--watch", "--dry-run"],
        vec!["--sandbox", "--watch", "--timeout", "5m"],
        vec!["--sandbox", "--timeout", "soon"],
    ] {
        let output = stand.run(&flags);
        assert_eq!(code(&output), 2, "{flags:?} {}", both(&output));
        assert!(stderr(&output).contains("error"), "{}", both(&output));
    }
}
