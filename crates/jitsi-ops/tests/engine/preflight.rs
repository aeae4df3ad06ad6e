//! What stops a scale-up before anything that bills is made.

use aws_sandbox::Fault;
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::scale_up::{Interrupts, Outcome, Report, scale_up};

use crate::stage::{ACCOUNT, Stage, assert_outcome, request, told};

/// The run must have failed as `kind`, told `parts`, and changed nothing.
#[track_caller]
fn stopped(stage: &Stage, report: &Report, kind: ProblemKind, parts: &[&str]) {
    let (actual, text) = told(report);
    assert_eq!(actual, kind, "{text}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    assert_eq!(stage.mutations(), Vec::<String>::new(), "something was changed");
}

#[tokio::test(start_paused = true)]
async fn another_account_is_refused() {
    let stage = Stage::new();
    let aws = stage.aws_as("210987654321").await.unwrap();
    let report = scale_up(
        &aws,
        &stage.wanted,
        &request(),
        stage.clock(),
        &|_| {},
        &Interrupts::default(),
    )
    .await;
    stopped(
        &stage,
        &report,
        ProblemKind::Refused,
        &["`210987654321`", "`123456789012`", "aws_profile"],
    );
    let (_, text) = told(&report);
    assert!(
        !text.contains("aws ecs") && !text.contains("aws elbv2"),
        "what is there is not ours: {text}"
    );
    assert_eq!(report.state, jitsi_ops::state::State::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_region_without_the_cluster_stops() {
    let mut stage = Stage::new();
    stage.wanted.region = "eu-west-1".to_owned();
    let report = stage.up().await;
    stopped(
        &stage,
        &report,
        ProblemKind::NotReady,
        &[
            "no cluster `jitsi-video-platform-cluster`",
            "eu-west-1",
            "show --origin",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_missing_service_stops_though_aws_answers_200() {
    let mut stage = Stage::new();
    stage.wanted.service = "nobody".to_owned();
    let report = stage.up().await;
    stopped(
        &stage,
        &report,
        ProblemKind::NotReady,
        &["no service `nobody`", "MISSING"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_that_drains_or_is_inactive_stops() {
    for status in ["DRAINING", "INACTIVE"] {
        let stage = Stage::new();
        stage
            .sandbox
            .world(|world| world.set_service_status(&stage.spec.service_arn(), status).unwrap());
        let report = stage.up().await;
        stopped(&stage, &report, ProblemKind::NotReady, &[status]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_deployment_stops_because_it_would_start_no_task() {
    let stage = Stage::new();
    stage
        .sandbox
        .world(|world| world.mark_deployment_failed(&stage.spec.service_arn()).unwrap());
    let report = stage.up().await;
    stopped(
        &stage,
        &report,
        ProblemKind::NotReady,
        &["FAILED", "--force-new-deployment"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_does_not_resolve_stops() {
    let stage = Stage::new();
    stage.forget_parameter("/jitsi-video-platform/jvb_auth_password").await;
    let report = stage.up().await;
    stopped(
        &stage,
        &report,
        ProblemKind::NotReady,
        &["`/jitsi-video-platform/jvb_auth_password`", "put-parameter"],
    );
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_missing_or_elsewhere_stops_and_a_forbidden_one_is_a_warning() {
    let stage = Stage::configured("bucket = \"no-such-bucket-here\"");
    stopped(
        &stage,
        &stage.up().await,
        ProblemKind::NotReady,
        &["no bucket `no-such-bucket-here`", "404"],
    );

    let stage = Stage::configured("bucket = \"recordings-in-europe\"");
    stage.add_bucket(ACCOUNT, "eu-west-1", "recordings-in-europe").await;
    stopped(
        &stage,
        &stage.up().await,
        ProblemKind::NotReady,
        &["in another region", "eu-west-1"],
    );

    let stage = Stage::configured("bucket = \"somebody-elses\"");
    stage.add_bucket("210987654321", "us-west-2", "somebody-elses").await;
    let report = stage.up().await;
    assert!(
        stage.has_said("`somebody-elses` could not be checked"),
        "{}",
        stage.said().join("\n")
    );
    // Looking is not needed, but the lock has to be kept in it.
    stopped(
        &stage,
        &report,
        ProblemKind::Usage,
        &["keep the lock in bucket `somebody-elses`", "s3:PutObject"],
    );

    let stage = Stage::new();
    stage.sandbox.inject(Fault::on("HeadBucket").access_denied());
    stage.sandbox.inject(Fault::on("ListBuckets").access_denied());
    let report = stage.up().await;
    assert_outcome(&stage, &report, Outcome::Up);
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_a_warning_and_the_run_goes_on() {
    for operation in [
        "GetParameters",
        "DescribeTaskDefinition",
        "DescribeClusters",
        "ListBuckets",
    ] {
        let stage = Stage::new();
        stage.sandbox.inject(Fault::on(operation).access_denied());
        let report = stage.up().await;
        assert_outcome(&stage, &report, Outcome::Up);
        assert!(
            stage
                .said()
                .iter()
                .any(|l| l.starts_with("warning") && l.contains("AccessDenied")),
            "{operation}: {}",
            stage.said().join("\n")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_may_not_be_read_stops_and_names_the_permission() {
    let stage = Stage::new();
    stage.sandbox.inject(Fault::on("DescribeServices").access_denied());
    let report = stage.up().await;
    stopped(
        &stage,
        &report,
        ProblemKind::Failed,
        &["DescribeServices", "ecs:DescribeServices"],
    );
}

#[tokio::test(start_paused = true)]
async fn expired_credentials_stop_and_say_so() {
    let stage = Stage::new();
    stage
        .sandbox
        .world(|world| world.set_credential(ACCOUNT, aws_sandbox::CredentialState::Expired));
    let report = stage.up().await;
    stopped(&stage, &report, ProblemKind::Failed, &["ExpiredToken", "credentials"]);
}

#[tokio::test(start_paused = true)]
async fn an_aws_that_never_answers_is_given_up_within_minutes() {
    let stage = Stage::new();
    stage.sandbox.inject(Fault::on_any().dropped_before());
    let report = stage.up().await;
    stopped(&stage, &report, ProblemKind::Failed, &["network"]);
    assert!(report.elapsed.as_secs() < 180, "{:?}", report.elapsed);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_stops_where_the_run_would() {
    let mut stage = Stage::new();
    stage.wanted.service = "nobody".to_owned();
    let report = stage.dry_run().await;
    stopped(&stage, &report, ProblemKind::NotReady, &["no service `nobody`"]);
}
