//! The way to AWS: credentials, region, endpoint, timeouts, retries, and one client per service.

use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::profile::{self, ProfileFileCredentialsProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::SharedAsyncSleep;
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::sdk_config::StalledStreamProtectionConfig;
use jiff::Timestamp;

use crate::date_headers::DateHeaders;
use crate::failure::{AwsFailure, Call, chain};
use crate::problem::{CredentialAdvice, Problem, ProblemKind};
use crate::resolver::Resolver;

/// How long to wait for a TCP and TLS connection.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3_100);
/// How long to wait for the first byte of an answer.
const READ_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a call may take with its retries. The SDK sets none by itself.
pub(crate) const OPERATION_TIMEOUT: Duration = Duration::from_secs(45);

/// Where Cost Explorer answers, whatever the platform's region.
const COST_EXPLORER_REGION: &str = "us-east-1";

/// Real time that this machine may need to answer a call of the sandbox, however fast the sandbox's clock runs.
const ANSWER_TIME: Duration = Duration::from_secs(2);

/// How to reach AWS.
#[derive(Clone, Debug)]
pub struct AccessSettings {
    /// AWS region.
    pub region: String,
    /// The AWS profile; it beats `AWS_ACCESS_KEY_ID`, as for the AWS CLI. None: the SDK's default chain.
    pub aws_profile: Option<String>,
    /// The AWS profile for Route 53, where it is another one: the zone may be in another account.
    pub dns_profile: Option<String>,
    /// Where to send every call instead of AWS.
    pub endpoint_url: Option<String>,
    /// A transport of its own instead of HTTPS: the sandbox.
    pub transport: Option<Transport>,
    /// Without random in the SDK's own retry pauses, for reproducible runs.
    pub steady_retries: bool,
}

/// Replaces network, sleep and credentials of the SDK.
#[derive(Clone, Debug)]
pub struct Transport {
    /// Carries the calls.
    pub http_client: SharedHttpClient,
    /// The SDK's own pauses: retries and timeouts.
    pub sleep: SharedAsyncSleep,
    /// The credentials that it takes.
    pub credentials: SharedCredentialsProvider,
    /// Those that Route 53 takes, where they are others.
    pub dns_credentials: Option<SharedCredentialsProvider>,
    /// How many times as fast as the machine's time `sleep` runs.
    pub speed: f64,
    /// The machine's wall clock, right or wrong.
    pub wall_clock: SharedTimeSource,
    /// Knows the names of what it carries calls to.
    pub resolver: Resolver,
}

/// One client per service, all with the same settings.
#[derive(Clone, Debug)]
pub struct Aws {
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) elb: aws_sdk_elasticloadbalancingv2::Client,
    pub(crate) ssm: aws_sdk_ssm::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) route53: aws_sdk_route53::Client,
    /// Each attempt of a call may be charged, so there is one.
    pub(crate) costs: aws_sdk_costexplorer::Client,
    /// Who is asked for names, where it is not the machine's resolver.
    pub(crate) resolver: Option<Resolver>,
    dates: DateHeaders,
    /// What to tell the operator when AWS turns the credentials down.
    pub advice: Arc<CredentialAdvice>,
    /// The same for Route 53.
    pub dns_advice: Arc<CredentialAdvice>,
}

impl Aws {
    /// Sets up the clients and fetches credentials once, so that a missing login is told before anything else.
    ///
    /// # Errors
    /// When there are no credentials, or the profile does not give any.
    pub async fn connect(settings: &AccessSettings) -> Result<Self, Problem> {
        let mut advice = CredentialAdvice::default();
        let config = match &settings.transport {
            Some(transport) => over(transport, settings),
            None => over_https(settings, &mut advice).await?,
        };
        check_credentials(&config, &advice).await?;
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(config.endpoint_url().is_some())
            .build();
        let (dns, dns_advice) = for_route53(settings, &config, &advice).await;
        let dates = DateHeaders::default();
        let ecs = aws_sdk_ecs::config::Builder::from(&config)
            .interceptor(dates.clone())
            .build();
        Ok(Self {
            ecs: aws_sdk_ecs::Client::from_conf(ecs),
            elb: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            ssm: aws_sdk_ssm::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sts: aws_sdk_sts::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            route53: aws_sdk_route53::Client::new(&dns),
            costs: aws_sdk_costexplorer::Client::from_conf(for_cost_explorer(&config)),
            resolver: settings.transport.as_ref().map(|transport| transport.resolver.clone()),
            dates,
            advice: Arc::new(advice),
            dns_advice: Arc::new(dns_advice),
        })
    }
}

impl Aws {
    /// AWS's time when this machine's is `now`; `None` before ECS has answered for the first time.
    pub fn time_at_aws(&self, now: Timestamp) -> Option<Timestamp> {
        now.saturating_add(self.dates.ahead()?).ok()
    }
}

/// The settings for Cost Explorer, which answers in one region for all. Each attempt that is answered may be charged.
fn for_cost_explorer(config: &SdkConfig) -> aws_sdk_costexplorer::Config {
    aws_sdk_costexplorer::config::Builder::from(config)
        .region(Region::from_static(COST_EXPLORER_REGION))
        .retry_config(RetryConfig::disabled())
        .build()
}

/// The settings for Route 53. Whatever is wrong with its credentials shows when they are needed: a platform can go down
/// without.
async fn for_route53(
    settings: &AccessSettings,
    config: &SdkConfig,
    advice: &CredentialAdvice,
) -> (SdkConfig, CredentialAdvice) {
    let others = settings.transport.as_ref().and_then(|t| t.dns_credentials.clone());
    if let Some(credentials) = others {
        let config = config.to_builder().credentials_provider(credentials).build();
        return (config, advice.clone());
    }
    let Some(name) = settings.dns_profile.as_ref().filter(|_| settings.transport.is_none()) else {
        return (config.clone(), advice.clone());
    };
    let advice = CredentialAdvice {
        aws_profile: Some(name.clone()),
        sso: uses_sso(name).await.unwrap_or(false),
    };
    let credentials = SharedCredentialsProvider::new(of_profile(name, &settings.region));
    (config.to_builder().credentials_provider(credentials).build(), advice)
}

/// The settings of a real run: what the `AWS_*` variables and the shared configuration files say, as for the AWS CLI.
async fn over_https(settings: &AccessSettings, advice: &mut CredentialAdvice) -> Result<SdkConfig, Problem> {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.clone()))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(timeouts(Duration::ZERO));
    if let Some(url) = &settings.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let named_outside = std::env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    advice.aws_profile = settings.aws_profile.clone().or(named_outside);
    if let Some(name) = &advice.aws_profile {
        advice.sso = uses_sso(name).await?;
    }
    if let Some(name) = &settings.aws_profile {
        loader = loader
            .profile_name(name)
            .credentials_provider(of_profile(name, &settings.region));
    }
    Ok(loader.load().await)
}

/// The credentials of a profile. One with `role_arn` asks STS, which needs a region.
fn of_profile(name: &str, region: &str) -> ProfileFileCredentialsProvider {
    let region = ProviderConfig::without_region().with_region(Some(Region::new(region.to_owned())));
    ProfileFileCredentialsProvider::builder()
        .configure(&region)
        .profile_name(name)
        .build()
}

/// The settings of a run over `transport`. Nothing from the surroundings may lead one of its calls elsewhere.
fn over(transport: &Transport, settings: &AccessSettings) -> SdkConfig {
    let retries = RetryConfig::standard().with_use_static_exponential_base(settings.steady_retries);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.clone()))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(timeouts(ANSWER_TIME.mul_f64(transport.speed)))
        .retry_config(retries)
        .http_client(transport.http_client.clone())
        .sleep_impl(transport.sleep.clone())
        .time_source(transport.wall_clock.clone())
        .identity_cache(IdentityCache::lazy().build())
        .credentials_provider(transport.credentials.clone())
        .build()
}

/// Our timeouts, none of them shorter than `at_least`.
fn timeouts(at_least: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT.max(at_least))
        .read_timeout(READ_TIMEOUT.max(at_least))
        .operation_attempt_timeout(ATTEMPT_TIMEOUT.max(at_least))
        .operation_timeout(OPERATION_TIMEOUT.max(at_least * 3))
        .build()
}

async fn check_credentials(config: &SdkConfig, advice: &CredentialAdvice) -> Result<(), Problem> {
    let Some(provider) = config.credentials_provider() else {
        return Ok(());
    };
    match provider.provide_credentials().await {
        Ok(_) => Ok(()),
        Err(error) => {
            let call = Call::new(
                "AWS",
                "credential lookup",
                advice.aws_profile.clone().unwrap_or_default(),
            );
            Err(Problem::from_failure(&AwsFailure::credentials(call, &error), advice))
        }
    }
}

/// Whether the profile logs in through IAM Identity Center, by its keys in the shared configuration files.
///
/// Fails where there is no such profile: the SDK would say so in other words, or take other credentials.
async fn uses_sso(name: &str) -> Result<bool, Problem> {
    let files = aws_runtime::env_config::file::EnvConfigFiles::default();
    let (fs, env) = (
        aws_types::os_shim_internal::Fs::real(),
        aws_types::os_shim_internal::Env::real(),
    );
    let failed = |what: String| Problem::new(ProblemKind::Failed, what);
    let profiles = profile::load(&fs, &env, &files, None)
        .await
        .map_err(|error| failed("the AWS configuration files cannot be read".to_owned()).because(chain(&error)))?;
    let Some(profile) = profiles.get_profile(name) else {
        let mut names: Vec<&str> = profiles.profiles().collect();
        names.sort_unstable();
        let known = match names.as_slice() {
            [] => "the AWS configuration files name no profile at all".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        };
        let hint = format!("make it with `aws configure --profile {name}`, or choose another with --aws-profile");
        return Err(failed(format!("there is no AWS profile `{name}`"))
            .because(known)
            .hint(hint));
    };
    Ok(["sso_session", "sso_start_url"]
        .iter()
        .any(|key| profile.get(key).is_some()))
}
