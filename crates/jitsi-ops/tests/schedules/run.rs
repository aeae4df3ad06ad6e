//! One run of scale-up, scale-down or a watch, by somebody at a machine of their own: with a clock that may be wrong, that may have
//! slept, with a finger on Ctrl-C; and its end, as the sandbox sees it.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::Sandbox;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::{SignedDuration, Timestamp};
use jitsi_ops::access::{AccessSettings, Aws, Transport};
use jitsi_ops::clock::Clock;
use jitsi_ops::custody::Desk;
use jitsi_ops::event::Event;
use jitsi_ops::guard::Overrule;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::register_targets::{RegisterTargets, register_targets};
use jitsi_ops::resolver::Resolver;
use jitsi_ops::scale_down::{self, ScaleDown};
use jitsi_ops::scale_up::{self, Interrupts, ScaleUp, nothing_has_run};
use jitsi_ops::wanted::Wanted;
use tokio_util::sync::CancellationToken;

use crate::line::{Asked, Line, Targets};
use crate::schedule::{CtrlC, Goal};
use crate::stage;

/// Longer than any run may take: twenty minutes, half an hour of waiting for quiet, ten minutes of a way back, and what
/// calls take that are never answered.
const ENDLESS: Duration = Duration::from_secs(2 * 3600);

/// The machine that a run is made on.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    /// The user's state folder: empty at first.
    pub(crate) state_folder: PathBuf,
    /// Milliseconds that it has slept.
    pub(crate) slept: Arc<AtomicU64>,
    /// By how many seconds its clock is wrong.
    pub(crate) wrong_by: i64,
}

/// What is asked of a run.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Its access key: by this its calls are known in the log.
    pub(crate) key: String,
    pub(crate) goal: Goal,
    pub(crate) wait_idle: Duration,
    pub(crate) lock_wait: Duration,
    pub(crate) ctrl_c: Option<CtrlC>,
    /// A watch is interrupted then.
    pub(crate) watched_until: Option<CancellationToken>,
    pub(crate) seed: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It says that the goal is reached; `already`: and that it had nothing to do.
    Reached {
        already: bool,
    },
    RolledBack,
    Refused,
    Held,
    Failed,
    /// A watch that went on until it was interrupted.
    Watched,
    /// The sandbox has crashed it.
    Killed,
    /// It did not end.
    Endless,
}

/// A run that is over.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) key: String,
    pub(crate) goal: Goal,
    pub(crate) began: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) end: End,
    /// Whether a second Ctrl-C was pressed before it ended.
    pub(crate) aborted: bool,
    /// What was billed at that moment, of every platform: names and ARNs.
    pub(crate) billed: Vec<(String, String)>,
    /// The desired counts that it asked for.
    pub(crate) asked: Vec<Asked>,
    /// The targets that it registered and deregistered.
    pub(crate) targets: Vec<Targets>,
    /// What it told, for those who look into a failure.
    pub(crate) told: Vec<String>,
}

#[derive(Debug)]
struct WrongClock(i64);

impl TimeSource for WrongClock {
    fn now(&self) -> SystemTime {
        let by = Duration::from_secs(self.0.unsigned_abs());
        let now = SystemTime::now();
        if self.0 < 0 { now - by } else { now + by }
    }
}

/// Makes a run, to its end or to its death.
pub(crate) async fn run(line: &Line, sandbox: &Sandbox, wanted: &Wanted, machine: &Machine, order: &Order) -> Ended {
    let began = sandbox.now();
    let told: Mutex<Vec<String>> = Mutex::default();
    let interrupts = Interrupts::default();
    let hear = |event: Event| told.lock().unwrap().push(format!("{:?}", event.kind));
    let end = tokio::select! {
        biased;
        () = killed(sandbox, &order.key) => (End::Killed, None),
        end = Box::pin(go(line, sandbox, wanted, machine, order, &hear, &interrupts)) => end,
        () = press(order, &interrupts) => unreachable!("whoever has pressed waits for the end"),
        () = endless(order) => (End::Endless, None),
    };
    let mut told = told.into_inner().unwrap();
    told.extend(
        end.1
            .map(|problem| format!("{problem} | {:?} | {:?}", problem.why, problem.hints)),
    );
    let bill = sandbox.bill();
    let billed = bill.still_billing().into_iter();
    Ended {
        key: order.key.clone(),
        goal: order.goal,
        began,
        ended: sandbox.now(),
        end: end.0,
        aborted: interrupts.second.is_cancelled(),
        billed: billed.map(|item| (item.kind.clone(), item.arn.clone())).collect(),
        asked: line.asked(),
        targets: line.targets(),
        told,
    }
}

/// Resolves when the sandbox has crashed the run with this access key.
async fn killed(sandbox: &Sandbox, key: &str) {
    loop {
        sandbox.crashed().await;
        let crashed = |call: &aws_sandbox::Call| call.fault.as_deref().is_some_and(|f| f.starts_with("crashed"));
        if sandbox
            .calls()
            .iter()
            .any(|call| call.access_key == key && crashed(call))
        {
            return;
        }
    }
}

/// A watch may take as long as it is wanted.
async fn endless(order: &Order) {
    if let Some(until) = &order.watched_until {
        until.cancelled().await;
    }
    tokio::time::sleep(ENDLESS).await;
}

async fn press(order: &Order, interrupts: &Interrupts) {
    if let Some(until) = &order.watched_until {
        until.cancelled().await;
        interrupts.first.cancel();
    }
    if let Some(CtrlC { after, again_after }) = order.ctrl_c {
        tokio::time::sleep(after).await;
        interrupts.first.cancel();
        if let Some(again) = again_after {
            tokio::time::sleep(again).await;
            interrupts.second.cancel();
        }
    }
    std::future::pending().await
}

async fn go(
    line: &Line,
    sandbox: &Sandbox,
    wanted: &Wanted,
    machine: &Machine,
    order: &Order,
    hear: &(dyn Fn(Event) + Sync),
    interrupts: &Interrupts,
) -> (End, Option<Problem>) {
    let names = sandbox.clone();
    let settings = AccessSettings {
        region: wanted.region.clone(),
        aws_profile: None,
        dns_profile: None,
        endpoint_url: None,
        transport: Some(Transport {
            http_client: SharedHttpClient::new(line.clone()),
            sleep: sandbox.sdk_sleep(),
            credentials: SharedCredentialsProvider::new(Credentials::new(&order.key, "secret", None, None, "schedule")),
            dns_credentials: None,
            speed: 1.0,
            wall_clock: SharedTimeSource::new(WrongClock(machine.wrong_by)),
            resolver: Resolver::new(move |name| names.world(|world| world.resolve(name))),
        }),
        steady_retries: true,
    };
    let aws = Aws::connect(&settings).await.unwrap();
    let origin = sandbox.now() + SignedDuration::from_secs(machine.wrong_by);
    let clock = Clock::starting_at(origin, 1.0).on_a_machine_that_sleeps(machine.slept.clone());
    let desk = Desk {
        state_folder: machine.state_folder.clone(),
        lock_wait: order.lock_wait,
        nonce: format!("{:016x}", order.seed),
        ..stage::desk()
    };
    let mut wanted = wanted.clone();
    if order.goal == Goal::ForcedDown {
        wanted.overrule = Overrule::Everything;
    }
    if order.goal == Goal::Watch {
        wanted.watch = true;
        let request = RegisterTargets {
            timeout: Duration::from_secs(20 * 60),
            desk,
            seed: order.seed,
        };
        let problem = register_targets(&aws, &wanted, &request, clock, hear, interrupts)
            .await
            .problem;
        let interrupted = problem.as_ref().is_some_and(|it| it.kind == ProblemKind::Interrupted);
        return (if interrupted { End::Watched } else { End::Failed }, problem);
    }
    if order.goal.is_up() {
        let request = ScaleUp {
            timeout: Duration::from_secs(20 * 60),
            rollback: Some(nothing_has_run),
            desk,
            seed: order.seed,
        };
        let report = scale_up::scale_up(&aws, &wanted, &request, clock, hear, interrupts).await;
        let end = match report.outcome {
            scale_up::Outcome::Up | scale_up::Outcome::Repaired => End::Reached { already: false },
            scale_up::Outcome::AlreadyUp => End::Reached { already: true },
            scale_up::Outcome::RolledBack => End::RolledBack,
            scale_up::Outcome::Failed | scale_up::Outcome::Planned => End::Failed,
        };
        return (end, report.problem);
    }
    let request = ScaleDown {
        timeout: Duration::from_secs(20 * 60),
        wait_idle: order.wait_idle,
        desk,
        seed: order.seed,
    };
    let report = scale_down::scale_down(&aws, &wanted, &request, clock, hear, interrupts).await;
    let end = match report.outcome {
        scale_down::Outcome::Down => End::Reached { already: false },
        scale_down::Outcome::AlreadyDown => End::Reached { already: true },
        scale_down::Outcome::Held => End::Held,
        scale_down::Outcome::Refused => End::Refused,
        scale_down::Outcome::Failed | scale_down::Outcome::Planned => End::Failed,
    };
    (end, report.problem)
}
