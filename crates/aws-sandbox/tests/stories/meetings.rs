//! Meetings as ground truth: who was in, who was cut off, and by which call.

use std::time::Duration;

use aws_sandbox::{CutOffBy, Meeting, TaskFate};
use aws_sdk_ecs::types::ServiceField;
use aws_sdk_elasticloadbalancingv2::types::{ProtocolEnum, TargetDescription};

use crate::stage::{Stage, seconds, stage};

fn begin(stage: &Stage) -> usize {
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.begin_meeting(&service)).unwrap()
}

fn end(stage: &Stage) -> usize {
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.end_meeting(&service)).unwrap()
}

/// The only meeting.
fn meeting(stage: &Stage) -> Meeting {
    let mut meetings = stage.sandbox.world(|world| world.meetings());
    assert_eq!(meetings.len(), 1);
    meetings.remove(0)
}

/// What cut the only meeting off, and the operation of the call that is blamed.
fn cut_off(stage: &Stage) -> (CutOffBy, Option<String>) {
    let cut_off = meeting(stage).cut_off.expect("it was cut off");
    let operation = cut_off.call.map(|number| {
        let calls = stage.sandbox.calls();
        calls.into_iter().find(|call| call.number == number).unwrap().operation
    });
    (cut_off.by, operation)
}

fn by(what: CutOffBy, operation: &str) -> (CutOffBy, Option<String>) {
    (what, Some(operation.to_owned()))
}

/// A running task that is registered behind a load balancer: load balancer, listener, target group, address.
async fn served(stage: &Stage) -> [String; 4] {
    let balancer = stage.load_balancer("nlb").await;
    let (arn, vpc) = (balancer.load_balancer_arn.unwrap(), balancer.vpc_id.unwrap());
    let group = stage.target_group("udp", ProtocolEnum::Udp, 10_000, &vpc).await;
    let listener = stage.listener(&arn, ProtocolEnum::Udp, 10_000, &group).await;
    let (_, address) = stage.running_task().await;
    stage.register(&group, &address).await;
    seconds(60).await;
    assert_eq!(begin(stage), 1);
    [arn, listener, group, address]
}

async fn deregister(stage: &Stage, group: &str, address: &str) {
    let target = TargetDescription::builder().id(address).build();
    let deregister = stage.elb.deregister_targets().target_group_arn(group).targets(target);
    deregister.send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn people_join_the_running_tasks_and_leave_when_they_are_told() {
    let stage = stage();
    assert_eq!(begin(&stage), 0, "nobody can meet where nothing runs");
    stage.scale(2).await;
    seconds(60).await;
    assert_eq!(begin(&stage), 0, "nor where a task only starts");
    seconds(60).await;
    assert_eq!(begin(&stage), 2);
    let began = stage.sandbox.now();
    seconds(90).await;
    assert_eq!((end(&stage), end(&stage)), (2, 0));
    for meeting in stage.sandbox.world(|world| world.meetings()) {
        assert_eq!((meeting.service, meeting.began), (stage.spec.service_arn(), began));
        assert_eq!(meeting.ended.unwrap().duration_since(began).as_secs(), 90);
        assert!(meeting.task.len() == 32 && meeting.cut_off.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_meeting_can_be_scheduled_and_nothing_happens_where_nothing_runs_then() {
    let stage = stage();
    let service = stage.spec.service_arn();
    let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3_600));
    stage.sandbox.world(|world| {
        world.schedule_meeting(&service, minute, minute).unwrap();
        world.schedule_meeting(&service, 5 * minute, hour).unwrap();
        assert!(world.schedule_meeting("arn:x", minute, hour).is_err());
    });
    stage.scale(1).await;
    seconds(299).await;
    assert!(stage.sandbox.world(|world| world.meetings()).is_empty());
    seconds(2).await;
    assert_eq!(meeting(&stage).ended, None);
    seconds(3_600).await;
    let lasted = meeting(&stage).ended.unwrap().duration_since(meeting(&stage).began);
    assert_eq!(lasted.as_secs(), 3_600);
}

#[tokio::test(start_paused = true)]
async fn a_count_that_ignores_protection_cuts_a_meeting_off() {
    let stage = stage();
    stage.running_task().await;
    begin(&stage);
    seconds(60).await;
    stage.sandbox.world(|world| world.protection_honoured_at_zero(false));
    stage.scale(0).await;
    seconds(10).await;
    assert_eq!(cut_off(&stage), by(CutOffBy::DesiredCount, "UpdateService"));
    assert_eq!(meeting(&stage).ended, meeting(&stage).cut_off.map(|it| it.at));
}

#[tokio::test(start_paused = true)]
async fn a_meeting_within_the_reporters_lag_is_cut_off_by_the_count() {
    let stage = stage();
    stage.running_task().await;
    stage.scale(0).await;
    begin(&stage);
    seconds(15).await;
    assert_eq!(cut_off(&stage), by(CutOffBy::DesiredCount, "UpdateService"));
}

#[tokio::test(start_paused = true)]
async fn protection_that_runs_out_at_zero_cuts_a_meeting_off_and_the_lowered_count_is_to_blame() {
    let stage = stage();
    stage.running_task().await;
    begin(&stage);
    seconds(60).await;
    stage.scale(0).await;
    let lowered = stage.sandbox.calls().last().unwrap().number;
    seconds(200).await;
    assert_eq!(meeting(&stage).cut_off, None);
    stage.service().await;
    seconds(101).await;
    let cut_off = meeting(&stage).cut_off.unwrap();
    assert_eq!((cut_off.by, cut_off.call), (CutOffBy::ProtectionExpired, Some(lowered)));
}

#[tokio::test(start_paused = true)]
async fn lifted_protection_and_stop_task_are_told_apart() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    begin(&stage);
    seconds(60).await;
    stage.scale(0).await;
    seconds(20).await;
    let lift = stage
        .ecs
        .update_task_protection()
        .cluster(&stage.spec.cluster)
        .tasks(&task);
    lift.protection_enabled(false).send().await.unwrap();
    seconds(1).await;
    assert_eq!(cut_off(&stage), by(CutOffBy::ProtectionLifted, "UpdateTaskProtection"));

    let stage = crate::stage::stage();
    let (task, _) = stage.running_task().await;
    begin(&stage);
    stage
        .ecs
        .stop_task()
        .cluster(&stage.spec.cluster)
        .task(&task)
        .send()
        .await
        .unwrap();
    assert_eq!(cut_off(&stage), by(CutOffBy::StopTask, "StopTask"));
}

#[tokio::test(start_paused = true)]
async fn a_new_deployment_and_a_deleted_service_cut_meetings_off() {
    let stage = stage();
    let (task, _) = stage.running_task().await;
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.stop_sentinel(&service)).unwrap();
    begin(&stage);
    let update = stage
        .ecs
        .update_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    update.force_new_deployment(true).send().await.unwrap();
    seconds(60).await;
    assert_eq!(stage.task(&task).await.desired_status(), Some("STOPPED"));
    assert_eq!(cut_off(&stage), by(CutOffBy::Deployment, "UpdateService"));

    let stage = crate::stage::stage();
    stage.running_task().await;
    begin(&stage);
    let delete = stage
        .ecs
        .delete_service()
        .cluster(&stage.spec.cluster)
        .service(&stage.spec.service);
    delete.force(true).send().await.unwrap();
    seconds(1).await;
    assert_eq!(cut_off(&stage), by(CutOffBy::DesiredCount, "DeleteService"));
}

#[tokio::test(start_paused = true)]
async fn a_deregistered_target_cuts_a_meeting_off_once_and_others_addresses_do_not() {
    let stage = stage();
    let [_, _, group, address] = served(&stage).await;
    deregister(&stage, &group, "172.31.0.99").await;
    assert_eq!(meeting(&stage).cut_off, None);
    deregister(&stage, &group, &address).await;
    let at = stage.sandbox.now();
    seconds(30).await;
    deregister(&stage, &group, &address).await;
    assert_eq!(cut_off(&stage), by(CutOffBy::TargetDeregistered, "DeregisterTargets"));
    let meeting = meeting(&stage);
    assert_eq!(meeting.cut_off.unwrap().at, at, "the first time counts");
    assert_eq!(meeting.ended, None, "the people do not know it yet");
}

#[tokio::test(start_paused = true)]
async fn what_leads_to_a_live_task_cuts_its_meeting_off_when_it_is_deleted() {
    let stage = stage();
    let [balancer, ..] = served(&stage).await;
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(balancer)
        .send()
        .await
        .unwrap();
    assert_eq!(cut_off(&stage), by(CutOffBy::LoadBalancerDeleted, "DeleteLoadBalancer"));

    let stage = crate::stage::stage();
    let [_, listener, group, _] = served(&stage).await;
    stage.elb.delete_listener().listener_arn(listener).send().await.unwrap();
    assert_eq!(cut_off(&stage), by(CutOffBy::ListenerDeleted, "DeleteListener"));
    end(&stage);
    begin(&stage);
    stage
        .elb
        .delete_target_group()
        .target_group_arn(group)
        .send()
        .await
        .unwrap();
    let second = stage.sandbox.world(|world| world.meetings()).remove(1);
    assert_eq!(second.cut_off.unwrap().by, CutOffBy::TargetGroupDeleted);
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_does_not_lead_to_the_task_can_go() {
    let stage = stage();
    let [_, _, group, address] = served(&stage).await;
    let other = stage.load_balancer("other").await;
    let (arn, vpc) = (other.load_balancer_arn.unwrap(), other.vpc_id.unwrap());
    let empty = stage.target_group("empty", ProtocolEnum::Udp, 10_001, &vpc).await;
    stage.listener(&arn, ProtocolEnum::Udp, 10_001, &empty).await;
    stage
        .elb
        .delete_load_balancer()
        .load_balancer_arn(arn)
        .send()
        .await
        .unwrap();
    seconds(20).await;
    stage
        .elb
        .delete_target_group()
        .target_group_arn(empty)
        .send()
        .await
        .unwrap();
    assert_eq!(meeting(&stage).cut_off, None);
    end(&stage);
    deregister(&stage, &group, &address).await;
    stage.scale(0).await;
    seconds(60).await;
    assert_eq!(meeting(&stage).cut_off, None, "after its end nothing can cut it off");
}

#[tokio::test(start_paused = true)]
async fn a_task_that_dies_of_itself_ends_its_meeting_and_nobody_is_to_blame() {
    let stage = stage();
    stage.running_task().await;
    begin(&stage);
    let service = stage.spec.service_arn();
    stage.sandbox.world(|world| world.replace_task(&service)).unwrap();
    let ended = meeting(&stage);
    assert!(ended.ended.is_some() && ended.cut_off.is_none());

    let stage = crate::stage::stage();
    let exits = TaskFate::Exits {
        after_running_seconds: 60,
        code: 1,
    };
    stage.sandbox.world(|world| world.next_task_fate(&service, exits));
    stage.running_task().await;
    begin(&stage);
    seconds(60).await;
    let ended = meeting(&stage);
    assert!(ended.ended.is_some() && ended.cut_off.is_none());
}

#[tokio::test(start_paused = true)]
async fn reads_cut_nothing_off() {
    let stage = stage();
    served(&stage).await;
    let describe = stage
        .ecs
        .describe_services()
        .cluster(&stage.spec.cluster)
        .services(&stage.spec.service);
    describe.include(ServiceField::Tags).send().await.unwrap();
    stage.listed().await;
    assert_eq!((meeting(&stage).cut_off, meeting(&stage).ended), (None, None));
}
