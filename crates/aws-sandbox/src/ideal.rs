//! The fastest that AWS allows: an all-knowing caller that issues each call at the first instant at which it can succeed.
//!
//! It needs no reads: it looks into the world. What it measures is the bound that a real tool is compared with.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::clock::{HOUR, Ms, epoch_seconds, timestamp};
use crate::ecs::Task;
use crate::elbv2::{LbState, Target, TargetState};
use crate::exchange::latency;
use crate::platform::PlatformSpec;
use crate::wire::{Request, route};
use crate::world::{Place, World};

/// A listener: its protocol and port, and those of its target group.
pub type ListenerSpec<'a> = (&'a str, u16, &'a str, u16);

/// How fast it can be.
#[derive(Debug, Clone, PartialEq)]
pub struct IdealRun {
    /// From the first call until all is as it should be, in simulated seconds.
    pub duration_seconds: f64,
    /// Calls made, all of them mutating.
    pub calls: u32,
    /// What happened when.
    pub milestones: Vec<(Timestamp, String)>,
}

/// Why it cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdealError {
    /// AWS refuses a call.
    #[error("`{operation}` is refused: {code}: {answer}")]
    Refused {
        /// Such as `CreateLoadBalancer`.
        operation: String,
        /// AWS's code.
        code: String,
        /// The body of the answer.
        answer: String,
    },
    /// It is not up after two hours, or nothing happens any more.
    #[error("the platform does not come up: {missing}")]
    Stuck {
        /// What is not as it should be.
        missing: String,
    },
}

/// Brings a copy of the world up: a network load balancer with these listeners in the service's subnets, and so many tasks,
/// registered and healthy. The target groups are checked over HTTP on port 8080, every 30 s.
///
/// # Errors
/// When AWS refuses a call, or the platform does not come up.
pub fn scale_up(
    world: &World,
    spec: &PlatformSpec,
    listeners: &[ListenerSpec<'_>],
    tasks: u32,
) -> Result<IdealRun, IdealError> {
    let mut run = Run {
        start: world.now_ms(),
        world: world.clone(),
        place: Place {
            account: spec.account.clone(),
            region: spec.region.clone(),
        },
        spec: spec.clone(),
        issued: BTreeSet::new(),
        registered: BTreeSet::new(),
        in_flight: BTreeMap::new(),
        calls: 0,
        throttled: false,
        milestones: Vec::new(),
    };
    while let Some(missing) = run.next_missing(listeners, tasks) {
        run.issue_all(listeners, tasks);
        let retry = std::mem::take(&mut run.throttled).then_some(run.world.now_ms() + RETRY);
        let in_flight = run.in_flight.keys().next().map(|(at, _)| *at);
        let next = [in_flight, run.world.next_event(), retry].into_iter().flatten().min();
        let stuck = || IdealError::Stuck {
            missing: missing.clone(),
        };
        let next = next.filter(|at| *at < run.start + 2 * HOUR).ok_or_else(stuck)?;
        run.advance(next)?;
    }
    let done = run.world.now_ms();
    run.note("everything is as it should be".to_owned());
    let duration_seconds = epoch_seconds(done - run.start);
    Ok(IdealRun {
        duration_seconds,
        calls: run.calls,
        milestones: run.milestones,
    })
}

/// One run.
struct Run {
    start: Ms,
    world: World,
    place: Place,
    spec: PlatformSpec,
    /// Calls that were issued: each is issued once.
    issued: BTreeSet<String>,
    /// Target groups, by name, with the addresses that were registered with them.
    registered: BTreeSet<(String, String)>,
    /// By the time of their effect and the order in which they were issued.
    in_flight: BTreeMap<(Ms, u32), (String, Request)>,
    calls: u32,
    /// A call had to wait for AWS's token buckets.
    throttled: bool,
    milestones: Vec<(Timestamp, String)>,
}

/// How soon a call that was throttled is tried again.
const RETRY: Ms = 100;

impl Run {
    fn balancer_name() -> &'static str {
        "ideal-nlb"
    }

    fn group_name((protocol, port, ..): ListenerSpec<'_>) -> String {
        format!("ideal-{}-{port}", protocol.to_lowercase().replace('_', "-"))
    }

    fn balancer(&mut self) -> Option<(String, LbState)> {
        let balancers = &self.world.region(&self.place).elbv2.load_balancers;
        let balancer = balancers.iter().find(|it| it.name == Self::balancer_name())?;
        Some((balancer.arn.clone(), balancer.state))
    }

    fn group(&mut self, name: &str) -> Option<String> {
        let groups = &self.world.region(&self.place).elbv2.target_groups;
        groups.iter().find(|it| it.name == name).map(|it| it.arn.clone())
    }

    /// What is drawn from each task that is wanted.
    fn of_tasks<R>(&mut self, draw: impl Fn(&Task) -> Option<R>) -> Vec<R> {
        let cluster = self.world.region(&self.place).ecs.clusters.get(&self.spec.cluster);
        let tasks = cluster.into_iter().flat_map(|cluster| cluster.tasks.values());
        let of_service = |task: &&Task| task.service.as_ref() == Some(&self.spec.service) && task.wanted();
        tasks.filter(of_service).filter_map(draw).collect()
    }

    /// What is not as it should be, in a word; `None` when all is.
    fn next_missing(&mut self, listeners: &[ListenerSpec<'_>], wanted: u32) -> Option<String> {
        let running = self.of_tasks(|task| task.counts_as_running().then_some(())).len();
        if running < wanted as usize {
            return Some(format!("{running} of {wanted} tasks run"));
        }
        match self.balancer() {
            Some((_, LbState::Active)) => {}
            other => return Some(format!("the load balancer is {:?}", other.map(|(_, state)| state))),
        }
        for listener in listeners {
            let name = Self::group_name(*listener);
            let groups = &self.world.region(&self.place).elbv2.target_groups;
            let group = groups.iter().find(|it| it.name == name);
            let healthy = group.map_or(0, |group| count_healthy(&group.targets));
            if healthy < wanted as usize {
                return Some(format!("{healthy} of {wanted} targets of `{name}` are healthy"));
            }
        }
        None
    }

    /// Issues every call whose time has come.
    fn issue_all(&mut self, listeners: &[ListenerSpec<'_>], wanted: u32) {
        let subnets = self.subnets();
        let mut form = vec![
            ("Name".to_owned(), Self::balancer_name().to_owned()),
            ("Type".into(), "network".into()),
        ];
        form.extend(
            subnets
                .iter()
                .enumerate()
                .map(|(at, subnet)| (format!("Subnets.member.{}", at + 1), subnet.clone())),
        );
        self.issue_form("CreateLoadBalancer", Self::balancer_name(), form);
        let body = serde_json::json!({
            "cluster": self.spec.cluster, "service": self.spec.service, "desiredCount": wanted,
        });
        self.issue(
            "UpdateService",
            "",
            self.json_request("UpdateService", &body.to_string()),
        );
        let vpc = self.world.region(&self.place).network.vpc.clone();
        let addresses = self.of_tasks(|task| task.private_address().map(str::to_owned));
        for listener in listeners {
            let name = Self::group_name(*listener);
            self.issue_form("CreateTargetGroup", &name, group_form(&name, *listener, &vpc));
            let Some(group) = self.group(&name) else { continue };
            if let Some((balancer, _)) = self.balancer() {
                self.issue_form("CreateListener", &name, listener_form(*listener, &balancer, &group));
            }
            self.register(&name, &group, &addresses);
        }
    }

    /// Registers the addresses that were not registered yet, all in one call.
    fn register(&mut self, name: &str, group: &str, addresses: &[String]) {
        let is_new = |address: &&String| !self.registered.contains(&(name.to_owned(), (*address).clone()));
        let new: Vec<String> = addresses.iter().filter(is_new).cloned().collect();
        if new.is_empty() {
            return;
        }
        let mut form = vec![("TargetGroupArn".to_owned(), group.to_owned())];
        form.extend(
            new.iter()
                .enumerate()
                .map(|(at, it)| (format!("Targets.member.{}.Id", at + 1), it.clone())),
        );
        if self.issue_form("RegisterTargets", &format!("{name} {}", new.join(" ")), form) {
            self.registered
                .extend(new.into_iter().map(|address| (name.to_owned(), address)));
        }
    }

    fn subnets(&mut self) -> Vec<String> {
        let cluster = self.world.region(&self.place).ecs.clusters.get(&self.spec.cluster);
        let service = cluster.and_then(|cluster| cluster.services.get(&self.spec.service));
        service
            .map(|service| service.network.awsvpc_configuration.subnets.clone())
            .unwrap_or_default()
    }

    fn issue_form(&mut self, operation: &str, about: &str, mut form: Vec<(String, String)>) -> bool {
        form.push(("Action".to_owned(), operation.to_owned()));
        form.push(("Version".to_owned(), "2015-12-01".to_owned()));
        let pairs = form.iter().map(|(name, value)| {
            format!(
                "{name}={}",
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
            )
        });
        let body = pairs.collect::<Vec<_>>().join("&");
        let form = ("content-type", "application/x-www-form-urlencoded");
        self.issue(operation, about, self.request("elasticloadbalancing", form, &body))
    }

    fn json_request(&self, operation: &str, body: &str) -> Request {
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        self.request("ecs", ("x-amz-target", &target), body)
    }

    fn request(&self, signed_for: &str, header: (&str, &str), body: &str) -> Request {
        let Place { account, region } = &self.place;
        let signature = format!("AWS4-HMAC-SHA256 Credential={account}/20260115/{region}/{signed_for}/aws4_request");
        let headers = [("authorization", signature.as_str()), header];
        Request {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    /// Issues a call, and says whether it did: not one that was issued before, and not one that AWS would throttle now;
    /// that is tried again soon.
    fn issue(&mut self, operation: &str, about: &str, request: Request) -> bool {
        let key = format!("{operation} {about}");
        if self.issued.contains(&key) {
            return false;
        }
        let Ok(route) = route(&request) else { return false };
        if self.world.admit(&route, &request).is_err() {
            self.throttled = true;
            return false;
        }
        let effect = self.world.now_ms() + latency(&self.world, &route, false);
        self.calls += 1;
        self.in_flight
            .insert((effect, self.calls), (operation.to_owned(), request));
        self.note(format!("{} is called", key.trim_end()));
        self.issued.insert(key);
        true
    }

    /// Lets time pass, and carries out the calls that take effect meanwhile.
    fn advance(&mut self, until: Ms) -> Result<(), IdealError> {
        self.world.advance_to(until);
        while let Some(entry) = self.in_flight.first_entry().filter(|entry| entry.key().0 <= until) {
            let (operation, request) = entry.remove();
            let number = self.world.reserve_request();
            let answer = self.world.carry_out(&request, number, None);
            if let Some(code) = answer.error {
                let answer = String::from_utf8_lossy(&answer.body).into_owned();
                return Err(IdealError::Refused {
                    operation,
                    code,
                    answer,
                });
            }
        }
        Ok(())
    }

    fn note(&mut self, what: String) {
        self.milestones.push((timestamp(self.world.now_ms()), what));
    }
}

fn count_healthy(targets: &[Target]) -> usize {
    targets
        .iter()
        .filter(|target| target.state == TargetState::Healthy)
        .count()
}

fn group_form(name: &str, (_, _, protocol, port): ListenerSpec<'_>, vpc: &str) -> Vec<(String, String)> {
    let port = port.to_string();
    let pairs = [
        ("Name", name),
        ("Protocol", protocol),
        ("Port", &port),
        ("VpcId", vpc),
        ("TargetType", "ip"),
        ("HealthCheckProtocol", "HTTP"),
        ("HealthCheckPort", "8080"),
        ("HealthCheckPath", "/about/health"),
        ("HealthCheckIntervalSeconds", "30"),
        ("HealthCheckTimeoutSeconds", "5"),
        ("HealthyThresholdCount", "2"),
        ("UnhealthyThresholdCount", "2"),
    ];
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn listener_form((protocol, port, ..): ListenerSpec<'_>, balancer: &str, group: &str) -> Vec<(String, String)> {
    let port = port.to_string();
    let pairs = [
        ("LoadBalancerArn", balancer),
        ("Protocol", protocol),
        ("Port", &port),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", group),
    ];
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
