"""A stranger sets up a platform of another name on an empty sandbox, with boto3 alone, and sees its first task run.

    from_nothing.py URL --network-of OTHER     URL: `aws-sandbox serve --empty`; OTHER: one with the default platform

Every account has the same default network, empty or not. It is documented; the script reads it from the other sandbox,
where the platform's service names its subnets and its security group.
"""

import argparse

from as_operator import QUICK, Clients, check, private_address, refused, until

PROJECT = "community-calls"
CLUSTER = f"{PROJECT}-cluster"
SERVICE = f"{PROJECT}-service"
SECRET = f"/{PROJECT}/jvb_auth_password"


def network_of(url: str) -> dict:
    platform = "jitsi-video-platform"
    found = Clients(url).ecs.describe_services(cluster=f"{platform}-cluster", services=[f"{platform}-service"])
    return found["services"][0]["networkConfiguration"]


def finds_nothing(aws: Clients) -> None:
    check(aws.s3.list_buckets()["Buckets"] == [], "there are no buckets")
    check(aws.ssm.describe_parameters()["Parameters"] == [], "there are no parameters")
    check(aws.elb.describe_load_balancers()["LoadBalancers"] == [], "there are no load balancers")
    failures = aws.ecs.describe_clusters(clusters=[CLUSTER])["failures"]
    check([failure["reason"] for failure in failures] == ["MISSING"], "there is no cluster", failures)
    refused("ClusterNotFoundException", aws.ecs.list_services, cluster=CLUSTER)


def makes_what_a_service_needs(aws: Clients) -> str:
    """Gives the ARN of the task definition."""
    check(aws.ecs.create_cluster(clusterName=CLUSTER)["cluster"]["status"] == "ACTIVE", "the cluster is active")
    aws.ssm.put_parameter(Name=SECRET, Value="s3cret", Type="SecureString")
    secret = aws.ssm.get_parameter(Name=SECRET, WithDecryption=True)["Parameter"]
    check(secret["Value"] == "s3cret", "the secret can be read back", secret)
    bucket = f"{PROJECT}-recordings-0a1b2c3d"
    aws.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    aws.s3.get_waiter("bucket_exists").wait(Bucket=bucket, WaiterConfig=QUICK)
    definition = aws.ecs.register_task_definition(
        family=f"{PROJECT}-task",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="2048",
        memory="4096",
        executionRoleArn="arn:aws:iam::123456789012:role/execution",
        containerDefinitions=[
            {
                "name": "jvb",
                "image": "ghcr.io/jitsi/jvb:stable-11146-2",
                "portMappings": [{"containerPort": 10000, "protocol": "udp"}, {"containerPort": 8080, "protocol": "tcp"}],
                "secrets": [{"name": "JVB_AUTH_PASSWORD", "valueFrom": secret["ARN"]}],
            }
        ],
    )["taskDefinition"]
    check(definition["revision"] == 1, "it is the first revision", definition["revision"])
    return definition["taskDefinitionArn"]


def makes_the_service(aws: Clients, definition: str, network: dict) -> None:
    made = aws.ecs.create_service(
        cluster=CLUSTER,
        serviceName=SERVICE,
        taskDefinition=definition,
        desiredCount=0,
        launchType="FARGATE",
        networkConfiguration=network,
        tags=[{"key": "Project", "value": PROJECT}],
    )["service"]
    check((made["status"], made["desiredCount"]) == ("ACTIVE", 0), "the service is there and wants nothing", made)
    aws.ecs.get_waiter("services_stable").wait(cluster=CLUSTER, services=[SERVICE], WaiterConfig=QUICK)
    tags = aws.ecs.list_tags_for_resource(resourceArn=made["serviceArn"])["tags"]
    check(tags == [{"key": "Project", "value": PROJECT}], "it carries its tag", tags)


def runs_a_task(aws: Clients, definition: str) -> None:
    aws.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
    tasks = until("a task", lambda: aws.ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"])
    aws.ecs.get_waiter("tasks_running").wait(cluster=CLUSTER, tasks=tasks, WaiterConfig=QUICK)
    aws.ecs.get_waiter("services_stable").wait(cluster=CLUSTER, services=[SERVICE], WaiterConfig=QUICK)
    task = aws.ecs.describe_tasks(cluster=CLUSTER, tasks=tasks)["tasks"][0]
    check(task["lastStatus"] == "RUNNING" and task["taskDefinitionArn"] == definition, "the task runs what was registered", task)
    check(private_address(task) is not None, "it has an address", task["attachments"])
    cluster = aws.ecs.describe_clusters(clusters=[CLUSTER])["clusters"][0]
    check((cluster["activeServicesCount"], cluster["runningTasksCount"]) == (1, 1), "the cluster counts both", cluster)


def ends_it(aws: Clients) -> None:
    tasks = aws.ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"]
    aws.ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=0)
    aws.ecs.get_waiter("tasks_stopped").wait(cluster=CLUSTER, tasks=tasks, WaiterConfig=QUICK)
    aws.ecs.delete_service(cluster=CLUSTER, service=SERVICE)
    aws.ecs.get_waiter("services_inactive").wait(cluster=CLUSTER, services=[SERVICE], WaiterConfig=QUICK)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--network-of", required=True)
    wanted = parser.parse_args()
    aws = Clients(wanted.url)
    finds_nothing(aws)
    definition = makes_what_a_service_needs(aws)
    makes_the_service(aws, definition, network_of(wanted.network_of))
    runs_a_task(aws, definition)
    ends_it(aws)
    print("a platform was made from nothing, and one task of it ran")


if __name__ == "__main__":
    main()
