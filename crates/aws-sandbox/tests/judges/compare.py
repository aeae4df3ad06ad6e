"""Sends the sequence to moto and to the sandbox, and compares every answer.

    compare.py --moto URL --sandbox URL      the judgement; exits 1 with one line per finding
    compare.py --moto URL --record FILE      moto alone; writes its answers, as they would be compared, as JSON

Compared: the HTTP status and the error code, strictly; the parsed body field by field, presence and value, after
`normalize.py`; the error message, except where it is free (`FREE_MESSAGES`, `FREE_CALLS`, `FREE_TEXT`) because moto
words it otherwise than AWS, or AWS's wording is documented nowhere. Not compared: the value of ids, times, addresses,
identities, tokens and ciphertext; headers that botocore does not parse; ECS events; how long anything takes.
"""

import argparse
import json
import sys
from dataclasses import dataclass, field

from call import Call
from differences import ABSENT, DIFFERENCES, MOST_ROWS, Row
from normalize import normalize
from sequence import SEQUENCE
from side import Side, Unsettled

FEWEST_CALLS = 120
FREE_MESSAGES = {
    "DuplicateTargetGroupName",
    "InvalidConfigurationRequest",
    "ListenerNotFound",
    "LoadBalancerNotFound",
    "ParameterNotFound",
    "ResourceInUse",
}
FREE_CALLS = {
    ("ecs:CreateService", "ClientException"),
    ("ecs:UpdateService", "ClientException"),
    ("ecs:ListTagsForResource", "InvalidParameterException"),
    ("ecs:UntagResource", "InvalidParameterException"),
}
FREE_TEXT = "failed to satisfy constraint"
"""In ELBv2 only: what the service model refuses, in moto's own rendering of the sets of values."""


@dataclass
class Judgement:
    """Compares answers against a table and remembers which pairs of it were seen."""

    rows: list[Row] = field(default_factory=lambda: DIFFERENCES)
    seen: set = field(default_factory=set)
    findings: list[str] = field(default_factory=list)

    def compare(self, call: Call, moto: dict, sandbox: dict) -> None:
        for path, of_moto, of_sandbox in differences(call, moto, sandbox):
            if not self.is_known(call.where, path, of_moto, of_sandbox):
                self.findings.append(f"{call.where} ({call.name}) {path}\n    moto:    {of_moto!r}\n    sandbox: {of_sandbox!r}")

    def is_known(self, where: str, path: str, moto, sandbox) -> bool:
        for number, row in enumerate(self.rows):
            key = row.field(where, path)
            for pair in row.allowed(key) if key else []:
                if same(pair[0], moto) and same(pair[1], sandbox):
                    self.seen.add((number, key, repr(pair)))
                    return True
        return False

    def unused(self) -> list[str]:
        return [
            f"unused: {row.about}: {key} {pair!r}"
            for number, row in enumerate(self.rows)
            for key in row.pairs
            for pair in row.allowed(key)
            if (number, key, repr(pair)) not in self.seen
        ]


def outcome(answer: dict) -> str:
    return f"{answer['status']} {answer['code']}" if "code" in answer else str(answer["status"])


def differences(call: Call, moto: dict, sandbox: dict) -> list[tuple]:
    """(path, moto, sandbox) of everything in which two normalized answers differ."""
    if outcome(moto) != outcome(sandbox):
        return [("outcome", outcome(moto), outcome(sandbox))]
    found = fields("", moto["body"], sandbox["body"])
    if "code" in moto and not message_is_free(call, moto):
        found += fields("message", moto["message"], sandbox["message"])
    return found


def message_is_free(call: Call, answer: dict) -> bool:
    free = answer["code"] in FREE_MESSAGES or (call.where, answer["code"]) in FREE_CALLS
    return free or (call.service == "elbv2" and FREE_TEXT in answer["message"])


def fields(path: str, moto, sandbox) -> list[tuple]:
    if isinstance(moto, dict) and isinstance(sandbox, dict):
        keys = sorted(set(moto) | set(sandbox), key=str)
        return [
            each for key in keys for each in fields(f"{path}.{key}" if path else str(key), moto.get(key, ABSENT), sandbox.get(key, ABSENT))
        ]
    if isinstance(moto, list) and isinstance(sandbox, list):
        length = max(len(moto), len(sandbox))
        at = lambda values, index: values[index] if index < len(values) else ABSENT  # noqa: E731
        return [each for index in range(length) for each in fields(f"{path}[{index}]", at(moto, index), at(sandbox, index))]
    return [] if same(moto, sandbox) else [(path, moto, sandbox)]


def same(one, other) -> bool:
    """Equal, and of the same type: False is not 0, and "1" is not 1."""
    return type(one) is type(other) and one == other


def judged(side: Side, call: Call) -> dict:
    answer = side.perform(call)
    return {**answer, "body": normalize(answer["body"], side.names)}


def learn_network_of_moto(side: Side) -> None:
    """Subnets of moto's default VPC, and its default security group."""
    ec2 = side.client("ec2")
    subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda subnet: subnet["AvailabilityZone"])
    side.names.update(
        subnet_a=subnets[0]["SubnetId"],
        subnet_b=subnets[1]["SubnetId"],
        sg=ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["default"]}])["SecurityGroups"][0]["GroupId"],
    )


def learn_network_of_sandbox(side: Side) -> None:
    """Subnets and security group of the platform that `aws-sandbox serve` starts with; it has no EC2 API to ask."""
    platform = "jitsi-video-platform"
    services = side.client("ecs").describe_services(cluster=f"{platform}-cluster", services=[f"{platform}-service"])["services"]
    network = services[0]["networkConfiguration"]["awsvpcConfiguration"]
    side.names.update(subnet_a=network["subnets"][0], subnet_b=network["subnets"][1], sg=network["securityGroups"][0])


def record(moto: Side, file: str) -> None:
    answers = [{"call": call.where, "name": call.name, **judged(moto, call)} for call in SEQUENCE]
    with open(file, "w", encoding="utf-8") as out:
        json.dump(answers, out, indent=1, ensure_ascii=False)
    print(f"{len(answers)} answers of moto")


def judge(moto: Side, sandbox: Side) -> int:
    judgement = Judgement()
    made = 0
    try:
        for call in SEQUENCE:
            judgement.compare(call, judged(moto, call), judged(sandbox, call))
            made += 1
    except Unsettled as stopped:
        judgement.findings.append(str(stopped))
    findings = judgement.findings + (judgement.unused() if made == len(SEQUENCE) else [])
    if made < FEWEST_CALLS:
        findings.append(f"{made} calls, at least {FEWEST_CALLS} are wanted")
    if len(DIFFERENCES) > MOST_ROWS:
        findings.append(f"{len(DIFFERENCES)} rows of known differences, at most {MOST_ROWS} are allowed")
    for finding in findings:
        print(finding)
    operations = len({call.where for call in SEQUENCE[:made]})
    print(f"{made} calls of {operations} operations compared, {len(DIFFERENCES)} rows of known differences, {len(findings)} findings")
    return 1 if findings else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moto", required=True)
    parser.add_argument("--sandbox")
    parser.add_argument("--record")
    wanted = parser.parse_args()
    moto = Side("moto", wanted.moto, deaf_to=frozenset({"smithy-rpc-v2-cbor"}))
    learn_network_of_moto(moto)
    if wanted.record:
        record(moto, wanted.record)
        return 0
    sandbox = Side("sandbox", wanted.sandbox)
    learn_network_of_sandbox(sandbox)
    return judge(moto, sandbox)


if __name__ == "__main__":
    sys.exit(main())
