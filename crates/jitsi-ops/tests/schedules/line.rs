//! What a run sends over the line, as it leaves: the call log of the sandbox does not keep what a call asks for. Something
//! can be made to happen in the moment before a call arrives.

use std::fmt;
use std::sync::{Arc, Mutex};

use aws_sandbox::Sandbox;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use jiff::Timestamp;

use crate::stage::Stage;

/// Nobody needs so many calls: half an hour of waiting makes some three thousand.
const RUNAWAY: u64 = 10_000;

/// An UpdateService.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) at: Timestamp,
    /// Its number among all calls of the run.
    pub(crate) number: u64,
    /// The desired count that it asks for.
    pub(crate) desired: u64,
}

/// A RegisterTargets or DeregisterTargets, and how many tasks were asked for in truth when it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Targets {
    pub(crate) at: Timestamp,
    pub(crate) operation: &'static str,
    pub(crate) desired: u32,
}

/// What is kept of what was sent.
#[derive(Debug, Default)]
struct Sent {
    calls: u64,
    asked: Vec<Asked>,
    targets: Vec<Targets>,
}

/// Called with the number of a call, counted from 1.
type Moment = Arc<dyn Fn(u64) + Send + Sync>;

/// The line from one machine to the sandbox.
#[derive(Clone)]
pub(crate) struct Line {
    sandbox: Sandbox,
    service: String,
    client: SharedHttpClient,
    before: Option<Moment>,
    answered: Option<Moment>,
    sent: Arc<Mutex<Sent>>,
}

impl Line {
    pub(crate) fn to(stage: &Stage) -> Self {
        Self {
            sandbox: stage.sandbox.clone(),
            service: stage.spec.service_arn(),
            client: stage.sandbox.http_client(),
            before: None,
            answered: None,
            sent: Arc::default(),
        }
    }

    /// Before it arrives.
    pub(crate) fn before_each_call(mut self, moment: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.before = Some(Arc::new(moment));
        self
    }

    /// AWS has answered, and the run has not read it yet.
    pub(crate) fn at_each_answer(mut self, moment: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.answered = Some(Arc::new(moment));
        self
    }

    /// Every desired count that was asked for.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.sent.lock().unwrap().asked.clone()
    }

    /// Every change of registered targets.
    pub(crate) fn targets(&self) -> Vec<Targets> {
        self.sent.lock().unwrap().targets.clone()
    }

    /// How many calls were sent.
    pub(crate) fn calls(&self) -> u64 {
        self.sent.lock().unwrap().calls
    }

    /// Takes note of a call, and gives its number.
    fn sends(&self, request: &HttpRequest) -> u64 {
        let number = {
            let mut sent = self.sent.lock().unwrap();
            sent.calls += 1;
            sent.calls
        };
        assert!(number < RUNAWAY, "a run goes round and round: {number} calls");
        if let Some(moment) = &self.before {
            moment(number);
        }
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if target.ends_with(".UpdateService") {
            let body: serde_json::Value =
                serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
            if let Some(desired) = body["desiredCount"].as_u64() {
                let at = self.sandbox.now();
                self.sent.lock().unwrap().asked.push(Asked { at, number, desired });
            }
        }
        let form = String::from_utf8_lossy(request.body().bytes().unwrap_or_default());
        let of_targets = ["RegisterTargets", "DeregisterTargets"];
        if let Some(operation) = of_targets
            .into_iter()
            .find(|it| form.starts_with(&format!("Action={it}&")))
        {
            let desired = self.sandbox.world(|world| world.desired_count(&self.service)).unwrap();
            let at = self.sandbox.now();
            self.sent
                .lock()
                .unwrap()
                .targets
                .push(Targets { at, operation, desired });
        }
        number
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl HttpClient for Line {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, parts);
        SharedHttpConnector::new(Tapped {
            connector,
            line: self.clone(),
        })
    }
}

#[derive(Clone, Debug)]
struct Tapped {
    connector: SharedHttpConnector,
    line: Line,
}

impl HttpConnector for Tapped {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let number = self.line.sends(&request);
        let (answer, answered) = (self.connector.call(request), self.line.answered.clone());
        HttpConnectorFuture::new(async move {
            let answer = answer.await;
            if let Some(moment) = answered {
                moment(number);
            }
            answer
        })
    }
}
