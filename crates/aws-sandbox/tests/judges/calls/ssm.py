"""SSM Parameter Store, and STS: who is asking."""

from call import Call

ARN = "arn:aws:ssm:us-west-2:123456789012:parameter"


def call(name: str, operation: str, **more) -> Call:
    return Call(name, "ssm", operation, **more)


def put(name: str, **args) -> Call:
    return call(name, "PutParameter", args=args)


def described(name: str, *filters: dict) -> Call:
    return call(name, "DescribeParameters", args={"ParameterFilters": list(filters), "PaginationConfig": {"PageSize": 2}}, pages=True)


JUDGED = {"Key": "Name", "Option": "BeginsWith", "Values": ["/judged/"]}

PUTTING = [
    put("a plain parameter", Name="/judged/plain", Value="one", Type="String", Description="for the judges"),
    put("a secret", Name="/judged/secret", Value="s3cret", Type="SecureString", Tags=[{"Key": "Project", "Value": "judged"}]),
    put("a list", Name="/judged/list", Value="a,b,c", Type="StringList"),
    put("a parameter without path", Name="judged-flat", Value="flat", Type="String"),
    put("a parameter that is there", Name="/judged/plain", Value="two", Type="String"),
    put("a second version", Name="/judged/plain", Value="two", Type="String", Overwrite=True),
    put("a third version, its type left out", Name="/judged/plain", Value="three", Overwrite=True),
    put("a parameter without type", Name="/judged/new", Value="x"),
    put("a parameter of an unknown type", Name="/judged/new", Value="x", Type="Secret"),
    put("a parameter of an unknown data type", Name="/judged/new", Value="x", Type="String", DataType="number"),
    put("a parameter without value", Name="/judged/new", Value="", Type="String"),
    put("a name of amazon's", Name="aws-judged", Value="x", Type="String"),
    put("a path of amazon's", Name="/aws/judged/x", Value="x", Type="String"),
    put(
        "tags and overwrite together",
        Name="/judged/plain",
        Value="x",
        Type="String",
        Overwrite=True,
        Tags=[{"Key": "Project", "Value": "judged"}],
    ),
]

GETTING = [
    call("some that are there and one that is not", "GetParameters", args={"Names": ["/judged/plain", "/judged/list", "/judged/nothing"]}),
    call("a secret decrypted", "GetParameters", args={"Names": ["/judged/secret"], "WithDecryption": True}),
    call("a secret in its wrapping", "GetParameters", args={"Names": ["/judged/secret"]}),
    call("parameters by version", "GetParameters", args={"Names": ["/judged/plain:1", "/judged/list:9"]}),
    call("a parameter by arn", "GetParameters", args={"Names": [ARN + "/judged/list"]}),
    call("eleven parameters", "GetParameters", args={"Names": [f"/judged/{number}" for number in range(11)]}),
    call("one parameter", "GetParameter", args={"Name": "/judged/plain"}),
    call("one secret decrypted", "GetParameter", args={"Name": "/judged/secret", "WithDecryption": True}),
    call("an old version", "GetParameter", args={"Name": "/judged/plain:2"}),
    call("a version that never was", "GetParameter", args={"Name": "/judged/plain:9"}),
    call("a parameter that is not there", "GetParameter", args={"Name": "/judged/nothing"}),
]

DESCRIBING = [
    described("parameters under a path", JUDGED),
    described("a parameter by its exact name", {"Key": "Name", "Option": "Equals", "Values": ["judged-flat"]}),
    described("no parameter of that name", {"Key": "Name", "Values": ["/judged/nothing"]}),
    described("secrets under a path", JUDGED, {"Key": "Type", "Values": ["SecureString"]}),
    described("parameters by a key that does not exist", {"Key": "Colour", "Values": ["red"]}),
    described("parameters by an option that does not exist", {"Key": "Name", "Option": "Near", "Values": ["/judged"]}),
]

DELETING = [
    call("a parameter deleted", "DeleteParameter", args={"Name": "judged-flat"}),
    call("a parameter deleted twice", "DeleteParameter", args={"Name": "judged-flat"}),
    call("the parameter that was deleted", "GetParameters", args={"Names": ["judged-flat"]}),
]

SESSION_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ecs:*","elasticloadbalancing:*"],"Resource":"*"}]}'
)

ASKING = [
    Call("who is asking", "sts", "GetCallerIdentity"),
    Call(
        "a role is assumed",
        "sts",
        "AssumeRole",
        {
            "RoleArn": "arn:aws:iam::210987654321:role/ops",
            "RoleSessionName": "judge",
            "DurationSeconds": 900,
            "Policy": SESSION_POLICY,
        },
    ),
]

CALLS = [*ASKING, *PUTTING, *GETTING, *DESCRIBING, *DELETING]
