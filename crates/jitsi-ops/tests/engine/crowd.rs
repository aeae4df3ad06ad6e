//! Many tasks behind one load balancer, none of them registered, with AWS's limits raised as far as that needs.

use std::time::Duration;

use aws_sandbox::Call;
use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use jitsi_ops::register_targets::Outcome;

use crate::stage::{ACCOUNT, Stage};

/// So many tasks run, and none is a target.
pub(crate) async fn crowd(tasks: u32) -> Stage {
    let mut stage = Stage::configured(&format!(
        "bucket = \"{}\"",
        aws_sandbox::PlatformSpec::default().bucket_name()
    ));
    stage.sandbox.world(|world| {
        for limit in [
            "targets-per-target-group",
            "targets-per-availability-zone-per-network-load-balancer",
        ] {
            world.set_limit(limit, 4 * u64::from(tasks) + 100).unwrap();
        }
    });
    let up = stage.up().await;
    assert!(up.problem.is_none(), "{:?}", up.problem);
    stage.scale_by_hand(tasks as i32).await;
    stage.wanted.count = tasks;
    tokio::time::sleep(Duration::from_secs(200)).await;
    let elb = aws_sdk_elasticloadbalancingv2::Client::new(&stage.sdk(ACCOUNT, &stage.wanted.region));
    for name in stage.wanted.group_names() {
        let group = up.seen.group(name).unwrap();
        let targets = up.seen.targets_in(name).unwrap().iter();
        let targets = targets.map(|t| TargetDescription::builder().id(&t.id).port(i32::from(t.port)).build());
        let deregister = elb.deregister_targets().target_group_arn(&group.arn);
        deregister.set_targets(Some(targets.collect())).send().await.unwrap();
    }
    // Its target drains, and is gone.
    tokio::time::sleep(Duration::from_secs(300)).await;
    stage.mark();
    stage
}

/// What a run takes.
pub(crate) struct Effort {
    /// Calls up to the last registration.
    pub(crate) calls: usize,
    /// Those of them that are about lock and journal.
    pub(crate) calls_to_s3: usize,
    /// Calls that AWS has turned away.
    pub(crate) throttled: usize,
    /// Seconds of AWS's time up to the last registration.
    pub(crate) registered_after: f64,
    /// Calls until everything was healthy and the run over.
    pub(crate) all_calls: usize,
    /// Seconds of AWS's time until then.
    pub(crate) healthy_after: f64,
}

impl Effort {
    /// Registers everything on this stage.
    pub(crate) async fn of(stage: &Stage) -> Self {
        let (before, began) = (stage.sandbox.calls().len(), stage.sandbox.now());
        let report = stage.register().await;
        assert_eq!(report.outcome, Outcome::Registered, "{:?}", report.problem);
        let calls = stage.sandbox.calls().split_off(before);
        let last = calls
            .iter()
            .rposition(|call| call.operation == "RegisterTargets")
            .unwrap();
        let seconds = |call: &Call| call.at.duration_since(began).as_secs_f64();
        Self {
            calls: last + 1,
            calls_to_s3: calls[..=last].iter().filter(|call| call.service == "s3").count(),
            throttled: calls
                .iter()
                .filter(|call| call.error.as_deref().is_some_and(|e| e.contains("Throttl")))
                .count(),
            registered_after: seconds(&calls[last]),
            all_calls: calls.len(),
            healthy_after: stage.sandbox.now().duration_since(began).as_secs_f64(),
        }
    }
}
