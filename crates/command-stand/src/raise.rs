//! Brings the platform of a sandbox up, as `scale-up --sandbox` does.

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
use jitsi_ops::scale_up::{Interrupts, Outcome, Report, ScaleUp, nothing_has_run, scale_up};
use jitsi_ops::wanted::Wanted;

/// How many times faster than real time.
const FAST: f64 = 200.0;

pub(crate) async fn raise(state: &PathBuf) {
    let report = run(state, FAST).await;
    assert_eq!(report.outcome, Outcome::Up, "{:?}", report.problem);
}

/// Begins to bring it up, and dies at it after so many seconds. On a paused clock it is the same each time.
pub(crate) async fn die_raising(state: &PathBuf, seconds: u32) {
    let time = Duration::from_secs(seconds.into());
    let finished = tokio::time::timeout(time, run(state, 1.0)).await;
    assert!(finished.is_err(), "it was up before it died");
}

async fn run(state: &PathBuf, speed: f64) -> Report {
    let sandbox = Sandbox::open(state, speed).unwrap();
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
    let request = ScaleUp {
        timeout: Duration::from_secs(1200),
        rollback: Some(nothing_has_run),
        desk: desk(Duration::ZERO, Some(state)).unwrap(),
        seed: 7,
    };
    let clock = Clock::starting_at(sandbox.now(), speed);
    let wanted = Wanted::of(&platform, 1, false);
    scale_up(&aws, &wanted, &request, clock, &|_| {}, &Interrupts::default()).await
}
