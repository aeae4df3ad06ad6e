//! Brings the platform of a sandbox up and down, as the commands do with `--sandbox`.

use std::path::PathBuf;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{PlatformSpec, Sandbox};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use jitsi_cli::context::sandbox_configuration;
use jitsi_cli::desk::desk;
use jitsi_ops::access::{AccessSettings, Aws, Transport};
use jitsi_ops::clock::Clock;
use jitsi_ops::resolver::Resolver;
use jitsi_ops::scale_down::{ScaleDown, scale_down};
use jitsi_ops::scale_up::{Interrupts, Outcome, Report, ScaleUp, nothing_has_run, scale_up};
use jitsi_ops::wanted::Wanted;

/// How many times faster than real time.
const FAST: f64 = 200.0;

/// Brings it up, in little real time.
pub(crate) async fn raise(state: &PathBuf) {
    raise_in(&Sandbox::open(state, FAST).unwrap(), state, FAST).await;
}

/// Brings it up in this sandbox, whose clock is so many times as fast as tokio's.
pub(crate) async fn raise_in(sandbox: &Sandbox, state: &PathBuf, speed: f64) {
    let report = up(sandbox, state, speed).await;
    assert_eq!(report.outcome, Outcome::Up, "{:?}", report.problem);
}

/// Brings it down, in little real time.
pub(crate) async fn lower(state: &PathBuf) {
    lower_in(&Sandbox::open(state, FAST).unwrap(), state, FAST).await;
}

/// Brings it down, whatever is left of it.
pub(crate) async fn lower_in(sandbox: &Sandbox, state: &PathBuf, speed: f64) {
    let scene = Scene::of(sandbox, speed).await;
    let request = ScaleDown {
        timeout: Duration::from_secs(1200),
        wait_idle: Duration::ZERO,
        desk: desk(Duration::from_secs(600), Some(state)).unwrap(),
        seed: 7,
    };
    let (wanted, clock) = (&scene.wanted, scene.clock);
    let report = scale_down(&scene.aws, wanted, &request, clock, &|_| {}, &Interrupts::default()).await;
    assert!(report.problem.is_none(), "{:?}", report.problem);
}

/// Begins to bring it up, and dies at it after so many seconds. On a paused clock it is the same each time.
pub(crate) async fn die_raising(state: &PathBuf, seconds: u32) {
    die_raising_in(&Sandbox::open(state, 1.0).unwrap(), state, seconds).await;
}

/// The same in this sandbox.
pub(crate) async fn die_raising_in(sandbox: &Sandbox, state: &PathBuf, seconds: u32) {
    let time = Duration::from_secs(seconds.into());
    let finished = tokio::time::timeout(time, up(sandbox, state, 1.0)).await;
    assert!(finished.is_err(), "it was up before it died");
}

async fn up(sandbox: &Sandbox, state: &PathBuf, speed: f64) -> Report {
    let scene = Scene::of(sandbox, speed).await;
    let request = ScaleUp {
        timeout: Duration::from_secs(1200),
        rollback: Some(nothing_has_run),
        desk: desk(Duration::ZERO, Some(state)).unwrap(),
        seed: 7,
    };
    let (wanted, clock) = (&scene.wanted, scene.clock);
    scale_up(&scene.aws, wanted, &request, clock, &|_| {}, &Interrupts::default()).await
}

/// What a command has before it begins.
struct Scene {
    aws: Aws,
    wanted: Wanted,
    clock: Clock,
}

impl Scene {
    async fn of(sandbox: &Sandbox, speed: f64) -> Self {
        sandbox.world(|world| world.add_platform(&PlatformSpec::default()));
        let credentials = Credentials::new("123456789012", "secret", None, None, "stand");
        let names = sandbox.clone();
        let settings = AccessSettings {
            region: "us-west-2".to_owned(),
            aws_profile: None,
            dns_profile: None,
            endpoint_url: None,
            transport: Some(Transport {
                http_client: sandbox.http_client(),
                sleep: sandbox.sdk_sleep(),
                credentials: SharedCredentialsProvider::new(credentials),
                dns_credentials: None,
                speed,
                wall_clock: SharedTimeSource::new(SystemTimeSource::new()),
                resolver: Resolver::new(move |name| names.world(|world| world.resolve(name))),
            }),
            steady_retries: true,
        };
        let aws = Aws::connect(&settings).await.unwrap();
        let text = sandbox_configuration(None);
        let platform = jitsi_config::load_text("stand.toml".as_ref(), &text, None)
            .unwrap()
            .platform;
        Self {
            aws,
            wanted: Wanted::of(&platform, 1, false),
            clock: Clock::starting_at(sandbox.now(), speed),
        }
    }
}
