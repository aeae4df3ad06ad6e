//! One call through the sandbox: arrival, latency, effect, answer, log; with the faults that strike it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, DATE, HeaderName, HeaderValue};

use crate::call_log::{Call, resource_of};
use crate::clock::{Ms, http_date, timestamp};
use crate::dispatch::place_of;
use crate::fault::{Effect, Meddling};
use crate::sandbox::{Desk, Sandbox};
use crate::wire::{Answer, ApiError, Request, Route, Service, json, route};
use crate::world::{Behaviour, Event, World};

/// Whether a call that crashes its caller takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It does not.
    Before,
    /// It does.
    After,
}

/// A crash to come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crash {
    /// How many calls arrive until then, this one included.
    calls_left: u64,
    when: When,
}

/// The connection broke before there was an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection was closed before an answer came")]
pub struct Dropped;

/// What is decided at the arrival of a call.
struct Arrival {
    number: u64,
    at: Ms,
    route: Option<Route>,
    latency: Ms,
    effect: Option<Effect>,
    /// Answered with this instead of being carried out.
    refusal: Option<ApiError>,
    crash: Option<When>,
}

impl Sandbox {
    /// Answers a request, at the time and in the way in which AWS would.
    ///
    /// The `Date` header of the answer is the real time: SDKs derive a clock skew from it.
    ///
    /// # Errors
    /// [`Dropped`] where a fault breaks the connection.
    pub async fn handle(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Dropped> {
        let request = plain(request);
        let (arrival, kept) = self.with(|world, desk| arrive(world, desk, &request));
        if let Err(error) = kept {
            return Ok(response(out_of_order(&error.to_string())));
        }
        if arrival.crash == Some(When::Before) {
            self.log(&arrival, &request, None, Some("crashed before".to_owned()));
            self.tell_crash();
            return std::future::pending().await;
        }
        let fault = arrival.effect.as_ref().map(Effect::name);
        match arrival.effect {
            Some(Effect::Hangs) => {
                self.log(&arrival, &request, None, fault);
                return std::future::pending().await;
            }
            Some(Effect::DroppedBefore) => {
                self.pass(arrival.latency).await;
                self.log(&arrival, &request, None, fault);
                return Err(Dropped);
            }
            _ => {}
        }
        self.pass(arrival.latency).await;
        let (answer, kept) = self.with(|world, desk| perform(world, desk, &arrival, &request));
        let answer = kept
            .map(|()| answer)
            .unwrap_or_else(|error| out_of_order(&error.to_string()));
        if arrival.crash == Some(When::After) {
            self.log(&arrival, &request, None, Some("crashed after".to_owned()));
            self.tell_crash();
            return std::future::pending().await;
        }
        if arrival.effect == Some(Effect::DroppedAfter) {
            self.log(&arrival, &request, None, fault);
            return Err(Dropped);
        }
        self.log(&arrival, &request, Some(&answer), fault);
        if let Some(Effect::Slow(by)) = arrival.effect {
            self.pass(milliseconds(by)).await;
        }
        Ok(response(answer))
    }

    /// The `call`-th call from now (counted from 1) is never answered; [`Sandbox::crashed`] tells when that has happened.
    /// A test then drops the future of its caller, as a crash would.
    pub fn crash_at(&self, call: u64, when: When) {
        self.set_crash(Crash { calls_left: call, when });
    }

    /// Resolves at the next crash.
    pub fn crashed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut crashes = self.crashes();
        async move {
            // The sender lives as long as the sandbox; without it no crash comes any more.
            if crashes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    fn log(&self, arrival: &Arrival, request: &Request, answer: Option<&Answer>, fault: Option<String>) {
        let place = arrival.route.as_ref().map(place_of);
        let call = Call {
            number: arrival.number,
            at: timestamp(arrival.at),
            service: arrival
                .route
                .as_ref()
                .map_or("", |route| route.service.signing_name())
                .to_owned(),
            operation: arrival
                .route
                .as_ref()
                .map_or("Unknown", |route| &route.operation)
                .to_owned(),
            access_key: arrival
                .route
                .as_ref()
                .and_then(|route| route.access_key.clone())
                .unwrap_or_default(),
            account: place.as_ref().map(|place| place.account.clone()).unwrap_or_default(),
            region: place.map(|place| place.region).unwrap_or_default(),
            resource: arrival
                .route
                .as_ref()
                .map(|route| resource_of(route, request))
                .unwrap_or_default(),
            mutating: arrival.route.as_ref().is_some_and(Route::mutating),
            status: answer.map_or(0, |answer| answer.status),
            error: answer.and_then(|answer| answer.error.clone()),
            fault,
        };
        self.push_call(call);
    }
}

/// Numbers a call and decides what becomes of it.
fn arrive(world: &mut World, desk: &mut Desk, request: &Request) -> Arrival {
    world.calls += 1;
    if desk.history.is_empty() {
        desk.history.remember(world);
    }
    let route = route(request).ok();
    let mut arrival = Arrival {
        number: world.calls,
        at: world.now_ms(),
        latency: world.profile.read_latency,
        effect: None,
        refusal: None,
        crash: None,
        route: None,
    };
    if let Some(crash) = &mut desk.crash {
        crash.calls_left = crash.calls_left.saturating_sub(1);
        if crash.calls_left == 0 {
            arrival.crash = Some(crash.when);
            desk.crash = None;
        }
    }
    let Some(route) = route else { return arrival };
    let (service, mutating) = (route.service.signing_name(), route.mutating());
    // Every fault counts the call; the first that strikes it wins.
    let struck: Vec<Effect> = desk
        .faults
        .iter_mut()
        .filter_map(|fault| fault.strikes(service, &route.operation, mutating))
        .collect();
    arrival.effect = struck.into_iter().next();
    let account = place_of(&route).account;
    arrival.refusal = arrival
        .effect
        .as_ref()
        .and_then(|effect| effect.answer(&route, &account));
    if arrival.refusal.is_none() {
        arrival.refusal = world.admit(&route, request).err();
    }
    // Route 53 promises that its listings are never behind.
    let may_lag = !mutating && route.service != Service::Route53;
    if arrival.effect.is_none() && arrival.refusal.is_none() && may_lag {
        arrival.effect = random_staleness(world).map(Effect::Stale);
    }
    arrival.latency = latency(world, &route, arrival.refusal.is_some());
    arrival.route = Some(route);
    arrival
}

fn random_staleness(world: &mut World) -> Option<Duration> {
    let (probability, longest) = world.behaviour.stale_reads?;
    if world.chance() >= probability {
        return None;
    }
    let age = world.chance() * longest.min(Behaviour::STALE_AT_MOST) as f64;
    Some(Duration::from_millis(age as u64))
}

/// How long the call takes. A refusal comes as fast as a read.
pub(crate) fn latency(world: &World, route: &Route, refused: bool) -> Ms {
    let profile = &world.profile;
    if let Some(latency) = world.behaviour.latencies.get(&route.operation) {
        return *latency;
    }
    match (refused || !route.mutating(), route.creating()) {
        (true, _) => profile.read_latency,
        (false, true) => profile.creation_latency,
        (false, false) => profile.mutation_latency,
    }
}

/// Carries a call out, as far as it is.
fn perform(world: &mut World, desk: &mut Desk, arrival: &Arrival, request: &Request) -> Answer {
    if let (Some(error), Some(route)) = (&arrival.refusal, &arrival.route) {
        return world.refuse(route, error, request);
    }
    let number = world.reserve_request();
    let call = Some(arrival.number);
    let mutating = arrival.route.as_ref().is_some_and(Route::mutating);
    match &arrival.effect {
        Some(Effect::TakesEffectLate(by)) => {
            let answer = world.clone().carry_out(request, number, call);
            let at = world.now_ms() + milliseconds(*by);
            world.queue.push(
                at,
                Event::LateCall {
                    request: request.clone(),
                    number,
                    call: arrival.number,
                },
            );
            answer
        }
        Some(Effect::Stale(by)) if !mutating => {
            let then = world.now_ms() - milliseconds(*by);
            let mut old = desk.history.at(then).unwrap_or_else(|| world.clone());
            old.carry_out(request, number, call)
        }
        effect => {
            meddle(world, effect.as_ref(), When::Before);
            let answer = world.carry_out(request, number, call);
            meddle(world, effect.as_ref(), When::After);
            if mutating || matches!(effect, Some(Effect::Meddling(..))) {
                desk.history.remember(world);
            }
            answer
        }
    }
}

/// Somebody else changes something just before or after the call.
fn meddle(world: &mut World, effect: Option<&Effect>, moment: When) {
    if let Some(Effect::Meddling(when, meddling)) = effect
        && *when == moment
    {
        Meddling::happen(meddling, world);
    }
}

fn milliseconds(span: Duration) -> Ms {
    Ms::try_from(span.as_millis()).unwrap_or(Ms::MAX / 4)
}

/// The answer while the state file cannot be used.
fn out_of_order(reason: &str) -> Answer {
    json::failure(&ApiError::new(500, "InternalFailure", reason), "")
}

/// A request as plain data.
fn plain(request: http::Request<Bytes>) -> Request {
    let (parts, body) = request.into_parts();
    let mut headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    if let Some(host) = parts.uri.authority() {
        headers.entry("host".to_owned()).or_insert_with(|| host.to_string());
    }
    Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: body.to_vec(),
    }
}

fn response(answer: Answer) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from(answer.body));
    *response.status_mut() =
        http::StatusCode::from_u16(answer.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    if let Ok(date) = HeaderValue::from_str(&http_date(jiff::Timestamp::now())) {
        headers.insert(DATE, date);
    }
    let length = response.body().len();
    let _ = response
        .headers_mut()
        .entry(CONTENT_LENGTH)
        .or_insert_with(|| length.into());
    response
}
