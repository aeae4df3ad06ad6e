//! One request, from its route to its answer: who may call, and which service carries it out.

use crate::ce;
use crate::cloudwatch;
use crate::ecs;
use crate::elbv2;
use crate::route53;
use crate::s3;
use crate::ssm;
use crate::sts;
use crate::wire::node::Node;
use crate::wire::query::Parameters;
use crate::wire::{Answer, ApiError, Caller, Protocol, Request, Route, Service, json, query, route, successors};
use crate::world::{CredentialState, Place, World, account_of, take_token};

impl World {
    /// Answers a request that takes effect at `now`. Pure in the world, the request and the time.
    pub fn handle(&mut self, request: &Request, now: i64) -> Answer {
        self.advance_to(now);
        let number = self.reserve_request();
        match route(request) {
            Ok(found) => match self.admit(&found, request) {
                Ok(()) => self.carry_out(request, number, None),
                Err(error) => self.refuse(&found, &error, request),
            },
            Err(_) => self.carry_out(request, number, None),
        }
    }

    /// Whether AWS carries the call out at all: the credential must be good, the token buckets must not be empty, and the
    /// caller's policies must allow it.
    ///
    /// # Errors
    /// The answer that the caller gets instead.
    pub(crate) fn admit(&mut self, route: &Route, request: &Request) -> Result<(), ApiError> {
        self.check_credential(route)?;
        let place = place_of(route);
        if !take_token(self, &place, route.service.signing_name(), &route.operation) {
            return Err(throttled(route));
        }
        self.authorize(route, &place, request)
    }

    fn check_credential(&self, route: &Route) -> Result<(), ApiError> {
        let protocol = route.protocol();
        let Some(access_key) = &route.access_key else {
            return Err(match protocol {
                Protocol::Json => {
                    ApiError::client("MissingAuthenticationTokenException", "Missing Authentication Token")
                }
                Protocol::Query | Protocol::SucceedingJson | Protocol::Cbor | Protocol::WrappedRest => {
                    let message = "Request is missing Authentication Token";
                    ApiError::new(403, "MissingAuthenticationToken", message)
                }
                Protocol::Rest => ApiError::new(403, "AccessDenied", "Access Denied"),
            });
        };
        let expired = "The security token included in the request is expired";
        let invalid = "The security token included in the request is invalid.";
        Err(match (self.credential(access_key), protocol) {
            (CredentialState::Valid, _) => return Ok(()),
            (CredentialState::Expired, Protocol::Json) => ApiError::client("ExpiredTokenException", expired),
            (CredentialState::Expired, Protocol::Rest) => {
                ApiError::new(403, "ExpiredToken", "The provided token has expired.")
            }
            (CredentialState::Expired, _) => ApiError::new(403, "ExpiredToken", expired),
            (CredentialState::Unknown, Protocol::Json) => ApiError::client("UnrecognizedClientException", invalid),
            (CredentialState::Unknown, Protocol::Rest) => {
                let message = "The AWS Access Key Id you provided does not exist in our records.";
                ApiError::new(403, "InvalidAccessKeyId", message)
            }
            (CredentialState::Unknown, _) => ApiError::new(403, "InvalidClientTokenId", invalid),
        })
    }

    /// Carries a request out at the world's present time, drawing its ids from its number. `call` is its number in the
    /// call log.
    pub(crate) fn carry_out(&mut self, request: &Request, number: u64, call: Option<u64>) -> Answer {
        self.begin_request(number);
        let request_id = self.fresh_uuid();
        let found = match route(request) {
            Ok(found) => found,
            Err(error) => return unroutable(request, &error, &request_id),
        };
        let caller = Caller {
            access_key: found.access_key.clone().unwrap_or_default(),
            place: place_of(&found),
            now: self.now_ms(),
            request_id,
            call,
        };
        let Route { service, operation, .. } = &found;
        match service {
            Service::S3 => s3::handle(self, &caller, &found, request),
            Service::Route53 => route53::handle(self, &caller, &found, request),
            Service::Ecs | Service::Ssm | Service::CostExplorer => {
                let result = match service {
                    Service::Ecs => ecs::handle(self, &caller, operation, &request.body),
                    Service::CostExplorer => ce::handle(self, &caller, operation, &request.body),
                    _ => ssm::handle(self, &caller, operation, &request.body),
                };
                match result {
                    Ok(output) => json::success(&output, &caller.request_id),
                    Err(error) => json::failure(&error, &caller.request_id),
                }
            }
            Service::CloudWatch => self.answer_cloudwatch(&caller, &found, request),
            Service::Elbv2 | Service::Sts => {
                let parameters = Parameters::new(found.form.clone());
                let result = match service {
                    Service::Elbv2 => elbv2::handle(self, &caller, operation, &parameters),
                    _ => sts::handle(&caller, operation, &parameters),
                };
                match result {
                    Ok(output) => query::success(*service, operation, output, &caller.request_id),
                    Err(error) => query::failure(*service, &error, &caller.request_id),
                }
            }
        }
    }

    fn answer_cloudwatch(&mut self, caller: &Caller, found: &Route, request: &Request) -> Answer {
        let protocol = found.protocol();
        let input = match protocol {
            Protocol::Query => Ok(Node::of_form(&found.form)),
            _ => successors::input(protocol, request),
        };
        let result = input.and_then(|input| cloudwatch::handle(self, caller, &found.operation, &input));
        match (result, protocol) {
            (Ok(output), Protocol::Query) => {
                let output = output.map(|output| output.elements()).unwrap_or_default();
                query::success(found.service, &found.operation, output, &caller.request_id)
            }
            (Err(error), Protocol::Query) => query::failure(found.service, &error, &caller.request_id),
            (Ok(output), _) => successors::success(protocol, output.as_ref(), &caller.request_id),
            (Err(error), _) => successors::failure(protocol, &error, &caller.request_id),
        }
    }

    /// Answers with an error, in the service's own form.
    pub(crate) fn refuse(&mut self, route: &Route, error: &ApiError, request: &Request) -> Answer {
        let number = self.reserve_request();
        self.begin_request(number);
        let request_id = self.fresh_uuid();
        match route.protocol() {
            Protocol::Json => json::failure(error, &request_id),
            Protocol::Query | Protocol::WrappedRest => query::failure(route.service, error, &request_id),
            protocol @ (Protocol::SucceedingJson | Protocol::Cbor) => successors::failure(protocol, error, &request_id),
            Protocol::Rest => s3::failure(error, route, &request_id, request.method == "HEAD"),
        }
    }
}

/// Where a request acts.
pub(crate) fn place_of(route: &Route) -> Place {
    let access_key = route.access_key.as_deref().unwrap_or_default();
    Place {
        account: account_of(access_key).to_owned(),
        region: route.region.clone(),
    }
}

/// What a service answers when it is called too often.
pub(crate) fn throttled(route: &Route) -> ApiError {
    match (route.service, route.protocol()) {
        (_, Protocol::Rest) => ApiError::new(503, "SlowDown", "Please reduce your request rate."),
        (Service::Sts | Service::CloudWatch | Service::Route53, _) => ApiError::client("Throttling", "Rate exceeded"),
        _ => ApiError::client("ThrottlingException", "Rate exceeded"),
    }
}

/// A request for no service: answered in the form that the caller seems to speak.
fn unroutable(request: &Request, error: &ApiError, request_id: &str) -> Answer {
    let is_form = request
        .header("content-type")
        .starts_with("application/x-www-form-urlencoded");
    if is_form {
        query::failure(Service::Sts, error, request_id)
    } else {
        json::failure(error, request_id)
    }
}
