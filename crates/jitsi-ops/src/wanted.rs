//! What the configuration asks for, in AWS's own terms: names, protocols, ports, attributes.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jitsi_config::{
    Advertise, Dns, Guard, HealthCheck as ConfiguredHealthCheck, Listener as ConfiguredListener, Platform,
};
use jitsi_cost::PriceBook;

use crate::failure::{AwsFailure, FailureKind};
use crate::guard::Overrule;
use crate::keep::Wish;
use crate::observation::{Attributes, HealthCheck};
use crate::problem::{CredentialAdvice, Problem};

/// Seconds that a deregistered target may still serve its flows. AWS's default is 300; the shortest time in which a
/// call that moves elsewhere is not cut is what people wait for at the end of an event.
pub const DEREGISTRATION_DELAY_SECONDS: u32 = 30;

/// How many targets go into one call, unless the operator says otherwise.
pub const TARGETS_PER_CALL: usize = 100;

/// The platform as it should be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The profile it comes from, for messages.
    pub profile: Option<String>,
    /// How to go on from outside, for messages.
    pub further: Further,
    /// The domain that people visit.
    pub domain: String,
    /// AWS region.
    pub region: String,
    /// The only account that may be touched, if the configuration names one.
    pub account_id: Option<String>,
    /// Value of the tag `Project`.
    pub project: String,
    /// Value of the tag `Environment`.
    pub environment: String,
    /// ECS cluster.
    pub cluster: String,
    /// ECS service.
    pub service: String,
    /// Load balancer.
    pub load_balancer: String,
    /// Subnets of the load balancer; empty means those of the service.
    pub subnets: Vec<String>,
    /// Its elastic addresses, in the order of its subnets; empty means addresses of AWS's own.
    pub eip_allocations: Vec<String>,
    /// Its listeners, each with its target group.
    pub listeners: Vec<WantedListener>,
    /// Which addresses the bridge offers to browsers.
    pub advertise: Advertise,
    /// The record that leads visitors to the load balancer, if the configuration has one.
    pub dns: Option<Dns>,
    /// The bucket for recordings, if the configuration names one.
    pub bucket: Option<String>,
    /// How the bucket's name begins, where it is not named.
    pub bucket_prefix: String,
    /// How many tasks.
    pub count: u32,
    /// Which credentials are in use, for advice when they fail.
    pub credentials: CredentialAdvice,
    /// The same for Route 53, which may be in another account.
    pub dns_credentials: CredentialAdvice,
    /// Whether resources without our tags, but of the right kind, may be taken over.
    pub adopt: bool,
    /// How it is known whether a meeting is on.
    pub guard: Guard,
    /// How far the operator overrules the guard, holds and leases.
    pub overrule: Overrule,
    /// Whether what is ours by its tag, under another name, is removed on the way down, or only told.
    pub sweep: bool,
    /// Whether targets that are no task of ours any more are deregistered.
    pub prune: bool,
    /// Whether the run goes on until it is interrupted, so that nothing to do is no problem.
    pub watch: bool,
    /// How many targets one call registers or deregisters at most. AWS documents no limit.
    pub batch: usize,
    /// Whether only a lease that has run out is a ground for going down.
    pub only_expired: bool,
    /// Until when to wait for quiet instead of refusing.
    pub idle_until: Option<Timestamp>,
    /// For how long scale-up leases the platform.
    pub lease: Option<SignedDuration>,
    /// The hold that is to be written or taken away.
    pub hold: Option<Wish>,
    /// What things cost.
    pub prices: Arc<PriceBook>,
}

/// A listener and the target group behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedListener {
    /// The port that people reach.
    pub port: u16,
    /// `UDP`, `TCP`, `TCP_UDP` or `TLS`.
    pub protocol: String,
    /// The certificate, for TLS.
    pub certificate_arn: Option<String>,
    /// The target group.
    pub group: WantedGroup,
}

/// A target group as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedGroup {
    /// Its name.
    pub name: String,
    /// `UDP`, `TCP` or `TCP_UDP`.
    pub protocol: String,
    /// The port on which the task listens.
    pub port: u16,
    /// Its health check.
    pub health_check: HealthCheck,
}

impl Wanted {
    /// What `platform` asks for, with `count` tasks.
    pub fn of(platform: &Platform, count: u32, adopt: bool) -> Self {
        let listeners = platform
            .nlb
            .listeners
            .iter()
            .map(|l| WantedListener::of(platform, l))
            .collect();
        Self {
            profile: platform.profile.clone(),
            further: Further::default(),
            domain: platform.domain.to_string(),
            region: platform.region.to_string(),
            account_id: platform.account_id.as_ref().map(ToString::to_string),
            project: platform.project_name.to_string(),
            environment: platform.environment.to_string(),
            cluster: platform.cluster_name.to_string(),
            service: platform.service_name.to_string(),
            load_balancer: platform.nlb_name.to_string(),
            subnets: platform.nlb.subnets.iter().map(ToString::to_string).collect(),
            eip_allocations: platform.nlb.eip_allocations.iter().map(ToString::to_string).collect(),
            listeners,
            advertise: platform.nlb.advertise,
            dns: platform.dns.clone(),
            bucket: platform.bucket.as_ref().map(ToString::to_string),
            bucket_prefix: platform.bucket_prefix(),
            count,
            credentials: CredentialAdvice {
                aws_profile: platform.aws_profile.as_ref().map(ToString::to_string),
                sso: false,
            },
            dns_credentials: CredentialAdvice::default(),
            adopt,
            guard: platform.guard.clone(),
            overrule: Overrule::Nothing,
            sweep: true,
            prune: true,
            watch: false,
            batch: TARGETS_PER_CALL,
            only_expired: false,
            idle_until: None,
            lease: None,
            hold: None,
            prices: Arc::default(),
        }
    }

    /// The problem that a failed call makes, with the advice for the credentials that it was made with.
    pub fn problem(&self, failure: &AwsFailure) -> Problem {
        if failure.call.service != "Route 53" {
            return Problem::from_failure(failure, &self.credentials);
        }
        let problem = Problem::from_failure(failure, &self.dns_credentials);
        let one_profile = self.dns.as_ref().is_some_and(|dns| dns.aws_profile.is_none());
        if failure.kind == FailureKind::Denied && one_profile {
            return problem.hint(
                "a zone of another account needs credentials of its own (`dns.aws_profile`); check `dns.hosted_zone_id`",
            );
        }
        problem
    }

    /// The target group names, in the order of the listeners.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        self.listeners.iter().map(|l| l.group.name.as_str())
    }
}

/// How the operator goes on from outside this run.
#[derive(Clone, Debug, Default)]
pub struct Further {
    /// Flags that make our commands act on the same platform: ` --profile ops`, with a leading blank, or nothing.
    pub flags: String,
}

impl WantedListener {
    fn of(platform: &Platform, listener: &ConfiguredListener) -> Self {
        let certificate = platform.nlb.certificate_arn.as_ref().map(ToString::to_string);
        let protocol = listener.protocol.aws_name().to_owned();
        Self {
            port: listener.port,
            certificate_arn: certificate.filter(|_| protocol == "TLS"),
            protocol,
            group: WantedGroup {
                name: platform.target_group_name(listener),
                protocol: listener.target_group_protocol().aws_name().to_owned(),
                port: listener.target_port,
                health_check: health_check(&platform.nlb.health_check),
            },
        }
    }
}

/// The health check of the original: every 30 s, 5 s to answer, two in a row either way; 200-399 is AWS's own default.
fn health_check(configured: &ConfiguredHealthCheck) -> HealthCheck {
    HealthCheck {
        protocol: configured.protocol.aws_name().to_owned(),
        port: configured.port.to_string(),
        path: configured.path.clone(),
        matcher: configured.path.as_ref().map(|_| "200-399".to_owned()),
        interval: 30,
        timeout: 5,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
    }
}

/// Attributes of every target group of ours.
pub fn group_attributes() -> Attributes {
    Attributes::from([(
        "deregistration_delay.timeout_seconds".to_owned(),
        DEREGISTRATION_DELAY_SECONDS.to_string(),
    )])
}

/// Attributes of the load balancer. Cross-zone is off by default at AWS, so that a client which resolves a zone
/// without a task would reach nothing.
pub fn load_balancer_attributes() -> Attributes {
    Attributes::from([("load_balancing.cross_zone.enabled".to_owned(), "true".to_owned())])
}

/// Those of `wanted` that `seen` lacks or has otherwise.
pub fn differing(wanted: &Attributes, seen: &Attributes) -> Attributes {
    wanted
        .iter()
        .filter(|(key, value)| seen.get(*key) != Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
