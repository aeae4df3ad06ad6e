//! Faults that are planted, one for each phase: that phase fails and no other, and the platform is as it was found.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws_sandbox::{PlatformSpec, RecordSet, SiteFault, TaskFate};
use command_stand::Stand;

use crate::COMMAND;
use crate::story::Story;

/// At zero again, or still there: exactly this phase has failed, with exit code 3.
#[track_caller]
fn fails(stand: &Stand, flags: &[&str], phase: &str) -> Story {
    let story = Story::of(stand, flags);
    assert_eq!(story.phases("failed"), [phase], "{}", story.whole());
    assert_eq!(story.code, 3, "{}", story.whole());
    assert_ne!(story.told["restored"], "failed", "{}", story.whole());
    assert_eq!(stand.still_billing(), Vec::<String>::new());
    story
}

fn service() -> String {
    PlatformSpec::default().service_arn()
}

fn with_a_site_that(fault: SiteFault) -> Stand {
    let stand = Stand::of(COMMAND);
    stand.world(|world| {
        world.add_platform(&PlatformSpec::default());
        world.set_site_fault(&service(), Some(fault)).unwrap();
    });
    stand
}

#[test]
fn prerequisites_fail_when_the_last_deployment_has_failed_and_nothing_is_made() {
    let stand = Stand::of(COMMAND);
    stand.world(|world| {
        world.add_platform(&PlatformSpec::default());
        world.mark_deployment_failed(&service()).unwrap();
    });
    let story = fails(&stand, &[], "prerequisites");
    assert_eq!(story.phases("passed"), Vec::<&str>::new());
    let alone = Story::of(&stand, &["--phase", "prerequisites"]);
    assert_eq!(
        (alone.code, alone.phases("failed")),
        (3, vec!["prerequisites"]),
        "{}",
        alone.whole()
    );
    assert_eq!(stand.mutating_calls(), 0, "not even the lock is taken");
}

#[test]
fn prerequisites_fail_without_a_sentinel_for_nobody_could_take_it_down_again() {
    let stand = Stand::of(COMMAND);
    let spec = PlatformSpec {
        sentinel: false,
        ..PlatformSpec::named("club")
    };
    stand.world(|world| world.add_platform(&spec));
    let configuration =
        stand.configuration("[profiles.club]\ndomain = \"meet.example.org\"\nproject_name = \"club\"\n");
    let story = fails(&stand, &["--config", &configuration], "prerequisites");
    assert!(
        story.why("prerequisites", "guard").contains("meeting-sentinel"),
        "{}",
        story.whole()
    );
    assert_eq!(stand.mutating_calls(), 0);
}

#[test]
fn prerequisites_fail_where_something_that_decides_may_not_be_read() {
    let stand = Stand::of(COMMAND);
    stand.world(|world| {
        world.add_platform(&PlatformSpec::default());
        deny(world, "route53:ListResourceRecordSets");
    });
    let story = Story::of(&stand, &[]);
    assert_eq!(
        (story.code, story.phases("failed")),
        (3, vec!["prerequisites"]),
        "{}",
        story.whole()
    );
    let whys = story.phase("prerequisites")["checks"].to_string();
    assert!(whys.contains("ListResourceRecordSets"), "{whys}");
    assert_eq!(stand.mutating_calls(), 0);
}

/// From now on the sandbox's own key may do everything but this.
fn deny(world: &mut aws_sandbox::World, action: &str) {
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [
            {{"Effect": "Allow", "Action": "*", "Resource": "*"}},
            {{"Effect": "Deny", "Action": "{action}", "Resource": "*"}}]}}"#
    );
    world.attach_policy(&PlatformSpec::default().account, &policy).unwrap();
}

#[test]
fn the_initial_status_fails_where_a_hold_would_keep_the_platform_up_after_the_test() {
    let stand = Stand::of(COMMAND);
    stand.world(|world| world.add_platform(&PlatformSpec::default()));
    stand.tag_service("jitsi-ops:hold-until", "2030-01-01T00:00:00Z");
    let story = fails(&stand, &[], "initial-status");
    assert_eq!(story.told["restored"], "nothing-changed", "{}", story.whole());
    assert!(
        story.why("initial-status", "hold").contains("stay up after the test"),
        "{}",
        story.whole()
    );
}

#[test]
fn the_way_up_fails_where_a_task_does_not_start() {
    let stand = Stand::of(COMMAND);
    stand.world(|world| {
        world.add_platform(&PlatformSpec::default());
        let fate = TaskFate::StopsWhileStarting {
            stop_code: "TaskFailedToStart".to_owned(),
            reason: "CannotPullContainerError: pull image manifest has been retried 5 time(s)".to_owned(),
            container_exit: None,
            after_seconds: 20,
        };
        world.set_task_fate(&service(), fate);
    });
    let story = fails(&stand, &[], "scale-up");
    assert!(
        story.why("scale-up", "up").contains("CannotPullContainerError"),
        "{}",
        story.whole()
    );
    assert_eq!(story.told["restored"], "as-found");
    assert_eq!(
        story.phases("passed"),
        ["prerequisites", "initial-status", "restore", "clean-up"]
    );
}

#[test]
fn health_fails_where_the_name_leads_elsewhere() {
    let stand = Stand::of(COMMAND);
    // The zone is there, and the configuration does not know it.
    let configuration = stand.configuration(
        "[profiles.sandbox]\ndomain = \"meet.sandbox.example\"\n[profiles.sandbox.nlb]\n\
         listeners = [\"udp:10000\", \"tls:443->8000\"]\n\
         certificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/00000000-0000-4000-8000-000000000443\"\n",
    );
    stand.world(|world| {
        world.add_platform(&PlatformSpec::default());
        let name = "meet.sandbox.example";
        world
            .put_record("Z0SANDBOX", RecordSet::values(name, "A", 300, &["192.0.2.7"]))
            .unwrap();
    });
    let story = fails(&stand, &["--config", &configuration], "health");
    assert!(story.why("health", "dns").contains("192.0.2.7"), "{}", story.whole());
    assert_eq!(
        story.phases("not-run"),
        ["certificate", "https", "jitsi", "final-status"]
    );
}

#[test]
fn the_certificate_fails_where_it_is_for_another_name_or_has_expired() {
    for (fault, said) in [(SiteFault::WrongName, "not for"), (SiteFault::Expired, "has expired")] {
        let story = fails(&with_a_site_that(fault), &[], "certificate");
        assert!(
            story.why("certificate", "certificate").contains(said),
            "{}",
            story.whole()
        );
    }
}

#[test]
fn https_fails_where_nothing_answers_behind_nginx() {
    let story = fails(&with_a_site_that(SiteFault::BadGateway), &[], "https");
    assert!(story.why("https", "https").contains("502"), "{}", story.whole());
}

#[test]
fn jitsi_fails_at_the_rung_that_is_broken_and_only_what_stands_on_it_is_not_tried() {
    const WELL: &str = "pass";
    let broken = [
        (SiteFault::OtherSite, ["fail", "fail", "fail", "not-tried", "not-tried"]),
        (SiteFault::NoBundles, ["fail", WELL, WELL, WELL, WELL]),
        (SiteFault::ConfigHost, [WELL, "fail", WELL, WELL, WELL]),
        (SiteFault::NoProsody, [WELL, WELL, "fail", "not-tried", "not-tried"]),
        (SiteFault::NoWebsocket, [WELL, WELL, "fail", "not-tried", "not-tried"]),
        (
            SiteFault::WrongSubprotocol,
            [WELL, WELL, "fail", "not-tried", "not-tried"],
        ),
        (SiteFault::NoAnonymous, [WELL, WELL, WELL, "fail", "not-tried"]),
        (SiteFault::NoJicofo, [WELL, WELL, WELL, WELL, "fail"]),
    ];
    // The platform is up already: the rungs are what this is about.
    let stand = Stand::up(COMMAND);
    for (fault, expected) in broken {
        stand.world(|world| world.set_site_fault(&service(), Some(fault)).unwrap());
        let story = Story::of(&stand, &["--phase", "jitsi"]);
        assert_eq!(
            (story.code, story.phases("failed")),
            (3, vec!["jitsi"]),
            "{fault:?}: {}",
            story.whole()
        );
        let rungs: Vec<&str> = story.checks("jitsi").into_iter().map(|(_, outcome)| outcome).collect();
        assert_eq!(rungs, expected, "{fault:?}: {}", story.whole());
    }
    let story = fails(&with_a_site_that(SiteFault::NoJicofo), &[], "jitsi");
    assert_eq!(story.told["restored"], "as-found");
}

#[test]
fn what_is_closed_to_strangers_passes_and_says_what_was_not_tried() {
    let stand = Stand::up(COMMAND);
    stand.world(|world| world.set_site_fault(&service(), Some(SiteFault::Closed)).unwrap());
    let story = Story::of(&stand, &["--phase", "jitsi"]);
    assert_eq!(story.code, 0, "{}", story.whole());
    let [.., login, conference] = story.checks("jitsi")[..] else {
        panic!("{}", story.whole())
    };
    assert_eq!((login, conference), (("L3 login", "pass"), ("L4 conference", "note")));
    assert!(
        story.why("jitsi", "L3 login").contains("closed to strangers"),
        "{}",
        story.whole()
    );
}

#[test]
fn the_final_status_fails_where_the_task_did_not_last() {
    let stand = Stand::of(COMMAND);
    // It dies while the HTTPS phase waits for somebody to answer on port 80, which takes minutes of the sandbox's time.
    let fate = TaskFate::Exits {
        after_running_seconds: 330,
        code: 137,
    };
    stand.world(|world| world.next_task_fate(&service(), fate));
    let run = stand.start(["--sandbox", "--skip", "jitsi"], 60);
    let output = run.output();
    assert_eq!(output.code, Some(3), "{}", output.said);
    let failed: Vec<&str> = output.said.lines().filter(|line| line.contains(": failed: ")).collect();
    assert_eq!(failed.len(), 1, "{}", output.said);
    assert!(failed[0].contains("8 final-status: failed"), "{}", output.said);
    assert_eq!(stand.still_billing(), Vec::<String>::new());
}

#[test]
fn restoring_fails_with_exit_code_1_and_names_what_is_left() {
    let stand = Stand::of(COMMAND);
    stand.world(|world| {
        world.add_platform(&PlatformSpec::default());
        deny(world, "elasticloadbalancing:DeleteLoadBalancer");
    });
    let story = Story::of(&stand, &["--phase", "scale-up,clean-up"]);
    assert_eq!(story.code, 1, "{}", story.whole());
    assert_eq!(story.phases("failed"), ["restore"], "{}", story.whole());
    assert_eq!(story.told["restored"], "failed");
    let error = story.told["error"].to_string();
    assert!(
        error.contains("left: load balancer `jitsi-video-platform-jvb-nlb`"),
        "{error}"
    );
    assert!(error.contains("scale-down --sandbox"), "{error}");
    assert!(stand.still_billing().contains(&"network-load-balancer".to_owned()));
}

#[test]
fn the_clean_up_fails_where_something_bills_that_did_not_before() {
    let stand = Stand::of(COMMAND);
    let mut run = stand.start(["--sandbox", "--phase", "initial-status,scale-up,clean-up"], 100);
    run.says("9 restore: the platform");
    stand.load_balancer_of_a_stranger("jitsi-video-platform-by-hand");
    let output = run.output();
    assert_eq!(output.code, Some(3), "{}", output.said);
    let fault = "10 clean-up: failed: bills: load balancer `jitsi-video-platform-by-hand` did not bill before the test";
    assert!(output.said.contains(fault), "{}", output.said);
    assert!(output.said.contains("9 restore: passed"), "{}", output.said);
}
