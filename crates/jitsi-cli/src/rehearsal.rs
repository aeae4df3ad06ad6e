//! `--sandbox`: the simulated AWS in this process, with the platform's own names.

use std::path::PathBuf;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sandbox::{HostedZoneSpec, PlatformSpec, Sandbox};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use jitsi_config::{Dns, Platform};
use jitsi_ops::access::Transport;
use jitsi_ops::clock::Clock;
use jitsi_ops::problem::{Problem, ProblemKind};
use jitsi_ops::resolver::Resolver;

/// The account of a sandbox platform whose configuration names none.
const SANDBOX_ACCOUNT: &str = "123456789012";

/// An opened sandbox.
#[derive(Debug)]
pub struct Rehearsal {
    /// The sandbox.
    pub sandbox: Sandbox,
    /// Carries the SDK's calls into the sandbox.
    pub transport: Transport,
    /// The sandbox's time.
    pub clock: Clock,
    /// Where its state is kept.
    pub state: PathBuf,
    /// How many times as fast as real time it runs.
    pub speed: f64,
}

/// A zone that holds the record: that above it, or its own where nothing is above. The sandbox takes it for one of the
/// platform's account: whether the credentials of `dns.aws_profile` may change it is not tested.
fn zone_of(dns: &Dns, account: &str) -> HostedZoneSpec {
    let record = dns.record.to_string();
    let above = record.split_once('.').map(|(_, above)| above.to_owned());
    HostedZoneSpec {
        id: dns.hosted_zone_id.to_string(),
        name: above.filter(|above| above.contains('.')).unwrap_or(record),
        account: Some(account.to_owned()),
    }
}

/// Opens the user's sandbox and sees to it that `platform` exists in it, at zero.
///
/// # Errors
/// When the state cannot be read or written.
pub fn open(platform: &Platform) -> Result<Rehearsal, Problem> {
    let failed = |what: String| Problem::new(ProblemKind::Failed, what);
    let state = aws_sandbox::default_state_path().map_err(|error| failed(error.to_string()))?;
    let speed = aws_sandbox::speed_from_env().map_err(|error| failed(error.to_string()))?;
    let sandbox = Sandbox::open(&state, speed).map_err(|error| failed(error.to_string()))?;
    // Who joins another run on the same file takes its speed.
    let speed = sandbox.speed();
    let account = platform
        .account_id
        .as_ref()
        .map_or_else(|| SANDBOX_ACCOUNT.to_owned(), ToString::to_string);
    let spec = PlatformSpec {
        account: account.clone(),
        region: platform.region.to_string(),
        project: platform.project_name.to_string(),
        environment: platform.environment.to_string(),
        cluster: platform.cluster_name.to_string(),
        service: platform.service_name.to_string(),
        bucket: platform.bucket.as_ref().map(ToString::to_string),
        subnets: platform.nlb.subnets.iter().map(ToString::to_string).collect(),
        eip_allocations: platform.nlb.eip_allocations.iter().map(ToString::to_string).collect(),
        hosted_zone: platform.dns.as_ref().map(|dns| zone_of(dns, &account)),
        ..PlatformSpec::default()
    };
    sandbox.world(|world| world.add_platform(&spec));
    // The sandbox takes an access key of twelve digits for the account of that number.
    let credentials = Credentials::new(account, "sandbox", None, None, "aws-sandbox");
    let names = sandbox.clone();
    Ok(Rehearsal {
        transport: Transport {
            http_client: sandbox.http_client(),
            sleep: sandbox.sdk_sleep(),
            credentials: SharedCredentialsProvider::new(credentials),
            dns_credentials: None,
            speed,
            wall_clock: SharedTimeSource::new(SystemTimeSource::new()),
            resolver: Resolver::new(move |name| names.world(|world| world.resolve(name))),
        },
        clock: Clock::starting_at(sandbox.now(), speed),
        sandbox,
        state,
        speed,
    })
}
