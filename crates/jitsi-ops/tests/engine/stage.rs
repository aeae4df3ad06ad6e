//! A platform on a simulated AWS, and a way to run the engine against it and to ask what came of it.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{Call, PlatformSpec, Sandbox, World};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use jitsi_ops::access::{AccessSettings, Aws, Transport};
use jitsi_ops::clock::Clock;
use jitsi_ops::custody::Desk;
use jitsi_ops::event::{Event, EventKind};
use jitsi_ops::identity::Who;
use jitsi_ops::observation::{Observation, Tags};
use jitsi_ops::ownership;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::register_targets::{self, RegisterTargets};
use jitsi_ops::resolver::Resolver;
use jitsi_ops::scale_down::{self, ScaleDown, plan_scale_down};
use jitsi_ops::scale_up::{Interrupts, Outcome, Report, ScaleUp, nothing_has_run, plan_scale_up, scale_up};
use jitsi_ops::wanted::{Further, Wanted};

/// The account of the stage.
pub(crate) const ACCOUNT: &str = "123456789012";

/// A sandbox with one platform, at zero.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) spec: PlatformSpec,
    pub(crate) wanted: Wanted,
    /// The access key for Route 53, where it is another one.
    pub(crate) dns_key: Option<String>,
    /// Who is asked for names, where it is not the sandbox.
    pub(crate) resolver: Option<Resolver>,
    events: Arc<Mutex<Vec<Event>>>,
    /// Calls up to here were made to prepare the stage.
    prepared: AtomicUsize,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::configured("")
    }

    /// With more lines in its profile.
    pub(crate) fn configured(lines: &str) -> Self {
        let spec = PlatformSpec::default();
        let text = format!("[profiles.ops]\ndomain = \"meet.example.org\"\naccount_id = \"{ACCOUNT}\"\n{lines}\n");
        let configuration = jitsi_config::load_text("jitsi.toml".as_ref(), &text, None).unwrap();
        let mut wanted = Wanted::of(&configuration.platform, 1, false);
        wanted.further = Further {
            flags: " --profile ops".to_owned(),
        };
        Self {
            sandbox: Sandbox::new(World::with_platform(&spec)),
            wanted,
            spec,
            dns_key: None,
            resolver: None,
            events: Arc::default(),
            prepared: AtomicUsize::new(0),
        }
    }

    /// A platform whose tasks have no sentinel.
    pub(crate) fn without_sentinel() -> Self {
        let mut stage = Self::new();
        stage.spec.sentinel = false;
        stage.build();
        stage
    }

    /// A new world, in which the platform is as `spec` says now.
    pub(crate) fn build(&mut self) {
        self.sandbox = Sandbox::new(World::with_platform(&self.spec));
    }

    /// Another platform in the same account.
    pub(crate) async fn beside(other: &Self, project: &str) -> Self {
        let mut stage = Self::configured(&format!("project_name = \"{project}\""));
        stage.spec = PlatformSpec::named(project);
        stage.sandbox = other.sandbox.clone();
        stage.sandbox.world(|world| world.add_platform(&stage.spec));
        stage
    }

    /// From now on the configuration names load balancer and target groups otherwise.
    pub(crate) fn rename(&mut self, name: &str) {
        self.wanted.load_balancer = format!("{name}-nlb");
        for (n, listener) in self.wanted.listeners.iter_mut().enumerate() {
            listener.group.name = format!("{name}-{n}");
        }
    }

    /// Somebody sets the desired count by hand.
    pub(crate) async fn scale_by_hand(&self, desired: i32) {
        let ecs = aws_sdk_ecs::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        ecs.update_service()
            .cluster(&self.wanted.cluster)
            .service(&self.wanted.service)
            .desired_count(desired)
            .send()
            .await
            .unwrap();
        self.mark();
    }

    /// Somebody puts a tag on the service.
    pub(crate) async fn tag_service(&self, key: &str, value: &str) {
        let ecs = aws_sdk_ecs::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        let tag = aws_sdk_ecs::types::Tag::builder().key(key).value(value).build();
        let arn = self.spec.service_arn();
        ecs.tag_resource().resource_arn(arn).tags(tag).send().await.unwrap();
    }

    /// A network load balancer that nobody has tagged.
    pub(crate) async fn load_balancer_of_a_stranger(&self, name: &str) {
        self.create_load_balancer(name, &Tags::new()).await;
    }

    /// The load balancer as a scale-up makes it that does no more.
    pub(crate) async fn load_balancer_of_ours(&self) {
        let tags = ownership::tags(&self.wanted, &self.spec.service_arn());
        self.create_load_balancer(&self.wanted.load_balancer, &tags).await;
    }

    async fn create_load_balancer(&self, name: &str, tags: &Tags) {
        use aws_sdk_elasticloadbalancingv2::types::{LoadBalancerTypeEnum, Tag};
        let elb = aws_sdk_elasticloadbalancingv2::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        let tags: Vec<Tag> = tags
            .iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect();
        elb.create_load_balancer()
            .name(name)
            .r#type(LoadBalancerTypeEnum::Network)
            .set_subnets(Some(self.subnets().await))
            .set_tags((!tags.is_empty()).then_some(tags))
            .send()
            .await
            .unwrap();
        self.mark();
    }

    /// Somebody deletes the load balancer by hand; its listeners go with it.
    pub(crate) async fn delete_load_balancer(&self) {
        let elb = aws_sdk_elasticloadbalancingv2::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        let named = elb.describe_load_balancers().names(&self.wanted.load_balancer);
        for balancer in named.send().await.unwrap().load_balancers() {
            let arn = balancer.load_balancer_arn().unwrap();
            elb.delete_load_balancer().load_balancer_arn(arn).send().await.unwrap();
        }
        self.mark();
    }

    /// People join every running task.
    pub(crate) fn begin_meeting(&self) {
        let service = self.spec.service_arn();
        let joined = self.sandbox.world(|world| world.begin_meeting(&service)).unwrap();
        assert!(joined > 0, "there is no task to meet in");
    }

    /// What has cut live meetings of this platform off.
    pub(crate) fn cut_off(&self) -> Vec<aws_sandbox::CutOffBy> {
        let service = self.spec.service_arn();
        let meetings = self.sandbox.world(|world| world.meetings());
        let ours = meetings.into_iter().filter(|m| m.service == service);
        ours.filter_map(|m| Some(m.cut_off?.by)).collect()
    }

    /// The clients of somebody with this access key; twelve digits are an account.
    pub(crate) async fn aws_as(&self, access_key: &str) -> Result<Aws, Problem> {
        let of = |key: &str| SharedCredentialsProvider::new(Credentials::new(key, "secret", None, None, "stage"));
        let names = self.sandbox.clone();
        let of_the_sandbox = Resolver::new(move |name| names.world(|world| world.resolve(name)));
        let settings = AccessSettings {
            region: self.wanted.region.clone(),
            aws_profile: None,
            dns_profile: None,
            endpoint_url: None,
            transport: Some(Transport {
                http_client: self.sandbox.http_client(),
                sleep: self.sandbox.sdk_sleep(),
                credentials: of(access_key),
                dns_credentials: self.dns_key.as_deref().map(of),
                speed: 1.0,
                wall_clock: SharedTimeSource::new(SystemTimeSource::new()),
                resolver: self.resolver.clone().unwrap_or(of_the_sandbox),
            }),
            steady_retries: true,
        };
        Aws::connect(&settings).await
    }

    /// Settings for a client of our own, to prepare what the engine will find.
    pub(crate) fn sdk(&self, account: &str, region: &str) -> aws_types::SdkConfig {
        aws_types::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
            .region(aws_config::Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                account, "secret", None, None, "stage",
            )))
            .http_client(self.sandbox.http_client())
            .sleep_impl(self.sandbox.sdk_sleep())
            .build()
    }

    /// The subnets of the platform's service.
    pub(crate) async fn subnets(&self) -> Vec<String> {
        let ecs = aws_sdk_ecs::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        let answer = ecs
            .describe_services()
            .cluster(&self.wanted.cluster)
            .services(&self.wanted.service)
            .send()
            .await
            .unwrap();
        let network = answer.services()[0]
            .network_configuration()
            .unwrap()
            .awsvpc_configuration()
            .unwrap();
        network.subnets().to_vec()
    }

    /// How many load balancers, target groups and listeners there are.
    pub(crate) async fn network_parts(&self) -> (usize, usize, usize) {
        let elb = aws_sdk_elasticloadbalancingv2::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        let balancers = elb.describe_load_balancers().send().await.unwrap();
        let groups = elb.describe_target_groups().send().await.unwrap();
        let mut listeners = 0;
        for balancer in balancers.load_balancers() {
            let answer = elb
                .describe_listeners()
                .load_balancer_arn(balancer.load_balancer_arn().unwrap())
                .send()
                .await;
            listeners += answer.unwrap().listeners().len();
        }
        (
            balancers.load_balancers().len(),
            groups.target_groups().len(),
            listeners,
        )
    }

    pub(crate) fn clock(&self) -> Clock {
        Clock::starting_at(self.sandbox.now(), 1.0)
    }

    /// A scale-up as the command makes it.
    pub(crate) async fn up(&self) -> Report {
        self.run(&request(), &Interrupts::default()).await
    }

    pub(crate) async fn run(&self, request: &ScaleUp, interrupts: &Interrupts) -> Report {
        let aws = self.aws_as(ACCOUNT).await.unwrap();
        scale_up(
            &aws,
            &self.wanted,
            request,
            self.clock(),
            &|event| self.heard(event),
            interrupts,
        )
        .await
    }

    /// A scale-down as cron makes it.
    pub(crate) async fn down(&self) -> scale_down::Report {
        self.run_down(&down_request(), &Interrupts::default()).await
    }

    pub(crate) async fn run_down(&self, request: &ScaleDown, interrupts: &Interrupts) -> scale_down::Report {
        let aws = self.aws_as(ACCOUNT).await.unwrap();
        let observer = |event| self.heard(event);
        scale_down::scale_down(&aws, &self.wanted, request, self.clock(), &observer, interrupts).await
    }

    /// The same stage once more, to run two things at the same time: one sandbox, one list of what was said.
    pub(crate) fn again(&self) -> Self {
        Self {
            sandbox: self.sandbox.clone(),
            spec: self.spec.clone(),
            wanted: self.wanted.clone(),
            dns_key: self.dns_key.clone(),
            resolver: self.resolver.clone(),
            events: Arc::clone(&self.events),
            prepared: AtomicUsize::new(self.prepared.load(Ordering::Relaxed)),
        }
    }

    /// A registration as the command makes it.
    pub(crate) async fn register(&self) -> register_targets::Report {
        self.run_register(&register_request(), &Interrupts::default()).await
    }

    pub(crate) async fn run_register(
        &self,
        request: &RegisterTargets,
        interrupts: &Interrupts,
    ) -> register_targets::Report {
        let aws = self.aws_as(ACCOUNT).await.unwrap();
        let observer = |event| self.heard(event);
        register_targets::register_targets(&aws, &self.wanted, request, self.clock(), &observer, interrupts).await
    }

    pub(crate) async fn dry_run_register(&self) -> register_targets::Report {
        let aws = self.aws_as(ACCOUNT).await.unwrap();
        let observer = |event| self.heard(event);
        let (request, interrupts) = (register_request(), Interrupts::default());
        register_targets::plan_register_targets(&aws, &self.wanted, &request, self.clock(), &observer, &interrupts)
            .await
    }

    pub(crate) async fn dry_run_down(&self) -> scale_down::Report {
        let aws = self.aws_as(ACCOUNT).await.unwrap();
        let interrupts = Interrupts::default();
        let observer = |event| self.heard(event);
        plan_scale_down(
            &aws,
            &self.wanted,
            &down_request(),
            self.clock(),
            &observer,
            &interrupts,
        )
        .await
    }

    pub(crate) async fn dry_run(&self) -> Report {
        let aws = self.aws_as(ACCOUNT).await.unwrap();
        let interrupts = Interrupts::default();
        plan_scale_up(
            &aws,
            &self.wanted,
            &request(),
            self.clock(),
            &|event| self.heard(event),
            &interrupts,
        )
        .await
    }

    fn heard(&self, event: Event) {
        self.events.lock().unwrap().push(event);
    }

    /// All texts that the operator would have seen during the runs.
    pub(crate) fn said(&self) -> Vec<String> {
        let events = self.events.lock().unwrap();
        let text = |event: &Event| match &event.kind {
            EventKind::PreflightPassed { account } => format!("preflight passed {account}"),
            EventKind::StepBegun { step } => format!("begun {step}"),
            EventKind::StepDone { step } => format!("done {step}"),
            EventKind::StepWillBeRetried { step, reason, .. } => format!("retry {step}: {reason}"),
            EventKind::Resource { name, state, .. } => format!("{name}: {state}"),
            EventKind::ResourceGone { name } => format!("{name}: gone"),
            EventKind::Warning(warning) => format!("warning: {}", warning.message),
            EventKind::WaitingForLock { holder, .. } => format!("waiting for {holder}"),
            EventKind::RollingBack { why } => format!("rolling back: {why}"),
        };
        events.iter().map(text).collect()
    }

    pub(crate) fn has_said(&self, part: &str) -> bool {
        self.said().iter().any(|line| line.contains(part))
    }

    /// Calls that change something and were carried out.
    pub(crate) fn mutations(&self) -> Vec<String> {
        let done = |call: &Call| call.mutating && call.status < 300;
        let calls = self.sandbox.calls();
        let since = self.prepared.load(Ordering::Relaxed);
        calls
            .iter()
            .skip(since)
            .filter(|c| done(c))
            .map(|c| c.operation.clone())
            .collect()
    }

    /// Changes of the platform itself: without lock and journal.
    pub(crate) fn changes(&self) -> Vec<String> {
        let books = ["PutObject", "DeleteObject"];
        let all = self.mutations().into_iter();
        all.filter(|operation| !books.contains(&operation.as_str())).collect()
    }

    /// What was called until now does not count as the engine's.
    pub(crate) fn mark(&self) {
        self.prepared.store(self.sandbox.calls().len(), Ordering::Relaxed);
    }

    /// From the guard's last reading before the count was lowered, among `calls`, to when nothing billed any more.
    pub(crate) fn seconds_to_zero(&self, calls: &[Call]) -> Option<f64> {
        let lowered = calls.iter().position(|call| call.operation == "UpdateService")?;
        let reading = calls[..lowered]
            .iter()
            .rfind(|call| call.operation == "GetTaskProtection")?;
        let bill = self.sandbox.bill();
        let end = bill.items.iter().filter_map(|item| item.until).max()?;
        Some(end.duration_since(reading.at).as_secs_f64())
    }

    /// What the sandbox itself says costs money now: kinds, sorted.
    pub(crate) fn bills(&self) -> Vec<String> {
        let bill = self.sandbox.bill();
        let mut kinds: Vec<String> = bill.still_billing().iter().map(|item| item.kind.to_string()).collect();
        kinds.sort();
        kinds
    }
}

/// Somebody at a machine of their own, with an empty state folder.
pub(crate) fn desk() -> Desk {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stage-{}", std::process::id()));
    let run = RUNS.fetch_add(1, Ordering::Relaxed);
    Desk {
        who: Who {
            user: "alice".to_owned(),
            host: "laptop".to_owned(),
        },
        state_folder: folder.join(run.to_string()),
        lock_wait: Duration::from_secs(120),
        nonce: format!("{run:016x}"),
        tenure: None,
    }
}

/// Twenty minutes, the rule, a fixed jitter.
pub(crate) fn request() -> ScaleUp {
    ScaleUp {
        timeout: Duration::from_secs(20 * 60),
        rollback: Some(nothing_has_run),
        desk: desk(),
        seed: 7,
    }
}

/// Twenty minutes, a fixed jitter.
pub(crate) fn register_request() -> RegisterTargets {
    RegisterTargets {
        timeout: Duration::from_secs(20 * 60),
        desk: desk(),
        seed: 7,
    }
}

/// Twenty minutes, no waiting for the end of meetings, a fixed jitter.
pub(crate) fn down_request() -> ScaleDown {
    ScaleDown {
        timeout: Duration::from_secs(20 * 60),
        wait_idle: Duration::ZERO,
        desk: desk(),
        seed: 7,
    }
}

/// The kind of problem, and all that was said about it.
pub(crate) fn told(report: &Report) -> (ProblemKind, String) {
    words(report.problem.as_ref())
}

pub(crate) fn words(problem: Option<&Problem>) -> (ProblemKind, String) {
    let problem = problem.expect("the run should have failed");
    (
        problem.kind,
        format!(
            "{} | {} | {}",
            problem.what,
            problem.why.join(" | "),
            problem.hints.join(" | ")
        ),
    )
}

/// Addresses of healthy targets, `10.0.0.4:10000`.
pub(crate) fn healthy(seen: &Observation, wanted: &Wanted) -> Vec<String> {
    let targets = wanted
        .group_names()
        .flat_map(|name| seen.targets_in(name).unwrap_or_default());
    targets
        .filter(|t| t.is_healthy())
        .map(|t| format!("{}:{}", t.id, t.port))
        .collect()
}

/// Fails with all that is known when the run did not end as it should.
#[track_caller]
pub(crate) fn assert_outcome(stage: &Stage, report: &Report, outcome: Outcome) {
    assert_eq!(
        report.outcome,
        outcome,
        "{:?}\n{}",
        report.problem,
        stage.said().join("\n")
    );
}
