//! The bill that AWS tells: whose, how often it is asked for, and what is no bill.

use aws_sandbox::Fault;
use jiff::civil::{Date, date};
use jitsi_ops::actual::{account, bill};
use jitsi_ops::problem::ProblemKind;

use crate::stage::{ACCOUNT, Stage};

/// By the sandbox's clock it is January 2026.
const JANUARY: (Date, Date) = (date(2026, 1, 1), date(2026, 2, 1));

/// How often Cost Explorer was asked, be it in vain.
fn asked(stage: &Stage) -> usize {
    let calls = stage.sandbox.calls();
    calls.iter().filter(|call| call.operation == "GetCostAndUsage").count()
}

#[tokio::test(start_paused = true)]
async fn the_bill_is_asked_for_once_in_the_one_region_that_has_it() {
    let stage = Stage::new();
    stage.up().await;
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let bill = bill(&aws, JANUARY.0, JANUARY.1).await.unwrap();
    assert!(bill.estimated);
    assert_eq!(bill.requests, 1);
    let types: Vec<&str> = bill.lines.iter().map(|line| line.usage_type.as_str()).collect();
    for expected in [
        "USW2-Fargate-vCPU-Hours:perCPU",
        "USW2-Fargate-GB-Hours",
        "USW2-LoadBalancerUsage",
        "USW2-PublicIPv4:InUseAddress",
    ] {
        assert!(types.contains(&expected), "{types:?}");
    }
    let calls = stage.sandbox.calls();
    let call = calls.iter().find(|call| call.service == "ce").unwrap();
    assert_eq!((call.region.as_str(), call.mutating), ("us-east-1", false));
    assert_eq!(asked(&stage), 1);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_fails_is_made_once() {
    let stage = Stage::new();
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let fault = || Fault::on("GetCostAndUsage").times(u64::MAX);
    for (n, fault) in [fault().throttled(), fault().server_error(), fault().dropped_after()]
        .into_iter()
        .enumerate()
    {
        stage.sandbox.clear_faults();
        stage.sandbox.inject(fault);
        assert!(bill(&aws, JANUARY.0, JANUARY.1).await.is_err());
        assert_eq!(asked(&stage), n + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn pages_are_followed_and_no_more_than_three_are_paid_for() {
    let stage = Stage::new();
    stage.up().await;
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let whole = bill(&aws, JANUARY.0, JANUARY.1).await.unwrap();
    stage.sandbox.world(|world| world.cost_page(2));
    let paged = bill(&aws, JANUARY.0, JANUARY.1).await.unwrap();
    assert_eq!((paged.requests, asked(&stage)), (3, 4));
    let types = |bill: &jitsi_ops::actual::Bill| {
        let lines = bill.lines.iter();
        lines.map(|line| line.usage_type.clone()).collect::<Vec<_>>()
    };
    assert_eq!(types(&paged), types(&whole));
    stage.sandbox.world(|world| world.cost_page(1));
    let failure = bill(&aws, JANUARY.0, JANUARY.1).await.unwrap_err();
    assert!(failure.message.contains("more than 3 pages"), "{failure:?}");
    assert!(!failure.may_pass());
    assert_eq!(asked(&stage), 7);
}

#[tokio::test(start_paused = true)]
async fn the_bill_of_another_account_than_the_configured_one_is_refused() {
    let mut stage = Stage::new();
    stage.wanted.account_id = Some("999999999999".to_owned());
    let aws = stage.aws_as(ACCOUNT).await.unwrap();
    let problem = account(&aws, &stage.wanted).await.unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Refused);
    assert!(problem.what.contains(ACCOUNT), "{problem:?}");
}
