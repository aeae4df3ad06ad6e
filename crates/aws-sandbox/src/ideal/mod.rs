//! The fastest that AWS allows: an all-knowing caller that issues each call at the first instant at which it can succeed.
//!
//! It needs no reads: it looks into the world. What it measures is the bound that a real tool is compared with.

mod down;
mod up;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::clock::{HOUR, Ms, epoch_seconds, timestamp};
use crate::ecs::Task;
use crate::exchange::latency;
use crate::platform::PlatformSpec;
use crate::wire::{Request, route};
use crate::world::{Place, World};

pub use down::scale_down;
pub use up::{ListenerSpec, scale_up};

/// How fast it can be.
#[derive(Debug, Clone, PartialEq)]
pub struct IdealRun {
    /// From the first call until all is as it should be, in simulated seconds.
    pub duration_seconds: f64,
    /// Of a way down: from the first call until nothing bills any more. What is free of charge is deleted after that.
    pub nothing_bills_seconds: Option<f64>,
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
    /// It is not done after two hours, or nothing happens any more.
    #[error("the platform does not get there: {missing}")]
    Stuck {
        /// What is not as it should be.
        missing: String,
    },
}

/// One run.
struct Run {
    start: Ms,
    world: World,
    place: Place,
    spec: PlatformSpec,
    /// Calls that were issued: each is issued once.
    issued: BTreeSet<String>,
    /// By the time of their effect and the order in which they were issued.
    in_flight: BTreeMap<(Ms, u32), (String, Request)>,
    calls: u32,
    /// When to look again, though nothing happens by itself then.
    look_again: Option<Ms>,
    milestones: Vec<(Timestamp, String)>,
}

/// How soon a call that was throttled is tried again.
const RETRY: Ms = 100;

impl Run {
    fn new(world: &World, spec: &PlatformSpec) -> Self {
        Self {
            start: world.now_ms(),
            world: world.clone(),
            place: Place {
                account: spec.account.clone(),
                region: spec.region.clone(),
            },
            spec: spec.clone(),
            issued: BTreeSet::new(),
            in_flight: BTreeMap::new(),
            calls: 0,
            look_again: None,
            milestones: Vec::new(),
        }
    }

    /// Lets time pass until something happens. `missing`: why there is a need to.
    fn step(&mut self, missing: &str) -> Result<(), IdealError> {
        let in_flight = self.in_flight.keys().next().map(|(at, _)| *at);
        let next = [in_flight, self.world.next_event(), self.look_again.take()];
        let next = next.into_iter().flatten().min();
        let stuck = || IdealError::Stuck {
            missing: missing.to_owned(),
        };
        let next = next.filter(|at| *at < self.start + 2 * HOUR).ok_or_else(stuck)?;
        self.advance(next)
    }

    fn look_again_at(&mut self, at: Ms) {
        self.look_again = Some(self.look_again.map_or(at, |earlier| earlier.min(at)));
    }

    fn result(self, nothing_bills: Option<Ms>) -> IdealRun {
        let since_start = |at: Ms| epoch_seconds(at - self.start);
        IdealRun {
            duration_seconds: since_start(self.world.now_ms()),
            nothing_bills_seconds: nothing_bills.map(since_start),
            calls: self.calls,
            milestones: self.milestones,
        }
    }

    /// UpdateService.
    fn scale(&mut self, desired: u32) {
        let body = serde_json::json!({
            "cluster": self.spec.cluster, "service": self.spec.service, "desiredCount": desired,
        });
        self.issue(
            "UpdateService",
            "",
            self.json_request("UpdateService", &body.to_string()),
        );
    }

    /// RegisterTargets or DeregisterTargets, all addresses in one call.
    fn issue_targets(&mut self, operation: &str, name: &str, group: &str, addresses: &[String]) -> bool {
        let mut form = vec![("TargetGroupArn".to_owned(), group.to_owned())];
        form.extend(
            addresses
                .iter()
                .enumerate()
                .map(|(at, it)| (format!("Targets.member.{}.Id", at + 1), it.clone())),
        );
        self.issue_form(operation, &format!("{name} {}", addresses.join(" ")), form)
    }

    /// What is drawn from each task that is wanted.
    fn of_tasks<R>(&mut self, draw: impl Fn(&Task) -> Option<R>) -> Vec<R> {
        let cluster = self.world.region(&self.place).ecs.clusters.get(&self.spec.cluster);
        let tasks = cluster.into_iter().flat_map(|cluster| cluster.tasks.values());
        let of_service = |task: &&Task| task.service.as_ref() == Some(&self.spec.service) && task.wanted();
        tasks.filter(of_service).filter_map(draw).collect()
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
            self.look_again_at(self.world.now_ms() + RETRY);
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
