//! One platform: typed values, and the names that follow from them.

use std::fmt;
use std::str::FromStr;

use crate::aws_values::{AccountId, AwsProfile, BucketName, EipAllocationId, HostedZoneId, Region, SubnetId};
use crate::certificate::CertificateArn;
use crate::cost::Money;
use crate::domain::Domain;
use crate::guard::Guard;
use crate::health_check::HealthCheck;
use crate::jwt::Jwt;
use crate::listener::Listener;
use crate::names::{ClusterName, EnvironmentName, LoadBalancerName, ProjectName, ServiceName};
use crate::origin::Origins;
use crate::problem::Malformed;
use crate::shorten;

/// What to operate on: a profile with flags, environment and defaults laid together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The name of the profile; `None` where there is only one, unnamed.
    pub profile: Option<String>,
    /// Where people meet.
    pub domain: Domain,
    /// The AWS profile with the credentials; `None`: the SDK's default chain.
    pub aws_profile: Option<AwsProfile>,
    /// The AWS region.
    pub region: Region,
    /// The account that is expected; any other is refused. `None`: whatever the credentials belong to.
    pub account_id: Option<AccountId>,
    /// The project, value of the tag `Project`.
    pub project_name: ProjectName,
    /// Value of the tag `Environment`.
    pub environment: EnvironmentName,
    /// The ECS cluster.
    pub cluster_name: ClusterName,
    /// The ECS service.
    pub service_name: ServiceName,
    /// The load balancer.
    pub nlb_name: LoadBalancerName,
    /// The bucket of the recordings; `None`: the single one whose name begins with [`Platform::bucket_prefix`].
    pub bucket: Option<BucketName>,
    /// Whether more than one task may run.
    pub allow_multiple_tasks: bool,
    /// The load balancer's details.
    pub nlb: Nlb,
    /// The record that points at the load balancer; `None`: none by these tools.
    pub dns: Option<Dns>,
    /// How it is known whether a meeting is on.
    pub guard: Guard,
    /// How tokens for its rooms are made; `None`: nobody needs one, or nobody here can make one.
    pub jwt: Option<Jwt>,
    /// What is known of its money.
    pub money: Money,
    /// Every key with its value as text and where it came from.
    pub origins: Origins,
}

/// The load balancer's details.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nlb {
    /// 1 to 50, each on a port of its own, in the order of the configuration.
    pub listeners: Vec<Listener>,
    /// The health check of every target group.
    pub health_check: HealthCheck,
    /// Empty: the service's own subnets.
    pub subnets: Vec<SubnetId>,
    /// Distinct; each is the address in the subnet at the same position. Empty: AWS gives the load balancer its addresses.
    pub eip_allocations: Vec<EipAllocationId>,
    /// Always there when a listener speaks TLS.
    pub certificate_arn: Option<CertificateArn>,
    /// Which addresses the bridge offers.
    pub advertise: Advertise,
}

/// Which addresses the bridge offers to browsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advertise {
    /// `off`: its own, which it finds out by STUN; media does not pass the load balancer.
    Off,
    /// `nlb`: those of the load balancer, through `JVB_ADVERTISE_IPS`. Exactly one listener speaks UDP then.
    Nlb,
}

/// The record in Route 53 that points at the load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// The zone that holds the record.
    pub hosted_zone_id: HostedZoneId,
    /// The record's name: the domain, unless another is configured.
    pub record: Domain,
    /// The AWS profile with the credentials for the zone, which may live in another account; `None`: the platform's.
    pub aws_profile: Option<AwsProfile>,
    /// What becomes of the record when the platform goes down.
    pub on_down: OnDown,
}

/// What becomes of the record when the platform goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDown {
    /// `remove`: it goes away with the load balancer.
    Remove,
    /// `keep`: it stays as it is.
    Keep,
}

impl fmt::Display for Advertise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Nlb => "nlb",
        })
    }
}

impl FromStr for Advertise {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "off" => Ok(Self::Off),
            "nlb" => Ok(Self::Nlb),
            _ => Err(Malformed::new("`off` or `nlb`")),
        }
    }
}

impl fmt::Display for OnDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Remove => "remove",
            Self::Keep => "keep",
        })
    }
}

impl FromStr for OnDown {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        match text {
            "remove" => Ok(Self::Remove),
            "keep" => Ok(Self::Keep),
            _ => Err(Malformed::new("`remove` or `keep`")),
        }
    }
}

impl Platform {
    /// The target group of a listener: `<project>-jvb-udp-tg` and `<project>-jvb-tcp-tg` for the original's `udp:10000` and
    /// `tcp:4443`, `<project>-<protocol>-<port>-tg` for others; shortened where AWS's 32 characters are too few.
    #[must_use]
    pub fn target_group_name(&self, listener: &Listener) -> String {
        shorten::target_group_name(self.project_name.as_str(), &listener.target_group_suffix())
    }

    /// What the names of the platform's SSM parameters begin with: `/<project>/`.
    #[must_use]
    pub fn ssm_prefix(&self) -> String {
        format!("/{}/", self.project_name)
    }

    /// What the name of the recordings' bucket begins with when none is configured: `<project>-recordings-`, in lower case,
    /// because bucket names have no other.
    #[must_use]
    pub fn bucket_prefix(&self) -> String {
        format!("{}-recordings-", self.project_name).to_ascii_lowercase()
    }
}
