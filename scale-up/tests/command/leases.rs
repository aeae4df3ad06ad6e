//! How long the platform is needed, and two runs at the same moment.

use command_stand::{Running, Stand, both, code, json, stderr};

use crate::COMMAND;

/// A run that has begun to make something, slow enough to be met by another one.
fn at_work(stand: &Stand) -> Running {
    let mut run = stand.start(["--sandbox"], 20);
    run.says("CreateTargetGroup");
    run
}

/// A configuration for the same platform that wants more.
fn with_one_more_listener(stand: &Stand) -> String {
    stand.configuration(
        "[profiles.sandbox]\ndomain = \"meet.sandbox.example\"\n\
         nlb = { listeners = [\"udp:10000\", \"tcp:4443\", \"tcp:8443\"] }\n",
    )
}

#[test]
fn a_lease_is_kept_on_the_service_and_told_in_the_result() {
    let stand = Stand::of(COMMAND);
    let output = stand.run(["--sandbox", "--for", "2h", "--output", "json"]);
    assert_eq!(code(&output), 0, "{}", both(&output));
    let lease = json(&output)["lease"]["until"].clone();
    assert!(lease.is_string(), "{}", both(&output));
    // A platform that is up already gets another term by the same command.
    let output = stand.run(["--sandbox", "--for", "5h", "--output", "json"]);
    assert_eq!(json(&output)["outcome"], "already-up", "{}", both(&output));
    assert!(json(&output)["lease"]["until"].as_str().unwrap() > lease.as_str().unwrap());
}

#[test]
fn a_second_run_at_the_same_moment_exits_with_6_and_names_the_holder() {
    let stand = Stand::of(COMMAND);
    let first = at_work(&stand);
    // It has something to do, however far the first one is.
    let config = with_one_more_listener(&stand);
    let second = stand.run(["--sandbox", "--config", &config, "--lock-wait", "0s"]);
    assert_eq!(code(&second), 6, "{}", both(&second));
    assert!(stderr(&second).contains("maria@"), "{}", both(&second));
    assert_eq!(first.ends(), Some(0));
}

#[test]
fn a_second_run_that_waits_finds_it_up() {
    let stand = Stand::of(COMMAND);
    let first = at_work(&stand);
    // It has something to do, however far the first one is, and takes the first one's speed, whatever it was told.
    let config = with_one_more_listener(&stand);
    let second = stand.run([
        "--sandbox",
        "--config",
        &config,
        "--lock-wait",
        "10m",
        "--output",
        "json",
    ]);
    assert!(stderr(&second).contains("waiting for another run"), "{}", both(&second));
    assert_eq!(code(&second), 0, "{}", both(&second));
    assert_eq!(json(&second)["state"], "active", "{}", both(&second));
    assert_eq!(first.ends(), Some(0));
    let balancers = stand.still_billing();
    assert_eq!(
        balancers.iter().filter(|kind| *kind == "network-load-balancer").count(),
        1
    );
}

#[test]
fn how_long_it_is_needed_has_to_be_a_time() {
    let stand = Stand::of(COMMAND);
    for time in ["soon", "0s", "-2h"] {
        let output = stand.run(["--sandbox", &format!("--for={time}")]);
        assert_eq!(code(&output), 2, "{time}: {}", both(&output));
    }
    assert_eq!(stand.mutating_calls(), 0);
}
