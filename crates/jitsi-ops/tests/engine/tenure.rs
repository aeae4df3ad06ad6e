//! Several operations of one run, with one lock and one entry in the journal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sandbox::Fault;
use jitsi_ops::access::Aws;
use jitsi_ops::custody::Desk;
use jitsi_ops::journal::Outcome as Entered;
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_down::{self, ScaleDown};
use jitsi_ops::scale_up::{Interrupts, Outcome, Report, ScaleUp};
use jitsi_ops::tenure::{TEST_PLATFORM, Tenure};

use crate::journal_runs::journal_of;
use crate::stage::{ACCOUNT, Stage, assert_outcome, desk, down_request, request, told, words};

/// Takes the platform into one's hands, as who tests it does.
async fn hold(stage: &Stage, aws: &Aws) -> (Tenure, Desk) {
    let mut desk = desk();
    let seen = stage.dry_run().await.seen;
    let clock = stage.clock();
    let begun = Tenure::begin(aws, &stage.wanted, &seen, &desk, TEST_PLATFORM, &clock, &|_| {}).await;
    let (tenure, warnings) = begun.unwrap();
    assert_eq!(warnings, []);
    desk.tenure = Some(tenure.clone());
    (tenure, desk)
}

fn up_at(desk: &Desk) -> ScaleUp {
    ScaleUp {
        desk: desk.clone(),
        ..request()
    }
}

fn down_at(desk: &Desk) -> ScaleDown {
    ScaleDown {
        desk: desk.clone(),
        ..down_request()
    }
}

/// A platform in one's hands that is up.
struct Held {
    stage: Stage,
    aws: Aws,
    tenure: Tenure,
    desk: Desk,
    up: Report,
}

async fn up_in_ones_hands() -> Held {
    let stage = Stage::new();
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let (tenure, desk) = hold(&stage, &aws).await;
    let up = stage.run(&up_at(&desk), &Interrupts::default()).await;
    assert_outcome(&stage, &up, Outcome::Up);
    Held {
        stage,
        aws,
        tenure,
        desk,
        up,
    }
}

/// How often the lock was made and removed.
fn taken_and_given_back(stage: &Stage) -> (usize, usize) {
    let calls = stage.sandbox.calls();
    let of_lock = |operation: &str| {
        let done = calls.iter().filter(|c| c.operation == operation && c.status < 300);
        done.filter(|call| call.resource.contains("ops-lock/")).count()
    };
    (of_lock("PutObject"), of_lock("DeleteObject"))
}

#[tokio::test(start_paused = true)]
async fn up_and_down_under_one_lock_make_one_entry() {
    let Held {
        stage,
        aws,
        tenure,
        desk,
        ..
    } = up_in_ones_hands().await;
    let down = stage.run_down(&down_at(&desk), &Interrupts::default()).await;
    assert_eq!(down.outcome, scale_down::Outcome::Down, "{:?}", down.problem);
    let (_, given_back) = taken_and_given_back(&stage);
    assert_eq!(given_back, 0, "it is kept to the end");
    let open = journal_of(&stage).await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].outcome, Entered::Begun);
    let clock = stage.clock();
    let warnings = tenure
        .end(&aws, &stage.wanted, &down.seen, &clock, "passed", None)
        .await;
    assert_eq!(warnings, []);
    assert_eq!(taken_and_given_back(&stage).1, 1);
    let entries = journal_of(&stage).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    let entry = &entries[0];
    assert_eq!(
        (entry.operation.as_str(), &entry.outcome),
        ("test-platform", &Entered::Ended("passed".to_owned()))
    );
    let states = (entry.from_state.as_deref(), entry.to_state.as_deref());
    assert_eq!(states, (Some("standby"), Some("standby")));
    let mut kinds: Vec<&str> = entry.resources.iter().map(|it| it.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["load balancer", "task"]);
    for resource in &entry.resources {
        assert!(resource.deleted_at.is_some(), "{resource:?}");
        assert!(resource.charged.from.is_some(), "{resource:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_in_between_however_long_it_lasts() {
    let Held {
        stage,
        aws,
        tenure,
        desk,
        ..
    } = up_in_ones_hands().await;
    let clock = stage.clock();
    let looking = async {
        tokio::time::sleep(Duration::from_secs(600)).await;
        let other = stage.down().await;
        let (kind, text) = words(other.problem.as_ref());
        assert_eq!(kind, ProblemKind::Locked, "{text}");
        assert!(text.contains("test-platform"), "{text}");
    };
    tokio::select! {
        problem = tenure.keep(&aws, &clock) => panic!("{problem}"),
        () = looking => {}
    }
    let down = stage.run_down(&down_at(&desk), &Interrupts::default()).await;
    assert_eq!(down.outcome, scale_down::Outcome::Down, "{:?}", down.problem);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_lost_ends_the_keeping_and_every_change() {
    let Held {
        stage,
        aws,
        tenure,
        desk,
        ..
    } = up_in_ones_hands().await;
    let s3 = aws_sdk_s3::Client::new(&stage.sdk(ACCOUNT, "us-west-2"));
    let bucket = stage.spec.bucket_name();
    let found = s3
        .list_objects_v2()
        .bucket(&bucket)
        .prefix("ops-lock/")
        .send()
        .await
        .unwrap();
    let key = found.contents()[0].key().unwrap();
    s3.delete_object().bucket(&bucket).key(key).send().await.unwrap();
    let problem = tenure.keep(&aws, &stage.clock()).await;
    assert_eq!(problem.kind, ProblemKind::Locked, "{problem}");
    stage.mark();
    let down = stage.run_down(&down_at(&desk), &Interrupts::default()).await;
    assert_eq!(words(down.problem.as_ref()).0, ProblemKind::Locked);
    assert_eq!(stage.changes(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_was_stopped_in_the_middle_of_a_change_changes_nothing_more() {
    let stage = Stage::new();
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let (_tenure, desk) = hold(&stage, &aws).await;
    let slow = Duration::from_secs(30);
    stage.sandbox.inject(Fault::on("UpdateService").slow(slow));
    let (interrupts, order) = (Interrupts::default(), up_at(&desk));
    let (up, ()) = tokio::join!(stage.run(&order, &interrupts), async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        interrupts.second.cancel();
    });
    assert_eq!(up.problem.map(|problem| problem.kind), Some(ProblemKind::Interrupted));
    stage.mark();
    let down = stage.run_down(&down_at(&desk), &Interrupts::default()).await;
    let (kind, text) = words(down.problem.as_ref());
    assert_eq!(kind, ProblemKind::Failed);
    assert!(text.contains("stopped in the middle"), "{text}");
    assert_eq!(stage.changes(), Vec::<String>::new());
}

/// Somebody is asked for by a probe, and does not come: the sentinel sees a meeting for a while.
fn ask_for_a_room(stage: &Stage) {
    let service = stage.spec.service_arn();
    let asked = stage.sandbox.world(|world| world.request_conference(&service));
    assert_eq!(asked, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn the_room_of_a_test_that_died_is_waited_out() {
    let Held {
        stage, tenure, desk, ..
    } = up_in_ones_hands().await;
    ask_for_a_room(&stage);
    tokio::time::sleep(Duration::from_secs(12)).await;
    // It is killed.
    drop((tenure, desk));
    let down = stage.down().await;
    assert_eq!(down.outcome, scale_down::Outcome::Down, "{:?}", down.problem);
    assert!(
        stage.has_said("its own room may still count"),
        "{}",
        stage.said().join("\n")
    );
    assert_eq!(stage.bills(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn without_a_test_nothing_is_waited_out() {
    let stage = Stage::new();
    assert_outcome(&stage, &stage.up().await, Outcome::Up);
    tokio::time::sleep(Duration::from_secs(120)).await;
    ask_for_a_room(&stage);
    tokio::time::sleep(Duration::from_secs(12)).await;
    let down = stage.down().await;
    let (kind, text) = words(down.problem.as_ref());
    assert_eq!(kind, ProblemKind::Refused, "{text}");
    assert!(!stage.has_said("its own room"), "{}", stage.said().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn who_joins_after_a_test_that_died_keeps_the_platform() {
    let Held {
        stage, tenure, desk, ..
    } = up_in_ones_hands().await;
    drop((tenure, desk));
    stage.begin_meeting();
    tokio::time::sleep(Duration::from_secs(12)).await;
    let down = stage.down().await;
    assert_eq!(words(down.problem.as_ref()).0, ProblemKind::Refused);
    assert_eq!(stage.cut_off(), []);
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_in_while_it_waits_for_quiet_on_the_way_down() {
    let Held {
        stage,
        aws,
        tenure,
        desk,
        up,
    } = up_in_ones_hands().await;
    ask_for_a_room(&stage);
    let mut order = down_at(&desk);
    order.wait_idle = Duration::from_secs(120);
    let mut another = crate::stage::desk();
    another.lock_wait = Duration::from_secs(900);
    let ended = AtomicBool::new(false);
    let (interrupts, clock) = (Interrupts::default(), stage.clock());
    tokio::join!(
        async {
            let down = stage.run_down(&order, &interrupts).await;
            assert_eq!(down.outcome, scale_down::Outcome::Down, "{:?}", down.problem);
            ended.store(true, Ordering::Relaxed);
            let warnings = tenure
                .end(&aws, &stage.wanted, &down.seen, &clock, "passed", None)
                .await;
            assert_eq!(warnings, []);
        },
        async {
            let theirs = Tenure::begin(&aws, &stage.wanted, &up.seen, &another, TEST_PLATFORM, &clock, &|_| {}).await;
            assert!(theirs.is_ok(), "{theirs:?}");
            assert!(ended.load(Ordering::Relaxed), "the lock was taken over in the middle");
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_a_test_has_left_long_ago_tells_nothing_of_a_meeting() {
    let Held {
        stage, tenure, desk, ..
    } = up_in_ones_hands().await;
    drop((tenure, desk));
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    stage.begin_meeting();
    tokio::time::sleep(Duration::from_secs(12)).await;
    let down = stage.down().await;
    assert_eq!(words(down.problem.as_ref()).0, ProblemKind::Refused);
    assert!(!stage.has_said("its own room"), "{}", stage.said().join("\n"));
}

#[tokio::test(start_paused = true)]
async fn without_a_bucket_the_room_of_a_test_that_died_is_known_by_its_entry() {
    let mut stage = Stage::new();
    stage.spec.bucket = Some("somebody-elses".to_owned());
    stage.build();
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let mut desk = desk();
    let seen = stage.dry_run().await.seen;
    let begun = Tenure::begin(
        &aws,
        &stage.wanted,
        &seen,
        &desk,
        TEST_PLATFORM,
        &stage.clock(),
        &|_| {},
    )
    .await;
    let (tenure, warnings) = begun.unwrap();
    assert!(
        warnings.iter().any(|w| w.message.contains("only runs on this machine")),
        "{warnings:?}"
    );
    desk.tenure = Some(tenure);
    let up = stage.run(&up_at(&desk), &Interrupts::default()).await;
    assert_outcome(&stage, &up, Outcome::Up);
    ask_for_a_room(&stage);
    tokio::time::sleep(Duration::from_secs(12)).await;
    // It is killed, and somebody goes on at the same machine.
    desk.tenure = None;
    desk.nonce = "another".to_owned();
    let order = ScaleDown { desk, ..down_request() };
    let down = stage.run_down(&order, &Interrupts::default()).await;
    assert_eq!(down.outcome, scale_down::Outcome::Down, "{:?}", down.problem);
    assert!(
        stage.has_said("its own room may still count"),
        "{}",
        stage.said().join("\n")
    );
}

#[tokio::test(start_paused = true)]
async fn who_finds_it_up_for_a_test_is_told_that_it_goes_down_again() {
    let Held {
        stage, aws, tenure, up, ..
    } = up_in_ones_hands().await;
    let clock = stage.clock();
    let other = tokio::select! {
        problem = tenure.keep(&aws, &clock) => panic!("{problem}"),
        report = stage.up() => report,
    };
    let (kind, text) = told(&other);
    assert_eq!(kind, ProblemKind::Locked, "{text}");
    assert!(text.contains("up for a test") && text.contains("--for 3h"), "{text}");
    let mut other = stage.again();
    other.wanted.lease = Some(jiff::SignedDuration::from_hours(3));
    let mut patient = request();
    patient.desk.lock_wait = Duration::from_secs(600);
    let interrupts = Interrupts::default();
    let (leased, ()) = tokio::join!(other.run(&patient, &interrupts), async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        tenure.end(&aws, &stage.wanted, &up.seen, &clock, "passed", None).await;
    });
    assert!(leased.problem.is_none(), "{:?}", leased.problem);
    assert_eq!(stage.up().await.outcome, Outcome::AlreadyUp);
}
