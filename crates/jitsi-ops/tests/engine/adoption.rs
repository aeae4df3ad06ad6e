//! Whose is it: resources of the same name that this tool did not make.

use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_up::Outcome;

use crate::stage::{ACCOUNT, Stage, assert_outcome, told};
use jitsi_ops::apply::apply;
use jitsi_ops::observation::Tags;
use jitsi_ops::ownership;
use jitsi_ops::state::State;
use jitsi_ops::step::Step;

/// A load balancer of the platform's name, made by somebody else.
async fn made_by_terraform(stage: &Stage, tags: Tags) {
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let subnets = stage.subnets().await;
    let step = Step::CreateLoadBalancer {
        eip_allocations: Vec::new(),
        name: stage.wanted.load_balancer.clone(),
        subnets,
        tags,
    };
    apply(&aws, &stage.wanted, &step).await.unwrap();
}

fn terraforms() -> Tags {
    Tags::from([("Project".to_owned(), "jitsi-video-platform".to_owned())])
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_without_our_tag_is_refused_and_nothing_is_made() {
    let stage = Stage::new();
    made_by_terraform(&stage, terraforms()).await;
    let before = stage.mutations().len();
    let report = stage.up().await;
    let (kind, text) = told(&report);
    assert_eq!(kind, ProblemKind::Refused);
    assert!(
        text.contains("jitsi-ops:platform") && text.contains("--adopt"),
        "{text}"
    );
    assert_eq!(stage.mutations().len(), before);
}

#[tokio::test(start_paused = true)]
async fn adopt_tags_it_and_brings_the_platform_up_with_it() {
    let mut stage = Stage::new();
    made_by_terraform(&stage, terraforms()).await;
    stage.wanted.adopt = true;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
    let operations: Vec<_> = report.steps.iter().map(|s| s.operation).collect();
    assert!(
        operations.contains(&"AddTags") && !operations.contains(&"CreateLoadBalancer"),
        "{operations:?}"
    );
    assert!(
        !operations.iter().any(|o| o.starts_with("De")),
        "adopting removes nothing: {operations:?}"
    );
    stage.wanted.adopt = false;
    assert_outcome(&stage, &stage.up().await, Outcome::AlreadyUp);
}

#[tokio::test(start_paused = true)]
async fn another_platforms_load_balancer_is_refused_even_with_adopt() {
    let mut stage = Stage::new();
    let other = "arn:aws:ecs:us-west-2:123456789012:service/other-cluster/other-service";
    made_by_terraform(
        &stage,
        Tags::from([("jitsi-ops:platform".to_owned(), other.to_owned())]),
    )
    .await;
    stage.wanted.adopt = true;
    let before = stage.mutations().len();
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Refused);
    assert!(text.contains(other), "{text}");
    assert_eq!(stage.mutations().len(), before);
}

#[tokio::test(start_paused = true)]
async fn ours_in_other_subnets_is_refused_with_the_way_out() {
    let mut stage = Stage::new();
    stage.up().await;
    stage.wanted.subnets = vec!["subnet-0000000000000000f".to_owned()];
    let before = stage.mutations().len();
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Refused);
    assert!(
        text.contains("cannot change that in place") && text.contains("delete-load-balancer"),
        "{text}"
    );
    assert_eq!(stage.mutations().len(), before);
}

#[tokio::test(start_paused = true)]
async fn ours_with_another_protocol_behind_the_same_name_is_refused() {
    let mut stage = Stage::new();
    stage.up().await;
    for listener in &mut stage.wanted.listeners {
        listener.group.port = 9999;
    }
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Refused);
    assert!(text.contains("its port is 10000, not 9999"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_run_that_has_adopted_removes_nothing_of_what_was_there() {
    let mut stage = Stage::new();
    made_by_terraform(&stage, terraforms()).await;
    stage.wanted.adopt = true;
    let fate = aws_sandbox::TaskFate::StopsWhileStarting {
        stop_code: "TaskFailedToStart".to_owned(),
        reason: "CannotPullContainerError: no".to_owned(),
        container_exit: None,
        after_seconds: 20,
    };
    stage
        .sandbox
        .world(|world| world.set_task_fate(&stage.spec.service_arn(), fate));
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Failed);
    assert_eq!(
        stage
            .bills()
            .iter()
            .filter(|kind| *kind == "network-load-balancer")
            .count(),
        1
    );
    assert!(
        stage.changes().iter().all(|o| !o.starts_with("Delete")),
        "{:?}",
        stage.changes()
    );
    assert_eq!(
        report.seen.service.here().map(|s| s.desired),
        Some(0),
        "the task that this run asked for is not asked for"
    );
    assert!(report.billing.iter().any(|b| b.kind == "load balancer" && b.certain));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_at_standby_takes_nothing_down_and_says_what_there_is() {
    let mut stage = Stage::new();
    made_by_terraform(&stage, terraforms()).await;
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Failed);
    assert_eq!(
        report.state,
        State::Standby,
        "somebody else's load balancer is not ours"
    );
    assert!(!stage.has_said("rolling back"));
    // Ours in other subnets, nothing running: the operator is told, and decides.
    let stage_of_ours = Stage::new();
    let tags = ownership::tags(&stage_of_ours.wanted, &stage_of_ours.spec.service_arn());
    made_by_terraform(&stage_of_ours, tags).await;
    stage = stage_of_ours;
    stage.wanted.subnets = vec!["subnet-0000000000000000f".to_owned()];
    let report = stage.up().await;
    assert_eq!(told(&report).0, ProblemKind::Refused);
    assert_eq!(report.state, State::Orphaned);
    assert_eq!(
        stage.bills().len(),
        3,
        "the load balancer and its two addresses stay: {:?}",
        stage.bills()
    );
}

#[tokio::test(start_paused = true)]
async fn a_stranger_of_another_kind_is_neither_adopted_nor_advised_to_be_deleted() {
    let mut stage = Stage::new();
    made_by_terraform(&stage, terraforms()).await;
    stage.wanted.adopt = true;
    stage.wanted.subnets = vec!["subnet-0000000000000000f".to_owned()];
    let before = stage.mutations().len();
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Refused);
    assert!(
        text.contains("not of the kind that is needed") && !text.contains("delete"),
        "{text}"
    );
    assert_eq!(stage.mutations().len(), before);
}

#[tokio::test(start_paused = true)]
async fn a_colleagues_start_with_more_tasks_is_not_undone() {
    let mut stage = Stage::new();
    stage.wanted.count = 2;
    stage.sandbox.crash_at(25, aws_sandbox::When::After);
    tokio::select! {
        _ = stage.up() => panic!("the colleague's run should be in the middle"),
        () = stage.sandbox.crashed() => {}
    }
    stage.wanted.count = 1;
    let before = stage.mutations().len();
    let (kind, text) = told(&stage.up().await);
    assert_eq!(kind, ProblemKind::Refused);
    assert!(text.contains("--count 2"), "{text}");
    assert_eq!(stage.mutations().len(), before);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_foresees_the_adoption_of_listeners_too() {
    let mut stage = Stage::new();
    // A whole load balancer of ours, whose tags somebody has taken away.
    stage.up().await;
    stage.forget_tags().await;
    stage.wanted.adopt = true;
    let report = stage.dry_run().await;
    assert_outcome(&stage, &report, Outcome::Planned);
    let adopted = report
        .planned
        .iter()
        .filter(|step| step.operation() == "AddTags")
        .count();
    assert_eq!(adopted, 5, "load balancer, two target groups, two listeners");
}
