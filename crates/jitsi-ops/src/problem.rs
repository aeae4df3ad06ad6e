//! Why a run did not end well: what failed, on what, why, and what to do next.

use std::fmt;

use crate::failure::{AwsFailure, FailureKind};

/// What kind of end it was. The commands turn it into their exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// Something went wrong at AWS or on the way there.
    Failed,
    /// The request makes no sense: a flag or the configuration.
    Usage,
    /// A check failed before anything that bills was made.
    NotReady,
    /// The deadline passed.
    Deadline,
    /// The tool would not do it: wrong account, not ours, a meeting.
    Refused,
    /// Another run is at work on the same platform.
    Locked,
    /// The operator interrupted the run.
    Interrupted,
}

/// A bad end, in the words for the operator.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What kind of end.
    pub kind: ProblemKind,
    /// What failed, on which resource.
    pub what: String,
    /// Why, in one or more lines, AWS's own words first.
    pub why: Vec<String>,
    /// What to do next.
    pub hints: Vec<String>,
    /// AWS's error code, where AWS gave one.
    pub code: Option<String>,
}

impl Problem {
    /// A problem of `kind`: `what` is a lower-case fragment without a full stop.
    pub fn new(kind: ProblemKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            why: Vec::new(),
            hints: Vec::new(),
            code: None,
        }
    }

    /// Adds a reason.
    #[must_use]
    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why.push(why.into());
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The problem that a failed call makes, with the hint that its kind and code deserve.
    pub fn from_failure(failure: &AwsFailure, advice: &CredentialAdvice) -> Self {
        let mut problem = Self::new(ProblemKind::Failed, failure.to_string()).because(failure.reason());
        problem.code.clone_from(&failure.code);
        if let (FailureKind::Transient, Some(id)) = (failure.kind, &failure.request_id) {
            problem = problem.because(format!("request id {id}, for AWS's support"));
        }
        match failure.kind {
            FailureKind::Credentials => problem.hint(advice.hint(failure.code.is_some())),
            FailureKind::Denied if failure.call.operation == "RegisterTaskDefinition" => problem.hint(
                "allow `ecs:RegisterTaskDefinition`, `ecs:TagResource` and `iam:PassRole` of the task's roles for this identity (docs/iam/advertise.json), or set `nlb.advertise = \"off\"`",
            ),
            FailureKind::Denied if failure.call.operation == "GetCostAndUsage" => problem.hint(
                "allow `ce:GetCostAndUsage` for this identity (docs/iam/README.md), and see that the account has Cost Explorer switched on",
            ),
            FailureKind::Denied => problem.hint(format!(
                "allow `{}` for this identity (docs/architecture.md lists every action that is needed)",
                iam_action(failure)
            )),
            FailureKind::Throttled => {
                problem.hint("AWS is turning calls away; wait a minute and run the same command again")
            }
            FailureKind::Transient if failure.is_silence() => {
                problem.hint("check the network (and `--endpoint-url`, if one is set: is it AWS or a sandbox that answers there?), then run the same command again")
            }
            FailureKind::Transient => problem.hint("a fault on AWS's side; run the same command again"),
            FailureKind::Rejected => match rejected_hint(failure) {
                Some(hint) => problem.hint(hint),
                None => problem,
            },
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        for why in &self.why {
            write!(f, ": {why}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// What to tell somebody whose credentials do not work.
#[derive(Clone, Debug, Default)]
pub struct CredentialAdvice {
    /// The AWS profile in use; none means the SDK's default chain.
    pub aws_profile: Option<String>,
    /// Whether that profile logs in through IAM Identity Center (SSO).
    pub sso: bool,
}

impl CredentialAdvice {
    /// `turned_down`: AWS has seen credentials and does not accept them; otherwise there are none.
    fn hint(&self, turned_down: bool) -> String {
        match &self.aws_profile {
            Some(name) if self.sso => format!("run `aws sso login --profile {name}`, then the same command again"),
            Some(name) => format!(
                "check the AWS profile `{name}` (`aws sts get-caller-identity --profile {name}` should answer), or choose another with --aws-profile"
            ),
            None if turned_down => {
                "renew the credentials that the SDK's default chain finds (AWS_SESSION_TOKEN, role, login), or choose an AWS profile with --aws-profile"
                    .to_owned()
            }
            None => "no AWS profile is configured, so the SDK's default chain was asked: set `aws_profile` in the configuration, \
                     pass --aws-profile, or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                .to_owned(),
        }
    }
}

fn iam_action(failure: &AwsFailure) -> String {
    let prefix = match failure.call.service {
        "ELBv2" => "elasticloadbalancing",
        "ECS" => "ecs",
        "SSM" => "ssm",
        "S3" => "s3",
        "STS" => "sts",
        "Route 53" => "route53",
        other => other,
    };
    // S3 authorises HeadBucket under another name.
    let action = match failure.call.operation {
        "HeadBucket" | "ListObjectsV2" => "ListBucket",
        "ListBuckets" => "ListAllMyBuckets",
        other => other,
    };
    format!("{prefix}:{action}")
}

fn rejected_hint(failure: &AwsFailure) -> Option<&'static str> {
    Some(match failure.code.as_deref()? {
        "TooManyLoadBalancers" => {
            "the account's quota of Network Load Balancers in this region is used up: delete one that is not needed, or raise the quota `Network Load Balancers per Region` in Service Quotas"
        }
        "TooManyTargetGroups" => {
            "the account's quota of target groups in this region is used up: delete some that are not attached to any load balancer"
        }
        "InvalidSubnet" | "SubnetNotFound" => {
            "a Network Load Balancer needs subnets that exist and have 8 free addresses each: name others in `nlb.subnets`"
        }
        "InvalidConfigurationRequest" => {
            "check `nlb.subnets` (one subnet per availability zone) and the listeners in the configuration"
        }
        "AllocationIdNotFound" => {
            "`nlb.eip_allocations` must name elastic addresses of this account and region: `aws ec2 describe-addresses` lists them"
        }
        "ResourceInUse" if failure.call.operation == "CreateLoadBalancer" => {
            "an elastic address of `nlb.eip_allocations` is in use by something else: `aws ec2 describe-addresses` says by what"
        }
        "CertificateNotFound" => "`nlb.certificate_arn` must name a certificate of this account and region",
        "ClusterNotFoundException" => {
            "check `cluster_name`, the region and the account in the configuration: `jitsi-config show --origin` says where each comes from"
        }
        "DataUnavailableException" => {
            "Cost Explorer has no figures yet: it is switched on once for the account, in the billing console, and needs a day"
        }
        "NoSuchHostedZone" => {
            "check `dns.hosted_zone_id`, and whether `dns.aws_profile` is for the account that has the zone"
        }
        "OperationNotPermitted" => {
            "deletion protection may be on: switch it off for this load balancer, then run the same command again"
        }
        _ => return None,
    })
}
