//! One look at everything: the state in each case, what is said where a read failed, and what the look takes.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sandbox::Fault;
use jitsi_ops::clock::Clock;
use jitsi_ops::guard::Verdict;
use jitsi_ops::reading::Reading;
use jitsi_ops::state::State;
use jitsi_ops::survey::{Survey, ledger, survey};

use crate::stage::{ACCOUNT, Stage, desk};

async fn look(stage: &Stage) -> Survey {
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    survey(&aws, &stage.wanted, &desk().state_folder, &stage.clock()).await
}

fn with_its_bucket_named() -> Stage {
    let bucket = Stage::new().spec.bucket_name();
    Stage::configured(&format!("bucket = \"{bucket}\""))
}

/// State and grounds.
fn told(stage: &Stage, seen: &Survey) -> (State, String) {
    let found = seen.assessment(&stage.wanted);
    (found.state, found.because.join("; "))
}

#[tokio::test(start_paused = true)]
async fn at_zero_it_is_standby_and_nobody_meets() {
    let stage = with_its_bucket_named();
    let seen = look(&stage).await;
    assert_eq!(told(&stage, &seen), (State::Standby, String::new()));
    assert_eq!(seen.unread(&stage.wanted), []);
    assert_eq!(seen.seen.guard.as_ref().unwrap().verdict, Verdict::NothingRuns);
    assert_eq!(seen.seen.account(), Some(ACCOUNT));
    assert!(seen.journal.as_ref().unwrap().entries.is_empty());
}

#[tokio::test(start_paused = true)]
async fn up_it_is_active_with_what_the_last_run_wrote() {
    let stage = with_its_bucket_named();
    stage.up().await;
    let seen = look(&stage).await;
    assert_eq!(told(&stage, &seen), (State::Active, String::new()));
    assert_eq!(seen.unread(&stage.wanted), []);
    assert!(seen.lock.is_absent(), "{:?}", seen.lock);
    let entries = &seen.journal.as_ref().unwrap().entries;
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].operation, "scale-up");
    assert!(seen.since(State::Active).is_some());
    let task = &seen.seen.tasks()[0];
    assert_eq!((task.cpu_units, task.memory_mib), (Some(4096), Some(8192)));
    assert!(task.containers.iter().all(|container| container.image.is_some()));
}

#[tokio::test(start_paused = true)]
async fn while_a_scale_up_works_it_is_transitional_and_says_who() {
    let stage = with_its_bucket_named();
    let other = stage.again();
    let (report, ()) = tokio::join!(other.up(), async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_secs(20)).await;
            let seen = look(&stage).await;
            let (state, because) = told(&stage, &seen);
            assert_eq!(state, State::Transitional, "{because}");
            assert!(because.starts_with("at work: scale-up of "), "{because}");
        }
    });
    assert!(report.problem.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_a_dead_run_has_left_is_nobody_at_work() {
    let stage = with_its_bucket_named();
    let other = stage.again();
    // Killed in the middle.
    let _ = tokio::time::timeout(Duration::from_secs(10), other.up()).await;
    tokio::time::sleep(Duration::from_secs(1800)).await;
    let seen = look(&stage).await;
    assert!(seen.lock.here().is_some());
    let (state, because) = told(&stage, &seen);
    assert_eq!(state, State::Degraded, "{because}");
    assert!(because.contains("is not registered"), "{because}");
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_unhealthy_makes_it_degraded_by_name() {
    let stage = with_its_bucket_named();
    stage.up().await;
    stage.sandbox.world(|world| world.health_checks_reach_tasks(false));
    tokio::time::sleep(Duration::from_secs(300)).await;
    let (state, because) = told(&stage, &look(&stage).await);
    assert_eq!(state, State::Degraded);
    assert!(because.contains("is unhealthy (Target."), "{because}");
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_without_tasks_makes_it_orphaned() {
    let stage = with_its_bucket_named();
    stage.load_balancer_of_ours().await;
    let seen = look(&stage).await;
    let (state, because) = told(&stage, &seen);
    assert_eq!(state, State::Orphaned);
    assert!(because.contains("exists, and bills"), "{because}");
    assert!(seen.since(State::Orphaned).is_some());
}

#[tokio::test(start_paused = true)]
async fn one_of_ours_under_another_name_makes_it_orphaned_too() {
    let mut stage = with_its_bucket_named();
    stage.load_balancer_of_ours().await;
    stage.rename("new");
    let (state, because) = told(&stage, &look(&stage).await);
    assert_eq!(state, State::Orphaned);
    assert!(because.contains("is this platform's by its tags"), "{because}");
}

#[tokio::test(start_paused = true)]
async fn a_strangers_load_balancer_of_our_name_is_not_our_bill() {
    let stage = with_its_bucket_named();
    stage.load_balancer_of_a_stranger(&stage.wanted.load_balancer).await;
    let (state, because) = told(&stage, &look(&stage).await);
    assert_eq!(state, State::Standby, "{because}");
}

#[tokio::test(start_paused = true)]
async fn another_account_is_unknown_whatever_is_in_it() {
    let mut stage = with_its_bucket_named();
    stage.wanted.account_id = Some("999999999999".to_owned());
    let (state, because) = told(&stage, &look(&stage).await);
    assert_eq!(state, State::Unknown);
    assert!(
        because.contains(ACCOUNT) && because.contains("999999999999"),
        "{because}"
    );
}

/// Operations that a look makes, whatever the state.
async fn operations(stage: &Stage) -> BTreeSet<String> {
    stage.mark();
    let before = stage.sandbox.calls().len();
    look(stage).await;
    let calls = stage.sandbox.calls();
    assert!(calls[before..].iter().all(|call| !call.mutating));
    calls[before..].iter().map(|call| call.operation.clone()).collect()
}

/// Those without which the state cannot be told, up and at zero.
const DECIDE_UP: [&str; 7] = [
    "DescribeServices",
    "ListTasks",
    "DescribeTasks",
    "DescribeLoadBalancers",
    "DescribeTargetGroups",
    "DescribeTargetHealth",
    "ListResourceRecordSets",
];
const DECIDE_AT_ZERO: [&str; 5] = [
    "DescribeServices",
    "ListTasks",
    "DescribeLoadBalancers",
    "DescribeTargetGroups",
    "DescribeTags",
];

#[tokio::test(start_paused = true)]
async fn with_any_one_read_denied_the_rest_is_there_and_the_denied_one_is_named() {
    for up in [false, true] {
        let mut stage = crate::dns::with_a_zone();
        if up {
            stage.up().await;
        } else {
            // Something under another name, so that tags are asked for.
            stage.load_balancer_of_a_stranger("other").await;
        }
        stage.wanted.bucket = Some(stage.spec.bucket_name());
        let healthy = look(&stage).await.assessment(&stage.wanted).state;
        assert_eq!(healthy, if up { State::Active } else { State::Standby });
        for operation in operations(&stage).await {
            stage.sandbox.inject(Fault::on(&operation).times(100).access_denied());
            let seen = look(&stage).await;
            stage.sandbox.clear_faults();
            let guard = match &seen.seen.guard.as_ref().map(|g| &g.verdict) {
                Some(Verdict::Unknown { reasons, .. }) => reasons.join("; "),
                _ => String::new(),
            };
            let unread = seen.unread(&stage.wanted);
            let named = unread.iter().any(|u| u.why.contains(&operation)) || guard.contains(&operation);
            assert!(named, "{operation}: {unread:?} {guard}");
            assert!(unread.len() <= 4, "{operation}: {unread:?}");
            let decides: &[&str] = if up { &DECIDE_UP } else { &DECIDE_AT_ZERO };
            let (state, because) = told(&stage, &seen);
            if decides.contains(&operation.as_str()) {
                assert_eq!(state, State::Unknown, "{operation}");
                assert!(because.contains(&operation), "{operation}: {because}");
            } else {
                assert_eq!(state, healthy, "{operation}: {because}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_chain_is_three_calls_in_each_state() {
    // The sandbox takes 40 ms for itself.
    const ADDED: Duration = Duration::from_millis(50);
    const EACH: i128 = 90;
    let stage = with_its_bucket_named();
    let measure = async |state: State| {
        stage.sandbox.inject(Fault::on_any().times(1_000).slow(ADDED));
        let clock = Clock::starting_at(stage.sandbox.now(), 1.0);
        let began = clock.now();
        let seen = look(&stage).await;
        stage.sandbox.clear_faults();
        assert_eq!(told(&stage, &seen).0, state);
        clock.now().duration_since(began).as_millis()
    };
    assert_eq!(measure(State::Standby).await, 2 * EACH);
    stage.up().await;
    assert_eq!(measure(State::Active).await, 3 * EACH);
    stage
        .sandbox
        .world(|world| world.replace_task(&stage.spec.service_arn()))
        .unwrap();
    assert_eq!(measure(State::Transitional).await, 3 * EACH);
}

/// A platform of a hundred tasks and twenty target groups, up.
async fn large() -> Stage {
    let listeners: Vec<String> = (10_000..10_020).map(|port| format!("\"udp:{port}\"")).collect();
    let bucket = Stage::new().spec.bucket_name();
    let mut stage = Stage::configured(&format!(
        "bucket = \"{bucket}\"\n[profiles.ops.nlb]\nlisteners = [{}]",
        listeners.join(", ")
    ));
    stage.sandbox.world(|world| {
        for limit in [
            "targets-per-target-group",
            "targets-per-availability-zone-per-network-load-balancer",
        ] {
            world.set_limit(limit, 10_000).unwrap();
        }
    });
    let up = stage.up().await;
    assert!(up.problem.is_none(), "{:?}", up.problem);
    stage.scale_by_hand(100).await;
    stage.wanted.count = 100;
    let report = stage.register().await;
    assert!(report.problem.is_none(), "{:?}", report.problem);
    stage
}

#[tokio::test(start_paused = true)]
async fn a_hundred_tasks_and_twenty_target_groups_take_thirty_calls_beside_the_entries_of_the_journal() {
    let stage = large().await;
    // What the registration has used up of AWS's bucket of calls comes back.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let before = stage.sandbox.calls().len();
    let seen = look(&stage).await;
    assert_eq!(told(&stage, &seen), (State::Active, String::new()));
    let calls = stage.sandbox.calls().split_off(before);
    let entries = seen.journal.as_ref().unwrap().entries.len();
    let made: Vec<(&str, u16)> = calls
        .iter()
        .map(|call| (call.operation.as_str(), call.status))
        .collect();
    assert!(calls.len() - entries <= 30, "{made:?}");
    assert!(matches!(&seen.seen.tasks, Reading::Here(tasks) if tasks.len() == 100));
}

#[tokio::test(start_paused = true)]
async fn the_monitors_policy_is_enough_to_look_and_allows_no_change() {
    let stage = with_its_bucket_named();
    stage.up().await;
    crate::policies::only_as(&stage, "monitor");
    let seen = look(&stage).await;
    assert_eq!(told(&stage, &seen), (State::Active, String::new()));
    assert_eq!(seen.unread(&stage.wanted), []);
    assert_eq!(seen.seen.guard.as_ref().unwrap().verdict, Verdict::Quiet);
    stage.mark();
    let down = stage.down().await;
    assert!(down.problem.is_some());
    assert_eq!(stage.mutations(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn who_only_looks_can_read_the_ledger() {
    let stage = with_its_bucket_named();
    stage.up().await;
    crate::policies::only_as(&stage, "monitor");
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let copies = tempfile::tempdir().unwrap();
    let ledger = ledger(&aws, &stage.wanted, &desk().state_folder).await;
    assert!(ledger.shape.unread.is_none(), "{:?}", ledger.shape);
    assert_eq!(ledger.shape.task.cpu_units, Some(4096));
    let mut operations = Vec::new();
    let journal = ledger.journal.unwrap();
    let history = journal.history(&aws, copies.path(), |entry| operations.push(entry.operation));
    history.await.unwrap();
    assert_eq!(operations, ["scale-up"]);
}

#[tokio::test(start_paused = true)]
async fn while_the_bucket_cannot_be_looked_for_who_is_at_work_is_unknown() {
    let stage = Stage::new();
    stage.up().await;
    stage.sandbox.inject(Fault::on("ListBuckets").times(100).server_error());
    let seen = look(&stage).await;
    assert!(seen.lock.failure().is_some(), "{:?}", seen.lock);
    assert!(seen.journal.is_err());
    let unread = seen.unread(&stage.wanted);
    let named = unread.iter().filter(|u| u.why.contains("ListBuckets"));
    assert_eq!(named.count(), 2, "{unread:?}");
}

#[tokio::test(start_paused = true)]
async fn what_may_bill_and_could_not_be_looked_for_leaves_no_cost_complete() {
    let mut stage = with_its_bucket_named();
    let complete = async |stage: &Stage| {
        let seen = look(stage).await;
        let running = seen.running(&stage.wanted);
        jitsi_cost::PriceBook::built_in()
            .hourly_cost(&stage.wanted.region, &running)
            .per_hour
            .is_complete()
    };
    assert!(complete(&stage).await);
    stage.load_balancer_of_ours().await;
    stage.rename("new");
    assert!(complete(&stage).await, "one under another name is looked at");
    for operation in ["DescribeTags", "DescribeServices", "DescribeLoadBalancers", "ListTasks"] {
        stage.sandbox.inject(Fault::on(operation).times(100).access_denied());
        assert!(!complete(&stage).await, "{operation}");
        stage.sandbox.clear_faults();
    }
}
