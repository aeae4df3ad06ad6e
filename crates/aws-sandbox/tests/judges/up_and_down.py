"""boto3 drives `aws-sandbox serve` through a whole up and down of the default platform, as an operator's script would.

    up_and_down.py URL      best with a clock of 30x: then all of it takes some fifteen seconds

boto3 is the judge here: its parsers, its paging, its waiters. The states on the way are checked too: a load balancer is
provisioning before it is active, a target is initial before it is healthy, a task that stops leaves the default ListTasks
while it is still there, a target group is in use for as long as a listener refers to it.
"""

import sys
import time

from as_operator import QUICK, Clients, check, private_address, refused, until

PROJECT = "jitsi-video-platform"
PLATFORM = {"cluster": f"{PROJECT}-cluster", "services": [f"{PROJECT}-service"]}
CLUSTER = PLATFORM["cluster"]
SERVICE = PLATFORM["services"][0]
SECRETS = ["jicofo_component_secret", "jicofo_auth_password", "jvb_component_secret", "jvb_auth_password", "jigasi_auth_password"]
TAGS = [{"Key": "Project", "Value": PROJECT}, {"Key": "ManagedBy", "Value": "judges"}]
LISTENERS = [("UDP", 10000), ("TCP", 4443)]
BEFORE_RUNNING = {"PROVISIONING", "PENDING", "ACTIVATING"}
AFTER_RUNNING = {"DEACTIVATING", "STOPPING", "DEPROVISIONING"}
LIFE_OF_A_TASK = [
    "createdAt",
    "connectivityAt",
    "pullStartedAt",
    "pullStoppedAt",
    "startedAt",
    "stoppingAt",
    "executionStoppedAt",
    "stoppedAt",
]


class Platform:
    """The platform, and what the script has made for it."""

    def __init__(self, url: str) -> None:
        self.aws = Clients(url)
        self.load_balancer = ""
        self.groups: dict[int, str] = {}
        self.listeners: list[str] = []
        self.task = ""
        self.address = ""

    def service(self) -> dict:
        answer = self.aws.ecs.describe_services(**PLATFORM)
        check(not answer["failures"], "the service is there", answer["failures"])
        return answer["services"][0]

    def tasks(self, desired: str | None = None) -> list[str]:
        wanted = {"desiredStatus": desired} if desired else {}
        pages = self.aws.ecs.get_paginator("list_tasks").paginate(cluster=CLUSTER, serviceName=SERVICE, **wanted)
        return [arn for page in pages for arn in page["taskArns"]]

    def described_task(self) -> dict:
        answer = self.aws.ecs.describe_tasks(cluster=CLUSTER, tasks=[self.task], include=["TAGS"])
        check(not answer["failures"], "the task is described", answer["failures"])
        return answer["tasks"][0]

    def health(self, port: int) -> list[dict]:
        answer = self.aws.elb.describe_target_health(TargetGroupArn=self.groups[port])
        return [description["TargetHealth"] for description in answer["TargetHealthDescriptions"]]

    def load_balancer_state(self) -> str:
        return self.aws.elb.describe_load_balancers(LoadBalancerArns=[self.load_balancer])["LoadBalancers"][0]["State"]["Code"]


def looks_around(platform: Platform) -> None:
    aws = platform.aws
    check(aws.sts.get_caller_identity()["Account"] == "123456789012", "the account is the default one")
    parameters = aws.ssm.get_parameters(Names=[f"/{PROJECT}/{name}" for name in SECRETS])
    check(not parameters["InvalidParameters"], "the five secrets are there", parameters["InvalidParameters"])
    check({each["Type"] for each in parameters["Parameters"]} == {"SecureString"}, "they are SecureStrings", parameters)
    buckets = [bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]]
    recordings = [name for name in buckets if name.startswith(f"{PROJECT}-recordings-")]
    check(len(recordings) == 1, "there is one bucket for recordings", buckets)
    check(aws.s3.head_bucket(Bucket=recordings[0])["BucketRegion"] == "us-west-2", "the bucket is in this region")
    service = platform.service()
    check(service["status"] == "ACTIVE", "the service is active", service["status"])
    check((service["desiredCount"], service["runningCount"], service["pendingCount"]) == (0, 0, 0), "nothing runs", service)
    check([each["rolloutState"] for each in service["deployments"]] == ["COMPLETED"], "one deployment, completed", service["deployments"])
    check(platform.tasks() == [], "there are no tasks")


def makes_a_load_balancer(platform: Platform) -> None:
    elb = platform.aws.elb
    subnets = platform.service()["networkConfiguration"]["awsvpcConfiguration"]["subnets"]
    refused("LoadBalancerNotFound", elb.describe_load_balancers, Names=[f"{PROJECT}-jvb-nlb"])
    wanted = {"Name": f"{PROJECT}-jvb-nlb", "Type": "network", "Scheme": "internet-facing", "Subnets": subnets, "Tags": TAGS}
    made = elb.create_load_balancer(**wanted)["LoadBalancers"][0]
    platform.load_balancer = made["LoadBalancerArn"]
    check(made["State"]["Code"] == "provisioning", "a new load balancer is provisioning", made["State"])
    check(made["DNSName"].endswith(".elb.us-west-2.amazonaws.com"), "its address is one of this region", made["DNSName"])
    again = elb.create_load_balancer(**wanted)["LoadBalancers"][0]
    check(again["LoadBalancerArn"] == platform.load_balancer, "the same call again gives the same load balancer", again)
    refused("DuplicateLoadBalancerName", elb.create_load_balancer, **{**wanted, "Tags": TAGS[:1]})
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=platform.load_balancer, Attributes=[{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]
    )
    for protocol, port in LISTENERS:
        makes_a_listener(platform, protocol, port, made["VpcId"])
    refused(
        "DuplicateListener",
        elb.create_listener,
        LoadBalancerArn=platform.load_balancer,
        Protocol="TCP",
        Port=LISTENERS[1][1],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": platform.groups[LISTENERS[0][1]]}],
    )
    check(platform.load_balancer_state() == "provisioning", "it is provisioning still: listeners do not wait for it")


def makes_a_listener(platform: Platform, protocol: str, port: int, vpc: str) -> None:
    elb = platform.aws.elb
    group = elb.create_target_group(
        Name=f"{PROJECT}-jvb-{protocol.lower()}-tg",
        Protocol=protocol,
        Port=port,
        VpcId=vpc,
        TargetType="ip",
        HealthCheckProtocol="HTTP",
        HealthCheckPort="8080",
        HealthCheckPath="/about/health",
        HealthCheckIntervalSeconds=30,
        HealthCheckTimeoutSeconds=5,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
        Tags=TAGS,
    )["TargetGroups"][0]["TargetGroupArn"]
    elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "30"}])
    listener = elb.create_listener(
        LoadBalancerArn=platform.load_balancer,
        Protocol=protocol,
        Port=port,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        Tags=TAGS,
    )["Listeners"][0]["ListenerArn"]
    platform.groups[port] = group
    platform.listeners.append(listener)


def starts_a_task(platform: Platform) -> None:
    ecs = platform.aws.ecs
    answer = ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)["service"]
    check((answer["desiredCount"], answer["runningCount"]) == (1, 0), "one is wanted, none runs yet", answer)
    platform.task = until("a task", platform.tasks)[0]
    first = platform.described_task()
    check(first["lastStatus"] in BEFORE_RUNNING, "a new task does not run yet", first["lastStatus"])
    check(first["desiredStatus"] == "RUNNING" and first["group"] == f"service:{SERVICE}", "it is the service's", first)
    platform.address = until("the task's address", lambda: private_address(platform.described_task()))
    status = platform.described_task()["lastStatus"]
    check(status in BEFORE_RUNNING, "the address is known before the task runs", status)


def registers_the_task(platform: Platform) -> None:
    for _, port in LISTENERS:
        platform.aws.elb.register_targets(TargetGroupArn=platform.groups[port], Targets=[{"Id": platform.address, "Port": port}])
        health = platform.health(port)
        check([each["State"] for each in health] == ["initial"], "a new target is initial", health)
        check(health[0]["Reason"] == "Elb.RegistrationInProgress", "it is being registered", health)
    check(platform.load_balancer_state() == "provisioning", "registration does not wait for the load balancer")


def waits_until_all_is_up(platform: Platform) -> None:
    aws = platform.aws
    aws.ecs.get_waiter("tasks_running").wait(cluster=CLUSTER, tasks=[platform.task], WaiterConfig=QUICK)
    aws.ecs.get_waiter("services_stable").wait(**PLATFORM, WaiterConfig=QUICK)
    aws.elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[platform.load_balancer], WaiterConfig=QUICK)
    for _, port in LISTENERS:
        aws.elb.get_waiter("target_in_service").wait(TargetGroupArn=platform.groups[port], WaiterConfig=QUICK)
        check(platform.health(port) == [{"State": "healthy"}], "a healthy target has no reason", platform.health(port))
    service = platform.service()
    check((service["runningCount"], service["pendingCount"]) == (1, 0), "one task runs", service)
    check([each["rolloutState"] for each in service["deployments"]] == ["COMPLETED"], "scaling is no deployment", service["deployments"])
    messages = " ".join(event["message"] for event in service["events"])
    check("has started 1 tasks" in messages and "steady state" in messages, "the service has told of it", messages)


def protects_the_task(platform: Platform) -> None:
    ecs = platform.aws.ecs
    one = {"cluster": CLUSTER, "tasks": [platform.task]}
    check(not ecs.get_task_protection(**one)["protectedTasks"][0]["protectionEnabled"], "a task is not protected at first")
    answer = ecs.update_task_protection(**one, protectionEnabled=True, expiresInMinutes=5)
    check(not answer["failures"] and "expirationDate" in answer["protectedTasks"][0], "protection has an end", answer)
    check(ecs.get_task_protection(**one)["protectedTasks"][0]["protectionEnabled"], "the task is protected")
    ecs.update_task_protection(**one, protectionEnabled=False)
    check(not ecs.get_task_protection(**one)["protectedTasks"][0]["protectionEnabled"], "the task is free again")
    stranger = platform.task[:-8] + "00000000"
    failures = ecs.get_task_protection(cluster=CLUSTER, tasks=[stranger])["failures"]
    check([failure["reason"] for failure in failures] == ["MISSING"], "an unknown task is a failure in an answer of 200", failures)


def stops_the_task(platform: Platform) -> None:
    answer = platform.aws.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=0)["service"]
    check((answer["desiredCount"], answer["runningCount"]) == (0, 1), "none is wanted, one runs still", answer)
    until("the task to leave the list", platform.tasks, lambda tasks: tasks == [])
    status = platform.described_task()["lastStatus"]
    check(status in AFTER_RUNNING, "it is not listed any more, but it has not stopped yet", status)
    check(platform.task in platform.tasks("STOPPED"), "it is listed among those that shall stop")


def removes_the_load_balancer(platform: Platform) -> None:
    elb = platform.aws.elb
    target = {"Id": platform.address}
    for _, port in LISTENERS:
        elb.deregister_targets(TargetGroupArn=platform.groups[port], Targets=[{**target, "Port": port}])
        health = platform.health(port)
        check([each["State"] for each in health] == ["draining"], "a target that goes is draining", health)
    for _, port in LISTENERS:
        elb.get_waiter("target_deregistered").wait(
            TargetGroupArn=platform.groups[port], Targets=[{**target, "Port": port}], WaiterConfig=QUICK
        )
        check(platform.health(port) == [], "the target has gone", platform.health(port))
        refused("ResourceInUse", elb.delete_target_group, TargetGroupArn=platform.groups[port])
    elb.delete_load_balancer(LoadBalancerArn=platform.load_balancer)
    elb.get_waiter("load_balancers_deleted").wait(LoadBalancerArns=[platform.load_balancer], WaiterConfig=QUICK)
    refused("ListenerNotFound", elb.describe_listeners, ListenerArns=platform.listeners[:1])
    for group in platform.groups.values():
        until("the target group to be free", lambda group=group: deleted(platform, group))
    refused("TargetGroupNotFound", elb.describe_target_groups, TargetGroupArns=list(platform.groups.values()))


def deleted(platform: Platform, group: str) -> bool:
    """Deletes a target group; false while AWS still thinks that it is in use."""
    elb = platform.aws.elb
    try:
        elb.delete_target_group(TargetGroupArn=group)
    except elb.exceptions.ResourceInUseException:
        return False
    return True


def nothing_is_left(platform: Platform) -> None:
    aws = platform.aws
    aws.ecs.get_waiter("tasks_stopped").wait(cluster=CLUSTER, tasks=[platform.task], WaiterConfig=QUICK)
    task = platform.described_task()
    check(task["stopCode"] == "ServiceSchedulerInitiated", "the scheduler stopped it", task["stopCode"])
    check(task["stoppedReason"].startswith("Scaling activity initiated by (deployment ecs-svc/"), "and says why", task["stoppedReason"])
    check(all("exitCode" in container for container in task["containers"]), "every container has exited", task["containers"])
    times = [task[moment] for moment in LIFE_OF_A_TASK]
    check(times == sorted(times), "its times are in order", times)
    service = platform.service()
    check((service["desiredCount"], service["runningCount"], service["pendingCount"]) == (0, 0, 0), "nothing runs", service)
    check(aws.elb.describe_load_balancers()["LoadBalancers"] == [], "no load balancer is left")
    check(aws.elb.describe_target_groups()["TargetGroups"] == [], "no target group is left")


STEPS = [
    looks_around,
    makes_a_load_balancer,
    starts_a_task,
    registers_the_task,
    waits_until_all_is_up,
    protects_the_task,
    stops_the_task,
    removes_the_load_balancer,
    nothing_is_left,
]


def main(url: str) -> None:
    platform = Platform(url)
    began = time.monotonic()
    for step in STEPS:
        step(platform)
        print(f"{time.monotonic() - began:6.2f} s  {step.__name__.replace('_', ' ')}")


if __name__ == "__main__":
    main(sys.argv[1])
