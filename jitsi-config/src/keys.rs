//! The table of keys: what can be configured, how each value is checked, and where else it may come from.
//!
//! Parsing, suggestions, `show`, `env` and the starter file all follow this table. A new key is one row here and one field
//! of [`crate::Platform`].

use crate::aws_values::{AccountId, AwsProfile, BucketName, EipAllocationId, HostedZoneId, Region, SubnetId};
use crate::certificate::CertificateArn;
use crate::checks;
use crate::cost::Quantity;
use crate::domain::Domain;
use crate::guard::GuardSource;
use crate::health_check::HealthCheck;
use crate::jwt::{JwtName, ParameterName};
use crate::key::{Flag, Key, Otherwise, Shape};
use crate::metric::{MetricName, MetricNamespace};
use crate::names::{ClusterName, ContainerName, EnvironmentName, LoadBalancerName, ProjectName, ServiceName};
use crate::platform::{Advertise, OnDown};
use crate::shorten;
use crate::stats_url::StatsUrl;

const ROW: Key = Key {
    path: "",
    about: "",
    variable: None,
    in_flat_json: false,
    shape: Shape::Flag,
    otherwise: Otherwise::Absent,
    flag: None,
    sdk_variables: &[],
};

/// All keys, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    Key {
        path: "domain",
        about: "the domain under which people reach the meetings",
        variable: Some("JITSI_DOMAIN"),
        in_flat_json: true,
        shape: Shape::Text(checks::text::<Domain>),
        otherwise: Otherwise::Required,
        ..ROW
    },
    Key {
        path: "aws_profile",
        about: "the AWS profile with the credentials; without one the SDK's default chain is asked",
        variable: Some("JITSI_AWS_PROFILE"),
        in_flat_json: true,
        shape: Shape::Text(checks::text::<AwsProfile>),
        flag: Some(Flag {
            name: "--aws-profile",
            read: |flags| flags.aws_profile.as_deref(),
        }),
        ..ROW
    },
    Key {
        path: "aws_region",
        about: "the AWS region of the platform",
        variable: Some("JITSI_AWS_REGION"),
        in_flat_json: true,
        shape: Shape::Text(checks::text::<Region>),
        otherwise: Otherwise::Text("us-west-2"),
        flag: Some(Flag {
            name: "--region",
            read: |flags| flags.region.as_deref(),
        }),
        sdk_variables: &["AWS_REGION", "AWS_DEFAULT_REGION"],
    },
    Key {
        path: "account_id",
        about: "the AWS account; any other account is refused",
        in_flat_json: true,
        shape: Shape::Text(checks::text::<AccountId>),
        ..ROW
    },
    Key {
        path: "project_name",
        about: "the project, from which the other names follow",
        variable: Some("JITSI_PROJECT"),
        in_flat_json: true,
        shape: Shape::Text(checks::text::<ProjectName>),
        otherwise: Otherwise::Text("jitsi-video-platform"),
        ..ROW
    },
    Key {
        path: "environment",
        about: "the value of the tag `Environment`",
        variable: Some("JITSI_ENVIRONMENT"),
        in_flat_json: true,
        shape: Shape::Text(checks::text::<EnvironmentName>),
        otherwise: Otherwise::Text("prod"),
        ..ROW
    },
    Key {
        path: "cluster_name",
        about: "the ECS cluster",
        variable: Some("JITSI_CLUSTER"),
        in_flat_json: true,
        shape: Shape::Text(checks::text::<ClusterName>),
        otherwise: Otherwise::Derived {
            from: "project_name",
            make: |project| format!("{project}-cluster"),
        },
        ..ROW
    },
    Key {
        path: "service_name",
        about: "the ECS service",
        variable: Some("JITSI_SERVICE"),
        in_flat_json: true,
        shape: Shape::Text(checks::text::<ServiceName>),
        otherwise: Otherwise::Derived {
            from: "project_name",
            make: |project| format!("{project}-service"),
        },
        ..ROW
    },
    Key {
        path: "nlb_name",
        about: "the load balancer, which exists while the platform is up",
        variable: Some("JITSI_NLB"),
        in_flat_json: true,
        shape: Shape::Text(checks::text::<LoadBalancerName>),
        otherwise: Otherwise::Derived {
            from: "project_name",
            make: shorten::load_balancer_name,
        },
        ..ROW
    },
    Key {
        path: "bucket",
        about: "the S3 bucket of the recordings; without one it is looked for by its name",
        in_flat_json: true,
        shape: Shape::Text(checks::text::<BucketName>),
        ..ROW
    },
    Key {
        path: "allow_multiple_tasks",
        about: "whether more than one task may run, though their meetings would not meet",
        in_flat_json: true,
        shape: Shape::Flag,
        otherwise: Otherwise::Flag(false),
        ..ROW
    },
    Key {
        path: "nlb.listeners",
        about: "what the load balancer listens to",
        shape: Shape::List(checks::listeners),
        otherwise: Otherwise::List(&["udp:10000", "tcp:4443"]),
        ..ROW
    },
    Key {
        path: "nlb.health_check",
        about: "how the load balancer asks a task whether it is well",
        shape: Shape::Text(checks::text::<HealthCheck>),
        otherwise: Otherwise::Text("http:8080/about/health"),
        ..ROW
    },
    Key {
        path: "nlb.subnets",
        about: "the subnets of the load balancer; without them the service's own",
        shape: Shape::List(checks::distinct::<SubnetId>),
        ..ROW
    },
    Key {
        path: "nlb.eip_allocations",
        about: "the elastic addresses of the load balancer, one for each of its subnets; without them AWS gives it others each time",
        shape: Shape::List(checks::distinct::<EipAllocationId>),
        ..ROW
    },
    Key {
        path: "nlb.certificate_arn",
        about: "the certificate of the `tls:` listeners",
        shape: Shape::Text(checks::text::<CertificateArn>),
        ..ROW
    },
    Key {
        path: "nlb.advertise",
        about: "which addresses the bridge offers to browsers: `off` the task's own, `nlb` the load balancer's",
        shape: Shape::Text(checks::text::<Advertise>),
        otherwise: Otherwise::Text("off"),
        ..ROW
    },
    Key {
        path: "dns.hosted_zone_id",
        about: "the Route 53 zone in which the domain is pointed at the load balancer",
        shape: Shape::Text(checks::text::<HostedZoneId>),
        ..ROW
    },
    Key {
        path: "dns.record",
        about: "the name in that zone that is pointed at the load balancer",
        shape: Shape::Text(checks::text::<Domain>),
        otherwise: Otherwise::Derived {
            from: "domain",
            make: str::to_owned,
        },
        ..ROW
    },
    Key {
        path: "dns.aws_profile",
        about: "the AWS profile with the credentials for that zone; without one the platform's",
        shape: Shape::Text(checks::text::<AwsProfile>),
        ..ROW
    },
    Key {
        path: "dns.on_down",
        about: "what becomes of the record when the platform goes down: `remove` or `keep`",
        shape: Shape::Text(checks::text::<OnDown>),
        otherwise: Otherwise::Text("remove"),
        ..ROW
    },
    Key {
        path: "guard.source",
        about: "how it is known whether a meeting is on: `task-protection`, `stats-url`, `cloudwatch`, or `none` to be blind",
        shape: Shape::Text(checks::text::<GuardSource>),
        otherwise: Otherwise::Text("task-protection"),
        ..ROW
    },
    Key {
        path: "guard.reporter",
        about: "the container that reports meetings by protecting its task",
        shape: Shape::Text(checks::text::<ContainerName>),
        otherwise: Otherwise::Text("meeting-sentinel"),
        ..ROW
    },
    Key {
        path: "guard.stats_url",
        about: "where jicofo's `/stats` or the bridge's `/colibri/stats` is answered",
        shape: Shape::Text(checks::text::<StatsUrl>),
        ..ROW
    },
    Key {
        path: "guard.cloudwatch_namespace",
        about: "the CloudWatch namespace of the metric that counts meetings",
        shape: Shape::Text(checks::text::<MetricNamespace>),
        otherwise: Otherwise::Text("Jitsi/JVB"),
        ..ROW
    },
    Key {
        path: "guard.cloudwatch_metric",
        about: "the CloudWatch metric that counts meetings",
        shape: Shape::Text(checks::text::<MetricName>),
        otherwise: Otherwise::Text("JVBConferenceCount"),
        ..ROW
    },
    Key {
        path: "guard.cloudwatch_dimensions",
        about: "the dimensions of that metric, all of them",
        shape: Shape::List(checks::dimensions),
        ..ROW
    },
    Key {
        path: "jwt.app_id",
        about: "who issues tokens for rooms, `JWT_APP_ID` of the platform; for `test-platform`",
        shape: Shape::Text(checks::text::<JwtName>),
        ..ROW
    },
    Key {
        path: "jwt.audience",
        about: "for whom these tokens are; `jwt.app_id` unless named",
        shape: Shape::Text(checks::text::<JwtName>),
        ..ROW
    },
    Key {
        path: "jwt.secret_parameter",
        about: "the SSM parameter that has the platform's `JWT_APP_SECRET`",
        shape: Shape::Text(checks::text::<ParameterName>),
        ..ROW
    },
    Key {
        path: "cost.budget",
        about: "dollars a month that the platform may cost; `cost-analysis` says when it is more",
        shape: Shape::Text(checks::text::<Quantity>),
        ..ROW
    },
    Key {
        path: "cost.storage_gb",
        about: "GB that are kept in S3, for `cost-analysis`",
        shape: Shape::Text(checks::text::<Quantity>),
        ..ROW
    },
    Key {
        path: "cost.log_gb",
        about: "GB that are kept in CloudWatch Logs, for `cost-analysis`",
        shape: Shape::Text(checks::text::<Quantity>),
        ..ROW
    },
    Key {
        path: "cost.secrets",
        about: "secrets in Secrets Manager, for `cost-analysis`",
        shape: Shape::Text(checks::text::<Quantity>),
        ..ROW
    },
];

/// The row of a path.
pub(crate) fn key(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// Whether keys lie inside this table (`nlb`, `dns`, `guard`, `jwt`, `cost`).
pub(crate) fn is_group(path: &str) -> bool {
    KEYS.iter()
        .any(|key| key.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_fits_the_others() {
        for (index, row) in KEYS.iter().enumerate() {
            assert!(!row.about.is_empty(), "{}", row.path);
            assert!(
                KEYS[..index].iter().all(|earlier| earlier.path != row.path),
                "{} comes twice",
                row.path
            );
            let is_text = matches!(row.shape, Shape::Text(_));
            let text_only = row.variable.is_some() || row.flag.is_some() || !row.sdk_variables.is_empty();
            assert!(
                is_text || !text_only,
                "{}: only a text can come from a flag or the environment",
                row.path
            );
            if let Otherwise::Derived { from, .. } = row.otherwise {
                assert!(
                    KEYS[..index].iter().any(|earlier| earlier.path == from),
                    "{} is derived too early",
                    row.path
                );
            }
        }
    }

    #[test]
    fn what_is_built_in_passes_its_own_check() {
        for row in KEYS {
            match (row.shape, row.otherwise) {
                (Shape::Text(check), Otherwise::Text(text)) => {
                    assert_eq!(check(text).as_deref(), Ok(text))
                }
                (Shape::Text(check), Otherwise::Derived { from, make }) => {
                    let longest = match from {
                        "domain" => format!("{}org", "a.".repeat(125)),
                        _ => "p".repeat(100),
                    };
                    let longest = make(&longest);
                    assert_eq!(check(&longest).as_deref(), Ok(longest.as_str()));
                }
                (Shape::List(check), Otherwise::List(items)) => {
                    let items: Vec<_> = items.iter().map(|item| (0, *item)).collect();
                    assert!(check(&items).is_empty(), "{}", row.path);
                }
                (Shape::Flag, Otherwise::Flag(_)) | (_, Otherwise::Absent | Otherwise::Required) => {}
                _ => panic!("{}: the built-in value has another shape", row.path),
            }
        }
    }

    #[test]
    fn the_original_s_eight_variables_are_there() {
        let variables: Vec<_> = KEYS.iter().filter_map(|key| Some((key.variable?, key.path))).collect();
        assert_eq!(
            variables,
            [
                ("JITSI_DOMAIN", "domain"),
                ("JITSI_AWS_PROFILE", "aws_profile"),
                ("JITSI_AWS_REGION", "aws_region"),
                ("JITSI_PROJECT", "project_name"),
                ("JITSI_ENVIRONMENT", "environment"),
                ("JITSI_CLUSTER", "cluster_name"),
                ("JITSI_SERVICE", "service_name"),
                ("JITSI_NLB", "nlb_name"),
            ]
        );
    }
}
