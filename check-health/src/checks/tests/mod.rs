//! Judgements of what cannot be planted in the sandbox.

mod platform;
mod site;

use std::time::Duration;

use jitsi_cli::args::{CommonArgs, OutputArgs};
use jitsi_cli::context::platform;
use jitsi_cli::printer::Printer;
use jitsi_cli::visitor::{Inspection, Visited, Visiting};
use jitsi_ops::failure::{AwsFailure, Call, FailureKind};
use jitsi_ops::observation::{
    ContainerDefinition, LoadBalancer, Observation, Service, Target, TargetGroup, Task, TaskDefinition,
};
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::reading::Reading;
use jitsi_ops::record::{Alias, Record};
use jitsi_ops::survey::Survey;
use jitsi_ops::wanted::Wanted;
use jitsi_probe::{Addresses, Answer, Certificate, Foreign, Mark, Page, Part, Report, ResolveError, Trust, Validity};

use super::{Check, Name, Outcome, check};

const DEFINITION: &str = "arn:aws:ecs:us-west-2:123456789012:task-definition/jitsi:7";
const BALANCER: &str = "jitsi-0123456789abcdef.elb.us-west-2.amazonaws.com";
const TASK: &str = "172.31.0.9";
const PUBLIC: [u8; 4] = [198, 51, 100, 7];

fn wanted() -> Wanted {
    let args = CommonArgs {
        sandbox: true,
        ..CommonArgs::default()
    };
    let platform = platform(&args, &Printer::new(OutputArgs::default())).unwrap();
    let mut wanted = Wanted::of(&platform, 1, false);
    wanted.further.flags = " --profile ops".to_owned();
    wanted
}

fn service() -> Service {
    Service {
        arn: "arn:aws:ecs:us-west-2:123456789012:service/cluster/service".to_owned(),
        status: "ACTIVE".to_owned(),
        desired: 1,
        running: 1,
        pending: 0,
        task_definition: DEFINITION.to_owned(),
        rollout_state: None,
        rollout_reason: None,
        subnets: Vec::new(),
        public_ip: None,
        minimum_healthy_percent: None,
        maximum_percent: None,
        zone_rebalancing: None,
        platform_version: None,
        attached_groups: Vec::new(),
        events: Vec::new(),
        tags: Default::default(),
    }
}

fn task() -> Task {
    Task {
        arn: "arn:aws:ecs:us-west-2:123456789012:task/cluster/0123456789abcdef".to_owned(),
        last_status: "RUNNING".to_owned(),
        desired_status: "RUNNING".to_owned(),
        health: "HEALTHY".to_owned(),
        private_ip: Some(TASK.to_owned()),
        zone: None,
        task_definition: Some(DEFINITION.to_owned()),
        platform_version: None,
        cpu_units: None,
        memory_mib: None,
        storage_gib: None,
        architecture: None,
        created_at: None,
        started_at: None,
        stop_code: None,
        stopped_reason: None,
        stopped_at: None,
        pull_started_at: None,
        containers: Vec::new(),
    }
}

fn definition(health_check: Option<Vec<String>>) -> TaskDefinition {
    TaskDefinition {
        arn: DEFINITION.to_owned(),
        name: "jitsi:7".to_owned(),
        containers: vec![ContainerDefinition {
            name: "web".to_owned(),
            essential: true,
            health_check,
            ..ContainerDefinition::default()
        }],
        ..TaskDefinition::default()
    }
}

fn target(port: u16, state: &str) -> Target {
    Target {
        id: TASK.to_owned(),
        port,
        state: state.to_owned(),
        reason: None,
        description: None,
    }
}

/// A platform that is up, and well.
fn seen(wanted: &Wanted) -> Observation {
    let mut seen = Observation {
        service: Reading::Here(service()),
        task_definition: Reading::Here(definition(Some(vec!["CMD".to_owned()]))),
        tasks: Reading::Here(vec![task()]),
        load_balancer: Reading::Here(LoadBalancer {
            arn: "arn".to_owned(),
            name: wanted.load_balancer.clone(),
            dns_name: BALANCER.to_owned(),
            state: "active".to_owned(),
            state_reason: None,
            kind: "network".to_owned(),
            scheme: "internet-facing".to_owned(),
            vpc_id: String::new(),
            subnets: Vec::new(),
            zones: Vec::new(),
            zone_id: Some("Z18D5FSROUN65G".to_owned()),
            elastic: Vec::new(),
            created_at: None,
        }),
        records: Reading::Here(vec![Record {
            name: format!("{}.", wanted.domain),
            kind: "A".to_owned(),
            alias: Some(Alias {
                dns_name: format!("{BALANCER}."),
                zone_id: "Z18D5FSROUN65G".to_owned(),
                evaluate_target_health: false,
            }),
            values: Vec::new(),
            routed: false,
        }]),
        ..Observation::default()
    };
    for listener in &wanted.listeners {
        let group = &listener.group;
        let there = TargetGroup {
            arn: group.name.clone(),
            name: group.name.clone(),
            protocol: group.protocol.clone(),
            port: group.port,
            target_type: "ip".to_owned(),
            vpc_id: String::new(),
            load_balancers: Vec::new(),
            health_check: group.health_check.clone(),
        };
        seen.target_groups.insert(group.name.clone(), Reading::Here(there));
        let healthy = vec![target(group.port, "healthy")];
        seen.targets.insert(group.name.clone(), Reading::Here(healthy));
    }
    seen
}

fn certificate() -> Certificate {
    Certificate {
        subject: Foreign::new("CN=meet.sandbox.example"),
        issuer: Foreign::new("CN=authority"),
        names: vec![Foreign::new("meet.sandbox.example")],
        not_before: Default::default(),
        not_after: Default::default(),
        days_left: 60,
        validity: Validity::Valid,
        covers_name: true,
        trust: Trust::Trusted,
        sent: 2,
    }
}

fn visited(wanted: &Wanted) -> Visited {
    Visited {
        report: Report {
            domain: wanted.domain.clone(),
            port: 443,
            path: "/".to_owned(),
            addresses: Part::Done(Addresses::from(vec![PUBLIC.into()])),
            connection: Part::NotTried,
            tls: Part::NotTried,
            certificate: Part::Done(certificate()),
            http: Part::Done(Answer {
                status: 200,
                took: Duration::ZERO,
                content_type: None,
                location: None,
            }),
            page: Part::Done(Page::JitsiMeet { title: None }),
            took: Duration::ZERO,
        },
        balancer: Ok(Addresses::from(vec![PUBLIC.into()])),
    }
}

/// What is found, with changes.
struct Case {
    wanted: Wanted,
    seen: Observation,
    visited: Visited,
}

impl Case {
    fn new() -> Self {
        let wanted = wanted();
        let (seen, visited) = (seen(&wanted), visited(&wanted));
        Self { wanted, seen, visited }
    }

    fn with(change: impl FnOnce(&mut Self)) -> Self {
        let mut case = Self::new();
        change(&mut case);
        case
    }

    fn check(self, name: Name) -> Check {
        let survey = Survey {
            seen: self.seen,
            others: Vec::new(),
            lock: Reading::NotRead,
            bucket: None,
            journal: Err(Problem::new(ProblemKind::Failed, "nobody has looked")),
        };
        let visit = Visiting::Done(Box::new(self.visited));
        check(name, &Inspection { survey, visit }, &self.wanted)
    }
}

fn denied<T>(service: &'static str, operation: &'static str) -> Reading<T> {
    Reading::Unknown(AwsFailure {
        call: Call::new(service, operation, "it"),
        kind: FailureKind::Denied,
        code: Some("AccessDenied".to_owned()),
        message: "not authorized".to_owned(),
        status: Some(403),
        bucket_region: None,
        request_id: None,
    })
}

/// The check has this outcome, and says all of `said`.
#[track_caller]
fn assert_check(check: &Check, outcome: Outcome, said: &[&str]) {
    assert_eq!(check.outcome, outcome, "{check:?}");
    for part in said {
        assert!(check.why.contains(part), "{part:?}: {check:?}");
    }
    assert!(!check.why.contains('\n'), "{check:?}");
}
