"""Takes out of an answer what two correct services may give differently, and nothing else.

* Names that a side has kept (`Side.names`) are put back as `<name>`, so that references stay comparable.
* Times, addresses, identities and opaque tokens become placeholders: that they are there is compared, their value is not.
* Tags and attributes become maps. Lists whose order AWS does not promise are sorted; the order of ListObjectsV2 counts.
* What is empty counts as absent: an empty list or map, and None.
* ECS `events` are dropped: moto never has any, their texts are shown by the crate's own tests.
"""

import datetime
import json
import re

PLACEHOLDERS = {
    "AccessKeyId": "<identity>",
    "AssumedRoleId": "<identity>",
    "CanonicalHostedZoneId": "<zone id>",
    "DNSName": "<address>",
    "LastModifiedUser": "<identity>",
    "Location": "<address>",
    "NextContinuationToken": "<token>",
    "SecretAccessKey": "<token>",
    "SessionToken": "<token>",
    "Owner": "<identity>",
    "UserId": "<identity>",
    "createdBy": "<identity>",
    "registeredBy": "<identity>",
}
DROPPED = {"events"}
MAPS = {
    "Attributes": ("Key", "Value"),
    "Limits": ("Name", "Max"),
    "Tags": ("Key", "Value"),
    "tags": ("key", "value"),
    "settings": ("name", "value"),
}
UNORDERED = {
    "AvailabilityZones", "Buckets", "Datapoints", "InvalidParameters", "Listeners", "LoadBalancers", "Metrics", "Parameters", "TagDescriptions",
    "TargetGroups", "TargetHealthDescriptions", "clusters", "failures", "serviceArns", "services", "taskArns", "tasks",
}  # fmt: skip
IDENTITY = (
    "TargetGroupName",
    "LoadBalancerName",
    "ResourceArn",
    "ListenerArn",
    "Name",
    "ZoneName",
    "Target",
    "serviceArn",
    "clusterArn",
    "taskArn",
    "arn",
)
"""The first of these that a record has is what its list is sorted by; it is sorted by all of it otherwise."""
CALLER = re.compile(r"arn:aws:(sts|iam)::(\d{12}):.*")
DEPLOYMENT = re.compile(r"ecs-svc/\d+")
SECRET_IN_CLEAR = "s3cret"


def normalize(body: dict, names: dict) -> dict:
    """`body` as it is compared; `names` are those of the side that gave it."""
    placed: dict[str, str] = {}
    for name, value in names.items():
        if isinstance(value, str) and len(value) >= 8:
            placed.setdefault(value, f"<{name}>")
    longest_first = sorted(placed.items(), key=lambda pair: -len(pair[0]))
    return _value(None, body, longest_first) or {}


def _value(key: str | None, value, placed):
    if key in PLACEHOLDERS and value:
        return PLACEHOLDERS[key]
    if isinstance(value, datetime.datetime):
        return "<time>"
    if isinstance(value, str):
        return _text(key, value, placed)
    if isinstance(value, dict):
        return _record(value, placed)
    if isinstance(value, list):
        return _list(key, value, placed)
    return value


def _text(key: str | None, value: str, placed) -> str:
    for own, name in placed:
        value = value.replace(own, name)
    if key == "Arn":
        value = CALLER.sub(r"<caller in \2>", value)
    return DEPLOYMENT.sub("ecs-svc/<id>", value)


def _record(record: dict, placed) -> dict:
    found = {key: _value(key, value, placed) for key, value in record.items() if key not in DROPPED}
    if found.get("Type") == "SecureString" and found.get("Value", SECRET_IN_CLEAR) != SECRET_IN_CLEAR:
        found["Value"] = "<ciphertext>"
    return {key: value for key, value in found.items() if value is not None and value != [] and value != {}}


def _list(key: str | None, values: list, placed):
    found = [_value(None, value, placed) for value in values]
    if key in MAPS and all(isinstance(value, dict) for value in found):
        name, content = MAPS[key]
        return {value.get(name): value.get(content, "") for value in found}
    if key in UNORDERED:
        return sorted(found, key=_identity)
    return found


def _identity(value) -> str:
    own = next((value[key] for key in IDENTITY if key in value), value) if isinstance(value, dict) else value
    return json.dumps(own, sort_keys=True, default=str)
