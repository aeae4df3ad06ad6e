//! What becomes of the platform when people join, the operator interrupts, or time is over.

use std::time::Duration;

use aws_sandbox::PlatformSpec;
use command_stand::{Signal, Stand};

use crate::COMMAND;
use crate::story::Story;

#[test]
fn people_who_joined_meanwhile_keep_the_platform_and_the_run_says_so() {
    let stand = Stand::of(COMMAND);
    let mut run = stand.start(["--sandbox"], 100);
    run.says("8 final-status: passed");
    let service = PlatformSpec::default().service_arn();
    let joined = stand.world(|world| world.begin_meeting(&service).unwrap());
    assert_eq!(joined, 1);
    let output = run.output();
    assert_eq!(output.code, Some(5), "{}", output.said);
    assert!(
        output.said.contains("the platform stays up after the test"),
        "{}",
        output.said
    );
    let meetings = stand.world(|world| world.meetings());
    assert!(
        meetings
            .iter()
            .all(|meeting| meeting.cut_off.is_none() && meeting.ended.is_none())
    );
    assert!(stand.still_billing().contains(&"fargate-task".to_owned()));
}

#[test]
fn the_tests_own_room_keeps_nothing_up() {
    let stand = Stand::of(COMMAND);
    let story = Story::of(&stand, &["--phase", "scale-up,jitsi"]);
    assert_eq!(story.code, 0, "{}", story.whole());
    let asked = stand
        .calls()
        .iter()
        .any(|call| call.operation == "UpdateTaskProtection" || call.operation == "UpdateService");
    assert!(asked);
    assert_eq!(stand.still_billing(), Vec::<String>::new());
    assert_eq!(stand.world(|world| world.meetings()), [], "nobody was there");
}

#[test]
fn an_interrupt_ends_the_test_and_not_the_restoring() {
    for (phase, at) in [("3 scale-up: load", "scale-up"), ("5 certificate: passed", "https")] {
        let stand = Stand::of(COMMAND);
        let mut run = stand.start(["--sandbox"], 100);
        run.says(phase);
        run.send(Signal::SIGINT);
        let output = run.output();
        assert_eq!(output.code, Some(130), "{at}: {}", output.said);
        assert!(output.said.contains("9 restore: passed"), "{at}: {}", output.said);
        assert_eq!(stand.still_billing(), Vec::<String>::new(), "{at}: {}", output.said);
    }
}

#[test]
fn a_second_interrupt_leaves_everything_and_says_how_to_end_it() {
    let stand = Stand::of(COMMAND);
    let mut run = stand.start(["--sandbox"], 100);
    run.says("6 https: passed");
    run.send(Signal::SIGINT);
    run.says("9 restore: the platform");
    run.send(Signal::SIGINT);
    let output = run.output();
    assert_eq!(output.code, Some(130), "{}", output.said);
    assert!(output.said.contains("scale-down --sandbox"), "{}", output.said);
    assert!(stand.still_billing().contains(&"network-load-balancer".to_owned()));
    stand.lower();
    assert_eq!(stand.still_billing(), Vec::<String>::new());
}

#[test]
fn when_time_is_over_the_test_ends_with_4_and_the_platform_goes_down() {
    for flags in [["--timeout", "90s"], ["--phase-timeout", "90s"]] {
        let stand = Stand::of(COMMAND);
        let story = Story::of(&stand, &flags);
        assert_eq!(story.code, 4, "{}", story.whole());
        assert_eq!(story.phases("failed"), ["scale-up"], "{}", story.whole());
        assert_eq!(story.told["restored"], "as-found");
        assert_eq!(stand.still_billing(), Vec::<String>::new());
    }
}

#[test]
fn with_keep_it_stays_up() {
    let stand = Stand::of(COMMAND);
    let story = Story::of(&stand, &["--keep", "--skip", "https"]);
    assert_eq!(story.code, 0, "{}", story.whole());
    assert_eq!(story.told["restored"], "kept");
    assert_eq!(story.phases("skipped"), ["https", "clean-up"], "{}", story.whole());
    assert!(stand.still_billing().contains(&"fargate-task".to_owned()));
}

#[test]
fn who_does_not_get_the_lock_exits_with_6_and_changes_nothing() {
    let stand = Stand::raising(COMMAND, 60);
    let (calls, bills) = (changes(&stand), stand.still_billing());
    let story = Story::of(&stand, &["--lock-wait", "0s"]);
    assert_eq!(story.code, 6, "{}", story.whole());
    assert_eq!(story.phases("failed"), ["initial-status"], "{}", story.whole());
    assert_eq!(story.told["restored"], "nothing-changed");
    assert_eq!((changes(&stand), stand.still_billing()), (calls, bills));
}

/// How many calls were carried out that change something.
fn changes(stand: &Stand) -> usize {
    let calls = stand.calls().into_iter();
    calls.filter(|call| call.mutating && call.status < 300).count()
}

#[test]
fn of_two_at_once_one_tests_and_the_other_exits_with_6() {
    let stand = Stand::of(COMMAND);
    let mut first = stand.start(["--sandbox"], 60);
    first.says("3 scale-up: load balancer");
    let second = Story::of(&stand, &["--lock-wait", "1s"]);
    assert_eq!(second.code, 6, "{}", second.whole());
    let error = second.told["error"].to_string();
    assert!(error.contains("test-platform"), "who is at work is named: {error}");
    let output = first.output();
    assert_eq!(output.code, Some(0), "{}", output.said);
    assert_eq!(stand.still_billing(), Vec::<String>::new());
}

#[test]
fn another_account_is_refused_before_anything_is_looked_at_twice() {
    let stand = Stand::of(COMMAND);
    let configuration =
        stand.configuration("[profiles.ops]\ndomain = \"meet.example.org\"\naccount_id = \"210987654321\"\n");
    let url = stand.serve();
    for more in [&[][..], &["--no-scale"]] {
        let flags = ["--config", &configuration, "--endpoint-url", &url, "--output", "json"];
        let story = Story::told_by(&stand.run(flags.iter().chain(more)));
        assert_eq!(story.code, 5, "{}", story.whole());
        assert_eq!(story.phases("failed"), ["prerequisites"], "{}", story.whole());
    }
}

/// The machine needs less than this for a whole run at the speed that users have.
const BOUND: Duration = Duration::from_secs(30);

#[test]
fn a_run_at_sixty_times_the_speed_fits_into_half_a_minute_of_waiting() {
    let stand = Stand::of(COMMAND);
    let story = Story::of(&stand, &[]);
    let seconds = story.told["elapsed_seconds"].as_f64().unwrap_or(f64::MAX);
    // By the sandbox's clock, which does not depend on how busy the machine is but for what it computes.
    assert!(seconds < BOUND.as_secs_f64() * 60.0, "{seconds} simulated seconds");
}

#[test]
fn what_somebody_else_is_starting_is_not_taken_back() {
    let stand = Stand::of(COMMAND);
    stand.world(|world| world.add_platform(&PlatformSpec::default()));
    stand.scale_up_by_hand();
    let story = Story::of(&stand, &["--phase-timeout", "40s"]);
    assert_eq!(story.code, 4, "{}", story.whole());
    assert_eq!(story.phases("failed"), ["scale-up"], "{}", story.whole());
    assert_eq!(story.told["restored"], "as-found", "{}", story.whole());
    let service = PlatformSpec::default().service_arn();
    assert_eq!(stand.world(|world| world.desired_count(&service)), Ok(1));
}

#[test]
fn what_was_broken_and_up_is_put_right_and_stays_up() {
    let stand = Stand::up(COMMAND);
    stand.delete_load_balancer();
    let story = Story::of(&stand, &["--skip", "https"]);
    assert_eq!(story.code, 0, "{}", story.whole());
    assert_eq!(
        (&story.told["found"], &story.told["restored"]),
        (&"degraded".into(), &"put-right".into())
    );
    assert!(story.why("scale-up", "up").contains("put right"), "{}", story.whole());
    assert!(story.phases("passed").contains(&"clean-up"), "{}", story.whole());
    assert!(stand.still_billing().contains(&"network-load-balancer".to_owned()));
}

#[test]
fn what_did_not_come_up_is_not_called_kept() {
    let stand = Stand::of(COMMAND);
    let fate = aws_sandbox::TaskFate::StopsWhileStarting {
        stop_code: "TaskFailedToStart".to_owned(),
        reason: "ResourceInitializationError: unable to pull secrets".to_owned(),
        container_exit: None,
        after_seconds: 20,
    };
    let service = PlatformSpec::default().service_arn();
    stand.world(|world| {
        world.add_platform(&PlatformSpec::default());
        world.set_task_fate(&service, fate);
    });
    let story = Story::of(&stand, &["--keep"]);
    assert_eq!(
        (story.code, story.told["restored"].as_str()),
        (3, Some("as-found")),
        "{}",
        story.whole()
    );
    assert!(
        story.why("restore", "down").contains("standby again"),
        "{}",
        story.whole()
    );
    assert_eq!(stand.still_billing(), Vec::<String>::new());
}
