"""ELBv2: a network load balancer, its target groups and listeners, targets, attributes, tags, and their removal."""

from call import Call

TAGS = [{"Key": "Project", "Value": "judged"}, {"Key": "ManagedBy", "Value": "judges"}]
NO_LB = "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/net/nobody/0123456789abcdef"
NO_TG = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/nobody/0123456789abcdef"
NO_LISTENER = "arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/net/nobody/0123456789abcdef/0123456789abcdef"


def call(name: str, operation: str, **more) -> Call:
    return Call(name, "elbv2", operation, **more)


def target_group(name: str, **changed) -> dict:
    """The arguments of one of the platform's target groups; a change to None leaves the argument out."""
    wanted = {
        "Name": name,
        "Protocol": "UDP",
        "Port": 10000,
        "VpcId": "<vpc>",
        "TargetType": "ip",
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "8080",
        "HealthCheckPath": "/about/health",
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 2,
        "Matcher": {"HttpCode": "200-399"},
        **changed,
    }
    return {key: value for key, value in wanted.items() if value is not None}


def bad_target_group(name: str, why: dict) -> Call:
    return call(name, "CreateTargetGroup", args=target_group(**{"name": "judged-bad", **why}))


def listener(**changed) -> dict:
    return {
        "LoadBalancerArn": "<lb>",
        "Protocol": "UDP",
        "Port": 10000,
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": "<tg_udp>"}],
        **changed,
    }


LOAD_BALANCER = {
    "Name": "judged-nlb",
    "Type": "network",
    "Scheme": "internet-facing",
    "IpAddressType": "ipv4",
    "Subnets": ["<subnet_a>", "<subnet_b>"],
    "Tags": TAGS,
}

LOAD_BALANCERS = [
    call("quotas", "DescribeAccountLimits"),
    call("no load balancer of that name", "DescribeLoadBalancers", args={"Names": ["judged-nlb"]}),
    call("no load balancer of that arn", "DescribeLoadBalancers", args={"LoadBalancerArns": [NO_LB]}),
    call("attributes of no load balancer", "DescribeLoadBalancerAttributes", args={"LoadBalancerArn": NO_LB}),
    call("a load balancer with an unknown address type", "CreateLoadBalancer", args={**LOAD_BALANCER, "IpAddressType": "ipv5"}),
    call(
        "the load balancer",
        "CreateLoadBalancer",
        args=LOAD_BALANCER,
        keep={"lb": "LoadBalancers[0].LoadBalancerArn", "vpc": "LoadBalancers[0].VpcId"},
    ),
    call(
        "the load balancer by name, active",
        "DescribeLoadBalancers",
        args={"Names": ["judged-nlb"]},
        until="LoadBalancers[0].State.Code == 'active'",
    ),
    call("the load balancer by arn", "DescribeLoadBalancers", args={"LoadBalancerArns": ["<lb>"]}),
    call("all load balancers", "DescribeLoadBalancers", pages=True),
    call("one unknown name among two", "DescribeLoadBalancers", args={"Names": ["nobody", "judged-nlb"]}),
    call("the same load balancer again", "CreateLoadBalancer", args=LOAD_BALANCER, keep={"lb_again": "LoadBalancers[0].LoadBalancerArn"}),
    call("its attributes at first", "DescribeLoadBalancerAttributes", args={"LoadBalancerArn": "<lb>"}),
    call(
        "cross-zone on",
        "ModifyLoadBalancerAttributes",
        args={"LoadBalancerArn": "<lb>", "Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]},
    ),
    call("its attributes with cross-zone", "DescribeLoadBalancerAttributes", args={"LoadBalancerArn": "<lb>"}),
    call(
        "an attribute of no load balancer",
        "ModifyLoadBalancerAttributes",
        args={"LoadBalancerArn": NO_LB, "Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]},
    ),
]

TARGET_GROUPS = [
    call("no target group of that name", "DescribeTargetGroups", args={"Names": ["judged-udp"]}),
    call("no target group of that arn", "DescribeTargetGroups", args={"TargetGroupArns": [NO_TG]}),
    call("target groups of no load balancer", "DescribeTargetGroups", args={"LoadBalancerArn": NO_LB}),
    call("target groups by two criteria", "DescribeTargetGroups", args={"Names": ["judged-udp"], "LoadBalancerArn": "<lb>"}),
    call(
        "the udp target group",
        "CreateTargetGroup",
        args=target_group("judged-udp", Tags=TAGS),
        keep={"tg_udp": "TargetGroups[0].TargetGroupArn"},
    ),
    call(
        "the tcp target group",
        "CreateTargetGroup",
        args=target_group("judged-tcp", Protocol="TCP", Port=4443),
        keep={"tg_tcp": "TargetGroups[0].TargetGroupArn"},
    ),
    call(
        "a tcp target group with every default",
        "CreateTargetGroup",
        args={"Name": "judged-plain", "Protocol": "TCP", "Port": 80, "VpcId": "<vpc>", "TargetType": "ip"},
        keep={"tg_plain": "TargetGroups[0].TargetGroupArn"},
    ),
    call(
        "the target group for targets",
        "CreateTargetGroup",
        args=target_group("judged-targets", Protocol="TCP", Port=80),
        keep={"tg_targets": "TargetGroups[0].TargetGroupArn"},
    ),
    call("the same target group again", "CreateTargetGroup", args=target_group("judged-udp", Tags=TAGS)),
    call("the same target group on another port", "CreateTargetGroup", args=target_group("judged-udp", Port=10001)),
    bad_target_group("a target group name of 33 letters", {"name": "a" * 33}),
    bad_target_group("a target group name with an underscore", {"name": "judged_bad"}),
    bad_target_group("a target group name that begins with a hyphen", {"name": "-judged"}),
    bad_target_group("a target group name that ends with a hyphen", {"name": "judged-"}),
    bad_target_group("a target group without protocol", {"Protocol": None}),
    bad_target_group("a target group without port", {"Port": None}),
    bad_target_group("a target group without vpc", {"VpcId": None}),
    bad_target_group("a target group in an unknown vpc", {"VpcId": "vpc-0123456789abcdef0"}),
    bad_target_group("a target group of an unknown protocol", {"Protocol": "SCTP"}),
    bad_target_group("a target group with an unknown check protocol", {"HealthCheckProtocol": "ICMP"}),
    bad_target_group("a check that takes longer than its interval", {"HealthCheckIntervalSeconds": 10, "HealthCheckTimeoutSeconds": 20}),
    call("a target group by name", "DescribeTargetGroups", args={"Names": ["judged-udp"]}),
    call("two target groups by arn", "DescribeTargetGroups", args={"TargetGroupArns": ["<tg_udp>", "<tg_tcp>"]}),
    call("one unknown target group among two", "DescribeTargetGroups", args={"Names": ["judged-udp", "nobody"]}),
    call("all target groups, two at a time", "DescribeTargetGroups", args={"PaginationConfig": {"PageSize": 2}}, pages=True),
    call(
        "a slower check",
        "ModifyTargetGroup",
        args={
            "TargetGroupArn": "<tg_tcp>",
            "HealthCheckIntervalSeconds": 10,
            "HealthyThresholdCount": 3,
            "UnhealthyThresholdCount": 3,
            "HealthCheckPath": "/health",
        },
    ),
    call("a check of no target group", "ModifyTargetGroup", args={"TargetGroupArn": NO_TG, "HealthCheckIntervalSeconds": 10}),
    call("attributes of the udp target group", "DescribeTargetGroupAttributes", args={"TargetGroupArn": "<tg_udp>"}),
    call("attributes of the tcp target group", "DescribeTargetGroupAttributes", args={"TargetGroupArn": "<tg_tcp>"}),
    call("attributes of no target group", "DescribeTargetGroupAttributes", args={"TargetGroupArn": NO_TG}),
    call(
        "a deregistration delay of 30 s",
        "ModifyTargetGroupAttributes",
        args={"TargetGroupArn": "<tg_udp>", "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]},
    ),
    call(
        "a deregistration delay of two hours",
        "ModifyTargetGroupAttributes",
        args={"TargetGroupArn": "<tg_udp>", "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "7200"}]},
    ),
    call(
        "cookie stickiness on a tcp target group",
        "ModifyTargetGroupAttributes",
        args={"TargetGroupArn": "<tg_tcp>", "Attributes": [{"Key": "stickiness.type", "Value": "lb_cookie"}]},
    ),
    call(
        "an attribute of no target group",
        "ModifyTargetGroupAttributes",
        args={"TargetGroupArn": NO_TG, "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}]},
    ),
]

LISTENERS = [
    call("no listener yet", "DescribeListeners", args={"LoadBalancerArn": "<lb>"}),
    call("listeners of no load balancer", "DescribeListeners", args={"LoadBalancerArn": NO_LB}),
    call("no listener of that arn", "DescribeListeners", args={"ListenerArns": [NO_LISTENER]}),
    call("listeners of nothing", "DescribeListeners"),
    call("a listener on no load balancer", "CreateListener", args=listener(LoadBalancerArn=NO_LB)),
    call("a listener to no target group", "CreateListener", args=listener(DefaultActions=[{"Type": "forward", "TargetGroupArn": NO_TG}])),
    call("an http listener on a network load balancer", "CreateListener", args=listener(Protocol="HTTP")),
    call("a listener of an unknown protocol", "CreateListener", args=listener(Protocol="SCTP")),
    call("a listener with an unknown action", "CreateListener", args=listener(DefaultActions=[{"Type": "drop"}])),
    call("a listener without port", "CreateListener", args={key: value for key, value in listener().items() if key != "Port"}),
    call("a listener without protocol", "CreateListener", args={key: value for key, value in listener().items() if key != "Protocol"}),
    call("the udp listener", "CreateListener", args=listener(Tags=TAGS), keep={"listener_udp": "Listeners[0].ListenerArn"}),
    call(
        "the tcp listener",
        "CreateListener",
        args=listener(Protocol="TCP", Port=4443, DefaultActions=[{"Type": "forward", "TargetGroupArn": "<tg_tcp>"}]),
        keep={"listener_tcp": "Listeners[0].ListenerArn"},
    ),
    call("the listeners", "DescribeListeners", args={"LoadBalancerArn": "<lb>"}),
    call("a listener by arn", "DescribeListeners", args={"ListenerArns": ["<listener_udp>"]}),
    call("target groups of the load balancer", "DescribeTargetGroups", args={"LoadBalancerArn": "<lb>"}),
    call("a listener moved to another port", "ModifyListener", args={"ListenerArn": "<listener_tcp>", "Port": 4444}),
    call("a listener moved to no target group", "ModifyListener", args={"ListenerArn": NO_LISTENER, "Port": 4444}),
]

TARGETS = [
    call("no target yet", "DescribeTargetHealth", args={"TargetGroupArn": "<tg_targets>"}),
    call("targets of no target group", "DescribeTargetHealth", args={"TargetGroupArn": NO_TG}),
    call("a target of no target group", "RegisterTargets", args={"TargetGroupArn": NO_TG, "Targets": [{"Id": "10.0.0.1"}]}),
    call("a target away from no target group", "DeregisterTargets", args={"TargetGroupArn": NO_TG, "Targets": [{"Id": "10.0.0.1"}]}),
    call(
        "no deregistration delay",
        "ModifyTargetGroupAttributes",
        args={"TargetGroupArn": "<tg_targets>", "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "0"}]},
    ),
    call(
        "two targets",
        "RegisterTargets",
        args={"TargetGroupArn": "<tg_targets>", "Targets": [{"Id": "172.31.0.10"}, {"Id": "172.31.0.11", "Port": 8081}]},
    ),
    call("the targets of a target group that nothing uses", "DescribeTargetHealth", args={"TargetGroupArn": "<tg_targets>"}),
    call(
        "one target asked for by id",
        "DescribeTargetHealth",
        args={"TargetGroupArn": "<tg_targets>", "Targets": [{"Id": "172.31.0.11", "Port": 8081}]},
    ),
    call("the same target again", "RegisterTargets", args={"TargetGroupArn": "<tg_targets>", "Targets": [{"Id": "172.31.0.10"}]}),
    call("one target away", "DeregisterTargets", args={"TargetGroupArn": "<tg_targets>", "Targets": [{"Id": "172.31.0.10"}]}),
    call(
        "the target that is left",
        "DescribeTargetHealth",
        args={"TargetGroupArn": "<tg_targets>"},
        until="length(TargetHealthDescriptions) == `1`",
    ),
    call(
        "the target that went",
        "DescribeTargetHealth",
        args={"TargetGroupArn": "<tg_targets>", "Targets": [{"Id": "172.31.0.10", "Port": 80}]},
        until="TargetHealthDescriptions[0].TargetHealth.State == 'unused'",
    ),
    call("a target away that never was", "DeregisterTargets", args={"TargetGroupArn": "<tg_targets>", "Targets": [{"Id": "172.31.0.99"}]}),
]

TAGGING = [
    call("tags given at creation", "DescribeTags", args={"ResourceArns": ["<lb>", "<tg_udp>", "<listener_udp>", "<tg_tcp>"]}),
    call(
        "tags added",
        "AddTags",
        args={
            "ResourceArns": ["<lb>", "<tg_tcp>", "<listener_tcp>"],
            "Tags": [{"Key": "Environment", "Value": "test"}, {"Key": "Project", "Value": "changed"}],
        },
    ),
    call("tags after adding", "DescribeTags", args={"ResourceArns": ["<lb>", "<tg_tcp>", "<listener_tcp>"]}),
    call("a tag removed", "RemoveTags", args={"ResourceArns": ["<lb>"], "TagKeys": ["Environment", "NeverThere"]}),
    call("tags after removing", "DescribeTags", args={"ResourceArns": ["<lb>"]}),
    call("tags for no load balancer", "AddTags", args={"ResourceArns": [NO_LB], "Tags": TAGS}),
    call("tags for no target group", "AddTags", args={"ResourceArns": [NO_TG], "Tags": TAGS}),
    call("a tag from no target group", "RemoveTags", args={"ResourceArns": [NO_TG], "TagKeys": ["Project"]}),
]

REMOVAL = [
    call("a target group in use deleted", "DeleteTargetGroup", args={"TargetGroupArn": "<tg_udp>"}),
    call("a listener deleted", "DeleteListener", args={"ListenerArn": "<listener_tcp>"}),
    call("the same listener deleted again", "DeleteListener", args={"ListenerArn": "<listener_tcp>"}),
    call("the listener that is left", "DescribeListeners", args={"LoadBalancerArn": "<lb>"}),
    call("its target group deleted", "DeleteTargetGroup", args={"TargetGroupArn": "<tg_tcp>"}, retry_on="ResourceInUse"),
    call("the load balancer deleted", "DeleteLoadBalancer", args={"LoadBalancerArn": "<lb>"}),
    call("the load balancer deleted again", "DeleteLoadBalancer", args={"LoadBalancerArn": "<lb_again>"}),
    call("the deleted load balancer by arn", "DescribeLoadBalancers", args={"LoadBalancerArns": ["<lb>"]}),
    call(
        "a target group deleted after its load balancer", "DeleteTargetGroup", args={"TargetGroupArn": "<tg_udp>"}, retry_on="ResourceInUse"
    ),
    call("a target group with a target deleted", "DeleteTargetGroup", args={"TargetGroupArn": "<tg_targets>"}),
    call("the last target group deleted", "DeleteTargetGroup", args={"TargetGroupArn": "<tg_plain>"}),
    call("a target group deleted twice", "DeleteTargetGroup", args={"TargetGroupArn": "<tg_plain>"}),
    call("the deleted target group by arn", "DescribeTargetGroups", args={"TargetGroupArns": ["<tg_udp>"]}),
]

CALLS = LOAD_BALANCERS + TARGET_GROUPS + LISTENERS + TARGETS + TAGGING + REMOVAL
