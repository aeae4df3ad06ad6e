"""ECS: a cluster, a task definition, a service and its counts, tasks that are not there, tags."""

from call import Call

TAGS = [{"key": "Project", "value": "judged"}, {"key": "ManagedBy", "value": "judges"}]
ARN = "arn:aws:ecs:us-west-2:123456789012:"
NO_CLUSTER = ARN + "cluster/nowhere"
NO_SERVICE = ARN + "service/judged/nobody"
NO_TASK = ARN + "task/judged/0123456789abcdef0123456789abcdef"


def call(name: str, operation: str, **more) -> Call:
    return Call(name, "ecs", operation, **more)


WEB = {
    "name": "web",
    "image": "ghcr.io/jitsi/web:stable-11146-2",
    "cpu": 256,
    "memory": 512,
    "essential": True,
    "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
    "environment": [{"name": "TZ", "value": "UTC"}],
    "mountPoints": [],
    "volumesFrom": [],
    "secrets": [{"name": "JICOFO_AUTH_PASSWORD", "valueFrom": ARN.replace("ecs", "ssm") + "parameter/judged/secret"}],
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/judged", "awslogs-region": "us-west-2"}},
    "stopTimeout": 60,
    "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 30, "timeout": 5, "retries": 3},
}
JVB = {
    "name": "jvb",
    "image": "ghcr.io/jitsi/jvb:stable-11146-2",
    "portMappings": [
        {"containerPort": 10000, "hostPort": 10000, "protocol": "udp"},
        {"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"},
    ],
    "dependsOn": [{"containerName": "web", "condition": "START"}],
    "ulimits": [{"name": "nofile", "softLimit": 65536, "hardLimit": 65536}],
    "memory": 1024,
}
TASK_DEFINITION = {
    "family": "judged-task",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "1024",
    "memory": "2048",
    "executionRoleArn": "arn:aws:iam::123456789012:role/judged-execution",
    "taskRoleArn": "arn:aws:iam::123456789012:role/judged-task",
    "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
    "containerDefinitions": [WEB, JVB],
}
MINIMAL = {
    "family": "judged-minimal",
    "networkMode": "awsvpc",
    "requiresCompatibilities": ["FARGATE"],
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "app", "image": "nginx"}],
}
NETWORK = {"awsvpcConfiguration": {"subnets": ["<subnet_a>", "<subnet_b>"], "securityGroups": ["<sg>"], "assignPublicIp": "ENABLED"}}
SERVICE = {
    "cluster": "judged",
    "serviceName": "judged-service",
    "taskDefinition": "judged-task:1",
    "desiredCount": 0,
    "launchType": "FARGATE",
    "platformVersion": "1.4.0",
    "networkConfiguration": NETWORK,
    "tags": TAGS,
}


def task_definition(name: str, containers: list[dict], **changed) -> Call:
    return call(name, "RegisterTaskDefinition", args={**MINIMAL, "family": "judged-bad", "containerDefinitions": containers, **changed})


def service_described(name: str, **more) -> Call:
    return call(name, "DescribeServices", args={"cluster": "judged", "services": ["judged-service"]}, **more)


CLUSTERS = [
    call("no cluster of that name", "DescribeClusters", args={"clusters": ["judged"]}),
    call("no cluster of that arn", "DescribeClusters", args={"clusters": [NO_CLUSTER]}),
    call("the cluster", "CreateCluster", args={"clusterName": "judged", "tags": TAGS}, keep={"cluster": "cluster.clusterArn"}),
    call(
        "a cluster with insights",
        "CreateCluster",
        args={"clusterName": "judged-insights", "settings": [{"name": "containerInsights", "value": "enabled"}]},
        keep={"cluster_insights": "cluster.clusterArn"},
    ),
    call("a cluster with all that belongs to it", "DescribeClusters", args={"clusters": ["judged"], "include": ["SETTINGS", "TAGS"]}),
    call("a cluster by arn", "DescribeClusters", args={"clusters": ["<cluster>"], "include": ["SETTINGS"]}),
    call("a cluster and one that is missing", "DescribeClusters", args={"clusters": ["judged", "nowhere"], "include": ["SETTINGS"]}),
]

TASK_DEFINITIONS = [
    call("no task definition of that family", "DescribeTaskDefinition", args={"taskDefinition": "judged-task"}),
    call(
        "the task definition",
        "RegisterTaskDefinition",
        args={**TASK_DEFINITION, "tags": TAGS},
        keep={"td_1": "taskDefinition.taskDefinitionArn"},
    ),
    call(
        "its second revision",
        "RegisterTaskDefinition",
        args={**TASK_DEFINITION, "cpu": "2048", "memory": "4096"},
        keep={"td_2": "taskDefinition.taskDefinitionArn"},
    ),
    call(
        "a task definition with every default",
        "RegisterTaskDefinition",
        args=MINIMAL,
        keep={"td_minimal": "taskDefinition.taskDefinitionArn"},
    ),
    task_definition("a container without name", [{"image": "nginx"}]),
    task_definition("a container without image", [{"name": "app"}]),
    task_definition("a container without memory", [{"name": "app", "image": "nginx"}], memory=None, requiresCompatibilities=["EC2"]),
    task_definition("a pid mode that fargate refuses", [{"name": "app", "image": "nginx"}], pidMode="host"),
    call("the latest revision", "DescribeTaskDefinition", args={"taskDefinition": "judged-task"}),
    call("a revision by number, with tags", "DescribeTaskDefinition", args={"taskDefinition": "judged-task:1", "include": ["TAGS"]}),
    call("a revision by arn", "DescribeTaskDefinition", args={"taskDefinition": "<td_2>"}),
    call("a revision that is not there", "DescribeTaskDefinition", args={"taskDefinition": "judged-task:99"}),
]

SERVICES = [
    call("a service in no cluster", "CreateService", args={**SERVICE, "cluster": "nowhere"}),
    call("a service of no task definition", "CreateService", args={**SERVICE, "taskDefinition": "nobody:1"}),
    call(
        "a service in a subnet that is not there",
        "CreateService",
        args={
            **SERVICE,
            "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-0123456789abcdef0"], "securityGroups": ["<sg>"]}},
        },
    ),
    call(
        "a service without subnets",
        "CreateService",
        args={**SERVICE, "networkConfiguration": {"awsvpcConfiguration": {"subnets": [], "securityGroups": ["<sg>"]}}},
    ),
    call("the service", "CreateService", args=SERVICE, keep={"service": "service.serviceArn"}),
    service_described("the service, settled", until="services[0].deployments[0].rolloutState == 'COMPLETED'"),
    call("the service by arn, with tags", "DescribeServices", args={"cluster": "judged", "services": ["<service>"], "include": ["TAGS"]}),
    call("a service that is missing", "DescribeServices", args={"cluster": "judged", "services": ["nobody"]}),
    call("a service that is missing, by arn", "DescribeServices", args={"cluster": "judged", "services": [NO_SERVICE]}),
    call("a service and one that is missing", "DescribeServices", args={"cluster": "judged", "services": ["judged-service", "nobody"]}),
    call("services of no cluster", "DescribeServices", args={"cluster": "nowhere", "services": ["judged-service"]}),
    call("the list of services", "ListServices", args={"cluster": "judged"}, pages=True),
    call("the list of services of an empty cluster", "ListServices", args={"cluster": "judged-insights"}),
    call("the list of fargate services", "ListServices", args={"cluster": "judged", "launchType": "FARGATE"}),
    call("the list of ec2 services", "ListServices", args={"cluster": "judged", "launchType": "EC2"}),
    call("the list of services of no cluster", "ListServices", args={"cluster": "nowhere"}),
]

COUNTS = [
    call("an update of no service", "UpdateService", args={"cluster": "judged", "service": "nobody", "desiredCount": 1}),
    call("an update in no cluster", "UpdateService", args={"cluster": "nowhere", "service": "judged-service", "desiredCount": 1}),
    call(
        "an update to no task definition",
        "UpdateService",
        args={"cluster": "judged", "service": "judged-service", "taskDefinition": "nobody:1"},
    ),
    call("an update that changes nothing", "UpdateService", args={"cluster": "judged", "service": "judged-service", "desiredCount": 0}),
    call("the service scaled to one", "UpdateService", args={"cluster": "judged", "service": "<service>", "desiredCount": 1}),
    service_described("the service with one task", until="services[0].runningCount == `1`"),
    call("a service deleted while it is scaled above zero", "DeleteService", args={"cluster": "judged", "service": "judged-service"}),
    call("the service scaled to zero", "UpdateService", args={"cluster": "judged", "service": "judged-service", "desiredCount": 0}),
    service_described("the service without tasks", until="services[0].runningCount == `0`"),
]

TASKS = [
    call("no task in the cluster", "ListTasks", args={"cluster": "judged-insights"}),
    call("no task in no cluster", "ListTasks", args={"cluster": "nowhere"}),
    call("no task by family", "ListTasks", args={"cluster": "judged-insights", "family": "judged-task"}),
    call("no task by starter", "ListTasks", args={"cluster": "judged-insights", "startedBy": "nobody"}),
    call("no stopped task", "ListTasks", args={"cluster": "judged-insights", "desiredStatus": "STOPPED"}, pages=True),
    call("tasks of no cluster", "DescribeTasks", args={"cluster": "nowhere", "tasks": [NO_TASK]}),
    call("tasks without a name", "DescribeTasks", args={"cluster": "judged", "tasks": []}),
    call("a task that is missing", "DescribeTasks", args={"cluster": "judged", "tasks": [NO_TASK]}),
    call("a task stopped in no cluster", "StopTask", args={"cluster": "nowhere", "task": NO_TASK}),
    call("protection of a task that is missing", "GetTaskProtection", args={"cluster": "judged", "tasks": [NO_TASK]}),
    call(
        "a task that is missing protected",
        "UpdateTaskProtection",
        args={"cluster": "judged", "tasks": [NO_TASK], "protectionEnabled": True},
    ),
]

TAGGING = [
    call("tags of the cluster", "ListTagsForResource", args={"resourceArn": "<cluster>"}),
    call("tags of the service", "ListTagsForResource", args={"resourceArn": "<service>"}),
    call("tags of the task definition", "ListTagsForResource", args={"resourceArn": "<td_1>"}),
    call("tags of nothing", "ListTagsForResource", args={"resourceArn": "<td_minimal>"}),
    call("tags of something that is no arn", "ListTagsForResource", args={"resourceArn": "judged"}),
    call("tags of no cluster", "ListTagsForResource", args={"resourceArn": NO_CLUSTER}),
    call(
        "tags for the service",
        "TagResource",
        args={"resourceArn": "<service>", "tags": [{"key": "Environment", "value": "test"}, {"key": "Project", "value": "changed"}]},
    ),
    call("tags of the service after that", "ListTagsForResource", args={"resourceArn": "<service>"}),
    call("a tag away from the service", "UntagResource", args={"resourceArn": "<service>", "tagKeys": ["Project", "NeverThere"]}),
    call("tags of the service that are left", "ListTagsForResource", args={"resourceArn": "<service>"}),
    call("tags for no cluster", "TagResource", args={"resourceArn": NO_CLUSTER, "tags": TAGS}),
    call("a tag from something that is no arn", "UntagResource", args={"resourceArn": "judged", "tagKeys": ["Project"]}),
]

REMOVAL = [
    call("no service deleted", "DeleteService", args={"cluster": "judged", "service": "nobody"}),
    call("a service deleted in no cluster", "DeleteService", args={"cluster": "nowhere", "service": "judged-service"}),
    call("the service deleted", "DeleteService", args={"cluster": "judged", "service": "judged-service", "force": True}),
]

CALLS = CLUSTERS + TASK_DEFINITIONS + SERVICES + COUNTS + TASKS + TAGGING + REMOVAL
