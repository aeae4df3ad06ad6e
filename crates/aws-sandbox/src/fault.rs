//! Faults: what goes wrong with which call. Matched and counted when a call arrives.

use std::time::Duration;

use crate::dispatch::throttled;
use crate::exchange::When;
use crate::iam::denied;
use crate::route53::RecordSet;
use crate::wire::{ApiError, Protocol, Route, Service};
use crate::world::World;

/// Something that goes wrong with certain calls. Without an effect of its own it is a server error (500).
#[derive(Debug, Clone)]
pub struct Fault {
    operation: Option<String>,
    service: Option<String>,
    mutating: bool,
    nth: Option<u64>,
    times: Option<u64>,
    effect: Effect,
    seen: u64,
    applied: u64,
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    Error {
        status: u16,
        code: String,
        message: String,
    },
    Throttled,
    ServerError,
    Unavailable,
    AccessDenied,
    DroppedBefore,
    DroppedAfter,
    Hangs,
    Slow(Duration),
    TakesEffectLate(Duration),
    Stale(Duration),
    /// Somebody else changes a record of a hosted zone just before or after the call takes effect.
    Meddling(When, Box<Meddling>),
}

/// What somebody else does to a hosted zone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meddling {
    Puts(String, RecordSet),
    /// Name and type.
    Removes(String, String, String),
}

impl Fault {
    /// Strikes calls of this operation, such as `CreateLoadBalancer`.
    pub fn on(operation: &str) -> Self {
        Self {
            operation: Some(operation.to_owned()),
            ..Self::on_any()
        }
    }

    /// Strikes every call.
    pub fn on_any() -> Self {
        Self {
            operation: None,
            service: None,
            mutating: false,
            nth: None,
            times: None,
            effect: Effect::ServerError,
            seen: 0,
            applied: 0,
        }
    }

    /// Strikes calls that change something.
    pub fn on_mutating() -> Self {
        Self {
            mutating: true,
            ..Self::on_any()
        }
    }

    /// Only calls of this service: `ecs`, `elasticloadbalancing` (or `elbv2`), `ssm`, `s3`, `sts`, `route53`,
    /// `monitoring` (or `cloudwatch`).
    pub fn service(mut self, service: &str) -> Self {
        let signed_for = match service {
            "elbv2" => "elasticloadbalancing",
            "cloudwatch" => "monitoring",
            other => other,
        };
        self.service = Some(signed_for.to_owned());
        self
    }

    /// Only from the `n`-th matching call from now on, counted from 1; without [`Fault::times`] only that one.
    pub fn nth(mut self, n: u64) -> Self {
        self.nth = Some(n);
        self
    }

    /// So many calls at most.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Answers with an error; it is not carried out.
    pub fn error(mut self, status: u16, code: &str, message: &str) -> Self {
        self.effect = Effect::Error {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        };
        self
    }

    /// Answers as the service does when it is called too often.
    pub fn throttled(mut self) -> Self {
        self.effect = Effect::Throttled;
        self
    }

    /// HTTP 500; not carried out.
    pub fn server_error(mut self) -> Self {
        self.effect = Effect::ServerError;
        self
    }

    /// HTTP 503; not carried out.
    pub fn unavailable(mut self) -> Self {
        self.effect = Effect::Unavailable;
        self
    }

    /// Answers as the service does when a policy does not allow the call.
    pub fn access_denied(mut self) -> Self {
        self.effect = Effect::AccessDenied;
        self
    }

    /// The connection breaks; the call is not carried out.
    pub fn dropped_before(mut self) -> Self {
        self.effect = Effect::DroppedBefore;
        self
    }

    /// The call is carried out, and then the connection breaks: the answer is lost.
    pub fn dropped_after(mut self) -> Self {
        self.effect = Effect::DroppedAfter;
        self
    }

    /// Never answered, and not carried out.
    pub fn hangs(mut self) -> Self {
        self.effect = Effect::Hangs;
        self
    }

    /// Carried out as usual, and answered so much later (in simulated time).
    pub fn slow(mut self, by: Duration) -> Self {
        self.effect = Effect::Slow(by);
        self
    }

    /// Answered as usual, with the ids that things will have; carried out so much later.
    pub fn takes_effect_late(mut self, by: Duration) -> Self {
        self.effect = Effect::TakesEffectLate(by);
        self
    }

    /// Answered from the state of that long ago; for reads.
    pub fn stale(mut self, by: Duration) -> Self {
        self.effect = Effect::Stale(by);
        self
    }

    /// Carried out as usual; just before or after that somebody else puts a record into a hosted zone. No such zone: nothing
    /// is put.
    pub fn stranger_puts(mut self, when: When, zone: &str, record: RecordSet) -> Self {
        self.effect = Effect::Meddling(when, Box::new(Meddling::Puts(zone.to_owned(), record)));
        self
    }

    /// The same, but that a record is removed, by its name and type.
    pub fn stranger_removes(mut self, when: When, zone: &str, name: &str, kind: &str) -> Self {
        let removes = Meddling::Removes(zone.to_owned(), name.to_owned(), kind.to_owned());
        self.effect = Effect::Meddling(when, Box::new(removes));
        self
    }

    /// Counts a call that matches, and says whether the fault strikes it.
    pub(crate) fn strikes(&mut self, service: &str, operation: &str, mutating: bool) -> Option<Effect> {
        let matches = self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.service.as_deref().is_none_or(|wanted| wanted == service)
            && (!self.mutating || mutating);
        if !matches {
            return None;
        }
        self.seen += 1;
        let times = self.times.unwrap_or(if self.nth.is_some() { 1 } else { u64::MAX });
        if self.seen < self.nth.unwrap_or(1) || self.applied >= times {
            return None;
        }
        self.applied += 1;
        Some(self.effect.clone())
    }
}

impl Effect {
    /// The answer that the effect gives in place of the real one, if it does.
    pub(crate) fn answer(&self, route: &Route, account: &str) -> Option<ApiError> {
        let protocol = route.protocol();
        Some(match self {
            Self::Error { status, code, message } => ApiError::new(*status, code, message.clone()),
            Self::Throttled => throttled(route),
            Self::ServerError => match (route.service, protocol) {
                (Service::Ecs, _) => {
                    ApiError::new(500, "ServerException", "Service Unavailable. Please try again later.")
                }
                (_, Protocol::Json) => ApiError::new(500, "InternalServerError", "An internal error occurred."),
                (Service::CloudWatch, _) => ApiError::new(
                    500,
                    "InternalServiceError",
                    "The service has encountered an unknown error",
                ),
                (_, Protocol::Query | Protocol::SucceedingJson | Protocol::Cbor | Protocol::WrappedRest) => {
                    ApiError::new(500, "InternalFailure", "An internal failure occurred")
                }
                (_, Protocol::Rest) => ApiError::new(
                    500,
                    "InternalError",
                    "We encountered an internal error. Please try again.",
                ),
            },
            Self::Unavailable => match protocol {
                Protocol::Json => ApiError::new(503, "ServiceUnavailableException", "Service is unavailable"),
                Protocol::Query | Protocol::SucceedingJson | Protocol::Cbor | Protocol::WrappedRest => {
                    ApiError::new(503, "ServiceUnavailable", "Service is unavailable")
                }
                Protocol::Rest => ApiError::new(503, "ServiceUnavailable", "Service is unable to handle request."),
            },
            Self::AccessDenied => {
                let action = format!("{}:{}", route.service.action_prefix(), iam_action(route));
                denied(route, account, &action, None, false)
            }
            _ => return None,
        })
    }

    /// In a word, for the call log.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Error { status, code, .. } => format!("error {status} {code}"),
            Self::Throttled => "throttled".to_owned(),
            Self::ServerError => "server error".to_owned(),
            Self::Unavailable => "unavailable".to_owned(),
            Self::AccessDenied => "access denied".to_owned(),
            Self::DroppedBefore => "dropped before".to_owned(),
            Self::DroppedAfter => "dropped after".to_owned(),
            Self::Hangs => "hangs".to_owned(),
            Self::Slow(by) => format!("slow by {by:?}"),
            Self::TakesEffectLate(by) => format!("takes effect {by:?} late"),
            Self::Stale(by) => format!("stale by {by:?}"),
            Self::Meddling(When::Before, _) => "a stranger came before".to_owned(),
            Self::Meddling(When::After, _) => "a stranger came after".to_owned(),
        }
    }
}

impl Meddling {
    /// Does it. A zone that does not exist is left to the test to notice: nothing comes of it.
    pub(crate) fn happen(&self, world: &mut World) {
        let _ = match self {
            Self::Puts(zone, record) => world.put_record(zone, record.clone()).map(|()| true),
            Self::Removes(zone, name, kind) => world.remove_record(zone, name, kind),
        };
    }
}

/// The IAM action of an operation, where it has another name.
fn iam_action(route: &Route) -> &str {
    match route.operation.as_str() {
        "HeadBucket" | "ListObjectsV2" => "ListBucket",
        "HeadObject" => "GetObject",
        "ListBuckets" => "ListAllMyBuckets",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_match_is_struck_and_no_other() {
        let mut fault = Fault::on("CreateListener").nth(2).throttled();
        let mut strike = |operation| fault.strikes("elasticloadbalancing", operation, true).is_some();
        let struck = [
            "CreateListener",
            "CreateTargetGroup",
            "CreateListener",
            "CreateListener",
        ]
        .map(&mut strike);
        assert_eq!(struck, [false, false, true, false]);
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_is_told() {
        let mut fault = Fault::on_mutating().service("ecs").times(2);
        let calls = [
            ("ecs", false),
            ("ssm", true),
            ("ecs", true),
            ("ecs", true),
            ("ecs", true),
        ];
        let struck = calls.map(|(service, mutating)| fault.strikes(service, "X", mutating).is_some());
        assert_eq!(struck, [false, false, true, true, false]);
    }
}
