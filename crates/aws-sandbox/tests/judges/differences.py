"""Where moto is known to differ from AWS: both answers, pinned, and what says that AWS is otherwise.

A row names the operations and the fields (or `outcome`: the HTTP status with the error code) and, per field, the pair
(moto's answer, the sandbox's answer, which is AWS's); several pairs where the field goes through several values. The test
fails when a difference has no row, when a pair is never seen, and when there are more than twelve rows. A row stands only
where AWS is documented to differ from moto: where moto is right, the sandbox has to agree with it.
"""

import re
from dataclasses import dataclass

ABSENT = "(absent)"
MOST_ROWS = 12


@dataclass(frozen=True)
class Row:
    about: str
    where: str
    """Regular expression over `service:Operation`."""
    path: str
    """Regular expression over the path; its group `field` is the key into `pairs`."""
    pairs: dict
    """field -> (moto, sandbox), or a list of such pairs."""
    source: str

    def field(self, where: str, path: str) -> str | None:
        if not re.fullmatch(self.where, where):
            return None
        found = re.fullmatch(self.path, path)
        return found["field"] if found else None

    def allowed(self, field: str) -> list[tuple]:
        pairs = self.pairs.get(field, [])
        return pairs if isinstance(pairs, list) else [pairs]


OUTCOME = r"(?P<field>outcome)"

DIFFERENCES = [
    Row(
        "quotas: moto has those of 2017, and not all",
        "elbv2:DescribeAccountLimits",
        r"Limits\.(?P<field>.+)",
        {
            "application-load-balancers": ("20", "50"),
            "certificates-per-network-load-balancer": (ABSENT, "25"),
            "network-load-balancers": ("20", "50"),
            "target-groups-per-action-on-network-load-balancer": (ABSENT, "1"),
            "targets-per-application-load-balancer": ("30", "1000"),
            "targets-per-availability-zone-per-network-load-balancer": (ABSENT, "500"),
            "targets-per-network-load-balancer": ("200", "3000"),
            "targets-per-target-group": (ABSENT, "1000"),
        },
        "AWS code examples, describe-account-limits: the output; quotas of Application and of Network Load Balancers",
    ),
    Row(
        "the same load balancer again: moto makes a second one of that name",
        "elbv2:CreateLoadBalancer",
        r"LoadBalancers\[0\]\.(?P<field>LoadBalancerArn|State\.Code)",
        {"LoadBalancerArn": ("<lb_again>", "<lb>"), "State.Code": ("provisioning", "active")},
        "API reference, CreateLoadBalancer: `This operation is idempotent [...] each call succeeds`",
    ),
    Row(
        "the same target group again",
        "elbv2:CreateTargetGroup",
        OUTCOME,
        {"outcome": ("400 DuplicateTargetGroupName", "200")},
        "API reference, CreateTargetGroup: idempotent for the same settings; terraform-provider-aws #26977",
    ),
    Row(
        "attributes of a network load balancer that moto does not know",
        "elbv2:(Describe|Modify)LoadBalancerAttributes",
        r"Attributes\.(?P<field>.+)",
        {
            "access_logs.s3.enabled": (ABSENT, "false"),
            "ipv6.deny_all_igw_traffic": (ABSENT, "false"),
            "dns_record.client_routing_policy": (ABSENT, "any_availability_zone"),
            "secondary_ips.auto_assigned.per_subnet": (ABSENT, "0"),
            "zonal_shift.config.enabled": (ABSENT, "false"),
        },
        "API reference, LoadBalancerAttribute: the keys supported by network load balancers and their defaults",
    ),
    Row(
        "target group attributes: moto has those of application load balancers, and gives back only what was modified",
        "elbv2:(Describe|Modify)TargetGroupAttributes",
        r"Attributes\.(?P<field>.+)",
        {
            "deregistration_delay.connection_termination.enabled": [(ABSENT, "true"), (ABSENT, "false")],
            "load_balancing.algorithm.type": ("round_robin", ABSENT),
            "load_balancing.cross_zone.enabled": (ABSENT, "use_load_balancer_configuration"),
            "preserve_client_ip.enabled": [(ABSENT, "true"), (ABSENT, "false")],
            "proxy_protocol_v2.enabled": (ABSENT, "false"),
            "slow_start.duration_seconds": ("0", ABSENT),
            "stickiness.enabled": (ABSENT, "false"),
            "stickiness.type": (ABSENT, "source_ip"),
            "target_group_health.dns_failover.minimum_healthy_targets.count": (ABSENT, "1"),
            "target_group_health.dns_failover.minimum_healthy_targets.percentage": (ABSENT, "off"),
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": (ABSENT, "1"),
            "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": (ABSENT, "off"),
            "target_health_state.unhealthy.connection_termination.enabled": [(ABSENT, "true"), (ABSENT, "false")],
            "target_health_state.unhealthy.draining_interval_seconds": (ABSENT, "0"),
            "waf.fail_open.enabled": ("false", ABSENT),
        },
        "API reference, TargetGroupAttribute: keys by type of load balancer; CLI reference, modify-target-group-attributes: "
        "the output lists all attributes",
    ),
    Row(
        "moto gives every listener a TLS policy",
        "elbv2:(Create|Describe|Modify)Listeners?",
        r"Listeners\[\d+\]\.(?P<field>SslPolicy)",
        {"SslPolicy": ("ELBSecurityPolicy-2016-08", ABSENT)},
        "API reference, Listener: `[HTTPS or TLS listener] The security policy`; CLI reference, create-listener, TCP example",
    ),
    Row(
        "moto calls every registered target healthy, also when no listener uses its group",
        "elbv2:DescribeTargetHealth",
        r"TargetHealthDescriptions\[\d+\]\.(?:Target|TargetHealth)\.(?P<field>\w+)",
        {
            "AvailabilityZone": (ABSENT, "us-west-2a"),
            "Description": (ABSENT, "Target group is not configured to receive traffic from the load balancer"),
            "Reason": (ABSENT, "Target.NotInUse"),
            "State": ("healthy", "unused"),
        },
        "API reference, TargetHealth: `Target.NotInUse`; NLB guide, target health status",
    ),
    Row(
        "moto refuses to deregister a target that is not registered",
        "elbv2:DeregisterTargets",
        OUTCOME,
        {"outcome": ("400 InvalidTarget", "200")},
        "API reference, DeregisterTargets: `If the specified target does not exist, the action returns successfully`",
    ),
    Row(
        "what ECS says of a service and a task definition that moto does not model",
        "ecs:(Create|Update|Describe|Delete)Services?|ecs:(Register|Describe)TaskDefinition",
        r"(?:(?:services\[0\]|service|taskDefinition)\.)?(?P<field>(?:deployments\[0\]\.)?\w+)",
        {
            "availabilityZoneRebalancing": (ABSENT, "ENABLED"),
            "createdAt": (ABSENT, "<time>"),
            "createdBy": (ABSENT, "<identity>"),
            "deploymentConfiguration": (
                ABSENT,
                {
                    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
                    "maximumPercent": 200,
                    "minimumHealthyPercent": 100,
                    "strategy": "ROLLING",
                    "bakeTimeInMinutes": 0,
                },
            ),
            "deployments[0].platformFamily": ("FARGATE", "Linux"),
            "enableECSManagedTags": (ABSENT, False),
            "enableExecuteCommand": (ABSENT, False),
            "platformFamily": (ABSENT, "Linux"),
            "registeredAt": (ABSENT, "<time>"),
            "registeredBy": (ABSENT, "<identity>"),
            "roleArn": (
                ABSENT,
                "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            ),
            "tags": (ABSENT, {"ManagedBy": "judges", "Project": "judged"}),
        },
        "CLI reference, create-service and register-task-definition: the outputs of the examples",
    ),
    Row(
        "counts: moto starts and stops tasks within the call and never touches the deployment",
        "ecs:(Create|Update|Describe|Delete)Services?",
        r"(?:services\[0\]|service)\.(?P<field>(?:deployments\[0\]\.)?\w+)",
        {
            "deployments[0].desiredCount": (0, 1),
            "deployments[0].rolloutState": ("COMPLETED", "IN_PROGRESS"),
            "deployments[0].rolloutStateReason": (
                "ECS deployment ecs-svc/<id> completed.",
                "ECS deployment ecs-svc/<id> in progress.",
            ),
            "deployments[0].runningCount": (0, 1),
            "runningCount": [(1, 0), (0, 1)],
            "status": ("INACTIVE", "DRAINING"),
        },
        "API reference, Deployment, UpdateService and DeleteService (`the service status moves from ACTIVE to DRAINING`)",
    ),
    Row(
        "moto forgets to say which tasks are missing, and does not have task protection at all",
        "ecs:(DescribeTasks|GetTaskProtection|UpdateTaskProtection)",
        r"(?P<field>outcome|failures)",
        {
            "failures": (
                ABSENT,
                [{"arn": "arn:aws:ecs:us-west-2:123456789012:task/judged/0123456789abcdef0123456789abcdef", "reason": "MISSING"}],
            ),
            "outcome": ("500 500", "200"),
        },
        "Developer guide, API failure reasons: DescribeTasks and GetTaskProtection answer with `failures`, MISSING",
    ),
    Row(
        "what SSM and S3 add and moto does not",
        "ssm:(GetParameters?|DescribeParameters)|s3:(HeadBucket|PutObject|GetObject|HeadObject|ListObjectsV2|ListBuckets)",
        r"(?:(?:Parameters?|Contents|Buckets)(?:\[\d+\])?\.)?(?P<field>\w+)",
        {
            "ARN": [
                (ABSENT, "arn:aws:ssm:us-west-2:123456789012:parameter/judged/plain"),
                (ABSENT, "arn:aws:ssm:us-west-2:123456789012:parameter/judged/secret"),
                (ABSENT, "arn:aws:ssm:us-west-2:123456789012:parameter/judged/list"),
                (ABSENT, "arn:aws:ssm:us-west-2:123456789012:parameter/judged-flat"),
            ],
            "AccessPointAlias": (ABSENT, False),
            "BucketRegion": (ABSENT, "us-west-2"),
            "ChecksumType": (ABSENT, "FULL_OBJECT"),
            "Prefix": (ABSENT, "judged-"),
            "Selector": [(ABSENT, ":1"), (ABSENT, ":2")],
            "ServerSideEncryption": (ABSENT, "AES256"),
        },
        "API reference, ParameterMetadata, Parameter (`Selector`), ListBuckets (`Prefix`, `BucketRegion`), HeadBucket; S3 user guide: every new object is "
        "encrypted with SSE-S3 since January 2023, and checksum types since December 2024",
    ),
]
