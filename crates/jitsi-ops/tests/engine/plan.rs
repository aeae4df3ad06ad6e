//! The plan as a pure function: over every state that can be made up, it never does harm and always comes to an end.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jitsi_ops::failure::{AwsFailure, Call, FailureKind};
use jitsi_ops::memory::Memory;
use jitsi_ops::observation::*;
use jitsi_ops::ownership;
use jitsi_ops::plan::{self, Look, Plan};
use jitsi_ops::problem::ProblemKind;
use jitsi_ops::reading::Reading;
use jitsi_ops::step::Step;
use jitsi_ops::wanted::{self, Wanted};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const SERVICE_ARN: &str = "arn:aws:ecs:us-west-2:123456789012:service/c/s";

fn wanted() -> Wanted {
    let text = "[profiles.ops]\ndomain = \"meet.example.org\"\naccount_id = \"123456789012\"\n";
    let configuration = jitsi_config::load_text("jitsi.toml".as_ref(), text, None).unwrap();
    Wanted::of(&configuration.platform, 1, false)
}

fn failure() -> AwsFailure {
    AwsFailure {
        call: Call::new("ECS", "DescribeTasks", "s"),
        kind: FailureKind::Transient,
        code: Some("ServerException".to_owned()),
        message: "no".to_owned(),
        status: Some(500),
        bucket_region: None,
        request_id: None,
    }
}

fn task(n: usize, last: &str, desired: &str, started: bool) -> Task {
    Task {
        arn: format!("arn:aws:ecs:us-west-2:123456789012:task/c/{n:032x}"),
        last_status: last.to_owned(),
        desired_status: desired.to_owned(),
        health: "UNKNOWN".to_owned(),
        private_ip: (last != "PROVISIONING").then(|| format!("10.0.0.{}", n + 4)),
        zone: Some("us-west-2a".to_owned()),
        task_definition: None,
        platform_version: None,
        cpu_units: None,
        memory_mib: None,
        storage_gib: None,
        architecture: None,
        created_at: Some(Timestamp::UNIX_EPOCH),
        started_at: started.then_some(Timestamp::UNIX_EPOCH),
        stop_code: None,
        stopped_reason: None,
        stopped_at: None,
        pull_started_at: None,
        containers: Vec::new(),
    }
}

fn balancer(state: &str) -> LoadBalancer {
    LoadBalancer {
        arn: "lb".to_owned(),
        name: "jitsi-video-platform-jvb-nlb".to_owned(),
        dns_name: "lb.example".to_owned(),
        state: state.to_owned(),
        state_reason: None,
        kind: "network".to_owned(),
        scheme: "internet-facing".to_owned(),
        vpc_id: "vpc".to_owned(),
        subnets: vec!["subnet-a".to_owned(), "subnet-b".to_owned()],
        zones: vec!["us-west-2a".to_owned(), "us-west-2b".to_owned()],
        zone_id: None,
        elastic: Vec::new(),
        created_at: None,
    }
}

/// A platform at zero for which preflight passes.
fn standby(wanted: &Wanted) -> Observation {
    let service = Service {
        arn: SERVICE_ARN.to_owned(),
        status: "ACTIVE".to_owned(),
        desired: 0,
        running: 0,
        pending: 0,
        task_definition: "t:1".to_owned(),
        rollout_state: Some("COMPLETED".to_owned()),
        rollout_reason: None,
        subnets: vec!["subnet-a".to_owned(), "subnet-b".to_owned()],
        public_ip: Some(true),
        minimum_healthy_percent: Some(0),
        maximum_percent: Some(100),
        zone_rebalancing: Some("DISABLED".to_owned()),
        platform_version: None,
        attached_groups: Vec::new(),
        events: Vec::new(),
        tags: Tags::new(),
    };
    Observation {
        at: Timestamp::UNIX_EPOCH,
        identity: Reading::Here(Identity {
            account: "123456789012".to_owned(),
            arn: "me".to_owned(),
        }),
        cluster: Reading::Here("ACTIVE".to_owned()),
        service: Reading::Here(service),
        task_definition: Reading::Here(TaskDefinition {
            parameters: vec!["/p/a".to_owned()],
            ..TaskDefinition::default()
        }),
        missing_parameters: Reading::Here(Vec::new()),
        bucket: Reading::Here(Bucket::Reachable("b".to_owned())),
        tasks: Reading::Here(Vec::new()),
        load_balancer: Reading::Absent,
        target_groups: wanted.group_names().map(|n| (n.to_owned(), Reading::Absent)).collect(),
        listeners: Reading::NotRead,
        targets: BTreeMap::new(),
        tags: BTreeMap::new(),
        attributes: BTreeMap::new(),
        fleet: Reading::Here(Fleet::default()),
        ..Observation::default()
    }
}

fn up(wanted: &Wanted, seen: &Observation) -> Plan {
    plan::up(Look {
        wanted,
        seen,
        memory: &Memory::default(),
    })
}

fn down(wanted: &Wanted, seen: &Observation) -> Plan {
    plan::down(Look {
        wanted,
        seen,
        memory: &Memory::default(),
    })
}

fn operations(plan: &Plan) -> Vec<&'static str> {
    plan.steps.iter().map(Step::operation).collect()
}

#[test]
fn from_standby_load_balancer_and_task_are_started_at_the_same_time() {
    let wanted = wanted();
    assert_eq!(
        operations(&up(&wanted, &standby(&wanted))),
        ["CreateLoadBalancer", "UpdateService"]
    );
}

#[test]
fn the_whole_way_up_from_standby_is_foreseen() {
    let wanted = wanted();
    let steps = plan::all_steps(&wanted, &standby(&wanted), &Memory::default()).unwrap();
    let operations: Vec<_> = steps.iter().map(Step::operation).collect();
    let expected = [
        "CreateLoadBalancer",
        "UpdateService",
        "ModifyLoadBalancerAttributes",
        "CreateTargetGroup",
        "CreateTargetGroup",
        "ModifyTargetGroupAttributes",
        "CreateListener",
        "ModifyTargetGroupAttributes",
        "CreateListener",
        "RegisterTargets",
        "RegisterTargets",
    ];
    assert_eq!(operations, expected);
}

#[test]
fn a_task_is_registered_as_soon_as_it_has_an_address() {
    let wanted = wanted();
    let mut seen = standby(&wanted);
    for step in plan::all_steps(&wanted, &seen.clone(), &Memory::default())
        .unwrap()
        .iter()
        .take(9)
    {
        plan::foresee(step, &mut seen);
    }
    seen.load_balancer.here_mut().unwrap().state = "provisioning".to_owned();
    seen.tasks = Reading::Here(vec![task(0, "PROVISIONING", "RUNNING", false)]);
    assert!(up(&wanted, &seen).steps.is_empty());
    seen.tasks = Reading::Here(vec![task(0, "PENDING", "RUNNING", false)]);
    assert_eq!(operations(&up(&wanted, &seen)), ["RegisterTargets", "RegisterTargets"]);
}

#[test]
fn the_wrong_account_is_refused_whatever_else_is_wrong() {
    let wanted = wanted();
    let mut seen = standby(&wanted);
    seen.identity = Reading::Here(Identity {
        account: "999999999999".to_owned(),
        arn: "me".to_owned(),
    });
    seen.service = Reading::Absent;
    let problem = up(&wanted, &seen).problem.unwrap();
    assert_eq!(problem.kind, ProblemKind::Refused);
    assert!(problem.what.contains("999999999999"), "{problem}");
}

#[test]
fn a_load_balancer_of_another_platform_is_refused_even_with_adopt() {
    let wanted = Wanted {
        adopt: true,
        ..wanted()
    };
    let mut seen = standby(&wanted);
    seen.load_balancer = Reading::Here(balancer("active"));
    let tags = Tags::from([(ownership::PLATFORM_TAG.to_owned(), "arn:other".to_owned())]);
    seen.tags.insert("lb".to_owned(), Reading::Here(tags));
    let plan = up(&wanted, &seen);
    assert_eq!(plan.problem.map(|p| p.kind), Some(ProblemKind::Refused));
    assert!(plan.steps.is_empty());
}

#[test]
fn more_tasks_than_wanted_are_not_taken_away() {
    let wanted = wanted();
    let mut seen = standby(&wanted);
    if let Some(service) = seen.service.here_mut() {
        service.desired = 2;
    }
    assert_eq!(up(&wanted, &seen).problem.map(|p| p.kind), Some(ProblemKind::Refused));
}

#[test]
fn secrets_that_may_not_be_read_are_a_warning_and_missing_ones_stop() {
    let wanted = wanted();
    let mut seen = standby(&wanted);
    seen.missing_parameters = Reading::Unknown(AwsFailure {
        kind: FailureKind::Denied,
        ..failure()
    });
    let plan = up(&wanted, &seen);
    assert!(plan.problem.is_none() && !plan.warnings.is_empty() && !plan.steps.is_empty());
    seen.missing_parameters = Reading::Here(vec!["/p/a".to_owned()]);
    let plan = up(&wanted, &seen);
    assert_eq!(plan.problem.map(|p| p.kind), Some(ProblemKind::NotReady));
    assert!(plan.steps.is_empty());
}

#[test]
fn a_running_platform_is_repaired_though_a_secret_is_missing() {
    let wanted = wanted();
    let mut seen = standby(&wanted);
    seen.missing_parameters = Reading::Here(vec!["/p/a".to_owned()]);
    if let Some(service) = seen.service.here_mut() {
        service.desired = 1;
    }
    seen.tasks = Reading::Here(vec![task(0, "RUNNING", "RUNNING", true)]);
    let plan = up(&wanted, &seen);
    assert!(plan.problem.is_none());
    assert_eq!(operations(&plan), ["CreateLoadBalancer"]);
    assert!(plan.warnings.iter().any(|w| w.message.contains("/p/a")));
}

// ---- every state that can be made up ----

fn statuses() -> impl Strategy<Value = (&'static str, &'static str, bool)> {
    select(vec![
        ("PROVISIONING", "RUNNING", false),
        ("PENDING", "RUNNING", false),
        ("ACTIVATING", "RUNNING", false),
        ("RUNNING", "RUNNING", true),
        ("RUNNING", "STOPPED", true),
        ("DEACTIVATING", "STOPPED", true),
        ("STOPPING", "STOPPED", false),
        ("DEPROVISIONING", "STOPPED", true),
        ("STOPPED", "STOPPED", true),
        ("STOPPED", "STOPPED", false),
    ])
}

fn targets(port: u16) -> impl Strategy<Value = Vec<Target>> {
    let states = select(vec!["initial", "healthy", "unhealthy", "draining", "unused"]);
    prop::collection::vec((0..4usize, states), 0..3).prop_map(move |list| {
        let mut targets: Vec<Target> = Vec::new();
        for (n, state) in list {
            let id = format!("10.0.0.{}", n + 4);
            if !targets.iter().any(|t| t.id == id) {
                targets.push(Target {
                    id,
                    port,
                    state: state.to_owned(),
                    reason: None,
                    description: None,
                });
            }
        }
        targets
    })
}

prop_compose! {
    /// Any mixture of what is there, absent and unknown; what is there may or may not be ours.
    fn any_platform()(
        desired in 0..2u32,
        tasks in prop::collection::vec(statuses(), 0..3),
        tasks_known in prop::bool::weighted(0.9),
        balancer_is in select(vec!["absent", "provisioning", "active", "unknown"]),
        groups_are in prop::collection::vec(select(vec!["absent", "here", "unknown"]), 2),
        listeners in subsequence(vec![0usize, 1], 0..=2),
        ours in prop::bool::weighted(0.85),
        udp in targets(10000),
        tcp in targets(4443),
        preflight in prop::bool::weighted(0.9),
    ) -> (Wanted, Observation) {
        let wanted = wanted();
        let mut seen = standby(&wanted);
        let tags = if ours { ownership::tags(&wanted, SERVICE_ARN) } else { Tags::new() };
        let tasks: Vec<Task> = tasks.iter().enumerate().map(|(n, (last, want, started))| task(n, last, want, *started)).collect();
        if let Some(service) = seen.service.here_mut() {
            service.desired = desired;
            service.running = tasks.iter().filter(|t| t.is_running()).count() as u32;
        }
        seen.tasks = if tasks_known { Reading::Here(tasks) } else { Reading::Unknown(failure()) };
        seen.load_balancer = match balancer_is {
            "absent" => Reading::Absent,
            "unknown" => Reading::Unknown(failure()),
            state => Reading::Here(balancer(state)),
        };
        let mut there = Vec::new();
        if seen.load_balancer.here().is_some() {
            seen.tags.insert("lb".to_owned(), Reading::Here(tags.clone()));
            seen.attributes.insert("lb".to_owned(), Reading::Here(Attributes::new()));
        }
        for ((n, listener), targets) in wanted.listeners.iter().enumerate().zip([udp, tcp]) {
            let group = &listener.group;
            let reading = match groups_are[n] {
                "absent" => Reading::Absent,
                "unknown" => Reading::Unknown(failure()),
                _ => {
                    let arn = format!("tg{n}");
                    seen.tags.insert(arn.clone(), Reading::Here(tags.clone()));
                    seen.attributes.insert(arn.clone(), Reading::Here(wanted::group_attributes()));
                    seen.targets.insert(group.name.clone(), Reading::Here(targets));
                    if listeners.contains(&n) {
                        there.push(Listener {
                            arn: format!("listener{n}"),
                            port: listener.port,
                            protocol: listener.protocol.clone(),
                            forwards_to: Some(arn.clone()),
                            certificate_arn: None,
                        });
                    }
                    Reading::Here(TargetGroup {
                        arn,
                        name: group.name.clone(),
                        protocol: group.protocol.clone(),
                        port: group.port,
                        target_type: "ip".to_owned(),
                        vpc_id: "vpc".to_owned(),
                        load_balancers: Vec::new(),
                        health_check: group.health_check.clone(),
                    })
                }
            };
            seen.target_groups.insert(group.name.clone(), reading);
        }
        if seen.load_balancer.here().is_some() {
            seen.listeners = Reading::Here(there);
        }
        if !preflight {
            seen.missing_parameters = Reading::Unknown(failure());
        }
        (wanted, seen)
    }
}

/// What a run remembers that has seen the same twice, ten seconds apart.
fn after_two_looks(wanted: &Wanted, seen: &Observation) -> Memory {
    let mut memory = Memory::default();
    for seconds in [0, 10] {
        let seen = Observation {
            at: Timestamp::from_second(seconds).unwrap(),
            ..seen.clone()
        };
        memory.take_note(&seen, wanted);
        memory.note_strays(&seen, wanted);
    }
    memory
}

fn takes_away(step: &Step) -> bool {
    matches!(
        step,
        Step::ScaleToZero { .. }
            | Step::DeregisterTargets { .. }
            | Step::DeleteLoadBalancer { .. }
            | Step::DeleteTargetGroup { .. }
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_way_up_never_takes_anything_away((wanted, seen) in any_platform()) {
        let memory = after_two_looks(&wanted, &seen);
        let plan = plan::up(Look { wanted: &wanted, seen: &seen, memory: &memory });
        prop_assert!(!plan.steps.iter().any(takes_away), "{:?}", plan.steps);
        let living: Vec<_> = seen.tasks().iter().filter(|t| !t.is_stopped()).filter_map(|t| t.private_ip.clone()).collect();
        for step in &plan.steps {
            if let Step::DeregisterStrays { targets, .. } = step {
                prop_assert!(targets.iter().all(|(id, _)| !living.contains(id)), "{targets:?} of {living:?}");
            }
        }
    }

    #[test]
    fn nothing_is_changed_while_a_preflight_read_has_failed((wanted, mut seen) in any_platform(), which in 0..5) {
        match which {
            0 => seen.identity = Reading::Unknown(failure()),
            1 => seen.cluster = Reading::Unknown(failure()),
            2 => seen.service = Reading::Unknown(failure()),
            3 => seen.task_definition = Reading::Unknown(failure()),
            _ => seen.bucket = Reading::Unknown(failure()),
        }
        prop_assert!(up(&wanted, &seen).steps.is_empty());
    }

    #[test]
    fn every_way_up_comes_to_an_end((wanted, seen) in any_platform()) {
        let unknown = seen.tasks.failure().is_some()
            || seen.load_balancer.failure().is_some()
            || seen.missing_parameters.failure().is_some()
            || seen.target_groups.values().any(|g| g.failure().is_some());
        match plan::all_steps(&wanted, &seen, &Memory::default()) {
            Ok(_) => {}
            Err(plan) => prop_assert!(plan.problem.is_some() || unknown, "waits for ever: {:?}", plan.waiting),
        }
    }

    #[test]
    fn what_is_not_known_is_neither_created_nor_believed((wanted, mut seen) in any_platform()) {
        seen.load_balancer = Reading::Unknown(failure());
        let plan = up(&wanted, &seen);
        prop_assert!(!operations(&plan).contains(&"CreateLoadBalancer"));
        prop_assert!(!plan.is_done());
    }

    #[test]
    fn the_way_down_ends_no_task_that_has_run((wanted, seen) in any_platform()) {
        let live = seen.tasks().iter().any(|t| !t.is_stopped() && t.has_run());
        if live {
            let plan = down(&wanted, &seen);
            let ending: Vec<_> = seen.tasks().iter().filter(|t| t.is_ending()).filter_map(|t| t.private_ip.as_ref()).collect();
            for step in plan.steps.iter().filter(|step| takes_away(step)) {
                let Step::DeregisterTargets { targets, .. } = step else {
                    return Err(TestCaseError::fail(format!("{step:?}")));
                };
                prop_assert!(targets.iter().all(|(id, _)| ending.contains(&id)), "{targets:?} of {ending:?}");
            }
            prop_assert!(!plan.is_done());
        }
    }

    #[test]
    fn the_way_down_does_nothing_while_the_tasks_are_unknown((wanted, mut seen) in any_platform()) {
        seen.tasks = Reading::Unknown(failure());
        let plan = down(&wanted, &seen);
        prop_assert!(plan.steps.is_empty(), "{:?}", plan.steps);
        prop_assert!(!plan.is_done());
    }

    #[test]
    fn the_load_balancer_stays_while_any_task_is_left((wanted, seen) in any_platform()) {
        let left = seen.tasks().iter().any(|t| !t.is_stopped()) || seen.service.here().is_some_and(|s| s.desired > 0);
        if left {
            let steps = down(&wanted, &seen).steps;
            prop_assert!(!steps.iter().any(|s| matches!(s, Step::DeleteLoadBalancer { .. })), "{steps:?}");
        }
    }

    #[test]
    fn the_way_down_leaves_alone_what_lacks_our_tag((wanted, mut seen) in any_platform()) {
        for tags in seen.tags.values_mut() {
            *tags = Reading::Here(Tags::new());
        }
        let steps = down(&wanted, &seen).steps;
        prop_assert!(steps.iter().all(|s| matches!(s, Step::ScaleToZero { .. })), "{steps:?}");
    }
}
