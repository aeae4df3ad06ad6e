//! A platform on a simulated AWS, and a way to run the engine against it and to ask what came of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{Call, PlatformSpec, Sandbox, World};
use jitsi_ops::access::{AccessSettings, Aws, Transport};
use jitsi_ops::clock::Clock;
use jitsi_ops::event::{Event, EventKind};
use jitsi_ops::observation::Observation;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::scale_up::{Interrupts, Outcome, Report, ScaleUp, nothing_has_run, plan_scale_up, scale_up};
use jitsi_ops::wanted::{Further, Wanted};

/// The account of the stage.
pub(crate) const ACCOUNT: &str = "123456789012";

/// A sandbox with one platform, at zero.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) spec: PlatformSpec,
    pub(crate) wanted: Wanted,
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
            aws_cli: Some(" --region us-west-2".to_owned()),
        };
        Self {
            sandbox: Sandbox::new(World::with_platform(&spec)),
            wanted,
            spec,
            events: Arc::default(),
            prepared: AtomicUsize::new(0),
        }
    }

    /// The clients of somebody with this access key; twelve digits are an account.
    pub(crate) async fn aws_as(&self, access_key: &str) -> Result<Aws, Problem> {
        let credentials = Credentials::new(access_key, "secret", None, None, "stage");
        let settings = AccessSettings {
            region: self.wanted.region.clone(),
            aws_profile: None,
            endpoint_url: None,
            transport: Some(Transport {
                http_client: self.sandbox.http_client(),
                sleep: self.sandbox.sdk_sleep(),
                credentials: SharedCredentialsProvider::new(credentials),
                speed: 1.0,
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

    pub(crate) async fn forget_parameter(&self, name: &str) {
        let ssm = aws_sdk_ssm::Client::new(&self.sdk(ACCOUNT, &self.wanted.region));
        ssm.delete_parameter().name(name).send().await.unwrap();
        self.mark();
    }

    pub(crate) async fn add_bucket(&self, account: &str, region: &str, name: &str) {
        use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
        let s3 = aws_sdk_s3::Client::new(&self.sdk(account, region));
        let place = CreateBucketConfiguration::builder()
            .location_constraint(BucketLocationConstraint::from(region))
            .build();
        s3.create_bucket()
            .bucket(name)
            .create_bucket_configuration(place)
            .send()
            .await
            .unwrap();
        self.mark();
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

    /// What was called until now does not count as the engine's.
    fn mark(&self) {
        self.prepared.store(self.sandbox.calls().len(), Ordering::Relaxed);
    }

    /// What the sandbox itself says costs money now: kinds, sorted.
    pub(crate) fn bills(&self) -> Vec<String> {
        let bill = self.sandbox.bill();
        let mut kinds: Vec<String> = bill.still_billing().iter().map(|item| item.kind.to_string()).collect();
        kinds.sort();
        kinds
    }
}

/// Twenty minutes, the rule, a fixed jitter.
pub(crate) fn request() -> ScaleUp {
    ScaleUp {
        timeout: Duration::from_secs(20 * 60),
        rollback: Some(nothing_has_run),
        seed: 7,
    }
}

/// The kind of problem, and all that was said about it.
pub(crate) fn told(report: &Report) -> (ProblemKind, String) {
    let problem = report.problem.as_ref().expect("the run should have failed");
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
