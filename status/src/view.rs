//! From what was found to the document.

use std::time::Duration;

use jitsi_cli::rows::bridge;
use jitsi_cli::visitor::{Inspection, Visited, Visiting};
use jitsi_ops::keep;
use jitsi_ops::observation::{Container, LoadBalancer, Service, Target, Task};
use jitsi_ops::ownership;
use jitsi_ops::reading::Reading;
use jitsi_ops::record::{Record, leads_to};
use jitsi_ops::state::Assessment;
use jitsi_ops::wanted::{Wanted, WantedListener};
use jitsi_probe::{Part, Report};

use crate::document::{
    BalancerView, ContainerView, Cost, Document, EntryView, EventView, GroupHere, GroupView, GuardView, Journal,
    LockView, PartView, RecordView, SCHEMA, Seen, ServiceView, TargetView, Targets, TaskView, Tasks, UnreadView,
    VisitView,
};

/// How many events of the service are shown.
const EVENTS: usize = 3;

impl<'a> Document<'a> {
    /// Of what was found on the platform.
    pub(crate) fn of(found: &'a Inspection, wanted: &'a Wanted, elapsed: Duration) -> Self {
        let survey = &found.survey;
        let seen = &survey.seen;
        let Assessment { state, because } = survey.assessment(wanted);
        let hourly = wanted.prices.hourly_cost(&wanted.region, &survey.running(wanted));
        let tags = seen.service.here().map(|service| &service.tags);
        Self {
            schema: SCHEMA,
            profile: wanted.profile.as_deref(),
            account: seen.account(),
            region: &wanted.region,
            domain: &wanted.domain,
            state,
            because,
            since: survey.since(state),
            at: seen.aws_at.unwrap_or(seen.at),
            service: Seen::of(&seen.service, |service| service_view(service, wanted)),
            tasks: Seen::of(&seen.tasks, |tasks| Tasks {
                list: tasks.iter().map(task_view).collect(),
            }),
            load_balancer: Seen::of(&seen.load_balancer, |balancer| {
                balancer_view(balancer, ownership::is_ours(seen, &balancer.arn))
            }),
            target_groups: groups(found, wanted),
            others: survey.others.iter().map(|other| other.name.as_str()).collect(),
            record: record(found, wanted),
            bridge: bridge(seen, wanted),
            visit: visit(&found.visit),
            cost: Cost {
                per_month: hourly.per_month(),
                hourly,
            },
            guard: GuardView {
                source: wanted.guard.source.to_string(),
                verdict: seen.guard.as_ref().map(|reading| &reading.verdict),
            },
            hold: tags.and_then(keep::hold),
            lease: tags.and_then(keep::lease),
            lock: Seen::of(&survey.lock, |lock| LockView {
                holder: lock.holder.to_string(),
                renewed: lock.renewed,
                alive: lock.is_alive(seen.aws_at),
            }),
            journal: journal(found),
            lint: survey.findings(wanted),
            unread: survey
                .unread(wanted)
                .into_iter()
                .map(|unread| UnreadView {
                    what: unread.what,
                    why: unread.why,
                    hints: unread.hints,
                })
                .collect(),
            elapsed_seconds: tenths(elapsed),
        }
    }
}

fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

fn service_view<'a>(service: &'a Service, wanted: &'a Wanted) -> ServiceView<'a> {
    ServiceView {
        name: &wanted.service,
        cluster: &wanted.cluster,
        status: &service.status,
        desired: service.desired,
        running: service.running,
        pending: service.pending,
        task_definition: service.task_definition.rsplit('/').next().unwrap_or_default(),
        platform_version: service.platform_version.as_deref(),
        rollout: service.rollout_state.as_deref(),
        events: service
            .events
            .iter()
            .take(EVENTS)
            .map(|event| EventView {
                at: event.at,
                message: &event.message,
            })
            .collect(),
    }
}

fn task_view(task: &Task) -> TaskView<'_> {
    TaskView {
        id: task.id(),
        status: &task.last_status,
        desired_status: &task.desired_status,
        health: &task.health,
        created_at: task.created_at,
        started_at: task.started_at,
        stopped_at: task.stopped_at,
        stop_code: task.stop_code.as_deref(),
        stopped_reason: task.stopped_reason.as_deref(),
        address: task.private_ip.as_deref(),
        zone: task.zone.as_deref(),
        platform_version: task.platform_version.as_deref(),
        cpu_units: task.cpu_units,
        memory_mib: task.memory_mib,
        containers: task.containers.iter().map(container_view).collect(),
    }
}

fn container_view(container: &Container) -> ContainerView<'_> {
    ContainerView {
        name: &container.name,
        status: &container.last_status,
        health: &container.health,
        image: container.image.as_deref(),
        exit_code: container.exit_code,
        reason: container.reason.as_deref(),
    }
}

fn balancer_view(balancer: &LoadBalancer, ours: Option<bool>) -> BalancerView<'_> {
    BalancerView {
        name: &balancer.name,
        arn: &balancer.arn,
        dns_name: &balancer.dns_name,
        state: &balancer.state,
        state_reason: balancer.state_reason.as_deref(),
        kind: &balancer.kind,
        scheme: &balancer.scheme,
        zones: &balancer.zones,
        created_at: balancer.created_at,
        ours,
    }
}

fn groups<'a>(found: &'a Inspection, wanted: &'a Wanted) -> Vec<GroupView<'a>> {
    let seen = &found.survey.seen;
    let balancer = seen.load_balancer.here().map(|balancer| &balancer.arn);
    let attached = seen.service.here().map(|service| &service.attached_groups);
    let row = |listener: &'a WantedListener| {
        let name = &listener.group.name;
        let not_read = Reading::NotRead;
        GroupView {
            name,
            listener: format!("{}/{}", listener.port, listener.protocol),
            group: Seen::of(seen.target_groups.get(name).unwrap_or(&not_read), |group| GroupHere {
                port: group.port,
                protocol: group.protocol.clone(),
                behind_the_load_balancer: balancer.is_some_and(|arn| group.load_balancers.contains(arn)),
                attached_to_the_service: attached.map(|groups| groups.contains(&group.arn)),
            }),
            targets: match seen.targets.get(name) {
                Some(reading) => Seen::of(reading, |targets| Targets {
                    list: targets.iter().map(target_view).collect(),
                }),
                None => Seen::Absent,
            },
        }
    };
    wanted.listeners.iter().map(row).collect()
}

fn target_view(target: &Target) -> TargetView<'_> {
    TargetView {
        id: &target.id,
        port: target.port,
        state: &target.state,
        reason: target.reason.as_deref(),
        description: target.description.as_deref(),
    }
}

fn record(found: &Inspection, wanted: &Wanted) -> Option<Seen<RecordView>> {
    let dns = wanted.dns.as_ref()?;
    let seen = &found.survey.seen;
    let balancer = &seen.load_balancer;
    Some(Seen::of(&seen.records, |records| RecordView {
        name: dns.record.to_string(),
        zone: dns.hosted_zone_id.to_string(),
        leads_to: records
            .iter()
            .filter(|record| record.leads_visitors())
            .map(Record::leads_to)
            .collect(),
        to_the_load_balancer: match balancer {
            Reading::Here(balancer) => {
                let zone = balancer.zone_id.as_deref().unwrap_or_default();
                let leads = |record| leads_to(record, &balancer.dns_name, zone);
                Some(records.iter().any(leads))
            }
            Reading::Absent => Some(false),
            Reading::NotRead | Reading::Unknown(_) => None,
        },
    }))
}

fn visit(visiting: &Visiting) -> VisitView<'_> {
    let Visited { report, .. } = match visiting {
        Visiting::Not(why) => return VisitView::NotMade { why },
        Visiting::Done(visited) => visited.as_ref(),
    };
    let Report {
        addresses,
        connection,
        tls,
        certificate,
        http,
        page,
        took,
        ..
    } = report;
    VisitView::Made {
        to_the_load_balancer: visiting.done().and_then(Visited::leads_to_the_load_balancer),
        addresses: part(addresses),
        connection: part(connection),
        tls: part(tls),
        certificate: part(certificate),
        http: part(http),
        page: part(page),
        elapsed_seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
    }
}

fn part<T, E: std::fmt::Display>(part: &Part<T, E>) -> PartView<&T> {
    match part {
        Part::Done(value) => PartView::Done(value),
        Part::Failed(cause) => PartView::Failed { why: cause.to_string() },
        Part::NotTried => PartView::NotTried,
    }
}

fn journal(found: &Inspection) -> Seen<Journal<'_>> {
    match &found.survey.journal {
        Ok(journal) => Seen::Here(Journal {
            bucket: found.survey.bucket.as_deref(),
            entries: journal
                .entries
                .iter()
                .map(|entry| EntryView {
                    operation: &entry.operation,
                    who: &entry.who,
                    began: entry.began,
                    ended: entry.ended,
                    outcome: String::from(entry.outcome.clone()),
                    problem: entry.problem.as_deref(),
                })
                .collect(),
            unreadable: journal.unreadable.iter().map(|w| w.message.clone()).collect(),
        }),
        Err(problem) => Seen::Unknown {
            why: Some(problem.what.clone()),
        },
    }
}
